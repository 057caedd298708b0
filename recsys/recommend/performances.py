"""Whether two files are of one performance, from their fingerprints.

The same performance may be encoded in another format, louder or softer, with more or less silence, and cut off by up to
``MAX_CUT`` seconds at each end. Everything else is another performance: another take or mix, another tempo or pitch, a
part that was inserted or removed, added reverberation.

If both have the same length of music, each window is at the same position in both, and its harmony must be the same but
for the errors of codecs. If the lengths differ, three explanations are compared by the likelihood of the differences
between windows, which grow with the distance between their positions in time:

* *cut*: one is a part of the other, from an unknown offset; windows are at different positions;
* *stretched*: one has another tempo; every window is at the same position relative to the whole;
* *inserted*: one has a part more; windows before it agree with an offset of 0, those after it with the largest offset.

``Evidence`` has the numbers, :func:`is_same` the decision. ``benchmarks/performances.py`` measures it.
"""

from typing import NamedTuple

import numpy as np

from recsys.audio.windows import SECONDS
from recsys.domain.arrays import DoubleArray
from recsys.recommend.fingerprint import COLUMNS, N_HARMONY, Fingerprint

MAX_CUT, MAX_CUT_SHARE = 10.5, 0.2
"""The longest cut at either end, in seconds and as a share of the music."""
LARGEST_DIFFERENCE = 2 * MAX_CUT + 0.5
"""Difference of the lengths of music, in seconds, from which two files are different performances."""
KEY_DISTANCE = 2.9
"""The largest distance between the keys of files of one performance."""
MAX_UNEQUAL = 0.18
"""The largest difference in harmony between windows at the same position."""
MAX_MISFIT, MAX_WORST_MISFIT = 3.2, 6.2
MAX_INSERTED, MAX_STRETCHED = -0.5, -0.25
SAME_TEMPO, MAX_STRETCHED_SAME_TEMPO = 0.25, 0.5
OTHER_TEMPO = (0.7, 1.4)
EDGE_SECONDS = 0.15  # the edges of music are found to 50 ms, and codecs move them
EQUAL_SECONDS = 0.12  # difference of length below which nothing was cut

# Deviation of harmony and rhythm between codecs, and smallest variance between windows, in squared reference deviations.
_NOISE_HARMONY, _NOISE_RHYTHM, _LEAST_VARIANCE = 0.03, 0.08, 0.005
_WEIGHT_HARMONY = 0.6
_SHRINKAGE = 0.3  # of the variance of a dimension to the mean of its group: five windows estimate it badly
_GROWTHS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
_EXPONENT = 1.5  # exponent with which differences grow with the distance in time
_STEP = 0.1  # seconds between offsets
_STRETCHED = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2])  # seconds: how far a stretch moves

_GROUPS = (slice(0, N_HARMONY), slice(N_HARMONY, len(COLUMNS)))
_NOISE = np.repeat([_NOISE_HARMONY**2, _NOISE_RHYTHM**2], [N_HARMONY, len(COLUMNS) - N_HARMONY])
_WEIGHTS = np.concatenate(
    [np.full(part.stop - part.start, w / (part.stop - part.start)) for part, w in zip(_GROUPS, (_WEIGHT_HARMONY, 1 - _WEIGHT_HARMONY), strict=True)]
)
_DISTANCES = np.linspace(0, SECONDS, 61)  # seconds


class Evidence(NamedTuple):
    """How well two fingerprints agree.

    Attributes
    ----------
    seconds : float
        By how much the music of one is longer.
    unequal : float
        The largest difference in harmony of windows at the same position; infinite if they cannot be compared.
    misfit : float
        Mean squared difference of the windows from those of a part of the other, in expected squared differences.
    worst_misfit : float
        The largest of a window.
    stretched, inserted : float
        By how much another explanation is more likely than a cut, in log-likelihood for each window and dimension.
    tempo_ratio : float or None
        Logarithm of the ratio of tempi over that of the lengths: 1 if one is played faster; None without a pulse.
    """

    seconds: float
    unequal: float
    misfit: float = np.inf
    worst_misfit: float = np.inf
    stretched: float = np.inf
    inserted: float = np.inf
    different: float = np.inf
    growth: float = np.inf
    tempo_ratio: float | None = None


def compare(one: Fingerprint, other: Fingerprint) -> Evidence:
    """How well two fingerprints agree; symmetric."""
    long, short = (one, other) if _order(one) >= _order(other) else (other, one)
    cut = long.duration - short.duration
    squares = (long.windows[:, None].astype(np.float64) - short.windows[None]) ** 2
    unequal = _unequal(long, short, squares)
    limit = min(MAX_CUT, MAX_CUT_SHARE * long.duration)
    if cut > 2 * limit + EDGE_SECONDS:
        return Evidence(cut, unequal)
    model = _Model(long, short, squares)
    offsets = np.arange(max(-EDGE_SECONDS, cut - limit), min(limit, cut) + EDGE_SECONDS + _STEP, _STEP)
    cost, misfit, worst, growth = model.cut(offsets)
    return Evidence(
        cut,
        unequal,
        misfit,
        worst,
        cost - model.stretched(),
        cost - model.inserted(cut),
        cost - model.different(),
        growth,
        _tempo_ratio(long, short),
    )


def is_same(evidence: Evidence, key_distance: float) -> bool:
    """Whether the evidence is that of one performance in two files."""
    if key_distance > KEY_DISTANCE:
        return False
    if evidence.seconds < EQUAL_SECONDS:
        return evidence.unequal < MAX_UNEQUAL
    if evidence.misfit > MAX_MISFIT or evidence.worst_misfit > MAX_WORST_MISFIT or evidence.inserted > MAX_INSERTED:
        return False
    tempo = evidence.tempo_ratio
    if tempo is not None and OTHER_TEMPO[0] < tempo < OTHER_TEMPO[1]:
        return False
    if evidence.stretched < MAX_STRETCHED:
        return True
    return tempo is not None and abs(tempo) < SAME_TEMPO and evidence.stretched < MAX_STRETCHED_SAME_TEMPO


def _order(fingerprint: Fingerprint) -> tuple[float, float, float]:
    """A total order, so that the comparison is symmetric."""
    return fingerprint.duration, float(fingerprint.windows.sum()), fingerprint.begin


def _unequal(long: Fingerprint, short: Fingerprint, squares: DoubleArray) -> float:
    """The largest difference in harmony between windows at the same position."""
    if len(long.starts) != len(short.starts):
        return np.inf
    same = np.arange(len(short.starts))
    return float(np.sqrt(squares[same, same, :N_HARMONY].mean(axis=1)).max())


def _tempo_ratio(long: Fingerprint, short: Fingerprint) -> float | None:
    if not long.bpm or not short.bpm or long.duration <= short.duration:
        return None
    return float(np.log(short.bpm / long.bpm) / np.log(long.duration / short.duration))


class _Model:
    """The costs of window pairs, minus twice the log-likelihood, by the distance in time between the windows."""

    def __init__(self, long: Fingerprint, short: Fingerprint, squares: DoubleArray) -> None:
        self._long, self._short = long.starts - long.begin, short.starts - short.begin
        self._squares = squares
        self._variance = _variance(long) + _variance(short)
        distance = (_DISTANCES / SECONDS) ** _EXPONENT
        expected = _NOISE + np.multiply.outer(np.outer(_GROWTHS, distance), self._variance)  # (growths, distances, c)
        self._log = np.log(expected) @ _WEIGHTS
        self._misfit = np.moveaxis(squares @ np.moveaxis(_WEIGHTS / expected, 2, 0).reshape(squares.shape[2], -1), 2, 0).reshape(len(_GROWTHS), len(_DISTANCES), *squares.shape[:2])

    def _at(self, offsets: DoubleArray) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
        """Costs and misfits (g, o, w), and distances (o, w), if the short music begins at ``offsets`` (o,) in the long one.

        Each window of the short one is compared with the nearest of the long one.
        """
        distances = np.abs(self._long[:, None] - self._short - offsets[:, None, None])
        nearest, distance = distances.argmin(axis=1), distances.min(axis=1)
        step = np.rint(np.minimum(distance, SECONDS) / _DISTANCES[1]).astype(np.int64)
        misfits = self._misfit[:, step, nearest, np.arange(len(self._short))]
        return self._log[:, step] + misfits, misfits, distance

    def cut(self, offsets: DoubleArray) -> tuple[float, float, float, float]:
        """Cost, mean and largest misfit, and growth of the most likely offset."""
        costs, misfits, distances = self._at(offsets)
        means = costs.mean(axis=2)
        growth, best = np.unravel_index(int(means.argmin()), means.shape)
        aligned = misfits[growth, best][distances[best] < SECONDS - 1]
        if not aligned.size:
            return np.inf, np.inf, np.inf, np.inf
        return float(means[growth, best]), float(aligned.mean()), float(aligned.max()), float(_GROWTHS[growth])

    def inserted(self, cut: float) -> float:
        """Mean cost if windows up to one agree without an offset, and those after it with an offset of ``cut``."""
        costs, _, _ = self._at(np.array([0.0, cut]))
        begin, end = costs[:, 0], costs[:, 1]
        return min(
            (float((begin[:, :k].sum(axis=1) + end[:, k:].sum(axis=1)).min()) / begin.shape[1] for k in range(1, begin.shape[1])),
            default=np.inf,
        )

    def stretched(self) -> float:
        """Mean cost if every window is at the same relative position, with the most likely imprecision."""
        same = np.arange(min(len(self._long), len(self._short)))
        steps = np.rint(_STRETCHED / _DISTANCES[1]).astype(np.int64)
        return float((self._log[:, steps] + self._misfit[:, steps][:, :, same, same].mean(axis=2)).min())

    def different(self) -> float:
        """Mean cost if no offset makes windows agree: the differences are as large as any."""
        nearest = self._squares.min(axis=0) if False else self._squares
        scales = np.array([0.5, 1.0, 2.0, 4.0])
        costs = [
            (np.log(_NOISE + s * self._variance) @ _WEIGHTS + (nearest / (_NOISE + s * self._variance)) @ _WEIGHTS).mean()
            for s in scales
        ]
        return float(min(costs))


def _variance(fingerprint: Fingerprint) -> DoubleArray:
    """Variance (c,) between the windows of a track."""
    windows = fingerprint.windows.astype(np.float64)
    own = windows.var(axis=0, ddof=1) if len(windows) > 1 else np.zeros(windows.shape[1])
    means = np.concatenate([np.full(part.stop - part.start, own[part].mean()) for part in _GROUPS])
    variance: DoubleArray = (1 - _SHRINKAGE) * own + _SHRINKAGE * means + _LEAST_VARIANCE
    return variance
