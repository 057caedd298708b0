"""What users call a track, and which track they mean.

A file has *names*, folded so that case and accents do not matter: "artist - title", title, file name without and with
suffix, path. They stand in a table of their own, in which a name or the beginning of one is found at once, cut where
they are very long. Its ``search`` text holds them in full, each in a line, and behind a space in theirs what is only
searched: artist, album, album artist. So LIKE finds a word anywhere ("%word%"), and a name or its beginning for certain
("\\nname…").
"""

from collections.abc import Iterable
from os.path import normpath
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, select

from recsys.database.tables import file, recording, search_name
from recsys.domain.audio import Tags
from recsys.errors import AmbiguousTrack, NotFound
from recsys.metadata.text import fold

_CANDIDATES = 10
_MAX_CANDIDATES_SHOWN = 500  # so many tracks are ambiguous whatever the rest would add
_MAX_LENGTH = 300  # characters of a name that are kept apart: databases limit what an index holds


def search_text(path: str, tags: Tags) -> str:
    """The text by which a file is found."""
    where = Path(path)
    full = f"{tags.artist} - {tags.title}" if tags.artist and tags.title else None
    names = [fold(name) for name in (full, tags.title, where.stem, where.name, path) if name]
    more = [" " + fold(name) for name in (tags.artist, tags.album, tags.album_artist) if name]
    return "\n".join(["", *names, *more, ""])


def searchable_names(text: str) -> set[str]:
    """The names in a search text, as they are looked up."""
    return {line[:_MAX_LENGTH] for line in text.split("\n") if line and line[0] != " "}


def full_text_match(query: str) -> ColumnElement[bool]:
    """Some file of a recording has every word of the query in its artist, title, album or path."""
    found = [file.c.search_text.contains(word, autoescape=True) for word in fold(query).split()]
    return recording.c.id.in_(select(file.c.recording_id).where(and_(True, *found)))


def find_track(connection: Connection, reference: str) -> int:
    """The id of the one recording meant by an id, a path, a name, or the beginning of a path or name.

    What is on the disk goes before what is missing, and a whole name before the beginning of another.

    Raises
    ------
    NotFound, AmbiguousTrack
    """
    for missing in (False, True) if fold(reference) else ():
        for found in _match_rules(connection, reference, missing):
            if len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(connection, reference, found)
    raise NotFound(f"no track matches {reference!r}; look for it with: recsys tracks WORD…")


def _match_rules(connection: Connection, reference: str, missing: bool) -> Iterable[list[int]]:
    """The ids found by each rule, strictest first; each asked only when those before found nothing."""

    def ids(*conditions: ColumnElement[bool]) -> list[int]:
        present = file.c.missing_since.is_not(None) if missing else file.c.missing_since.is_(None)
        query = select(file.c.recording_id).where(present, *conditions).distinct().limit(_MAX_CANDIDATES_SHOWN)
        return sorted(connection.execute(query).scalars())

    number = reference.strip()
    if number.isascii() and number.isdigit() and int(number) < 1 << 31:
        yield ids(file.c.recording_id == int(number))
    absolute = _absolute(reference)
    yield ids(file.c.path.in_([reference, absolute]))
    texts = {fold(reference), fold(absolute)}
    yield sorted({i for text in texts for i in ids(_has_name(_name_matches(text)), _name_equals(f"{text}\n"))})
    yield sorted({i for text in texts for i in ids(_has_name(_name_prefix(text)), _name_equals(text))})


def _has_name(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return file.c.id.in_(select(search_name.c.file_id).where(condition))


def _name_equals(text: str) -> ColumnElement[bool]:
    return file.c.search_text.contains(f"\n{text}", autoescape=True)


def _name_matches(text: str) -> ColumnElement[bool]:
    return search_name.c.name == text[:_MAX_LENGTH]


def _name_prefix(text: str) -> ColumnElement[bool]:
    """A range of names that holds at least all that begin so."""
    key = text[:_MAX_LENGTH]
    if not " " <= key[-1] < "\ud7ff":  # what comes next has no place among characters, or another one in the database
        return search_name.c.name >= key
    return and_(search_name.c.name >= key, search_name.c.name < key[:-1] + chr(ord(key[-1]) + 1))


def _absolute(reference: str) -> str:
    try:
        # No links are followed: the catalogue holds paths as the scan met them.
        return normpath(Path(reference).expanduser().absolute())
    except (RuntimeError, OSError):  # "~nobody", or a current folder that has been removed
        return reference


def _ambiguous(connection: Connection, reference: str, ids: list[int]) -> AmbiguousTrack:
    query = (
        select(file.c.recording_id, file.c.artist, file.c.title, file.c.path)
        .where(file.c.is_primary, file.c.recording_id.in_(ids[:_CANDIDATES]))
        .order_by(file.c.recording_id)
    )
    lines = [
        f"{row.recording_id}  {row.artist or 'unknown'} - {row.title or Path(row.path).stem}  ({row.path})"
        for row in connection.execute(query)
    ]
    many = f"{len(ids)}" if len(ids) < _MAX_CANDIDATES_SHOWN else f"{_MAX_CANDIDATES_SHOWN} or more"
    return AmbiguousTrack(f"{reference!r} matches {many} tracks; say which by its id or more of its name", lines)
