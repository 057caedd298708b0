"""The index of a library: a large store that is not changed once it is built, and a small one with the recent vectors.

The small store is rewritten as a whole with each change, and is merged when it has grown.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import hubness, storage
from recsys.nearest.graph import neighbours_of_all
from recsys.nearest.ivf import NO_ID, IvfStore, fit_centroids, nearest_cells

REBUILD_LIMIT = 4096  # up to this number of vectors, each change rebuilds the index, which takes no time
MERGE_RATIO = 0.1  # largest size of the small store relative to the large one, before both are merged

_NONE: IdArray = np.empty(0, np.int64)


class NearestIndex:
    """Unit vectors by id, and the search for the nearest ones; made by :meth:`build` or :meth:`load`.

    Every method that reads vectors raises ``IndexCorrupt`` if a cell of a loaded index does not match its checksum.

    Examples
    --------
    >>> index = NearestIndex.build(np.array([7, 8, 9]), np.eye(3, dtype=np.float32))
    >>> ids, similarities = index.search(np.array([[0.8, 0.6, 0.0]], np.float32), 2)
    >>> ids
    array([[7, 8]])
    """

    def __init__(self, base: IvfStore, hubness_weight: float) -> None:
        self._base = base
        self._recent: IvfStore | None = None
        self._removed = _NONE  # ids of the base that have been replaced or removed, in rising order
        self._hubness_weight = hubness_weight
        self._saved: tuple[Path, str] | None = None  # where the base is saved, and its checksum

    @classmethod
    def build(cls, ids: IdArray, vectors: FloatArray) -> Self:
        """Build an index.

        Parameters
        ----------
        ids : (n,)
            Unique.
        vectors : (n, d)
            Of length one.

        Raises
        ------
        ValueError
            The shapes differ, an id occurs twice, or a number is not finite.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        _check_vectors(ids, vectors, vectors.shape[1])
        weight, centroids = hubness.csls_weight(len(ids)), fit_centroids(vectors)
        cell = nearest_cells(vectors, centroids, 1)[:, 0]
        order, sizes = np.argsort(cell, kind="stable"), np.bincount(cell, minlength=len(centroids))
        stored = np.empty((len(vectors), vectors.shape[1] + 1), np.float32)
        np.take(vectors, order, axis=0, out=stored[:, :-1])
        neighbour_cells = nearest_cells(centroids, centroids, hubness.MAX_CELLS)
        densities = hubness.densities(stored[:, :-1], sizes, neighbour_cells, hubness.density_neighbours(len(ids)))
        stored[:, -1] = -weight * densities
        mean = np.bincount(cell[order], weights=stored[:, -1], minlength=len(centroids)) / np.maximum(sizes, 1)
        return cls(IvfStore.build(ids[order], stored, sizes, np.column_stack([centroids, mean])), weight)

    def __len__(self) -> int:
        return len(self._base) - len(self._removed) + (len(self._recent) if self._recent else 0)

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return self._base.dimension - 1

    @property
    def hubness_weight(self) -> float:
        """Weight of the hubness correction."""
        return self._hubness_weight

    @property
    def cells(self) -> tuple[int, int]:
        """Number of cells, and of those that a query for ten neighbours probes; with one cell the search is exact."""
        return len(self._base.sizes), self._base.nprobe

    @property
    def ids(self) -> IdArray:
        """All ids (n,), in rising order."""
        ids = self._base.ids
        if len(self._removed):
            ids = np.setdiff1d(ids, self._removed, assume_unique=True)
        return np.union1d(ids, self._recent.ids) if self._recent else ids

    @property
    def id_range(self) -> tuple[int, int]:
        """The smallest and the largest id of an index that is not empty."""
        ids = self.ids if len(self._removed) or self._recent else self._base.ids
        return int(ids[0]), int(ids[-1])

    def __contains__(self, track_id: int) -> bool:
        return bool(self._contains(np.array([track_id], np.int64))[0])

    def _contains(self, ids: IdArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        contained = self._base.contains(ids)
        if len(self._removed):
            contained &= ~np.isin(ids, self._removed)
        if self._recent:
            contained |= self._recent.contains(ids)
        return contained

    def intersect(self, ids: IdArray) -> IdArray:
        """Those of ``ids`` that are in the index, in rising order."""
        ids = np.unique(np.asarray(ids, np.int64))
        return ids[self._contains(ids)]

    def add(self, ids: IdArray, vectors: FloatArray) -> None:
        """Add vectors (n, d), or replace those of ids that are in the index.

        The densities of the other vectors are measured again when the index is rebuilt: always in a small library, and
        in a large one when a tenth is recent.

        Raises
        ------
        ValueError
            The shapes differ, an id occurs twice, or a number is not finite.
        """
        ids, vectors = np.asarray(ids, np.int64), np.ascontiguousarray(vectors, np.float32)
        if not len(ids):
            return
        _check_vectors(ids, vectors, self.dimension)
        recent_ids = self._recent.ids if self._recent else _NONE
        kept = np.setdiff1d(recent_ids, ids, assume_unique=True)
        if len(self) + len(ids) <= REBUILD_LIMIT or len(kept) + len(ids) > MERGE_RATIO * len(self._base):
            kept_ids = np.setdiff1d(self.ids, ids, assume_unique=True)
            self._replace_with(
                self.build(np.concatenate([kept_ids, ids]), np.vstack([self.vectors(kept_ids), vectors]))
            )
            return
        stored = np.column_stack([vectors, -self._hubness_weight * self.local_density(vectors)])
        self._removed = np.union1d(self._removed, ids[self._base.contains(ids)])
        self._set_recent(np.concatenate([kept, ids]), np.vstack([self._stored(kept), stored]))

    def remove(self, ids: IdArray) -> None:
        """Remove these ids; unknown ids are ignored."""
        ids = self.intersect(ids)
        if not len(ids):
            return
        if len(self) <= REBUILD_LIMIT or len(self._removed) + len(ids) > MERGE_RATIO * len(self._base):
            kept_ids = np.setdiff1d(self.ids, ids, assume_unique=True)
            self._replace_with(self.build(kept_ids, self.vectors(kept_ids)))
            return
        self._removed = np.union1d(self._removed, ids[self._base.contains(ids)])
        kept = np.setdiff1d(self._recent.ids if self._recent else _NONE, ids, assume_unique=True)
        self._set_recent(kept, self._stored(kept))

    def _replace_with(self, other: Self) -> None:
        self._base, self._recent, self._removed = other._base, None, _NONE
        self._hubness_weight, self._saved = other._hubness_weight, None

    def _set_recent(self, ids: IdArray, stored: FloatArray) -> None:
        """Replace the recent vectors by these, in the cells of the base."""
        centroids = self._base.centroids()
        cell = nearest_cells(np.ascontiguousarray(stored[:, :-1]), np.ascontiguousarray(centroids[:, :-1]), 1)[:, 0]
        order = np.argsort(cell, kind="stable")
        sizes = np.bincount(cell, minlength=len(centroids))
        self._recent = IvfStore.build(ids[order], stored[order], sizes, centroids, nprobe=self._base.nprobe)

    def local_density(self, vectors: FloatArray) -> FloatArray:
        """Densities (n,) of vectors (n, d), which may be in the index."""
        k_density = hubness.density_neighbours(len(self._base))
        k = min(k_density + hubness.EXTRA_NEIGHBOURS, len(self._base))
        query_rows = np.column_stack([vectors, np.zeros(len(vectors), np.float32)])
        _, found = self._base.search(np.ascontiguousarray(query_rows, np.float32), k)
        return hubness.mean_of_nearest(found, k_density)

    def densities(self, ids: IdArray) -> FloatArray:
        """Densities (n,) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        return self.hubness_penalties(ids) / np.float32(self._hubness_weight)

    def search(
        self,
        queries: FloatArray,
        n: int,
        *,
        densities: FloatArray | None = None,
        allowed: IdArray | None = None,
        excluded: IdArray | None = None,
        mean_of_queries: bool = False,
        exact: bool = False,
    ) -> tuple[IdArray, FloatArray]:
        """The ``n`` tracks most similar to each query, most similar first.

        Parameters
        ----------
        queries : (q, d)
            Unit vectors.
        n : int
            At least 1.
        densities : (q,) or None
            Of the queries; None measures them, which takes another search.
        allowed : (m,) or None
            The only ids that can be returned; None is all.
        excluded : (e,) or None
            Ids that are not returned, even if they are allowed.
        mean_of_queries : bool
            Return one result (q = 1), by the mean similarity to all queries.
        exact : bool
            Compare all vectors.

        Returns
        -------
        ids : (q, k)
            k is n, or the number of vectors if that is smaller; ``NO_ID`` where fewer match.
        similarities : (q, k) float32
            In [-1, 1], 1 for the same track; -inf where fewer match.
        """
        if allowed is not None and excluded is not None:
            allowed, excluded = np.setdiff1d(allowed, excluded), None
        k = min(n, len(self) if allowed is None else min(len(allowed), len(self)))
        queries = np.ascontiguousarray(queries, np.float32)
        if densities is None:
            densities = self.local_density(queries)
        if mean_of_queries:
            queries, densities = queries.mean(axis=0, keepdims=True), densities.mean(keepdims=True)
        if k == 0:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        query_rows = np.column_stack([queries, np.ones(len(queries), np.float32)])
        ids, products = self._base.search(query_rows, k, **self._base_filter(allowed, excluded), exact=exact)
        if self._recent:
            recent = self._recent.search(query_rows, k, allowed=allowed, excluded=excluded, exact=exact)
            ids, products = np.hstack([ids, recent[0]]), np.hstack([products, recent[1]])
            best = np.argsort(-products, axis=1, kind="stable")[:, :k]
            ids, products = np.take_along_axis(ids, best, 1), np.take_along_axis(products, best, 1)
        similarities = np.clip(products + self._hubness_weight * densities[:, None], -1, 1)
        return ids, np.where(ids == NO_ID, -np.inf, similarities).astype(np.float32)

    def similarities(
        self, queries: FloatArray, others: FloatArray, *, densities: FloatArray, other_densities: FloatArray
    ) -> FloatArray:
        """Similarities of each query with other vectors, as :meth:`search` ranks them.

        Parameters
        ----------
        queries, others : (q, d), (m, d)
        densities, other_densities : (q,), (m,)
            From :meth:`densities` for vectors of the index, from :meth:`local_density` for others.

        Returns
        -------
        (q, m)
            In [-1, 1].
        """
        return hubness.similarities(queries @ others.T, densities, other_densities, self._hubness_weight)

    def _base_filter(self, allowed: IdArray | None, excluded: IdArray | None) -> dict[str, IdArray | None]:
        """The filter for the base, some of whose ids are removed."""
        if not len(self._removed):
            return {"allowed": allowed, "excluded": excluded}
        if allowed is not None:
            return {"allowed": np.setdiff1d(allowed, self._removed)}
        return {"excluded": self._removed if excluded is None else np.union1d(self._removed, excluded)}

    def recall(self, sample: int = 200) -> float:
        """Share of the ten nearest of ``sample`` tracks that a search finds, relative to exact search."""
        return self._base.recall(sample)

    def neighbour_rows(self, k: int, *, on_progress: Callable[[int], None] = lambda _: None) -> IdArray:
        """The nearest neighbours (n, min(k, n - 1)) of all vectors, as rows of :attr:`ids`; -1 is none.

        In a large index they are approximate: see :mod:`recsys.nearest.graph`, also for ``on_progress``.
        """
        stored, centroids = self._stored(self.ids), self._base.centroids()
        vectors, around = (np.ascontiguousarray(rows[:, :-1]) for rows in (stored, centroids))
        return neighbours_of_all(vectors, -stored[:, -1], around, k, on_progress=on_progress)

    def vectors(self, ids: IdArray) -> FloatArray:
        """Vectors (n, d) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        return np.ascontiguousarray(self._stored(ids)[:, :-1])

    def hubness_penalties(self, ids: IdArray) -> FloatArray:
        """Hubness penalties (n,) of these ids.

        The similarity of a track to a query of density 0 is the cosine minus the penalty.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        return np.ascontiguousarray(-self._stored(ids)[:, -1])

    def _stored(self, ids: IdArray) -> FloatArray:
        ids = np.asarray(ids, np.int64)
        contained = self._contains(ids)
        if not contained.all():
            raise KeyError(int(ids[np.argmin(contained)]))
        rows = np.empty((len(ids), self.dimension + 1), np.float32)
        is_recent = self._recent.contains(ids) if self._recent else np.zeros(len(ids), bool)
        rows[~is_recent] = self._base.vectors(ids[~is_recent])
        if self._recent:
            rows[is_recent] = self._recent.vectors(ids[is_recent])
        return rows

    def check(self) -> None:
        """Verify the checksums of all cells that have not been verified yet.

        Raises
        ------
        IndexCorrupt
            A cell does not match its checksum.
        """
        self._base.check()
        if self._recent:
            self._recent.check()

    def save(self, path: Path, stamp: Mapping[str, int | str]) -> None:
        """Write the index to ``path``, or only the recent vectors to a second file if the base is saved there.

        Raises
        ------
        RecsysError
            A file cannot be written; the previous files are unchanged.
        """
        if self._saved is None or self._saved[0] != path or len(self) <= REBUILD_LIMIT:
            if self._recent is not None or len(self._removed):
                self._replace_with(self.build(self.ids, self.vectors(self.ids)))
            checksum = storage.write(path, self._base, {"correction": self._hubness_weight, "stamp": dict(stamp)})
            _recent_path(path).unlink(missing_ok=True)
            self._saved = path, checksum
        else:
            if self._recent is None:
                self._set_recent(_NONE, np.empty((0, self.dimension + 1), np.float32))
            assert self._recent is not None
            manifest = {"base": self._saved[1], "gone": self._removed.tolist(), "stamp": dict(stamp)}
            storage.write(_recent_path(path), self._recent, manifest)

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, int | str]]:
        """The index saved at ``path``, and its stamp. The vectors are mapped, and verified when they are first used.

        Raises
        ------
        FileNotFoundError
            There is no file.
        IndexCorrupt
            The file does not match its manifest.
        IndexOutdated
            The file is of another version.
        """
        base, manifest = storage.read(path)
        index = cls(base, float(manifest["correction"]))
        index._saved = path, manifest["checksum"]
        try:
            recent, recent_manifest = storage.read(_recent_path(path))
        except FileNotFoundError:
            return index, dict(manifest["stamp"])
        if recent_manifest["base"] == manifest["checksum"]:  # else it belongs to a previous base
            index._recent, index._removed = recent, np.array(recent_manifest["gone"], np.int64)
            manifest = recent_manifest
        return index, dict(manifest["stamp"])


def delete_index(path: Path) -> None:
    """Delete the files of the index saved at ``path``."""
    for file in index_files(path):
        file.unlink(missing_ok=True)


def index_files(path: Path) -> tuple[Path, Path]:
    """The files of the index saved at ``path``: of the large store, and of the recent vectors."""
    return path, _recent_path(path)


def _recent_path(path: Path) -> Path:
    return path.with_name(f"{path.name}-recent")


def _check_vectors(ids: IdArray, vectors: FloatArray, dimension: int) -> None:
    if vectors.shape != (len(ids), dimension):
        raise ValueError(f"vectors must have shape ({len(ids)}, {dimension}), got {vectors.shape}")
    if len(np.unique(ids)) != len(ids):
        raise ValueError("ids must be unique")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors must be finite")
