"""Timbre of a track as a Gaussian, mapped to a vector space in which Euclidean distance and cosine are meaningful.

A Gaussian with the mean μ and the covariance Σ describes the distribution of the MFCC frames of a track (Mandel & Ellis
2005). The parameters of Gaussians are not elements of a vector space, so their cosines are not meaningful; those of the
logarithm of the symmetric positive definite matrix ``[[Σ + μμᵀ, μ], [μᵀ, 1]]`` are. With it, nearest neighbours are
from the same album as often as with the pairwise divergences of Gaussians that Musly uses, and it is a vector.

References
----------
Mandel & Ellis (2005), "Song-level features and support vector machines for music classification". Lovrić, Min-Oo & Ruh
(2000), "Multivariate normal distributions parametrized as a Riemannian symmetric space". Arsigny, Fillard, Pennec &
Ayache (2006), "Log-Euclidean metrics for fast and simple calculus on diffusion tensors".
"""

from functools import cache

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.features.scaling import reference
from recsys.features.schema import index_of
from recsys.features.timbre import N_MFCC

SIZE = (N_MFCC + 1) * (N_MFCC + 2) // 2
"""Dimensions of a logarithm: the upper triangle of a matrix (21, 21)."""

_RIDGE = 0.1  # dB², far below the variances of music; keeps the logarithm of pure tones and silence finite
_MIN_EIGENVALUE = 1e-4  # rounding and clipping can make a matrix indefinite


def log_gaussians(normalised: FloatArray) -> DoubleArray:
    """Matrix logarithms of the MFCC Gaussians of feature vectors.

    Parameters
    ----------
    normalised : ndarray of shape (n, D)
        Normalised feature vectors.

    Returns
    -------
    ndarray of shape (n, 231), float64
        Upper triangles of the logarithms, with elements off the diagonal multiplied by √2: inner products of the
        vectors are those of the matrices.

    Examples
    --------
    >>> log_gaussians(np.zeros((2, 931), np.float32)).shape
    (2, 231)
    """
    values, vectors = np.linalg.eigh(_joint_matrices(normalised))
    logarithms = (vectors * np.log(np.maximum(values, _MIN_EIGENVALUE))[:, None, :]) @ vectors.transpose(0, 2, 1)
    size = N_MFCC + 1
    rows, columns = np.triu_indices(size)
    triangles: DoubleArray = logarithms.reshape(len(values), size**2).take(rows * size + columns, axis=1)
    triangles *= np.where(rows == columns, 1.0, np.sqrt(2.0))
    return triangles


def _joint_matrices(normalised: FloatArray) -> DoubleArray:
    """The matrices (n, 21, 21) of mean and covariance, in dB and dB²."""
    columns, layout = _columns()
    fitted, n = reference(), len(normalised)
    parts = np.ones((n, SIZE))  # roots of covariances, deviations, means, and 1
    parts[:, :-1] = normalised.take(columns, axis=1) * fitted.std[columns] + fitted.mean[columns]
    mean = parts[:, -1 - N_MFCC : -1].copy()
    roots, deviations = parts[:, : -1 - 2 * N_MFCC], parts[:, -1 - 2 * N_MFCC : -1 - N_MFCC]
    roots *= np.abs(roots)
    deviations *= deviations
    deviations += _RIDGE
    joint: DoubleArray = parts.take(layout, axis=1).reshape(n, N_MFCC + 1, N_MFCC + 1)
    joint[:, :-1, :-1] += mean[:, :, None] * mean[:, None, :]
    return joint


@cache
def _columns() -> tuple[IdArray, IdArray]:
    """Columns of a feature vector: roots of covariances, deviations and means; and where a matrix (441,) has each."""
    rows, columns = np.triu_indices(N_MFCC, k=1)
    names = [f"mfcc_cov_{i}_{j}" for i, j in zip(rows, columns, strict=True)]
    names += [f"mfcc_{i}_{part}" for part in ("std", "mean") for i in range(N_MFCC)]
    layout, diagonal = np.full((N_MFCC + 1, N_MFCC + 1), len(names)), np.arange(N_MFCC)
    layout[rows, columns] = layout[columns, rows] = np.arange(len(rows))
    layout[diagonal, diagonal] = len(rows) + diagonal
    layout[diagonal, -1] = layout[-1, diagonal] = len(rows) + N_MFCC + diagonal
    return np.array([index_of(name) for name in names]), layout.ravel()
