"""An index of the trigrams of search texts, which finds the files that may contain a word.

On SQLite it is the FTS5 table ``search_trigram``, without a copy of the text and without positions: about 100 bytes for
a file. Triggers on ``file`` keep it up to date. A program whose SQLite has no FTS5 drops the triggers when it opens the
library to write, so that the index is in use if and only if they exist; the next program that can fills it again. On
PostgreSQL it is an index of pg_trgm, which the server uses for LIKE by itself; where the extension may not be created,
there is none.

The index never decides alone: what it finds is compared with the text, so that results are those of a scan.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Engine, Integer, column, select, table, text
from sqlalchemy.exc import DatabaseError

from recsys.database.engine import reading, writing
from recsys.database.tables import file
from recsys.database.text_encoding import encode_text
from recsys.errors import LibraryBusy, LibraryFull

_SIZE = 3  # characters of a trigram
_MAX_TRIGRAMS = 24  # of a word that are looked up; more exclude nothing
_MAX_TERMS = 300  # trigrams that begin with a shorter word; with more, nearly every file has it
_LAST = "\U0010ffff"  # after every character that is stored
_SAMPLE = 100  # files that a check compares with the index
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)  # SQLITE_ERROR: a part of the index is missing

_index = table("search_trigram", column("rowid", Integer), column("search_trigram"))

# The line feed at the end makes every character the first one of a trigram.
_TEXT = "{row}search_text || char(10)"
_TRIGGERS = {
    "search_trigram_insert": "INSERT ON file BEGIN {insert} END",
    "search_trigram_delete": "DELETE ON file BEGIN {delete} END",
    "search_trigram_update": "UPDATE OF search_text ON file WHEN old.search_text <> new.search_text "
    "BEGIN {delete} {insert} END",
}
# What an empty FTS5 table consists of: without it, a damaged table cannot be dropped.
_OF_EMPTY = (
    "CREATE TABLE IF NOT EXISTS search_trigram_data (id INTEGER PRIMARY KEY, block BLOB)",
    "INSERT OR IGNORE INTO search_trigram_data VALUES (1, x''), (10, x'00000000000000')",
)
_INSERT = f"INSERT INTO search_trigram (rowid, words) VALUES (new.id, {_TEXT.format(row='new.')});"
_DELETE = (
    f"INSERT INTO search_trigram (search_trigram, rowid, words) VALUES ('delete', old.id, {_TEXT.format(row='old.')});"
)


def is_supported(connection: Connection) -> bool:
    """Whether this SQLite has FTS5 with trigrams (3.34 or newer)."""
    if sqlite3.sqlite_version_info < (3, 34):
        return False
    return connection.execute(text("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")).first() is not None


def is_used(connection: Connection) -> bool:
    """Whether there is an index that is up to date and can be read."""
    if connection.dialect.name == "postgresql":
        return connection.execute(text("SELECT to_regclass('search_trigram')")).scalar() is not None
    return _has_triggers(connection) and is_supported(connection)


def _has_triggers(connection: Connection) -> bool:
    query = text(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search!_trigram!_%' ESCAPE '!'"
    )
    return int(connection.execute(query).scalar_one()) == len(_TRIGGERS)


def adapt(engine: Engine) -> None:
    """Fill the index of a library that is opened to write, or drop its triggers, as this SQLite requires it.

    Nothing is changed while another process writes: searches scan the texts until then.
    """
    if engine.dialect.name != "sqlite":
        return
    with reading(engine) as connection:
        supported = is_supported(connection)
        if supported == _has_triggers(connection):
            return
    try:
        with writing(engine) as connection:
            if supported:
                rebuild(connection)
            else:
                _drop_triggers(connection)
    except (LibraryBusy, LibraryFull):
        return


def rebuild(connection: Connection) -> None:
    """Fill the index anew, on any database; without effect where it cannot exist."""
    if connection.dialect.name == "postgresql":
        _create_on_server(connection)
        return
    if not is_supported(connection):
        return
    _drop_triggers(connection)
    exists = text("SELECT 1 FROM sqlite_master WHERE name = 'search_trigram'")
    for statement in (
        *(_OF_EMPTY if connection.execute(exists).first() else ()),
        "DROP TABLE IF EXISTS search_trigram_term",
        "DROP TABLE IF EXISTS search_trigram",
        "CREATE VIRTUAL TABLE search_trigram USING fts5("
        "words, content = '', tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0)",
        "CREATE VIRTUAL TABLE search_trigram_term USING fts5vocab(search_trigram, row)",
        f"INSERT INTO search_trigram (rowid, words) SELECT id, {_TEXT.format(row='')} FROM file",
        *(
            f"CREATE TRIGGER {name} AFTER {body.format(insert=_INSERT, delete=_DELETE)}"
            for name, body in _TRIGGERS.items()
        ),
    ):
        connection.exec_driver_sql(statement)


def _drop_triggers(connection: Connection) -> None:
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def _create_on_server(connection: Connection) -> None:
    """The same on PostgreSQL, if the user may create the extension."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            connection.exec_driver_sql(
                "CREATE INDEX IF NOT EXISTS search_trigram ON file USING gin (search_text gin_trgm_ops)"
            )
    except DatabaseError:
        return


def is_damaged(connection: Connection) -> bool:
    """Whether a sample of the files cannot be found by the index, or its parts contradict each other.

    In a transaction that writes, SQLite checks the whole structure too.
    """
    if connection.dialect.name != "sqlite" or not is_used(connection):
        return False
    step = text("SELECT max(id) / :n + 1 FROM file")
    every = connection.execute(step, {"n": _SAMPLE}).scalar_one() or 1
    sample = text("SELECT id, search_text FROM file WHERE id % :every = 0 OR id = (SELECT max(id) FROM file)")
    found = text("SELECT 1 FROM search_trigram WHERE search_trigram MATCH :terms AND rowid = :id")
    try:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("INSERT INTO search_trigram (search_trigram) VALUES ('integrity-check')")
        for file_id, words in connection.execute(sample, {"every": every}).all():
            terms = _conjunction(words) if len(words) >= _SIZE else ""
            if terms and connection.execute(found, {"terms": terms, "id": file_id}).first() is None:
                return True
    except DatabaseError as error:
        if is_damage(error):
            return True
        raise
    return False


def is_damage(error: DatabaseError) -> bool:
    """Whether an error of SQLite comes from a damaged index, so that a scan may answer."""
    return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _DAMAGED


def without_index(connection: Connection) -> Connection:
    """The same connection, whose searches scan the texts."""
    return connection.execution_options(scans_texts=True)


def narrowed(connection: Connection, words: Sequence[str], files: Any = file) -> ColumnElement[bool] | None:
    """A condition that every file with all of these folded words meets; None if the index is of no help."""
    scans = connection.get_execution_options().get("scans_texts", False)
    if scans or connection.dialect.name != "sqlite" or not is_used(connection):
        return None
    terms = [found for word in words if (found := _terms(connection, encode_text(word))) is not None]
    if not terms:
        return None
    match = _index.c.search_trigram.op("MATCH")(" AND ".join(f"({each})" for each in terms))
    return cast("ColumnElement[bool]", files.c.id.in_(select(_index.c.rowid).where(match)))


def _terms(connection: Connection, word: str) -> str | None:
    """The query for the trigrams of a word, or for those that begin with a shorter one; None for too many."""
    if len(word) >= _SIZE:
        return _conjunction(word)
    query = text("SELECT term FROM search_trigram_term WHERE term >= :first AND term < :end LIMIT :n")
    values = {"first": word, "end": word + _LAST, "n": _MAX_TERMS + 1}
    found = list(connection.execute(query, values).scalars()) if word else []
    if not 0 < len(found) <= _MAX_TERMS:
        return None if found or not word else _quoted((word + _LAST * 2)[:_SIZE])  # of which there is none
    return " OR ".join(map(_quoted, found))


def _conjunction(word: str) -> str:
    trigrams = list(dict.fromkeys(word[i : i + _SIZE] for i in range(len(word) - _SIZE + 1)))
    step = -(-len(trigrams) // _MAX_TRIGRAMS)
    return " AND ".join(map(_quoted, trigrams[::step]))


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'
