"""Mel and chroma filter banks by librosa's definitions.

The banks that the features need are stored in a data file (made by ``scripts/make_filters.py``), for two reasons:
importing librosa takes one to two seconds in every process; and a later release of librosa that computes them
differently must not change the features of a feature version. All other banks are computed by librosa.
"""

from functools import cache
from importlib import resources

import numpy as np

from recsys.domain.arrays import FloatArray

FILTERS_FILE = "filters.npz"
_GROUP = 16  # mel bands that are multiplied together


@cache
def mel_filters(sr: int, n_fft: int, n_mels: int) -> FloatArray:
    """Slaney-normalised mel filter bank; ``librosa.filters.mel``.

    Parameters
    ----------
    sr : int
        Sample rate in Hz.
    n_fft : int
        Length of the FFT in samples.
    n_mels : int
        Number of bands.

    Returns
    -------
    ndarray of shape (n_mels, 1 + n_fft / 2)

    Examples
    --------
    >>> mel_filters(22050, 2048, 128).shape
    (128, 1025)
    """
    stored = stored_filters().get(f"mel_{sr}_{n_fft}_{n_mels}")
    return compute_mel_filters(sr, n_fft, n_mels) if stored is None else stored


def mel_power(power: FloatArray, *, sr: int, n_fft: int, n_mels: int) -> FloatArray:
    """Power in each mel band: ``mel_filters(sr, n_fft, n_mels) @ power``, by groups of bands, which cover few bins.

    Parameters
    ----------
    power : ndarray of shape (1 + n_fft / 2, t)
        Power spectrogram.
    sr, n_fft, n_mels : int
        As for :func:`mel_filters`.

    Returns
    -------
    ndarray of shape (n_mels, t)

    Examples
    --------
    >>> mel_power(np.ones((1025, 2), np.float32), sr=22050, n_fft=2048, n_mels=128).shape
    (128, 2)
    """
    groups = _mel_groups(sr, n_fft, n_mels)
    # The bins of a frame are next to each other: this order of the factors is the faster one.
    return np.ascontiguousarray(np.concatenate([power[i : i + len(bank)].T @ bank for i, bank in groups], axis=1).T)


@cache
def _mel_groups(sr: int, n_fft: int, n_mels: int) -> tuple[tuple[int, FloatArray], ...]:
    """Filters of neighbouring bands: the first bin that any of them covers, and their weights from it on,
    (bins, bands)."""
    groups = []
    for bank in np.array_split(mel_filters(sr, n_fft, n_mels), max(1, n_mels // _GROUP)):
        bins = np.flatnonzero(bank.any(axis=0))
        first, stop = (int(bins[0]), int(bins[-1]) + 1) if bins.size else (0, 0)
        groups.append((first, np.ascontiguousarray(bank[:, first:stop].T)))
    return tuple(groups)


@cache
def chroma_filters(sr: int, n_fft: int) -> FloatArray:
    """Weight of each STFT bin in each pitch class; ``librosa.filters.chroma`` with ``tuning=0``.

    Parameters
    ----------
    sr : int
        Sample rate in Hz.
    n_fft : int
        Length of the FFT in samples.

    Returns
    -------
    ndarray of shape (12, 1 + n_fft / 2)

    Examples
    --------
    >>> chroma_filters(22050, 2048).shape
    (12, 1025)
    """
    stored = stored_filters().get(f"chroma_{sr}_{n_fft}")
    return compute_chroma_filters(sr, n_fft) if stored is None else stored


def compute_mel_filters(sr: int, n_fft: int, n_mels: int) -> FloatArray:
    """The bank of :func:`mel_filters`, computed by librosa."""
    from librosa.filters import mel

    return np.ascontiguousarray(mel(sr=sr, n_fft=n_fft, n_mels=n_mels), dtype=np.float32)


def compute_chroma_filters(sr: int, n_fft: int) -> FloatArray:
    """The bank of :func:`chroma_filters`, computed by librosa."""
    from librosa.filters import chroma

    return np.ascontiguousarray(chroma(sr=sr, n_fft=n_fft, tuning=0.0), dtype=np.float32)


@cache
def stored_filters() -> dict[str, FloatArray]:
    """All banks of the data file, by kind and parameters: "mel_22050_2048_128"."""
    with resources.files("recsys.features").joinpath("data", FILTERS_FILE).open("rb") as file:
        return dict(np.load(file, allow_pickle=False))
