"""Softmax regression where a label is a set: one of the classes of the set is right, which one is not said.

Editors file a track under "Pop/Rock"; whether that is rock, pop or metal in our terms is open. The likelihood of such
a label is the sum of the probabilities of its classes (Jin & Ghahramani, "Learning with multiple labels", NIPS 2002).
A corpus that has some classes only says nothing of the others: there the likelihood is conditional on the classes that
its labels choose from.
"""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.optimize import minimize

from recsys.domain.arrays import DoubleArray

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray: TypeAlias = npt.NDArray[np.bool_]

_FAR = -1e30  # logit of a class that is not allowed
_ITERATIONS = 200


def restricted(logits: DoubleArray, allowed: "BoolArray") -> tuple[DoubleArray, DoubleArray]:
    """Log of the summed exponentials (n,) of the allowed logits (n, c), and their softmax (n, c), else zero.

    Examples
    --------
    >>> total, shares = restricted(np.zeros((1, 4)), np.array([[True, True, False, False]]))
    >>> total.round(3), shares
    (array([0.693]), array([[0.5, 0.5, 0. , 0. ]]))
    """
    kept = np.where(allowed, logits, _FAR)
    most = kept.max(axis=1, keepdims=True)
    exponentials = np.where(allowed, np.exp(kept - most), 0.0)
    total = exponentials.sum(axis=1, keepdims=True)
    return (np.log(total) + most)[:, 0], exponentials / total


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
    """Scale, weights (c, d) and bias (c,) by which ``scale * offset + features @ weights.T + bias`` fits best.

    Parameters
    ----------
    features
        (n, d), each with mean 0 and deviation 1.
    offset
        (n, c), logits of a model that is there already; weights of zero leave it as it is.
    allowed
        (n, c), the classes of which one is right; at least one of each row.
    among
        (n, c), the classes that the label of the row was chosen from; every allowed one is among them.
    weight
        (n,), how much each row counts; at least 0.
    penalty, bias_penalty
        Half of it times the squared weights, or biases, is added to the mean negative log likelihood.

    Raises
    ------
    ValueError
        A row has no allowed class, or one that its label cannot be chosen from.
    """
    if not allowed.any(axis=1).all() or (allowed & ~among).any():
        raise ValueError("each row needs an allowed class, and only those that its label is chosen from")
    (_, d), c, total = features.shape, allowed.shape[1], weight.sum()

    def loss(flat: DoubleArray) -> tuple[float, DoubleArray]:
        weights, bias, scale = flat[: c * d].reshape(c, d), flat[c * d : -1], flat[-1]
        logits = scale * offset + features @ weights.T + bias
        right, wanted = restricted(logits, allowed)
        every, given = restricted(logits, among)
        slope = weight[:, None] * (given - wanted) / total
        value = (weight * (every - right)).sum() / total
        value += penalty / 2 * (weights**2).sum() + bias_penalty / 2 * (bias**2).sum()
        parts = (slope.T @ features + penalty * weights).ravel(), slope.sum(axis=0) + bias_penalty * bias
        return float(value), np.concatenate([*parts, [(slope * offset).sum()]])

    start = np.concatenate([np.zeros(c * d + c), [1.0]])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS}).x
    return float(found[-1]), found[: c * d].reshape(c, d), found[c * d : -1]
