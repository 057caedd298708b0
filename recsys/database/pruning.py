"""Find and delete paths without a file, and the recordings that have no other path."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, true, union

from recsys.database.copies import bequeath
from recsys.database.id_queries import under
from recsys.database.listener_tables import RATING_TABLES
from recsys.database.tables import failure, file, ingest_root, recording
from recsys.database.writes import restore_invariants
from recsys.domain.arrays import in_chunks
from recsys.domain.catalogue import RemovedCounts, StoredFile

_PAGE = 2000


def add_roots(connection: Connection, paths: Iterable[str]) -> None:
    """Record that these folders were ingested; a folder inside a known root is not added."""
    known = set(list_roots(connection))
    new = [path for path in dict.fromkeys(paths) if known.isdisjoint((path, *map(str, Path(path).parents)))]
    if new:
        connection.execute(insert(ingest_root), [{"path": path} for path in new])


def list_roots(connection: Connection) -> list[str]:
    """Folders that were ingested, by path."""
    return list(connection.execute(select(ingest_root.c.path).order_by(ingest_root.c.path)).scalars())


def missing_page(connection: Connection, roots: Sequence[str], after: str | None) -> list[str]:
    """The next missing paths after ``after``, by path: at or under ``roots``, or all."""
    return _page(connection, file.c.path, file.c.missing_since.is_not(None), roots, after)


def present_paths(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Those of the paths at which a recording is present."""
    found: set[str] = set()
    for chunk in in_chunks(paths):
        here = file.c.path.in_(chunk) & file.c.missing_since.is_(None)
        found.update(connection.execute(select(file.c.path).where(here)).scalars())
    return found


def failure_page(connection: Connection, roots: Sequence[str], after: str | None) -> list[str]:
    """The next paths with a failure after ``after``, by path."""
    return _page(connection, failure.c.path, failure.c.path.is_not(None), roots, after)


def _page(
    connection: Connection,
    path: ColumnElement[str],
    wanted: ColumnElement[bool],
    roots: Sequence[str],
    after: str | None,
) -> list[str]:
    query: Any = select(path).where(wanted).distinct()
    if roots:
        query = query.where(under(path, roots))
    if after is not None:
        query = query.where(path > after)
    return list(connection.execute(query.order_by(path).limit(_PAGE)).scalars())


def stored_page(
    connection: Connection, roots: Sequence[str], after: tuple[str, int] | None
) -> tuple[list[StoredFile], tuple[str, int] | None]:
    """The next files after the path and recording ``after``, and the last of them; None at the end."""
    columns = (file.c.path, file.c.size, recording.c.added_at, file.c.missing_since.is_not(None), file.c.recording_id)
    query: Any = select(*columns).join(recording, recording.c.id == file.c.recording_id)
    if roots:
        query = query.where(under(file.c.path, roots))
    if after is not None:
        same = and_(file.c.path == after[0], file.c.recording_id > after[1])
        query = query.where(file.c.path >= after[0], or_(file.c.path > after[0], same))
    rows = connection.execute(query.order_by(file.c.path, file.c.recording_id).limit(_PAGE)).all()
    last = (rows[-1].path, rows[-1].recording_id) if len(rows) == _PAGE else None
    return [StoredFile(row[0], row[1], row[2], bool(row[3])) for row in rows], last


def file_stats(connection: Connection, paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Size and modification time (ns) of the files that are present at these paths."""
    found: dict[str, tuple[int, int]] = {}
    for chunk in in_chunks(paths):
        query = select(file.c.path, file.c.size, file.c.mtime_ns)
        rows = connection.execute(query.where(file.c.path.in_(chunk), file.c.missing_since.is_(None)))
        found.update((row[0], (row[1], row[2])) for row in rows)
    return found


def remove_empty_roots(connection: Connection, paths: Iterable[str]) -> None:
    """Forget roots under which no file is stored."""
    for path in paths:
        if connection.execute(select(file.c.id).where(under(file.c.path, [path])).limit(1)).first() is None:
            connection.execute(delete(ingest_root).where(ingest_root.c.path == path))


def delete_paths(connection: Connection, paths: Iterable[str], *, also_present: bool = False) -> RemovedCounts:
    """Delete missing files and failures at these paths, and recordings without any file, with all their rows.

    ``also_present``: also files that are not marked as missing. What listeners state of such a recording is moved to
    another copy of its performance.
    """
    locations = tracks = rated = failures = 0
    for chunk in in_chunks(paths):
        here = and_(file.c.path.in_(chunk), true() if also_present else file.c.missing_since.is_not(None))
        touched = sorted(set(connection.execute(select(file.c.recording_id).where(here)).scalars()))
        locations += connection.execute(delete(file).where(here)).rowcount
        failures += connection.execute(delete(failure).where(failure.c.path.in_(chunk))).rowcount
        for ids in in_chunks(touched):
            orphaned = recording.c.id.in_(ids) & ~exists().where(file.c.recording_id == recording.c.id)
            lost = list(connection.execute(select(recording.c.id).where(orphaned)).scalars())
            bequeath(connection, lost)
            ratings = (select(table.c.recording_id).where(table.c.recording_id.in_(lost)) for table in RATING_TABLES)
            rated += connection.execute(select(func.count()).select_from(union(*ratings).subquery())).scalar_one()
            tracks += connection.execute(delete(recording).where(recording.c.id.in_(lost))).rowcount
        restore_invariants(connection, touched)  # one of several files may have been the primary one
    return RemovedCounts(tracks=tracks, locations=locations, rated=rated, failures=failures)
