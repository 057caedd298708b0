"""The library of beets as it lies on the disk: stars and plays that its plugins have gathered.

Tables ``items`` and ``item_attributes`` of beets/dbcore/db.py; ``play_count`` and ``last_played`` are written by the
plugin mpdstats, ``lastfm_play_count`` by lastimport, ``itunes_…`` and ``amarok_…`` by metasync. Newer versions keep
paths relative to the music folder.
"""

import os
import sqlite3
from contextlib import closing
from typing import Any

from recsys.importers.entries import ImportedFile
from recsys.importers.source import ImportSource
from recsys.importers.tables import field_of, read_rows

_ITEM = ("path", "title", "artist", "album", "mb_trackid", "length")


def is_beets_library(source: ImportSource) -> bool:
    """Whether it is a database with such a table."""
    if source.file_type != "sqlite":
        return False
    with closing(_connect(source)) as connection, source.translate_errors():
        return bool({"path", "mb_trackid"} <= _columns(connection))


def read_beets_library(source: ImportSource) -> ImportedFile:
    """Every item with what plugins say of it."""
    with closing(_connect(source)) as connection, source.translate_errors():
        there = [name for name in _ITEM if name in _columns(connection)]
        items: dict[int, dict[str, Any]] = {}
        for number, *values in connection.execute(f"SELECT id, {', '.join(there)} FROM items ORDER BY id"):
            row = dict(zip(there, values, strict=True))
            path = row.get("path")
            items[number] = row | {"path": os.fsdecode(path) if isinstance(path, bytes) else path}
        for number, key, value in connection.execute("SELECT entity_id, key, value FROM item_attributes"):
            if number in items and isinstance(key, str) and (field_of(key) or key == "skip_count"):
                items[number].setdefault(key, value)
    return read_rows("beets", source, list(items.values()), library=True)


def _connect(source: ImportSource) -> sqlite3.Connection:
    # Not as a URI of the path alone: "?" and "#" are letters of file names.
    with source.translate_errors():
        connection = sqlite3.connect(f"{source.path_on_disk.as_uri()}?mode=ro", uri=True)
        connection.execute("PRAGMA trusted_schema = OFF")  # a view of somebody else's runs nothing of ours
        return connection


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {str(row[1]) for row in connection.execute("PRAGMA table_info(items)")}
