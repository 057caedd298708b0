"""What is close? An index of unit vectors that answers by inner product, and its file.

Vocabulary: ``ids`` (n,) int64 name the tracks; ``vectors`` (n, d) are float32 of length one, so that an inner
product is the cosine of the angle between two sounds: 1 the same, 0 nothing in common. Only ``allowed`` ids
may stand in an answer, and the search itself obeys: a narrow filter never empties a list that has matches.

Some sounds are near to everything; unless they are held back, these *hubs* fill every list (Radovanović et al. 2010).
So tracks are ranked by *similarity*: the cosine less ``CORRECTION`` times how much closer the found track lies to its
own ten neighbours than the query to its own (CSLS, Conneau et al. 2018, where it is 0.5). The same sound has 1; a hub
has less than its cosine. How close a vector lies to its neighbours, its *density*, is measured among ``anchors``: all
vectors, or a sample of them. The density of a track is one more number of its vector, so the search remains one of
inner products.

The search is exact (``faiss.IndexFlatIP``): 4 ms a query among 200,000 tracks of 64 numbers on one thread.

A saved index is one file, replaced as a whole: a line of JSON, the manifest, then what faiss wrote. The
manifest says how much there is and its checksum, and carries the ``stamp`` of the caller: what the vectors
were made from. An index is never precious: whoever finds it damaged or stale builds it again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import faiss as _faiss
import numpy as np

from recsys.errors import IndexDamaged, IndexOutdated, RecsysError
from recsys.types import FloatArray, IdArray

FORMAT = 2  # of the file
ANCHORS = 4096  # vectors at most among which densities are measured
NEIGHBOURS = 10  # of which a density is the mean cosine
CORRECTION = 0.4  # more takes the last hubs away, and then good neighbours (benchmarks/README.md)
COPY = 0.999  # cosine from which two vectors are copies of one sound, which make nobody a hub
NOBODY = -1  # the id in a row of an answer that has fewer matches than asked for

_CHUNK = 2048  # vectors whose densities are measured at a time

faiss: Any = _faiss  # its type stubs describe the C++ calls, not those of Python
faiss.omp_set_num_threads(1)  # a query is too short to gain from threads, and workers share the machine


class NearestIndex:
    """Vectors by id, and which are nearest to others; made by :meth:`build` or :meth:`load`."""

    def __init__(self, index: Any, anchors: FloatArray, chosen_from: int) -> None:
        self._index = index
        self._anchors = anchors
        self._chosen_from = chosen_from
        self._sorted: IdArray | None = None  # all ids, rising, once somebody has asked

    @classmethod
    def build(cls, ids: IdArray, vectors: FloatArray) -> Self:
        """An index of ``vectors`` (n, d) under their unique ``ids`` (n,).

        Raises
        ------
        ValueError
            The shapes do not fit, an id comes twice, or a number is not finite.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        chosen = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), ANCHORS)).astype(np.int64))
        new = cls(faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1] + 1)), vectors[chosen], len(vectors))
        new._insert(ids, vectors)
        return new

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return int(self._index.d) - 1

    @property
    def ids(self) -> IdArray:
        """All ids (n,), rising."""
        if self._sorted is None:
            self._sorted = np.sort(faiss.vector_to_array(self._index.id_map).astype(np.int64))
        return self._sorted

    def __contains__(self, track_id: int) -> bool:
        return self._lacks(np.array([track_id], np.int64)) is None

    def _lacks(self, ids: IdArray) -> int | None:
        """The first of ``ids`` that is not there; None where all are."""
        held = self.ids
        places = np.searchsorted(held, ids)
        found = places < len(held)
        found[found] = held[places[found]] == ids[found]
        return None if found.all() else int(ids[np.argmin(found)])

    def among(self, ids: IdArray) -> IdArray:
        """Those of ``ids`` that the index holds, rising."""
        return np.intersect1d(ids, self.ids)

    def add(self, ids: IdArray, vectors: FloatArray) -> None:
        """Add vectors (n, d), or replace those whose id is there already.

        The densities of the others are measured again where all vectors are anchors, or where there have come to be
        twice as many as the anchors were chosen from.

        Raises
        ------
        ValueError
            The shapes do not fit, an id comes twice, or a number is not finite.
        """
        _check(ids, vectors, self.dimension)
        if not len(ids):
            return
        old = np.setdiff1d(self.ids, ids)
        if len(old) + len(ids) <= ANCHORS or len(old) + len(ids) > 2 * self._chosen_from:
            rebuilt = self.build(np.concatenate([old, ids]), np.vstack([self.vectors(old), vectors]))
            self._index, self._anchors, self._chosen_from = rebuilt._index, rebuilt._anchors, rebuilt._chosen_from
            self._sorted = None
        else:
            self._insert(ids, vectors)

    def _insert(self, ids: IdArray, vectors: FloatArray) -> None:
        _check(ids, vectors, self.dimension)
        if not len(ids):
            return
        ids, self._sorted = np.ascontiguousarray(ids, np.int64), None
        if len(self):
            self._index.remove_ids(faiss.IDSelectorBatch(ids))
        penalties = -CORRECTION * self._densities(vectors)[:, None]
        self._index.add_with_ids(np.ascontiguousarray(np.hstack([vectors, penalties]), np.float32), ids)

    def _densities(self, vectors: FloatArray) -> FloatArray:
        """Mean cosine (n,) of vectors with their nearest anchors that are no copies of them."""
        densities = np.zeros(len(vectors), np.float32)
        k = min(NEIGHBOURS, len(self._anchors))
        for start in range(0, len(vectors) if k else 0, _CHUNK):
            cosines = vectors[start : start + _CHUNK] @ self._anchors.T
            cosines[cosines >= COPY] = -np.inf
            nearest = np.partition(cosines, -k, axis=1)[:, -k:]
            known = np.isfinite(nearest)
            total = np.where(known, nearest, 0).sum(axis=1)
            densities[start : start + _CHUNK] = total / np.maximum(known.sum(axis=1), 1)
        return densities

    def search(
        self,
        queries: FloatArray,
        n: int,
        *,
        allowed: IdArray | None = None,
        barred: IdArray | None = None,
        together: bool = False,
    ) -> tuple[IdArray, FloatArray]:
        """The ``n`` most similar to each query, most similar first.

        Parameters
        ----------
        queries : (q, d) unit vectors
        n : how many, at least 1
        allowed : (m,) the only ids an answer may hold; None: all
        barred : (b,) ids it may not hold, whatever is allowed
        together : one answer (q = 1), by the mean similarity to all queries

        Returns
        -------
        ids : (q, k), k = n or as many as there are; ``NOBODY`` where fewer match
        similarities : (q, k) float32 in [-1, 1], 1 the same sound; -inf where fewer match
        """
        if allowed is not None and barred is not None:
            allowed, barred = np.setdiff1d(allowed, barred), None
        k = min(n, len(self) if allowed is None else min(len(allowed), len(self)))
        queries = np.ascontiguousarray(queries, np.float32)
        densities = self._densities(queries)[:, None]
        if together:
            queries, densities = queries.mean(axis=0, keepdims=True), densities.mean(axis=0, keepdims=True)
        if k == 0:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        parameters = None
        if allowed is not None:
            bits = _bitmap(allowed)
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        elif barred is not None and len(barred):
            batch = faiss.IDSelectorBatch(np.ascontiguousarray(barred, np.int64))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorNot(batch))
        asked = np.hstack([queries, np.ones((len(queries), 1), np.float32)])
        corrected, ids = self._index.search(asked, k, params=parameters)
        similarities = np.clip(corrected + CORRECTION * densities, -1, 1)
        return ids, np.where(ids == NOBODY, -np.inf, similarities).astype(np.float32)

    def vectors(self, ids: IdArray) -> FloatArray:
        """Vectors (n, d) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        return np.ascontiguousarray(self._stored(ids)[:, :-1])

    def penalties(self, ids: IdArray) -> FloatArray:
        """By how much (n,) the similarity of these ids is less than their cosine, before the query has its say.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        return np.ascontiguousarray(-self._stored(ids)[:, -1])

    def _stored(self, ids: IdArray) -> FloatArray:
        if not len(ids):
            return np.empty((0, self.dimension + 1), np.float32)
        missing = self._lacks(np.asarray(ids, np.int64))
        if missing is not None:
            raise KeyError(missing)
        found: FloatArray = self._index.reconstruct_batch(np.ascontiguousarray(ids, np.int64))
        return found

    def save(self, path: Path, stamp: Mapping[str, int | str]) -> None:
        """Write the index to ``path``; either all of it stands there afterwards or what stood there before.

        Raises
        ------
        RecsysError
            The file cannot be written.
        """
        body = self._anchors.astype("<f4").tobytes() + faiss.serialize_index(self._index).tobytes()
        manifest = {
            "format": FORMAT,
            "count": len(self),
            "dimension": self.dimension,
            "anchors": len(self._anchors),
            "chosen_from": self._chosen_from,
            "checksum": _checksum(body),
            "stamp": dict(stamp),
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, json.dumps(manifest).encode("ascii") + b"\n", body)
        except OSError as error:
            raise RecsysError(f"cannot write the index {path}: {error.strerror}") from error

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, int | str]]:
        """The index saved at ``path`` and its stamp.

        Raises
        ------
        FileNotFoundError
            None has been saved there.
        IndexDamaged
            The file is not what its manifest says, or (``IndexOutdated``) another version wrote it.
        """
        try:
            with path.open("rb") as file:
                head = file.readline(1 << 16)
                body = file.read()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise IndexDamaged(f"cannot read the index {path}: {error.strerror}") from error
        try:
            manifest = json.loads(head)
            if manifest["format"] != FORMAT:
                raise IndexOutdated(f"the index {path} is of another version; it is built anew")
            sound = manifest["checksum"] == _checksum(body)
            stamp = dict(manifest["stamp"])
            shape = int(manifest["anchors"]), int(manifest["dimension"])
            chosen_from = int(manifest["chosen_from"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"the index {path} has no manifest; it is built anew") from error
        if not sound:
            raise IndexDamaged(f"the index {path} is not what its manifest says; it is built anew")
        split = 4 * shape[0] * shape[1]
        anchors = np.frombuffer(body[:split], "<f4").reshape(shape).astype(np.float32)
        index = faiss.deserialize_index(np.frombuffer(body, np.uint8, offset=split))
        return cls(index, anchors, chosen_from), stamp


def _check(ids: IdArray, vectors: FloatArray, dimension: int) -> None:
    if vectors.shape != (len(ids), dimension):
        raise ValueError(f"{len(ids)} ids need ({len(ids)}, {dimension}), not {vectors.shape}")
    if len(np.unique(ids)) != len(ids):
        raise ValueError("an id comes twice")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds NaN or infinity")


def _bitmap(ids: IdArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """One bit for each id from 0 to the largest: faiss tests it in constant time, whatever the filter."""
    bits = np.zeros(int(ids.max()) + 1, bool)
    bits[ids] = True
    return np.packbits(bits, bitorder="little")


def _checksum(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _replace(path: Path, *parts: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
