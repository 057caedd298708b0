"""Rhythm: what pulses, how fast, in which register and how clearly, independent of loudness.

The fluctuation pattern (Pampalk, Rauber & Merkl 2002; Seyerlehner, Widmer & Pohle 2010) is a second spectrum: the
level of each of ten registers is followed over six seconds, and the strength of its modulation at nine rates from
half a hertz to ten says whether that register drones, strums, beats or shivers.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import Tempo
from recsys.features.cache import cache_per_spectrum
from recsys.features.novelty import novelty
from recsys.features.spectrum import Spectrum, power_to_db
from recsys.features.tempo import autocorrelation, estimate_tempo

#: Edges of the registers in mel rows; three to six rows below 700 Hz, coarser above.
_REGISTER_EDGES = (0, 4, 8, 14, 22, 32, 44, 58, 76, 98, 128)
#: Edges of the modulation rates in Hz.
_RATE_EDGES = (0.4, 0.75, 1.1, 1.6, 2.3, 3.2, 4.4, 6.0, 8.0, 11.0)
_SEGMENT_SECONDS = 6.0
_FLOOR_DB = 60.0
#: Periods in seconds at which the autocorrelation of the novelty is read.
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
    *(f"fluctuation_{r}_{rate:g}hz" for r in range(len(_REGISTER_EDGES) - 1) for rate in _RATE_EDGES[:-1]),
)


@cache_per_spectrum
def onset_strength(spectrum: Spectrum) -> FloatArray:
    """Mean rise in dB of the mel bands from the frame before, (t,); ``librosa.onset.onset_strength``."""
    rise = np.maximum(0, np.diff(spectrum.mel_db, axis=1)).mean(axis=0)
    centred = 1 + spectrum.n_fft // (2 * spectrum.hop_length)
    shifted = np.concatenate([np.zeros(centred, dtype=np.float32), rise])
    strength: FloatArray = shifted[: spectrum.mel_db.shape[1]]
    return strength


def _onset_count(strength: FloatArray) -> int:
    """Peaks that are the highest of their neighbourhood and stand out of their surroundings."""
    if len(strength) < 2 * _ONSET_REACH + 1 or strength.max() <= 0:
        return 0
    padded = np.pad(strength, _ONSET_REACH)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * _ONSET_REACH + 1).max(axis=1)
    return int(np.count_nonzero((strength == highest) & (strength > strength.mean() + _ONSET_RISE * strength.std())))


@cache
def _rate_masks(length: int, rate: float) -> DoubleArray:
    """Averaging over the modulation bins of each rate, (9, bins)."""
    hz = np.fft.rfftfreq(length, 1 / rate)
    masks = np.array([(hz >= low) & (hz < high) for low, high in pairwise(_RATE_EDGES)], dtype=float)
    means: DoubleArray = masks / np.maximum(masks.sum(axis=1, keepdims=True), 1)
    return means


@cache_per_spectrum
def _fluctuation(spectrum: Spectrum) -> DoubleArray:
    """Modulation in dB of each register at each rate, mean over segments, (10, 9)."""
    from scipy import fft

    rate = spectrum.sr / spectrum.hop_length
    length = round(_SEGMENT_SECONDS * rate)
    registers = np.add.reduceat(spectrum.mel, _REGISTER_EDGES[:-1], axis=0)
    level = power_to_db(registers, top_db=_FLOOR_DB)
    if level.shape[1] < length:
        level = np.pad(level, ((0, 0), (0, length - level.shape[1])), mode="edge")
    segments = np.lib.stride_tricks.sliding_window_view(level, length, axis=1)[:, :: length // 2]
    centred = (segments - segments.mean(axis=2, keepdims=True)) * np.hanning(length)
    modulation = np.abs(fft.rfft(centred, axis=2)) * (4 / length)
    pattern: DoubleArray = modulation.mean(axis=1) @ _rate_masks(length, rate).T
    return pattern


def describe_rhythm(spectra: Sequence[Spectrum], tempo: Tempo | None = None) -> FloatArray:
    """Rhythm of all windows together, (d,), named by ``RHYTHM_NAMES``.

    Tempo is log2 of BPM / 120, 0 where there is no pulse; rates are a second; levels dB. ``tempo`` is theirs, where it
    has been estimated already.
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
