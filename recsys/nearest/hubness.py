"""Hubs: sounds that are near to everything, and unless held back fill every list (Radovanović et al. 2010).

Tracks are ranked by *similarity*: the cosine less ``csls_weight`` times how much closer the found track lies to its own
neighbours than the query to its own (CSLS, Conneau et al. 2018, where it is 0.5). The same sound has 1; a hub has less
than its cosine. How close a vector lies to its neighbours, the mean of their cosines, is its *density*.

Every command shows this number and no other, cut off at 0 and 1:

* the similarity of a track found for one query is that of the query with it, in this direction: the two directions
  differ by twice the correction times the difference of the densities;
* with several queries that are meant together (``similar`` with several tracks), it is the mean, cut off last;
* in a playlist from likes it is the largest: that with the like to which the track is most similar;
* in a walk, and of a track inserted into a list, it is the similarity of the track before with it.

Hubs grow with the library (Flexer et al. 2010), and so do the correction and the neighbours that count; why by these
numbers, benchmarks/README.md and benchmarks/hubs.py show.
"""

import math

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray

DUPLICATE_COSINE = 0.999  # cosine from which two vectors are copies of one sound, which make nobody a hub
EXTRA_NEIGHBOURS = 14  # more neighbours to look for than count, as some may be copies
CELLS_AROUND = 4  # cells at least, its own among them, in which the neighbours of a vector are looked for
MAX_CELLS = 64
MIN_OVERSAMPLING = (
    40  # times the neighbours that count: so many vectors lie around, or in as many cells as are searched at most
)

_MIN_NEIGHBOURS, _MAX_NEIGHBOURS = 0.4, 0.5  # 0.6 and more makes hubs of its own at 100,000 tracks
_FIRST_SIZE = 1000  # tracks up to which the least is enough
_PER_DECADE = 0.05
_CHUNK = 2048  # vectors at a time: bounds the memory


def csls_weight(tracks: int) -> float:
    """How strongly hubs are held back among so many tracks."""
    return min(_MAX_NEIGHBOURS, _MIN_NEIGHBOURS + _PER_DECADE * max(0.0, math.log10(max(tracks, 1) / _FIRST_SIZE)))


def similarities(cosines: FloatArray, asked: FloatArray, found: FloatArray, strength: float) -> FloatArray:
    """Similarities (q, n) in [-1, 1] from cosines (q, n) and the densities of queries (q,) and found sounds (n,)."""
    return np.asarray(np.clip(cosines + strength * (asked[:, None] - found), -1, 1), np.float32)


def density_neighbours(tracks: int) -> int:
    """How many neighbours make a density among so many tracks."""
    return min(50, max(10, tracks // 20))


def densities(vectors: FloatArray, sizes: IdArray, around: IdArray, k: int) -> FloatArray:
    """Mean cosine (n,) of each vector with the ``k`` nearest in and around its cell that are no copies of it.

    A density that is found too low makes a hub, so the fewer vectors the cells hold, the more cells are looked into.

    Parameters
    ----------
    vectors : (n, d), cell by cell
    sizes : (c,) vectors in each cell
    around : (c, a) the cells nearest to each cell, itself among them, nearest first
    """
    ends = np.cumsum(sizes)
    within = np.cumsum(sizes[around], axis=1)
    wide = np.maximum(CELLS_AROUND, (within < MIN_OVERSAMPLING * k).sum(axis=1) + 1)
    found = np.zeros(len(vectors), np.float32)
    for cell in np.flatnonzero(sizes):
        others = np.concatenate([vectors[ends[c] - sizes[c] : ends[c]] for c in around[cell, : wide[cell]]])
        for start in range(ends[cell] - sizes[cell], ends[cell], _CHUNK):
            chunk = slice(start, min(start + _CHUNK, ends[cell]))
            found[chunk] = mean_of_nearest(vectors[chunk] @ others.T, k)
    return found


def mean_of_nearest(cosines: FloatArray, k: int) -> FloatArray:
    """Mean (n,) of the ``k`` largest of each row (n, m) that are no copies, 0 without any; spoils ``cosines``."""
    k = min(k, cosines.shape[1])
    if not k:
        return np.zeros(len(cosines), np.float32)
    cosines[cosines >= DUPLICATE_COSINE] = -np.inf
    nearest = np.partition(cosines, -k, axis=1)[:, -k:]
    known = np.isfinite(nearest)
    means: FloatArray = np.where(known, nearest, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return means
