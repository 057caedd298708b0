"""Which of many candidates stand in a list: the best that keeps to what is wished, and by how much it does not.

Caps (so many of an artist, an album; a work once; room for the artist gap) always hold: a list rather gets shorter.
Length and quotas give way where they cannot be met, length last. First a list is chosen greedily, each interest in its
turn, by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998). Where that misses a wish, the list is chosen
anew as an integer program (HiGHS, through scipy), which finds a list that keeps to all of them if there is any.
"""

from dataclasses import replace

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.recommend.candidates import NEAR_ENOUGH, Candidates, shortfall
from recsys.recommend.constraints import Wish
from recsys.recommend.milp import programmed

_DULL = 0.7  # how much likeness to what is there costs at the highest variety


def choose(candidates: Candidates, wish: Wish, due: DoubleArray) -> list[int]:
    """Places of the chosen candidates, the most wanted first; ``due`` (i,) is the share of each interest."""
    chosen, gains = _greedily(candidates, wish, due)
    met = shortfall(candidates, wish, chosen).met or _all_there_is(candidates, wish, chosen)
    if not (met and _has_room(candidates, wish, chosen)):
        better = programmed(candidates, wish, due, gains)
        if not better and candidates.fixed:  # what is fixed leaves no room for the gap by itself
            better = programmed(candidates, replace(wish, artist_gap=0), due, gains)
        room = _has_room(candidates, wish, chosen)
        if not (room and shortfall(candidates, wish, chosen).less_than(shortfall(candidates, wish, better))):
            chosen = better
    return sorted(chosen, key=lambda i: (-candidates.worth[i], i))


def _all_there_is(candidates: Candidates, wish: Wish, chosen: list[int]) -> bool:
    """Every candidate stands in the list, which is too short for nothing but a lack of others."""
    too_long = wish.seconds is not None and shortfall(candidates, wish, chosen).seconds < 0
    return len(chosen) == len(candidates.worth) and not wish.quotas and not too_long


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
    for i in range(candidates.fixed):
        chosen.append(i)
        free[i] = False
        gains[i] = candidates.worth[i]
        length += candidates.seconds[i]
        taken[candidates.interests[i]] += 1
        nearest = np.maximum(nearest, candidates.vectors @ candidates.vectors[i])
        for key in _groups(candidates, i):
            counts[key] = counts.get(key, 0) + 1
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
