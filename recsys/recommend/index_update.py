"""The stored index of a library: loaded, updated with the vectors that changed, or rebuilt.

The index is rebuilt if its file is corrupt, if its vectors are of another feature or similarity version, or if it
belongs to another library. The stamp of an index therefore has a random *token*, which is new with each save and is
stored in the database too. A copy of a database, and one that was replaced by another or by an older copy of itself,
has another token than the index, or is a continuation of the state that the index was made from.
"""

import logging
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.results import CheckResult
from recsys.errors import Hint, IndexCorrupt, IndexOutdated, RecsysError, pluralise
from recsys.nearest import NearestIndex, delete_index
from recsys.recommend.vectors import similarity_vectors
from recsys.recommend.version import SIMILARITY_VERSION

_SAMPLE = 200  # vectors that a check compares one by one
_TOLERANCE = 1e-4
_WORKERS = min(8, os.cpu_count() or 1)
_AHEAD = 2 * _WORKERS  # batches of vectors that wait for their projection

_log = logging.getLogger(__name__)


class VectorSource(Protocol):
    """The vectors that an index is built from."""

    def vector_revision(self) -> int:
        """A number that grows with every change of a vector."""

    def vector_batches(self, *, since: int) -> Iterable[tuple[IdArray, FloatArray]]:
        """Ids (n,) and normalised vectors (n, D) that changed after revision ``since``, batch by batch."""

    def index_token(self, path: Path) -> str | None:
        """The token of the index that was last saved at this path; None if there was none."""

    def set_index_token(self, path: Path, token: str) -> None:
        """Store the token of the index that is saved at this path."""

    def vector_ids(self) -> IdArray:
        """Ids (n,) of all tracks with a vector, in rising order."""

    def count_vectors(self) -> int:
        """Number of tracks with a vector."""

    def vectors_by_id(self, ids: Sequence[int]) -> FloatArray:
        """Normalised vectors (n, D) of tracks that have one, in the given order."""


def load_or_update_index(
    path: Path,
    source: VectorSource,
    *,
    feature_version: int,
    complete: bool = False,
    on_task: Callable[[str], None] = lambda _: None,
) -> NearestIndex | None:
    """The index of all vectors of ``source``, stored at ``path``; None if there are no vectors.

    Checksums of the index are verified when a part of it is first read, or with ``complete`` all at once. ``on_task``
    gets the name of what may take seconds, before it begins.

    Raises
    ------
    FeatureMismatch
        The vectors do not have the dimensions of this feature version.
    """
    revision = source.vector_revision()  # read first: what is written meanwhile is read again, not missed
    index, since = _load(path, source, feature_version)
    if index is not None:
        try:
            if complete:
                index.check()
            if since == revision:
                return index
            on_task("updating the search index")
            index.add(*_read_vectors(source, since))
            if len(index) != source.count_vectors():  # tracks were merged
                index = None
        except IndexCorrupt as error:
            _log.warning("%s", error)
            index = None
    if index is None:
        on_task("building the search index")
        ids, vectors = _read_vectors(source, 0)
        if not len(ids):
            return None
        index = NearestIndex.build(ids, vectors)
    _save(index, path, source, feature_version, revision)
    return index


@contextmanager
def removing_from_index(path: Path, source: VectorSource, *, feature_version: int) -> Iterator[None]:
    """Remove from the index at ``path`` the tracks that the library deletes inside the block."""
    index, revision = _load(path, source, feature_version)
    yield
    if index is None:
        return
    try:
        gone = np.setdiff1d(index.ids, source.vector_ids())
        if len(gone) < len(index):
            index.remove(gone)
            if len(gone):
                _save(index, path, source, feature_version, revision)
            return
    except IndexCorrupt as error:
        _log.warning("%s", error)
    delete_index(path)


def _read_vectors(source: VectorSource, since: int) -> tuple[IdArray, FloatArray]:
    """Ids (n,) and similarity vectors (n, d) of the tracks that changed after a revision."""
    ids: list[IdArray] = []
    vectors: list[FloatArray] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        pending: deque[Future[FloatArray]] = deque()
        for batch_ids, normalised in source.vector_batches(since=since):
            ids.append(batch_ids)
            pending.append(pool.submit(similarity_vectors, normalised))
            if len(pending) > _AHEAD:
                vectors.append(pending.popleft().result())
        vectors += [future.result() for future in pending]
    if not ids:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    return np.concatenate(ids), np.concatenate(vectors)


def _load(path: Path, source: VectorSource, feature_version: int) -> tuple[NearestIndex | None, int]:
    """The stored index and its revision; None and 0 if it cannot be used."""
    try:
        index, stamp = NearestIndex.load(path)
    except FileNotFoundError:
        return None, 0
    except IndexCorrupt as error:
        _log.log(logging.INFO if isinstance(error, IndexOutdated) else logging.WARNING, "%s", error)
        return None, 0
    if not _is_own(stamp, path, source, feature_version):
        _log.info("the index %s is of another library or version; it is rebuilt", path)
        return None, 0
    return index, int(stamp["generation"])


def check_index(path: Path, source: VectorSource, *, feature_version: int) -> CheckResult:
    """Compare the index at ``path`` with ``source``.

    The status is "warning" for what the next query repairs, and "error" for an index that would return wrong results.
    """
    remedy = Hint.REPAIR
    try:
        index, stamp = NearestIndex.load(path)
        index.check()
    except FileNotFoundError:
        return CheckResult("index", "ok", "none yet; the first query builds it")
    except IndexCorrupt as error:
        return CheckResult("index", "warning", str(error), remedy)
    if not _is_own(stamp, path, source, feature_version):
        return CheckResult("index", "warning", "of another library or version; the next query rebuilds it", remedy)
    if int(stamp["generation"]) < source.vector_revision():
        return CheckResult("index", "ok", f"{pluralise(len(index), 'vector')}; the next query adds the new ones")
    ids = source.vector_ids()
    if not np.array_equal(ids, index.ids):
        surplus, missing = len(np.setdiff1d(index.ids, ids)), len(np.setdiff1d(ids, index.ids))
        return CheckResult(
            "index",
            "error",
            f"it lacks {pluralise(missing, 'track')} and has {surplus} that are not in the library",
            remedy,
        )
    sample = ids[:: max(1, len(ids) // _SAMPLE)]
    difference = np.abs(index.vectors(sample) - similarity_vectors(source.vectors_by_id(sample.tolist())))
    if not difference.max(initial=0) < _TOLERANCE:  # also if it is NaN
        return CheckResult("index", "error", "its vectors differ from those of the library", remedy)
    return CheckResult(
        "index",
        "ok",
        f"{pluralise(len(index), 'vector')} of {index.dimension} dimensions, the same as in the library; "
        f"{_search_method(index)}",
    )


def _search_method(index: NearestIndex) -> str:
    n_cells, nprobe = index.cells
    if n_cells == 1:
        return "exact search"
    return f"{n_cells} cells, of which a query probes {nprobe}: recall@10 is {index.recall(_SAMPLE):.3f}"


def _save(index: NearestIndex, path: Path, source: VectorSource, feature_version: int, revision: int) -> None:
    try:
        save_index(index, path, source, feature_version=feature_version, revision=revision)
    except RecsysError as error:  # a full disk or a read-only folder costs time, not the result
        _log.warning("%s; the next query builds it again", error)


def save_index(index: NearestIndex, path: Path, source: VectorSource, *, feature_version: int, revision: int) -> None:
    """Save an index of the vectors of ``source`` at a revision, with its stamp.

    Raises
    ------
    RecsysError
        The file or the database cannot be written; an index at ``path`` is rebuilt by the next query.
    """
    token = secrets.token_hex(16)
    source.set_index_token(path, token)
    versions = {"similarity_version": SIMILARITY_VERSION, "feature_version": feature_version}
    index.save(path, {**versions, "generation": revision, "token": token})


def _is_own(stamp: Mapping[str, object], path: Path, source: VectorSource, feature_version: int) -> bool:
    """Whether an index with this stamp is of these versions, and of this library at its revision or before."""
    token = source.index_token(path)
    revision = stamp.get("generation")
    return (
        stamp.get("similarity_version") == SIMILARITY_VERSION
        and stamp.get("feature_version") == feature_version
        and token is not None
        and stamp.get("token") == token
        and isinstance(revision, int)
        and revision <= source.vector_revision()
    )
