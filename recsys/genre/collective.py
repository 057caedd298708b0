"""What the tracks of one artist say of each other: collective classification (Sen et al., AI Magazine 2008).

An artist rarely changes genre from one track to the next, so what a model thinks of the others tells something of
each. To the log probabilities of a track are added, by a weight, those of the others of its group, as many times as
the root of their number: their errors are alike, and a hundred of them are no hundred witnesses. Weight and
temperature are learned from labelled tracks; where artists do change genre, the weight comes out as nothing. It must
gain by more than one standard error over artists: what is sure is counted in artists, not in tracks.
"""

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import fit_temperature
from recsys.genre.model import softmax

WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5)
_MIN_TRACKS = 20  # tracks that are not alone, to learn from, and
_MIN_GROUPS = 5  # groups of them
_MAX_ITERATIONS = 9  # others that count
MAX_GROUP_SIZE = 4  # tracks as which a group counts, at most, where gains are judged; 1, 4 and 10 are alike on Emotify


class Collective(NamedTuple):
    """How much the others of a group count, and the temperature of what comes out; by itself they count nothing."""

    weight: float = 0.0
    temperature: float = 1.0

    def combine(self, probabilities: DoubleArray, groups: IdArray) -> DoubleArray:
        """Probabilities (n, c) of tracks in the groups (n,), each by itself and by the others of its group.

        A track that is alone keeps its own.

        Examples
        --------
        >>> alone = np.array([[0.6, 0.4], [0.1, 0.9], [0.6, 0.4]])
        >>> Collective(1.0).combine(alone, np.array([0, 0, 1])).round(2)
        array([[0.14, 0.86],
               [0.14, 0.86],
               [0.6 , 0.4 ]])
        """
        if not self.weight or not len(groups):
            return probabilities
        logs, others = np.log(probabilities + 1e-12), np.bincount(groups)[groups] - 1
        sums = np.stack([np.bincount(groups, weights=column) for column in logs.T], axis=1)
        company = np.flatnonzero(others)
        count = others[company, None]
        means = (sums[groups[company]] - logs[company]) / count
        heard = logs[company] + self.weight * np.sqrt(np.minimum(count, _MAX_ITERATIONS)) * means
        found = probabilities.copy()
        found[company] = softmax(heard / self.temperature)
        return found


def group_ids(groups: Iterable[Hashable]) -> IdArray:
    """Groups (n,) as numbers from 0 on."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], np.int64)


def fit_collective(probabilities: DoubleArray, truth: IdArray, groups: IdArray) -> Collective:
    """The weight and the temperature by which the genres (n,) become most probable.

    ``probabilities`` (n, c) must come from a model that has learned from no track of a group (n,) that it is asked
    about, or the others would tell what they have been told.
    """
    company = np.flatnonzero(np.bincount(groups)[groups] > 1)
    _, theirs = np.unique(groups[company], return_inverse=True)
    if len(company) < _MIN_TRACKS or theirs.max() + 1 < _MIN_GROUPS:
        return Collective()
    rows, known = np.arange(len(company)), truth[company]
    best, least = Collective(), -np.log(probabilities[company][rows, known] + 1e-12)
    for weight in WEIGHTS:
        logits = np.log(Collective(weight).combine(probabilities, groups)[company] + 1e-12)
        tried = Collective(weight, fit_temperature(logits, known))
        losses = -np.log(softmax(logits / tried.temperature)[rows, known] + 1e-12)
        gain, error = cluster_robust_gain(least - losses, theirs)
        if gain > (0 if best.weight else error):  # the first must be sure to gain
            best, least = tried, losses
    return best


def cluster_robust_gain(gains: DoubleArray, groups: IdArray) -> tuple[float, float]:
    """The mean of gains (n,) and its standard error over the groups (n,), which are numbers from 0 on.

    The tracks of a group are no independent witnesses, so its gains are summed before their spread is taken (a
    cluster-robust error, Liang & Zeger, Biometrika 1986). A group counts as its first tracks, :data:`MAX_GROUP_SIZE` at
    most: a giant speaks for itself, not for the others.

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
