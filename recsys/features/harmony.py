"""Harmony of each frame by librosa's definitions: chroma and tonnetz.

Pitch classes are numbered from 0 (C) to 11 (B), at A4 = 440 Hz. Each function computes the values of the librosa
function named in its docstring, with ``tuning=0``, from the shared STFT; tests compare them within 1e-4.
"""

from functools import cache

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.filters import chroma_filters
from recsys.features.spectrum import Spectrum

N_CHROMA = 12


def chroma(spectrum: Spectrum) -> FloatArray:
    """Chromagram: strength of the 12 pitch classes; ``librosa.feature.chroma_stft``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (12, t)
        In [0, 1], with a maximum of 1 in each frame; all 0 in a silent frame.

    Examples
    --------
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma(Spectrum(a4))[:, 20].argmax().item()
    9
    """
    raw = np.ascontiguousarray((spectrum.power.T @ chroma_filters(spectrum.sr, spectrum.n_fft).T).T)
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
    """Tonal centroids; ``librosa.feature.tonnetz``.

    Parameters
    ----------
    chroma : ndarray of shape (12, t)
        Chromagram, as returned by :func:`chroma`.

    Returns
    -------
    ndarray of shape (6, t)
        In [-1, 1]: coordinates on the circles of fifths, minor thirds and major thirds; all 0 in a silent frame.

    Examples
    --------
    >>> only_c = np.eye(12, 1, dtype=np.float32)
    >>> tonnetz(only_c)[:, 0].round(3) + 0.0
    array([0. , 1. , 0. , 1. , 0. , 0.5], dtype=float32)

    References
    ----------
    Harte, Sandler & Gasser (2006), "Detecting harmonic change in musical audio".
    """
    total = np.abs(chroma).sum(axis=0)
    share = chroma / np.where(total < np.finfo(np.float32).tiny, 1, total)
    return np.asarray(_tonnetz_basis() @ share, dtype=np.float32)
