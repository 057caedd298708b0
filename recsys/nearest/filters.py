"""Filters of ids: as faiss selectors, and the cells that have what they select."""

from typing import Any

import faiss as _faiss
import numpy as np

from recsys.domain.arrays import IdArray

faiss: Any = _faiss  # its type stubs describe the C++ functions, not those of Python


def selector(allowed: IdArray | None, excluded: IdArray | None) -> Any:
    """The selector of a filter; None without one. A bitmap is tested in constant time for any filter of some ids.

    ``excluded`` is ignored if ``allowed`` is given.
    """
    if allowed is not None:
        return faiss.IDSelectorBitmap(_bitmap(allowed))
    if excluded is not None and len(excluded):
        return faiss.IDSelectorNot(faiss.IDSelectorBitmap(_bitmap(excluded)))
    return None


def _bitmap(ids: IdArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    bits = np.zeros(int(ids.max()) + 1, bool)
    bits[ids] = True
    return np.packbits(bits, bitorder="little")


def is_selected(ids: IdArray, allowed: IdArray | None, excluded: IdArray | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each of these ids (n,) passes the filter."""
    if allowed is not None:
        return np.isin(ids, allowed)
    if excluded is not None and len(excluded):
        return np.isin(ids, excluded, invert=True)
    return np.ones(len(ids), np.bool_)


def cells_until(cells: IdArray, counts: IdArray, min_count: float) -> IdArray:
    """The nearest cells of each query that have counted rows.

    Of all cells (q, c), nearest first, those with rows are kept (q, p) until ``min_count`` rows are reached; -1 fills
    up.
    """
    in_cell = counts[cells]
    needed = (in_cell > 0) & (np.cumsum(in_cell, axis=1) - in_cell < min_count)
    first = np.argsort(~needed, axis=1, kind="stable")[:, : needed.sum(axis=1).max()]
    selected: IdArray = np.where(np.take_along_axis(needed, first, 1), np.take_along_axis(cells, first, 1), -1)
    return selected
