"""Keeping the index as new as the library: read if it is there, brought up to date if the library has grown,
built anew if it is damaged or stale.

An index is stale when its vectors were made by another version of the features or of the similarity, or from
another library: its first and last tracks are *witnesses* that the library must still know under the same ids.
"""

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.results import CheckResult
from recsys.errors import IndexCorrupt, IndexOutdated, RecsysError
from recsys.nearest import NearestIndex, delete_index
from recsys.recommend.vectors import similarity_vectors
from recsys.recommend.version import SIMILARITY_VERSION

_SAMPLE = 200  # vectors that are compared one by one in a check
_TOLERANCE = 1e-4
_WORKERS = min(8, os.cpu_count() or 1)
_AHEAD = 2 * _WORKERS  # batches of vectors that wait to be mapped

_log = logging.getLogger(__name__)


class VectorSource(Protocol):
    """What an index is made from."""

    def vector_revision(self) -> int:
        """A number that grows with every change of a vector."""

    def vector_batches(self, *, since: int = 0) -> Iterable[tuple[IdArray, FloatArray]]:
        """Ids (n,) and normalised vectors (n, D) that changed after a generation, batch by batch."""

    def identity_token(self, track_id: int) -> str | None:
        """A text that no track of another library has under this id; None for an unknown id."""

    def vector_ids(self) -> IdArray:
        """Ids (n,), rising, of all that has a vector."""

    def vectors_by_id(self, ids: Sequence[int]) -> FloatArray:
        """Normalised vectors (n, D) of some tracks that have one, in this order."""


def load_or_update_index(
    path: Path, source: VectorSource, *, feature_version: int, complete: bool = False
) -> NearestIndex | None:
    """The index of all vectors of ``source``, kept at ``path``; None where there are no vectors.

    What it holds is looked through when it is first asked for, or with ``complete`` all of it now.
    """
    generation = source.vector_revision()  # first: what is written meanwhile is then read again, not missed
    index, since = _load(path, source, feature_version)
    if index is not None:
        try:
            if complete:
                index.check()
            if since == generation:
                return index
            index.add(*_read_vectors(source, since))
            if len(index) != len(source.vector_ids()):  # some became one with another
                index = None
        except IndexCorrupt as error:
            _log.warning("%s", error)
            index = None
    if index is None:
        ids, vectors = _read_vectors(source, 0)
        if not len(ids):
            return None
        index = NearestIndex.build(ids, vectors)
    _save(index, path, source, feature_version, generation)
    return index


@contextmanager
def removing_from_index(path: Path, source: VectorSource, *, feature_version: int) -> Iterator[None]:
    """While the library forgets tracks; afterwards the index at ``path`` has forgotten them too."""
    index, shown = _load(path, source, feature_version)
    yield
    if index is None:
        return
    try:
        gone = np.setdiff1d(index.ids, source.vector_ids())
        if len(gone) < len(index):
            index.remove(gone)
            if len(gone):
                _save(index, path, source, feature_version, shown)
            return
    except IndexCorrupt as error:
        _log.warning("%s", error)
    delete_index(path)


def _read_vectors(source: VectorSource, since: int) -> tuple[IdArray, FloatArray]:
    """Ids (n,) and similarity vectors (n, d) of what changed after a generation."""
    ids: list[IdArray] = []
    vectors: list[FloatArray] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        ahead: deque[Future[FloatArray]] = deque()
        for some, normalised in source.vector_batches(since=since):
            ids.append(some)
            ahead.append(pool.submit(similarity_vectors, normalised))
            if len(ahead) > _AHEAD:
                vectors.append(ahead.popleft().result())
        vectors += [future.result() for future in ahead]
    if not ids:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    return np.concatenate(ids), np.concatenate(vectors)


def _load(path: Path, source: VectorSource, feature_version: int) -> tuple[NearestIndex | None, int]:
    """The stored index and the generation it shows, or None and 0 where it is of no use."""
    try:
        index, found = NearestIndex.load(path)
    except FileNotFoundError:
        return None, 0
    except IndexCorrupt as error:
        _log.log(logging.INFO if isinstance(error, IndexOutdated) else logging.WARNING, "%s", error)
        return None, 0
    shown = int(found.get("generation", 0))
    expected = index_stamp(index, source, feature_version, shown)
    if found != expected or shown > source.vector_revision():
        _log.info("the index %s is of another library or version; it is built anew", path)
        return None, 0
    return index, shown


def check_index(path: Path, source: VectorSource, *, feature_version: int) -> CheckResult:
    """Whether the index at ``path`` is what :func:`load_or_update_index` would make of ``source``.

    What the next question puts right by itself is a warning; wrong answers are "broken".
    """
    cure = "run: recsys doctor --fix"
    try:
        index, found = NearestIndex.load(path)
        index.check()
    except FileNotFoundError:
        return CheckResult("index", "ok", "none yet; the first question makes it")
    except IndexCorrupt as error:
        return CheckResult("index", "warning", str(error), cure)
    shown = int(found.get("generation", 0))
    if found != index_stamp(index, source, feature_version, shown) or shown > source.vector_revision():
        return CheckResult("index", "warning", "it is of another library or version; it is built anew", cure)
    if shown < source.vector_revision():
        return CheckResult("index", "ok", f"{len(index)} vectors; the next question adds what is new")
    ids = source.vector_ids()
    if not np.array_equal(ids, index.ids):
        more, less = len(np.setdiff1d(index.ids, ids)), len(np.setdiff1d(ids, index.ids))
        return CheckResult(
            "index", "broken", f"it lacks {less} tracks and has {more} that are not in the library", cure
        )
    sample = ids[:: max(1, len(ids) // _SAMPLE)]
    difference = np.abs(index.vectors(sample) - similarity_vectors(source.vectors_by_id(sample.tolist())))
    if not difference.max(initial=0) < _TOLERANCE:  # NaN is not less either
        return CheckResult("index", "broken", "its vectors are not those of the library", cure)
    return CheckResult(
        "index",
        "ok",
        f"{len(index)} vectors of {index.dimension} numbers, those of the library; {_update_method(index)}",
    )


def _update_method(index: NearestIndex) -> str:
    cells, probes = index.cells
    if cells == 1:
        return "exact search"
    return f"{cells} cells, of which a question probes {probes}: recall@10 is {index.recall(_SAMPLE):.3f}"


def _save(index: NearestIndex, path: Path, source: VectorSource, feature_version: int, generation: int) -> None:
    try:
        index.save(path, index_stamp(index, source, feature_version, generation))
    except RecsysError as error:  # a full disk or a read-only folder costs time, not the answer
        _log.warning("%s; it is built again the next time", error)


def index_stamp(
    index: NearestIndex, source: VectorSource, feature_version: int, generation: int
) -> dict[str, int | str]:
    """What says that an index shows this library, as it was at a generation."""
    first, last = index.id_range
    return {
        "similarity_version": SIMILARITY_VERSION,
        "feature_version": feature_version,
        "generation": generation,
        "witnesses": f"{source.identity_token(first) or ''}; {source.identity_token(last) or ''}",
    }
