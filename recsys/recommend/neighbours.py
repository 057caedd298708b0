"""The nearest neighbours of every track at once, for players, for research, and for those who want to check."""

from collections.abc import Iterator, Mapping

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.results import Neighbours
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_key
from recsys.nearest import NO_ID, NearestIndex

_CHUNK = 256  # queries at a time
_WIDENING = 4


def neighbours(
    index: NearestIndex, ids: IdArray, tracks: Mapping[int, Track], *, n: int, max_per_artist: int = 0
) -> Iterator[Neighbours]:
    """The ``n`` most similar of each of ``ids`` among them, in their order.

    With ``max_per_artist`` 0 nothing is left out, not even copies; else an artist has at most so many in a list.
    """
    allowed = ids if len(ids) < len(index) else None
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        vectors, densities, search_depth = (
            index.vectors(chunk),
            index.densities(chunk),
            (_WIDENING if max_per_artist else 1) * n + 1,
        )
        found, similarities = index.search(vectors, search_depth, densities=densities, allowed=allowed)
        for query, others, alike in zip(chunk.tolist(), found, similarities, strict=True):
            kept = _keep(query, others, alike, tracks, n, max_per_artist)
            if len(kept) < n and found.shape[1] < len(ids) and max_per_artist:  # crowded: look at all
                at = np.searchsorted(chunk, [query])
                whole, all_alike = index.search(vectors[at], len(ids), densities=densities[at], allowed=allowed)
                kept = _keep(query, whole[0], all_alike[0], tracks, n, max_per_artist)
            yield Neighbours(tracks[query], tuple(kept))


def _keep(
    query: int, found: IdArray, similarities: IdArray, tracks: Mapping[int, Track], n: int, max_per_artist: int
) -> list[tuple[Track, float]]:
    kept: list[tuple[Track, float]] = []
    artists: dict[str, int] = {}
    for i, similarity in zip(found.tolist(), similarities.tolist(), strict=True):
        if i in (query, NO_ID) or len(kept) == n:
            continue
        artist = track_artist_key(tracks[i])
        if artist and max_per_artist:
            if artists.get(artist, 0) == max_per_artist:
                continue
            artists[artist] = artists.get(artist, 0) + 1
        kept.append((tracks[i], min(1.0, max(0.0, similarity))))
    return kept
