"""Choice of the tracks of a playlist among the candidates.

The limits of artists and albums, one version of each work, and room for the artist gap are hard constraints: the
playlist is shorter rather than violate one. Length and quotas are soft; the quotas are relaxed before the length.
A greedy choice comes first: maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998), in turn for each interest,
with room for the tracks that the quotas of a playlist of n tracks still need. If it violates a soft constraint, an
integer program (HiGHS, through scipy) chooses again; it satisfies all constraints if any choice does.
"""

from dataclasses import replace

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.recommend.artists import disjoint, rows_by_number
from recsys.recommend.candidates import (
    TOLERATED_SECONDS,
    Candidates,
    constraint_violation,
    quota_target,
    quota_tolerance,
)
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
    quotas = _QuotaRoom(candidates, constraints, constraints.n) if constraints.quotas and constraints.n else None
    chosen, gains = _mmr(candidates, constraints, target_shares, quotas)
    is_met = constraint_violation(candidates, constraints, chosen).is_satisfied or _is_everything(
        candidates, constraints, chosen
    )
    if quotas and not is_met:  # the integer program takes the gains of a choice that no quota has bent
        chosen, gains = _mmr(candidates, constraints, target_shares, None)
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


class _QuotaRoom:
    """The tracks that each quota still needs and may still have, while the tracks of a playlist of n are chosen.

    A playlist of some minutes has no such numbers: its quotas count when it is complete.
    """

    def __init__(self, candidates: Candidates, constraints: PlaylistConstraints, n: int) -> None:
        targets = np.array([quota_target(quota, n) for quota in constraints.quotas])
        tolerances = np.array([quota_tolerance(quota) for quota in constraints.quotas])
        self.members = candidates.quotas
        self.n_missing = np.maximum(np.ceil(targets - tolerances), 0)
        self.n_open = np.floor(targets + tolerances)
        self.n_left = n

    def fits(self, i: int) -> bool:
        """Whether the quotas can be satisfied after candidate ``i``."""
        member = self.members[:, i]
        missing = np.maximum(self.n_missing - member, 0).sum()
        return bool(missing < self.n_left and (self.n_open[member] >= 1).all())

    def add(self, i: int) -> None:
        """Count a chosen candidate."""
        member = self.members[:, i]
        self.n_missing = np.maximum(self.n_missing - member, 0)
        self.n_open = self.n_open - member
        self.n_left -= 1


def _is_everything(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> bool:
    """Whether all candidates are chosen, and the playlist can only be too short."""
    too_long = constraints.seconds is not None and constraint_violation(candidates, constraints, chosen).seconds < 0
    return len(chosen) == len(candidates.scores) and not constraints.quotas and not too_long


def _mmr(
    candidates: Candidates,
    constraints: PlaylistConstraints,
    target_shares: DoubleArray,
    quotas: _QuotaRoom | None,
) -> tuple[list[int], DoubleArray]:
    """Greedy choice by maximal marginal relevance.

    The interest with the smallest ratio of chosen tracks to target share has the next turn. A track that the quotas
    have no room for is not chosen.

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
        if quotas:
            quotas.add(i)
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
        is_full = _is_full(constraints, len(chosen), length)
        if not is_full and _fits(candidates, constraints, counts, best) and (not quotas or quotas.fits(best)):
            chosen.append(best)
            if quotas:
                quotas.add(best)
            length += candidates.seconds[best]
            for key in _groups(candidates, best):
                counts[key] = counts.get(key, 0) + 1
            n_chosen[turn] += 1
            max_cosines = np.maximum(max_cosines, candidates.vectors @ candidates.vectors[best])
        elif is_full:
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
