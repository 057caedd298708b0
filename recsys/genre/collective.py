"""Collective classification: genres from the other tracks of the artist as well (Sen et al., AI Magazine 2008).

An artist rarely changes genre from one track to the next, so the predictions for the other tracks are evidence for
each. The mean log probabilities of the others are added to those of the track, times a weight and the square root of
their number: their errors are correlated, so evidence grows with the root, not with the number. Weight and temperature
are fitted to labelled tracks; where artists do change genre the weight becomes 0. A weight is used only if it lowers
the log loss by more than one standard error over artists (not over tracks).

"Group" is the artist of a track; the album where the artist is unknown.
"""

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import fit_temperature
from recsys.genre.model import softmax

WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5)
_MIN_TRACKS = 20  # in groups of two or more, to fit a weight
_MIN_GROUPS = 5  # of two or more tracks
_MAX_OTHERS = 9  # other tracks of a group that add evidence
MAX_GROUP_SIZE = 4  # tracks that a group counts as in a standard error; 1, 4 and 10 give the same on Emotify


class Collective(NamedTuple):
    """Weight of the other tracks of a group, and temperature of the combined logits; the default changes nothing."""

    weight: float = 0.0
    temperature: float = 1.0

    def combine(self, probabilities: DoubleArray, groups: IdArray) -> DoubleArray:
        """Probabilities of tracks given the other tracks of their group.

        Parameters
        ----------
        probabilities : (n, c)
            Of each track by itself.
        groups : (n,)
            Numbers from 0 on, see :func:`group_ids`.

        Returns
        -------
        (n, c)
            A track that is alone in its group keeps its probabilities.

        Examples
        --------
        >>> per_track = np.array([[0.6, 0.4], [0.1, 0.9], [0.6, 0.4]])
        >>> Collective(1.0).combine(per_track, np.array([0, 0, 1])).round(2)
        array([[0.14, 0.86],
               [0.14, 0.86],
               [0.6 , 0.4 ]])
        """
        if not self.weight or not len(groups):
            return probabilities
        logs, n_others = np.log(probabilities + 1e-12), np.bincount(groups)[groups] - 1
        sums = np.stack([np.bincount(groups, weights=column) for column in logs.T], axis=1)
        rows = np.flatnonzero(n_others)
        count = n_others[rows, None]
        means = (sums[groups[rows]] - logs[rows]) / count
        logits = logs[rows] + self.weight * np.sqrt(np.minimum(count, _MAX_OTHERS)) * means
        combined = probabilities.copy()
        combined[rows] = softmax(logits / self.temperature)
        return combined


def group_ids(groups: Iterable[Hashable]) -> IdArray:
    """Group names (n,) as numbers from 0 on, in the order of their first occurrence.

    Examples
    --------
    >>> group_ids(["Miles Davis", "Nirvana", "Miles Davis"])
    array([0, 1, 0])
    """
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], np.int64)


def fit_collective(probabilities: DoubleArray, truth: IdArray, groups: IdArray) -> Collective:
    """The weight and temperature with the least log loss.

    Parameters
    ----------
    probabilities : (n, c)
        Out of fold, where a fold contains whole groups. In-sample probabilities would leak the labels of the others.
    truth : (n,)
        The correct class of each track.
    groups : (n,)
        Numbers from 0 on.

    Returns
    -------
    Collective
        The default, weight 0, if there are too few groups of two or more tracks or no weight gains significantly.
    """
    rows = np.flatnonzero(np.bincount(groups)[groups] > 1)
    _, row_groups = np.unique(groups[rows], return_inverse=True)
    if len(rows) < _MIN_TRACKS or row_groups.max() + 1 < _MIN_GROUPS:
        return Collective()
    every, labels = np.arange(len(rows)), truth[rows]
    best, least = Collective(), -np.log(probabilities[rows][every, labels] + 1e-12)
    for weight in WEIGHTS:
        logits = np.log(Collective(weight).combine(probabilities, groups)[rows] + 1e-12)
        candidate = Collective(weight, fit_temperature(logits, labels))
        losses = -np.log(softmax(logits / candidate.temperature)[every, labels] + 1e-12)
        gain, error = cluster_robust_gain(least - losses, row_groups)
        if gain > (0 if best.weight else error):  # only the first weight needs more than one standard error
            best, least = candidate, losses
    return best


def cluster_robust_gain(gains: DoubleArray, groups: IdArray) -> tuple[float, float]:
    """The mean of gains and its standard error over groups (Liang & Zeger, Biometrika 1986).

    The tracks of a group are not independent, so gains are averaged within groups before their spread is computed. The
    weight of a group is its number of tracks, at most :data:`MAX_GROUP_SIZE`, so that no large group dominates.

    Parameters
    ----------
    gains : (n,)
    groups : (n,)
        Numbers from 0 on, without gaps.

    Returns
    -------
    mean, error : float
        The error is infinite for a single group.

    Examples
    --------
    >>> cluster_robust_gain(np.array([1.0, 1.0, 0.0, 0.0]), np.array([0, 0, 1, 1]))
    (0.5, 0.5)
    """
    sizes = np.bincount(groups)
    weights = np.minimum(sizes, MAX_GROUP_SIZE)
    means = np.bincount(groups, weights=gains) / sizes
    mean = float((weights * means).sum() / weights.sum())
    if len(sizes) < 2:
        return mean, np.inf
    spread = (weights * (means - mean)) ** 2
    return mean, float(np.sqrt(spread.sum() * len(sizes) / (len(sizes) - 1)) / weights.sum())
