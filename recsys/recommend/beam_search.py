"""One candidate from each layer, so that the whole costs least: a beam search over lists.

A list costs what its steps cost, and what each candidate costs in its layer. It holds no sound twice and no artist more
often than is allowed; the same artist twice in a row is dear. Where a layer has nobody left who may come, it is left
out, and the list is shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

UNKNOWN_ARTIST = -1  # the artist of a track whose artist is not known: may come as often as it likes
_BEAM = 64
_SAME_END = 3  # lists of the beam that may end with the same candidate
_REPEATED = 1000.0  # more than any list costs without


@dataclass(frozen=True, slots=True)
class BeamProblem:
    """k layers of m candidates.

    ``node_costs`` (k, m) is what a candidate costs in a layer, and ``candidates`` (k, c) are those considered there;
    ``steps`` tells what it costs to go from some (p,) to others (q,), as (p, q); ``first`` and ``last`` (m,) are the
    steps from the beginning and to the end. ``sound_groups`` and ``artists`` (m,) are numbers, ``artist_budget``
    (artists,) is how often each artist may come; ``end_artists`` are the artists at the beginning and the end.
    """

    node_costs: DoubleArray
    candidates: IdArray
    steps: Callable[[IdArray, IdArray], DoubleArray]
    first: DoubleArray
    last: DoubleArray
    sound_groups: IdArray
    artists: IdArray
    artist_budget: IdArray
    end_artists: tuple[int, int]


def beam_search(problem: BeamProblem) -> tuple[list[int], bool]:
    """The candidates of the best list that is found, in order, and whether an artist had its fill where it is short."""
    paths, costs, crowded = np.empty((1, 0), np.int64), np.zeros(1), False
    for number, members in enumerate(problem.candidates):
        artists = problem.artists[members]
        if paths.shape[1]:
            steps, before = problem.steps(paths[:, -1], members), problem.artists[paths[:, -1], None]
        else:
            steps, before = problem.first[members][None], np.array([[problem.end_artists[0]]])
        again = (artists == before) & (artists != UNKNOWN_ARTIST)
        total = costs[:, None] + steps + problem.node_costs[number, members] + _REPEATED * again
        if number == len(problem.candidates) - 1:
            again = (artists == problem.end_artists[1]) & (artists != UNKNOWN_ARTIST)
            total += problem.last[members] + _REPEATED * again
        used = (problem.sound_groups[paths][:, :, None] == problem.sound_groups[members]).any(axis=1)
        times = (problem.artists[paths][:, :, None] == artists).sum(axis=1)
        full = (times >= problem.artist_budget[artists]) & (artists != UNKNOWN_ARTIST)
        total[used | full] = np.inf
        rows, columns = _beam(total)
        if len(rows):
            paths, costs = np.hstack([paths[rows], members[columns, None]]), total[rows, columns]
        elif (full & ~used).any():
            crowded = True
    return paths[0].tolist(), crowded


def _beam(total: DoubleArray) -> tuple[IdArray, IdArray]:
    """Rows and columns of the least finite of ``total`` (lists, candidates), cheapest first."""
    rows = np.argsort(total, axis=0, kind="stable")[:_SAME_END]
    columns = np.broadcast_to(np.arange(total.shape[1]), rows.shape)
    costs = total[rows, columns].ravel()
    best = np.argsort(costs, kind="stable")[:_BEAM]
    best = best[np.isfinite(costs[best])]
    return rows.ravel()[best], columns.ravel()[best]
