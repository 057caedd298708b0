"""Many queries at once, compared with blocks of rows as products of matrices: up to twenty times as fast for each row.

A search of cells compares each query with the rows of its own cells. A batch that probes a large part of all cells is
compared with all rows; those of other cells are left out of the result, so that it is that of the search of cells.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import faiss as _faiss
import numpy as np

from recsys.domain.arrays import FloatArray, IdArray

faiss: Any = _faiss
SPEED = 15  # rows that a product of matrices compares in the time that the search of cells takes for one, at least
COPY = 100  # queries whose products take as long as the copies of the rows
Block: TypeAlias = tuple[FloatArray, IdArray, IdArray]
"""Rows (b, d), their ids (b,) and their cells (b,)."""
BLOCK = 16_384  # rows at a time: bounds the memory
_SPARE = 16  # rows of a block beyond ``k``, as some may be of cells that are not probed
_PRODUCT_SIZE = 800  # numbers in the queries from which products of matrices are faster in one thread

# faiss 1.15 multiplies matrices from 1,000 queries on, a threshold for many threads; below it takes ten times as long.
# Its earlier versions have 20 here, and those after it 800.
faiss.cvar.distance_compute_blas_threshold = min(_PRODUCT_SIZE, faiss.cvar.distance_compute_blas_threshold)


def is_faster(n_queries: int, share: float) -> bool:
    """Whether products with all rows are faster than a search of cells that have this share of them.

    Examples
    --------
    >>> is_faster(1, 1.0), is_faster(20, 0.2), is_faster(20, 0.5), is_faster(1000, 0.1)
    (False, False, True, True)
    """
    return share * SPEED >= 1 + COPY / n_queries


def search_blocks(
    queries: FloatArray, blocks: Iterable[Block], k: int, probed: IdArray, n_cells: int
) -> tuple[IdArray, FloatArray, IdArray]:
    """The ``k`` best rows in the cells of each query.

    Parameters
    ----------
    queries : (q, d)
    blocks : iterable of Block
        Not empty.
    k : int
    probed : (q, p)
        The cells of each query; -1 is none.
    n_cells : int

    Returns
    -------
    ids : (q, k)
        By falling product; -1 where fewer match.
    products : (q, k)
        -inf where fewer match.
    incomplete : (r,)
        Queries whose result may lack rows, because the best of a block are of other cells.
    """
    is_probed = np.zeros((len(queries), n_cells + 1), bool)  # the last cell is -1
    np.put_along_axis(is_probed, probed, True, axis=1)
    rows = np.arange(len(queries))[:, None]
    found: list[IdArray] = [np.full((len(queries), k), -1, np.int64)]
    products: list[FloatArray] = [np.full((len(queries), k), -np.inf, np.float32)]
    worst = np.full(len(queries), -np.inf, np.float32)  # the largest product of the rows that no block has returned
    for block, ids, cells in blocks:
        n_best = min(k + _SPARE, len(block))
        values, best = faiss.knn(queries, block, n_best, metric=faiss.METRIC_INNER_PRODUCT)
        if n_best < len(block):
            worst = np.maximum(worst, values[:, -1])
        kept = is_probed[rows, cells[best]]
        found.append(ids[best])
        products.append(np.where(kept, values, -np.inf))  # behind the -1 that fill up
    all_found, all_products = np.hstack(found), np.hstack(products)
    order = np.argsort(-all_products, axis=1, kind="stable")[:, :k]
    all_found, all_products = np.take_along_axis(all_found, order, 1), np.take_along_axis(all_products, order, 1)
    return all_found, all_products, np.flatnonzero(worst > all_products[:, -1])
