"""Softmax regression with partial labels: a label is a set of classes, of which one, unknown, is correct.

Editors file a track under "Pop/Rock", which can be rock, pop or metal among the classes of recsys. The likelihood of
such a label is the sum of the probabilities of its classes (Jin & Ghahramani, "Learning with multiple labels", NIPS
2002). A corpus that labels only some classes has no information about the others: its likelihood is conditional on the
classes that its labels are chosen from.
"""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.optimize import minimize

from recsys.domain.arrays import DoubleArray

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray: TypeAlias = npt.NDArray[np.bool_]

_MASKED = -1e30  # logit of a class that is not allowed
_MAX_ITERATIONS = 200


def restricted(logits: DoubleArray, allowed: "BoolArray") -> tuple[DoubleArray, DoubleArray]:
    """Log-sum-exp and softmax over the allowed classes only.

    Parameters
    ----------
    logits : (n, c)
    allowed : (n, c) bool
        At least one class of each row.

    Returns
    -------
    total : (n,)
        Logarithm of the summed exponentials.
    shares : (n, c)
        Softmax; 0 where a class is not allowed.

    Examples
    --------
    >>> total, shares = restricted(np.zeros((1, 4)), np.array([[True, True, False, False]]))
    >>> total.round(3), shares
    (array([0.693]), array([[0.5, 0.5, 0. , 0. ]]))
    """
    kept = np.where(allowed, logits, _MASKED)
    largest = kept.max(axis=1, keepdims=True)
    exponentials = np.where(allowed, np.exp(kept - largest), 0.0)
    total = exponentials.sum(axis=1, keepdims=True)
    return (np.log(total) + largest)[:, 0], exponentials / total


def fit_partial(
    features: DoubleArray,
    offset: DoubleArray,
    allowed: "BoolArray",
    among: "BoolArray",
    weight: DoubleArray,
    *,
    penalty: float,
    bias_penalty: float,
) -> tuple[float, DoubleArray, DoubleArray]:
    """Fit the logits ``scale * offset + features @ weights.T + bias`` to partial labels, with an L2 penalty.

    Parameters
    ----------
    features : (n, d)
        Each with mean 0 and standard deviation 1.
    offset : (n, c)
        Logits of an existing model, which weights of zero leave unchanged.
    allowed : (n, c) bool
        The label of each row: the classes of which one is correct; at least one.
    among : (n, c) bool
        The classes that the label of each row is chosen from, including all that are allowed.
    weight : (n,)
        Weight of each row, at least 0.
    penalty, bias_penalty : float
        Half of it times the squared weights, or biases, is added to the mean negative log likelihood.

    Returns
    -------
    scale : float
    weights : (c, d)
    bias : (c,)

    Raises
    ------
    ValueError
        If a row has no allowed class, or an allowed class that is not in ``among``.
    """
    if not allowed.any(axis=1).all() or (allowed & ~among).any():
        raise ValueError("each row needs an allowed class, and every allowed class must be in among")
    (_, d), c, total = features.shape, allowed.shape[1], weight.sum()

    def loss(flat: DoubleArray) -> tuple[float, DoubleArray]:
        weights, bias, scale = flat[: c * d].reshape(c, d), flat[c * d : -1], flat[-1]
        logits = scale * offset + features @ weights.T + bias
        log_allowed, target = restricted(logits, allowed)
        log_among, predicted = restricted(logits, among)
        slope = weight[:, None] * (predicted - target) / total
        value = (weight * (log_among - log_allowed)).sum() / total
        value += penalty / 2 * (weights**2).sum() + bias_penalty / 2 * (bias**2).sum()
        parts = (slope.T @ features + penalty * weights).ravel(), slope.sum(axis=0) + bias_penalty * bias
        return float(value), np.concatenate([*parts, [(slope * offset).sum()]])

    start = np.concatenate([np.zeros(c * d + c), [1.0]])
    solution = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MAX_ITERATIONS}).x
    return float(solution[-1]), solution[: c * d].reshape(c, d), solution[c * d : -1]
