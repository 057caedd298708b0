"""The nearest neighbours of every track, for export to players and research tools."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.results import Neighbours
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_keys
from recsys.nearest import NO_ID, NearestIndex

NO_IDS: IdArray = np.empty(0, np.int64)
_CHUNK = 1024  # queries at a time
_WIDENING = 4


def neighbours(
    index: NearestIndex,
    ids: IdArray,
    tracks: Mapping[int, Track],
    *,
    n: int,
    max_per_artist: int = 0,
    spare: IdArray = NO_IDS,
    groups: Mapping[int, int] = MappingProxyType({}),
) -> Iterator[Neighbours]:
    """The nearest neighbours of each of ``ids`` among these ids.

    Parameters
    ----------
    index : NearestIndex
    ids : (m,)
    tracks : mapping of int to Track
        The tracks of all ids.
    n : int
        How many neighbours of each track.
    max_per_artist : int
        The most neighbours by one artist; 0 is no limit.
    spare : (s,)
        Those of ``ids`` that are no neighbours, because another copy of them is.
    groups : mapping of int to int
        The group of each id that has copies of its performance. Copies are no neighbours of each other, and no track
        has two of a group as neighbours: the nearest one counts.

    Yields
    ------
    Neighbours
        In the order of ``ids``.

    Raises
    ------
    KeyError
        An id is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    candidates = np.setdiff1d(ids, spare)
    allowed, grouped = candidates if len(candidates) < len(index) else None, np.array(list(groups), np.int64)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        vectors, densities, search_depth = (
            index.vectors(chunk),
            index.densities(chunk),
            (_WIDENING if max_per_artist else 1) * n + 1,
        )
        found, similarities = index.search(vectors, search_depth, densities=densities, allowed=allowed)
        is_other = (found != chunk[:, None]) & (found != NO_ID)
        is_limited = np.logical_or.reduce(np.isin(np.column_stack([chunk, found]), grouped), axis=1)
        clipped = similarities.clip(0, 1)
        for row, query in enumerate(chunk.tolist()):
            others, scores = found[row], similarities[row]
            if max_per_artist or is_limited[row]:
                kept = _keep(query, others, scores, tracks, n, max_per_artist, groups)
            else:
                first = np.flatnonzero(is_other[row])[:n]
                kept = [
                    (tracks[i], s) for i, s in zip(others[first].tolist(), clipped[row, first].tolist(), strict=True)
                ]
            if len(kept) < n and found.shape[1] < len(candidates):  # artist limit or copies: rank all
                all_ids, all_scores = index.search(
                    vectors[row : row + 1], len(candidates), densities=densities[row : row + 1], allowed=allowed
                )
                kept = _keep(query, all_ids[0], all_scores[0], tracks, n, max_per_artist, groups)
            yield Neighbours(tracks[query], tuple(kept))


def _keep(
    query: int,
    found: IdArray,
    similarities: IdArray,
    tracks: Mapping[int, Track],
    n: int,
    max_per_artist: int,
    groups: Mapping[int, int],
) -> list[tuple[Track, float]]:
    kept: list[tuple[Track, float]] = []
    artists: Counter[str] = Counter()
    seen = {groups.get(query, query)}
    for i, similarity in zip(found.tolist(), similarities.tolist(), strict=True):
        if len(kept) == n:
            break
        group = groups.get(i, i)
        if group in seen or i == NO_ID:
            continue
        by = track_artist_keys(tracks[i]) if max_per_artist else ()
        if any(artists[artist] == max_per_artist for artist in by):
            continue
        artists.update(by)
        seen.add(group)
        kept.append((tracks[i], min(1.0, max(0.0, similarity))))
    return kept
