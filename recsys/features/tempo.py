"""Tempo: how many beats a minute, and how sure of it.

A pulse shows in many places at once: music at 90 BPM repeats itself every beat, every two, every bar, and also every
half beat. Which of these is *the* tempo is a matter of how they stand to each other, of register (bass drum or hi-hat)
and of custom. So every candidate from 40 to 250 BPM is described by ``TEMPO_FEATURES``: the autocorrelation of the
novelty at its own period and at musically related ones, in all, low and high registers; the Fourier magnitude at its
own rate and at related ones (autocorrelation answers to a tempo and its fractions, Fourier to a tempo and its
multiples: Peeters 2007); and the tempo itself. A conditional logit turns evidence into a probability for each
candidate. Its 45 weights (``data/tempo.json``) were learned by ``scripts/fit_tempo.py`` from rendered MIDI and
synthetic pieces.

What the sound leaves open, half or double, custom decides: metal is fast and lullabies are slow. ``pace``, from the
tags of MusiCNN (:mod:`recsys.features.pace`), moves the usual tempo up or down.

All windows of a track are heard together: their autocorrelations and spectra are summed before anything is decided.

References
----------
Peeters (2007), "Template-based estimation of time-varying tempo". Lartillot et al. (2008), "Multi-feature modeling of
pulse clarity". Train (2009), "Discrete choice methods with simulation", chapter 3 (conditional logit).
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.domain.audio import Tempo
from recsys.errors import ModelError
from recsys.features.cache import cache_per_spectrum
from recsys.features.novelty import novelty
from recsys.features.spectrum import Spectrum

MIN_BPM, MAX_BPM = 40.0, 250.0
#: The candidates, 1.25 per cent apart.
CANDIDATE_BPM: DoubleArray = np.asarray(np.exp(np.arange(np.log(MIN_BPM), np.log(MAX_BPM), 0.0125)))
BANDS = ("all", "low", "high")
#: Tempi, as multiples of the candidate, at which its autocorrelation and its Fourier magnitude are read.
LAG_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
RATES = (1 / 4, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0, 4.0, 6.0, 8.0)
TEMPO_FEATURES = (
    *(f"autocorrelation_{register}_{ratio:.2f}" for register in BANDS for ratio in LAG_RATIOS),
    *(f"fourier_{ratio:.2f}" for ratio in RATES),
    "octaves",
    "octaves_squared",
)
MODEL_FILE = "tempo.json"

_MIDDLE_BPM = 110.0
_SILENCE_DB = 1e-3  # deviation of a band's novelty below which it holds nothing
_SHARE = 0.9  # of the longest window: beyond this lag too few products are left to average
_FOURIER_SIZE = 8192
# Natural logarithm of the odds that an octave more gains with each deviation of the pace. Of 0, 0.5, 1, 1.5 and 2 it is
# the least that is best or within a track of the best on each of 8 metal and rock recordings whose tempo is stated, the
# 28 tracks of immich-memories-music, and 76 tracker modules (benchmarks/tempo_key.py).
_PACE_WEIGHT = 1.0
_NEAR = 0.04  # tempi this close are the same to a listener, and to the usual evaluation
_NEIGHBOURS = np.abs(np.subtract.outer(np.log(CANDIDATE_BPM), np.log(CANDIDATE_BPM))) <= _NEAR
# The highest autocorrelation of white noise is about 3 / sqrt(frames); a pulse has to beat it.
_CLEAR, _CHANCE = 0.1, 3.5


@cache_per_spectrum
def _band_envelopes(spectrum: Spectrum) -> DoubleArray:
    """Novelty of the registers, every band of equal weight, each of mean 0, (3, t)."""
    bands = novelty(spectrum).astype(np.float64)
    scale = bands.std(axis=1, keepdims=True)
    bands = bands / np.where(scale > _SILENCE_DB, scale, np.inf)
    half = len(bands) // 2
    rows = np.stack([bands.sum(axis=0), bands[:half].sum(axis=0), bands[half:].sum(axis=0)])
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


@cache_per_spectrum
def _lagged_products(spectrum: Spectrum) -> DoubleArray:
    """Sum of x(i) x(i + lag) for each register and lag, (3, t)."""
    from scipy import fft

    rows = _band_envelopes(spectrum)
    t = rows.shape[1]
    size = fft.next_fast_len(2 * t, real=True)
    power = np.abs(fft.rfft(rows, size, axis=1)) ** 2
    return np.asarray(fft.irfft(power, size, axis=1)[:, :t])


@cache_per_spectrum
def _fourier_power(spectrum: Spectrum) -> DoubleArray:
    """Power of the novelty of all registers at every candidate times every of ``RATES``, (10, candidates)."""
    from scipy import fft

    x = _band_envelopes(spectrum)[0]
    size = max(_FOURIER_SIZE, fft.next_fast_len(8 * len(x), real=True))
    power = np.abs(fft.rfft(x * np.hanning(len(x)), size)) ** 2 / len(x)
    bins = np.outer(RATES, CANDIDATE_BPM / 60) * (spectrum.hop_length / spectrum.sr * size)
    return np.asarray(np.interp(bins, np.arange(len(power)), power))


def autocorrelation(spectra: Sequence[Spectrum], max_lag: int) -> DoubleArray:
    """Autocorrelation of the novelty of all windows, each register 1 at lag 0, (3, max_lag + 1) frames.

    Lags that hardly any window is long enough for are 0.
    """
    longest = max(_band_envelopes(spectrum).shape[1] for spectrum in spectra)
    total, pairs = np.zeros((len(BANDS), max_lag + 1)), np.zeros(max_lag + 1)
    for spectrum in spectra:
        products = _lagged_products(spectrum)
        t = products.shape[1]
        n = min(t, max_lag + 1, int(_SHARE * longest) + 1)
        total[:, :n] += products[:, :n]
        pairs[:n] += t - np.arange(n)
    mean = total / np.maximum(pairs, 1)
    energy = mean[:, :1]
    return np.asarray(mean / np.where(energy > 0, energy, 1))


def tempo_features(spectra: Sequence[Spectrum]) -> DoubleArray:
    """What speaks for each candidate tempo, (candidates, 45), columns as in ``TEMPO_FEATURES``."""
    periods = _periods(spectra[0])
    lags = autocorrelation(spectra, int(periods[0] / min(LAG_RATIOS)) + 2)
    axis = np.arange(lags.shape[1])
    read = np.outer(1 / np.array(LAG_RATIOS), periods)
    repeats = [np.interp(read, axis, row) for row in lags]
    magnitude = np.sqrt(sum(_fourier_power(spectrum) for spectrum in spectra))
    octaves = np.log2(CANDIDATE_BPM / _MIDDLE_BPM)
    rows = [*repeats, magnitude / max(magnitude.max(), 1e-12), np.stack([octaves, octaves**2])]
    return np.concatenate(rows).T


@cache
def _weights() -> DoubleArray:
    text = resources.files("recsys.features").joinpath("data", MODEL_FILE).read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)["weights"]
    if tuple(weights) != TEMPO_FEATURES:
        raise ModelError(f"{MODEL_FILE} weighs other evidence than this program gathers; run scripts/fit_tempo.py")
    return np.array(list(weights.values()))


def estimate_tempo(spectra: Sequence[Spectrum], pace: float = 0.0) -> Tempo:
    """Tempo of the music in all windows together.

    Parameters
    ----------
    spectra
        At least one window, all of one sample rate. Six seconds already hold a tempo; more make it surer.
    pace
        How lively the music is, in deviations from the mean of a library; 0 where that is not known.

    Returns
    -------
    Tempo
        ``bpm`` 40 to 250, or 0 where there is no pulse; ``confidence`` the probability that the tempo is right within
        4 per cent, octave included; ``pulse_clarity`` the highest autocorrelation at any candidate period, 0 to 1;
        ``alternative_bpm`` the best candidate of another tempo, at least 5 per cent away, with its probability.
    """
    periods = _periods(spectra[0])
    lags = autocorrelation(spectra, int(4 * periods[0]) + 2)[0]
    clarity = float(np.clip(np.interp(periods, np.arange(len(lags)), lags).max(), 0, 1))
    frames = sum(_band_envelopes(spectrum).shape[1] for spectrum in spectra)
    if clarity < max(_CLEAR, _CHANCE / np.sqrt(frames)):
        return Tempo(0.0, 0.0, clarity)
    scores = tempo_features(spectra) @ _weights() + _PACE_WEIGHT * pace * np.log2(CANDIDATE_BPM / _MIDDLE_BPM)
    odds = np.exp(scores - scores.max())
    best = int(scores.argmax())
    # Twice as far: what is near to one of the two is not near to the other.
    second = _most_probable(np.where(np.abs(np.log(CANDIDATE_BPM / CANDIDATE_BPM[best])) > 2 * _NEAR, odds, 0.0))
    (bpm, confidence), other = (
        (_refine(lags, periods[i], spectra[0]), float(odds[_NEIGHBOURS[i]].sum() / odds.sum())) for i in (best, second)
    )
    return Tempo(bpm, confidence, clarity, *other)


def _most_probable(odds: DoubleArray) -> int:
    """The most probable candidate of the neighbourhood that is the most probable as a whole."""
    middle = int((_NEIGHBOURS @ odds).argmax())
    return int(np.where(_NEIGHBOURS[middle], odds, -1.0).argmax())


def _periods(spectrum: Spectrum) -> DoubleArray:
    """Period of each candidate in frames."""
    return np.asarray(60 * spectrum.sr / spectrum.hop_length / CANDIDATE_BPM)


def _refine(lags: DoubleArray, period: float, spectrum: Spectrum) -> float:
    """BPM from the top of the autocorrelation near one, two or four times ``period``, whichever is farthest in reach.

    The candidates are 1.25 per cent apart and a frame is 23 ms: a single period would be too coarse a measure.
    """
    held = np.flatnonzero(lags)[-1] if lags.any() else 0
    for beats in (1, 2, 4):
        if beats * period * 1.02 + 1 > held:
            break
        reach = max(1.0, 0.015 * beats * period)
        start = max(1, int(np.ceil(beats * period - reach)))
        stop = min(len(lags) - 1, int(beats * period + reach) + 1)
        peak = start + int(lags[start:stop].argmax())
        before, top, after = lags[peak - 1 : peak + 2]
        bend = before - 2 * top + after
        if bend < 0 and top > 0:
            found = (peak + float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))) / beats
            period = float(np.clip(found, 0.985 * period, 1.015 * period))
    return float(np.clip(60 * spectrum.sr / spectrum.hop_length / period, MIN_BPM, MAX_BPM))
