"""The copy of a SQLite library that is written beside it before its schema is upgraded."""

import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from recsys.atomic import atomic_path, copy_metadata
from recsys.database.engine import sqlite_file
from recsys.errors import Hint, LibraryError, LibraryFull

KEPT = 2
"""How many copies of a library are kept; older ones are deleted when a new one is complete."""

_HEADER = b"SQLite format 3\0"
_NAME = r"\.schema-[0-9A-Za-z_]+-\d{8}T\d{6}Z\.backup"


def copy_before_upgrade(engine: Engine, schema: str) -> Path | None:
    """Copy a SQLite database of this schema to a file beside it, and delete old copies; None for a server.

    Raises
    ------
    LibraryFull
        There is no space for the copy.
    LibraryError
        The copy cannot be written.
    """
    file = sqlite_file(engine.url)
    if file is None:
        return None
    copy = file.with_name(f"{file.name}.schema-{schema}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup")
    size = file.stat().st_size
    free = shutil.disk_usage(file.parent).free
    if free < 2 * size:  # the upgrade itself needs space, too
        raise LibraryFull(
            f"the schema of {file} must be upgraded, for which a copy of it is made first: {2 * size / 1e6:.0f} MB are "
            f"needed, and {free / 1e6:.0f} MB are free in {file.parent}; nothing was changed",
            hint=Hint.MOVE_LIBRARY,
        )
    try:
        copy_database(engine, copy)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(
            f"the schema of {file} must be upgraded, but the copy of it {copy} cannot be written: "
            f"{getattr(error, 'strerror', None) or error}; nothing was changed",
            hint=Hint.MAKE_WRITABLE,
        ) from error
    with suppress(OSError):  # the folder cannot be listed
        for old in _copies(file)[:-KEPT]:
            with suppress(OSError):  # it is of another user, or in use
                old.unlink()
    return copy


def copy_database(engine: Engine, target: Path) -> None:
    """Copy what is committed in a SQLite database to another file, which it replaces; others may be writing.

    Raises
    ------
    OSError, sqlite3.Error
        It cannot be copied.
    """
    with atomic_path(target) as path, closing(engine.raw_connection()) as source:
        with closing(sqlite3.connect(path)) as copy:
            cast(sqlite3.Connection, source.driver_connection).backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        if file := sqlite_file(engine.url):
            copy_metadata(path, file)


def _copies(file: Path) -> list[Path]:
    """The copies of earlier upgrades of a database, oldest first."""
    name = re.compile(re.escape(file.name) + _NAME)
    found = [each for each in file.parent.iterdir() if name.fullmatch(each.name) and _is_database(each)]
    return sorted(found, key=lambda each: each.name[-len("YYYYmmddTHHMMSSZ.backup") :])


def _is_database(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    try:
        with file.open("rb") as opened:
            return opened.read(len(_HEADER)) == _HEADER
    except OSError:  # a copy of another user
        return False
