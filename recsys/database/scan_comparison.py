"""What lies on the disk beside what the catalogue knows, compared by the database.

Both sides may have millions of rows, so neither is held in memory: what the scan sees goes into a temporary table
of this connection, and every answer is a query, read page by page. Only the temporary tables are read while others
write, so that SQLite's log can be emptied meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
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
    case,
    exists,
    false,
    func,
    insert,
    or_,
    select,
)

from recsys.database import engine as database
from recsys.database.answering import AnsweringVersions, at_version
from recsys.database.queries import under
from recsys.database.tables import analysis, failure, file
from recsys.database.text_type import PathText
from recsys.database.writes import upsert
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile

_PAGE = 2000
_ROOTS = 100  # in one statement: SQLite limits the depth of an expression
_LOST_STAGE, _MAX_ATTEMPTS = "worker", 3
"""Files at which a worker was lost are tried again by themselves, this often: it may not have been their doing."""
SKIPPED = "skipped"
"""The stage of files left out on purpose: for their duration."""


class _SeenColumns(TypedColumns):
    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    reason: Named[str | None] = Column(PathText)


class _TodoColumns(TypedColumns):
    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    reason: Named[str | None] = Column(PathText)
    outdated: Named[bool]


_temporary = MetaData()
_seen = Table("seen", _temporary, _SeenColumns, prefixes=["TEMPORARY"])
_todo = Table("todo", _temporary, _TodoColumns, prefixes=["TEMPORARY"])


@dataclass(frozen=True, slots=True)
class ScanCounts:
    """How many files on the disk are as they were (``unchanged``, ``failed``, ``skipped``), and not (``todo``).

    ``outdated`` files are as they were, but were analysed for an older feature version; they are to be looked into too.
    """

    unchanged: int = 0
    failed: int = 0
    skipped: int = 0
    todo: int = 0
    outdated: int = 0


class ScanComparison:
    """One comparison of a disk with a catalogue; made by :func:`open_scan`."""

    def __init__(self, connection: Connection, answers: AnsweringVersions) -> None:
        self._connection = connection
        self._answers = answers

    def record(self, files: Sequence[FileStat | FailedFile]) -> None:
        """Note files that the scan met; one that was met before counts once."""
        rows = {row["path"]: row for row in map(_row, files)}
        with self._connection.begin():
            upsert(self._connection, _seen, ("path",), list(rows.values()))

    def compare(self, *, retry: bool) -> ScanCounts:
        """Compare all that was seen with the catalogue; ``retry`` takes up what failed before."""
        same_file = and_(file.c.size == _seen.c.size, file.c.mtime_ns == _seen.c.mtime_ns)
        same_failure = and_(failure.c.size == _seen.c.size, failure.c.mtime_ns == _seen.c.mtime_ns)
        again = and_(failure.c.stage == _LOST_STAGE, failure.c.attempts < _MAX_ATTEMPTS)
        lasting = false() if retry else and_(same_failure, ~again)
        older = analysis.alias()
        of_older = and_(older.c.recording_id == file.c.recording_id, older.c.feature_version.in_(self._answers.older))
        analysed_before = exists().where(of_older).correlate(file)
        state = case(
            (and_(failure.c.path.is_not(None), lasting, failure.c.stage == SKIPPED), "skipped"),
            (and_(failure.c.path.is_not(None), lasting), "failed"),
            (failure.c.path.is_not(None), "todo"),
            (and_(same_file, analysis.c.recording_id.is_not(None)), "unchanged"),
            (and_(same_file, analysed_before), "outdated"),
            else_="todo",
        ).label("state")
        compared = (
            select(_seen, state)
            .outerjoin(file, and_(file.c.path == _seen.c.path, file.c.missing_since.is_(None)))
            .outerjoin(analysis, at_version(analysis, self._answers.version, file.c.recording_id))
            .outerjoin(failure, failure.c.path == _seen.c.path)
            .subquery()
        )
        with self._connection.begin():
            counted = select(compared.c.state, func.count()).group_by(compared.c.state)
            counts = {row[0]: row[1] for row in self._connection.execute(counted)}
            columns = [compared.c[column.name] for column in _seen.c]
            outdated = (compared.c.state == "outdated").label("outdated")
            changed = select(*columns, outdated).where(compared.c.state.in_(["todo", "outdated"]))
            self._connection.execute(insert(_todo).from_select([column.name for column in _todo.c], changed))
        return ScanCounts(**counts)

    def changed(self) -> Iterator[FileStat | FailedFile]:
        """Files that have to be looked into, by path, which is folder by folder; those that answer meanwhile last."""
        for outdated in (False, True):
            yield from self._pages(select(_todo).where(_todo.c.outdated == outdated))

    def _pages(self, query: Select[Any]) -> Iterator[FileStat | FailedFile]:
        last: str | None = None
        while True:
            with self._connection.begin():
                rows = self._connection.execute(_page(query, _todo.c.path, last)).all()
            for row in rows:
                stat = FileStat(row.path, row.size, row.mtime_ns)
                yield stat if row.reason is None else FailedFile(stat, "scan", row.reason)
            if len(rows) < _PAGE:
                return
            last = rows[-1].path

    def disappeared(self, roots: Iterable[str]) -> Iterator[list[str]]:
        """Paths at or under ``roots`` that the catalogue has files or failures at, and the scan did not see.

        What lies in a folder that could not be read is not gone: it could not be seen.
        """
        with self._connection.begin():
            unread = self._connection.execute(select(_seen.c.path).where(_seen.c.reason.is_not(None))).scalars().all()
        hidden = [*unread]
        for chunk in in_chunks(roots, _ROOTS):
            for path in (file.c.path, failure.c.path):
                yield from self._not_scanned(path, chunk, hidden)

    def _not_scanned(
        self, path: ColumnElement[str], roots: Sequence[str], hidden: Sequence[str]
    ) -> Iterator[list[str]]:
        unseen = select(path).where(under(path, roots), ~exists().where(_seen.c.path == path))
        if path is file.c.path:
            unseen = unseen.where(file.c.missing_since.is_(None))
        for folders in in_chunks(hidden, _ROOTS):
            unseen = unseen.where(~under(path, folders))
        last: str | None = None
        while True:
            with self._connection.begin():
                paths = list(self._connection.execute(_page(unseen.distinct(), path, last)).scalars())
            if paths:
                yield paths
            if len(paths) < _PAGE:
                return
            last = paths[-1]


@contextmanager
def open_scan(engine: Engine, answers: AnsweringVersions) -> Iterator[ScanComparison]:
    """A survey, on a connection of its own that takes its temporary tables along when it is closed."""
    with database.translate_errors(engine.url), engine.connect() as connection:
        connection.detach()
        with connection.begin():
            _temporary.create_all(connection, checkfirst=False)
        yield ScanComparison(connection, answers)


def _row(seen: FileStat | FailedFile) -> dict[str, Any]:
    stat, reason = (seen.stat, seen.reason) if isinstance(seen, FailedFile) else (seen, None)
    return {"path": stat.path, "size": stat.size, "mtime_ns": stat.mtime_ns, "reason": reason}


def _page(query: Select[Any], path: ColumnElement[str], last: str | None) -> Select[Any]:
    rest = query if last is None else query.where(path > last)
    return rest.order_by(path).limit(_PAGE)


def count_present(connection: Connection, root: str) -> int:
    """How many files at or under a root the catalogue believes to be there."""
    query = select(func.count()).select_from(file).where(under(file.c.path, [root]), file.c.missing_since.is_(None))
    return int(connection.execute(query).scalar_one())


def count_missing(connection: Connection, roots: Iterable[str]) -> int:
    """How many places at or under the roots hold nothing now."""
    other = file.alias("other")
    taken = or_(
        exists().where(other.c.path == file.c.path, other.c.missing_since.is_(None)),
        exists().where(failure.c.path == file.c.path),
    )
    total = 0
    for chunk in in_chunks(roots, _ROOTS):
        lost = select(func.count(file.c.path.distinct())).where(
            under(file.c.path, chunk), file.c.missing_since.is_not(None), ~taken
        )
        total += int(connection.execute(lost).scalar_one())
    return total
