"""What sounds like these: the most similar in the index that a list may hold."""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.nearest import NOBODY, NearestIndex
from recsys.recommend.selection import PER_ARTIST, Lookup, Pick, Selection

_WIDER = 4  # how much further to look when too much was left out


def similar(
    index: NearestIndex,
    seeds: Sequence[Track],
    queries: FloatArray,
    *,
    n: int,
    densities: FloatArray | None = None,
    allowed: IdArray | None = None,
    absent: IdArray,
    tracks: Lookup,
    per_artist: int = PER_ARTIST,
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
    absent : (a,) ids it is not chosen from: missing tracks
    tracks : what is known of an id
    per_artist : tracks an artist may have, 0 for any number
    """
    barred = np.union1d(absent, np.array([seed.id for seed in seeds], np.int64))
    most = len(index) if allowed is None else len(allowed)
    reach = _WIDER * n + 1
    while True:
        selection = Selection(index, seeds=tuple(seeds), per_artist=per_artist)
        [ids], [similarities] = index.search(
            queries, reach, densities=densities, allowed=allowed, barred=barred, together=True
        )
        known = tracks(int(i) for i in ids if i != NOBODY)
        for i, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
            if i in known:
                selection.offer(Pick(known[i], similarity))
            if len(selection.picks) == n:
                return selection.picks
        if reach >= most:
            return selection.picks
        reach *= _WIDER
