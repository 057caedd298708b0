"""Chroma and tonnetz of known chords, and agreement with librosa within 1e-4."""

import librosa
import numpy as np
import pytest
from signals import chord, music, noise, silence, tone

from recsys.domain.audio import Key
from recsys.features.harmony import chroma, tonnetz
from recsys.features.spectrum import Spectrum


@pytest.mark.parametrize(
    "y", [music(3.0), noise(2.0), tone(440, 2.0), silence(1.0)], ids=["music", "noise", "tone", "silence"]
)
def test_chroma_and_tonnetz_agree_with_librosa(y: np.ndarray) -> None:
    spectrum = Spectrum(y)
    actual = chroma(spectrum)
    expected = librosa.feature.chroma_stft(S=spectrum.power, sr=22050, tuning=0)
    np.testing.assert_allclose(actual, expected, atol=1e-4)
    np.testing.assert_allclose(tonnetz(actual), librosa.feature.tonnetz(chroma=expected, sr=22050), atol=1e-4)


def test_chroma_of_440_hz_is_pitch_class_a() -> None:
    frames = chroma(Spectrum(tone(440, 2.0)))
    assert (frames.argmax(axis=0) == Key.NAMES.index("A")).all()


def test_tonnetz_of_a_single_pitch_class_is_on_all_three_circles() -> None:
    only_a = np.zeros((12, 1), dtype=np.float32)
    only_a[9] = 1
    fifths, minor_thirds, major_thirds = tonnetz(only_a).reshape(3, 2)
    assert np.hypot(*fifths) == pytest.approx(1, abs=1e-6)
    assert np.hypot(*minor_thirds) == pytest.approx(1, abs=1e-6)
    assert np.hypot(*major_thirds) == pytest.approx(0.5, abs=1e-6)


def test_chroma_of_a_c_major_triad_is_c_e_g() -> None:
    frames = chroma(Spectrum(chord((60, 64, 67), 2.0)))
    mean = frames.mean(axis=1)
    assert set(np.argsort(mean)[-3:]) == {0, 4, 7}
    assert mean[[0, 4, 7]].min() > 2 * np.delete(mean, [0, 4, 7]).max()


def test_tonnetz_of_a_c_major_triad_is_the_mean_of_its_notes() -> None:
    triad = np.zeros((12, 1), dtype=np.float32)
    triad[[0, 4, 7]] = 1
    # Harte et al. (2006): the mean of the positions of the three pitch classes on each circle.
    positions = [
        (np.sin(c * 7 * np.pi / 6), np.cos(c * 7 * np.pi / 6), np.sin(c * 3 * np.pi / 2), np.cos(c * 3 * np.pi / 2),
         0.5 * np.sin(c * 2 * np.pi / 3), 0.5 * np.cos(c * 2 * np.pi / 3))
        for c in (0, 4, 7)
    ]  # fmt: skip
    np.testing.assert_allclose(tonnetz(triad)[:, 0], np.mean(positions, axis=0), atol=1e-6)


def test_chroma_and_tonnetz_of_silence_are_zero() -> None:
    frames = chroma(Spectrum(silence(1.0)))
    assert not frames.any()
    assert not tonnetz(frames).any()
