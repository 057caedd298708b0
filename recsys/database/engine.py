"""Connections to the database, and its complaints in the words of ``recsys.errors``."""

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

from recsys.errors import InvalidRequest, LibraryBusy, LibraryError, LibraryFull

BUSY_SECONDS = 10.0
"""How long a statement waits for another process before LibraryBusy."""

_WRITERS = 0x7265_6373_7973
"""The number of our lock on a server: "recsys" in ASCII."""
_FULL_CODES = 1 << 20  # an input/output error with less than this free is a full disk


_KNOWN = ("sqlite", "postgresql")


def parse_url(url: str) -> URL:
    """A SQLAlchemy URL, or InvalidRequest."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InvalidRequest(f"{url!r} is no database; give sqlite:///PATH or another SQLAlchemy URL") from error
    if parsed.get_backend_name() == "sqlite" and "?" in url:
        # A folder may be called "what?"; of the options that otherwise stand there, we use none.
        parsed = parsed.set(database=url.split(":///", 1)[-1], query={})
    return parsed


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None for a server or a database in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).absolute()


def display_url(url: URL) -> str:
    """Where the database lies, as a user would say it, without a password."""
    return str(sqlite_file(url) or url.render_as_string(hide_password=True))


def is_writable(file: Path) -> bool:
    """Whether a database and what SQLite puts beside it can be written."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def connect(url: URL, *, read_only: bool = False, immutable: bool = False, full_synchronous: bool = False) -> Engine:
    """An engine with our manners: for SQLite foreign keys, patience, honest transactions.

    ``immutable``: the file of a SQLite database cannot be written, nor anything beside it. ``full_synchronous``: what
    is committed outlives a power cut; otherwise SQLite may lose the last commits then, though never tear one.
    """
    file = sqlite_file(url)
    try:
        engine = (
            create_engine(url, creator=partial(_open_immutable, file)) if immutable and file else create_engine(url)
        )
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InvalidRequest(f"cannot use the database {display_url(url)}: {_hint(url, error)}") from error
    if engine.dialect.name not in _KNOWN:
        raise InvalidRequest(f"cannot use the database {display_url(url)}: recsys knows {' and '.join(_KNOWN)}")
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # or the driver begins transactions of its own, and too late
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA synchronous = {'FULL' if full_synchronous else 'NORMAL'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer asks for its lock at once: one that has read first is refused instead of waiting.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_immutable(file: Path) -> sqlite3.Connection:
    """A connection to a database that cannot be written: on a full or read-only disk, or of another user.

    SQLite wants to write even for reading, unless told that nobody else does; where there is a log, somebody may.
    """
    log = file.with_name(file.name + "-wal")
    alone = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"{file.as_uri()}?mode=ro{alone}", uri=True, check_same_thread=False)


def enable_wal(engine: Engine) -> None:
    """Let readers go on while one process writes: SQLite's write-ahead log, remembered in the file.

    Where it cannot be had, as while another process holds the file, the library works without.
    """
    if engine.dialect.name == "sqlite":
        with suppress(sqlite3.OperationalError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")


def vacuum(engine: Engine) -> None:
    """Let a file of SQLite shrink to what it holds, unless others use it or the disk has no room for a copy.

    Servers look after their own space.
    """
    if engine.dialect.name == "sqlite":
        with suppress(sqlite3.OperationalError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM")


def _hint(url: URL, error: Exception) -> str:
    if url.drivername.startswith("postgresql") and isinstance(error, ImportError):
        return f"{error}; run pip install 'recsys[postgres]' and name it postgresql+psycopg://…"
    return _first_line(error)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    with translate_errors(engine.url), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, all or nothing; writers queue.

    SQLite has one writer anyhow. On a server they would meet in the middle of one another's batches, so there each
    waits for a lock of the server, which ends with the transaction: the order of commits is the order of generations.
    """
    with translate_errors(engine.url), engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
            yield connection


@contextmanager
def translate_errors(url: URL) -> Iterator[None]:
    """Turn whatever the database says into one line of ours; the only place that does."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translate(error, url) from error


def _translate(error: Exception, url: URL) -> LibraryError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    where = display_url(url)
    # The lower byte is the primary code; what lies above tells variants apart.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    file = sqlite_file(url)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusy(f"another process is writing to {where}; wait until it has finished, then try again")
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and file and _full(file)):
        return LibraryFull(f"no space is left for {where}; free some, then run the same command again: it goes on")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LibraryError(
            f"{where} is damaged or no recsys library ({cause}); "
            "put back a copy of it, or move it away and run recsys ingest again"
        )
    if code == sqlite3.SQLITE_READONLY and file and _full(file):
        return LibraryFull(f"no space is left for {where}; free some, then run the same command again")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return LibraryError(f"cannot open or write {where} ({cause}); check the permissions of the file and its folder")
    if isinstance(error, OperationalError) and file is None:
        return LibraryError(
            f"the server of {where} cannot be reached, or broke off: {_first_line(cause)}; "
            "what was stored stays: when it is back, run the same command again"
        )
    return LibraryError(f"the library at {where} cannot be used: {_first_line(cause)}")


def _full(file: Path) -> bool:
    try:
        return shutil.disk_usage(file.parent).free < _FULL_CODES
    except OSError:
        return False


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
