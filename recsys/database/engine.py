"""Connections to the database, and the translation of its exceptions into ``recsys.errors``."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from recsys.errors import Hint, InvalidRequest, LibraryBusy, LibraryError, LibraryFull

BUSY_SECONDS = 10.0
"""How long a statement waits for another process before LibraryBusy."""

TRACKS_REVISION = "tracks"
"""The name of the revision that grows with every transaction that may change more than what belongs to listeners."""

_ADVISORY_LOCK = 0x7265_6373_7973
"""The key of the advisory lock on a server: "recsys" in ASCII."""
_FULL_DISK = 1 << 20  # with less than these free bytes, an input/output error means a full disk
_CONNECTIONS = 20  # of a SQLite file that are kept: each that threads open beyond these is closed after one use
_DIALECTS = ("sqlite", "postgresql")


def parse_url(url: str) -> URL:
    """Parse a SQLAlchemy URL.

    Raises
    ------
    InvalidRequest
        It is not a URL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InvalidRequest("must be a URL like sqlite:///PATH", field="database", value=url) from error
    if parsed.get_backend_name() == "sqlite" and "?" in url:
        # A path may contain "?"; the query of a SQLite URL is not used.
        parsed = parsed.set(database=url.split(":///", 1)[-1], query={})
    return parsed


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None for a server or a database in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).absolute()


def display_url(url: URL) -> str:
    """The file of a database, or its URL without the password."""
    return str(sqlite_file(url) or url.render_as_string(hide_password=True))


def is_writable(file: Path) -> bool:
    """Whether a database file and its folder, where SQLite creates other files, can be written."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def connect(url: URL, *, read_only: bool = False, immutable: bool = False, full_synchronous: bool = False) -> Engine:
    """Create an engine; for SQLite enable foreign keys, a busy timeout and explicit transactions.

    ``immutable``: neither the file of a SQLite database nor its folder can be written. ``full_synchronous``: committed
    data survives a power failure; otherwise SQLite may lose the last commits, but never parts of one.

    Raises
    ------
    InvalidRequest
        The dialect is not supported, or its driver is not installed.
    """
    file = sqlite_file(url)
    try:
        engine = (
            create_engine(url, creator=partial(_open_immutable, file))
            if immutable and file
            else create_engine(url, pool_size=_CONNECTIONS)
            if file
            else create_engine(url, pool_pre_ping=True)  # a server may have closed a connection that was kept
        )
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _unusable(url, error) from error
    if engine.dialect.name not in _DIALECTS:
        supported = " and ".join(_DIALECTS)
        raise InvalidRequest(f"cannot use the database {display_url(url)}: only {supported} are supported")
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # otherwise the driver begins transactions itself, and too late
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA synchronous = {'FULL' if full_synchronous else 'NORMAL'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at the beginning: one that has read first would fail instead of waiting.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_immutable(file: Path) -> sqlite3.Connection:
    """A connection to a database that cannot be written: on a full or read-only disk, or of another user.

    SQLite writes even when it reads, unless the file is declared immutable. With a write-ahead log it is not: another
    process may be writing.
    """
    log = file.with_name(file.name + "-wal")
    option = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"{file.as_uri()}?mode=ro{option}", uri=True, check_same_thread=False)


def enable_wal(engine: Engine) -> None:
    """Enable SQLite's write-ahead log, with which other processes can read during a write; the file remembers it.

    If it cannot be enabled, as while another process has locked the file, the library works without it.
    """
    if engine.dialect.name == "sqlite":
        with suppress(sqlite3.OperationalError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")


def vacuum(engine: Engine) -> None:
    """Return the free pages of a SQLite file to the disk, unless it is in use or the disk has no space for a copy.

    Servers manage their own space.
    """
    if engine.dialect.name == "sqlite":
        with suppress(sqlite3.OperationalError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM")


def _unusable(url: URL, error: Exception) -> InvalidRequest:
    message = f"cannot use the database {display_url(url)}: {_first_line(error)}"
    if url.drivername.startswith("postgresql") and isinstance(error, ImportError):
        message += "; its URL must begin with postgresql+psycopg://"
        return InvalidRequest(message, hint=Hint.INSTALL_EXTRA, hint_values={"extra": "postgres"})
    return InvalidRequest(message)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one consistent state of the database; on a server each statement would have its own."""
    with translate_errors(engine.url), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, *, changes_tracks: bool = True) -> Iterator[Connection]:
    """A transaction that writes; only one process writes at a time.

    SQLite allows one writer. On a server the transactions of several writers would overlap, so that each waits for an
    advisory lock, which ends with the transaction: the order of commits is the order of revisions.

    ``changes_tracks`` is unset where only what belongs to listeners is written, so that what a server remembers of the
    tracks (:mod:`recsys.database.memory`) stays valid.
    """
    with translate_errors(engine.url), engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection
            if changes_tracks:
                count_change(connection)


def count_change(connection: Connection) -> None:
    """Increase the revision of the tracks, and of all that is derived from their files."""
    connection.exec_driver_sql(
        f"INSERT INTO revision (name, value) VALUES ('{TRACKS_REVISION}', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = revision.value + 1"
    )


@contextmanager
def translate_errors(url: URL) -> Iterator[None]:
    """Translate exceptions of the database into LibraryError and its subclasses."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translate(error, url) from error


def _translate(error: Exception, url: URL) -> LibraryError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    where = display_url(url)
    # The lower byte is the primary code; the others distinguish variants.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    file = sqlite_file(url)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusy(f"another process is writing to {where}; try again when it has finished")
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and file and _full(file)):
        return LibraryFull(f"no space is left for {where}; free some space and repeat: stored data is kept")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LibraryError(f"{where} is damaged, or not a recsys library ({cause})", hint=Hint.RESTORE_DATABASE)
    if code == sqlite3.SQLITE_READONLY and file and _full(file):
        return LibraryFull(f"no space is left for {where}; free some space and repeat")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return LibraryError(f"cannot open or write {where} ({cause}); check the permissions of the file and its folder")
    if isinstance(error, OperationalError) and file is None:
        return LibraryError(
            f"the connection to the server of {where} failed: {_first_line(cause)}; "
            "stored data is kept: repeat when the server is available"
        )
    return LibraryError(f"the library at {where} cannot be used: {_first_line(cause)}")


def _full(file: Path) -> bool:
    try:
        return shutil.disk_usage(file.parent).free < _FULL_DISK
    except OSError:
        return False


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
