"""Smoothness of the transitions in the order of recsys, compared with greedy and random order.

Lists are sampled from the library: random tracks, or a random track and its nearest neighbours. All orders of a list
have the same tracks and the same first track.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.tracks import Track
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.ordering import order_tracks
from recsys.recommend.route import OrderingProblem, nearest_neighbour
from recsys.recommend.transitions import order_smoothness, transition_costs, transition_features

LENGTHS = (25, 50)
LISTS = 10  # of each length and kind
_SIMILAR = "similar"
MIN_TRACKS = 4  # of a list; fewer cannot be ordered well or badly
#: Key in the record: heading of the table; smaller is smoother.
ORDERING_METRICS = {
    "tempo_jump": "tempo jump, %",
    "key_clashes": "key clashes",
    "distance": "distance",
    "loudness_jump": "loudness jump, dB",
    "timbre_jump": "timbre jump",
}


def score_orderings(
    index: NearestIndex, ids: IdArray, tracks: Sequence[Track], edges: Callable[[Sequence[int]], TrackEdges]
) -> list[dict[str, Any]]:
    """Score the orders of sampled lists.

    Parameters
    ----------
    index
        Contains all ``ids``.
    ids, tracks
        The n tracks of the library, in the same order.
    edges
        Returns the features of the beginnings and ends of tracks by id.

    Returns
    -------
    list of dict
        A row for each length and kind of list and each method, with means over transitions and lists.
    """
    rows = []
    for n in sorted({min(length, len(ids)) for length in LENGTHS}):
        if n < MIN_TRACKS:
            continue
        for kind in (_SIMILAR, "at random"):
            scores: dict[str, list[Sequence[float | None]]] = {}
            for number, picks in enumerate(_lists(index, ids, n, kind)):
                rng = np.random.default_rng([n, number])
                some, some_edges = [tracks[i] for i in picks], edges(ids[picks].tolist())
                vectors = index.vectors(ids[picks])
                parts = transition_features(some, vectors, some_edges)
                system = order_tracks(some, vectors, some_edges, first=0, rng=rng).smoothness
                greedy = nearest_neighbour(OrderingProblem(transition_costs(parts), None, np.arange(len(picks))), 0)
                chance = np.append(0, 1 + rng.permutation(len(picks) - 1))
                scores.setdefault("recsys", []).append(system)
                scores.setdefault("nearest neighbour", []).append(order_smoothness(parts, greedy))
                scores.setdefault("chance", []).append(order_smoothness(parts, chance))
            rows += [{"list_type": f"{n} {kind}", "method": name, **_means(found)} for name, found in scores.items()]
    return rows


def _lists(index: NearestIndex, ids: IdArray, n: int, kind: str) -> Iterator[IdArray]:
    """The row numbers (n,) of the tracks of each list."""
    rng = np.random.default_rng([n, kind == _SIMILAR])
    allowed = ids if len(ids) < len(index) else None
    for _ in range(LISTS):
        if kind == _SIMILAR:
            seed = ids[rng.integers(len(ids), size=1)]
            found, _ = index.search(index.vectors(seed), n, densities=index.densities(seed), allowed=allowed)
            yield np.searchsorted(ids, found[0][found[0] != NO_ID])
        else:
            yield rng.permutation(len(ids))[:n]


def _means(scores: list[Sequence[float | None]]) -> dict[str, float | None]:
    """The mean of each metric over lists, without None; None if there is no value."""
    columns = ([value for value in column if value is not None] for column in zip(*scores, strict=True))
    means = (float(np.mean(column)) if column else None for column in columns)
    return dict(zip(ORDERING_METRICS, means, strict=True))
