"""Choice of the tracks of a playlist among the candidates.

The limits of artists and albums, one version of each work, and room for the artist gap are hard constraints: the
playlist is shorter rather than violate one. Length and quotas are soft; the quotas are relaxed before the length.
A greedy choice comes first: maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998), in turn for each interest.
If it violates a soft constraint, an integer program (HiGHS, through scipy) chooses again; it satisfies all constraints
if any choice does.
"""

from dataclasses import replace

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.recommend.artists import disjoint, rows_by_number
from recsys.recommend.candidates import TOLERATED_SECONDS, Candidates, constraint_violation
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.milp import solve_milp

_MAX_MMR_PENALTY = 0.7  # weight of the similarity to the tracks already chosen, at the highest diversity


def select_tracks(candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray) -> list[int]:
    """Indices of the chosen candidates, by falling score.

    Parameters
    ----------
    candidates : Candidates
    constraints : PlaylistConstraints
    target_shares : (i,)
        The share of the playlist that each interest should have.
    """
    chosen, gains = _mmr(candidates, constraints, target_shares)
    is_met = constraint_violation(candidates, constraints, chosen).is_satisfied or _is_everything(
        candidates, constraints, chosen
    )
    if not (is_met and _gap_is_feasible(candidates, constraints, chosen)):
        better = solve_milp(candidates, constraints, target_shares, gains)
        if not better and candidates.fixed:  # the fixed tracks alone may violate the gap
            better = solve_milp(candidates, replace(constraints, min_artist_gap=0), target_shares, gains)
        is_feasible = _gap_is_feasible(candidates, constraints, chosen)
        if not (
            is_feasible
            and constraint_violation(candidates, constraints, chosen).is_less_than(
                constraint_violation(candidates, constraints, better)
            )
        ):
            chosen = better
    return sorted(chosen, key=lambda i: (-candidates.scores[i], i))


def _is_everything(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> bool:
    """Whether all candidates are chosen, and the playlist can only be too short."""
    too_long = constraints.seconds is not None and constraint_violation(candidates, constraints, chosen).seconds < 0
    return len(chosen) == len(candidates.scores) and not constraints.quotas and not too_long


def _mmr(
    candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray
) -> tuple[list[int], DoubleArray]:
    """Greedy choice by maximal marginal relevance.

    The interest with the smallest ratio of chosen tracks to target share has the next turn.

    Returns
    -------
    chosen : list of int
        Indices of the candidates, in the order of the choice.
    gains : (n,)
        Marginal relevance of each candidate when it was considered.
    """
    n = len(candidates.scores)
    penalty = _MAX_MMR_PENALTY * constraints.diversity / 10
    gains, max_cosines = np.full(n, -np.inf), np.full(n, -1.0)
    free, n_chosen = np.ones(n, bool), np.zeros(len(target_shares))
    chosen: list[int] = []
    counts: dict[tuple[str, int], int] = {}
    length = 0.0
    for i in range(candidates.fixed):
        chosen.append(i)
        free[i] = False
        gains[i] = candidates.scores[i]
        length += candidates.seconds[i]
        n_chosen[candidates.interests[i]] += 1
        max_cosines = np.maximum(max_cosines, candidates.vectors @ candidates.vectors[i])
        for key in _groups(candidates, i):
            counts[key] = counts.get(key, 0) + 1
    while free.any():
        value = (1 - penalty) * candidates.scores - penalty * np.maximum(max_cosines, 0)
        rows = np.flatnonzero(free)
        open_interests = np.unique(candidates.interests[rows])
        progress = (n_chosen[open_interests] + 1) / np.maximum(target_shares[open_interests], 1e-9)
        turn = open_interests[np.argmin(progress)]
        rows = rows[candidates.interests[rows] == turn]
        best = int(rows[np.argmax(value[rows])])
        free[best] = False
        gains[best] = value[best]
        if not _is_full(constraints, len(chosen), length) and _fits(candidates, constraints, counts, best):
            chosen.append(best)
            length += candidates.seconds[best]
            for key in _groups(candidates, best):
                counts[key] = counts.get(key, 0) + 1
            n_chosen[turn] += 1
            max_cosines = np.maximum(max_cosines, candidates.vectors @ candidates.vectors[best])
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
    return [(kind, int(number)) for kind, each in numbers for number in np.atleast_1d(each[i])]


def _fits(candidates: Candidates, constraints: PlaylistConstraints, counts: dict[tuple[str, int], int], i: int) -> bool:
    limits = {"work": 1, "artist": constraints.max_per_artist, "album": constraints.max_per_album}
    return not any(
        limits[kind] and number >= 0 and counts.get((kind, number), 0) >= limits[kind]
        for kind, number in _groups(candidates, i)
    )


def _gap_is_feasible(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> bool:
    """Whether some order of the chosen tracks satisfies the artist gap, if no track has several artists.

    With such tracks there may be none although this is true.
    """
    artists = [rows for _, rows in rows_by_number(candidates.artists[chosen])]
    largest = max(map(len, artists), default=0)
    n_apart = sum(disjoint([rows for rows in artists if len(rows) == largest]))
    min_length = (largest - 1) * (constraints.min_artist_gap + 1) + n_apart
    return largest < 2 or min_length <= len(chosen)
