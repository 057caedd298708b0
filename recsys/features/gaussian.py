"""The sound of a record as a Gaussian, and the Gaussian as a point among which straight lines mean something.

The MFCC of a track's frames, seen as a cloud, are described by mean and covariance (Mandel & Ellis 2005). Gaussians do
not lie in a flat space, so their numbers are no good for cosines; the logarithm of the symmetric positive matrix
``[[Σ + μμᵀ, μ], [μᵀ, 1]]`` is (Lovrić, Min-Oo & Ruh 2000; Arsigny et al. 2006). On it, neighbours come from the same
record as often as by the divergences of Gaussians that Musly compares pair by pair, and it is a vector.
"""

from functools import cache

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.features.scaling import reference
from recsys.features.schema import GROUPS, index_of
from recsys.features.timbre import N_MFCC

SIZE = (N_MFCC + 1) * (N_MFCC + 2) // 2
"""Numbers of a logarithm: the upper triangle of (21, 21)."""

_RIDGE = 0.1  # dB², far below any music: keeps pure tones and silence finite
_MIN_EIGENVALUE = 1e-4  # eigenvalue; rounding and clipping may cost a matrix its positive definiteness


def log_gaussians(normalised: FloatArray) -> DoubleArray:
    """The MFCC Gaussians of normalised feature vectors (n, D) as vectors (n, 231), of the matrices' own inner product.

    The upper triangles of the logarithms; what stands off the diagonal is times √2, so that distances between vectors
    are distances between matrices.
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
    """Where the means, the deviations and the roots of the covariances stand in a feature vector."""
    rows, columns = np.triu_indices(N_MFCC, k=1)
    return (
        np.array([index_of(f"mfcc_{i}_mean") for i in range(N_MFCC)]),
        np.array([index_of(f"mfcc_{i}_std") for i in range(N_MFCC)]),
        np.array([index_of(f"mfcc_cov_{i}_{j}") for i, j in zip(rows, columns, strict=True)]),
    )
