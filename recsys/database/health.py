"""Is what is stored as it should be? Rows are streamed, so that a check of a million tracks needs little memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, exists, func, select, text, update

from recsys.database.answering import AnsweringVersions, at_version, count_outdated
from recsys.database.tables import analysis, failure, file, prediction, rating, recording, search_name, vector
from recsys.database.writes import index_names
from recsys.domain.arrays import in_chunks
from recsys.domain.results import CheckResult
from recsys.errors import Hint

_MAX_IDS_SHOWN = 5  # ids that are named in a finding
_MAX_IDS_COLLECTED = exists().where(search_name.c.file_id == file.c.id)


def check(connection: Connection, answers: AnsweringVersions, dimensions: int) -> Iterator[CheckResult]:
    """One finding for each check."""
    yield _integrity(connection)
    yield _vectors(connection, answers, dimensions)
    yield _incomplete_analyses(connection, answers)
    yield _check_not_analysed(connection, answers)
    yield _genres(connection, answers)
    yield _orphan_recordings(connection)
    yield _primary_file(connection)
    yield _missing(connection)
    yield _failures(connection)


def repair(connection: Connection, answers: AnsweringVersions, dimensions: int) -> None:
    """Drop what is broken: it is made again from the files."""
    without = _without_genre(connection, answers)
    for version in answers.versions:
        spoilt = _find_invalid_vectors(connection, version, dimensions).ids
        for ids in in_chunks([*spoilt, *_check_incomplete(connection, version), *without]):
            for table in (vector, analysis):
                ours = table.c.recording_id.in_(ids)
                connection.execute(delete(table).where(ours, table.c.feature_version == version))
    for ids in in_chunks(_without_file(connection)):
        connection.execute(delete(recording).where(recording.c.id.in_(ids)))
    belonging: tuple[Any, ...] = (file, analysis, vector, prediction, rating)
    for table in belonging:  # left behind by a program that minded no foreign keys
        connection.execute(delete(table).where(~exists().where(recording.c.id == table.c.recording_id)))
    connection.execute(delete(search_name).where(~exists().where(file.c.id == search_name.c.file_id)))
    index_names(connection, ~_MAX_IDS_COLLECTED)
    first = select(func.min(file.c.id)).group_by(file.c.recording_id)
    for ids in in_chunks(_check_primary_files(connection)):
        ours = file.c.recording_id.in_(ids)
        connection.execute(update(file).where(ours).values(is_primary=file.c.id.in_(first.where(ours))))


def _integrity(connection: Connection) -> CheckResult:
    if connection.dialect.name != "sqlite":
        return CheckResult("database", "ok", f"{connection.dialect.name} looks after its own files")
    said = str(connection.execute(text("PRAGMA quick_check(1)")).scalar_one())
    if said != "ok":
        return CheckResult("database", "error", said, Hint.RESTORE_DATABASE)
    stray = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(1000)
    if stray:
        return CheckResult("database", "error", f"{len(stray)} rows belong to no recording", Hint.REPAIR)
    return CheckResult("database", "ok", "every page and every reference is sound")


@dataclass(slots=True)
class _InvalidVectors:
    ids: list[int] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    rows: int = 0


def _find_invalid_vectors(connection: Connection, version: int, dimensions: int) -> _InvalidVectors:
    """Recordings whose vectors are not what this version stores."""
    found = _InvalidVectors()
    columns = (vector.c.recording_id, vector.c.normalised, vector.c.raw, vector.c.windows, vector.c.starts)
    query = select(*columns).where(vector.c.feature_version == version)
    with connection.execute(query.execution_options(yield_per=500)) as rows:
        for row in rows:
            found.rows += 1
            reason = _vector_problem(row.normalised, row.raw, row.windows, len(row.starts or ()), dimensions)
            if reason:
                found.ids.append(row.recording_id)
                found.reasons.add(reason)
    return found


def _vector_problem(normalised: bytes, raw: bytes, windows: bytes, n: int, dimensions: int) -> str:
    if len(normalised) != 4 * dimensions or len(raw) != 4 * dimensions:
        return f"a vector has not {dimensions} numbers"
    if n == 0 or len(windows) != 2 * dimensions * n:
        return "windows are missing or of the wrong size"
    arrays = (np.frombuffer(normalised, "<f4"), np.frombuffer(raw, "<f4"), np.frombuffer(windows, "<f2"))
    return "" if all(np.isfinite(array).all() for array in arrays) else "a number is NaN or infinite"


def _vectors(connection: Connection, answers: AnsweringVersions, dimensions: int) -> CheckResult:
    found = {version: _find_invalid_vectors(connection, version, dimensions) for version in answers.versions}
    ids = [i for spoilt in found.values() for i in spoilt.ids]
    if ids:
        reasons = "; ".join(sorted(set().union(*(spoilt.reasons for spoilt in found.values()))))
        return CheckResult("vectors", "error", f"{len(ids)} are spoilt ({reasons}): {_some(ids)}", Hint.REPAIR)
    counts = " and ".join(f"{spoilt.rows} of version {version}" for version, spoilt in found.items())
    return CheckResult("vectors", "ok", f"{counts}, all finite, of {dimensions} numbers")


def _check_incomplete(connection: Connection, version: int) -> list[int]:
    halves: list[int] = []
    for table, other in ((analysis, vector), (vector, analysis)):
        whole = exists().where(at_version(other, version, table.c.recording_id))
        query = select(table.c.recording_id).where(table.c.feature_version == version, ~whole)
        halves += connection.execute(query).scalars().all()
    return halves


def _incomplete_analyses(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    halves = [i for version in answers.versions for i in _check_incomplete(connection, version)]
    if halves:
        return CheckResult("analyses", "error", f"{len(halves)} are incomplete: {_some(halves)}", Hint.REPAIR)
    return CheckResult("analyses", "ok", "each has its vector")


def _check_not_analysed(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    heard = exists().where(at_version(analysis, answers.version, file.c.recording_id))
    there = select(func.count()).select_from(file).where(file.c.missing_since.is_(None), file.c.is_primary)
    n = connection.execute(there.where(~heard)).scalar_one()
    if n:
        said = f"{n} tracks have not been listened to by version {answers.version}"
        if outdated := count_outdated(connection, answers):
            done = connection.execute(there.where(heard)).scalar_one()
            said = (
                f"{done} of {done + n} tracks have been analysed for feature version {answers.version}; "
                f"{outdated} answer with an older version until they are"
            )
        return CheckResult("listening", "warning", said, Hint.INGEST)
    return CheckResult("listening", "ok", "every track has been listened to by this version")


def _without_genre(connection: Connection, answers: AnsweringVersions) -> list[int]:
    known = exists().where(prediction.c.recording_id == analysis.c.recording_id)
    query = select(analysis.c.recording_id).where(answers.rows(analysis), ~known)
    return list(connection.execute(query).scalars())


def _genres(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    without = _without_genre(connection, answers)
    if without:
        return CheckResult(
            "genres", "error", f"{len(without)} analysed tracks have none: {_some(without)}", Hint.REPAIR
        )
    models = connection.execute(select(prediction.c.model, func.count()).group_by(prediction.c.model)).all()
    said = ", ".join(f"{n} by {model}" for model, n in models) or "none yet"
    return CheckResult("genres", "ok", said)


def _without_file(connection: Connection) -> list[int]:
    query = select(recording.c.id).where(~exists().where(file.c.recording_id == recording.c.id))
    return list(connection.execute(query).scalars())


def _orphan_recordings(connection: Connection) -> CheckResult:
    ids = _without_file(connection)
    if ids:
        return CheckResult("files", "error", f"{len(ids)} tracks lie nowhere: {_some(ids)}", Hint.REPAIR)
    return CheckResult("files", "ok", "every track lies somewhere, or is known to be missing")


def _check_primary_files(connection: Connection) -> list[int]:
    query = (
        select(file.c.recording_id)
        .group_by(file.c.recording_id)
        .having(func.count().filter(file.c.is_primary) != 1)
        .order_by(file.c.recording_id)
    )
    return list(connection.execute(query).scalars())


def _primary_file(connection: Connection) -> CheckResult:
    ids = _check_primary_files(connection)
    if ids:
        return CheckResult("names", "error", f"{len(ids)} tracks have none or several: {_some(ids)}", Hint.REPAIR)
    lost = connection.execute(select(func.count()).select_from(file).where(~_MAX_IDS_COLLECTED)).scalar_one()
    if lost:
        return CheckResult("names", "error", f"{lost} files are not found by their names", Hint.REPAIR)
    return CheckResult("names", "ok", "one file speaks for each track")


def _missing(connection: Connection) -> CheckResult:
    tracks = file.c.is_primary
    missing = connection.execute(
        select(func.count()).select_from(file).where(tracks, file.c.missing_since.is_not(None))
    ).scalar_one()
    if not missing:
        return CheckResult("missing", "ok", "none")
    total = connection.execute(select(func.count()).select_from(file).where(tracks)).scalar_one()
    return CheckResult("missing", "warning", f"{missing} of {total} tracks are not on the disk", Hint.PRUNE)


def _failures(connection: Connection) -> CheckResult:
    by_stage = connection.execute(
        select(failure.c.stage, func.count()).group_by(failure.c.stage).order_by(failure.c.stage)
    ).all()
    if not by_stage:
        return CheckResult("failures", "ok", "none")
    said = ", ".join(f"{n} at {stage}" for stage, n in by_stage)
    return CheckResult("failures", "warning", said, Hint.LIST_FAILURES)


def _some(ids: Iterable[int]) -> str:
    listed = list(ids)
    return "tracks " + ", ".join(map(str, listed[:_MAX_IDS_SHOWN])) + (" …" if len(listed) > _MAX_IDS_SHOWN else "")
