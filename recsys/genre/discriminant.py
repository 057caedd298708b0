"""Linear discriminant analysis with soft labels: how a genre model is fitted.

Every class is a Gaussian; all share one covariance. Of few labelled tracks this learns more than logistic
regression, which needs many to find out what the Gaussians assume (Ng & Jordan, "On discriminative vs.
generative classifiers", NIPS 2001). Labels are weights, so a track may count for several classes, and for
none in full.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray


def fit_discriminant(
    features: DoubleArray, labels: DoubleArray, *, shrinkage: float = 0.25
) -> tuple[DoubleArray, DoubleArray]:
    """Weights (c, d) and bias (c,) of the logits of c classes that are equally likely beforehand.

    Parameters
    ----------
    features
        (n, d), any scale: shrinkage works on the correlations.
    labels
        (n, c), how much each row counts for each class; at least 0.
    shrinkage
        In (0, 1]: how far the within-class correlations are drawn to zero.

    Raises
    ------
    ValueError
        Shapes do not agree, a class has no row, or a feature never varies.

    Examples
    --------
    >>> x = np.array([[0.0, 1], [1, 0], [4, 5], [5, 4]])
    >>> weights, bias = fit_discriminant(x, np.eye(2)[[0, 0, 1, 1]])
    >>> (x @ weights.T + bias).argmax(axis=1)
    array([0, 0, 1, 1])
    """
    features, labels = np.asarray(features, np.float64), np.asarray(labels, np.float64)
    if features.ndim != 2 or labels.ndim != 2 or len(features) != len(labels):
        raise ValueError(f"features {features.shape} and labels {labels.shape} do not agree")
    if not 0 < shrinkage <= 1:
        raise ValueError(f"shrinkage must lie in (0, 1], but is {shrinkage}")
    counts = labels.sum(axis=0)
    if (counts <= 0).any():
        raise ValueError(f"class {int(np.argmin(counts))} has no track")
    means = labels.T @ features / counts[:, None]
    # Sum over rows and classes of label · (x - mean)(x - mean)ᵀ, without forming n · c differences.
    second = (features * labels.sum(axis=1, keepdims=True)).T @ features
    covariance = (second - (means * counts[:, None]).T @ means) / counts.sum()
    deviations = np.sqrt(np.maximum(np.diag(covariance), 0))
    if (deviations < 1e-12).any():
        raise ValueError(f"feature {int(np.argmin(deviations))} is the same in every track of a class")
    correlations = covariance / np.outer(deviations, deviations)
    correlations = (1 - shrinkage) * correlations + shrinkage * np.eye(len(correlations))
    weights = np.linalg.solve(correlations * np.outer(deviations, deviations), means.T).T
    return weights, -0.5 * (weights * means).sum(axis=1)
