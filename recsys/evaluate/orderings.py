"""How smoothly the tracks of a list follow each other in the order of recsys, beside greedy and random order.

Lists are sampled from the library: tracks at random, or a random track and those most like it. In every order a list
begins with the same track and holds the same tracks.
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
MIN_TRACKS = 4  # tracks that can be ordered well or badly
#: Name in the record, heading in the table; smaller is smoother.
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
    """A row for each length and kind of list and each way of ordering, with means over steps and lists.

    Parameters
    ----------
    index : holds the tracks
    ids, tracks : n, in the same order
    edges : how tracks of some ids begin and end
    """
    rows = []
    for n in sorted({min(length, len(ids)) for length in LENGTHS}):
        if n < MIN_TRACKS:
            continue
        for kind in ("alike", "at random"):
            scores: dict[str, list[Sequence[float | None]]] = {}
            for number, picks in enumerate(_lists(index, ids, n, kind)):
                rng = np.random.default_rng([n, number])
                some, known = [tracks[i] for i in picks], edges(ids[picks].tolist())
                vectors = index.vectors(ids[picks])
                parts = transition_features(some, vectors, known)
                ours = order_tracks(some, vectors, known, first=0, rng=rng).smoothness
                greedy = nearest_neighbour(OrderingProblem(transition_costs(parts), None, np.arange(len(picks))), 0)
                chance = np.append(0, 1 + rng.permutation(len(picks) - 1))
                scores.setdefault("recsys", []).append(ours)
                scores.setdefault("nearest neighbour", []).append(order_smoothness(parts, greedy))
                scores.setdefault("chance", []).append(order_smoothness(parts, chance))
            rows += [{"lists": f"{n} {kind}", "method": name, **_means(found)} for name, found in scores.items()]
    return rows


def _lists(index: NearestIndex, ids: IdArray, n: int, kind: str) -> Iterator[IdArray]:
    """Numbers (n,) of the tracks of each list."""
    rng = np.random.default_rng([n, kind == "alike"])
    allowed = ids if len(ids) < len(index) else None
    for _ in range(LISTS):
        if kind == "alike":
            seed = ids[rng.integers(len(ids), size=1)]
            found, _ = index.search(index.vectors(seed), n, densities=index.densities(seed), allowed=allowed)
            yield np.searchsorted(ids, found[0][found[0] != NO_ID])
        else:
            yield rng.permutation(len(ids))[:n]


def _means(scores: list[Sequence[float | None]]) -> dict[str, float | None]:
    """By metric, the mean of what is known."""
    columns = ([value for value in column if value is not None] for column in zip(*scores, strict=True))
    means = (float(np.mean(column)) if column else None for column in columns)
    return dict(zip(ORDERING_METRICS, means, strict=True))
