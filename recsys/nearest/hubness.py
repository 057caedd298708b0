"""Hubness: the correction of similarities for hubs, which are near to every track (Radovanović et al. 2010).

Tracks are ranked by *similarity*: the cosine plus ``csls_weight`` times the difference of the query's *density* and the
density of the found track (CSLS, Conneau et al. 2018, where the weight is 0.5). The density of a vector is its mean
cosine with its nearest neighbours. The same track has similarity 1; a hub has less than its cosine.

Every command displays this number, clipped to [0, 1]:

* the similarity of a track found for one query is that of the query with the track, in this direction: the two
  directions differ by twice the weight times the difference of the densities;
* with several queries that form one request (``similar`` with several tracks), it is the mean, clipped last;
* in a playlist from likes it is the largest: that with the like to which the track is most similar;
* in a path, and for a track inserted into a playlist, it is the similarity of the previous track with it.

Hubness grows with the library (Flexer et al. 2010), and so do the weight and the number of neighbours;
benchmarks/README.md and benchmarks/hubs.py have the measurements behind the constants.
"""

import math

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray

DUPLICATE_COSINE = 0.999  # cosine from which two vectors are copies of one recording, which do not count as neighbours
EXTRA_NEIGHBOURS = 14  # neighbours to search for in addition, because some may be copies
MIN_CELLS = 4  # least number of cells, its own included, in which the neighbours of a vector are searched
MAX_CELLS = 64  # largest number of these cells
#: Vectors in the searched cells for each neighbour of a density, unless :data:`MAX_CELLS` are searched.
MIN_OVERSAMPLING = 40

_MIN_WEIGHT, _MAX_WEIGHT = 0.4, 0.5  # 0.6 and more creates other hubs at 100,000 tracks
_FIRST_SIZE = 1000  # tracks up to which the weight is the smallest
_PER_DECADE = 0.05  # increase of the weight for ten times the tracks
_CHUNK = 2048  # vectors at a time: bounds the memory


def csls_weight(n_tracks: int) -> float:
    """Weight of the hubness correction in a library of this size.

    Examples
    --------
    >>> csls_weight(1000), csls_weight(1_000_000)
    (0.4, 0.5)
    """
    return min(_MAX_WEIGHT, _MIN_WEIGHT + _PER_DECADE * max(0.0, math.log10(max(n_tracks, 1) / _FIRST_SIZE)))


def similarities(cosines: FloatArray, query_densities: FloatArray, found: FloatArray, weight: float) -> FloatArray:
    """Similarities from cosines and densities.

    Parameters
    ----------
    cosines : (q, n)
    query_densities : (q,)
    found : (n,)
        Densities of the found tracks.
    weight : float
        Of the correction, see :func:`csls_weight`.

    Returns
    -------
    (q, n)
        In [-1, 1].

    Examples
    --------
    >>> cosines = np.array([[1.0, 0.5]], np.float32)
    >>> similarities(cosines, np.array([0.2], np.float32), np.array([0.2, 0.6], np.float32), 0.5).round(2)
    array([[1. , 0.3]], dtype=float32)
    """
    corrected = weight * (query_densities[:, None] - found)
    corrected += cosines
    return np.asarray(np.clip(corrected, -1, 1, out=corrected), np.float32)


def density_neighbours(n_tracks: int) -> int:
    """Number of neighbours that define a density in a library of this size.

    Examples
    --------
    >>> density_neighbours(100), density_neighbours(500), density_neighbours(10_000)
    (10, 25, 50)
    """
    return min(50, max(10, n_tracks // 20))


def densities(vectors: FloatArray, sizes: IdArray, neighbour_cells: IdArray, k: int) -> FloatArray:
    """Density (n,) of each vector, from the ``k`` nearest in and near its cell that are no copies of it.

    A density that is too low makes a hub, so more cells are searched if they have few vectors.

    Parameters
    ----------
    vectors : (n, d)
        Sorted by cell.
    sizes : (c,)
        Number of vectors in each cell.
    neighbour_cells : (c, a)
        The cells nearest to each cell, nearest first; the first is the cell itself.
    k : int
        Number of neighbours.
    """
    ends = np.cumsum(sizes)
    cumulative_sizes = np.cumsum(sizes[neighbour_cells], axis=1)
    n_cells = np.maximum(MIN_CELLS, (cumulative_sizes < MIN_OVERSAMPLING * k).sum(axis=1) + 1)
    found = np.zeros(len(vectors), np.float32)
    for cell in np.flatnonzero(sizes):
        candidates = np.concatenate(
            [vectors[ends[c] - sizes[c] : ends[c]] for c in neighbour_cells[cell, : n_cells[cell]]]
        )
        for start in range(ends[cell] - sizes[cell], ends[cell], _CHUNK):
            chunk = slice(start, min(start + _CHUNK, ends[cell]))
            found[chunk] = mean_of_nearest(vectors[chunk] @ candidates.T, k)
    return found


def mean_of_nearest(cosines: FloatArray, k: int) -> FloatArray:
    """Mean (n,) of the ``k`` largest cosines of each row that are no copies.

    Parameters
    ----------
    cosines : (n, m)
        Is overwritten.
    k : int

    Returns
    -------
    (n,)
        0 for a row with copies only.

    Examples
    --------
    >>> mean_of_nearest(np.array([[1.0, 0.75, 0.25, 0.0]], np.float32), 2)
    array([0.5])
    """
    k = min(k, cosines.shape[1])
    if not k:
        return np.zeros(len(cosines), np.float32)
    cosines[cosines >= DUPLICATE_COSINE] = -np.inf
    nearest = np.partition(cosines, -k, axis=1)[:, -k:]
    known = np.isfinite(nearest)
    means: FloatArray = np.where(known, nearest, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return means
