"""Find and delete paths without a file, and the recordings that have no other path."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, union

from recsys.database.copies import bequeath
from recsys.database.id_queries import under
from recsys.database.listener_tables import RATING_TABLES
from recsys.database.tables import failure, file, ingest_root, recording
from recsys.domain.arrays import in_chunks
from recsys.domain.catalogue import RemovedCounts

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


def delete_paths(connection: Connection, paths: Iterable[str]) -> RemovedCounts:
    """Delete missing files and failures at these paths, and recordings without any file, with all their rows.

    What listeners state of such a recording is moved to another copy of its performance.
    """
    locations = tracks = rated = failures = 0
    for chunk in in_chunks(paths):
        here = file.c.path.in_(chunk) & file.c.missing_since.is_not(None)
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
    return RemovedCounts(tracks=tracks, locations=locations, rated=rated, failures=failures)
