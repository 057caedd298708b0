"""One candidate from each layer, so that the whole costs least: a beam search over lists.

A list costs what its steps cost, and what each candidate costs in its layer. It holds no sound twice and no artist more
often than is allowed; the same artist twice in a row is dear. Where a layer has nobody left who may come, it is left
out, and the list is shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

STRANGER = -1  # the artist of a track whose artist is not known: may come as often as it likes
_BEAM = 64
_SAME_END = 3  # lists of the beam that may end with the same candidate
_AGAIN = 1000.0  # more than any list costs without


@dataclass(frozen=True, slots=True)
class Layers:
    """k layers of m candidates.

    ``places`` (k, m) is what a candidate costs in a layer, and ``members`` (k, c) are those considered there; ``steps``
    tells what it costs to go from some (p,) to others (q,), as (p, q); ``first`` and ``last`` (m,) are the steps from
    the beginning and to the end. ``sounds`` and ``artists`` (m,) are numbers, ``left`` (artists,) is how often each
    artist may come; ``ends`` are the artists at the beginning and the end.
    """

    places: DoubleArray
    members: IdArray
    steps: Callable[[IdArray, IdArray], DoubleArray]
    first: DoubleArray
    last: DoubleArray
    sounds: IdArray
    artists: IdArray
    left: IdArray
    ends: tuple[int, int]


def lightest(layers: Layers) -> tuple[list[int], bool]:
    """The candidates of the best list that is found, in order, and whether an artist had its fill where it is short."""
    paths, costs, crowded = np.empty((1, 0), np.int64), np.zeros(1), False
    for number, members in enumerate(layers.members):
        artists = layers.artists[members]
        if paths.shape[1]:
            steps, before = layers.steps(paths[:, -1], members), layers.artists[paths[:, -1], None]
        else:
            steps, before = layers.first[members][None], np.array([[layers.ends[0]]])
        again = (artists == before) & (artists != STRANGER)
        total = costs[:, None] + steps + layers.places[number, members] + _AGAIN * again
        if number == len(layers.members) - 1:
            again = (artists == layers.ends[1]) & (artists != STRANGER)
            total += layers.last[members] + _AGAIN * again
        used = (layers.sounds[paths][:, :, None] == layers.sounds[members]).any(axis=1)
        times = (layers.artists[paths][:, :, None] == artists).sum(axis=1)
        full = (times >= layers.left[artists]) & (artists != STRANGER)
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
