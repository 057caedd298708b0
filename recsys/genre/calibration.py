"""Calibrated probabilities, and the probability below which a model returns "unknown".

A temperature divides the logits (Guo et al., "On calibration of modern neural networks", ICML 2017): a single
parameter, so it can be fitted to few tracks, and it never changes which genre is the most probable.
"""

from typing import Any

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

_LOG_TEMPERATURE_BOUNDS = (-5.0, 5.0)
_PRECISION = 1e-6  # of the logarithm of a temperature
BINS = 10
ERROR_COST = 0.5  # of a wrong prediction, where a correct one gains 1


def fit_temperature(logits: DoubleArray, truth: IdArray) -> float:
    """The temperature that minimises the log loss of ``softmax(logits / temperature)``.

    Parameters
    ----------
    logits : (n, c)
    truth : (n,)
        The correct class of each row.

    Examples
    --------
    >>> fit_temperature(np.array([[2.0, 0], [2, 0], [2, 0], [0, 2]]), np.array([0, 0, 1, 1])) > 1  # overconfident
    True
    """

    from scipy.optimize import brentq  # who only reads a model does not wait for it

    below = (logits - logits.max(axis=1, keepdims=True)).astype(np.float32)
    correct = below[np.arange(len(truth)), truth].sum(dtype=np.float64)

    def slope(log_temperature: float) -> float:
        """Of the log loss, with the sign that it has along the temperature: the loss is convex in its inverse."""
        weights = np.exp(below / np.float32(np.exp(log_temperature)))
        expected = np.einsum("ij,ij->i", weights, below) / weights.sum(axis=1)
        return float(correct - expected.sum(dtype=np.float64))

    low, high = _LOG_TEMPERATURE_BOUNDS
    if slope(low) >= 0:
        return float(np.exp(low))
    if slope(high) <= 0:
        return float(np.exp(high))
    return float(np.exp(brentq(slope, low, high, xtol=_PRECISION)))


def calibration_error(probabilities: DoubleArray, correct: "np.ndarray[Any, Any]", bins: int = BINS) -> float:
    """Expected calibration error: mean absolute gap between probability and accuracy over equal-count bins.

    Parameters
    ----------
    probabilities : (n,)
        Probability of the predicted genre.
    correct : (n,) bool
        Whether the prediction is correct.

    Examples
    --------
    >>> calibration_error(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, True, False]), bins=1)
    0.0
    """
    parts = reliability(probabilities, correct, bins)
    return float(sum(abs(p["probability"] - p["accuracy"]) * p["tracks"] for p in parts) / len(probabilities))


def reliability(
    probabilities: DoubleArray, correct: "np.ndarray[Any, Any]", bins: int = BINS
) -> list[dict[str, float]]:
    """Mean probability and accuracy in equal-count bins, the least probable first; see :func:`calibration_error`."""
    order = np.argsort(probabilities, kind="stable")
    return [
        {"probability": float(probabilities[p].mean()), "accuracy": float(correct[p].mean()), "tracks": len(p)}
        for p in np.array_split(order, min(bins, len(order)))
    ]


def choose_rejection_threshold(probabilities: DoubleArray, correct: "np.ndarray[Any, Any]") -> float:
    """The probability below which to predict "unknown"; 0 rejects nothing.

    It maximises the number of correct predictions less :data:`ERROR_COST` times the number of wrong ones, so a
    prediction that is correct once in three times is still worth making. Of equal thresholds the lowest is returned.

    Parameters
    ----------
    probabilities : (n,)
        Probability of the predicted genre.
    correct : (n,) bool
        Whether the prediction is correct.

    Examples
    --------
    >>> choose_rejection_threshold(np.array([0.9, 0.8, 0.3, 0.2]), np.array([True, True, False, False]))
    0.8
    """
    order = np.argsort(-probabilities, kind="stable")
    gain = np.cumsum(np.where(correct[order], 1.0, -ERROR_COST))
    last_best = len(gain) - 1 - int(np.argmax(gain[::-1]))
    return 0.0 if last_best == len(gain) - 1 else float(probabilities[order[last_best]])
