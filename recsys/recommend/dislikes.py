"""Exclusion of tracks near a dislike.

A track is excluded if it is among the nearest neighbours of a dislike in the library, and its cosine with the nearest
like does not exceed its cosine with the dislike by a margin. The margin is smaller for likes that are seeds of the
playlist, which outweigh a dislike. A dislike far from all likes therefore has no effect: none of its neighbours is a
candidate.

The number of neighbours grows with the square root of the library (:func:`n_close_neighbours`) and shrinks with the
weight of the dislike.
"""

import math
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NearestIndex

Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"

MIN_CLOSE_NEIGHBOURS = 10  # neighbours of a dislike that it can exclude in a small library
#: A track is excluded if its cosine with a dislike is more than this share of its cosine with the nearest like: a rated
#: like, or a seed of the playlist. With these a dislike removes nine tenths of its ten nearest neighbours, and four
#: fifths, as the evaluation of playlists measures it; with 1 for both, two thirds of them.
RATED_MARGIN, SEED_MARGIN = 0.75, 0.85


def n_close_neighbours(tracks: int) -> int:
    """Number of neighbours that a dislike of weight 1 can exclude.

    Parameters
    ----------
    tracks : int
        Size of the library.

    Examples
    --------
    >>> n_close_neighbours(50), n_close_neighbours(400), n_close_neighbours(100_000)
    (10, 20, 316)
    """
    return max(MIN_CLOSE_NEIGHBOURS, math.isqrt(tracks))


def near_dislikes(
    index: NearestIndex,
    ids: IdArray,
    vectors: FloatArray,
    similarities: FloatArray,
    dislikes: IdArray,
    weights: DoubleArray,
    *,
    named: bool,
) -> Flags:
    """Which of n tracks the dislikes exclude.

    Parameters
    ----------
    index : NearestIndex
        Has the tracks and the dislikes.
    ids, vectors : (n,), (n, d)
        The tracks.
    similarities : (n,)
        Cosine of each track with the nearest like.
    dislikes, weights : (m,), (m,)
        Ids of the dislikes, and their weights in (0, 1].
    named : bool
        Whether the likes are seeds of this playlist, and not ratings.

    Returns
    -------
    (n,) bool

    Raises
    ------
    KeyError
        A dislike is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    found = np.zeros(len(ids), bool)
    disliked = index.vectors(dislikes)
    nearer = vectors @ disliked.T > (SEED_MARGIN if named else RATED_MARGIN) * np.maximum(similarities, 0)[:, None]
    rows = np.flatnonzero(nearer.any(axis=0))  # the other dislikes exclude none of these tracks
    if not len(rows):
        return found
    search_depth = np.ceil(n_close_neighbours(len(index)) * weights[rows]).astype(np.int64)
    asked = dislikes[rows]
    neighbours, _ = index.search(disliked[rows], int(search_depth.max()) + 1, densities=index.densities(asked))
    for row, dislike, row_ids, k in zip(rows, asked, neighbours, search_depth, strict=True):
        found |= nearer[:, row] & np.isin(ids, row_ids[row_ids != dislike][:k])
    return found
