"""The index of a library: a large set of vectors that stays as it was built, and a small one of what has come since.

Neither is changed once it is written: the small one is written anew with all it holds, and holds few.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import hubness, storage
from recsys.nearest.ivf import NO_ID, IvfStore, fit_centroids, nearest_cells

REBUILD_LIMIT = 4096  # vectors up to which all is built anew for each that comes: it takes no time
MERGE_RATIO = 0.1  # of the large set that the small one may grow to, before both become one

_NONE: IdArray = np.empty(0, np.int64)


class NearestIndex:
    """Vectors by id, and which are nearest to others; made by :meth:`build` or :meth:`load`."""

    def __init__(self, base: IvfStore, hubness_weight: float) -> None:
        self._base = base
        self._recent: IvfStore | None = None
        self._removed = _NONE  # ids of the base, rising, that have been replaced or removed
        self._hubness_weight = hubness_weight
        self._written: tuple[Path, str] | None = None  # where the base stands as it is, and its checksum

    @classmethod
    def build(cls, ids: IdArray, vectors: FloatArray) -> Self:
        """An index of ``vectors`` (n, d) under their unique ``ids`` (n,).

        Raises
        ------
        ValueError
            The shapes do not fit, an id comes twice, or a number is not finite.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        _check(ids, vectors, vectors.shape[1])
        correction, middle = hubness.csls_weight(len(ids)), fit_centroids(vectors)
        cell = nearest_cells(vectors, middle, 1)[:, 0] if len(middle) > 1 else np.zeros(len(ids), np.int64)
        order, sizes = np.argsort(cell, kind="stable"), np.bincount(cell, minlength=len(middle))
        stored = np.empty((len(vectors), vectors.shape[1] + 1), np.float32)
        np.take(vectors, order, axis=0, out=stored[:, :-1])
        around = nearest_cells(middle, middle, hubness.MAX_CELLS)
        densities = hubness.densities(stored[:, :-1], sizes, around, hubness.density_neighbours(len(ids)))
        stored[:, -1] = -correction * densities
        mean = np.bincount(cell[order], weights=stored[:, -1], minlength=len(middle)) / np.maximum(sizes, 1)
        return cls(IvfStore.build(ids[order], stored, sizes, np.column_stack([middle, mean])), correction)

    def __len__(self) -> int:
        return len(self._base) - len(self._removed) + (len(self._recent) if self._recent else 0)

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return self._base.dimension - 1

    @property
    def hubness_weight(self) -> float:
        """How strongly hubs are held back."""
        return self._hubness_weight

    @property
    def cells(self) -> tuple[int, int]:
        """How many cells there are, and how many a question for ten neighbours probes; of one, the search is exact."""
        return len(self._base.sizes), self._base.nprobe

    @property
    def ids(self) -> IdArray:
        """All ids (n,), rising."""
        old = np.setdiff1d(self._base.ids, self._removed, assume_unique=True) if len(self._removed) else self._base.ids
        return np.union1d(old, self._recent.ids) if self._recent else old

    @property
    def id_range(self) -> tuple[int, int]:
        """The least and the greatest id, of an index that holds some."""
        ids = self.ids if len(self._removed) or self._recent else self._base.ids
        return int(ids[0]), int(ids[-1])

    def __contains__(self, track_id: int) -> bool:
        return bool(self._contains(np.array([track_id], np.int64))[0])

    def _contains(self, ids: IdArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        held = self._base.contains(ids)
        if len(self._removed):
            held &= ~np.isin(ids, self._removed)
        if self._recent:
            held |= self._recent.contains(ids)
        return held

    def intersect(self, ids: IdArray) -> IdArray:
        """Those of ``ids`` that the index holds, rising."""
        ids = np.unique(np.asarray(ids, np.int64))
        return ids[self._contains(ids)]

    def add(self, ids: IdArray, vectors: FloatArray) -> None:
        """Add vectors (n, d), or replace those whose id is there already.

        The densities of the others are measured again when all is built anew: always in a small library, in a large one
        when a tenth has come since.

        Raises
        ------
        ValueError
            The shapes do not fit, an id comes twice, or a number is not finite.
        IndexCorrupt
        """
        ids, vectors = np.asarray(ids, np.int64), np.ascontiguousarray(vectors, np.float32)
        if not len(ids):
            return
        _check(ids, vectors, self.dimension)
        before = self._recent.ids if self._recent else _NONE
        kept = np.setdiff1d(before, ids, assume_unique=True)
        if len(self) + len(ids) <= REBUILD_LIMIT or len(kept) + len(ids) > MERGE_RATIO * len(self._base):
            old = np.setdiff1d(self.ids, ids, assume_unique=True)
            self._replace_with(self.build(np.concatenate([old, ids]), np.vstack([self.vectors(old), vectors])))
            return
        stored = np.column_stack([vectors, -self._hubness_weight * self.local_density(vectors)])
        self._removed = np.union1d(self._removed, ids[self._base.contains(ids)])
        self._set_recent(np.concatenate([kept, ids]), np.vstack([self._stored(kept), stored]))

    def remove(self, ids: IdArray) -> None:
        """Forget these ids; those that are not there are passed over.

        Raises
        ------
        IndexCorrupt
        """
        ids = self.intersect(ids)
        if not len(ids):
            return
        if len(self) <= REBUILD_LIMIT or len(self._removed) + len(ids) > MERGE_RATIO * len(self._base):
            old = np.setdiff1d(self.ids, ids, assume_unique=True)
            self._replace_with(self.build(old, self.vectors(old)))
            return
        self._removed = np.union1d(self._removed, ids[self._base.contains(ids)])
        kept = np.setdiff1d(self._recent.ids if self._recent else _NONE, ids, assume_unique=True)
        self._set_recent(kept, self._stored(kept))

    def _replace_with(self, other: Self) -> None:
        self._base, self._recent, self._removed = other._base, None, _NONE
        self._hubness_weight, self._written = other._hubness_weight, None

    def _set_recent(self, ids: IdArray, stored: FloatArray) -> None:
        """Let these be what has come since, in the cells of the base."""
        middle = self._base.centroids()
        cell = nearest_cells(np.ascontiguousarray(stored[:, :-1]), np.ascontiguousarray(middle[:, :-1]), 1)[:, 0]
        order = np.argsort(cell, kind="stable")
        sizes = np.bincount(cell, minlength=len(middle))
        self._recent = IvfStore.build(ids[order], stored[order], sizes, middle, nprobe=self._base.nprobe)

    def local_density(self, vectors: FloatArray) -> FloatArray:
        """Densities (n,) of vectors (n, d), of which the index may hold copies.

        Raises
        ------
        IndexCorrupt
        """
        wanted = hubness.density_neighbours(len(self._base))
        k = min(wanted + hubness.EXTRA_NEIGHBOURS, len(self._base))
        asked = np.column_stack([vectors, np.zeros(len(vectors), np.float32)])
        _, found = self._base.search(np.ascontiguousarray(asked, np.float32), k)
        return hubness.mean_of_nearest(found, wanted)

    def densities(self, ids: IdArray) -> FloatArray:
        """Densities (n,) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        IndexCorrupt
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
        """The ``n`` most similar to each query, most similar first.

        Parameters
        ----------
        queries : (q, d) unit vectors
        n : how many, at least 1
        densities : (q,) of the queries, where they are known: measuring them takes another search
        allowed : (m,) the only ids an answer may hold; None: all
        excluded : (b,) ids it may not hold, whatever is allowed
        mean_of_queries : one answer (q = 1), by the mean similarity to all queries
        exact : compare all, however many there are

        Returns
        -------
        ids : (q, k), k = n or as many as there are; ``NO_ID`` where fewer match
        similarities : (q, k) float32 in [-1, 1], 1 the same sound; -inf where fewer match

        Raises
        ------
        IndexCorrupt
            What the answer stands in is not what was written.
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
        asked = np.column_stack([queries, np.ones(len(queries), np.float32)])
        ids, products = self._base.search(asked, k, **self._still_allowed(allowed, excluded), exact=exact)
        if self._recent:
            more, others = self._recent.search(asked, k, allowed=allowed, excluded=excluded, exact=exact)
            ids, products = np.hstack([ids, more]), np.hstack([products, others])
            best = np.argsort(-products, axis=1, kind="stable")[:, :k]
            ids, products = np.take_along_axis(ids, best, 1), np.take_along_axis(products, best, 1)
        similarities = np.clip(products + self._hubness_weight * densities[:, None], -1, 1)
        return ids, np.where(ids == NO_ID, -np.inf, similarities).astype(np.float32)

    def similarities(
        self, queries: FloatArray, others: FloatArray, *, densities: FloatArray, other_densities: FloatArray
    ) -> FloatArray:
        """Similarities (q, m) in [-1, 1] of each query (q, d) with other sounds (m, d), as :meth:`search` ranks them.

        The densities (q,), (m,) are those of :meth:`densities` for vectors of the index, of :meth:`local_density` for
        others.
        """
        return hubness.similarities(queries @ others.T, densities, other_densities, self._hubness_weight)

    def _still_allowed(self, allowed: IdArray | None, excluded: IdArray | None) -> dict[str, IdArray | None]:
        """The filter for the base, some of which is gone."""
        if not len(self._removed):
            return {"allowed": allowed, "excluded": excluded}
        if allowed is not None:
            return {"allowed": np.setdiff1d(allowed, self._removed)}
        return {"excluded": self._removed if excluded is None else np.union1d(self._removed, excluded)}

    def recall(self, sample: int = 200) -> float:
        """Share of the ten nearest of so many tracks that are found, beside exact search.

        Raises
        ------
        IndexCorrupt
        """
        return self._base.recall(sample)

    def vectors(self, ids: IdArray) -> FloatArray:
        """Vectors (n, d) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        IndexCorrupt
        """
        return np.ascontiguousarray(self._stored(ids)[:, :-1])

    def hubness_penalties(self, ids: IdArray) -> FloatArray:
        """By how much (n,) the similarity of these ids is less than their cosine, before the query has its say.

        Raises
        ------
        KeyError
            An id is not in the index.
        IndexCorrupt
        """
        return np.ascontiguousarray(-self._stored(ids)[:, -1])

    def _stored(self, ids: IdArray) -> FloatArray:
        ids = np.asarray(ids, np.int64)
        held = self._contains(ids)
        if not held.all():
            raise KeyError(int(ids[np.argmin(held)]))
        rows = np.empty((len(ids), self.dimension + 1), np.float32)
        late = self._recent.contains(ids) if self._recent else np.zeros(len(ids), bool)
        rows[~late] = self._base.vectors(ids[~late])
        if self._recent:
            rows[late] = self._recent.vectors(ids[late])
        return rows

    def check(self) -> None:
        """Look through all that has not been looked at yet.

        Raises
        ------
        IndexCorrupt
        """
        self._base.check()
        if self._recent:
            self._recent.check()

    def save(self, path: Path, stamp: Mapping[str, int | str]) -> None:
        """Write the index to ``path``, or what has come since it was written to a file beside it.

        Raises
        ------
        RecsysError
            A file cannot be written; what stood there before is still good.
        """
        if self._written is None or self._written[0] != path or len(self) <= REBUILD_LIMIT:
            if self._recent is not None or len(self._removed):
                self._replace_with(self.build(self.ids, self.vectors(self.ids)))
            checksum = storage.write(path, self._base, {"correction": self._hubness_weight, "stamp": dict(stamp)})
            _beside(path).unlink(missing_ok=True)
            self._written = path, checksum
        else:
            if self._recent is None:
                self._set_recent(_NONE, np.empty((0, self.dimension + 1), np.float32))
            assert self._recent is not None
            manifest = {"base": self._written[1], "gone": self._removed.tolist(), "stamp": dict(stamp)}
            storage.write(_beside(path), self._recent, manifest)

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, int | str]]:
        """The index saved at ``path`` and its stamp. Its vectors are not read, and are checked when they are.

        Raises
        ------
        FileNotFoundError
            None has been saved there.
        IndexCorrupt
            The file is not what its manifest says, or (``IndexOutdated``) another version wrote it.
        """
        base, manifest = storage.read(path)
        index = cls(base, float(manifest["correction"]))
        index._written = path, manifest["checksum"]
        try:
            recent, late = storage.read(_beside(path))
        except FileNotFoundError:
            return index, dict(manifest["stamp"])
        if late["base"] == manifest["checksum"]:  # else it belonged to one that has been built anew since
            index._recent, index._removed = recent, np.array(late["gone"], np.int64)
            manifest = late
        return index, dict(manifest["stamp"])


def delete_index(path: Path) -> None:
    """Forget the index saved at ``path``."""
    path.unlink(missing_ok=True)
    _beside(path).unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-recent{path.suffix}")


def _check(ids: IdArray, vectors: FloatArray, dimension: int) -> None:
    if vectors.shape != (len(ids), dimension):
        raise ValueError(f"{len(ids)} ids need ({len(ids)}, {dimension}), not {vectors.shape}")
    if len(np.unique(ids)) != len(ids):
        raise ValueError("an id comes twice")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds NaN or infinity")
