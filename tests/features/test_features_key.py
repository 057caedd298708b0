"""Key estimation for chords and progressions of known key, and each of its steps by its definition."""

import numpy as np
import pytest
from signals import chord, music, noise, silence

from recsys.domain.audio import Key
from recsys.features import key as module
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


def test_profiles_are_the_means_of_the_published_ones_in_all_keys() -> None:
    """Of Albrecht & Shanahan and of Faraldo et al., less the mean and of length one; a changed digit is noticed."""
    major = [0.64, -0.298, 0.05, -0.214, 0.171, 0.06, -0.256, 0.451, -0.272, -0.045, -0.2, -0.086]
    minor = [0.637, -0.278, 0.014, 0.15, -0.24, 0.049, -0.28, 0.473, -0.078, -0.259, -0.011, -0.175]
    expected = [np.roll(profile, tonic) for profile in (major, minor) for tonic in range(12)]
    np.testing.assert_allclose(module._profiles.__wrapped__(), expected, atol=6e-4)


@pytest.mark.parametrize("seed", range(4))
def test_peaks_are_the_local_maxima_of_each_frame_between_the_bins(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """By the definition, one bin after the other: notes 27.5 to 96.5, which are bins 14 to 800 of 22050 / 8192 Hz."""
    rng, level = np.random.default_rng(seed), 10.0 ** np.array([0.0, -4.0, -7.0])
    power = (rng.integers(1, 9, (3, 4097)) ** 4 * level[:, None]).astype(np.float32)  # with many equal neighbours
    power[0, 400], power[0, 404] = 1e7, 10  # of the last, the magnitude is a thousandth of the largest
    power[0, [403, 405]] = 9
    power[1, [501, 505]] = np.float32(1e-6), np.nextafter(np.float32(1e-6), np.float32(1))
    power[1, [500, 502, 504, 506]] = 1e-9
    power[:, [13, 801]], power[:, [14, 800]] = 2 * level[:, None], 3 * level[:, None]
    power[:2, [15, 799]] = 1e-9

    def transform(_: object, *, n_fft: int, hop_length: int, bins: slice) -> np.ndarray:
        assert (n_fft, hop_length) == (8192, 4096)
        return power.T[bins]

    monkeypatch.setattr(module, "stft_power", transform)
    found = _peaks(Spectrum(silence(0)))
    expected = []
    for frame, row in enumerate(power):
        for k in range(14, 801):
            is_top = row[k - 1] < row[k] >= row[k + 1]
            if is_top and row[k] > max(1e-6 * row[14:801].max(), 1e-6):
                a, b, c = np.log(row[k - 1 : k + 2].astype(float))
                pitch = 69 + 12 * np.log2((k + 0.5 * (a - c) / (a - 2 * b + c)) * 22050 / 8192 / 440)
                expected.append((frame, pitch, np.exp(0.35 * b) * np.exp(-(((pitch - 57) / 15) ** 2) / 2)))
    assert found.frames == 3
    assert found.frame.tolist() == [frame for frame, _, _ in expected]
    assert {0, 1} <= set(found.frame.tolist())
    np.testing.assert_allclose(found.pitch, [pitch for _, pitch, _ in expected], atol=1e-5)
    np.testing.assert_allclose(found.weight, [weight for _, _, weight in expected], rtol=1e-5)
    assert found.phasor == pytest.approx(complex(found.weight @ np.exp(2j * np.pi * found.pitch)), rel=1e-9)


def test_peak_of_a_wide_plateau_is_beside_it_by_half_a_bin_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    power = np.zeros((1, 4097), np.float32)
    power[0, [100, 200, 201, 202]] = 1, 1, 1, 0.5
    monkeypatch.setattr(module, "stft_power", lambda *_, bins, **__: power.T[bins])
    found = _peaks(Spectrum(silence(0)))
    bins = 2 ** ((found.pitch - 69) / 12) * 440 / (22050 / 8192)
    np.testing.assert_allclose(bins, [100, 200.5], rtol=1e-9)


def given_peaks(*peaks: tuple[float, float, int], frames: int) -> module._Peaks:
    """Peaks as (pitch, weight, frame)."""
    pitch, weight, frame = (np.array(each) for each in zip(*peaks, strict=True))
    return module._Peaks(pitch, weight, frame, frames, complex(weight @ np.exp(2j * np.pi * pitch)))


def profile_by_definition(windows: list[module._Peaks]) -> np.ndarray:
    phase = np.angle(sum((window.weight * np.exp(2j * np.pi * window.pitch)).sum() for window in windows))
    total = np.zeros(12)
    for window in windows:
        classes = np.zeros((window.frames, 12))
        for pitch, weight, frame in zip(window.pitch, window.weight, window.frame, strict=True):
            for partial in range(1, 7):  # the peak may be any partial of its note
                note = pitch - phase / (2 * np.pi) - 12 * np.log2(partial)
                fit = np.exp(-0.5 * ((note - round(note)) / 0.25) ** 2)
                classes[frame, round(note) % 12] += weight * fit / 2 ** (partial - 1)
        lengths = np.linalg.norm(classes, axis=1)
        total += (classes[lengths > 0] / lengths[lengths > 0, None]).sum(axis=0)
    return total / np.linalg.norm(total)


@pytest.mark.parametrize(
    "windows",
    [
        [given_peaks((60.1, 1.0, 0), frames=1)],
        [given_peaks((60.3, 0.2, 0), (64.1, 0.1, 0), (67.45, 5.0, 2), (40.9, 3.0, 2), frames=4)],
        [given_peaks((60.2, 0.2, 1), frames=2), given_peaks((49.7, 70.0, 0), (33.3, 0.6, 1), (71.8, 0.9, 1), frames=3)],
    ],
)
def test_pitch_classes_are_counted_for_all_notes_of_which_a_peak_may_be_a_partial(
    monkeypatch: pytest.MonkeyPatch, windows: list[module._Peaks]
) -> None:
    spectra = {Spectrum(silence(0)): window for window in windows}
    monkeypatch.setattr(module, "_peaks", spectra.__getitem__)
    expected = profile_by_definition(windows)
    np.testing.assert_allclose(pitch_class_profile(list(spectra)), expected, rtol=1e-9)
    scores = 24 * module._profiles.__wrapped__() @ expected
    key = estimate_key(list(spectra))
    assert 12 * (key.mode == "minor") + key.tonic == scores.argmax()
    assert key.confidence == pytest.approx(1 / np.exp(scores - scores.max()).sum(), rel=1e-9)
