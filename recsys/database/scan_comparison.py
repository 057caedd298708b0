"""Compare the files on the disk with the catalogue, inside the database.

Both sides may have millions of rows, so neither is held in memory. Of a file that is as it was stored, which most are,
the id alone is kept: it is found as the next of the stored paths, which a scan by name meets in their order. All others
are stored in a temporary table of the connection, and every result is a query that is read page by page. While other
processes write, no transaction stays open, so that SQLite can checkpoint its write-ahead log.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Named,
    Select,
    Table,
    TypedColumns,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
)

from recsys.database import engine as database
from recsys.database.answering import AnsweringVersions, at_version
from recsys.database.id_queries import under
from recsys.database.tables import analysis, failure, file
from recsys.database.text_encoding import encode_text
from recsys.database.text_type import PathText
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import TAG_VERSION, FileStat
from recsys.domain.catalogue import ACCESS_STAGE, FailedFile

_PAGE = 2000
_ROOTS = 100  # folders in one statement: SQLite limits the depth of an expression
_PROCESSED = ("todo", "outdated")  # states of files that have to be identified, in this order
_LOST_STAGE, _MAX_ATTEMPTS = "worker", 3
"""A file whose worker process died is tried again without being asked, up to this number of attempts."""
_SCAN_STAGE = "scan"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SKIPPED = "skipped"
"""The stage of files that are left out for their duration."""


class _ScannedColumns(TypedColumns):
    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    reason: Named[str | None] = Column(PathText)
    changed_at: Named[str] = Column(PathText)


class _ChangedColumns(TypedColumns):
    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    reason: Named[str | None] = Column(PathText)
    state: Named[str]


class _UnchangedColumns(TypedColumns):
    id: Named[int] = Column(BigInteger, primary_key=True)


_temporary = MetaData()
_scanned = Table("scanned", _temporary, _ScannedColumns, prefixes=["TEMPORARY"], sqlite_with_rowid=False)
_changed = Table("changed", _temporary, _ChangedColumns, prefixes=["TEMPORARY"])
_unchanged = Table("unchanged", _temporary, _UnchangedColumns, prefixes=["TEMPORARY"])


@dataclass(frozen=True, slots=True)
class ScanCounts:
    """Numbers of scanned files by their state.

    ``unchanged``, ``failed`` and ``skipped`` files have the stored size and modification time; ``todo`` files have to
    be processed, and ``outdated`` ones too: they are unchanged, but were analysed with an older feature version. Of
    ``reread`` files, which are unchanged too, only the tags have to be read again. ``unreadable`` folders and links
    could not be read by the last scan either, for the same reason; ``recovered`` files could not, and are unchanged.
    """

    unchanged: int = 0
    failed: int = 0
    skipped: int = 0
    todo: int = 0
    outdated: int = 0
    reread: int = 0
    unreadable: int = 0
    recovered: int = 0


class ScanComparison:
    """A comparison of scanned files with a catalogue; created by :func:`open_scan`."""

    def __init__(self, connection: Connection, answers: AnsweringVersions) -> None:
        self._connection = connection
        self._answers = answers
        with connection.begin():
            self._any_failed = connection.execute(select(failure.c.path).limit(1)).first() is not None
            # What is stored later has not disappeared, whether this scan finds it or not.
            self._last_id = int(connection.execute(select(func.coalesce(func.max(file.c.id), 0))).scalar_one())
        self._upsert = _upsert_statement(connection)
        self._stored = _stored_files(answers)
        self._unchanged = array("q")  # ids of files

    def record(self, files: Sequence[FileStat | FailedFile]) -> None:
        """Add scanned files; a path that is added twice counts once."""
        rows = {row[0]: row for row in (_row(file, timed=self._any_failed) for file in self._without_unchanged(files))}
        if rows:
            with self._connection.begin():
                self._connection.exec_driver_sql(self._upsert, list(rows.values()))

    def _without_unchanged(self, files: Sequence[FileStat | FailedFile]) -> list[FileStat | FailedFile]:
        """The files without those that are as they were stored, whose ids are kept."""
        paths = [file.path for file in files if isinstance(file, FileStat)]
        if not paths:
            return list(files)
        between = {"first": min(paths), "last": max(paths), "rows": 2 * len(paths)}
        with self._connection.begin():
            stored = {row[:3]: row[3] for row in self._connection.execute(self._stored, between)}
        rest: list[FileStat | FailedFile] = []
        for scanned in files:
            known = None
            if isinstance(scanned, FileStat):
                known = stored.get((scanned.path, scanned.size, scanned.mtime_ns))
            if known is None:
                rest.append(scanned)
            else:
                self._unchanged.append(known)
        return rest

    def compare(self, *, retry: bool) -> ScanCounts:
        """Compare the scanned files with the catalogue; with ``retry``, failed files have to be processed again.

        Without ``retry`` a failed file is left if it has not changed since: neither its size and modification time,
        nor, after the failure, its permissions or its place. What could not be read is always tried again.
        """
        compared = self._compared(retry=retry).subquery()
        with self._connection.begin():
            counted = select(compared.c.state, func.count()).group_by(compared.c.state)
            counts = {row[0]: row[1] for row in self._connection.execute(counted)}
            columns = [compared.c[column.name] for column in _scanned.c if column.name in _changed.c]
            kept = compared.c.state.in_([*_PROCESSED, "reread", "recovered"])
            changed = select(*columns, compared.c.state).where(kept)
            self._connection.execute(insert(_changed).from_select([column.name for column in _changed.c], changed))
        return ScanCounts(**{**counts, "unchanged": counts.get("unchanged", 0) + len(np.unique(self._unchanged))})

    def find_processed(self, paths: Sequence[str], *, retry: bool) -> set[str]:
        """Those of the scanned files that do not have to be processed any more, as another ingest has stored them."""
        compared = self._compared(retry=retry).where(_scanned.c.path.in_(paths)).subquery()
        with self._connection.begin():
            query = select(compared.c.path).where(compared.c.state.not_in(_PROCESSED))
            return set(self._connection.execute(query).scalars())

    def _compared(self, *, retry: bool) -> Select[Any]:
        """The scanned files with their states."""
        scan_failed = _scanned.c.reason.is_not(None)
        same_file = and_(file.c.size == _scanned.c.size, file.c.mtime_ns == _scanned.c.mtime_ns)
        same_failure = and_(
            failure.c.size == _scanned.c.size,
            failure.c.mtime_ns == _scanned.c.mtime_ns,
            failure.c.failed_at >= _scanned.c.changed_at,
        )
        retried = or_(
            and_(failure.c.stage == _LOST_STAGE, failure.c.attempts < _MAX_ATTEMPTS), failure.c.stage == ACCESS_STAGE
        )
        persistent = false() if retry else and_(same_failure, ~retried)
        older = analysis.alias()
        is_older = and_(older.c.recording_id == file.c.recording_id, older.c.feature_version.in_(self._answers.older))
        has_older_analysis = exists().where(is_older).correlate(file)
        analysed = analysis.c.recording_id.is_not(None)
        current = and_(same_file, analysed, file.c.tag_version >= TAG_VERSION)
        state = case(
            (and_(scan_failed, failure.c.stage == _SCAN_STAGE, failure.c.reason == _scanned.c.reason), "unreadable"),
            (scan_failed, "todo"),
            (and_(failure.c.stage == _SCAN_STAGE, current), "recovered"),
            (and_(failure.c.path.is_not(None), persistent, failure.c.stage == SKIPPED), "skipped"),
            (and_(failure.c.path.is_not(None), persistent), "failed"),
            (failure.c.path.is_not(None), "todo"),
            (and_(same_file, analysed, file.c.tag_version < TAG_VERSION), "reread"),
            (and_(same_file, analysed), "unchanged"),
            (and_(same_file, has_older_analysis), "outdated"),
            else_="todo",
        ).label("state")
        return (
            select(_scanned, state)
            .outerjoin(file, and_(file.c.path == _scanned.c.path, file.c.missing_since.is_(None)))
            .outerjoin(analysis, at_version(analysis, self._answers.version, file.c.recording_id))
            .outerjoin(failure, failure.c.path == _scanned.c.path)
        )

    def changed(self) -> Iterator[FileStat | FailedFile]:
        """Files that have to be processed, by path, which is folder by folder; outdated ones last."""
        for state in _PROCESSED:
            yield from self._pages(select(_changed).where(_changed.c.state == state))

    def rereads(self) -> Iterator[FileStat]:
        """Files whose tags have to be read again, by path."""
        yield from self._files("reread")

    def recovered(self) -> Iterator[FileStat]:
        """Unchanged files that the last scan could not read, by path."""
        yield from self._files("recovered")

    def _files(self, state: str) -> Iterator[FileStat]:
        for found in self._pages(select(_changed).where(_changed.c.state == state)):
            if isinstance(found, FileStat):
                yield found

    def _pages(self, query: Select[Any]) -> Iterator[FileStat | FailedFile]:
        last: str | None = None
        while True:
            with self._connection.begin():
                rows = self._connection.execute(_page(query, _changed.c.path, last)).all()
            for row in rows:
                stat = FileStat(row.path, row.size, row.mtime_ns)
                yield stat if row.reason is None else FailedFile(stat, "scan", row.reason)
            if len(rows) < _PAGE:
                return
            last = rows[-1].path

    def disappeared(self, roots: Iterable[str]) -> Iterator[list[str]]:
        """Paths of files or failures at or under ``roots`` that the scan did not find, page by page.

        Paths inside a folder that could not be read are not included.
        """
        with self._connection.begin():
            query = select(_scanned.c.path).where(_scanned.c.reason.is_not(None))
            unreadable = list(self._connection.execute(query).scalars())
        chunks = list(in_chunks(roots, _ROOTS))
        pages = [self._not_scanned(failure.c.path, chunk, unreadable) for chunk in chunks]
        if not self._has_found_all(chunks):
            pages = [*(self._not_scanned(file.c.path, chunk, unreadable) for chunk in chunks), *pages]
        yield from chain.from_iterable(pages)

    def _has_found_all(self, chunks: Sequence[Sequence[str]]) -> bool:
        """Whether all stored files of folders were scanned, by their number and the sum of their ids.

        If not, the ids of unchanged files are stored in their temporary table.
        """
        unchanged = np.unique(self._unchanged)
        with self._connection.begin():
            gone = _gone()
            all_files = [self._number(file, under(file.c.path, chunk)) for chunk in chunks]
            missing = [self._number(gone, under(gone.c.path, chunk)) for chunk in chunks]
            present = np.sum(all_files, axis=0) - np.sum(missing, axis=0)
            other = self._number(file, file.c.missing_since.is_(None), file.c.path.in_(select(_scanned.c.path)))
            if np.array_equal(present, np.add(other, (len(unchanged), unchanged.sum()))):
                return True
            self._connection.execute(delete(_unchanged))
            for ids in in_chunks(unchanged.tolist(), _PAGE):
                self._connection.execute(insert(_unchanged), [{"id": i} for i in ids])
        return False

    def _number(self, files: Any, *conditions: ColumnElement[bool]) -> tuple[int, int]:
        """The number of files that were stored before the scan, and the sum of their ids."""
        numbers = select(func.count(), func.coalesce(func.sum(files.c.id), 0)).select_from(files)
        number, total = self._connection.execute(numbers.where(files.c.id <= self._last_id, *conditions)).one()
        return int(number), int(total)

    def _not_scanned(
        self, path: ColumnElement[str], roots: Sequence[str], unreadable: Sequence[str]
    ) -> Iterator[list[str]]:
        not_scanned = select(path).where(under(path, roots), ~exists().where(_scanned.c.path == path))
        if path is file.c.path:
            known = and_(file.c.missing_since.is_(None), file.c.id <= self._last_id)
            not_scanned = not_scanned.where(known, ~exists().where(_unchanged.c.id == file.c.id))
        for folders in in_chunks(unreadable, _ROOTS):
            not_scanned = not_scanned.where(~under(path, folders))
        last: str | None = None
        while True:
            with self._connection.begin():
                paths = list(self._connection.execute(_page(not_scanned.distinct(), path, last)).scalars())
            if paths:
                yield paths
            if len(paths) < _PAGE:
                return
            last = paths[-1]


@contextmanager
def open_scan(engine: Engine, answers: AnsweringVersions) -> Iterator[ScanComparison]:
    """Open a comparison on a separate connection, which drops its temporary tables when it is closed."""
    with database.translate_errors(engine.url), engine.connect() as connection:
        connection.detach()
        with connection.begin():
            _temporary.create_all(connection, checkfirst=False)
        yield ScanComparison(connection, answers)


def _stored_files(answers: AnsweringVersions) -> Select[str, int, int, int]:
    """Stored files in an interval of paths that need not be processed if they have not changed, as rows."""
    return (
        select(file.c.path, file.c.size, file.c.mtime_ns, file.c.id)
        .join(analysis, at_version(analysis, answers.version, file.c.recording_id))
        .where(file.c.path >= bindparam("first"), file.c.path <= bindparam("last"), file.c.missing_since.is_(None))
        .where(file.c.tag_version >= TAG_VERSION, ~exists().where(failure.c.path == file.c.path))
        .order_by(file.c.path)
        .limit(bindparam("rows"))
    )


def _upsert_statement(connection: Connection) -> str:
    """The statement that stores rows of :func:`_row`, for the driver: to bind parameters one by one would be slow."""
    names = [column.name for column in _scanned.c]
    values = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(names))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != "path")
    return (
        f"INSERT INTO {_scanned.name} ({', '.join(names)}) VALUES ({values}) ON CONFLICT (path) DO UPDATE SET {changes}"
    )


def _row(scanned: FileStat | FailedFile, *, timed: bool) -> tuple[str, int, int, str | None, str]:
    """A row of the table; ``timed``: with the time of the last change, which is compared with those of failures."""
    stat, reason = (scanned.stat, scanned.reason) if isinstance(scanned, FailedFile) else (scanned, None)
    changed_at = _timestamp(stat.ctime_ns) if timed and stat.ctime_ns else ""
    return encode_text(stat.path), stat.size, stat.mtime_ns, reason and encode_text(reason), changed_at


def _timestamp(nanoseconds: int) -> str:
    """A time as it is stored with failures; empty if no calendar has it."""
    try:
        return (_EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat(timespec="microseconds")
    except OverflowError:
        return ""


def _page(query: Select[Any], path: ColumnElement[str], last: str | None) -> Select[Any]:
    rest = query if last is None else query.where(path > last)
    return rest.order_by(path).limit(_PAGE)


def _gone() -> CTE:
    """Id and path of all missing files, by their index: a database would look at every file under a root instead."""
    return (
        select(file.c.id, file.c.path).where(file.c.missing_since.is_not(None)).cte("gone").prefix_with("MATERIALIZED")
    )


def count_present(connection: Connection, root: str) -> int:
    """Number of present files at or under a root."""
    query = select(func.count()).select_from(file).where(under(file.c.path, [root]), file.c.missing_since.is_(None))
    return int(connection.execute(query).scalar_one())


def count_missing(connection: Connection, roots: Iterable[str]) -> int:
    """Number of paths without a file or a failure at or under the roots."""
    gone = _gone()
    occupied = or_(
        exists().where(file.c.path == gone.c.path, file.c.missing_since.is_(None)),
        exists().where(failure.c.path == gone.c.path),
    )
    total = 0
    for chunk in in_chunks(roots, _ROOTS):
        missing = select(func.count(gone.c.path.distinct())).where(under(gone.c.path, chunk), ~occupied)
        total += int(connection.execute(missing).scalar_one())
    return total
