"""What is close? An index of unit vectors that answers by inner product, and its file.

Vocabulary: ``ids`` (n,) int64 name the tracks; ``vectors`` (n, d) are float32 of length one, so that an inner
product is the cosine of the angle between two sounds: 1 the same, 0 nothing in common. Only ``allowed`` ids
may stand in an answer, and the search itself obeys: a narrow filter never empties a list that has matches.

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

from recsys.errors import IndexDamaged, RecsysError
from recsys.types import FloatArray, IdArray

FORMAT = 1  # of the file
NOBODY = -1  # the id in a row of an answer that has fewer matches than asked for

faiss: Any = _faiss  # its type stubs describe the C++ calls, not those of Python
faiss.omp_set_num_threads(1)  # a query is too short to gain from threads, and workers share the machine


class NearestIndex:
    """Vectors by id, and which are nearest to others; made by :meth:`build` or :meth:`load`."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, ids: IdArray, vectors: FloatArray) -> Self:
        """An index of ``vectors`` (n, d) under their unique ``ids`` (n,)."""
        new = cls(faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1])))
        new.add(ids, vectors)
        return new

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return int(self._index.d)

    @property
    def ids(self) -> IdArray:
        """All ids (n,), rising."""
        held: IdArray = np.sort(faiss.vector_to_array(self._index.id_map).astype(np.int64))
        return held

    def add(self, ids: IdArray, vectors: FloatArray) -> None:
        """Add vectors (n, d), or replace those whose id is there already.

        Raises
        ------
        ValueError
            The shapes do not fit, an id comes twice, or a number is not finite.
        """
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"{len(ids)} ids need ({len(ids)}, {self.dimension}), not {vectors.shape}")
        if len(np.unique(ids)) != len(ids):
            raise ValueError("an id comes twice")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds NaN or infinity")
        if not len(ids):
            return
        ids = np.ascontiguousarray(ids, np.int64)
        if len(self):
            self._index.remove_ids(faiss.IDSelectorBatch(ids))
        self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)

    def search(self, queries: FloatArray, n: int, *, allowed: IdArray | None = None) -> tuple[IdArray, FloatArray]:
        """The ``n`` nearest of each query, nearest first.

        Parameters
        ----------
        queries : (q, d) unit vectors
        n : how many, at least 1
        allowed : (m,) the only ids an answer may hold; None: all

        Returns
        -------
        ids : (q, k), k = n or as many as there are; ``NOBODY`` where fewer match
        cosines : (q, k) float32 in [-1, 1], -inf where fewer match
        """
        k = min(n, len(self) if allowed is None else min(len(allowed), len(self)))
        if k == 0:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        parameters = None
        if allowed is not None:
            bits = _bitmap(allowed)
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        cosines, ids = self._index.search(np.ascontiguousarray(queries, np.float32), k, params=parameters)
        cosines = np.where(ids == NOBODY, -np.inf, np.clip(cosines, -1, 1)).astype(np.float32)
        return ids, cosines

    def vectors(self, ids: IdArray) -> FloatArray:
        """Vectors (n, d) of these ids.

        Raises
        ------
        KeyError
            An id is not in the index.
        """
        missing = np.setdiff1d(ids, self.ids)
        if len(missing):
            raise KeyError(int(missing[0]))
        if not len(ids):
            return np.empty((0, self.dimension), np.float32)
        found: FloatArray = self._index.reconstruct_batch(np.ascontiguousarray(ids, np.int64))
        return found

    def save(self, path: Path, stamp: Mapping[str, int | str]) -> None:
        """Write the index to ``path``; either all of it stands there afterwards or what stood there before.

        Raises
        ------
        RecsysError
            The file cannot be written.
        """
        body = faiss.serialize_index(self._index).tobytes()
        manifest = {
            "format": FORMAT,
            "count": len(self),
            "dimension": self.dimension,
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
            The file is not what its manifest says.
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
            sound = manifest["format"] == FORMAT and manifest["checksum"] == _checksum(body)
            stamp = dict(manifest["stamp"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"the index {path} has no manifest; it is built anew") from error
        if not sound:
            raise IndexDamaged(f"the index {path} is not what its manifest says; it is built anew")
        loaded = cls(faiss.deserialize_index(np.frombuffer(body, np.uint8)))
        return loaded, stamp


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
