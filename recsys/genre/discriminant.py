"""Linear discriminant analysis with soft labels, which fits a term of the default genre model.

Every class is a Gaussian, and all share one covariance. From few labelled tracks this generalises better than logistic
regression, which needs many to estimate what the Gaussians assume (Ng & Jordan, "On discriminative vs. generative
classifiers", NIPS 2001). Labels are weights, so a track can belong to several classes, in part to each.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray


def fit_discriminant(
    features: DoubleArray, labels: DoubleArray, *, shrinkage: float = 0.25
) -> tuple[DoubleArray, DoubleArray]:
    """Fit a linear classifier whose classes are equally probable a priori.

    Parameters
    ----------
    features : (n, d)
        Of any scale: the shrinkage applies to correlations.
    labels : (n, c)
        Weight of each row in each class, at least 0.
    shrinkage : float in (0, 1]
        Fraction by which the within-class correlations are shrunk to zero.

    Returns
    -------
    weights : (c, d)
    bias : (c,)
        The logits are ``features @ weights.T + bias``.

    Raises
    ------
    ValueError
        If the shapes do not match, ``shrinkage`` is out of range, a class has no row, or a feature is constant within
        all classes.

    Examples
    --------
    >>> x = np.array([[0.0, 1], [1, 0], [4, 5], [5, 4]])
    >>> weights, bias = fit_discriminant(x, np.eye(2)[[0, 0, 1, 1]])
    >>> (x @ weights.T + bias).argmax(axis=1)
    array([0, 0, 1, 1])
    """
    features, labels = np.asarray(features, np.float64), np.asarray(labels, np.float64)
    if features.ndim != 2 or labels.ndim != 2 or len(features) != len(labels):
        raise ValueError(f"features {features.shape} and labels {labels.shape} must have the same number of rows")
    if not 0 < shrinkage <= 1:
        raise ValueError(f"shrinkage must be in (0, 1], got {shrinkage}")
    counts = labels.sum(axis=0)
    if (counts <= 0).any():
        raise ValueError(f"class {int(np.argmin(counts))} has no track")
    means = labels.T @ features / counts[:, None]
    # Sum over rows and classes of label · (x - mean)(x - mean)ᵀ, without forming n · c differences.
    second = (features * labels.sum(axis=1, keepdims=True)).T @ features
    covariance = (second - (means * counts[:, None]).T @ means) / counts.sum()
    deviations = np.sqrt(np.maximum(np.diag(covariance), 0))
    if (deviations < 1e-12).any():
        raise ValueError(f"feature {int(np.argmin(deviations))} is constant within every class")
    correlations = covariance / np.outer(deviations, deviations)
    correlations = (1 - shrinkage) * correlations + shrinkage * np.eye(len(correlations))
    weights = np.linalg.solve(correlations * np.outer(deviations, deviations), means.T).T
    return weights, -0.5 * (weights * means).sum(axis=1)
