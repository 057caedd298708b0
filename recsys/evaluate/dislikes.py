"""Simulated dislikes: does a disliked track take its neighbourhood with it, and nothing else?

Two cases, each a list before and after one more dislike. *Near*: the disliked track stands in the list. Its
neighbourhood is its ten nearest, without the likes; scored is how many of them the list loses. This is the hard case,
for what stands in a list is near to what is liked. *Far*: the disliked track is none of the fifty nearest of any like.
Such a dislike is about other music; scored is how much of the list changes, and by how much its tracks are less
similar to the likes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.tracks import Track
from recsys.evaluate.simulated_listeners import LENGTH, simulate_listeners
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import select
from recsys.recommend.pool import WeightedTracks

NEIGHBOURS = 10
FAR_RANK = 50  # nearest of each like, outside of which a dislike is far
#: Name in the record, heading in the table.
DISLIKE_METRICS = {
    "before": "before",
    "after": "after",
    "lowered": "removed",
    "far_listeners": "far dislikes",
    "far_changed": "changed",
    "far_similarity_loss": "similarity lost",
}

RankedList = Callable[[Sequence[int], Sequence[int]], list[int]]


def score_dislikes(index: NearestIndex, ids: IdArray, labelled: LabelledTracks, *, count: int) -> list[dict[str, Any]]:
    """A row for listeners of one track, of two artists and of two genres, ``count`` of each.

    "before" and "after" are tracks of the neighbourhood in the list, "lowered" (0..1) the share of them that is
    removed, None where there were none. "far_changed" (0..1) is the share of a list that a far dislike changes,
    "far_similarity_loss" the fall of the mean cosine with the nearest like, of "far_listeners"; None without any.
    """
    listed = _lists_of(index, ids, labelled)
    rng, rows = np.random.default_rng(0), []
    for name, liked in _listeners(ids, labelled, count):
        near, far = [], []
        for likes in liked:
            before = listed(likes, [])
            if not before:
                continue
            disliked = int(rng.choice(before))
            around = set(_nearest(index, ids, [disliked], NEIGHBOURS)) - set(likes)
            near.append((len(around & set(before)), len(around & set(listed(likes, [disliked])))))
            if len(beyond := np.setdiff1d(ids, [*likes, *_nearest(index, ids, likes, FAR_RANK), *before])):
                after = listed(likes, [int(rng.choice(beyond))])
                lost = _similarity(index, likes, before) - _similarity(index, likes, after)
                far.append((len(set(before) - set(after)) / len(before), lost))
        if near:
            first, second = np.mean(near, axis=0).tolist()
            changed, fallen = np.mean(far, axis=0).tolist() if far else (None, None)
            rows.append({
                "likes": name, "listeners": len(near), "before": first, "after": second,
                "lowered": 1 - second / first if first else None,
                "far_listeners": len(far), "far_changed": changed, "far_similarity_loss": fallen,
            })  # fmt: skip
    return rows


def _listeners(ids: IdArray, labelled: LabelledTracks, count: int) -> Iterable[tuple[str, list[list[int]]]]:
    """Ids of likes by the kind of listener."""
    alone = np.random.default_rng(1).permutation(ids)[:count]
    yield "1 track", [[track] for track in alone.tolist()]
    for kind in ("artist", "genre"):
        asked = simulate_listeners(labelled, kind, 2, count=count)
        yield f"2 {kind}s", [[int(ids[track]) for track in listener.liked] for listener in asked]


def _lists_of(index: NearestIndex, ids: IdArray, labelled: LabelledTracks) -> RankedList:
    """Makes the list, as ids, of some likes and dislikes."""
    known = {track.id: track for track in labelled.tracks}

    def lookup(wanted: Iterable[int]) -> dict[int, Track]:
        return {i: known[i] for i in wanted}

    def listed(likes: Sequence[int], dislikes: Sequence[int]) -> list[int]:
        liked, disliked = (WeightedTracks.of([known[i] for i in chosen]) for chosen in (likes, dislikes))
        liked = replace(liked, named=len(likes) == 1)
        wish = PlaylistConstraints(n=LENGTH, max_per_artist=0)
        pool, chosen, _ = select(
            index, liked, disliked, wish, allowed=ids, excluded=ids[:0], quotas={}, tracks=lookup
        )  # fmt: skip
        return [pool.tracks[i].id for i in chosen]

    return listed


def _nearest(index: NearestIndex, ids: IdArray, tracks: Sequence[int], n: int) -> list[int]:
    """The ``n`` nearest of each of some tracks, without these."""
    asked = np.array(tracks, np.int64)
    found, _ = index.search(index.vectors(asked), n + 1, densities=index.densities(asked), allowed=ids)
    return [
        i for query, row in zip(tracks, found.tolist(), strict=True) for i in [one for one in row if one != query][:n]
    ]


def _similarity(index: NearestIndex, likes: Sequence[int], tracks: Sequence[int]) -> float:
    """Mean cosine of some tracks with the nearest like, 0 without any."""
    if not tracks:
        return 0.0
    cosines = index.vectors(np.array(tracks, np.int64)) @ index.vectors(np.array(likes, np.int64)).T
    return float(cosines.max(axis=1).mean())
