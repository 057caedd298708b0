"""What sounds like this track: the nearest in the index that a list may hold."""

from recsys.nearest import NOBODY, NearestIndex
from recsys.recommend.selection import PER_ARTIST, Lookup, Pick, Selection, id_array
from recsys.types import IdArray, Track

_WIDER = 4  # how much further to look when too much was left out


def similar(
    index: NearestIndex,
    seed: Track,
    *,
    n: int,
    allowed: IdArray,
    tracks: Lookup,
    per_artist: int = PER_ARTIST,
) -> list[Pick]:
    """The ``n`` tracks that sound most like ``seed``, nearest first.

    Parameters
    ----------
    index : similarity vectors of at least ``seed`` and all of ``allowed``
    seed : left out of the answer, like other copies of it
    n : at most so many; fewer only where no more are allowed
    allowed : (m,) ids the answer is chosen from: present tracks, of one genre perhaps
    tracks : what is known of an id
    per_artist : tracks an artist may have, 0 for any number

    Raises
    ------
    KeyError
        ``seed`` is not in the index.
    """
    query = index.vectors(id_array([seed]))
    reach = _WIDER * n + 1
    while True:
        selection = Selection(index, seeds=(seed,), per_artist=per_artist)
        [ids], [cosines] = index.search(query, reach, allowed=allowed)
        known = tracks(int(i) for i in ids if i != NOBODY)
        for i, cosine in zip(ids.tolist(), cosines.tolist(), strict=True):
            if i in known:
                selection.offer(Pick(known[i], cosine))
            if len(selection.picks) == n:
                return selection.picks
        if reach >= len(allowed):
            return selection.picks
        reach *= _WIDER
