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
from recsys.features.schema import GROUPS, index_of
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
    mean, covariance = _gaussians(normalised)
    n, d = mean.shape
    joint = np.ones((n, d + 1, d + 1))
    joint[:, :d, :d] = covariance + mean[:, :, None] * mean[:, None, :]
    joint[:, :d, d] = joint[:, d, :d] = mean
    values, vectors = np.linalg.eigh(joint)
    logarithms = (vectors * np.log(np.maximum(values, _MIN_EIGENVALUE))[:, None, :]) @ vectors.transpose(0, 2, 1)
    rows, columns = np.triu_indices(d + 1)
    triangles: DoubleArray = logarithms[:, rows, columns] * np.where(rows == columns, 1.0, np.sqrt(2.0))
    return triangles


def _gaussians(normalised: FloatArray) -> tuple[DoubleArray, DoubleArray]:
    """Means (n, 20) in dB and covariances (n, 20, 20) in dB²."""
    means, deviations, roots = _columns()
    fitted, timbre = reference(), GROUPS["timbre"]
    raw = np.zeros((len(normalised), fitted.mean.size))
    raw[:, timbre] = normalised[:, timbre] * fitted.std[timbre] + fitted.mean[timbre]
    rows, columns = np.triu_indices(N_MFCC, k=1)
    covariance = np.zeros((len(raw), N_MFCC, N_MFCC))
    covariance[:, rows, columns] = np.sign(raw[:, roots]) * raw[:, roots] ** 2
    covariance += covariance.transpose(0, 2, 1)
    diagonal = np.arange(N_MFCC)
    covariance[:, diagonal, diagonal] = raw[:, deviations] ** 2 + _RIDGE
    return raw[:, means], covariance


@cache
def _columns() -> tuple[IdArray, IdArray, IdArray]:
    """Indices of the means, deviations and roots of covariances in a feature vector."""
    rows, columns = np.triu_indices(N_MFCC, k=1)
    return (
        np.array([index_of(f"mfcc_{i}_mean") for i in range(N_MFCC)]),
        np.array([index_of(f"mfcc_{i}_std") for i in range(N_MFCC)]),
        np.array([index_of(f"mfcc_cov_{i}_{j}") for i, j in zip(rows, columns, strict=True)]),
    )
