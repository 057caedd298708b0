"""An immutable set of vectors in cells, built in memory or mapped from a file, and the search in it.

Rows are stored with d + 1 dimensions: the unit vector and minus its hubness penalty. For a query vector with an
additional 1, the inner product with a row is its similarity, up to a constant of the query.
"""

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Self

import faiss as _faiss
import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import IndexCorrupt
from recsys.nearest.batches import BLOCK, Block, is_faster, search_blocks
from recsys.nearest.filters import cells_until, is_selected, selector

NO_ID = -1  # fills the rows of a result with fewer matches than requested
EXACT_SEARCH_LIMIT = 20_000  # up to this number, all vectors are compared
RECALL = 0.995  # of the ten nearest of a sample of the vectors; the documented recall of a query is 0.99
CANDIDATES_PER_RESULT = 4  # least number of vectors that are compared for each result
#: Factor for the compared vectors if a filter selects: its vectors may be far from the query, in many cells.
FILTER_OVERSAMPLING = 2

_CELLS_PER_ROOT = 4.0  # cells for each root of the number of vectors, as faiss recommends
_TRAINING, _ROUNDS = 39, 6  # training vectors of k-means for each cell (faiss recommends 39), and its iterations
_SAMPLE = 512  # vectors whose neighbours are searched to choose ``nprobe``
_LARGE_BATCH, _MANY_PROBES = 32, 100  # queries from which threads are faster; cells that are found faster unsorted

faiss: Any = _faiss  # its type stubs describe the C++ functions, not those of Python
_THREADS = faiss.omp_get_max_threads()
faiss.omp_set_num_threads(1)  # a query is too short for threads, and worker processes share the machine


@contextmanager
def threads() -> Iterator[None]:
    """Use all cores (or OMP_NUM_THREADS) inside the block, for work longer than one query."""
    faiss.omp_set_num_threads(_THREADS)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(1)


def fit_centroids(vectors: FloatArray) -> FloatArray:
    """Centroids (c, d) of the cells for vectors (n, d), by k-means; one cell if exact search is fast."""
    n, dimension = vectors.shape
    if n <= EXACT_SEARCH_LIMIT:
        return np.zeros((1, dimension), np.float32)
    cells = int(_CELLS_PER_ROOT * math.sqrt(n))
    means = faiss.Kmeans(dimension, cells, niter=_ROUNDS, spherical=True, seed=1, min_points_per_centroid=1)
    selected = np.random.default_rng(0).choice(n, min(n, _TRAINING * cells), replace=False)
    with threads():
        means.train(vectors[selected])
    found: FloatArray = means.centroids
    return found


def nearest_cells(vectors: FloatArray, centroids: FloatArray, k: int) -> IdArray:
    """The nearest cells of each vector.

    Parameters
    ----------
    vectors : (n, d)
    centroids : (c, d)
    k : int

    Returns
    -------
    (n, min(k, c))
        Nearest first.
    """
    with threads():
        _, found = faiss.knn(vectors, centroids, min(k, len(centroids)), metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(found, np.int64)


class IvfStore:
    """n rows with d + 1 dimensions and their ids, sorted by cell; made by :meth:`build` or read from a file.

    Attributes
    ----------
    index : faiss.IndexIVFFlat
    ids : (n,)
        In rising order.
    positions : (n,)
        Position of the row of each id, counted over all cells.
    nprobe : int
        Cells that are searched for ten neighbours.
    """

    def __init__(
        self, index: Any, ids: IdArray, positions: IdArray, nprobe: int, checksums: IdArray | None = None
    ) -> None:
        self.index, self.ids, self.positions, self.nprobe = index, ids, positions, nprobe
        lists = index.invlists
        self.sizes = np.array([lists.list_size(cell) for cell in range(index.nlist)], np.int64)
        self._cell_ends = np.cumsum(self.sizes)
        self._views: dict[int, FloatArray] = {}
        self._expected_checksums = checksums
        self._verified = np.full(index.nlist, checksums is None)

    @classmethod
    def build(
        cls, ids: IdArray, stored: FloatArray, sizes: IdArray, centroids: FloatArray, *, nprobe: int | None = None
    ) -> Self:
        """Build a store.

        Parameters
        ----------
        ids : (n,)
        stored : (n, d + 1)
            Rows, sorted by cell.
        sizes : (c,)
            Number of rows in each cell.
        centroids : (c, d + 1)
        nprobe : int or None
            None measures how many cells are enough.
        """
        quantizer = faiss.IndexFlatIP(centroids.shape[1])
        quantizer.add(np.ascontiguousarray(centroids, np.float32))
        index = faiss.IndexIVFFlat(quantizer, centroids.shape[1], len(centroids), faiss.METRIC_INNER_PRODUCT)
        ids, ends = np.ascontiguousarray(ids, np.int64), np.cumsum(sizes)
        for cell in np.flatnonzero(sizes):
            rows = slice(ends[cell] - sizes[cell], ends[cell])
            codes = np.ascontiguousarray(stored[rows], np.float32).view(np.uint8)
            cell_ids = ids[rows]
            index.invlists.add_entries(int(cell), len(cell_ids), faiss.swig_ptr(cell_ids), faiss.swig_ptr(codes))
        index.ntotal, index.is_trained = len(ids), True
        order = np.argsort(ids, kind="stable")
        store = cls(index, ids[order], order, nprobe or 1)
        if nprobe is None:
            store.nprobe = store._measure_nprobe(stored)
        return store

    def _measure_nprobe(self, stored: FloatArray) -> int:
        """The smallest ``nprobe``, in powers of two, that finds ``RECALL`` of the ten nearest of a sample."""
        if len(self.sizes) == 1:
            return 1
        sample = stored[:: -(-len(stored) // _SAMPLE)].copy()
        sample[:, -1] = 1
        with threads():
            _, truth = faiss.knn(sample, stored, 11, metric=faiss.METRIC_INNER_PRODUCT)
        nearest, ranks = self._nearest(sample, len(self.sizes)), np.empty((len(sample), len(self.sizes)), np.int64)
        np.put_along_axis(ranks, nearest, np.arange(len(self.sizes))[None], axis=1)
        found_at = np.take_along_axis(ranks, np.repeat(np.arange(len(self.sizes)), self.sizes)[truth[:, 1:]], axis=1)
        nprobe = 4
        while (found_at < nprobe).mean() < RECALL:  # found if its cell is probed
            nprobe *= 2
        return min(nprobe, len(self.sizes))

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def dimension(self) -> int:
        """Dimension of a row, d + 1."""
        return int(self.index.d)

    def in_memory_copy(self) -> Self:
        """The same rows, not mapped from a file: faiss writes mapped rows only to their own file.

        Raises
        ------
        IndexCorrupt
            A cell does not match its checksum.
        """
        if self._expected_checksums is None:
            return self
        self.check()
        non_empty = np.flatnonzero(self.sizes).tolist()
        cell_ids, codes = [self._cell_ids(cell) for cell in non_empty], [self._codes(cell) for cell in non_empty]
        ids = np.concatenate([np.empty(0, np.int64), *cell_ids])
        stored = np.concatenate([np.empty(0, np.uint8), *codes]).view(np.float32).reshape(-1, self.dimension)
        return self.build(ids, stored, self.sizes, self.centroids(), nprobe=self.nprobe)

    def contains(self, ids: IdArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each of these ids (m,) is in the store."""
        positions = np.searchsorted(self.ids, ids)
        found = positions < len(self.ids)
        found[found] = self.ids[positions[found]] == ids[found]
        return found

    def centroids(self) -> FloatArray:
        """Centroids (c, d + 1) of the cells."""
        centroids: FloatArray = faiss.downcast_index(self.index.quantizer).reconstruct_n(0, self.index.nlist)
        return centroids

    def vectors(self, ids: IdArray) -> FloatArray:
        """Rows (m, d + 1) of ids that are in the store.

        Raises
        ------
        IndexCorrupt
            A cell does not match its checksum.
        """
        positions = self.positions[np.searchsorted(self.ids, ids)]
        cells = np.searchsorted(self._cell_ends, positions, side="right")
        self.check(cells)
        found = np.empty((len(ids), self.dimension), np.float32)
        offsets = positions - (self._cell_ends - self.sizes)[cells]
        for row, (cell, offset) in enumerate(zip(cells.tolist(), offsets.tolist(), strict=True)):
            found[row] = self._rows_of(cell)[offset]  # faster than one group for each cell: few rows share one
        return found

    def _rows_of(self, cell: int) -> FloatArray:
        """The rows of a cell that is not empty; a view."""
        if cell not in self._views:
            self._views[cell] = self._codes(cell).view(np.float32).reshape(-1, self.dimension)
        return self._views[cell]

    def _codes(self, cell: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        length = int(self.sizes[cell]) * int(self.index.code_size)
        codes: np.ndarray[Any, np.dtype[np.uint8]] = faiss.rev_swig_ptr(
            self.index.invlists.get_codes(int(cell)), length
        )
        return codes

    def _cell_ids(self, cell: int) -> IdArray:
        cell_ids: IdArray = faiss.rev_swig_ptr(self.index.invlists.get_ids(int(cell)), int(self.sizes[cell]))
        return cell_ids

    def _checksum(self, cell: int) -> int:
        if not self.sizes[cell]:
            return 0
        return zlib.crc32(self._cell_ids(cell).data, zlib.crc32(self._codes(cell).data))

    def checksums(self) -> IdArray:
        """CRC-32 (c,) of the contents of each cell: rows, then ids, in the format of faiss."""
        return np.array([self._checksum(cell) for cell in range(len(self.sizes))], np.int64)

    def check(self, cells: IdArray | None = None) -> None:
        """Verify the checksums of these cells, or of all; each is verified once.

        Raises
        ------
        IndexCorrupt
            A cell does not match its checksum.
        """
        if self._expected_checksums is not None:
            to_check = np.arange(len(self.sizes)) if cells is None else cells
            for cell in np.unique(to_check[~self._verified[to_check]]).tolist():
                if self._checksum(cell) != self._expected_checksums[cell]:
                    raise IndexCorrupt("the index does not match its checksums; it is rebuilt")
                self._verified[cell] = True

    def search(
        self,
        queries: FloatArray,
        k: int,
        *,
        allowed: IdArray | None = None,
        excluded: IdArray | None = None,
        exact: bool = False,
    ) -> tuple[IdArray, FloatArray]:
        """The rows with the largest inner products.

        Cells are probed in rising distance from the query until enough rows are compared for the measured recall, and
        for a large ``k`` several rows for each result. With ``allowed``, only allowed rows count and cells without any
        are skipped, so no filter empties a result.

        Parameters
        ----------
        queries : (q, d + 1)
        k : int
        allowed : (m,) or None
            The only ids that can be returned; None is all.
        excluded : (e,) or None
            Ids that are not returned, few compared with the rest; ignored if ``allowed`` is given.
        exact : bool
            Probe all cells.

        Returns
        -------
        ids : (q, k)
            By falling product; :data:`NO_ID` where fewer match.
        products : (q, k)
            -inf where fewer match.

        Raises
        ------
        IndexCorrupt
            A probed cell does not match its checksum.
        """
        n, cells = len(self), len(self.sizes)
        if allowed is not None:
            allowed = allowed[self.contains(allowed)]
        found = np.full((len(queries), k), NO_ID, np.int64)
        products = np.full((len(queries), k), -np.inf, np.float32)
        n_results = min(k, n if allowed is None else len(allowed))
        if not n_results or not len(queries):
            return found, products
        n_candidates = max(self.nprobe * n / cells, CANDIDATES_PER_RESULT * n_results)
        if exact or cells == 1:
            probed = np.tile(np.arange(cells), (len(queries), 1))
        elif allowed is None:
            probed = self._nearest(queries, math.ceil(n_candidates * cells / n), in_order=False)
        else:
            counts = np.bincount(self._cells_of(allowed), minlength=cells)
            probed = cells_until(self._nearest(queries, cells), counts, FILTER_OVERSAMPLING * n_candidates)
        share = np.append(self.sizes, 0)[probed].sum() / len(queries) / (n if allowed is None else len(allowed))
        find = self._compare if is_faster(len(queries), share) else self._probe
        found[:, :n_results], products[:, :n_results] = find(queries, n_results, probed, allowed, excluded)
        if probed.shape[1] < cells:
            incomplete = np.flatnonzero(found[:, n_results - 1] == NO_ID)
            if len(incomplete):  # rare: a very large k, or many excluded ids
                found[incomplete, :n_results], products[incomplete, :n_results] = self._probe(
                    queries[incomplete], n_results, np.tile(np.arange(cells), (len(incomplete), 1)), allowed, excluded
                )
        products[found == NO_ID] = -np.inf
        return found, products

    def _nearest(self, queries: FloatArray, nprobe: int, *, in_order: bool = True) -> IdArray:
        """The cells (q, min(nprobe, c)) nearest to each query, nearest first unless any order will do."""
        if not in_order and _MANY_PROBES <= nprobe < len(self.sizes):
            return np.argpartition(queries @ self.centroids().T, -nprobe, axis=1)[:, -nprobe:]
        found: IdArray = self.index.quantizer.search(queries, min(nprobe, len(self.sizes)))[1]
        return found

    def _cells_of(self, ids: IdArray) -> IdArray:
        """The cell (m,) of each of these ids, which are in the store."""
        return np.searchsorted(self._cell_ends, self.positions[np.searchsorted(self.ids, ids)], side="right")

    def _compare(
        self, queries: FloatArray, k: int, cells: IdArray, allowed: IdArray | None, excluded: IdArray | None
    ) -> tuple[IdArray, FloatArray]:
        """The same as :meth:`_probe`, for very many queries."""
        blocks = self._blocks(allowed, excluded)
        with threads():
            found, products, rest = search_blocks(queries, blocks, k, cells, len(self.sizes))
        if len(rest):
            found[rest], products[rest] = self._probe(queries[rest], k, cells[rest], allowed, excluded)
        return found, products

    def _blocks(self, allowed: IdArray | None, excluded: IdArray | None) -> Iterator[Block]:
        """The rows that pass a filter, their ids and their cells, some thousand at a time."""
        self.check()
        non_empty = np.flatnonzero(self.sizes)  # an empty cell has no pointer to bytes
        ends = np.searchsorted(self._cell_ends[non_empty], np.arange(BLOCK, len(self), BLOCK))
        for cells in filter(len, np.split(non_empty, ends)):
            ids = np.concatenate([self._cell_ids(cell) for cell in cells])
            rows = np.concatenate([self._codes(cell) for cell in cells]).view(np.float32).reshape(-1, self.dimension)
            of_cell, selected = np.repeat(cells, self.sizes[cells]), is_selected(ids, allowed, excluded)
            if selected.all():
                yield rows, ids, of_cell
            elif selected.any():
                yield rows[selected], ids[selected], of_cell[selected]

    def _probe(
        self, queries: FloatArray, k: int, cells: IdArray, allowed: IdArray | None, excluded: IdArray | None
    ) -> tuple[IdArray, FloatArray]:
        """The ``k`` best rows in the cells (q, p) of each query that pass the filter; cell -1 is none."""
        self.check(cells[cells >= 0])
        queries, cells = np.ascontiguousarray(queries), np.ascontiguousarray(cells)
        products, found = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
        unused = np.zeros(cells.shape, np.float32)  # distances of the cells, which uncompressed rows do not need
        options = faiss.SearchParametersIVF(nprobe=cells.shape[1], sel=selector(allowed, excluded))
        arrays = [faiss.swig_ptr(array) for array in (cells, unused, products, found)]
        with threads() if len(queries) >= _LARGE_BATCH else nullcontext():  # the Python wrapper has no selectors
            self.index.search_preassigned_c(len(queries), faiss.swig_ptr(queries), k, *arrays, False, options)
        return found, products

    def recall(self, sample: int, k: int = 10) -> float:
        """Share of the ``k`` nearest of ``sample`` rows that a search finds, relative to exact search.

        Raises
        ------
        IndexCorrupt
            A cell does not match its checksum.
        """
        queries = self.vectors(self.ids[:: -(-len(self.ids) // sample)])
        queries[:, -1] = 1
        found, _ = self.search(queries, min(k + 1, len(self)))
        truth, _ = self.search(queries, min(k + 1, len(self)), exact=True)
        return overlap(found, truth)


def overlap(found: IdArray, truth: IdArray) -> float:
    """Mean share of the ids of each row of ``truth`` that are in the same row of ``found``.

    Parameters
    ----------
    found : (q, m)
    truth : (q, k)
        The first column, the query itself, is ignored.

    Examples
    --------
    >>> overlap(np.array([[1, 2, 3]]), np.array([[1, 2, 4]]))
    0.5
    """
    return float(np.mean([np.isin(true_ids[1:], row).mean() for row, true_ids in zip(found, truth, strict=True)]))
