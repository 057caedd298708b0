"""Read the SQLite library of beets: ratings and play counts that its plugins store.

The tables ``items`` and ``item_attributes`` are defined in beets/dbcore/db.py. The plugin mpdstats writes
``play_count`` and ``last_played``, lastimport ``lastfm_play_count``, metasync ``itunes_…`` and ``amarok_…``. Newer
versions store paths relative to the music folder.

A database can contain programs: views that never end, and virtual tables that read other files. Only tables are read.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from recsys.importers.columns import column_field
from recsys.importers.entries import ImportedFile
from recsys.importers.source import ImportSource
from recsys.importers.tables import names_of, read_rows

_ITEM_COLUMNS = ("path", "title", "artist", "album", "mb_trackid", "length")
_MAX_VALUE = 1 << 24  # bytes of a value or a row; beets stores lyrics, but no pictures
_STEPS_PER_CHECK = 100_000  # of SQLite's virtual machine, between two looks at the clock


def is_beets_library(source: ImportSource) -> bool:
    """Whether the file is a SQLite database with the table of beets."""
    if source.file_type != "sqlite":
        return False
    with _connect(source) as connection:
        return bool({"id", "path", "mb_trackid"} <= _columns(connection, "items"))


def read_beets_library(source: ImportSource) -> ImportedFile:
    """Every item, with the attributes that plugins store."""
    with _connect(source) as connection:
        stored = _columns(connection, "items")
        columns = [name for name in _ITEM_COLUMNS if name in stored]
        items: dict[int, dict[str, Any]] = {}
        rows = connection.execute(f"SELECT id, {', '.join(columns)} FROM items ORDER BY id") if columns else ()
        for number, *values in source.budget.rows(rows):
            row = dict(zip(columns, values, strict=True))
            path = row.get("path")
            items[number] = row | {"path": os.fsdecode(path) if isinstance(path, bytes) else path}
        if {"entity_id", "key", "value"} <= _columns(connection, "item_attributes"):
            attributes = connection.execute("SELECT entity_id, key, value FROM item_attributes")
            for number, key, value in source.budget.rows(attributes):
                if number in items and isinstance(key, str) and (column_field(key) or key == "skip_count"):
                    items[number].setdefault(key, value)
    return read_rows("beets", source, names_of(items.values()), items.values(), library=True)


@contextmanager
def _connect(source: ImportSource) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, and that ends when the computing time has run out."""
    # as_uri quotes "?" and "#", which may be part of a file name.
    with (
        source.translate_errors(),
        closing(sqlite3.connect(f"{source.path_on_disk.as_uri()}?mode=ro", uri=True)) as connection,
    ):
        connection.execute("PRAGMA trusted_schema = OFF")  # a foreign schema must not call functions
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
        connection.set_progress_handler(lambda: source.budget.is_late, _STEPS_PER_CHECK)
        try:
            yield connection
        except sqlite3.OperationalError:
            source.budget.check_time()
            raise


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table; none for a view or a virtual table, which have no page of their own."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0"
    if connection.execute(query, (table,)).fetchone() is None:
        return set()
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}
