"""Whether two files are of one performance, from their fingerprints.

The same performance may be encoded in another format, louder or softer, with more or less silence, and cut off by up to
``MAX_CUT`` seconds at each end. Everything else is another performance: another take or mix, another tempo or pitch, a
part that is inserted or removed, added reverberation.

If nothing is cut off, every window is at the same position in both files, and its harmony is the same but for the
errors of codecs (``Evidence.unequal``). Otherwise the likelihoods of four explanations are compared. Windows differ the
more, the further apart they are in the music:

* *cut*: one is a part of the other, with an unknown offset;
* *stretched*: one has another tempo; every window is at the same position relative to the whole;
* *inserted*: one has a part more; windows before it agree without an offset, those after it with the largest offset;
* *different*: no offset makes windows agree.

Windows do not always distinguish a cut from a stretch, least of all in short music. For such pairs
(:func:`needs_audio`) the decision is provisional: an ingest compares their audio (:mod:`recsys.audio.coherence`).

``benchmarks/performances.py`` measures the decision, with the number of alternatives that were tried.
"""

from typing import NamedTuple

import numpy as np

from recsys.audio.windows import SECONDS
from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.fingerprint import N_HARMONY, Fingerprint

MAX_CUT, MAX_CUT_SHARE = 10.5, 0.2
"""The longest cut at either end, in seconds and as a share of the music."""
LARGEST_DIFFERENCE = 2 * MAX_CUT + 0.5
"""Difference of the lengths of music in seconds from which two files are different performances."""
KEY_DISTANCE = 9.0
"""The largest distance between the keys of files of one performance."""
MAX_UNEQUAL = 0.18
"""The largest difference in harmony between windows at the same position: of the same performance at most 0.13, of a
version with reverberation at least 0.27, at another pitch 0.40, on another instrument 0.52."""
EQUAL_SHARE = 0.004  # difference of lengths, as a share, up to which they may be equal: tempi differ by more
EDGE_SECONDS = 0.15  # by which a cut may begin or end outside of the longer music: its edges are found to 50 ms
SHORTEST_CUT = 30.0  # seconds of music below which it has too few windows to recognise a cut at its start
MAX_MISFIT, MAX_WORST_MISFIT, MAX_INSERTED = 1.9, 4.0, 0.15
MAX_DIFFERENT, NEAR_KEY, DIFFERENT_PER_KEY = -0.35, 7.0, -0.2  # the limit is stricter for less similar keys
# Limits of "stretched": usual; without a pulse; with the same tempo, as a cut explains then what a stretch does not,
# unless every window is changed; with the tempo of a stretch; where differences grow fast, as those of a version do.
MAX_STRETCHED, MAX_STRETCHED_NO_PULSE = -0.15, -0.1
SAME_TEMPO, MAX_STRETCHED_SAME_TEMPO, MAX_NEAREST = 0.25, 0.4, 0.22
OTHER_TEMPO, MAX_STRETCHED_OTHER_TEMPO = (0.75, 1.3), -0.6
FAST_GROWTH, MAX_STRETCHED_FAST = 8.0, -0.4
# Limits of pairs whose audio is compared: all cuts that were tried are within them, and few pairs of other songs.
SHORT_KEY_DISTANCE = 11.0  # between keys of short music, of which each window has a large part
PLAUSIBLE_KEY, PLAUSIBLE_MISFIT, PLAUSIBLE_WORST_MISFIT = 7.0, 3.0, 5.5
PLAUSIBLE_INSERTED, PLAUSIBLE_DIFFERENT, PLAUSIBLE_STRETCHED = 0.6, 0.5, 1.0
LIKELY_DIFFERENT = -0.25  # up to which the keys may differ as those of all candidates

# Of harmony and rhythm: squared deviation between codecs, smallest variance between windows, and weight.
_NOISE, _LEAST_VARIANCE, _WEIGHTS = np.array([0.03, 0.08]) ** 2, 0.01, np.array([0.6, 0.4])
_EXPONENT = 1.5  # with which squared differences grow with the distance in time, up to that of independent windows
_GROWTHS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])  # factors: how fast music changes within a window varies
_SCALES = np.array([0.5, 1.0, 2.0, 4.0])  # of the variance, for windows that do not agree
_DISTANCES = np.linspace(0, SECONDS, 61)  # seconds
_STEP = 0.1  # seconds between offsets
_IMPRECISION = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2])  # seconds by which a stretch may be uneven


class Evidence(NamedTuple):
    """How well two fingerprints agree.

    Attributes
    ----------
    unequal : float
        The largest difference in harmony of windows at the same position; infinite if the lengths differ.
    seconds : float
        The length of the shorter music.
    misfit, worst_misfit : float
        Mean and largest squared difference of windows, in expected squared differences, with the best offset.
    nearest : float
        The smallest difference in harmony of windows at the same relative position.
    growth : float
        By how much faster than usual the differences grow with the distance in time.
    stretched, inserted, different : float
        By how much another explanation is more likely than a cut, in log-likelihood for each window and dimension.
    tempo_ratio : float or None
        Logarithm of the ratio of tempi over that of lengths: 1 if one is played faster, 0 if not. None without a pulse,
        or if the lengths are equal.
    """

    unequal: float
    seconds: float
    misfit: float = np.inf
    worst_misfit: float = np.inf
    nearest: float = np.inf
    growth: float = np.inf
    stretched: float = np.inf
    inserted: float = np.inf
    different: float = np.inf
    tempo_ratio: float | None = None


def needs_audio(evidence: Evidence, key_distance: float) -> bool:
    """Whether the audio has to be compared, as windows alone do not decide."""
    if evidence.unequal < MAX_UNEQUAL and evidence.seconds >= SHORTEST_CUT:
        return False
    limit = KEY_DISTANCE if evidence.different < LIKELY_DIFFERENT else PLAUSIBLE_KEY
    return is_same(evidence, key_distance) or (
        key_distance <= (SHORT_KEY_DISTANCE if evidence.seconds < SHORTEST_CUT else limit)
        and evidence.misfit < PLAUSIBLE_MISFIT
        and evidence.worst_misfit < PLAUSIBLE_WORST_MISFIT
        and evidence.inserted < PLAUSIBLE_INSERTED
        and evidence.different < PLAUSIBLE_DIFFERENT
        and evidence.stretched < PLAUSIBLE_STRETCHED
    )


def is_same(evidence: Evidence, key_distance: float) -> bool:
    """Whether the evidence is that of one performance in two files, by their windows."""
    if key_distance > KEY_DISTANCE:
        return False
    if evidence.unequal < MAX_UNEQUAL:
        return True
    max_different = MAX_DIFFERENT + DIFFERENT_PER_KEY * max(0.0, key_distance - NEAR_KEY)
    return (
        evidence.seconds >= SHORTEST_CUT
        and evidence.misfit < MAX_MISFIT
        and evidence.worst_misfit < MAX_WORST_MISFIT
        and evidence.inserted < MAX_INSERTED
        and evidence.different < max_different
        and evidence.stretched < _max_stretched(evidence)
    )


def _max_stretched(evidence: Evidence) -> float:
    tempo, limit = evidence.tempo_ratio, MAX_STRETCHED
    if tempo is None:
        limit = MAX_STRETCHED_NO_PULSE
    elif abs(tempo) < SAME_TEMPO and evidence.nearest < MAX_NEAREST:
        limit = MAX_STRETCHED_SAME_TEMPO
    elif OTHER_TEMPO[0] < tempo < OTHER_TEMPO[1]:
        limit = MAX_STRETCHED_OTHER_TEMPO
    return min(limit, MAX_STRETCHED_FAST) if evidence.growth > FAST_GROWTH else limit


def compare(one: Fingerprint, other: Fingerprint) -> Evidence:
    """How well two fingerprints agree; symmetric.

    Examples
    --------
    >>> from recsys.recommend.fingerprint import COLUMNS
    >>> windows = np.random.default_rng(0).normal(size=(5, len(COLUMNS))).astype(np.float32)
    >>> track = Fingerprint(windows, np.arange(5) * 20.0, 0.0, 95.0, 120.0)
    >>> compare(track, track).unequal
    0.0
    """
    long, short = sorted((one, other), key=_order, reverse=True)
    squares = _squares(long, short)
    unequal = _unequal(long, short, squares[0])
    cut = long.duration - short.duration
    limit = min(MAX_CUT, MAX_CUT_SHARE * long.duration)
    if unequal < MAX_UNEQUAL or cut > 2 * limit:
        return Evidence(unequal, short.duration)
    model = _Model(long, short, squares)
    first, last = max(-EDGE_SECONDS, cut - limit), min(limit, cut + EDGE_SECONDS)
    offsets = np.arange(first, last + _STEP, _STEP)
    cost, misfit, worst, growth = model.cut(offsets)
    return Evidence(
        unequal,
        short.duration,
        misfit,
        worst,
        float(np.sqrt(squares[0].diagonal().min())),
        growth,
        cost - model.stretched(),
        cost - model.inserted(cut),
        cost - model.different(),
        _tempo_ratio(long, short),
    )


def _order(fingerprint: Fingerprint) -> tuple[float, float, float]:
    """A total order, so that the comparison is symmetric."""
    return fingerprint.duration, float(fingerprint.windows.sum(dtype=np.float64)), fingerprint.begin


def _squares(long: Fingerprint, short: Fingerprint) -> DoubleArray:
    """Mean squared differences in harmony and rhythm of each pair of windows, (2, w, v)."""
    squares = (long.windows[:, None].astype(np.float64) - short.windows[None]) ** 2
    return np.stack([squares[..., :N_HARMONY].mean(axis=2), squares[..., N_HARMONY:].mean(axis=2)])


def _unequal(long: Fingerprint, short: Fingerprint, squares: DoubleArray) -> float:
    """The largest difference in harmony between windows at the same position; infinite if there are none."""
    n, cut = min(len(long.starts), len(short.starts)), long.duration - short.duration
    factor = 1.0
    if long.is_contiguous and short.is_contiguous:
        # Full windows have the same position, whatever the length, and the last one may be longer in one of them. If
        # one is played faster, the first windows nearly agree and the lengths are not known: differences count more.
        n -= n > 1 and cut > 0
        factor = 2.0 if cut > EDGE_SECONDS else 1.5
    elif len(long.starts) != len(short.starts) or cut > EQUAL_SHARE * long.duration:
        n = 0
    return factor * float(np.sqrt(squares.diagonal()[:n].max())) if n else np.inf


def _tempo_ratio(long: Fingerprint, short: Fingerprint) -> float | None:
    if not long.bpm or not short.bpm or long.duration - short.duration < EQUAL_SHARE * long.duration:
        return None
    return float(np.log(short.bpm / long.bpm) / np.log(long.duration / short.duration))


class _Model:
    """The costs of window pairs, minus twice the log-likelihood, by the distance in time between the windows."""

    def __init__(self, long: Fingerprint, short: Fingerprint, squares: DoubleArray) -> None:
        self._long, self._short = long.starts - long.begin, short.starts - short.begin
        self._ratio = short.duration / long.duration
        self._squares = squares
        self._variance = _variance(long) + _variance(short)
        growth = np.outer(_GROWTHS, (_DISTANCES / SECONDS) ** _EXPONENT)
        expected = _NOISE[:, None, None] + np.multiply.outer(self._variance, growth)  # (2, growths, distances)
        self._log = np.tensordot(_WEIGHTS, np.log(expected), 1)
        self._misfit = np.einsum("k,kgd,kij->gdij", _WEIGHTS, 1 / expected, squares)

    def cut(self, offsets: DoubleArray) -> tuple[float, float, float, float]:
        """Mean cost, mean and largest misfit of windows that overlap, and growth, of the most likely offset."""
        costs, misfits, distances = self._at(offsets)
        means = costs.mean(axis=2)
        growth, best = np.unravel_index(int(means.argmin()), means.shape)
        overlapping = misfits[growth, best][distances[best] < SECONDS - 1]
        if not overlapping.size:
            return np.inf, np.inf, np.inf, np.inf
        cost, factor = float(means[growth, best]), float(_GROWTHS[growth])
        return cost, float(overlapping.mean()), float(overlapping.max()), factor

    def _at(self, offsets: DoubleArray) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
        """Costs and misfits (g, o, v), and distances (o, v), if the short music begins at ``offsets`` (o,) in the long.

        Each window of the short one is compared with the nearest of the long one.
        """
        return self._pairs(np.abs(self._long[:, None] - self._short - offsets[:, None, None]))

    def _pairs(self, distances: DoubleArray) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
        nearest, distance = distances.argmin(axis=1), distances.min(axis=1)
        misfits = self._misfit[:, _steps(distance), nearest, np.arange(len(self._short))]
        return self._log[:, _steps(distance)] + misfits, misfits, distance

    def stretched(self) -> float:
        """Mean cost if one is played faster: windows at the same relative position agree, as precisely as is likely."""
        distances = np.abs(self._long[:, None] * self._ratio - self._short)
        costs, _, _ = self._pairs(distances + _IMPRECISION[:, None, None])
        return float(costs.mean(axis=2).min())

    def inserted(self, cut: float) -> float:
        """Mean cost if windows up to one agree without an offset, and those after it with an offset of ``cut``."""
        costs, _, _ = self._at(np.array([0.0, cut]))
        before, after = np.cumsum(costs[:, 0], axis=1), np.cumsum(costs[:, 1, ::-1], axis=1)[:, ::-1]
        totals = before[:, :-1] + after[:, 1:]
        return float(totals.min(initial=np.inf)) / len(self._short)

    def different(self) -> float:
        """Mean cost if the differences of all pairs of windows are as large, as is most likely."""
        expected = _NOISE + np.outer(_SCALES, self._variance)
        costs = (np.log(expected) + self._squares.mean(axis=(1, 2)) / expected) @ _WEIGHTS
        return float(costs.min())


def _steps(distance: DoubleArray) -> IdArray:
    """The nearest of ``_DISTANCES``."""
    steps: IdArray = np.rint(np.minimum(distance, SECONDS) / _DISTANCES[1]).astype(np.int64)
    return steps


def _variance(fingerprint: Fingerprint) -> DoubleArray:
    """Mean variance (2,) of harmony and rhythm between the windows of a track."""
    windows = fingerprint.windows.astype(np.float64)
    own = windows.var(axis=0, ddof=1) if len(windows) > 1 else np.zeros(windows.shape[1])
    return np.maximum([own[:N_HARMONY].mean(), own[N_HARMONY:].mean()], _LEAST_VARIANCE)
