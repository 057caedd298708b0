"""The nearest neighbours of every track, for export to players and research tools."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import compress
from types import MappingProxyType

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NO_ID, NearestIndex, exact_neighbours

NO_IDS: IdArray = np.empty(0, np.int64)
_CHUNK = 1024  # queries at a time
_LARGEST = 20_000_000  # neighbours that are kept in memory; more are searched for in parts
_WIDENING = 4


def neighbours(
    index: NearestIndex,
    ids: IdArray,
    *,
    n: int,
    max_per_artist: int = 0,
    artists: Mapping[int, Iterable[str]] = MappingProxyType({}),
    spare: IdArray = NO_IDS,
    groups: Mapping[int, int] = MappingProxyType({}),
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """The nearest neighbours of each of ``ids`` among these ids.

    Parameters
    ----------
    index : NearestIndex
    ids : (m,)
    n : int
        How many neighbours of each track.
    max_per_artist : int
        The most neighbours by one artist; 0 is no limit.
    artists : mapping of int to iterable of str
        The artists of all ids if there is a limit.
    spare : (s,)
        Those of ``ids`` that are no neighbours, because another copy of them is.
    groups : mapping of int to int
        The group of each id that has copies of its performance. Copies are no neighbours of each other, and no track
        has two of a group as neighbours: the nearest one counts.

    Yields
    ------
    id : int
        In the order of ``ids``.
    nearest : list of (int, float)
        Ids and similarities in [0, 1], most similar first.

    Raises
    ------
    KeyError
        An id is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    candidates, grouped = np.setdiff1d(ids, spare), np.array(list(groups), np.int64)
    search_depth = (_WIDENING if max_per_artist else 1) * n + 1
    for chunk, found, similarities in _found(index, ids, candidates, search_depth):
        is_other = (found != chunk[:, None]) & (found != NO_ID)
        is_limited = np.logical_or.reduce(np.isin(np.column_stack([chunk, found]), grouped), axis=1)
        pairs = [
            list(zip(row_ids, row_similarities, strict=True))
            for row_ids, row_similarities in zip(found.tolist(), similarities.clip(0, 1).tolist(), strict=True)
        ]
        for row, query in enumerate(chunk.tolist()):
            others = pairs[row]
            if max_per_artist or is_limited[row]:
                kept = _keep(query, others, n, max_per_artist, artists, groups)
            else:
                kept = list(compress(others, is_other[row].tolist()))[:n]
            if len(kept) < n and found.shape[1] < len(candidates):  # artist limit or copies: rank all
                [all_ids], [all_scores] = _search(index, chunk[row : row + 1], candidates, len(candidates))
                others = list(zip(all_ids.tolist(), all_scores.clip(0, 1).tolist(), strict=True))
                kept = _keep(query, others, n, max_per_artist, artists, groups)
            yield query, kept


def _keep(
    query: int,
    found: Iterable[tuple[int, float]],
    n: int,
    max_per_artist: int,
    artists: Mapping[int, Iterable[str]],
    groups: Mapping[int, int],
) -> list[tuple[int, float]]:
    kept: list[tuple[int, float]] = []
    counts: Counter[str] = Counter()
    seen = {groups.get(query, query)}
    for i, similarity in found:
        if len(kept) == n:
            break
        group = groups.get(i, i)
        if group in seen or i == NO_ID:
            continue
        by = artists[i] if max_per_artist else ()
        if any(counts[artist] == max_per_artist for artist in by):
            continue
        counts.update(by)
        seen.add(group)
        kept.append((i, similarity))
    return kept


def _found(
    index: NearestIndex, ids: IdArray, candidates: IdArray, depth: int
) -> Iterator[tuple[IdArray, IdArray, FloatArray]]:
    """Some of ``ids`` (q,) and the candidates nearest to them (q, depth) with their similarities, part by part.

    The candidates themselves are compared all at once, in pairs.
    """
    depth = min(depth, len(candidates))
    all_found, all_similarities = np.empty((0, depth), np.int64), np.empty((0, depth), np.float32)
    is_compared = np.zeros(len(ids), np.bool_)
    if depth < len(candidates) and depth * len(candidates) <= _LARGEST:
        penalties = index.hubness_penalties(candidates)
        rows, scores = exact_neighbours(index.vectors(candidates), penalties, depth)
        all_found, all_similarities = candidates[rows], np.clip(scores + penalties[:, None], -1, 1)
        is_compared = np.isin(ids, candidates)
    for start in range(0, len(ids), _CHUNK):
        part = slice(start, start + _CHUNK)
        found, similarities = np.empty((len(ids[part]), depth), np.int64), np.empty((len(ids[part]), depth), np.float32)
        compared, searched = np.flatnonzero(is_compared[part]), np.flatnonzero(~is_compared[part])
        rows = np.searchsorted(candidates, ids[part][compared])
        if len(compared):
            found[compared], similarities[compared] = all_found[rows], all_similarities[rows]
        if len(searched):
            found[searched], similarities[searched] = _search(index, ids[part][searched], candidates, depth)
        yield ids[part], found, similarities


def _search(index: NearestIndex, queries: IdArray, candidates: IdArray, depth: int) -> tuple[IdArray, FloatArray]:
    allowed = candidates if len(candidates) < len(index) else None
    return index.search(index.vectors(queries), depth, densities=index.densities(queries), allowed=allowed)
