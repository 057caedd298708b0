"""What a dislike takes with it: its close neighbours, where no like has the better claim.

A track is *shunned* if it is among the nearest neighbours of a dislike in the library and nearer to it than to any
like, or nearly so: what is nearer to a like by a narrow margin goes too, a margin that is narrower for tracks that are
named for a list, which outweigh a dislike. A dislike far from all likes therefore changes nothing: its neighbours are
not near to a like.

How many neighbours are close grows as the root of the library, :func:`similarity_threshold`, and shrinks with the
weight of a dislike.
"""

import math
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NearestIndex

Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"

CLOSE_QUANTILE = 10  # neighbours of a dislike that it takes with it in a small library
#: Of its cosine with a dislike, which a track's cosine with a like must exceed to be kept: a like that is rated, or one
#: that is named for the list. With these a dislike removes nine tenths of its ten nearest, and four fifths
#: (``recsys evaluate --playlists``); with 1 for both two thirds of them.
RATED, NAMED = 0.75, 0.85


def similarity_threshold(tracks: int) -> int:
    """How many neighbours a dislike that weighs 1 takes with it, in a library of so many tracks.

    Examples
    --------
    >>> [similarity_threshold(tracks) for tracks in (50, 400, 100_000)]
    [10, 20, 316]
    """
    return max(CLOSE_QUANTILE, math.isqrt(tracks))


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
    """Which (n,) of some tracks the dislikes take with them.

    Parameters
    ----------
    index : holds all of them
    ids, vectors : of n tracks
    similarities : (n,) cosine of each with the nearest like
    dislikes, weights : ids (m,), and how much each counts, in (0, 1]
    named : whether the likes are seeds of this list
    """
    found = np.zeros(len(ids), bool)
    if not len(dislikes) or not len(ids):
        return found
    disliked = index.vectors(dislikes)
    nearer = vectors @ disliked.T > (NAMED if named else RATED) * np.maximum(similarities, 0)[:, None]
    rows = np.flatnonzero(nearer.any(axis=0))  # the others touch nothing here, and their neighbours need not be found
    if not len(rows):
        return found
    search_depth = np.ceil(similarity_threshold(len(index)) * weights[rows]).astype(np.int64)
    asked = dislikes[rows]
    around, _ = index.search(disliked[rows], int(search_depth.max()) + 1, densities=index.densities(asked))
    for row, one, near, k in zip(rows, asked, around, search_depth, strict=True):
        found |= nearer[:, row] & np.isin(ids, near[near != one][:k])
    return found
