"""Descriptors agree with the functions of librosa for the same samples within 1e-4."""

from collections.abc import Callable

import librosa
import numpy as np
import pytest

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.features import dynamics, timbre
from recsys.features.spectrum import SR, Spectrum

RELATIVE = ABSOLUTE = 1e-4


def _signals() -> dict[str, FloatArray]:
    rng = np.random.default_rng(7)
    t = np.arange(3 * SR) / SR
    chord = np.sum([np.sin(2 * np.pi * f * t) for f in (261.63, 329.63, 392.0)], axis=0) / 4
    sweep = np.sin(2 * np.pi * (100 * t + 900 * t**2)) * np.linspace(0.05, 0.9, t.size)
    beats = rng.standard_normal(t.size) * np.exp(-((t * 2) % 1) * 12) * 0.5
    pause = np.where((t > 1) & (t < 2), 0.0, chord)
    signals: dict[str, DoubleArray] = {
        "chord": chord,
        "sweep": sweep,
        "beats": beats,
        "pause": pause,
        "noise": rng.standard_normal(t.size) / 5,
    }
    return {name: y.astype(np.float32) for name, y in signals.items()}


SIGNALS = _signals()
PAIRS: dict[str, tuple[Callable[[Spectrum], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "stft": (lambda s: s.magnitude, lambda y: np.abs(librosa.stft(y))),
    "melspectrogram": (lambda s: s.mel, lambda y: librosa.feature.melspectrogram(y=y, sr=SR)),
    "mfcc": (timbre.mfcc, lambda y: librosa.feature.mfcc(y=y, sr=SR, n_mfcc=20)),
    "delta": (
        lambda s: timbre.delta(timbre.mfcc(s)),
        lambda y: librosa.feature.delta(librosa.feature.mfcc(y=y, sr=SR, n_mfcc=20)),
    ),
    "centroid": (
        lambda s: timbre.centroid_and_bandwidth(s)[0],
        lambda y: librosa.feature.spectral_centroid(S=Spectrum(y).magnitude, sr=SR),
    ),
    "bandwidth": (
        lambda s: timbre.centroid_and_bandwidth(s)[1],
        lambda y: librosa.feature.spectral_bandwidth(S=Spectrum(y).magnitude, sr=SR),
    ),
    "rolloff": (timbre.rolloff, lambda y: librosa.feature.spectral_rolloff(S=Spectrum(y).magnitude, sr=SR)),
    "flatness": (timbre.flatness, lambda y: librosa.feature.spectral_flatness(S=Spectrum(y).magnitude)),
    "contrast": (
        timbre.contrast,
        lambda y: librosa.feature.spectral_contrast(S=Spectrum(y).magnitude, sr=SR),
    ),
    "zero crossings": (timbre.zero_crossing_rate, lambda y: librosa.feature.zero_crossing_rate(y)),
    "rms": (dynamics.rms, lambda y: librosa.feature.rms(y=y)),
}


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("name", PAIRS)
def test_descriptor_agrees_with_librosa(name: str, signal: str) -> None:
    function, reference = PAIRS[name]
    y = SIGNALS[signal]
    expected = reference(y)
    actual = function(Spectrum(y))
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=RELATIVE, atol=ABSOLUTE * max(1.0, float(np.abs(expected).max())))
