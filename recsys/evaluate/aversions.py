"""Simulated dislikes: does a disliked track take its neighbourhood with it?

A listener gets a list, dislikes one track of it, and gets another. The neighbourhood is the ten tracks nearest to the
disliked one, but for what is liked: its share of the first list and of the second are compared. This is the hard case,
for what stands in a list is near to what is liked.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from recsys.evaluate.labels import Labelled
from recsys.evaluate.listeners import LENGTH, listeners
from recsys.nearest import NearestIndex
from recsys.recommend.playlist import select
from recsys.recommend.pool import Weighed
from recsys.recommend.wish import Wish
from recsys.types import IdArray, Track

NEIGHBOURS = 10


def score_aversions(index: NearestIndex, ids: IdArray, labelled: Labelled, *, count: int) -> list[dict[str, Any]]:
    """For listeners of two artists or genres: tracks of the neighbourhood in the list, and in that after the dislike.

    "lowered" (0..1) is by how much they are fewer; None where there were none.
    """
    known = {track.id: track for track in labelled.tracks}
    rng, rows = np.random.default_rng(0), []

    def listed(likes: Sequence[int], dislikes: Sequence[int]) -> list[int]:
        liked, disliked = (Weighed.of([known[i] for i in chosen]) for chosen in (likes, dislikes))
        wish = Wish(n=LENGTH, per_artist=0)

        def lookup(wanted: Iterable[int]) -> dict[int, Track]:
            return {i: known[i] for i in wanted}

        pool, chosen, _ = select(
            index, liked, disliked, wish, allowed=ids, barred=ids[:0], quotas={}, tracks=lookup
        )  # fmt: skip
        return [pool.tracks[i].id for i in chosen]

    for kind in ("artist", "genre"):
        counts = []
        for listener in listeners(labelled, kind, 2, count=count):
            likes = [int(ids[track]) for track in listener.liked]
            before = listed(likes, [])
            disliked = int(rng.choice(before))
            near, _ = index.search(index.vectors(np.array([disliked])), NEIGHBOURS + 1, allowed=ids)
            around = set(near[0].tolist()) - {disliked} - set(likes)
            after = listed(likes, [disliked])
            counts.append((len(around & set(before)), len(around & set(after))))
        if counts:
            first, second = np.mean(counts, axis=0).tolist()
            rows.append({
                "likes": f"2 {kind}s", "listeners": len(counts), "before": first, "after": second,
                "lowered": 1 - second / first if first else None,
            })  # fmt: skip
    return rows
