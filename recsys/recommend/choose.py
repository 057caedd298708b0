"""Which of many candidates stand in a list: the best that keeps to what is wished, and by how much it does not.

Caps (so many of an artist, an album; a work once; room for the artist gap) always hold: a list rather gets shorter.
Length and quotas give way where they cannot be met, length last. First a list is chosen greedily, each interest in its
turn, by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998). Where that misses a wish, the list is chosen
anew as an integer program (HiGHS, through scipy), which finds a list that keeps to all of them if there is any.
"""

from dataclasses import replace

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.recommend.candidates import TOLERATED_SECONDS, Candidates, constraint_violation
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.milp import solve_milp

_MMR_PENALTY = 0.7  # how much likeness to what is there costs at the highest variety


def select_tracks(candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray) -> list[int]:
    """Places of the chosen candidates, the most wanted first; ``target_shares`` (i,) is the share of each interest."""
    chosen, gains = _mmr(candidates, constraints, target_shares)
    met = constraint_violation(candidates, constraints, chosen).is_satisfied or _is_everything(
        candidates, constraints, chosen
    )
    if not (met and _can_grow(candidates, constraints, chosen)):
        better = solve_milp(candidates, constraints, target_shares, gains)
        if not better and candidates.fixed:  # what is fixed leaves no room for the gap by itself
            better = solve_milp(candidates, replace(constraints, min_artist_gap=0), target_shares, gains)
        room = _can_grow(candidates, constraints, chosen)
        if not (
            room
            and constraint_violation(candidates, constraints, chosen).is_less_than(
                constraint_violation(candidates, constraints, better)
            )
        ):
            chosen = better
    return sorted(chosen, key=lambda i: (-candidates.scores[i], i))


def _is_everything(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> bool:
    """Every candidate stands in the list, which is too short for nothing but a lack of others."""
    too_long = constraints.seconds is not None and constraint_violation(candidates, constraints, chosen).seconds < 0
    return len(chosen) == len(candidates.scores) and not constraints.quotas and not too_long


def _mmr(
    candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray
) -> tuple[list[int], DoubleArray]:
    """The best of what may still join, of the interest whose turn it is; and what each candidate was worth in its turn.

    An interest's turn comes when it has the least of what it is due.
    """
    n = len(candidates.scores)
    dull = _MMR_PENALTY * constraints.diversity / 10
    gains, nearest = np.full(n, -np.inf), np.full(n, -1.0)
    free, taken, order = np.ones(n, bool), np.zeros(len(target_shares)), []
    chosen: list[int] = []
    counts: dict[tuple[str, int], int] = {}
    length = 0.0
    for i in range(candidates.fixed):
        chosen.append(i)
        free[i] = False
        gains[i] = candidates.scores[i]
        length += candidates.seconds[i]
        taken[candidates.interests[i]] += 1
        nearest = np.maximum(nearest, candidates.vectors @ candidates.vectors[i])
        for key in _groups(candidates, i):
            counts[key] = counts.get(key, 0) + 1
    while free.any():
        value = (1 - dull) * candidates.scores - dull * np.maximum(nearest, 0)
        rows = np.flatnonzero(free)
        open_to = np.unique(candidates.interests[rows])
        turn = open_to[np.argmin((taken[open_to] + 1) / np.maximum(target_shares[open_to], 1e-9))]
        rows = rows[candidates.interests[rows] == turn]
        best = int(rows[np.argmax(value[rows])])
        free[best] = False
        gains[best] = value[best]
        order.append(best)
        if not _is_full(constraints, len(chosen), length) and _fits(candidates, constraints, counts, best):
            chosen.append(best)
            length += candidates.seconds[best]
            for key in _groups(candidates, best):
                counts[key] = counts.get(key, 0) + 1
            taken[turn] += 1
            nearest = np.maximum(nearest, candidates.vectors @ candidates.vectors[best])
        elif _is_full(constraints, len(chosen), length):
            gains[free] = value[free]
            break
    return chosen, gains


def _is_full(constraints: PlaylistConstraints, n: int, length: float) -> bool:
    if constraints.seconds is not None:
        return length >= constraints.seconds - TOLERATED_SECONDS
    return n >= (constraints.n or 0)


def _groups(candidates: Candidates, i: int) -> list[tuple[str, int]]:
    numbers = (("work", candidates.version_groups), ("artist", candidates.artists), ("album", candidates.albums))
    return [(kind, int(each[i])) for kind, each in numbers]


def _fits(candidates: Candidates, constraints: PlaylistConstraints, counts: dict[tuple[str, int], int], i: int) -> bool:
    caps = (1, constraints.max_per_artist, constraints.max_per_album)
    return not any(
        cap and number >= 0 and counts.get((kind, number), 0) >= cap
        for cap, (kind, number) in zip(caps, _groups(candidates, i), strict=True)
    )


def _can_grow(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> bool:
    """Whether an order exists that keeps the tracks of each artist so far apart."""
    artists = candidates.artists[chosen]
    counts = np.bincount(artists[artists >= 0]) if (artists >= 0).any() else np.zeros(1, int)
    most = int(counts.max())
    return most < 2 or (most - 1) * (constraints.min_artist_gap + 1) + int((counts == most).sum()) <= len(chosen)
