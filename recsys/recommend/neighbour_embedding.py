"""Points in the plane that keep neighbours: t-SNE of a graph of nearest neighbours.

The attraction of t-SNE (van der Maaten & Hinton 2008) has uniform weights for the k nearest neighbours of each point,
and its repulsion is computed on a grid (:mod:`recsys.recommend.repulsion`). The method was selected by measurement:
``benchmarks/library_map.py`` compares it with UMAP and principal components.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array, triu

from recsys.domain.arrays import FloatArray, IdArray
from recsys.recommend.repulsion import Repulsion

EXAGGERATION = 12.0  # of the attraction in the first iterations, which form the coarse arrangement
_MIN_RATE = 50.0
_MOMENTUM = np.float32(0.8)
_MIN_GAIN = np.float32(0.01)


def neighbour_graph(neighbours: IdArray) -> csr_array:
    """The symmetric weights (n, n) of pairs of neighbours, which sum to one.

    Parameters
    ----------
    neighbours : (n, k)
        Rows of the nearest neighbours of each row, without itself; -1 is none.
    """
    n, k = neighbours.shape
    rows, columns = np.repeat(np.arange(n, dtype=np.int32), k), neighbours.ravel().astype(np.int32)
    valid = columns >= 0
    ones = np.ones(int(valid.sum()), np.float32)
    directed = csr_array((ones, (rows[valid], columns[valid])), shape=(n, n))
    graph = csr_array(directed + directed.T)
    graph.sort_indices()
    graph.data /= np.float32(2 * len(ones))
    return graph


def embed(
    graph: csr_array,
    initial: FloatArray,
    *,
    iterations: int,
    exaggerated: int = 0,
    on_iteration: Callable[[int], None] = lambda _: None,
) -> FloatArray:
    """Move points until neighbours are close together and all others apart.

    Parameters
    ----------
    graph : (n, n)
        From :func:`neighbour_graph`.
    initial : (n, 2)
        Close to zero for a new layout with ``exaggerated`` iterations; a former result to improve it.
    iterations, exaggerated : int
        Number of all iterations, and of the first ones in which the attraction is :data:`EXAGGERATION` times as large.
    on_iteration : callable
        Called with the number of iterations after each.

    Returns
    -------
    (n, 2)
        Of mean zero; the same for the same input. The unit is that of t-SNE: about one distance between neighbours.

    Examples
    --------
    >>> ring = np.stack([np.roll(np.arange(40), shift) for shift in (-2, -1, 1, 2)], axis=1)
    >>> angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    >>> circle = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    >>> points = embed(neighbour_graph(ring), circle, iterations=50)
    >>> gaps = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)
    >>> bool(gaps.max() < 1.5 * gaps.min())
    True
    """
    n = len(initial)
    points, velocity, gains = (
        initial.astype(np.float32),
        np.zeros_like(initial, np.float32),
        np.ones((n, 2), np.float32),
    )
    repulsion = Repulsion()
    half = csr_array(triu(graph, format="csr"))  # each pair once
    attraction, n_columns = half.copy(), np.diff(half.indptr)
    with_ones = np.ones((n, 3), np.float32)
    for iteration in range(iterations):
        factor = EXAGGERATION if iteration < exaggerated else 1.0
        plane = np.ascontiguousarray(points).view(np.complex64).ravel()  # one gather instead of two
        difference = np.repeat(plane, n_columns)
        difference -= plane[half.indices]
        squares = difference.view(np.float32)
        squares *= squares
        distances = squares[::2] + squares[1::2]
        distances += 1
        np.divide(half.data, distances, out=attraction.data)
        with_ones[:, :2] = points
        sums = attraction @ with_ones
        sums += attraction.T @ with_ones
        pull = sums[:, :2] - sums[:, 2:] * points
        force = np.float32(factor) * pull + repulsion(points)
        gains = np.where(np.sign(force) == np.sign(velocity), gains + np.float32(0.2), gains * np.float32(0.8))
        np.maximum(gains, _MIN_GAIN, out=gains)
        velocity = _MOMENTUM * velocity + np.float32(max(n / factor, _MIN_RATE)) * gains * force
        points = points + velocity
        points -= points.mean(axis=0)
        on_iteration(iteration + 1)
    return points
