"""Orders of tracks: by a field, by artist, album and number, or by where the words of a search are.

The database returns rows with the value that decides first; keys of names, which ignore case, accents and articles, are
computed here. Of a long list of which a page is wanted, only the values are read of all rows, each value once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from operator import itemgetter
from pathlib import PurePath
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal_column, or_, select, type_coerce

from recsys.database.answering import AnsweringVersions
from recsys.database.listener_tables import play_count, track_like, track_stars
from recsys.database.tables import analysis, file, prediction, recording
from recsys.database.text_type import PathText
from recsys.domain.track_query import TrackOrder
from recsys.metadata.sort_keys import cached_sort_key, natural_key, sort_key
from recsys.metadata.text import fold

Row: TypeAlias = Sequence[Any]
"""A present primary file: id of the recording, path, title, artist, album artist, album, disc, number; first value."""

_FIRST_COLUMN: Any = literal_column("1")  # PostgreSQL takes two expressions with parameters for different ones
_LIKE, _DISLIKE = 5, 1  # stars as which a like and a dislike are sorted
_MAX_VALUES = 400  # of which a statement selects the rows
_COLUMNS = (
    file.c.recording_id, file.c.path, file.c.title, file.c.artist, file.c.album_artist, file.c.album,
    file.c.disc_number, file.c.track_number,
)  # fmt: skip
_KEYS: dict[str | None, Callable[[Any], Any]] = {
    None: cached_sort_key,
    "title": sort_key,
    "artist": cached_sort_key,
    "album": cached_sort_key,
    "genre": fold,
    "path": natural_key,
}
"""The keys of values that are texts; other values are compared as the database has them."""


def title_of(row: Row) -> str:
    """The title of a row, or the name of its file."""
    return str(row[2] or PurePath(row[1]).stem)


TEXTS: dict[str | None, Callable[[Row], str]] = {
    "artist": lambda row: fold(f"{row[3] or ''}\n{row[4] or ''}"),
    "title": lambda row: fold(title_of(row)),
    "album": lambda row: fold(row[5] or ""),
    "path": lambda row: fold(row[1]),
}
"""The folded text of those fields of a row that are compared here; genres have tables of their own."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of the tracks that have some folded words: title, artist, album, path."""

    words: Sequence[str]

    @property
    def phrase(self) -> str:
        """The words as a title may have them."""
        return " ".join(self.words)

    def equals(self, row: Row) -> bool:
        """Whether the title equals the words."""
        return fold(title_of(row)) == self.phrase

    def begins(self, row: Row) -> bool:
        """Whether the title begins with the words."""
        return fold(title_of(row)).startswith(self.phrase)

    def rank(self, row: Row) -> int:
        """Where the words are, best first."""
        title = fold(title_of(row))
        if title.startswith(self.phrase):
            return int(title != self.phrase)
        with_artist = f"{title}\n{TEXTS['artist'](row)}"
        texts = (title, with_artist, f"{with_artist}\n{TEXTS['album'](row)}")
        for rank, text in enumerate(texts, start=2):
            if all(word in text for word in self.words):
                return rank
        return 5

    def first(self, rows: Iterable[Row], end: int | None) -> list[Row]:
        """The first ``end`` rows, or all; among equals, by artist, album and number."""
        return _first(rows, (self.rank, *_DEFAULT), end)


def _number_key(row: Row) -> Any:
    number = row[7] or 0
    # Files without a number are often numbered in their names.
    return row[6] or 0, number, "" if number else natural_key(row[1]), row[1], row[0]


_DEFAULT: tuple[Callable[[Row], Any], ...] = (
    lambda row: cached_sort_key(row[4] or row[3] or ""),
    lambda row: cached_sort_key(row[5] or ""),
    _number_key,
)
"""By artist, album, disc, number and path."""


def _first(rows: Iterable[Row], keys: Iterable[Callable[[Row], Any]], end: int | None) -> list[Row]:
    """The first ``end`` rows, or all, and ties of the last one, by keys of which each orders the ties of those before.

    A key is computed only for rows that the keys before leave among the first.
    """
    if end is None:
        keys = tuple(keys)
        return sorted(rows, key=lambda row: [key(row) for key in keys])
    valued: list[tuple[tuple[Any, ...], Row]] = [((), row) for row in rows]
    for key in keys:
        valued = [((*before, key(row)), row) for before, row in valued]
        if len(valued) > end:
            last = nsmallest(end, map(itemgetter(0), valued))[-1]
            valued = [pair for pair in valued if pair[0] <= last]
    valued.sort(key=itemgetter(0))
    return [row for _, row in valued]


def first_rows(rows: Sequence[Row], order: TrackOrder | None, end: int | None) -> list[Row]:
    """The first ``end`` rows, or all, in an order, and ties of the last one; those without a value are last."""
    if order is None:
        return _first(rows, _DEFAULT, end)
    key = _KEYS.get(order.field)
    by_title = order.field == "title"
    known: list[tuple[Any, Row]] = []
    without: list[Row] = []
    for row in rows:
        value = title_of(row) if by_title else row[-1]
        if value is None:
            without.append(row)
        else:
            known.append((value if key is None else key(value), row))
    if end is not None and len(known) > end:
        values = map(itemgetter(0), known)
        last = (nlargest if order.descending else nsmallest)(end, values)[-1]
        known = [pair for pair in known if (pair[0] >= last if order.descending else pair[0] <= last)]
    known.sort(key=lambda pair: [each(pair[1]) for each in _DEFAULT])
    known.sort(key=itemgetter(0), reverse=order.descending)
    rest = None if end is None else end - len(known)
    return [row for _, row in known] + (_first(without, _DEFAULT, rest) if rest is None or rest > 0 else [])


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """The statements that read the rows of an order; plays and ratings are those of a listener."""

    answers: AnsweringVersions
    listener: int
    order: TrackOrder | None

    @property
    def _field(self) -> str | None:
        return None if self.order is None else self.order.field

    def select(self) -> Select[*tuple[Any, ...]]:
        """The rows."""
        return self._joined(select(*_COLUMNS, self._value()))

    def among_first(self, connection: Connection, conditions: Sequence[ColumnElement[bool]], end: int) -> Any:
        """A condition that holds for the first ``end`` of the rows that meet some conditions; None if none is known."""
        if self._field == "path":  # each has its own value
            return None
        value, n = self._value(), func.count()
        query = self._joined(select(value, n)).where(*conditions, value.is_not(None)).group_by(_FIRST_COLUMN)
        key = _KEYS.get(self._field) or (lambda value: value)
        descending = self.order is not None and self.order.descending
        groups = [(key(found), found, count) for found, count in connection.execute(query)]
        groups.sort(key=itemgetter(0), reverse=descending)
        chosen: list[Any] = []
        seen, last = 0, None
        for found_key, found, count in groups:
            if seen >= end and found_key != last:
                return or_(value.in_(chosen), value.is_(None)) if self._field == "title" else value.in_(chosen)
            chosen.append(found)
            seen, last = seen + count, found_key
            if len(chosen) > _MAX_VALUES:
                return None
        return None

    def _value(self) -> ColumnElement[Any]:
        """What decides first."""
        artist, album_artist = _given(file.c.artist), _given(file.c.album_artist)
        liked = case((track_like.c.value > 0, _LIKE), (track_like.c.value < 0, _DISLIKE))
        values: dict[str | None, ColumnElement[Any]] = {
            None: _text(func.coalesce(album_artist, artist, "")),
            "title": _text(_given(file.c.title)),
            "artist": _text(func.coalesce(artist, album_artist)),
            "album": _text(_given(file.c.album)),
            "path": file.c.path,
            "year": file.c.year,
            "genre": prediction.c.genre,
            "bpm": func.nullif(analysis.c.bpm, 0),
            "loudness": analysis.c.loudness,
            "key": analysis.c.tonic * 2 + case((analysis.c.mode == "minor", 1), else_=0),
            "duration": recording.c.duration,
            "added": recording.c.added_at,
            "plays": func.coalesce(play_count.c.plays, 0),
            "rating": func.coalesce(track_stars.c.stars, liked),
        }
        return values[self._field]

    def _joined(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """A query of files with the table that has the value."""
        key = file.c.recording_id
        query = query.select_from(file)
        match self._field:
            case "bpm" | "loudness" | "key":
                return query.outerjoin(analysis, self.answers.of(analysis, key))
            case "duration" | "added":
                return query.join(recording, recording.c.id == key)
            case "genre":
                return query.outerjoin(prediction, prediction.c.recording_id == key)
            case "plays":
                return query.outerjoin(play_count, self._of_listener(play_count))
            case "rating":
                with_stars = query.outerjoin(track_stars, self._of_listener(track_stars))
                return with_stars.outerjoin(track_like, self._of_listener(track_like))
        return query

    def _of_listener(self, table: Any) -> ColumnElement[bool]:
        return and_(table.c.recording_id == file.c.recording_id, table.c.listener_id == self.listener)


def _given(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.nullif(column, "")


def _text(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(value, PathText())
