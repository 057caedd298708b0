"""Read the SQLite library of beets: ratings and play counts that its plugins store.

The tables ``items`` and ``item_attributes`` are defined in beets/dbcore/db.py. The plugin mpdstats writes
``play_count`` and ``last_played``, lastimport ``lastfm_play_count``, metasync ``itunes_…`` and ``amarok_…``. Newer
versions store paths relative to the music folder.
"""

import os
import sqlite3
from contextlib import closing
from typing import Any

from recsys.importers.entries import ImportedFile
from recsys.importers.source import ImportSource
from recsys.importers.tables import column_field, read_rows

_ITEM_COLUMNS = ("path", "title", "artist", "album", "mb_trackid", "length")


def is_beets_library(source: ImportSource) -> bool:
    """Whether the file is a SQLite database with the table of beets."""
    if source.file_type != "sqlite":
        return False
    with closing(_connect(source)) as connection, source.translate_errors():
        return bool({"path", "mb_trackid"} <= _columns(connection))


def read_beets_library(source: ImportSource) -> ImportedFile:
    """Every item, with the attributes that plugins store."""
    with closing(_connect(source)) as connection, source.translate_errors():
        columns = [name for name in _ITEM_COLUMNS if name in _columns(connection)]
        items: dict[int, dict[str, Any]] = {}
        for number, *values in connection.execute(f"SELECT id, {', '.join(columns)} FROM items ORDER BY id"):
            row = dict(zip(columns, values, strict=True))
            path = row.get("path")
            items[number] = row | {"path": os.fsdecode(path) if isinstance(path, bytes) else path}
        for number, key, value in connection.execute("SELECT entity_id, key, value FROM item_attributes"):
            if number in items and isinstance(key, str) and (column_field(key) or key == "skip_count"):
                items[number].setdefault(key, value)
    return read_rows("beets", source, list(items.values()), library=True)


def _connect(source: ImportSource) -> sqlite3.Connection:
    # as_uri quotes "?" and "#", which may be part of a file name.
    with source.translate_errors():
        connection = sqlite3.connect(f"{source.path_on_disk.as_uri()}?mode=ro", uri=True)
        connection.execute("PRAGMA trusted_schema = OFF")  # a view in a foreign file must not call functions
        return connection


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {str(row[1]) for row in connection.execute("PRAGMA table_info(items)")}
