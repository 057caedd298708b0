"""Queries that return vectors of recordings. Each function uses the connection of its caller."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from sqlalchemy import ColumnElement, Connection, LargeBinary, and_, func, select, type_coerce

from recsys.database.answering import AnsweringVersions, at_version
from recsys.database.id_sets import is_among, read_ids
from recsys.database.tables import analysis, vector
from recsys.domain.arrays import DoubleArray, FloatArray, HalfArray, IdArray, in_chunks
from recsys.domain.catalogue import TrackEdges
from recsys.errors import FeatureMismatch, Hint, NotAnalysed

_VECTORS = 500  # read at a time: two megabytes, which stay in the cache of the processor
_BYTES = 4  # of a number


def floats(blob: bytes) -> FloatArray:
    """The array of a stored vector."""
    return np.frombuffer(blob, "<f4").astype(np.float32)


def vector_batches(
    connection: Connection,
    answers: AnsweringVersions,
    since: int,
    kind: Literal["raw", "normalised"],
    columns: slice | None = None,
) -> Iterator[tuple[IdArray, FloatArray]]:
    """Ids and vectors, or some adjacent columns of them, that changed after revision ``since``, in storage order.

    They come in batches.

    Raises
    ------
    FeatureMismatch
        Vectors of one version have different lengths.
    """
    newer = and_(answers.rows(vector), vector.c.revision > since)
    query = select(vector.c.recording_id, _stored(kind, columns)).where(newer)
    length: int | None = None
    with connection.execute(query.execution_options(yield_per=_VECTORS)) as rows:
        for batch in rows.partitions():
            length = len(batch[0][1]) if length is None else length
            for recording_id, blob in batch:
                if len(blob) != length:
                    raise FeatureMismatch(
                        f"track {recording_id} has {len(blob) // 4} features, others have {length // 4}, all of "
                        f"version {answers.version}; ingest the files into a new library"
                    )
            vectors = np.frombuffer(b"".join([blob for _, blob in batch]), "<f4").astype(np.float32, copy=False)
            yield np.array([i for i, _ in batch], np.int64), vectors.reshape(len(batch), -1)


def read_vectors(
    connection: Connection, answers: AnsweringVersions, since: int, kind: Literal["raw", "normalised"]
) -> tuple[IdArray, FloatArray]:
    """Ids (n,), ascending, and vectors (n, D) that changed after revision ``since``.

    Raises
    ------
    FeatureMismatch
        Vectors of one version have different lengths.
    """
    batches = list(vector_batches(connection, answers, since, kind))
    if not batches:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    ids = np.concatenate([ids for ids, _ in batches])
    order = np.argsort(ids)
    return ids[order], np.concatenate([vectors for _, vectors in batches])[order]


def vector_ids(connection: Connection, answers: AnsweringVersions) -> IdArray:
    """Ids (n,) of recordings with a vector, ascending."""
    return read_ids(connection, select(vector.c.recording_id).where(answers.rows(vector)))


def count_vectors(connection: Connection, answers: AnsweringVersions) -> int:
    """Number of recordings with a vector."""
    query = select(func.count()).select_from(vector).where(answers.rows(vector))
    return int(connection.execute(query).scalar_one())


def vectors_by_id(
    connection: Connection,
    answers: AnsweringVersions,
    ids: Sequence[int],
    kind: Literal["raw", "normalised"] = "normalised",
    columns: slice | None = None,
) -> FloatArray:
    """Vectors (n, D) of recordings that have one, in the order of ``ids``; or some adjacent columns of them."""
    found: dict[int, bytes] = {}
    query = select(vector.c.recording_id, _stored(kind, columns)).where(answers.rows(vector))
    for chunk in in_chunks(ids, _VECTORS):
        rows = connection.execute(query.where(_is_among(connection, chunk))).all()
        found.update((row[0], row[1]) for row in rows)
    return floats(b"".join([found[i] for i in ids])).reshape(len(ids), -1 if ids else 0)


def _stored(kind: Literal["raw", "normalised"], columns: slice | None) -> ColumnElement[bytes]:
    """The bytes of the vectors, or of some columns of them."""
    stored: ColumnElement[bytes] = vector.c[kind]
    if columns is None:
        return stored
    part = func.substr(stored, _BYTES * columns.start + 1, _BYTES * (columns.stop - columns.start))
    return type_coerce(part, LargeBinary)


def _is_among(connection: Connection, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a row has one of some ids, or is between them where there are few others: to read those is faster."""
    first, last = min(ids), max(ids)
    if last - first < 2 * len(ids):
        return vector.c.recording_id.between(first, last)
    return is_among(connection, vector.c.recording_id, ids)


def raw_batches(
    connection: Connection, answers: AnsweringVersions, ids: Sequence[int]
) -> Iterator[tuple[list[int], FloatArray, DoubleArray]]:
    """Ids (n,), raw vectors (n, D), and valence and arousal (n, 2), NaN where they are not computed yet.

    Recordings without a vector are left out.
    """
    mood = (analysis.c.valence, analysis.c.arousal)
    query = select(vector.c.recording_id, vector.c.raw, *mood).where(answers.rows(vector))
    query = query.join(analysis, at_version(analysis, vector.c.feature_version, vector.c.recording_id))
    for chunk in in_chunks(ids):
        rows = connection.execute(query.where(vector.c.recording_id.in_(chunk))).all()
        if rows:
            vectors = floats(b"".join(row.raw for row in rows)).reshape(len(rows), -1)
            plane = np.array([(row.valence, row.arousal) for row in rows], np.float64)
            yield [row.recording_id for row in rows], vectors, plane


def read_windows(
    connection: Connection, answers: AnsweringVersions, track_id: int
) -> tuple[tuple[float, ...], HalfArray]:
    """Starts (w,) in seconds and raw vectors (w, D) of the windows of one track.

    Raises
    ------
    NotAnalysed
        The track has no vector.
    """
    query = select(vector.c.starts, vector.c.windows).where(answers.rows(vector))
    row = connection.execute(query.where(vector.c.recording_id == track_id)).first()
    if row is None:
        raise NotAnalysed(f"track {track_id} has not been analysed", hint=Hint.INGEST)
    windows = np.frombuffer(row.windows, "<f2").astype(np.float16)
    return tuple(row.starts), windows.reshape(len(row.starts), -1)


def read_track_edges(connection: Connection, answers: AnsweringVersions, ids: Sequence[int]) -> TrackEdges:
    """First windows, last windows and normalised vectors (n, D) of recordings, in the order of ``ids``."""
    found: dict[int, tuple[bytes, bytes, bytes]] = {}
    query = select(vector.c.recording_id, vector.c.normalised, vector.c.windows)
    for chunk in in_chunks(ids):
        wanted = and_(answers.rows(vector), vector.c.recording_id.in_(chunk))
        for recording_id, normalised, windows in connection.execute(query.where(wanted)):
            size = len(normalised) // 2  # bytes of one window: float16 instead of float32
            found[recording_id] = windows[:size], windows[-size:], normalised
    columns = zip(*(found[i] for i in ids), strict=True) if ids else [()] * 3
    first, last, whole = (b"".join(column) for column in columns)
    shape = (len(ids), -1 if ids else 0)
    ends = [np.frombuffer(blob, "<f2").astype(np.float16).reshape(shape) for blob in (first, last)]
    return TrackEdges(ends[0], ends[1], floats(whole).reshape(shape))
