"""Simulated dislikes: whether a dislike removes the neighbourhood of the disliked track, and nothing else.

Two cases, each a list before and after one more dislike. *Near*: the disliked track is in the list. Its neighbourhood
is its ten nearest tracks, without the likes; the score is how many of them the list loses. This is the hard case, for
the tracks of a list are near the likes. *Far*: the disliked track is not among the fifty nearest of any like. Such a
dislike is about other music; the scores are how much of the list changes, and how much less similar to the likes its
tracks become.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.tracks import Track
from recsys.evaluate.simulated_listeners import LENGTH, mean_scores, simulate_listeners
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import select
from recsys.recommend.pool import WeightedTracks

NEIGHBOURS = 10
FAR_RANK = 50  # a far dislike is not among this many nearest tracks of any like
#: Key in the record: heading of the table.
DISLIKE_METRICS = {
    "before": "before",
    "after": "after",
    "reduction": "removed",
    "far_listeners": "far dislikes",
    "far_changed": "changed",
    "far_similarity_loss": "similarity lost",
}

RankedList = Callable[[Sequence[int], Sequence[int]], list[int]]


def score_dislikes(index: NearestIndex, ids: IdArray, labelled: LabelledTracks, *, count: int) -> list[dict[str, Any]]:
    """Scores of dislikes for listeners of one track, of two artists and of two genres.

    Parameters
    ----------
    index
        Contains all ``ids``.
    ids, labelled
        The n tracks of the library, in the same order.
    count
        Number of listeners of each kind.

    Returns
    -------
    list of dict
        A row for each kind of listener. "before" and "after": mean number of tracks of the neighbourhood in the list;
        "reduction": the share of them that is removed, in [0, 1], None if there were none. "far_changed": mean share of
        the list that a far dislike changes, in [0, 1], and "far_similarity_loss": the decrease of the mean cosine with
        the nearest like, both over "far_listeners" listeners and None without any. "intervals" has the 95 % interval of
        each mean.
    """
    ranked_list = _ranked_list(index, ids, labelled)
    rng, rows = np.random.default_rng(0), []
    for name, listeners in _listeners(ids, labelled, count):
        near: list[dict[str, float]] = []
        far: list[dict[str, float]] = []
        for likes in listeners:
            before = ranked_list(likes, [])
            if not before:
                continue
            disliked = int(rng.choice(before))
            neighbourhood = set(_nearest(index, ids, [disliked], NEIGHBOURS)) - set(likes)
            after = ranked_list(likes, [disliked])
            near.append({"before": len(neighbourhood & set(before)), "after": len(neighbourhood & set(after))})
            if len(distant := np.setdiff1d(ids, [*likes, *_nearest(index, ids, likes, FAR_RANK), *before])):
                after = ranked_list(likes, [int(rng.choice(distant))])
                loss = _similarity(index, likes, before) - _similarity(index, likes, after)
                changed = len(set(before) - set(after)) / len(before)
                far.append({"far_changed": changed, "far_similarity_loss": loss})
        if near:
            means, intervals = mean_scores(near)
            far_means, far_intervals = mean_scores(far)
            rows.append({
                "likes": name, "listeners": len(near), **means,
                "reduction": 1 - means["after"] / means["before"] if means["before"] else None,
                "far_listeners": len(far),
                "far_changed": far_means.get("far_changed"),
                "far_similarity_loss": far_means.get("far_similarity_loss"),
                "intervals": {metric: list(limits) for metric, limits in (intervals | far_intervals).items()},
            })  # fmt: skip
    return rows


def _listeners(ids: IdArray, labelled: LabelledTracks, count: int) -> Iterable[tuple[str, list[list[int]]]]:
    """By kind of listener, the ids of the likes of each."""
    single = np.random.default_rng(1).permutation(ids)[:count]
    yield "1 track", [[track] for track in single.tolist()]
    for kind in ("artist", "genre"):
        listeners = simulate_listeners(labelled, kind, 2, count=count)
        yield f"2 {kind}s", [[int(ids[track]) for track in listener.liked] for listener in listeners]


def _ranked_list(index: NearestIndex, ids: IdArray, labelled: LabelledTracks) -> RankedList:
    """A function that returns the ids of a playlist from the ids of likes and dislikes."""
    known = {track.id: track for track in labelled.tracks}

    def tracks_by_id(found: Iterable[int]) -> dict[int, Track]:
        return {i: known[i] for i in found}

    def ranked_list(likes: Sequence[int], dislikes: Sequence[int]) -> list[int]:
        liked, disliked = (WeightedTracks.of([known[i] for i in chosen]) for chosen in (likes, dislikes))
        liked = replace(liked, named=len(likes) == 1)
        constraints = PlaylistConstraints(n=LENGTH, max_per_artist=0)
        pool, chosen, _ = select(
            index, liked, disliked, constraints, allowed=ids, excluded=ids[:0], quotas={}, tracks=tracks_by_id
        )  # fmt: skip
        return [pool.tracks[i].id for i in chosen]

    return ranked_list


def _nearest(index: NearestIndex, ids: IdArray, tracks: Sequence[int], n: int) -> list[int]:
    """The ``n`` nearest tracks of each of some tracks, without the track itself."""
    queries = np.array(tracks, np.int64)
    found, _ = index.search(index.vectors(queries), n + 1, densities=index.densities(queries), allowed=ids)
    return [
        i
        for query, row in zip(tracks, found.tolist(), strict=True)
        for i in [each for each in row if each != query][:n]
    ]


def _similarity(index: NearestIndex, likes: Sequence[int], tracks: Sequence[int]) -> float:
    """Mean cosine of tracks with their nearest like; 0 for no tracks."""
    if not tracks:
        return 0.0
    cosines = index.vectors(np.array(tracks, np.int64)) @ index.vectors(np.array(likes, np.int64)).T
    return float(cosines.max(axis=1).mean())
