"""What users call a track, and which track they mean.

Each file carries a ``search`` text: lines, each with a line break before and after, folded so that case and
accents do not matter. The first ones are names a user may begin to type ("artist - title", title, file name
without and with suffix, path); album and album artist follow for searching only. So one LIKE finds a word
anywhere, a name by its beginning ("\\nword…"), or a whole name ("\\nword\\n").
"""

from collections.abc import Iterable
from os.path import normpath
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, select

from recsys.errors import AmbiguousTrack, NothingFound
from recsys.library.tables import file, recording
from recsys.library.text import fold
from recsys.types import Tags

_NAMES = 5
_CANDIDATES = 10
_ENOUGH = 1000  # so many tracks are ambiguous whatever the rest would add


def search_text(path: str, tags: Tags) -> str:
    """The text by which a file is found."""
    where = Path(path)
    full = f"{tags.artist} - {tags.title}" if tags.artist and tags.title else ""
    names = [full, tags.title, where.stem, where.name, path]
    return "\n".join(["", *(fold(name or "") for name in [*names, tags.album, tags.album_artist]), ""])


def matches_words(query: str) -> ColumnElement[bool]:
    """Some file of a recording has every word of the query in its artist, title, album or path."""
    found = [file.c.search.contains(word, autoescape=True) for word in fold(query).split()]
    return recording.c.id.in_(select(file.c.recording_id).where(and_(True, *found)))


def find_track(connection: Connection, reference: str) -> int:
    """The id of the one recording meant by an id, a path, a name, or the beginning of a path or name.

    What is on the disk goes before what is missing, and a whole name before the beginning of another.

    Raises
    ------
    NothingFound, AmbiguousTrack
    """
    for missing in (False, True):
        for found in _ladder(connection, reference, missing):
            if len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(connection, reference, found)
    raise NothingFound(f"no track matches {reference!r}; look for it with: recsys tracks WORD…")


def _ladder(connection: Connection, reference: str, missing: bool) -> Iterable[list[int]]:
    """The ids found by each rule, strictest first; each asked only when those before found nothing."""

    def ids(*conditions: ColumnElement[bool]) -> list[int]:
        present = file.c.missing_since.is_not(None) if missing else file.c.missing_since.is_(None)
        query = select(file.c.recording_id).where(present, *conditions).distinct().limit(_ENOUGH)
        return sorted(connection.execute(query).scalars())

    number = reference.strip()
    if number.isascii() and number.isdigit() and int(number) < 1 << 31:
        yield ids(file.c.recording_id == int(number))
    absolute = _absolute(reference)
    yield ids(file.c.path.in_([reference, absolute]))
    for text in dict.fromkeys([fold(reference), fold(absolute)]):
        if text:
            yield _named(connection, ids(_has_line(text + "\n")), text, whole=True)
    found: set[int] = set()
    for text in dict.fromkeys([fold(reference), fold(absolute)]):
        if text:
            found.update(_named(connection, ids(_has_line(text)), text, whole=False))
    yield sorted(found)


def _absolute(reference: str) -> str:
    try:
        # No links are followed: the catalogue holds paths as the scan met them.
        return normpath(Path(reference).expanduser().absolute())
    except (RuntimeError, OSError):  # "~nobody", or a current folder that has been removed
        return reference


def _has_line(text: str) -> ColumnElement[bool]:
    return file.c.search.contains("\n" + text, autoescape=True)


def _named(connection: Connection, ids: list[int], text: str, *, whole: bool) -> list[int]:
    """Those of ``ids`` that bear the name themselves, not only their album."""
    if not ids:
        return []
    rows = connection.execute(select(file.c.recording_id, file.c.search).where(file.c.recording_id.in_(ids)))
    named = set()
    for row in rows:
        names = row.search.split("\n")[1 : 1 + _NAMES]
        if any(name == text if whole else name.startswith(text) for name in names):
            named.add(row.recording_id)
    return sorted(named)


def _ambiguous(connection: Connection, reference: str, ids: list[int]) -> AmbiguousTrack:
    query = (
        select(file.c.recording_id, file.c.artist, file.c.title, file.c.path)
        .where(file.c.shown, file.c.recording_id.in_(ids[:_CANDIDATES]))
        .order_by(file.c.recording_id)
    )
    lines = [
        f"{row.recording_id}  {row.artist or 'unknown'} - {row.title or Path(row.path).stem}  ({row.path})"
        for row in connection.execute(query)
    ]
    many = f"{len(ids)}" if len(ids) < _ENOUGH else f"{_ENOUGH} or more"
    return AmbiguousTrack(
        f"{reference!r} matches {many} tracks; say which by its id or more of its name", lines
    )
