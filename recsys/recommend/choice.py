"""Which of many candidates stand in a list: the best that keeps to what is wished, and by how much it does not.

Caps (so many of an artist, an album; a work once; room for the artist gap) always hold: a list rather gets shorter.
Length and quotas give way where they cannot be met, length last. First a list is chosen greedily, each interest in its
turn, by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998). Where that misses a wish, the list is chosen
anew as an integer program (HiGHS, through scipy), which finds a list that keeps to all of them if there is any.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.recommend.wish import Quota, Wish
from recsys.types import DoubleArray, FloatArray, IdArray

NEAR_ENOUGH = 30.0  # seconds that a list may be longer or shorter than wished
_TRACK, _SECOND, _QUOTA, _INTEREST = 1000.0, 5.0, 50.0, 1.0  # what it costs to lack one
_DULL = 0.7  # how much likeness to what is there costs at the highest variety
_NODES = 2000  # of the search for the best of all lists that are possible
_PATIENCE = 20  # lists that are forbidden, before each artist gets fewer
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Candidates:
    """n tracks to choose from, with what counts: numbers (n,), the same for what belongs together.

    ``worth`` (n,) in about [-1, 1]; ``vectors`` (n, d); ``seconds`` (n,); ``interests``, ``works``, and ``artists`` and
    ``albums``, which are negative where nobody is named; ``quotas`` (q, n) whether a track counts for each quota.
    """

    worth: DoubleArray
    vectors: FloatArray
    seconds: DoubleArray
    interests: IdArray
    works: IdArray
    artists: IdArray
    albums: IdArray
    quotas: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"


class Shortfall(NamedTuple):
    """What a list lacks: tracks, seconds (negative where it is too long), and tracks of each quota, likewise."""

    tracks: int
    seconds: float
    quotas: tuple[float, ...]

    @property
    def met(self) -> bool:
        """Nothing is lacking."""
        return not (self.tracks or self.seconds or any(self.quotas))


def choose(candidates: Candidates, wish: Wish, due: DoubleArray) -> list[int]:
    """Places of the chosen candidates, the most wanted first; ``due`` (i,) is the share of each interest."""
    chosen, gains = _greedily(candidates, wish, due)
    met = shortfall(candidates, wish, chosen).met or _all_there_is(candidates, wish, chosen)
    if not (met and _has_room(candidates, wish, chosen)):
        chosen = _exactly(candidates, wish, due, gains)
    return sorted(chosen, key=lambda i: (-candidates.worth[i], i))


def _all_there_is(candidates: Candidates, wish: Wish, chosen: list[int]) -> bool:
    """Every candidate stands in the list, which is too short for nothing but a lack of others."""
    return len(chosen) == len(candidates.worth) and not wish.quotas


def shortfall(candidates: Candidates, wish: Wish, chosen: list[int]) -> Shortfall:
    """By how much a list misses what is wished."""
    length = float(candidates.seconds[chosen].sum())
    short = 0.0 if wish.seconds is None else _beyond(wish.seconds - length, NEAR_ENOUGH)
    lacking = []
    for quota, members in zip(wish.quotas, candidates.quotas, strict=True):
        lacking.append(_beyond(_wanted(quota, len(chosen)) - int(members[chosen].sum()), 0 if quota.count else _LOOSE))
    return Shortfall(max(0, (wish.n or 0) - len(chosen)), short, tuple(lacking))


_LOOSE = 0.999  # tracks by which a share may be missed: there are no half tracks


def _wanted(quota: Quota, n: int) -> float:
    return float(quota.count or 0) if quota.share is None else quota.share * n


def _beyond(amount: float, tolerated: float) -> float:
    return amount if abs(amount) > tolerated else 0.0


def _greedily(candidates: Candidates, wish: Wish, due: DoubleArray) -> tuple[list[int], DoubleArray]:
    """The best of what may still join, of the interest whose turn it is; and what each candidate was worth in its turn.

    An interest's turn comes when it has the least of what it is due.
    """
    n = len(candidates.worth)
    dull = _DULL * wish.variety / 10
    gains, nearest = np.full(n, -np.inf), np.full(n, -1.0)
    free, taken, order = np.ones(n, bool), np.zeros(len(due)), []
    chosen: list[int] = []
    counts: dict[tuple[str, int], int] = {}
    length = 0.0
    while free.any():
        value = (1 - dull) * candidates.worth - dull * np.maximum(nearest, 0)
        rows = np.flatnonzero(free)
        open_to = np.unique(candidates.interests[rows])
        turn = open_to[np.argmin((taken[open_to] + 1) / np.maximum(due[open_to], 1e-9))]
        rows = rows[candidates.interests[rows] == turn]
        best = int(rows[np.argmax(value[rows])])
        free[best] = False
        gains[best] = value[best]
        order.append(best)
        if not _full(wish, len(chosen), length) and _fits(candidates, wish, counts, best):
            chosen.append(best)
            length += candidates.seconds[best]
            for key in _groups(candidates, best):
                counts[key] = counts.get(key, 0) + 1
            taken[turn] += 1
            nearest = np.maximum(nearest, candidates.vectors @ candidates.vectors[best])
        elif _full(wish, len(chosen), length):
            gains[free] = value[free]
            break
    return chosen, gains


def _full(wish: Wish, n: int, length: float) -> bool:
    if wish.seconds is not None:
        return length >= wish.seconds - NEAR_ENOUGH
    return n >= (wish.n or 0)


def _groups(candidates: Candidates, i: int) -> list[tuple[str, int]]:
    numbers = (("work", candidates.works), ("artist", candidates.artists), ("album", candidates.albums))
    return [(kind, int(each[i])) for kind, each in numbers]


def _fits(candidates: Candidates, wish: Wish, counts: dict[tuple[str, int], int], i: int) -> bool:
    caps = (1, wish.per_artist, wish.per_album)
    return not any(
        cap and number >= 0 and counts.get((kind, number), 0) >= cap
        for cap, (kind, number) in zip(caps, _groups(candidates, i), strict=True)
    )


def _has_room(candidates: Candidates, wish: Wish, chosen: list[int]) -> bool:
    """Whether an order exists that keeps the tracks of each artist so far apart."""
    artists = candidates.artists[chosen]
    counts = np.bincount(artists[artists >= 0]) if (artists >= 0).any() else np.zeros(1, int)
    most = int(counts.max())
    return most < 2 or (most - 1) * (wish.artist_gap + 1) + int((counts == most).sum()) <= len(chosen)


def _exactly(candidates: Candidates, wish: Wish, due: DoubleArray, gains: DoubleArray) -> list[int]:
    """The best of the lists that lack least; those whose order has no room for the gap are forbidden one by one."""
    forbidden: list[tuple[IdArray, int]] = []
    cap = wish.per_artist or len(gains)
    while True:
        chosen = _programmed(candidates, wish, due, gains, cap, forbidden)
        if cap <= 1 or _has_room(candidates, wish, chosen):
            return chosen
        artists = candidates.artists[chosen]
        counts = np.bincount(artists[artists >= 0])
        forbidden.append((np.flatnonzero(counts == counts.max()), int(counts.max())))
        if len(forbidden) > _PATIENCE:
            cap = int(counts.max()) - 1


def _programmed(
    candidates: Candidates,
    wish: Wish,
    due: DoubleArray,
    gains: DoubleArray,
    cap: int,
    forbidden: list[tuple[IdArray, int]],
) -> list[int]:
    """Two programs: the least that must be lacking, then the most worth that lacks no more."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(gains)
    if not n:
        return []
    rows, low, high, costs = _program(candidates, wish, due, cap, forbidden)
    slack = rows.shape[1] - n
    whole = np.ones(n + slack)  # whole seconds too: HiGHS prints where it has to mend a mixed solution
    upper = np.concatenate([np.ones(n), np.full(slack, np.inf)])
    limits = LinearConstraint(rows, low, high)
    lacking = np.concatenate([np.zeros(n), costs])
    first = milp(
        lacking, integrality=whole, bounds=Bounds(0, upper), constraints=limits,
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if first.x is None:  # cannot be: the empty list lacks much, but is one
        return []
    value = gains - gains.min() + 0.05
    if wish.seconds is not None:
        value = value * candidates.seconds
    worth = np.concatenate([-value / value.max(), np.zeros(slack)])
    enough = LinearConstraint(lacking[None, :], -np.inf, float(lacking @ first.x) + _TINY)
    second = milp(
        worth, integrality=whole, bounds=Bounds(0, upper), constraints=[limits, enough],
        options={"node_limit": _NODES, "mip_rel_gap": 1e-3},
    )  # fmt: skip
    found = first.x if second.x is None else second.x
    return [int(i) for i in np.flatnonzero(found[:n] > 0.5)]


def _program(
    candidates: Candidates, wish: Wish, due: DoubleArray, cap: int, forbidden: list[tuple[IdArray, int]]
) -> tuple[DoubleArray, DoubleArray, DoubleArray, DoubleArray]:
    """Rows (r, n + s), their bounds (r,), and what each of the s things that may be lacking costs."""
    n = len(candidates.worth)
    rows: list[DoubleArray] = []
    bounds: list[tuple[float, float]] = []
    slacks: list[tuple[int, float, float]] = []  # row, sign, cost

    def limit(row: DoubleArray, low: float, high: float, cost: float | None = None) -> None:
        if cost is not None:
            slacks.extend((len(rows), sign, cost) for sign, end in ((1.0, low), (-1.0, high)) if np.isfinite(end))
        rows.append(row)
        bounds.append((low, high))

    ones = np.ones(n)
    for numbers, most in ((candidates.works, 1), (candidates.artists, cap), (candidates.albums, wish.per_album)):
        for number in np.unique(numbers[numbers >= 0]):
            members = (numbers == number).astype(float)
            if most and members.sum() > most:
                limit(members, -np.inf, most)
            if numbers is candidates.artists and members.sum() > 1 and wish.artist_gap:
                limit((wish.artist_gap + 1) * members - ones, -np.inf, wish.artist_gap)
    for artists, most in forbidden:  # not all of them so often
        limit(np.isin(candidates.artists, artists).astype(float), -np.inf, len(artists) * most - 1)
    if wish.seconds is None:
        limit(ones, -np.inf, float(wish.n or 0))
        limit(ones, float(wish.n or 0), np.inf, _TRACK)
    else:
        limit(candidates.seconds, wish.seconds - NEAR_ENOUGH, wish.seconds + NEAR_ENOUGH, _SECOND)
    for quota, counted in zip(wish.quotas, candidates.quotas, strict=True):
        if quota.share is None:
            limit(counted.astype(float), float(quota.count or 0), float(quota.count or 0), _QUOTA)
        else:
            limit(counted - quota.share * ones, -_LOOSE, _LOOSE, _QUOTA)
    for interest, share in enumerate(due):
        members = (candidates.interests == interest).astype(float)
        if members.any():
            limit(members - share / 2 * ones, 0, np.inf, _INTEREST)
    table = np.zeros((len(rows), n + len(slacks)))
    table[:, :n] = rows
    for column, (row, sign, _) in enumerate(slacks, start=n):
        table[row, column] = sign
    low, high = np.array(bounds).T
    return table, low, high, np.array([cost for _, _, cost in slacks])
