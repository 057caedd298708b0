"""Harmony, frame by frame, by librosa's definitions: which pitch classes sound, and where they lie on the tonnetz.

Pitch classes are numbered 0 (C) to 11 (B) at A4 = 440 Hz. Both functions compute what the librosa function named
in their docstring computes with ``tuning=0``, from the shared STFT; tests hold them to it within 1e-4.
"""

from functools import cache

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.filters import chroma_filters
from recsys.features.spectrum import Spectrum

N_CHROMA = 12


def chroma(spectrum: Spectrum) -> FloatArray:
    """Strength of the 12 pitch classes, 0 to 1 where 1 is the strongest of the frame, (12, t).

    ``librosa.feature.chroma_stft``; all 0 in a silent frame.
    """
    raw = chroma_filters(spectrum.sr, spectrum.n_fft) @ spectrum.power
    peak = raw.max(axis=0)
    return np.asarray(raw / np.where(peak < np.finfo(np.float32).tiny, 1, peak), dtype=np.float32)


@cache
def _tonnetz_basis() -> FloatArray:
    """Circles of fifths, minor thirds and major thirds, two rows each, (6, 12), after Harte et al. (2006)."""
    steps = np.array([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3])
    radii = np.array([1, 1, 1, 1, 0.5, 0.5])
    turns = np.outer(steps, np.arange(N_CHROMA))
    turns[::2] -= 0.5  # even rows are sines: cos(x - pi / 2)
    basis: FloatArray = (radii[:, None] * np.cos(np.pi * turns)).astype(np.float32)
    return basis


def tonnetz(chroma: FloatArray) -> FloatArray:
    """Tonal centroid of each frame of ``chroma`` (12, t), (6, t) in [-1, 1]; ``librosa.feature.tonnetz``.

    References
    ----------
    Harte, Sandler & Gasser (2006), "Detecting harmonic change in musical audio".
    """
    total = np.abs(chroma).sum(axis=0)
    share = chroma / np.where(total < np.finfo(np.float32).tiny, 1, total)
    return np.asarray(_tonnetz_basis() @ share, dtype=np.float32)
