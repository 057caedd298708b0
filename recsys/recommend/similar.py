"""Similar tracks: the most similar tracks of the index, with a limit for each artist and no recording twice."""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.minus_seeds import MinusSeeds, direction
from recsys.recommend.selection import MAX_PER_ARTIST, Lookup, Pick, Selection

_FIRST_SPARE, _SPARE = 2, 8  # tracks that are read besides those that are wanted, first and after some were rejected
_MOST = 1000  # tracks that are read and compared with each other at once
_WIDENING = 4  # factor by which the search is widened if too many tracks were rejected


def similar(
    index: NearestIndex,
    seeds: Sequence[Track],
    queries: FloatArray,
    *,
    n: int,
    densities: FloatArray | None = None,
    allowed: IdArray | None = None,
    missing_ids: IdArray,
    tracks: Lookup,
    max_per_artist: int = MAX_PER_ARTIST,
    minus: MinusSeeds | None = None,
) -> list[Pick]:
    """The ``n`` tracks most similar to all ``queries``, by mean similarity, most similar first.

    Parameters
    ----------
    index : NearestIndex
        Has at least the seeds.
    seeds : sequence of Track
        Tracks of the library among the queries and the minus seeds; they and their copies are excluded.
    queries : (q, d)
        Unit vectors of the seeds, and of tracks that are in no library.
    n : int
        Fewer tracks are returned only if no more are allowed.
    densities : (q,) or None
        Of the queries, if they are known.
    allowed : (m,) or None
        Ids to choose from; None is all.
    missing_ids : (a,)
        Ids that are excluded because their files are missing.
    tracks : callable
        Returns the tracks of some ids.
    max_per_artist : int
        The most tracks by one artist; 0 is no limit.
    minus : MinusSeeds or None
        Tracks near them are left out.

    Raises
    ------
    KeyError
        A seed is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    excluded = np.union1d(missing_ids, np.array([seed.id for seed in seeds], np.int64))
    n_allowed = len(index) if allowed is None else len(allowed)
    search_depth = _WIDENING * n + 1
    while True:
        selection = Selection(index, seeds=tuple(seeds), max_per_artist=max_per_artist)
        [ids], [similarities] = index.search(
            queries, search_depth, densities=densities, allowed=allowed, excluded=excluded, mean_of_queries=True
        )
        if minus is not None:
            ids, similarities = _without(index, ids, similarities, minus, direction(queries))
        found = ids != NO_ID
        ids, similarities = ids[found], similarities[found]
        start = 0
        while start < len(ids):  # most tracks are accepted, and to read one takes long
            part = slice(start, start + min(n - len(selection.picks) + (_SPARE if start else _FIRST_SPARE), _MOST))
            start = part.stop
            known = tracks(ids[part].tolist())
            selection.load_vectors(ids[part])
            for i, similarity in zip(ids[part].tolist(), similarities[part].tolist(), strict=True):
                if i in known:
                    selection.try_add(Pick(known[i], similarity))
                if len(selection.picks) == n:
                    return selection.picks
        if search_depth >= n_allowed:
            return selection.picks
        search_depth *= _WIDENING


def _without(
    index: NearestIndex, ids: IdArray, similarities: FloatArray, minus: MinusSeeds, seeds: FloatArray
) -> tuple[IdArray, FloatArray]:
    """The ids and similarities of a search without the tracks near minus seeds; ``seeds`` (d,) is the direction."""
    found = ids != NO_ID
    ids, similarities = ids[found], similarities[found]
    vectors = index.vectors(ids)
    kept = ~minus.near(ids, vectors, vectors @ seeds)
    return ids[kept], similarities[kept]
