"""How what several classifiers say of a track becomes one probability for each genre: late fusion, calibrated.

Each member's logits are divided by a temperature of its own, their log probabilities are averaged, the mean is divided
by another; then the tracks of one artist are heard together (:mod:`recsys.genre.collective`). All of it is learned from
what members say of tracks whose artist they have not heard.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import choose_rejection_threshold, fit_temperature
from recsys.genre.collective import Collective, fit_collective
from recsys.genre.model import softmax


class Fusion(NamedTuple):
    """The temperature of each member, that of all, what company counts, and below which probability to say nothing."""

    temperatures: tuple[float, ...]
    temperature: float
    collective: Collective
    threshold: float

    def probabilities(self, logits: Sequence[DoubleArray], groups: IdArray | None = None) -> DoubleArray:
        """Probabilities (n, c) from the logits (n, c) of each member; without ``groups`` (n,) each track by itself."""
        alone = softmax(mean_log_probabilities(logits, self.temperatures) / self.temperature)
        return alone if groups is None else self.collective.combine(alone, groups)


def fit_fusion(logits: Sequence[DoubleArray], truth: IdArray, groups: IdArray) -> Fusion:
    """Learn it from logits (n, c) of each member, given without the groups (n,), and genres (n,)."""
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    together = mean_log_probabilities(logits, temperatures)
    temperature = fit_temperature(together, truth)
    alone = softmax(together / temperature)
    collective = fit_collective(alone, truth, groups)
    said = collective.combine(alone, groups)
    threshold = choose_rejection_threshold(said.max(axis=1), said.argmax(axis=1) == truth)
    return Fusion(temperatures, temperature, collective, threshold)


def mean_log_probabilities(logits: Sequence[DoubleArray], temperatures: Sequence[float]) -> DoubleArray:
    """The mean (n, c) of the members' log probabilities, each calibrated by its temperature."""
    said = [np.log(softmax(part / t) + 1e-12) for part, t in zip(logits, temperatures, strict=True)]
    mean: DoubleArray = np.mean(said, axis=0)
    return mean
