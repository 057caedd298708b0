"""Probabilities that mean what they say, and when to say nothing.

One temperature divides the logits (Guo et al., "On calibration of modern neural networks", ICML 2017): it has one
number to learn, and so can be learned from few tracks, and never changes which genre is best.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.model import softmax

_BOUNDS = (-5.0, 5.0)  # of the logarithm of a temperature
BINS = 10
ERROR_COST = 0.5  # what a wrong answer costs, where a right one gains 1


def fit_temperature(logits: DoubleArray, truth: IdArray) -> float:
    """What the logits (n, c) are best divided by, where ``truth`` (n,) is the class of each row: least log loss."""

    def loss(log_temperature: float) -> float:
        chosen = softmax(logits / np.exp(log_temperature))[np.arange(len(truth)), truth]
        return float(-np.log(chosen + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=_BOUNDS, method="bounded").x))


def calibration_error(probabilities: DoubleArray, right: "np.ndarray[Any, Any]", bins: int = BINS) -> float:
    """Expected calibration error: mean distance, over bins of alike many tracks, of what was said and what was true.

    ``probabilities`` (n,) of the best genres, ``right`` (n,) whether they were.
    """
    parts = reliability(probabilities, right, bins)
    return float(sum(abs(p["probability"] - p["accuracy"]) * p["tracks"] for p in parts) / len(probabilities))


def reliability(probabilities: DoubleArray, right: "np.ndarray[Any, Any]", bins: int = BINS) -> list[dict[str, float]]:
    """What was said and what was true, in bins of alike many tracks, the most doubtful first."""
    order = np.argsort(probabilities, kind="stable")
    return [
        {"probability": float(probabilities[p].mean()), "accuracy": float(right[p].mean()), "tracks": len(p)}
        for p in np.array_split(order, min(bins, len(order)))
    ]


def choose_rejection_threshold(probabilities: DoubleArray, right: "np.ndarray[Any, Any]") -> float:
    """The probability below which to say nothing: where right answers less half of the wrong are most; 0 is never.

    A wrong genre costs its owner half of what a right one saves: so what is right once in three times is still said.
    """
    order = np.argsort(-probabilities, kind="stable")
    gain = np.cumsum(np.where(right[order], 1.0, -ERROR_COST))
    best = len(gain) - 1 - int(np.argmax(gain[::-1]))  # of equals, the one that answers most
    return 0.0 if best == len(gain) - 1 else float(probabilities[order[best]])
