"""Find tracks by words, and one track by its name.

A file has *names*, folded so that case and accents are ignored: "artist - title" for all artists and for each of them,
title, file name without and with suffix, path. The table ``search_name`` has them, cut to a maximum length, so that a
name or a prefix is found by an index. The column ``search_text`` has them in full, one per line, and in lines that
begin with a space the artist, album and album artist, which are searched for words only. LIKE finds a word anywhere
("%word%"), and confirms a name or a prefix ("\\nname…").
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from recsys.database import performances, trigrams
from recsys.database.tables import file, search_name
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import Tags
from recsys.domain.paths import absolute_path
from recsys.errors import AmbiguousTrack, Hint, NotFound
from recsys.metadata.text import fold

_CANDIDATES = 10
_MAX_MATCHES = 500  # matches that are read; more make no difference
_MAX_DIGITS = 20  # of an id; Python converts no number of thousands
_ID = re.compile(r"[1-9][0-9]{0,8}")
_MAX_LENGTH = 300  # characters of a name in the index: databases limit the size of its entries


def search_text(path: str, tags: Tags) -> str:
    """The search text of a file, from its path and tags."""
    location = Path(path)
    artists = [name for name in dict.fromkeys((tags.artist, *tags.artists)) if name] if tags.title else []
    full = [f"{artist} - {tags.title}" for artist in artists]
    names = [fold(name) for name in (*full, tags.title, location.stem, location.name, path) if name]
    words = [" " + fold(name) for name in (tags.artist, tags.album, tags.album_artist) if name]
    return "\n".join(["", *names, *words, ""])


def searchable_names(text: str) -> set[str]:
    """The names in a search text, as they are stored in ``search_name``."""
    return {line[:_MAX_LENGTH] for line in text.split("\n") if line and line[0] != " "}


def file_matches(connection: Connection, words: Sequence[str], files: Any = file) -> ColumnElement[bool]:
    """Whether a file has every one of these folded words or phrases in its artist, title, album or path."""
    found = [files.c.search_text.contains(word, autoescape=True) for word in words]
    narrowed = trigrams.narrowed(connection, words, files)
    return and_(True, *found) if narrowed is None else and_(narrowed, *found)


def has_words(connection: Connection, words: Sequence[str]) -> Select[int]:
    """The recordings of which a file has every one of these folded words or phrases."""
    matching = file.alias("matching")
    return select(matching.c.recording_id).where(file_matches(connection, words, matching))


def name_equals(text: str) -> ColumnElement[bool]:
    """Whether a name of a file may equal a folded text; found by an index."""
    return _has_name(_name_matches(text))


def name_begins(text: str) -> ColumnElement[bool]:
    """Whether a name of a file may begin with a folded text; found by an index."""
    return _has_name(_name_prefix(text))


def find_track(connection: Connection, reference: str) -> int:
    """The id of the one recording with this id, path or name, or whose path or name begins so.

    A present recording has precedence over a missing one, and a whole name over the beginning of another; the id of a
    missing one over the beginning of a name. Of copies of one performance the best one is found.

    Raises
    ------
    NotFound
        No recording matches.
    AmbiguousTrack
        Several recordings match.
    """
    for missing in (False, True) if fold(reference) else ():
        for found in _match_rules(connection, reference, missing):
            if len(found) == 1:
                return found[0]
            if found:
                [group, *_] = performances.read_groups(connection, found) or [[]]
                if set(found) <= set(group):
                    return group[0]
                raise _ambiguous(connection, reference, found)
    raise NotFound(f"no track matches {reference!r}", hint=Hint.SEARCH_TRACKS)


def find_tracks(connection: Connection, references: Iterable[str]) -> list[int]:
    """The id of the recording of each reference, as by :func:`find_track`; ids and paths are looked up at once.

    Raises
    ------
    NotFound, AmbiguousTrack
        No recording matches a reference, or several do.
    """
    wanted = list(references)
    found: dict[str, int] = {}
    present = file.c.missing_since.is_(None)
    ids = (each for each in wanted if _ID.fullmatch(each))
    for chunk in in_chunks(dict.fromkeys(ids)):
        has_id = file.c.recording_id.in_([int(each) for each in chunk])
        query = select(file.c.recording_id).where(present, has_id).distinct()
        found.update((str(i), i) for i in connection.execute(query).scalars())
    paths = (each for each in wanted if each not in found and _absolute(each) == each)
    for chunk in in_chunks(dict.fromkeys(paths)):
        rows = connection.execute(select(file.c.path, file.c.recording_id).where(present, file.c.path.in_(chunk)))
        found.update((path, i) for path, i in rows)
    return [found[each] if each in found else find_track(connection, each) for each in wanted]


def _match_rules(connection: Connection, reference: str, missing: bool) -> Iterable[list[int]]:
    """The ids found by each rule, strictest first. Each query runs when the ids before it are empty."""

    def ids(*conditions: ColumnElement[bool]) -> list[int]:
        state = file.c.missing_since.is_not(None) if missing else file.c.missing_since.is_(None)
        query = select(file.c.recording_id).where(state, *conditions).distinct().limit(_MAX_MATCHES)
        return sorted(connection.execute(query).scalars())

    number = reference.strip()
    has_id = number.isascii() and number.isdigit() and len(number) < _MAX_DIGITS and int(number) < 1 << 31
    if has_id:
        yield ids(file.c.recording_id == int(number))
    absolute = _absolute(reference)
    yield ids(file.c.path.in_([reference, absolute]))
    texts = {fold(reference), fold(absolute)}
    yield sorted({i for text in texts for i in ids(_has_name(_name_matches(text)), _name_equals(f"{text}\n"))})
    if has_id and not missing:
        query = select(file.c.recording_id).where(file.c.recording_id == int(number)).distinct()
        yield list(connection.execute(query).scalars())  # of a missing recording
    yield sorted({i for text in texts for i in ids(_has_name(_name_prefix(text)), _name_equals(text))})


def _has_name(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return file.c.id.in_(select(search_name.c.file_id).where(condition))


def _name_equals(text: str) -> ColumnElement[bool]:
    return file.c.search_text.contains(f"\n{text}", autoescape=True)


def _name_matches(text: str) -> ColumnElement[bool]:
    return search_name.c.name == text[:_MAX_LENGTH]


def _name_prefix(text: str) -> ColumnElement[bool]:
    """A range that contains at least all names that begin with ``text``."""
    key = text[:_MAX_LENGTH]
    if not " " <= key[-1] < "\ud7ff":  # the next code point is not a character, or is ordered differently
        return search_name.c.name >= key
    return and_(search_name.c.name >= key, search_name.c.name < key[:-1] + chr(ord(key[-1]) + 1))


def _absolute(reference: str) -> str:
    try:
        # Links are not resolved: the catalogue has paths as the scan found them.
        return str(absolute_path(reference))
    except OSError:  # the current folder was deleted
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
    n = f"{len(ids)}" if len(ids) < _MAX_MATCHES else f"{_MAX_MATCHES} or more"
    return AmbiguousTrack(f"{reference!r} matches {n} tracks; give the id or more of the name", lines)
