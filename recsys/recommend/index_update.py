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
from recsys.domain.results import Finding
from recsys.errors import IndexDamaged, IndexOutdated, RecsysError
from recsys.nearest import NearestIndex, discard
from recsys.recommend.vectors import similarity_vectors
from recsys.recommend.version import SIMILARITY_VERSION

_SAMPLE = 200  # vectors that are compared one by one in a check
_TOLERANCE = 1e-4
_WORKERS = min(8, os.cpu_count() or 1)
_AHEAD = 2 * _WORKERS  # batches of vectors that wait to be mapped

_log = logging.getLogger(__name__)


class Source(Protocol):
    """What an index is made from."""

    def generation(self) -> int:
        """A number that grows with every change of a vector."""

    def vector_batches(self, *, since: int = 0) -> Iterable[tuple[IdArray, FloatArray]]:
        """Ids (n,) and normalised vectors (n, D) that changed after a generation, batch by batch."""

    def witness(self, track_id: int) -> str | None:
        """A text that no track of another library has under this id; None for an unknown id."""

    def vector_ids(self) -> IdArray:
        """Ids (n,), rising, of all that has a vector."""

    def vectors_of(self, ids: Sequence[int]) -> FloatArray:
        """Normalised vectors (n, D) of some tracks that have one, in this order."""


def current_index(path: Path, source: Source, *, feature_version: int, whole: bool = False) -> NearestIndex | None:
    """The index of all vectors of ``source``, kept at ``path``; None where there are no vectors.

    What it holds is looked through when it is first asked for, or with ``whole`` all of it now.
    """
    generation = source.generation()  # first: what is written meanwhile is then read again, not missed
    index, since = _load(path, source, feature_version)
    if index is not None:
        try:
            if whole:
                index.check()
            if since == generation:
                return index
            index.add(*_vectors(source, since))
            if len(index) != len(source.vector_ids()):  # some became one with another
                index = None
        except IndexDamaged as error:
            _log.warning("%s", error)
            index = None
    if index is None:
        ids, vectors = _vectors(source, 0)
        if not len(ids):
            return None
        index = NearestIndex.build(ids, vectors)
    _save(index, path, source, feature_version, generation)
    return index


@contextmanager
def forgetting(path: Path, source: Source, *, feature_version: int) -> Iterator[None]:
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
    except IndexDamaged as error:
        _log.warning("%s", error)
    discard(path)


def _vectors(source: Source, since: int) -> tuple[IdArray, FloatArray]:
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


def _load(path: Path, source: Source, feature_version: int) -> tuple[NearestIndex | None, int]:
    """The stored index and the generation it shows, or None and 0 where it is of no use."""
    try:
        index, found = NearestIndex.load(path)
    except FileNotFoundError:
        return None, 0
    except IndexDamaged as error:
        _log.log(logging.INFO if isinstance(error, IndexOutdated) else logging.WARNING, "%s", error)
        return None, 0
    shown = int(found.get("generation", 0))
    expected = stamp(index, source, feature_version, shown)
    if found != expected or shown > source.generation():
        _log.info("the index %s is of another library or version; it is built anew", path)
        return None, 0
    return index, shown


def check_index(path: Path, source: Source, *, feature_version: int) -> Finding:
    """Whether the index at ``path`` is what :func:`current_index` would make of ``source``.

    What the next question puts right by itself is a warning; wrong answers are "broken".
    """
    cure = "run: recsys doctor --fix"
    try:
        index, found = NearestIndex.load(path)
        index.check()
    except FileNotFoundError:
        return Finding("index", "ok", "none yet; the first question makes it")
    except IndexDamaged as error:
        return Finding("index", "warning", str(error), cure)
    shown = int(found.get("generation", 0))
    if found != stamp(index, source, feature_version, shown) or shown > source.generation():
        return Finding("index", "warning", "it is of another library or version; it is built anew", cure)
    if shown < source.generation():
        return Finding("index", "ok", f"{len(index)} vectors; the next question adds what is new")
    ids = source.vector_ids()
    if not np.array_equal(ids, index.ids):
        more, less = len(np.setdiff1d(index.ids, ids)), len(np.setdiff1d(ids, index.ids))
        return Finding("index", "broken", f"it lacks {less} tracks and has {more} that are not in the library", cure)
    sample = ids[:: max(1, len(ids) // _SAMPLE)]
    difference = np.abs(index.vectors(sample) - similarity_vectors(source.vectors_of(sample.tolist())))
    if not difference.max(initial=0) < _TOLERANCE:  # NaN is not less either
        return Finding("index", "broken", "its vectors are not those of the library", cure)
    return Finding(
        "index", "ok", f"{len(index)} vectors of {index.dimension} numbers, those of the library; {_way(index)}"
    )


def _way(index: NearestIndex) -> str:
    cells, probes = index.cells
    if cells == 1:
        return "exact search"
    return f"{cells} cells, of which a question probes {probes}: recall@10 is {index.recall(_SAMPLE):.3f}"


def _save(index: NearestIndex, path: Path, source: Source, feature_version: int, generation: int) -> None:
    try:
        index.save(path, stamp(index, source, feature_version, generation))
    except RecsysError as error:  # a full disk or a read-only folder costs time, not the answer
        _log.warning("%s; it is built again the next time", error)


def stamp(index: NearestIndex, source: Source, feature_version: int, generation: int) -> dict[str, int | str]:
    """What says that an index shows this library, as it was at a generation."""
    first, last = index.ends
    return {
        "similarity_version": SIMILARITY_VERSION,
        "feature_version": feature_version,
        "generation": generation,
        "witnesses": f"{source.witness(first) or ''}; {source.witness(last) or ''}",
    }
