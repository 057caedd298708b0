"""Tempo estimation: beats per minute, with a confidence.

A pulse has several periods: music at 90 BPM repeats every beat, every two beats, every bar, and every half beat. Which
of these is the tempo depends on their relative strengths, on the frequency band (bass drum or hi-hat), and on
convention. So each candidate from 40 to 250 BPM is described by ``TEMPO_FEATURES``: the autocorrelation of the novelty
at its own period and at musically related ones, in all, low and high bands; the Fourier magnitude at its own rate and
at related ones (the autocorrelation has peaks at a tempo and its fractions, the Fourier transform at a tempo and its
multiples: Peeters 2007); and the tempo itself. A conditional logit model maps these features to a probability for each
candidate. ``scripts/fit_tempo.py`` fits its 45 weights (``data/tempo.json``) to rendered MIDI files and synthetic
pieces.

Half and double tempo are often equally strong in the audio; convention decides between them: metal is fast, and
lullabies are slow. ``pace``, from the MusiCNN tags (:mod:`recsys.features.pace`), shifts the prior of the tempo.

All windows of a track contribute to one estimate: their autocorrelations and spectra are summed first.

References
----------
Peeters (2007), "Template-based estimation of time-varying tempo". Lartillot et al. (2008), "Multi-feature modeling of
pulse clarity". Train (2009), "Discrete choice methods with simulation", chapter 3 (conditional logit).
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.domain.audio import Tempo
from recsys.errors import Hint, ModelError
from recsys.features.cache import cache_per_spectrum
from recsys.features.novelty import novelty
from recsys.features.spectrum import Spectrum

MIN_BPM, MAX_BPM = 40.0, 250.0
#: The candidates, 1.25 per cent apart.
CANDIDATE_BPM: DoubleArray = np.asarray(np.exp(np.arange(np.log(MIN_BPM), np.log(MAX_BPM), 0.0125)))
BANDS = ("all", "low", "high")
#: Tempi, as multiples of a candidate, at which its autocorrelation and its Fourier magnitude are evaluated.
LAG_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
RATES = (1 / 4, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0, 4.0, 6.0, 8.0)
TEMPO_FEATURES = (
    *(f"autocorrelation_{band}_{ratio:.2f}" for band in BANDS for ratio in LAG_RATIOS),
    *(f"fourier_{ratio:.2f}" for ratio in RATES),
    "octaves",
    "octaves_squared",
)
MODEL_FILE = "tempo.json"

_MIDDLE_BPM = 110.0
_SILENCE_DB = 1e-3  # standard deviation of the novelty of a band below which the band is silent
_SHARE = 0.9  # longest lag as a share of the longest window: longer lags have too few products to average
_FOURIER_SIZE = 8192
# Natural logarithm of the factor by which the odds of a tempo one octave higher grow with each standard deviation of
# the pace. Of 0, 0.5, 1, 1.5 and 2 it is the smallest that is the best, or within one track of the best, on each of
# three collections: 8 metal and rock recordings with a stated tempo, the 28 tracks of immich-memories-music, and 76
# tracker modules (benchmarks/tempo_key.py).
_PACE_WEIGHT = 1.0
_NEAR = 0.04  # relative difference below which two tempi count as equal, as usual in evaluations
_NEIGHBOURS = np.abs(np.subtract.outer(np.log(CANDIDATE_BPM), np.log(CANDIDATE_BPM))) <= _NEAR
# The largest autocorrelation of white noise is about 3 / sqrt(frames); that of a pulse must exceed it.
_CLEAR, _CHANCE = 0.1, 3.5


@cache_per_spectrum
def _band_envelopes(spectrum: Spectrum) -> DoubleArray:
    """Novelty of all, low and high bands, with equal weight of each band and mean 0, (3, t)."""
    bands = novelty(spectrum).astype(np.float64)
    scale = bands.std(axis=1, keepdims=True)
    bands = bands / np.where(scale > _SILENCE_DB, scale, np.inf)
    half = len(bands) // 2
    rows = np.stack([bands.sum(axis=0), bands[:half].sum(axis=0), bands[half:].sum(axis=0)])
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


@cache_per_spectrum
def _lagged_products(spectrum: Spectrum) -> DoubleArray:
    """Sum of x(i) x(i + lag) for all, low and high bands and each lag, (3, t)."""
    rows = _band_envelopes(spectrum)
    t = rows.shape[1]
    power = np.abs(np.fft.rfft(rows, 2 * t, axis=1)) ** 2  # twice as long: no product wraps around
    return np.asarray(np.fft.irfft(power, axis=1)[:, :t])


@cache_per_spectrum
def _fourier_power(spectrum: Spectrum) -> DoubleArray:
    """Power of the novelty of all bands at each of ``RATES`` times each candidate, (10, candidates)."""
    x = _band_envelopes(spectrum)[0]
    size = max(_FOURIER_SIZE, 1 << (8 * len(x) - 1).bit_length())
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)), size)) ** 2 / len(x)
    bins = np.outer(RATES, CANDIDATE_BPM / 60) * (spectrum.hop_length / spectrum.sr * size)
    return np.asarray(np.interp(bins, np.arange(len(power)), power))


def autocorrelation(spectra: Sequence[Spectrum], max_lag: int) -> DoubleArray:
    """Normalised autocorrelation of the novelty of all windows together.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate.
    max_lag : int
        Longest lag in frames.

    Returns
    -------
    ndarray of shape (3, max_lag + 1), float64
        All, low and high bands. 1 at lag 0, and 0 for lags longer than 90% of the longest window; all 0 in silence.

    Examples
    --------
    >>> t = np.arange(4 * 22050) / 22050
    >>> clicks = np.sin(2 * np.pi * 1000 * t) * np.exp(-50 * (t % 0.5))  # 120 BPM: 21.5 frames
    >>> autocorrelation([Spectrum(clicks)], 40)[0, 10:].argmax().item() + 10
    22
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
    return np.divide(mean, energy, out=np.zeros_like(mean), where=energy > 0)


def tempo_features(spectra: Sequence[Spectrum]) -> DoubleArray:
    """Features of each candidate tempo.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate.

    Returns
    -------
    ndarray of shape (candidates, 45), float64
        Rows as in ``CANDIDATE_BPM``, columns as in ``TEMPO_FEATURES``.

    Examples
    --------
    >>> tempo_features([Spectrum(np.zeros(22050))]).shape
    (147, 45)
    """
    periods = _periods(spectra[0])
    lags = _lags(spectra)
    axis = np.arange(lags.shape[1])
    lag_axis = np.outer(1 / np.array(LAG_RATIOS), periods)
    by_band = [np.interp(lag_axis, axis, row) for row in lags]
    magnitude = np.sqrt(sum(_fourier_power(spectrum) for spectrum in spectra))
    octaves = np.log2(CANDIDATE_BPM / _MIDDLE_BPM)
    rows = [*by_band, magnitude / max(magnitude.max(), 1e-12), np.stack([octaves, octaves**2])]
    return np.concatenate(rows).T


@cache
def _weights() -> DoubleArray:
    text = resources.files("recsys.features").joinpath("data", MODEL_FILE).read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)["weights"]
    if tuple(weights) != TEMPO_FEATURES:
        # In development: run scripts/fit_tempo.py.
        raise ModelError(f"the tempo model {MODEL_FILE} was made for other features", hint=Hint.REINSTALL)
    return np.array(list(weights.values()))


def estimate_tempo(spectra: Sequence[Spectrum], pace: float = 0.0) -> Tempo:
    """Estimate the tempo of all windows together.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate. Six seconds are enough for an estimate; more are more reliable.
    pace : float
        Pace of the music (:mod:`recsys.features.pace`), -3 to 3; 0 if it is unknown.

    Returns
    -------
    Tempo
        ``bpm`` is in [40, 250], or 0 without a pulse. ``confidence`` is the probability that the tempo is correct
        within 4 per cent, including its octave. ``pulse_clarity`` is the largest autocorrelation at any candidate
        period, in [0, 1]. ``alternative_bpm`` is the most probable tempo at least 5 per cent away, with its
        probability.

    Raises
    ------
    ModelError
        The model file was made for other features.

    Examples
    --------
    >>> t = np.arange(6 * 22050) / 22050
    >>> clicks = np.sin(2 * np.pi * 1000 * t) * np.exp(-50 * (t % 0.5))  # every half second
    >>> round(estimate_tempo([Spectrum(clicks)]).bpm)
    120
    """
    periods = _periods(spectra[0])
    lags = _lags(spectra)[0]
    clarity = float(np.clip(np.interp(periods, np.arange(len(lags)), lags).max(), 0, 1))
    frames = sum(_band_envelopes(spectrum).shape[1] for spectrum in spectra)
    if clarity < max(_CLEAR, _CHANCE / np.sqrt(frames)):
        return Tempo(0.0, 0.0, clarity)
    scores = tempo_features(spectra) @ _weights() + _PACE_WEIGHT * pace * np.log2(CANDIDATE_BPM / _MIDDLE_BPM)
    odds = np.exp(scores - scores.max())
    best = int(scores.argmax())
    # Twice the tolerance, so that the neighbourhoods of both tempi do not overlap.
    second = _most_probable(np.where(np.abs(np.log(CANDIDATE_BPM / CANDIDATE_BPM[best])) > 2 * _NEAR, odds, 0.0))
    (bpm, confidence), other = (
        (_refine(lags, periods[i], spectra[0]), float(odds[_NEIGHBOURS[i]].sum() / odds.sum())) for i in (best, second)
    )
    return Tempo(bpm, confidence, clarity, *other)


def _most_probable(odds: DoubleArray) -> int:
    """The most probable candidate of the neighbourhood with the largest total probability."""
    middle = int((_NEIGHBOURS @ odds).argmax())
    return int((_NEIGHBOURS[middle] * odds).argmax())


def _periods(spectrum: Spectrum) -> DoubleArray:
    """Period of each candidate in frames."""
    return np.asarray(60 * spectrum.sr / spectrum.hop_length / CANDIDATE_BPM)


def _lags(spectra: Sequence[Spectrum]) -> DoubleArray:
    """The autocorrelation up to the longest lag of a candidate, and two lags more."""
    return autocorrelation(spectra, int(_periods(spectra[0])[0] / min(LAG_RATIOS)) + 2)


def _refine(lags: DoubleArray, period: float, spectrum: Spectrum) -> float:
    """BPM from the maximum of the autocorrelation near one, two or four times ``period``: the longest lag available.

    The candidates are 1.25 per cent apart and a frame is 23 ms, so one period alone is not accurate enough.
    """
    longest = np.flatnonzero(lags)[-1]
    for beats in (1, 2, 4):
        if beats * period * 1.02 + 1 > longest:
            break
        reach = max(1.0, 0.015 * beats * period)
        start, stop = math.ceil(beats * period - reach), int(beats * period + reach) + 1
        peak = start + int(lags[start:stop].argmax())
        before, top, after = lags[peak - 1 : peak + 2]
        curvature = before - 2 * top + after
        if curvature < 0 and top > 0:
            found = (peak + float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5))) / beats
            period = float(np.clip(found, 0.985 * period, 1.015 * period))
    return float(np.clip(60 * spectrum.sr / spectrum.hop_length / period, MIN_BPM, MAX_BPM))
