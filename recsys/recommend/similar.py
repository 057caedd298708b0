"""What sounds like these: the most similar in the index that a list may hold."""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.selection import MAX_PER_ARTIST, Lookup, Pick, Selection

_WIDENING = 4  # how much further to look when too much was left out


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
) -> list[Pick]:
    """The ``n`` tracks that sound most like all ``queries``, by their mean similarity, most similar first.

    Parameters
    ----------
    index : similarity vectors of at least the seeds
    seeds : tracks of the library that were asked about: left out of the answer, like other copies of them
    queries : (q, d) unit vectors of the seeds, and of sounds that are in no library
    densities : (q,) of the queries, where they are known
    n : at most so many; fewer only where no more are allowed
    allowed : (m,) ids the answer is chosen from: those of one genre perhaps; None: all
    missing_ids : (a,) ids it is not chosen from: missing tracks
    tracks : what is known of an id
    max_per_artist : tracks an artist may have, 0 for any number
    """
    excluded = np.union1d(missing_ids, np.array([seed.id for seed in seeds], np.int64))
    most = len(index) if allowed is None else len(allowed)
    search_depth = _WIDENING * n + 1
    while True:
        selection = Selection(index, seeds=tuple(seeds), max_per_artist=max_per_artist)
        [ids], [similarities] = index.search(
            queries, search_depth, densities=densities, allowed=allowed, excluded=excluded, mean_of_queries=True
        )
        known = tracks(int(i) for i in ids if i != NO_ID)
        for i, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
            if i in known:
                selection.try_add(Pick(known[i], similarity))
            if len(selection.picks) == n:
                return selection.picks
        if search_depth >= most:
            return selection.picks
        search_depth *= _WIDENING
