"""Dynamics: how loud the music is, and how much that changes."""

from collections.abc import Sequence

import numpy as np

from recsys.features.spectrum import Spectrum
from recsys.types import FloatArray

SILENCE_LUFS = -70.0  # the absolute gate of ITU-R BS.1770: nothing is quieter
_DUAL_MONO_LU = 3.01  # two speakers playing the same thing
_BLOCK = 0.4  # seconds, a gating block of EBU R128


def rms(spectrum: Spectrum) -> FloatArray:
    """Root mean square of each centred frame, (1, t); ``librosa.feature.rms``."""
    y = np.pad(spectrum.y, spectrum.n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(y, spectrum.n_fft)[:: spectrum.hop_length]
    power = np.einsum("ij,ij->i", frames, frames) / np.float32(spectrum.n_fft)
    return np.sqrt(power)[None]


def loudness(windows: Sequence[FloatArray], sr: int, *, channels: int = 2) -> float:
    """Integrated loudness in LUFS (EBU R128) of the windows (n,) one after the other, at least -70.

    The windows are the mean of the file's channels. Of a file with more than one channel it counts as played on
    two speakers, so that a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS, as the standard wants.
    """
    import pyloudnorm

    y = np.concatenate(windows)
    if len(y) < _BLOCK * sr or not np.any(y):
        return SILENCE_LUFS
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(pyloudnorm.Meter(sr, block_size=_BLOCK).integrated_loudness(y.astype(np.float64)))
    if channels > 1:
        value += _DUAL_MONO_LU
    return max(value, SILENCE_LUFS) if np.isfinite(value) else SILENCE_LUFS
