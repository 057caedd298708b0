"""Key estimation for chords and progressions of known key."""

import numpy as np
import pytest
from signals import chord, music, noise, silence

from recsys.domain.audio import Key
from recsys.features.key import _peaks, estimate_key, pitch_class_profile
from recsys.features.spectrum import SR, Spectrum

MAJOR, MINOR = (0, 4, 7), (0, 3, 7)


def progression(tonic: int, mode: str, tuning: float = 0.0) -> np.ndarray:
    """I IV V I, or i iv V i, one second each; every note has five partials."""
    tonic_triad = MAJOR if mode == "major" else MINOR
    triads = [(0, tonic_triad), (5, tonic_triad), (7, MAJOR), (0, tonic_triad)]
    tones = []
    for root, triad in triads:
        voices = [48 + tonic + root - 12, *(60 + (tonic + root + step) % 12 for step in triad)]
        parts = [chord([v + 12 * np.log2(k) + tuning for v in voices], 1.0, amplitude=0.5 / k) for k in range(1, 6)]
        tones.append(np.sum(parts, axis=0))
    return np.concatenate(tones).astype(np.float32)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_key_of_progressions_in_all_keys(tonic: int, mode: str) -> None:
    key = estimate_key([Spectrum(progression(tonic, mode))])
    assert (key.tonic, key.mode) == (tonic, mode)
    assert key.confidence > 0


def test_key_of_a_c_major_triad() -> None:
    assert str(estimate_key([Spectrum(chord((60, 64, 67), 4.0))])) == "C major"


def test_key_of_an_a_minor_triad() -> None:
    assert str(estimate_key([Spectrum(chord((57, 60, 64), 4.0))])) == "A minor"


@pytest.mark.parametrize("tuning", [-0.35, 0.3])
def test_key_is_independent_of_tuning(tuning: float) -> None:
    key = estimate_key([Spectrum(progression(2, "major", tuning))])
    assert str(key) == "D major"


def test_key_of_several_windows() -> None:
    y = progression(7, "minor")
    key = estimate_key([Spectrum(part) for part in np.array_split(y, 4)])
    assert str(key) == "G minor"


@pytest.mark.parametrize("y", [silence(5.0), np.zeros(1, np.float32)], ids=["silence", "one sample"])
def test_key_of_silence_has_no_confidence(y: np.ndarray) -> None:
    assert estimate_key([Spectrum(y)]) == Key(0, "major", 0.0)


def test_confidence_is_lower_for_noise_than_for_music() -> None:
    assert (
        estimate_key([Spectrum(noise(10.0))]).confidence < estimate_key([Spectrum(progression(0, "major"))]).confidence
    )


def test_key_is_independent_of_level() -> None:
    y = music(5.0)
    loud, soft = estimate_key([Spectrum(y)]), estimate_key([Spectrum(0.01 * y)])
    assert (loud.tonic, loud.mode) == (soft.tonic, soft.mode)


def test_weight_of_a_note_falls_with_its_deviation_from_the_tuning() -> None:
    """F sharp is 0.3 semitones sharp, or 0.26 from the tuning of all notes: exp(-0.5 (0.26 / 0.25)^2) = 0.58."""
    tuned, sharp = (pitch_class_profile([Spectrum(chord((48, 52, 55, 60, note), 4.0))]) for note in (66, 66.3))
    assert 0.5 < (sharp[6] / sharp[0]) / (tuned[6] / tuned[0]) < 0.7


def test_pitch_of_a_short_tone_is_found_between_the_bins() -> None:
    """A tone of a few hundredths of a second has a wide peak, whose top is found between the bins as well."""
    seconds = np.arange(2 * SR) / SR
    for note in (69.1, 69.25, 69.4):
        tone = np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * seconds)
        found = _peaks(Spectrum((tone * np.exp(-0.5 * ((seconds - 1) / 0.012) ** 2)).astype(np.float32)))
        assert np.average(found.pitch, weights=found.weight) == pytest.approx(note, abs=0.03)


@pytest.mark.parametrize(("note", "is_peak"), [(28, True), (96, True), (96.45, True), (97, False), (20, False)])
def test_only_notes_of_the_range_are_peaks(note: float, is_peak: bool) -> None:
    tone = chord([note], 2.0)
    assert bool(_peaks(Spectrum(tone)).pitch.size) == is_peak
