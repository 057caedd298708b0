"""Groups of recordings that have one performance: derived rows, and what they are derived from.

Each function uses the connection of its caller.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Double, and_, cast, delete, func, or_, select, tuple_

from recsys.database.answering import AnsweringVersions
from recsys.database.inserts import upsert
from recsys.database.tables import analysis, audio_check, file, performance, recording, revision, vector
from recsys.domain.arrays import DoubleArray, FloatArray, IdArray, in_chunks
from recsys.domain.catalogue import AudioChecks, AudioPair, StoredPerformances, WindowFeatures
from recsys.domain.duplicates import DuplicateFile

_REVISION, _RULE = "performance", "performance_rule"
# As Double: sizes times eight exceed the integers of PostgreSQL. A duration of 0 is that of no audio.
_BIT_RATE = func.coalesce(
    cast(recording.c.bit_rate, Double), 8.0 * cast(file.c.size, Double) / func.nullif(recording.c.duration, 0.0)
)
_BATCH = 2000  # vectors that are read at a time
_LOSSLESS = ("flac", "alac", "pcm", "wavpack", "ape", "tta", "tak", "dsd", "mlp", "truehd")  # beginnings of names


def read_state(connection: Connection) -> tuple[int, int]:
    """The vector revision that the groups were derived from, and the number of their rule; 0 and 0 without groups."""
    names = (_REVISION, _RULE)
    rows = connection.execute(select(revision.c.name, revision.c.value).where(revision.c.name.in_(names)))
    values = {row.name: row.value for row in rows}
    return values.get(_REVISION, 0), values.get(_RULE, 0)


def read_performances(connection: Connection) -> StoredPerformances:
    """All rows, by id."""
    columns = (performance.c.recording_id, performance.c.group_id, performance.c.seconds, performance.c.key)
    rows = connection.execute(select(*columns).order_by(performance.c.recording_id)).all()
    ids, groups, seconds, keys = zip(*rows, strict=True) if rows else ((), (), (), ())
    vectors = np.frombuffer(b"".join(keys), "<f2").astype(np.float32)
    return StoredPerformances(
        np.array(ids, np.int64),
        np.array(groups, np.int64),
        np.array(seconds, np.float64),
        vectors.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32),
    )


def iter_vectors(
    connection: Connection, answers: AnsweringVersions, since: int
) -> Iterator[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
    """Ids (n,), normalised vectors (n, D), starts of windows and durations (n,), changed after a revision."""
    query = (
        select(vector.c.recording_id, vector.c.normalised, vector.c.starts, recording.c.duration)
        .join(recording, recording.c.id == vector.c.recording_id)
        .where(answers.rows(vector), vector.c.revision > since)
    )
    with connection.execute(query.execution_options(yield_per=_BATCH)) as rows:
        for batch in rows.partitions():
            vectors = np.frombuffer(b"".join(row.normalised for row in batch), "<f4").astype(np.float32)
            yield (
                np.array([row.recording_id for row in batch], np.int64),
                vectors.reshape(len(batch), -1),
                [tuple(row.starts) for row in batch],
                np.array([row.duration for row in batch], np.float64),
            )


def read_window_features(
    connection: Connection, answers: AnsweringVersions, ids: Iterable[int]
) -> dict[int, WindowFeatures]:
    """The features of the windows of recordings that have a vector, by id."""
    found: dict[int, WindowFeatures] = {}
    query = (
        select(vector.c.recording_id, vector.c.windows, vector.c.starts, recording.c.duration, analysis.c.bpm)
        .join(recording, recording.c.id == vector.c.recording_id)
        .join(
            analysis,
            and_(
                analysis.c.recording_id == vector.c.recording_id,
                analysis.c.feature_version == vector.c.feature_version,
            ),
        )
        .where(answers.rows(vector))
    )
    for chunk in in_chunks(ids):
        for row in connection.execute(query.where(vector.c.recording_id.in_(chunk))):
            windows = np.frombuffer(row.windows, "<f2").astype(np.float16).reshape(len(row.starts), -1)
            found[row.recording_id] = WindowFeatures(windows, tuple(row.starts), row.duration, row.bpm)
    return found


def read_audio_checks(connection: Connection) -> AudioChecks:
    """All pairs whose audio was or has to be compared."""
    rows = connection.execute(select(audio_check.c.first_id, audio_check.c.second_id, audio_check.c.same))
    return {(row.first_id, row.second_id): row.same for row in rows}


def read_audio_pairs(connection: Connection) -> list[AudioPair]:
    """The pairs whose audio has to be compared and whose files are both present."""
    first, second = file.alias(), file.alias()
    query = select(audio_check.c.first_id, audio_check.c.second_id, first.c.path, second.c.path.label("other"))
    for alias, column in ((first, audio_check.c.first_id), (second, audio_check.c.second_id)):
        present = and_(alias.c.recording_id == column, alias.c.is_primary, alias.c.missing_since.is_(None))
        query = query.join(alias, present)
    rows = connection.execute(query.where(audio_check.c.same.is_(None)).order_by(*audio_check.primary_key))
    return [AudioPair((row.first_id, row.second_id), (row.path, row.other)) for row in rows]


def delete_audio_check(connection: Connection, pair: tuple[int, int]) -> None:
    """Delete one pair."""
    key = tuple_(audio_check.c.first_id, audio_check.c.second_id)
    connection.execute(delete(audio_check).where(key == pair))


def store(
    connection: Connection,
    rows: StoredPerformances,
    checks: AudioChecks,
    at_revision: int,
    rule: int,
    *,
    replace: bool,
) -> None:
    """Store rows, and what they were derived from; with ``replace`` all others are deleted, but for answers."""
    if replace:
        connection.execute(delete(performance))
        connection.execute(delete(audio_check).where(audio_check.c.same.is_(None)))
    keys = np.asarray(rows.keys, "<f2")
    values = zip(rows.ids.tolist(), rows.groups.tolist(), rows.seconds.tolist(), keys, strict=True)
    records = [
        {"recording_id": i, "group_id": group, "seconds": seconds, "key": key.tobytes()}
        for i, group, seconds, key in values
    ]
    known: set[int] = set()  # a recording may have been removed meanwhile
    for chunk in in_chunks({*rows.ids.tolist(), *(i for pair in checks for i in pair)}):
        known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
    upsert(connection, performance, ("recording_id",), [row for row in records if row["recording_id"] in known])
    pairs = [
        {"first_id": first, "second_id": second, "same": same}
        for (first, second), same in checks.items()
        if first in known and second in known
    ]
    upsert(connection, audio_check, ("first_id", "second_id"), pairs)
    stamps = [{"name": _REVISION, "value": at_revision}, {"name": _RULE, "value": rule}]
    upsert(connection, revision, ("name",), stamps)


def read_groups(connection: Connection, ids: Iterable[int] | None = None) -> list[list[int]]:
    """The groups of two or more recordings, all or those of some recordings; in each the best copy comes first.

    The best copy is a present one, if any is present; of these a lossless one, then that with the highest sample rate
    and bit depth if it is lossless, or else the highest bit rate, then the oldest.
    """
    columns = (
        performance.c.group_id,
        performance.c.recording_id,
        recording.c.codec,
        recording.c.sample_rate,
        recording.c.bit_depth,
        _BIT_RATE.label("bit_rate"),
        or_(file.c.id.is_(None), file.c.missing_since.is_not(None)).label("missing"),
    )
    query = (
        select(*columns)
        .join(recording, recording.c.id == performance.c.recording_id)
        .outerjoin(file, and_(file.c.recording_id == recording.c.id, file.c.is_primary))
    )
    members: dict[int, list[Any]] = {}
    if ids is None:
        shared = select(performance.c.group_id).group_by(performance.c.group_id).having(func.count() > 1)
        selections: Iterable[ColumnElement[bool]] = [performance.c.group_id.in_(shared)]
    else:
        mine, other = performance.alias(), performance.alias()
        is_copy = and_(other.c.group_id == mine.c.group_id, other.c.recording_id != mine.c.recording_id)
        shared = select(mine.c.group_id).join(other, is_copy)
        selections = (
            performance.c.group_id.in_(shared.where(mine.c.recording_id.in_(part))) for part in in_chunks(ids)
        )
    for selection in selections:
        for row in connection.execute(query.where(selection)):
            members.setdefault(row.group_id, []).append(row)
    ranked = (sorted({row.recording_id: row for row in rows}.values(), key=_rank) for rows in members.values())
    return [[row.recording_id for row in rows] for rows in ranked if len(rows) > 1]


def _rank(row: Any) -> tuple[Any, ...]:
    """Sorts the best copy first."""
    lossless = is_lossless(row.codec)
    quality = (row.sample_rate, row.bit_depth or 0) if lossless else (row.bit_rate or 0, 0)
    return row.missing, not lossless, *(-value for value in quality), row.recording_id


def is_lossless(codec: str) -> bool:
    """Whether a codec keeps every sample."""
    return codec.lower().startswith(_LOSSLESS)


def read_duplicate_files(connection: Connection) -> list[list[DuplicateFile]]:
    """The present files of each performance that has several, the best copy first; copies of one recording by age."""
    several = (
        select(file.c.recording_id)
        .where(file.c.missing_since.is_(None))
        .group_by(file.c.recording_id)
        .having(func.count() > 1)
    )
    groups = read_groups(connection)
    grouped = {i for group in groups for i in group}
    groups += [[i] for i in connection.execute(several).scalars() if i not in grouped]
    columns = (
        *(file.c.recording_id, file.c.path, file.c.artist, file.c.title, file.c.size),
        *(recording.c.codec, recording.c.sample_rate, recording.c.duration, _BIT_RATE.label("bit_rate")),
    )
    query = (
        select(*columns).join(recording, recording.c.id == file.c.recording_id).where(file.c.missing_since.is_(None))
    )
    files: dict[int, list[DuplicateFile]] = {}
    for chunk in in_chunks(i for group in groups for i in group):
        selected = query.where(file.c.recording_id.in_(chunk)).order_by(file.c.is_primary.desc(), file.c.id)
        for row in connection.execute(selected):
            files.setdefault(row.recording_id, []).append(
                DuplicateFile(
                    id=row.recording_id,
                    path=row.path,
                    artist=row.artist,
                    title=row.title or Path(row.path).stem,
                    codec=row.codec,
                    lossless=is_lossless(row.codec),
                    bit_rate=round(row.bit_rate or 0),
                    sample_rate=row.sample_rate,
                    duration=row.duration,
                    size=row.size,
                )
            )
    present = ([found for i in group for found in files.get(i, ())] for group in groups)
    return [[first._replace(preferred=True), *others] for first, *others in filter(None, present) if others]


def read_representatives(connection: Connection, ids: Iterable[int] | None = None) -> dict[int, int]:
    """The best copy of the group of each recording that is not the best itself, of all or of some groups."""
    return {other: best for best, *others in read_groups(connection, ids) for other in others}
