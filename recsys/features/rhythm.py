"""Rhythm descriptors: tempo, onsets, periodicity and fluctuation pattern, independent of loudness.

The fluctuation pattern is a modulation spectrum: for each of ten frequency bands, the strength of the modulation of its
level, at nine rates from 0.5 to 10 Hz, over segments of six seconds.

References
----------
Pampalk, Rauber & Merkl (2002), "Content-based organization and visualization of music archives". Seyerlehner, Widmer &
Pohle (2010), "Fusing block-level features for music similarity estimation".
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import Tempo
from recsys.features.cache import cache_per_spectrum
from recsys.features.fourier import rfft
from recsys.features.novelty import novelty
from recsys.features.spectrum import Spectrum, power_to_db
from recsys.features.tempo import autocorrelation, estimate_tempo

#: Edges of the bands in mel rows: four to ten rows below 850 Hz, wider above.
_BAND_EDGES = (0, 4, 8, 14, 22, 32, 44, 58, 76, 98, 128)
#: Edges of the modulation rates in Hz.
_RATE_EDGES = (0.4, 0.75, 1.1, 1.6, 2.3, 3.2, 4.4, 6.0, 8.0, 11.0)
_SEGMENT_SECONDS = 6.0
_FLOOR_DB = 60.0
#: Periods in seconds at which the autocorrelation of the novelty is evaluated.
_PERIODS = tuple(float(p) for p in np.round(np.geomspace(0.15, 2.0, 12), 3))
_ONSET_REACH = 3
_ONSET_RISE = 1.0

RHYTHM_NAMES: tuple[str, ...] = (
    "tempo_log2",
    "tempo_confidence",
    "pulse_clarity",
    "onset_rate",
    "onset_strength_mean",
    "onset_strength_std",
    *(f"novelty_share_{i}" for i in range(4)),
    *(f"periodicity_{period:.2f}s" for period in _PERIODS),
    *(f"fluctuation_{r}_{rate:g}hz" for r in range(len(_BAND_EDGES) - 1) for rate in _RATE_EDGES[:-1]),
)


@cache_per_spectrum
def onset_strength(spectrum: Spectrum) -> FloatArray:
    """Mean rise of the mel bands from frame to frame; ``librosa.onset.onset_strength``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (t,)
        Rise in dB, at least 0.

    Examples
    --------
    >>> onset_strength(Spectrum(np.zeros(4096))).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    rise = np.maximum(0, np.diff(spectrum.mel_db, axis=1)).mean(axis=0)
    centred = 1 + spectrum.n_fft // (2 * spectrum.hop_length)
    shifted = np.concatenate([np.zeros(centred, dtype=np.float32), rise])
    strength: FloatArray = shifted[: spectrum.mel_db.shape[1]]
    return strength


def _onset_count(strength: FloatArray) -> int:
    """Number of peaks that are the maximum of their neighbourhood and one standard deviation above the mean."""
    if len(strength) < 2 * _ONSET_REACH + 1 or strength.max() <= 0:
        return 0
    padded = np.pad(strength, _ONSET_REACH)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * _ONSET_REACH + 1).max(axis=1)
    return int(np.count_nonzero((strength == highest) & (strength > strength.mean() + _ONSET_RISE * strength.std())))


@cache
def _rate_masks(length: int, rate: float) -> DoubleArray:
    """Weights (9, bins) that average the modulation bins of each rate."""
    hz = np.fft.rfftfreq(length, 1 / rate)
    masks = np.array([(hz >= low) & (hz < high) for low, high in pairwise(_RATE_EDGES)], dtype=float)
    means: DoubleArray = masks / np.maximum(masks.sum(axis=1, keepdims=True), 1)
    return means


@cache_per_spectrum
def _fluctuation(spectrum: Spectrum) -> DoubleArray:
    """Modulation in dB of each band at each rate, mean over segments, (10, 9)."""
    rate = spectrum.sr / spectrum.hop_length
    length = round(_SEGMENT_SECONDS * rate)
    bands = np.add.reduceat(spectrum.mel, _BAND_EDGES[:-1], axis=0)
    level = power_to_db(bands, top_db=_FLOOR_DB)
    if level.shape[1] < length:
        level = np.pad(level, ((0, 0), (0, length - level.shape[1])), mode="edge")
    segments = np.lib.stride_tricks.sliding_window_view(level, length, axis=1)[:, :: length // 2]
    centred = (segments - segments.mean(axis=2, keepdims=True)) * np.hanning(length)
    modulation = np.abs(rfft(centred)) * (4 / length)
    pattern: DoubleArray = modulation.mean(axis=1) @ _rate_masks(length, rate).T
    return pattern


def describe_rhythm(spectra: Sequence[Spectrum], tempo: Tempo | None = None) -> FloatArray:
    """Rhythm descriptors of all windows together.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate.
    tempo : Tempo, optional
        The tempo of the windows; estimated by default.

    Returns
    -------
    ndarray of shape (d,)
        In the order of ``RHYTHM_NAMES``. The tempo is log2(BPM / 120), 0 without a pulse; the onset rate is per second;
        levels are in dB.

    Examples
    --------
    >>> t = np.arange(6 * 22050) / 22050
    >>> clicks = np.sin(2 * np.pi * 1000 * t) * np.exp(-50 * (t % 0.5))  # 120 BPM
    >>> found = dict(zip(RHYTHM_NAMES, describe_rhythm([Spectrum(clicks)]), strict=True))
    >>> round(float(found["tempo_log2"]), 1), round(float(found["onset_rate"]), 1)
    (0.0, 1.8)
    """
    tempo = tempo or estimate_tempo(spectra)
    strengths = [onset_strength(spectrum) for spectrum in spectra]
    strength = np.concatenate(strengths)
    seconds = sum(len(spectrum.y) / spectrum.sr for spectrum in spectra)
    bands = np.sum([novelty(spectrum).sum(axis=1) for spectrum in spectra], axis=0)
    rate = spectra[0].sr / spectra[0].hop_length
    lags = autocorrelation(spectra, int(_PERIODS[-1] * rate) + 2)[0]
    numbers = [
        [np.log2(tempo.bpm / 120) if tempo.bpm else 0.0, tempo.confidence, tempo.pulse_clarity],
        [sum(map(_onset_count, strengths)) / seconds, strength.mean(), strength.std()],
        bands / max(bands.sum(), 1e-9),
        np.interp(np.array(_PERIODS) * rate, np.arange(len(lags)), lags),
        np.mean([_fluctuation(spectrum) for spectrum in spectra], axis=0).ravel(),
    ]
    return np.concatenate(numbers).astype(np.float32)
