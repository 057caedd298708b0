"""Database files of backups: a consistent copy of a library, and the checks of one of unknown origin."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from recsys.database import migrate
from recsys.database.engine import connect, is_writable, parse_url, sqlite_file
from recsys.database.listener_tables import LISTENER_TABLES, listener, saved_playlist
from recsys.database.tables import file as file_table
from recsys.database.tables import recording, tag_edit
from recsys.database.upgrade_copies import copy_database
from recsys.errors import Hint, InvalidRequest, LibraryError, SchemaMismatch, pluralise

_COUNTED = (recording, file_table, tag_edit, listener, saved_playlist, *LISTENER_TABLES)
_NAME = re.compile(r"[a-z_]{1,64}")
_VALUES = 1 << 30  # steps of SQLite for all checks of a file: minutes


def copy_library(url: str, target: Path) -> None:
    """Copy what is committed in a SQLite library to a file; others may be writing.

    Raises
    ------
    LibraryError
        The library cannot be read, or the file cannot be written.
    """
    parsed = parse_url(url)
    file = sqlite_file(parsed)
    engine = connect(parsed, read_only=True, immutable=file is not None and not is_writable(file))
    try:
        copy_database(engine, target)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LibraryError(f"cannot copy the library to {target.parent}: {reason}") from error
    finally:
        engine.dispose()


def count_rows(file: Path) -> dict[str, int]:
    """The number of rows of the tables of a library with today's schema that have what cannot be computed again."""
    with _opened(file) as connection:
        return {table.name: _count(connection, table.name) for table in _COUNTED}


def check_copy(file: Path, counts: Mapping[str, int], name: str) -> str:
    """Check a database of unknown origin; return its schema.

    Raises
    ------
    InvalidRequest
        It is damaged, is not a library, or has other numbers of rows than ``counts``. The message names the backup.
    SchemaMismatch
        It is of a newer program.
    """
    try:
        with _opened(file) as connection:
            schema = _schema(connection)
            if schema is None:
                raise InvalidRequest(f"{name} is not a backup: its database is not a recsys library")
            _check_known(schema, name)
            if (result := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise InvalidRequest(f"the database in {name} is damaged: {result}")
            for table, expected in counts.items():
                if not _NAME.fullmatch(table) or not _is_table(connection, table):
                    raise InvalidRequest(f"the database in {name} has no table {table!r}")
                if (found := _count(connection, table)) != expected:
                    rows = pluralise(found, "row")
                    raise InvalidRequest(f"the database in {name} has {rows} in {table} instead of {expected}")
            return schema
    except sqlite3.Error as error:
        raise InvalidRequest(f"the database in {name} is damaged, or not of recsys ({error})") from error


def upgrade_copy(file: Path) -> None:
    """Upgrade the schema of a copy, of which no further copy is made.

    Raises
    ------
    LibraryError
        The schema cannot be upgraded.
    """
    engine = connect(parse_url(f"sqlite:///{file.as_posix()}"))
    try:
        migrate.upgrade(engine, keep_copy=False)
    finally:
        engine.dispose()


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, calls no functions of the schema, and gives up after a number of steps."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        steps = 1 << 20
        remaining = [_VALUES // steps]

        def count() -> int:
            remaining[0] -= 1
            return int(remaining[0] < 0)

        connection.set_progress_handler(count, steps)
        yield connection


def _schema(connection: sqlite3.Connection) -> str | None:
    if not _is_table(connection, "alembic_version") or not _is_table(connection, "recording"):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _check_known(schema: str, name: str) -> None:
    if schema not in migrate.known_revisions():
        raise SchemaMismatch(
            f"{name} was written by a newer recsys (schema {schema!r}, this version has {migrate.HEAD})",
            hint=Hint.UPGRADE_PROGRAM,
        )


def _is_table(connection: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])
