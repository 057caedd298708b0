"""Beam search for the cheapest list with one candidate from each of several layers.

The cost of a list is the sum of its steps and of each candidate's cost in its layer. A list has every sound group
(copies of one recording) at most once and every artist at most as often as its budget; two consecutive tracks by one
artist add a large cost. A layer without a valid candidate is skipped, and the list is shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

UNKNOWN_ARTIST = -1  # artist of a track whose artist is not known; it has no budget
_BEAM = 64  # lists that are kept from layer to layer
_SAME_END = 3  # lists of the beam that may end with the same candidate
SAME_ARTIST_COST = 1000.0  # of two consecutive tracks by one artist: more than any list costs otherwise


@dataclass(frozen=True, slots=True)
class BeamProblem:
    """k layers of m candidates.

    Attributes
    ----------
    node_costs : (k, m)
        Cost of each candidate in each layer.
    candidates : (k, c)
        Indices of the candidates that are considered in each layer.
    steps : callable
        Cost (p, q) of the steps from candidates (p,) to candidates (q,).
    first, last : (m,)
        Cost of the step from the start to each candidate, and from it to the end.
    sound_groups : (m,)
        Number of the recording of each candidate.
    artists : (m, a)
        Numbers of the artists of each candidate; :data:`UNKNOWN_ARTIST` where there is none.
    artist_budget : (artists,)
        How often each artist may occur.
    end_artists : tuple of (a,)
        The artists of the start and of the end.
    """

    node_costs: DoubleArray
    candidates: IdArray
    steps: Callable[[IdArray, IdArray], DoubleArray]
    first: DoubleArray
    last: DoubleArray
    sound_groups: IdArray
    artists: IdArray
    artist_budget: IdArray
    end_artists: tuple[IdArray, IdArray]


def beam_search(problem: BeamProblem) -> tuple[list[int], bool]:
    """Find a cheap list by beam search.

    Returns
    -------
    indices : list of int
        The chosen candidates in order; fewer than k if layers were skipped.
    artist_limit_hit : bool
        Whether a layer was skipped because of the budgets of its artists.
    """
    paths, costs, artist_limit_hit = np.empty((1, 0), np.int64), np.zeros(1), False
    for layer, members in enumerate(problem.candidates):
        artists = problem.artists[members]
        if paths.shape[1]:
            steps, previous = problem.steps(paths[:, -1], members), problem.artists[paths[:, -1]]
        else:
            steps, previous = problem.first[members][None], problem.end_artists[0][None]
        repeated = _share_artist(previous, artists)
        total = costs[:, None] + steps + problem.node_costs[layer, members] + SAME_ARTIST_COST * repeated
        if layer == len(problem.candidates) - 1:
            repeated = _share_artist(problem.end_artists[1][None], artists)
            total += problem.last[members] + SAME_ARTIST_COST * repeated
        used = (problem.sound_groups[paths][:, :, None] == problem.sound_groups[members]).any(axis=1)
        full = np.zeros(used.shape, bool)
        for column in artists.T:
            counts = (problem.artists[paths][:, :, None] == column[:, None]).any(axis=3).sum(axis=1)
            full |= (counts >= problem.artist_budget[column]) & (column != UNKNOWN_ARTIST)
        total[used | full] = np.inf
        rows, columns = _beam(total)
        if len(rows):
            paths, costs = np.hstack([paths[rows], members[columns, None]]), total[rows, columns]
        elif (full & ~used).any():
            artist_limit_hit = True
    return paths[0].tolist(), artist_limit_hit


def _share_artist(some: IdArray, others: IdArray) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Whether (p, q) each of p tracks (p, a) has an artist in common with each of q tracks (q, a)."""
    same = some[:, None, :, None] == others[:, None, :]
    return np.asarray((same & (others != UNKNOWN_ARTIST)[:, None, :]).any(axis=(2, 3)))


def _beam(total: DoubleArray) -> tuple[IdArray, IdArray]:
    """Rows and columns of the smallest finite entries of ``total`` (lists, candidates), cheapest first."""
    rows = np.argsort(total, axis=0, kind="stable")[:_SAME_END]
    columns = np.broadcast_to(np.arange(total.shape[1]), rows.shape)
    costs = total[rows, columns].ravel()
    best = np.argsort(costs, kind="stable")[:_BEAM]
    best = best[np.isfinite(costs[best])]
    return rows.ravel()[best], columns.ravel()[best]
