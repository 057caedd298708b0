"""Similar artists and albums: the similarity of sets of tracks.

A set is the direction of the mean of its similarity vectors. Similarities of sets are their cosines, corrected for sets
that are near to very many others, as those of tracks are (:mod:`recsys.nearest.hubness`).
``benchmarks/similar_sets.py`` compares six ways on three libraries: no other finds the other half of an artist or album
better by a standard error.
"""

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import hubness

DENSITY_SETS = 5  # nearest sets that define the density of a set
MIN_RANKED = 200  # sets with the largest cosines, which are ranked


def set_directions(vectors: FloatArray, rows: IdArray, sets: IdArray, n_sets: int) -> FloatArray:
    """Unit vectors (n_sets, d) in the directions of the means of sets.

    Parameters
    ----------
    vectors : (n, d)
        Unit vectors of tracks.
    rows, sets : (m,), (m,)
        A row of ``vectors`` and the number of a set that has this track; a track may be in several sets.
    n_sets : int

    Examples
    --------
    >>> vectors = np.eye(3, dtype=np.float32)
    >>> set_directions(vectors, np.array([0, 1, 2]), np.array([0, 0, 1]), 2).round(2)
    array([[0.71, 0.71, 0.  ],
           [0.  , 0.  , 1.  ]], dtype=float32)
    """
    order = np.argsort(sets, kind="stable")
    sums = np.zeros((n_sets, vectors.shape[1]), np.float32)
    numbers, starts = np.unique(sets[order], return_index=True)
    if len(starts):
        sums[numbers] = np.add.reduceat(vectors[rows[order]], starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, 1e-12), np.float32)


def nearest_sets(query: FloatArray, others: FloatArray) -> tuple[IdArray, FloatArray]:
    """The sets most similar to one, most similar first; at least 200, or all.

    Only the sets with the largest cosines are ranked with their densities, the mean cosines with their
    :data:`DENSITY_SETS` nearest sets: those of 10,000 sets would take a second.

    Parameters
    ----------
    query : (d,)
        The direction of a set.
    others : (n, d)
        The directions of the sets to choose from.

    Returns
    -------
    rows : (k,)
    similarities : (k,)
        In [-1, 1].

    Examples
    --------
    >>> rows, similarities = nearest_sets(np.eye(1, 3)[0], np.array([[0.0, 1, 0], [0.8, 0.6, 0]]))
    >>> rows
    array([1, 0])
    """
    cosines = others @ query
    k, n = min(DENSITY_SETS, len(others)), min(MIN_RANKED, len(others))
    ranked = np.argpartition(-cosines, n - 1)[:n] if n else np.empty(0, np.int64)
    near = hubness.mean_of_nearest(np.array(others[ranked] @ others.T), k)
    own = hubness.mean_of_nearest(cosines[None].copy(), k)
    similarities = hubness.similarities(cosines[None, ranked], own, near, hubness.csls_weight(len(others)))[0]
    order = np.lexsort((ranked, -similarities))
    return ranked[order], similarities[order]


def best_pairs(one: FloatArray, other: FloatArray, n: int) -> list[tuple[int, int]]:
    """The ``n`` most similar pairs of tracks of two sets (a, d) and (b, d), each track at most once.

    >>> best_pairs(np.eye(2, 3), np.eye(2, 3)[::-1], 2)
    [(0, 1), (1, 0)]
    """
    cosines = one @ other.T
    found: list[tuple[int, int]] = []
    for _ in range(min(n, *cosines.shape)):
        row, column = divmod(int(cosines.argmax()), cosines.shape[1])
        found.append((row, column))
        cosines[row], cosines[:, column] = -np.inf, -np.inf
    return found
