"""Checks of the stored data. Rows are streamed, so that a check of a million tracks needs little memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, delete, exists, func, select, update

from recsys.database import trigrams
from recsys.database.album_links import has_unlinked
from recsys.database.answering import AnsweringVersions, at_version, count_outdated
from recsys.database.integrity import Integrity, checking
from recsys.database.listener_tables import LISTENER_TABLES
from recsys.database.listeners import list_listeners
from recsys.database.plays import find_too_small, restore_counts
from recsys.database.tables import analysis, failure, file, performance, prediction, recording, search_name, vector
from recsys.database.writes import index_names
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import TAG_VERSION
from recsys.domain.results import CheckResult
from recsys.errors import Hint, pluralise

_MAX_IDS_SHOWN = 5  # ids in a message
_VECTORS = 16  # read and tested at a time: few enough for the cache of the processor
_ALL_BUT_SIGN, _INFINITE_HALF = np.uint16(0x7FFF), 0x7C00  # bits of a float16; those of a NaN are larger
_ALL_BUT_SIGN_OF_FLOAT, _INFINITE_FLOAT = np.uint32(0x7FFF_FFFF), 0x7F80_0000
_HAS_NAMES = exists().where(search_name.c.file_id == file.c.id)


def check(connection: Connection, answers: AnsweringVersions, dimensions: int) -> Iterator[CheckResult]:
    """Yield the result of each check."""
    if connection.dialect.name != "sqlite":
        yield CheckResult("database", "ok", f"{connection.dialect.name} checks its own files")
        yield _check_vectors(connection, answers, dimensions)
    else:
        with checking(connection) as integrity:
            vectors = _check_vectors(connection, answers, dimensions)  # the longest of the others
            yield _integrity_result(integrity())
        yield vectors
    yield _check_analyses(connection, answers)
    yield _check_feature_version(connection, answers)
    yield _check_genres(connection, answers)
    yield _check_files(connection)
    yield _check_names(connection)
    yield _check_word_index(connection)
    yield _check_tags(connection)
    yield _check_missing(connection)
    yield _check_listeners(connection)
    yield _check_failures(connection)


def repair(connection: Connection, answers: AnsweringVersions, dimensions: int) -> None:
    """Delete invalid rows; the next ingest of their files restores them."""
    if trigrams.is_damaged(connection) or not trigrams.is_used(connection):  # first: its triggers refuse changes
        trigrams.rebuild(connection)
    without = _without_genre(connection, answers)
    for version in answers.versions:
        invalid = _find_invalid_vectors(connection, version, dimensions).ids
        for ids in in_chunks([*invalid, *_incomplete_analyses(connection, version), *without]):
            for table in (vector, analysis):
                selected = table.c.recording_id.in_(ids)
                connection.execute(delete(table).where(selected, table.c.feature_version == version))
    for ids in in_chunks(_without_file(connection)):
        connection.execute(delete(recording).where(recording.c.id.in_(ids)))
    belonging: tuple[Any, ...] = (file, analysis, vector, performance, prediction, *LISTENER_TABLES)
    for table in belonging:  # left by a program that did not enforce foreign keys
        connection.execute(delete(table).where(~exists().where(recording.c.id == table.c.recording_id)))
    for listener, recording_id in find_too_small(connection):
        restore_counts(connection, listener, [recording_id])
    connection.execute(delete(search_name).where(~exists().where(file.c.id == search_name.c.file_id)))
    index_names(connection, ~_HAS_NAMES)
    first = select(func.min(file.c.id)).group_by(file.c.recording_id)
    for ids in in_chunks(_without_primary_file(connection)):
        selected = file.c.recording_id.in_(ids)
        connection.execute(update(file).where(selected).values(is_primary=file.c.id.in_(first.where(selected))))


def _integrity_result(found: Integrity) -> CheckResult:
    if found.problem:
        return CheckResult("database", "error", found.problem, Hint.RESTORE_DATABASE)
    if found.n_stray:
        rows = pluralise(found.n_stray, "row belongs", "rows belong")
        return CheckResult("database", "error", f"{rows} to no recording", Hint.REPAIR)
    return CheckResult("database", "ok", "every page and every foreign key is valid")


@dataclass(slots=True)
class _InvalidVectors:
    ids: list[int] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    rows: int = 0


def _find_invalid_vectors(connection: Connection, version: int, dimensions: int) -> _InvalidVectors:
    """Recordings whose vectors have the wrong size or are not finite."""
    found = _InvalidVectors()
    n_windows = func.json_array_length(vector.c.starts)
    columns = (vector.c.recording_id, vector.c.normalised, vector.c.raw, vector.c.windows, n_windows)
    query = select(*columns).where(vector.c.feature_version == version)
    with connection.execute(query.execution_options(yield_per=_VECTORS)) as rows:
        for batch in rows.partitions():
            found.rows += len(batch)
            if any(_size_problem(row, dimensions) for row in batch) or not _is_finite(batch):
                for row in batch:
                    if reason := _vector_problem(row, dimensions):
                        found.ids.append(row.recording_id)
                        found.reasons.add(reason)
    return found


def _vector_problem(row: Row[Any], dimensions: int) -> str:
    return _size_problem(row, dimensions) or ("" if _is_finite([row]) else "an element is NaN or infinite")


def _size_problem(row: Sequence[Any], dimensions: int) -> str:
    _, normalised, raw, windows, n_windows = row
    if len(normalised) != 4 * dimensions or len(raw) != 4 * dimensions:
        return f"a vector does not have {dimensions} elements"
    if not n_windows or len(windows) != 2 * dimensions * n_windows:
        return "windows are missing or have the wrong size"
    return ""


def _is_finite(rows: Sequence[Row[Any]]) -> bool:
    """Whether all numbers of many rows are finite; tested by their bits, as numpy tests halves ten times as slowly."""
    _, normalised, raw, windows, _ = zip(*rows, strict=True)
    halves = np.frombuffer(b"".join(windows), "<u2") & _ALL_BUT_SIGN
    floats = np.frombuffer(b"".join((*normalised, *raw)), "<u4") & _ALL_BUT_SIGN_OF_FLOAT
    return bool(halves.max() < _INFINITE_HALF and floats.max() < _INFINITE_FLOAT)


def _check_vectors(connection: Connection, answers: AnsweringVersions, dimensions: int) -> CheckResult:
    found = {version: _find_invalid_vectors(connection, version, dimensions) for version in answers.versions}
    ids = [i for invalid in found.values() for i in invalid.ids]
    if ids:
        reasons = "; ".join(sorted(set().union(*(invalid.reasons for invalid in found.values()))))
        return CheckResult(
            "vectors", "error", f"{pluralise(len(ids), 'is', 'are')} invalid ({reasons}): {_tracks(ids)}", Hint.REPAIR
        )
    counts = " and ".join(f"{invalid.rows} of version {version}" for version, invalid in found.items())
    return CheckResult("vectors", "ok", f"{counts}, all finite, with {dimensions} elements")


def _incomplete_analyses(connection: Connection, version: int) -> list[int]:
    incomplete: list[int] = []
    for table, other in ((analysis, vector), (vector, analysis)):
        counterpart = exists().where(at_version(other, version, table.c.recording_id))
        query = select(table.c.recording_id).where(table.c.feature_version == version, ~counterpart)
        incomplete += connection.execute(query).scalars().all()
    return incomplete


def _check_analyses(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    ids = [i for version in answers.versions for i in _incomplete_analyses(connection, version)]
    if ids:
        return CheckResult(
            "analyses", "error", f"{pluralise(len(ids), 'is', 'are')} incomplete: {_tracks(ids)}", Hint.REPAIR
        )
    return CheckResult("analyses", "ok", "each has its vector")


def _check_feature_version(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    current = exists().where(at_version(analysis, answers.version, file.c.recording_id))
    present = select(func.count()).select_from(file).where(file.c.missing_since.is_(None), file.c.is_primary)
    n = connection.execute(present.where(~current)).scalar_one()
    if n:
        message = f"{pluralise(n, 'track has', 'tracks have')} not been analysed with feature version {answers.version}"
        if outdated := count_outdated(connection, answers):
            done = connection.execute(present.where(current)).scalar_one()
            message = (
                f"{done} of {pluralise(done + n, 'track')} {'has' if done == 1 else 'have'} been analysed with "
                f"feature version {answers.version}; "
                f"an older version is used for {outdated} until then"
            )
        return CheckResult("features", "warning", message, Hint.INGEST)
    return CheckResult("features", "ok", f"every track has been analysed with feature version {answers.version}")


def _without_genre(connection: Connection, answers: AnsweringVersions) -> list[int]:
    predicted = exists().where(prediction.c.recording_id == analysis.c.recording_id)
    query = select(analysis.c.recording_id).where(answers.rows(analysis), ~predicted)
    return list(connection.execute(query).scalars())


def _check_genres(connection: Connection, answers: AnsweringVersions) -> CheckResult:
    without = _without_genre(connection, answers)
    if without:
        return CheckResult(
            "genres",
            "error",
            f"{pluralise(len(without), 'analysed track has', 'analysed tracks have')} none: {_tracks(without)}",
            Hint.REPAIR,
        )
    models = connection.execute(select(prediction.c.model, func.count()).group_by(prediction.c.model)).all()
    return CheckResult("genres", "ok", ", ".join(f"{n} by {model}" for model, n in models) or "none yet")


def _without_file(connection: Connection) -> list[int]:
    query = select(recording.c.id).where(~exists().where(file.c.recording_id == recording.c.id))
    return list(connection.execute(query).scalars())


def _check_files(connection: Connection) -> CheckResult:
    ids = _without_file(connection)
    if ids:
        return CheckResult(
            "files", "error", f"{pluralise(len(ids), 'track has', 'tracks have')} no path: {_tracks(ids)}", Hint.REPAIR
        )
    return CheckResult("files", "ok", "every track has a file, or is marked as missing")


def _without_primary_file(connection: Connection) -> list[int]:
    query = (
        select(file.c.recording_id)
        .group_by(file.c.recording_id)
        .having(func.count().filter(file.c.is_primary) != 1)
        .order_by(file.c.recording_id)
    )
    return list(connection.execute(query).scalars())


def _check_names(connection: Connection) -> CheckResult:
    ids = _without_primary_file(connection)
    if ids:
        return CheckResult(
            "names",
            "error",
            f"{pluralise(len(ids), 'track has', 'tracks have')} none or several: {_tracks(ids)}",
            Hint.REPAIR,
        )
    lost = connection.execute(select(func.count()).select_from(file).where(~_HAS_NAMES)).scalar_one()
    if lost:
        return CheckResult("names", "error", f"{pluralise(lost, 'file')} cannot be found by their names", Hint.REPAIR)
    return CheckResult("names", "ok", "each track has one primary file")


def _check_word_index(connection: Connection) -> CheckResult:
    if trigrams.is_damaged(connection):
        return CheckResult("words", "error", "the index of words is damaged", Hint.REPAIR)
    if not trigrams.is_used(connection):
        return CheckResult("words", "ok", "searched without an index, which this database does not have")
    return CheckResult("words", "ok", "the index finds a sample of the files")


def _check_tags(connection: Connection) -> CheckResult:
    failed = exists().where(failure.c.path == file.c.path)
    old = select(func.count()).select_from(file).where(file.c.missing_since.is_(None), file.c.tag_version < TAG_VERSION)
    old = old.where(~failed)
    if n := connection.execute(old).scalar_one():
        message = f"those of {pluralise(n, 'file')} were read by an older version; the next ingest reads them again"
        return CheckResult("tags", "warning", message, Hint.INGEST)
    if has_unlinked(connection):
        return CheckResult("tags", "warning", "the albums of an interrupted ingest are incomplete", Hint.INGEST)
    return CheckResult("tags", "ok", "all read by this version")


def _check_missing(connection: Connection) -> CheckResult:
    tracks = file.c.is_primary
    missing = connection.execute(
        select(func.count()).select_from(file).where(tracks, file.c.missing_since.is_not(None))
    ).scalar_one()
    if not missing:
        return CheckResult("missing", "ok", "none")
    total = connection.execute(select(func.count()).select_from(file).where(tracks)).scalar_one()
    return CheckResult(
        "missing",
        "warning",
        f"{missing} of {pluralise(total, 'track')} {'is' if missing == 1 else 'are'} not on the disk",
        Hint.PRUNE,
    )


def _check_listeners(connection: Connection) -> CheckResult:
    found = list_listeners(connection)
    if too_small := len(find_too_small(connection)):
        return CheckResult(
            "listeners",
            "error",
            f"{pluralise(too_small, 'play count is', 'play counts are')} smaller than the plays",
            Hint.REPAIR,
        )
    parts = [
        f"{each.name}: {pluralise(each.likes + each.dislikes + each.stars, 'rating')}, "
        f"{pluralise(each.plays, 'play')}, "
        f"{pluralise(each.playlists, 'saved playlist')}"
        for each in found
    ]
    return CheckResult("listeners", "ok", "; ".join(parts))


def _check_failures(connection: Connection) -> CheckResult:
    by_stage = connection.execute(
        select(failure.c.stage, func.count()).group_by(failure.c.stage).order_by(failure.c.stage)
    ).all()
    if not by_stage:
        return CheckResult("failures", "ok", "none")
    message = ", ".join(f"{n} at {stage}" for stage, n in by_stage)
    return CheckResult("failures", "warning", message, Hint.LIST_FAILURES)


def _tracks(ids: Sequence[int]) -> str:
    return "tracks " + ", ".join(map(str, ids[:_MAX_IDS_SHOWN])) + (" …" if len(ids) > _MAX_IDS_SHOWN else "")
