"""Late fusion: from the logits of an ensemble's members to one calibrated probability for each genre.

Each member's logits are divided by its own temperature and their log probabilities are averaged; the mean is divided by
another temperature; then tracks are combined with the other tracks of their artist (:mod:`recsys.genre.collective`).
All parameters are fitted to out-of-fold logits, where a fold contains whole artists.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import choose_rejection_threshold, fit_temperature
from recsys.genre.collective import Collective, fit_collective
from recsys.genre.model import softmax


class Fusion(NamedTuple):
    """The parameters of a fusion.

    Parameters
    ----------
    temperatures : tuple of float
        One for each member.
    temperature : float
        Of the averaged log probabilities.
    collective : Collective
        The same-artist context.
    threshold : float in [0, 1]
        Probability below which the genre is "unknown".
    """

    temperatures: tuple[float, ...]
    temperature: float
    collective: Collective
    threshold: float

    def probabilities(self, logits: Sequence[DoubleArray], groups: IdArray | None = None) -> DoubleArray:
        """Probabilities (n, c) from the logits (n, c) of each member; each track by itself if ``groups`` is None."""
        per_track = softmax(mean_log_probabilities(logits, self.temperatures) / self.temperature)
        return per_track if groups is None else self.collective.combine(per_track, groups)


def fit_fusion(logits: Sequence[DoubleArray], truth: IdArray, groups: IdArray | None) -> Fusion:
    """Fit a fusion to out-of-fold logits.

    Parameters
    ----------
    logits : sequence of (n, c)
        Of each member, fitted without the group of the row.
    truth : (n,)
        The correct class of each row.
    groups : (n,) or None
        Numbers from 0 on; None: each track by itself.
    """
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    mean = mean_log_probabilities(logits, temperatures)
    temperature = fit_temperature(mean, truth)
    per_track = softmax(mean / temperature)
    collective = Collective() if groups is None else fit_collective(per_track, truth, groups)
    combined = per_track if groups is None else collective.combine(per_track, groups)
    threshold = choose_rejection_threshold(combined.max(axis=1), combined.argmax(axis=1) == truth)
    return Fusion(temperatures, temperature, collective, threshold)


def mean_log_probabilities(logits: Sequence[DoubleArray], temperatures: Sequence[float]) -> DoubleArray:
    """The mean (n, c) of the members' log probabilities, each calibrated by its temperature.

    Examples
    --------
    >>> mean_log_probabilities([np.zeros((1, 2)), np.zeros((1, 2))], [1.0, 2.0]).round(3)
    array([[-0.693, -0.693]])
    """
    logs = [np.log(softmax(part / t) + 1e-12) for part, t in zip(logits, temperatures, strict=True)]
    mean: DoubleArray = np.mean(logs, axis=0)
    return mean
