"""Vectors in cells: one immutable set of them, built in memory or mapped from a file, and the search in it.

Rows are *stored* as (d + 1) numbers: the unit vector, and its penalty with a minus sign. Asked for as a vector with a 1
behind it, a row's inner product is its similarity but for what the query adds to all alike.
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

NO_ID = -1  # the id in a row of an answer that has fewer matches than asked for
EXACT_SEARCH_LIMIT = 20_000  # vectors up to which all are compared
RECALL = 0.995  # of the ten nearest that enough probes find among our own vectors: some more than the 0.99 we promise
CANDIDATES_PER_RESULT = 4  # vectors at least that are compared for each that is asked for
FILTER_OVERSAMPLING = (
    2  # times as many where a filter picks: what it lets through may lie far from the query, in many cells
)

_CELLS = 4.0  # times the root of the number of vectors, as faiss advises
_TRAINING, _ROUNDS = 39, 6  # vectors a cell that k-means sees (faiss asks for 39), and its iterations
_SAMPLE = 512  # vectors whose neighbours are looked up to choose the number of probes
_LARGE_BATCH = 32  # queries from which threads pay

faiss: Any = _faiss  # its type stubs describe the C++ calls, not those of Python
_THREADS = faiss.omp_get_max_threads()
faiss.omp_set_num_threads(1)  # a query is too short to gain from threads, and workers share the machine


@contextmanager
def threads() -> Iterator[None]:
    """As many threads as the machine has, or OMP_NUM_THREADS says, for what takes longer than a query."""
    faiss.omp_set_num_threads(_THREADS)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(1)


def fit_centroids(vectors: FloatArray) -> FloatArray:
    """Centres (c, d) of the cells in which these vectors (n, d) should lie: one cell where exact search is fast."""
    n, dimension = vectors.shape
    if n <= EXACT_SEARCH_LIMIT:
        return np.zeros((1, dimension), np.float32)
    cells = int(_CELLS * math.sqrt(n))
    means = faiss.Kmeans(
        dimension, cells, niter=_ROUNDS, spherical=True, seed=1, min_points_per_centroid=1,
        max_points_per_centroid=_TRAINING,
    )  # fmt: skip
    chosen = np.random.default_rng(0).choice(n, min(n, _TRAINING * cells), replace=False)
    with threads():
        means.train(vectors[chosen])
    found: FloatArray = means.centroids
    return found


def nearest_cells(vectors: FloatArray, among: FloatArray, k: int) -> IdArray:
    """The ``k`` cells, or as many as there are, whose centres (c, d) are nearest to each vector, (n, k)."""
    with threads():
        _, found = faiss.knn(vectors, among, min(k, len(among)), metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(found, np.int64)


class IvfStore:
    """n rows of d + 1 numbers under their ids, cell by cell; made by :meth:`build` or read from a file.

    Attributes
    ----------
    index : the ``faiss.IndexIVFFlat``
    ids : (n,) rising
    positions : (n,) where the row of each id stands, counted cell by cell
    nprobe : cells searched for ten neighbours
    """

    def __init__(
        self, index: Any, ids: IdArray, positions: IdArray, nprobe: int, checksums: IdArray | None = None
    ) -> None:
        self.index, self.ids, self.positions, self.nprobe = index, ids, positions, nprobe
        lists = index.invlists
        self.sizes = np.array([lists.list_size(cell) for cell in range(index.nlist)], np.int64)
        self._ends = np.cumsum(self.sizes)
        self._given_checksums = checksums
        self._trusted = np.full(index.nlist, checksums is None)

    @classmethod
    def build(
        cls, ids: IdArray, stored: FloatArray, sizes: IdArray, middle: FloatArray, *, nprobe: int | None = None
    ) -> Self:
        """Cells of these sizes (c,), their rows (n, d + 1) one cell after the other, round centres (c, d + 1).

        Where it is not said how many ``nprobe`` are enough, that is measured.
        """
        quantizer = faiss.IndexFlatIP(middle.shape[1])
        quantizer.add(np.ascontiguousarray(middle, np.float32))
        index = faiss.IndexIVFFlat(quantizer, middle.shape[1], len(middle), faiss.METRIC_INNER_PRODUCT)
        ids, ends = np.ascontiguousarray(ids, np.int64), np.cumsum(sizes)
        for cell in np.flatnonzero(sizes):
            rows = slice(ends[cell] - sizes[cell], ends[cell])
            codes = np.ascontiguousarray(stored[rows], np.float32).view(np.uint8)
            names = ids[rows]
            index.invlists.add_entries(int(cell), len(names), faiss.swig_ptr(names), faiss.swig_ptr(codes))
        index.ntotal, index.is_trained = len(ids), True
        order = np.argsort(ids, kind="stable")
        new = cls(index, ids[order], order, nprobe or 1)
        if nprobe is None:
            new.nprobe = new._enough_probes(stored)
        return new

    def _enough_probes(self, stored: FloatArray) -> int:
        """The fewest probes, in powers of two, that find ``RECALL`` of the ten nearest of a sample of the rows."""
        if len(self.sizes) == 1:
            return 1
        sample = stored[:: -(-len(stored) // _SAMPLE)].copy()
        sample[:, -1] = 1
        with threads():
            _, truth = faiss.knn(sample, stored, 11, metric=faiss.METRIC_INNER_PRODUCT)
        names = np.empty(len(self), np.int64)
        names[self.positions] = self.ids
        probes = 4
        while probes < len(self.sizes):
            found, _ = self._probe(sample, 11, self._nearest(sample, probes), None)
            if overlap(found, names[truth]) >= RECALL:
                return probes
            probes *= 2
        return len(self.sizes)

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def dimension(self) -> int:
        """Numbers in a row."""
        return int(self.index.d)

    def in_memory_copy(self) -> Self:
        """The same, of no file: faiss writes of what is mapped only where it lies.

        Raises
        ------
        IndexCorrupt
        """
        if self._given_checksums is None:
            return self
        self.check()
        filled = np.flatnonzero(self.sizes).tolist()
        names, codes = [self._names(cell) for cell in filled], [self._codes(cell) for cell in filled]
        ids = np.concatenate([np.empty(0, np.int64), *names])
        stored = np.concatenate([np.empty(0, np.uint8), *codes]).view(np.float32).reshape(-1, self.dimension)
        return self.build(ids, stored, self.sizes, self.centroids(), nprobe=self.nprobe)

    def contains(self, ids: IdArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each of these ids (m,) is here."""
        spots = np.searchsorted(self.ids, ids)
        found = spots < len(self.ids)
        found[found] = self.ids[spots[found]] == ids[found]
        return found

    def centroids(self) -> FloatArray:
        """Centres (c, d + 1) of the cells."""
        held: FloatArray = faiss.downcast_index(self.index.quantizer).reconstruct_n(0, self.index.nlist)
        return held

    def vectors(self, ids: IdArray) -> FloatArray:
        """Rows (m, d + 1) of ids that are here.

        Raises
        ------
        IndexCorrupt
        """
        places, cells = self.positions[np.searchsorted(self.ids, ids)], self._cells_of(ids)
        self.check(cells)
        found = np.empty((len(ids), self.dimension), np.float32)
        order = np.argsort(cells, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(cells[order])) + 1) if len(ids) else []:
            cell = cells[group[0]]
            codes = self._codes(cell).view(np.float32).reshape(-1, self.dimension)
            found[group] = codes[places[group] - (self._ends[cell] - self.sizes[cell])]
        return found

    def _codes(self, cell: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        length = int(self.sizes[cell]) * int(self.index.code_size)
        codes: np.ndarray[Any, np.dtype[np.uint8]] = faiss.rev_swig_ptr(
            self.index.invlists.get_codes(int(cell)), length
        )
        return codes

    def _names(self, cell: int) -> IdArray:
        names: IdArray = faiss.rev_swig_ptr(self.index.invlists.get_ids(int(cell)), int(self.sizes[cell]))
        return names

    def _checksum(self, cell: int) -> int:
        if not self.sizes[cell]:
            return 0
        return zlib.crc32(self._names(cell).data, zlib.crc32(self._codes(cell).data))

    def checksums(self) -> IdArray:
        """CRC-32 (c,) of what each cell holds: rows, then ids, as faiss writes them."""
        return np.array([self._checksum(cell) for cell in range(len(self.sizes))], np.int64)

    def check(self, cells: IdArray | None = None) -> None:
        """Trust these cells, or all: each is looked through before it is first believed, and only then.

        Raises
        ------
        IndexCorrupt
        """
        if self._given_checksums is not None:
            asked = np.arange(len(self.sizes)) if cells is None else cells
            for cell in np.unique(asked[~self._trusted[asked]]).tolist():
                if self._checksum(cell) != self._given_checksums[cell]:
                    raise IndexCorrupt("the index is not what its manifest says; it is built anew")
                self._trusted[cell] = True

    def search(
        self,
        queries: FloatArray,
        k: int,
        *,
        allowed: IdArray | None = None,
        excluded: IdArray | None = None,
        exact: bool = False,
    ) -> tuple[IdArray, FloatArray]:
        """Ids and inner products, (q, k) each, of the largest, by falling product; ``NO_ID`` and -inf fill up.

        Cells are probed, nearest first, until as many rows have been compared as it takes for the recall that was
        measured, or, for a large ``k``, several for each that is asked for. Where only the ``allowed`` may be an
        answer, only they count, and cells without any are passed over: no filter empties a list. ``excluded`` rows, if
        nothing is said of allowed ones, are few beside the rest. ``exact`` probes all.

        Raises
        ------
        IndexCorrupt
        """
        n, cells = len(self), len(self.sizes)
        if allowed is not None:
            allowed = allowed[self.contains(allowed)]
        found = np.full((len(queries), k), NO_ID, np.int64)
        products = np.full((len(queries), k), -np.inf, np.float32)
        able = min(k, n if allowed is None else len(allowed))
        if not able or not len(queries):
            return found, products
        crowd = max(self.nprobe * n / cells, CANDIDATES_PER_RESULT * able)
        if exact or cells == 1:
            where = np.tile(np.arange(cells), (len(queries), 1))
        elif allowed is None:
            where = self._nearest(queries, math.ceil(crowd * cells / n))
        else:
            counts = np.bincount(self._cells_of(allowed), minlength=cells)
            where = _until(self._nearest(queries, cells), counts, FILTER_OVERSAMPLING * crowd)
        selector = _selector(allowed, excluded)
        found[:, :able], products[:, :able] = self._probe(queries, able, where, selector)
        if where.shape[1] < cells and allowed is None:  # so large a k, or so many barred, are rare
            short = np.flatnonzero(found[:, able - 1] == NO_ID)
            if len(short):
                found[short, :able], products[short, :able] = self._probe(
                    queries[short], able, np.tile(np.arange(cells), (len(short), 1)), selector
                )
        products[found == NO_ID] = -np.inf
        return found, products

    def _nearest(self, queries: FloatArray, probes: int) -> IdArray:
        """The cells (q, probes) or all (q, c) nearest to each query, nearest first."""
        found: IdArray = self.index.quantizer.search(queries, min(probes, len(self.sizes)))[1]
        return found

    def _cells_of(self, ids: IdArray) -> IdArray:
        """The cell (m,) of each of these ids, which are here."""
        return np.searchsorted(self._ends, self.positions[np.searchsorted(self.ids, ids)], side="right")

    def _probe(self, queries: FloatArray, k: int, cells: IdArray, selector: Any) -> tuple[IdArray, FloatArray]:
        """The ``k`` best rows in the cells (q, p) of each query, of which -1 is none."""
        self.check(cells[cells >= 0])
        cells = np.ascontiguousarray(cells)
        products, found = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
        closeness = np.zeros(cells.shape, np.float32)  # of the cells: rows that are stored whole do not need it
        options = faiss.SearchParametersIVF(nprobe=cells.shape[1], sel=selector)
        arrays = [faiss.swig_ptr(array) for array in (cells, closeness, products, found)]
        with threads() if len(queries) >= _LARGE_BATCH else nullcontext():  # the wrapper in Python knows no selectors
            self.index.search_preassigned_c(len(queries), faiss.swig_ptr(queries), k, *arrays, False, options)
        return found, products

    def recall(self, sample: int, k: int = 10) -> float:
        """Share of the ``k`` nearest of ``sample`` rows that a search finds as an exact one does.

        Raises
        ------
        IndexCorrupt
        """
        queries = self.vectors(self.ids[:: -(-len(self.ids) // sample)])
        queries[:, -1] = 1
        found, _ = self.search(queries, min(k + 1, len(self)))
        truth, _ = self.search(queries, min(k + 1, len(self)), exact=True)
        return overlap(found, truth)


def overlap(found: IdArray, truth: IdArray) -> float:
    """Mean share of the ids of each row of ``truth`` (q, k), without the first, the query, that ``found`` has."""
    return float(np.mean([np.isin(right[1:], row).mean() for row, right in zip(found, truth, strict=True)]))


def _until(cells: IdArray, counts: IdArray, enough: float) -> IdArray:
    """Of all cells (q, c), nearest first, those (q, p) in which rows count, until enough do; -1 fills up."""
    inside = counts[cells]
    wanted = (inside > 0) & (np.cumsum(inside, axis=1) - inside < enough)
    first = np.argsort(~wanted, axis=1, kind="stable")[:, : wanted.sum(axis=1).max()]
    chosen: IdArray = np.where(np.take_along_axis(wanted, first, 1), np.take_along_axis(cells, first, 1), -1)
    return chosen


def _selector(allowed: IdArray | None, excluded: IdArray | None) -> Any:
    """What faiss asks of each id; None: nothing. One bit an id is tested in constant time, whatever the filter."""
    if allowed is not None:
        return faiss.IDSelectorBitmap(_bitmap(allowed))
    if excluded is not None and len(excluded):
        return faiss.IDSelectorNot(faiss.IDSelectorBitmap(_bitmap(excluded)))
    return None


def _bitmap(ids: IdArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    bits = np.zeros(int(ids.max(initial=0)) + 1, bool)
    bits[ids] = True
    return np.packbits(bits, bitorder="little")
