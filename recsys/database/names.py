"""Names that begin with a text, for completion.

A shell waits for them at every key, so that a SQLite file is read without SQLAlchemy, whose import takes longer than
all the rest. The statements are plain SQL that both execute. Nothing is written, not even a schema.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from recsys.database.text_encoding import decode_text, encode_text
from recsys.errors import Hint, LibraryError, LibraryNotFound
from recsys.metadata.text import fold, name_key

Query: TypeAlias = Callable[[str, dict[str, Any]], Iterable[Any]]

_MAX_LENGTH = 300  # characters of a name in search_name; see recsys.database.search
_NAMES_PER_FILE = 5
_BUSY_SECONDS = 0.2
_SQLITE = "sqlite:///"
_FIRST, _LAST = "a", "\U0010ffff"  # without a prefix, names before are paths ("/…") and file names ("01 …")

_TRACKS = """
    SELECT search_name.name, file.artist, file.title, file.path
    FROM search_name JOIN file ON file.id = search_name.file_id
    WHERE search_name.name >= :first AND search_name.name < :end AND file.missing_since IS NULL
    ORDER BY search_name.name LIMIT :n
"""
_GENRES = "SELECT DISTINCT genre FROM prediction WHERE genre IS NOT NULL ORDER BY genre"
_SAVED_PLAYLISTS = """
    SELECT saved_playlist.name FROM saved_playlist JOIN listener ON listener.id = saved_playlist.listener_id
    WHERE listener.name_key = :key OR (:key IS NULL AND listener.id = 1) ORDER BY saved_playlist.name
"""
_ARTISTS = """
    SELECT name FROM artist WHERE key >= :first AND key < :end
    AND EXISTS (SELECT 1 FROM file_artist WHERE artist_id = artist.id) ORDER BY key LIMIT :n
"""
_ALBUMS = """
    SELECT title FROM album WHERE title_key >= :first AND title_key < :end
    AND EXISTS (SELECT 1 FROM file WHERE album_id = album.id) ORDER BY title_key LIMIT :n
"""
_TAGGED_GENRES = "SELECT name FROM genre WHERE EXISTS (SELECT 1 FROM file_genre WHERE genre_id = genre.id) ORDER BY key"
_LISTENERS = "SELECT name FROM listener ORDER BY id"


def complete_track(database: str, prefix: str, limit: int) -> list[str]:
    """At most ``limit`` titles and "artist - title" of present tracks that begin with ``prefix``, in their order.

    Raises
    ------
    LibraryNotFound
        There is no such file.
    LibraryError
        The database cannot be read, or has another schema.
    """
    text = fold(prefix) + (" " if prefix[-1:].isspace() and prefix.strip() else "")
    key = encode_text(text[:_MAX_LENGTH])
    found: dict[str, None] = {}
    with _querying(database) as query:
        for name, *row in query(_TRACKS, {"first": key or _FIRST, "end": key + _LAST, "n": _NAMES_PER_FILE * limit}):
            artist, tagged_title, path = (None if value is None else decode_text(value) for value in row)
            title = tagged_title or Path(path or "").stem
            for label in (title, f"{artist} - {title}" if artist else title):
                folded = fold(label)
                if decode_text(name) == folded[:_MAX_LENGTH] and folded.startswith(text):
                    found[label] = None
    return list(found)[:limit]


def complete_artist(database: str, prefix: str, limit: int) -> list[str]:
    """At most ``limit`` artists whose names begin with ``prefix``; raises as :func:`complete_track`."""
    from recsys.metadata.names import artist_key

    return _complete(database, _ARTISTS, artist_key(prefix), prefix, limit)


def complete_album(database: str, prefix: str, limit: int) -> list[str]:
    """At most ``limit`` titles of albums that begin with ``prefix``; raises as :func:`complete_track`."""
    from recsys.metadata.names import normalise

    return _complete(database, _ALBUMS, normalise(prefix), prefix, limit)


def _complete(database: str, statement: str, key: str, prefix: str, limit: int) -> list[str]:
    first = encode_text(key)
    with _querying(database) as query:
        rows = query(statement, {"first": first, "end": first + _LAST, "n": _NAMES_PER_FILE * limit})
        names = [decode_text(name) for (name,) in rows]
    return [name for name in dict.fromkeys(names) if fold(name).startswith(fold(prefix))][:limit]


def tagged_genre_names(database: str) -> list[str]:
    """The genres of the tags; raises as :func:`complete_track`."""
    with _querying(database) as query:
        return [decode_text(name) for (name,) in query(_TAGGED_GENRES, {})]


def genre_names(database: str) -> list[str]:
    """The predicted genres, sorted; raises as :func:`complete_track`."""
    with _querying(database) as query:
        return [decode_text(genre) for (genre,) in query(_GENRES, {})]


def saved_playlist_names(database: str, listener: str | None) -> list[str]:
    """The names of the saved playlists of a listener, sorted; raises as :func:`complete_track`."""
    key = None if listener is None else encode_text(name_key(listener))
    with _querying(database) as query:
        return [decode_text(name) for (name,) in query(_SAVED_PLAYLISTS, {"key": key})]


def listener_names(database: str) -> list[str]:
    """The names of the listeners, the default listener first; raises as :func:`complete_track`."""
    with _querying(database) as query:
        return [decode_text(name) for (name,) in query(_LISTENERS, {})]


@contextmanager
def _querying(database: str) -> Iterator[Query]:
    """A function that executes a statement in a database, of which it reads at most what is iterated."""
    if database.startswith(_SQLITE):
        with _querying_file(Path(database.removeprefix(_SQLITE))) as query:
            yield query
        return
    from sqlalchemy import text

    from recsys.database.engine import connect, parse_url, reading

    engine = connect(parse_url(database), read_only=True)
    try:
        with reading(engine) as connection:
            yield lambda statement, values: connection.execute(text(statement), values)
    finally:
        engine.dispose()


@contextmanager
def _querying_file(file: Path) -> Iterator[Query]:
    if not file.exists():
        raise LibraryNotFound(f"there is no library at {file}", hint=Hint.INGEST)
    try:
        url = f"file:{quote(str(file.absolute()))}?mode=ro"
        with closing(sqlite3.connect(url, uri=True, timeout=_BUSY_SECONDS)) as connection:
            yield connection.execute
    except sqlite3.Error as error:
        raise LibraryError(f"cannot read the names in {file}: {error}") from error
