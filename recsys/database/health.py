"""Is what is stored as it should be? Rows are streamed, so that a check of a million tracks needs little memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, exists, func, select, text, update

from recsys.database.answering import Answering, at_version, count_outdated
from recsys.database.tables import analysis, failure, file, name, prediction, rating, recording, vector
from recsys.database.writes import store_names
from recsys.domain.arrays import in_chunks
from recsys.domain.results import Finding

_FIX = "run: recsys doctor --fix, then recsys ingest FOLDER"
_NAMED = 5  # ids that are named in a finding
_NAMED_AT_ALL = exists().where(name.c.file_id == file.c.id)


def examine(connection: Connection, answers: Answering, dimensions: int) -> Iterator[Finding]:
    """One finding for each check."""
    yield _integrity(connection)
    yield _vectors(connection, answers, dimensions)
    yield _halves(connection, answers)
    yield _unheard(connection, answers)
    yield _genres(connection, answers)
    yield _homeless(connection)
    yield _shown(connection)
    yield _missing(connection)
    yield _failures(connection)


def repair(connection: Connection, answers: Answering, dimensions: int) -> None:
    """Drop what is broken: it is made again from the files."""
    without = _without_genre(connection, answers)
    for version in answers.versions:
        spoilt = _spoilt(connection, version, dimensions).ids
        for ids in in_chunks([*spoilt, *_half_analysed(connection, version), *without]):
            for table in (vector, analysis):
                ours = table.c.recording_id.in_(ids)
                connection.execute(delete(table).where(ours, table.c.feature_version == version))
    for ids in in_chunks(_without_file(connection)):
        connection.execute(delete(recording).where(recording.c.id.in_(ids)))
    belonging: tuple[Any, ...] = (file, analysis, vector, prediction, rating)
    for table in belonging:  # left behind by a program that minded no foreign keys
        connection.execute(delete(table).where(~exists().where(recording.c.id == table.c.recording_id)))
    connection.execute(delete(name).where(~exists().where(file.c.id == name.c.file_id)))
    store_names(connection, ~_NAMED_AT_ALL)
    first = select(func.min(file.c.id)).group_by(file.c.recording_id)
    for ids in in_chunks(_shown_wrong(connection)):
        ours = file.c.recording_id.in_(ids)
        connection.execute(update(file).where(ours).values(shown=file.c.id.in_(first.where(ours))))


def _integrity(connection: Connection) -> Finding:
    if connection.dialect.name != "sqlite":
        return Finding("database", "ok", f"{connection.dialect.name} looks after its own files")
    said = str(connection.execute(text("PRAGMA quick_check(1)")).scalar_one())
    if said != "ok":
        return Finding("database", "broken", said, "put back a copy of it, or move it away and run recsys ingest")
    stray = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(1000)
    if stray:
        return Finding("database", "broken", f"{len(stray)} rows belong to no recording", _FIX)
    return Finding("database", "ok", "every page and every reference is sound")


@dataclass(slots=True)
class _Spoilt:
    ids: list[int] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    rows: int = 0


def _spoilt(connection: Connection, version: int, dimensions: int) -> _Spoilt:
    """Recordings whose vectors are not what this version stores."""
    found = _Spoilt()
    columns = (vector.c.recording_id, vector.c.normalised, vector.c.raw, vector.c.windows, vector.c.starts)
    query = select(*columns).where(vector.c.feature_version == version)
    with connection.execute(query.execution_options(yield_per=500)) as rows:
        for row in rows:
            found.rows += 1
            reason = _complaint(row.normalised, row.raw, row.windows, len(row.starts or ()), dimensions)
            if reason:
                found.ids.append(row.recording_id)
                found.reasons.add(reason)
    return found


def _complaint(normalised: bytes, raw: bytes, windows: bytes, n: int, dimensions: int) -> str:
    if len(normalised) != 4 * dimensions or len(raw) != 4 * dimensions:
        return f"a vector has not {dimensions} numbers"
    if n == 0 or len(windows) != 2 * dimensions * n:
        return "windows are missing or of the wrong size"
    arrays = (np.frombuffer(normalised, "<f4"), np.frombuffer(raw, "<f4"), np.frombuffer(windows, "<f2"))
    return "" if all(np.isfinite(array).all() for array in arrays) else "a number is NaN or infinite"


def _vectors(connection: Connection, answers: Answering, dimensions: int) -> Finding:
    found = {version: _spoilt(connection, version, dimensions) for version in answers.versions}
    ids = [i for spoilt in found.values() for i in spoilt.ids]
    if ids:
        reasons = "; ".join(sorted(set().union(*(spoilt.reasons for spoilt in found.values()))))
        return Finding("vectors", "broken", f"{len(ids)} are spoilt ({reasons}): {_some(ids)}", _FIX)
    counts = " and ".join(f"{spoilt.rows} of version {version}" for version, spoilt in found.items())
    return Finding("vectors", "ok", f"{counts}, all finite, of {dimensions} numbers")


def _half_analysed(connection: Connection, version: int) -> list[int]:
    halves: list[int] = []
    for table, other in ((analysis, vector), (vector, analysis)):
        whole = exists().where(at_version(other, version, table.c.recording_id))
        query = select(table.c.recording_id).where(table.c.feature_version == version, ~whole)
        halves += connection.execute(query).scalars().all()
    return halves


def _halves(connection: Connection, answers: Answering) -> Finding:
    halves = [i for version in answers.versions for i in _half_analysed(connection, version)]
    if halves:
        return Finding("analyses", "broken", f"{len(halves)} are incomplete: {_some(halves)}", _FIX)
    return Finding("analyses", "ok", "each has its vector")


def _unheard(connection: Connection, answers: Answering) -> Finding:
    heard = exists().where(at_version(analysis, answers.version, file.c.recording_id))
    there = select(func.count()).select_from(file).where(file.c.missing_since.is_(None), file.c.shown)
    n = connection.execute(there.where(~heard)).scalar_one()
    if n:
        said = f"{n} tracks have not been listened to by version {answers.version}"
        if outdated := count_outdated(connection, answers):
            done = connection.execute(there.where(heard)).scalar_one()
            said = (
                f"{done} of {done + n} tracks have been analysed for feature version {answers.version}; "
                f"{outdated} answer with an older version until they are"
            )
        return Finding("listening", "warning", said, "run: recsys ingest FOLDER")
    return Finding("listening", "ok", "every track has been listened to by this version")


def _without_genre(connection: Connection, answers: Answering) -> list[int]:
    known = exists().where(prediction.c.recording_id == analysis.c.recording_id)
    query = select(analysis.c.recording_id).where(answers.rows(analysis), ~known)
    return list(connection.execute(query).scalars())


def _genres(connection: Connection, answers: Answering) -> Finding:
    without = _without_genre(connection, answers)
    if without:
        return Finding("genres", "broken", f"{len(without)} analysed tracks have none: {_some(without)}", _FIX)
    models = connection.execute(select(prediction.c.model, func.count()).group_by(prediction.c.model)).all()
    said = ", ".join(f"{n} by {model}" for model, n in models) or "none yet"
    return Finding("genres", "ok", said)


def _without_file(connection: Connection) -> list[int]:
    query = select(recording.c.id).where(~exists().where(file.c.recording_id == recording.c.id))
    return list(connection.execute(query).scalars())


def _homeless(connection: Connection) -> Finding:
    ids = _without_file(connection)
    if ids:
        return Finding("files", "broken", f"{len(ids)} tracks lie nowhere: {_some(ids)}", _FIX)
    return Finding("files", "ok", "every track lies somewhere, or is known to be missing")


def _shown_wrong(connection: Connection) -> list[int]:
    query = (
        select(file.c.recording_id)
        .group_by(file.c.recording_id)
        .having(func.count().filter(file.c.shown) != 1)
        .order_by(file.c.recording_id)
    )
    return list(connection.execute(query).scalars())


def _shown(connection: Connection) -> Finding:
    ids = _shown_wrong(connection)
    if ids:
        return Finding("names", "broken", f"{len(ids)} tracks have none or several: {_some(ids)}", _FIX)
    lost = connection.execute(select(func.count()).select_from(file).where(~_NAMED_AT_ALL)).scalar_one()
    if lost:
        return Finding("names", "broken", f"{lost} files are not found by their names", "run: recsys doctor --fix")
    return Finding("names", "ok", "one file speaks for each track")


def _missing(connection: Connection) -> Finding:
    tracks = file.c.shown
    missing = connection.execute(
        select(func.count()).select_from(file).where(tracks, file.c.missing_since.is_not(None))
    ).scalar_one()
    if not missing:
        return Finding("missing", "ok", "none")
    total = connection.execute(select(func.count()).select_from(file).where(tracks)).scalar_one()
    cure = "mount what is not mounted and run recsys ingest FOLDER; or forget them with: recsys prune"
    return Finding("missing", "warning", f"{missing} of {total} tracks are not on the disk", cure)


def _failures(connection: Connection) -> Finding:
    by_stage = connection.execute(
        select(failure.c.stage, func.count()).group_by(failure.c.stage).order_by(failure.c.stage)
    ).all()
    if not by_stage:
        return Finding("failures", "ok", "none")
    said = ", ".join(f"{n} at {stage}" for stage, n in by_stage)
    return Finding("failures", "warning", said, "see them with: recsys failures")


def _some(ids: Iterable[int]) -> str:
    listed = list(ids)
    return "tracks " + ", ".join(map(str, listed[:_NAMED])) + (" …" if len(listed) > _NAMED else "")
