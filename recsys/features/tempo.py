"""Tempo: how many beats a minute, and how sure of it.

From the novelty of all windows together, two periodicity spectra are read at every candidate tempo: autocorrelation,
which answers to a tempo and its fractions, and Fourier magnitude, which answers to a tempo and its multiples. A
candidate is scored by both at its own period and at musically related ones, and by how usual such a tempo is.
"""

from collections.abc import Sequence

import numpy as np
from scipy import fft

from recsys.features.novelty import novelty
from recsys.features.once import once_per_spectrum
from recsys.features.spectrum import Spectrum
from recsys.types import DoubleArray, Tempo

MIN_BPM = 40.0
MAX_BPM = 220.0
_STEP = 1.005
TEMPI: DoubleArray = MIN_BPM * _STEP ** np.arange(int(np.log(MAX_BPM / MIN_BPM) / np.log(_STEP)) + 1)
_USUAL_BPM = 108.0
_USUAL_OCTAVES = 0.75
_COMB = (1.0, 0.6, 0.3, 0.6)
_CLEAR = 0.12
_NEAR = 0.04


@once_per_spectrum
def _curve(spectrum: Spectrum) -> DoubleArray:
    bands = novelty(spectrum).astype(np.float64)
    scale = bands.std(axis=1)
    mixed: DoubleArray = (bands / np.where(scale > 1e-3, scale, np.inf)[:, None]).sum(axis=0)
    return mixed - mixed.mean()


@once_per_spectrum
def _autocorrelation(spectrum: Spectrum) -> DoubleArray:
    """Sum of lagged products (t,)."""
    x = _curve(spectrum)
    size = fft.next_fast_len(2 * len(x), real=True)
    power = np.abs(fft.rfft(x, size)) ** 2
    result: DoubleArray = fft.irfft(power, size)[: len(x)]
    return result


def autocorrelation(spectra: Sequence[Spectrum], max_lag: int) -> DoubleArray:
    """Autocorrelation of the novelty of all windows, 1 at lag 0, for lags 0 to ``max_lag`` frames."""
    total = np.zeros(max_lag + 1)
    pairs = np.zeros(max_lag + 1)
    for spectrum in spectra:
        lagged = _autocorrelation(spectrum)[: max_lag + 1]
        total[: len(lagged)] += lagged
        pairs[: len(lagged)] += len(_curve(spectrum)) - np.arange(len(lagged))
    mean = total / np.maximum(pairs, 1)
    return mean / mean[0] if mean[0] > 0 else mean


def _fourier(spectra: Sequence[Spectrum], frequencies: DoubleArray) -> DoubleArray:
    """Magnitude of the novelty at ``frequencies`` in Hz, averaged over windows."""
    total = np.zeros(len(frequencies))
    for spectrum in spectra:
        x = _curve(spectrum)
        n = len(x)
        size = fft.next_fast_len(max(8 * n, 8192), real=True)
        magnitude = np.abs(fft.rfft(x * np.hanning(n), size))
        bins = frequencies * spectrum.hop_length / spectrum.sr * size
        total += np.interp(bins, np.arange(len(magnitude)), magnitude)
    return total


def estimate_tempo(spectra: Sequence[Spectrum]) -> Tempo:
    """Tempo of the music in all windows together; 0 BPM without confidence where there is no pulse."""
    rate = spectra[0].sr / spectra[0].hop_length
    periods = rate * 60 / TEMPI
    lags = autocorrelation(spectra, int(4 * periods[0]) + 2)
    if lags[0] <= 0:
        return Tempo(0.0, 0.0, 0.0)
    axis = np.arange(len(lags))
    clarity = float(np.clip(np.interp(periods, axis, lags).max(), 0, 1))
    comb = sum(w * np.interp(k * periods, axis, lags) for k, w in enumerate(_COMB, 1))
    spectrum = _fourier(spectra, TEMPI / 60) + 0.5 * _fourier(spectra, TEMPI / 30)
    prior = np.exp(-0.5 * (np.log2(TEMPI / _USUAL_BPM) / _USUAL_OCTAVES) ** 2)
    score = np.maximum(comb, 0) * spectrum * prior
    best = int(score.argmax())
    if clarity < _CLEAR or score[best] <= 0:
        return Tempo(0.0, 0.0, clarity)
    bpm = refine(lags, periods[best], rate)
    near = np.abs(np.log(TEMPI / TEMPI[best])) < _NEAR
    confidence = float(score[best] / (score[best] + score[~near].max()) * 2 - 1)
    return Tempo(bpm, max(confidence, 0.0) ** 0.5, clarity)


def refine(lags: DoubleArray, period: float, rate: float) -> float:
    """BPM from the highest peak of the autocorrelation near the largest multiple of ``period`` it holds."""
    beats = max(1, min(4, int((len(lags) - 3) / period)))
    middle, reach = beats * period, max(2.0, 0.02 * beats * period)
    start, stop = max(1, int(middle - reach)), min(len(lags) - 1, int(middle + reach) + 1)
    peak = start + int(lags[start:stop].argmax())
    a, b, c = lags[peak - 1 : peak + 2]
    bend = a - 2 * b + c
    shift = float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    return float(60 * rate * beats / (peak + shift))
