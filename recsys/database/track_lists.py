"""Lists of tracks: which tracks a query matches, and in which order.

The database selects by its indexes. What it cannot compare without case and accents, which is a word in one field of
the tags, is compared here with the rows that are left. So the result is the same under every database, and with an
index of trigrams or without.

Unless another order is given, the tracks of a search are ordered by where the words are: a title that equals them, a
title that begins with them, then title, artist, album, path; and among equals, as without a search, by artist, album,
disc, number and path.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from operator import itemgetter
from pathlib import PurePath
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_tables import file_genre, genre
from recsys.database.id_queries import PRESENT, has_genre, has_tagged_genre, has_tempo, is_by_artist, is_on_album
from recsys.database.listener_tables import play_count, track_like, track_stars
from recsys.database.search import file_matches, has_words, name_begins
from recsys.database.tables import analysis, file, prediction, recording
from recsys.domain.audio import Key
from recsys.domain.track_query import Term, TrackOrder, TrackQuery
from recsys.errors import InvalidRequest
from recsys.metadata.sort_keys import cached_sort_key, natural_key, sort_key
from recsys.metadata.text import fold

_SLOWEST = 1e-9  # BPM; 0 stands for no pulse
_LIKE, _DISLIKE = 5, 1  # stars as which a like and a dislike are sorted
_COLUMNS = (
    file.c.recording_id, file.c.path, file.c.title, file.c.artist, file.c.album_artist, file.c.album,
    file.c.disc_number, file.c.track_number,
)  # fmt: skip
_Row: TypeAlias = Sequence[Any]  # _COLUMNS, and the value by which tracks are sorted
_Value: TypeAlias = Callable[[_Row], Any]


@dataclass(frozen=True, slots=True)
class TrackSelection:
    """Which present tracks are listed: those that match the query, and every other condition that is set."""

    query: TrackQuery
    genre: str | None = None
    tagged_genre: str | None = None
    artist_id: int | None = None
    album_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: from ``offset`` on, after the track with the id ``after``, at most ``limit`` tracks."""

    limit: int | None = None
    offset: int = 0
    after: int | None = None


def list_ids(
    connection: Connection,
    answers: AnsweringVersions,
    listener: int,
    selection: TrackSelection,
    order: TrackOrder | None = None,
    page: Page | None = None,
) -> list[int]:
    """Ids of the tracks of a page, in their order; plays and ratings are those of a listener.

    Raises
    ------
    InvalidRequest
        ``page.after`` is not in the list.
    """
    page = page or Page()
    end = None if page.limit is None or page.after is not None else page.offset + page.limit
    words = _folded(selection.query.words)
    conditions = [PRESENT, *_conditions(connection, answers, selection)]
    checks = [(_TEXTS[term.field], fold(term.value), term.excluded) for term in selection.query.terms if _is_text(term)]

    def rows(*more: ColumnElement[bool]) -> list[_Row]:
        query = _rows(answers, listener, order).where(*conditions, *more)
        return [row for row in connection.execute(query) if all((t in text(row)) != no for text, t, no in checks)]

    if order is not None:
        return _page(_sorted(rows(*_words(connection, words)), order, end), page)
    if not words:
        return _page(_first(rows(), _DEFAULT, end), page)
    ranking = _Ranking(words)
    if end is not None:  # often answered by titles that begin with the words alone
        best = [row for row in rows(name_begins(ranking.phrase)) if ranking.begins(row)]
        if len(best) >= end:
            return _page(_first(best, (ranking.rank, *_DEFAULT), end), page)
    return _page(_first(rows(*_words(connection, words)), (ranking.rank, *_DEFAULT), end), page)


def _first(rows: Iterable[_Row], keys: Iterable[_Value], end: int | None) -> list[_Row]:
    """The first ``end`` rows, or all, and ties of the last one, by keys of which each orders the ties of those before.

    A key is computed only for rows that the keys before leave among the first.
    """
    valued: list[tuple[tuple[Any, ...], _Row]] = [((), row) for row in rows]
    for key in keys:
        valued = [((*before, key(row)), row) for before, row in valued]
        if end is not None and len(valued) > end:
            last = nsmallest(end, map(itemgetter(0), valued))[-1]
            valued = [pair for pair in valued if pair[0] <= last]
    valued.sort(key=itemgetter(0))
    return [row for _, row in valued]


def _page(rows: Sequence[_Row], page: Page) -> list[int]:
    ids = [row[0] for row in rows]
    start = 0
    if page.after is not None:
        try:
            start = ids.index(page.after) + 1
        except ValueError:
            raise InvalidRequest("must be the id of a track of the list", field="after", value=page.after) from None
    start += page.offset
    return ids[start:] if page.limit is None else ids[start : start + page.limit]


def _folded(words: Iterable[str]) -> list[str]:
    return [folded for word in words if (folded := fold(word))]


def _words(connection: Connection, words: Sequence[str]) -> list[ColumnElement[bool]]:
    return [file.c.recording_id.in_(has_words(connection, words))] if words else []


# Conditions


def _is_text(term: Term) -> bool:
    return term.field in _TEXTS


def _conditions(
    connection: Connection, answers: AnsweringVersions, selection: TrackSelection
) -> list[ColumnElement[bool]]:
    """Conditions on the primary file: all but the words, exact but for words in single fields."""
    found: list[ColumnElement[bool]] = []
    for term in selection.query.terms:
        if term.field is None:
            if term.excluded and (words := _folded([term.value])):
                found.append(file.c.recording_id.not_in(has_words(connection, words)))
        elif _is_text(term):
            if not term.excluded and (words := fold(term.value).split()):
                found.append(file_matches(connection, words, file))
        else:
            condition = _condition(connection, answers, term)
            found.append(~func.coalesce(condition, false()) if term.excluded else condition)
    if selection.genre is not None:
        found.append(file.c.recording_id.in_(has_genre(connection, [selection.genre])))
    if selection.tagged_genre is not None:
        found.append(file.c.recording_id.in_(has_tagged_genre([selection.tagged_genre])))
    if selection.artist_id is not None:
        found.append(is_by_artist(file.c.recording_id, selection.artist_id))
    if selection.album_id is not None:
        found.append(is_on_album(file.c.recording_id, selection.album_id))
    return found


def _condition(connection: Connection, answers: AnsweringVersions, term: Term) -> ColumnElement[bool]:
    """The condition of a term that is not a text of the file."""
    if term.field == "year":
        return and_(file.c.year >= term.low, file.c.year < term.high)
    if term.field == "genre":
        return _genre_contains(connection, fold(term.value))
    recordings: Select[int]
    if term.field == "bpm":
        recordings = has_tempo(answers, max(term.low, _SLOWEST), term.high)
    elif term.field == "loudness":
        in_range = and_(analysis.c.loudness >= term.low, analysis.c.loudness < term.high)
        recordings = select(analysis.c.recording_id).where(answers.rows(analysis), in_range)
    elif term.field == "key":
        tonic, mode = term.value.split()
        has_key = and_(analysis.c.tonic == Key.NAMES.index(tonic), analysis.c.mode == mode)
        recordings = select(analysis.c.recording_id).where(answers.rows(analysis), has_key)
    elif term.field == "duration":
        in_range = and_(recording.c.duration >= term.low, recording.c.duration < term.high)
        recordings = select(recording.c.id).where(in_range)
    else:
        ends = [recording.c.added_at >= term.first] if term.first else []
        ends += [recording.c.added_at < term.last] if term.last else []
        recordings = select(recording.c.id).where(*ends)
    return file.c.recording_id.in_(recordings)


def _genre_contains(connection: Connection, text: str) -> ColumnElement[bool]:
    """Whether the predicted genre, or a genre of the tags, contains a folded text."""
    predicted = connection.execute(select(prediction.c.genre).distinct()).scalars()
    tagged = connection.execute(select(genre.c.id, genre.c.name)).all()
    names = [name for name in predicted if text in fold(name)]
    ids = [number for number, name in tagged if text in fold(name)]
    return or_(
        file.c.recording_id.in_(select(prediction.c.recording_id).where(prediction.c.genre.in_(names))),
        file.c.id.in_(select(file_genre.c.file_id).where(file_genre.c.genre_id.in_(ids))),
    )


# Texts of a row


def _title(row: _Row) -> str:
    return str(row[2] or PurePath(row[1]).stem)


_TEXTS: dict[str | None, Callable[[_Row], str]] = {
    "artist": lambda row: fold(f"{row[3] or ''}\n{row[4] or ''}"),
    "title": lambda row: fold(_title(row)),
    "album": lambda row: fold(row[5] or ""),
    "path": lambda row: fold(row[1]),
}
"""The folded text of a field that is compared here; genres have tables of their own."""


# Orders


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The order of the tracks that have some folded words."""

    words: Sequence[str]

    @property
    def phrase(self) -> str:
        return " ".join(self.words)

    def begins(self, row: _Row) -> bool:
        """Whether the title begins with the words."""
        return fold(_title(row)).startswith(self.phrase)

    def rank(self, row: _Row) -> int:
        """Where the words are, best first."""
        title = fold(_title(row))
        if title.startswith(self.phrase):
            return int(title != self.phrase)
        with_artist = f"{title}\n{_TEXTS['artist'](row)}"
        texts = (title, with_artist, f"{with_artist}\n{_TEXTS['album'](row)}")
        for rank, text in enumerate(texts, start=2):
            if all(word in text for word in self.words):
                return rank
        return 5


def _number_key(row: _Row) -> Any:
    number = row[7] or 0
    # Files without a number are often numbered in their names.
    return row[6] or 0, number, "" if number else natural_key(row[1]), row[1], row[0]


_DEFAULT: tuple[_Value, ...] = (
    lambda row: cached_sort_key(row[4] or row[3] or ""),
    lambda row: cached_sort_key(row[5] or ""),
    _number_key,
)
"""By artist, album, disc, number and path."""


def _sorted(rows: list[_Row], order: TrackOrder, end: int | None) -> list[_Row]:
    """The first ``end`` rows, or all, by the value of a field; those without one are last."""
    value = _VALUES.get(order.field) or itemgetter(-1)
    valued = [(value(row), row) for row in rows]
    known = [pair for pair in valued if pair[0] is not None]
    without = [row for found, row in valued if found is None]
    if end is not None and len(known) > end:
        values = map(itemgetter(0), known)
        if order.descending:
            last = nlargest(end, values)[-1]
            known = [pair for pair in known if pair[0] >= last]
        else:
            last = nsmallest(end, values)[-1]
            known = [pair for pair in known if pair[0] <= last]
    known.sort(key=lambda pair: [key(pair[1]) for key in _DEFAULT])
    known.sort(key=itemgetter(0), reverse=order.descending)
    rest = None if end is None else end - len(known)
    return [row for _, row in known] + (_first(without, _DEFAULT, rest) if rest is None or rest > 0 else [])


def _optional(key: Callable[[str], str], *columns: int) -> _Value:
    def value(row: _Row) -> str | None:
        return next((key(row[i]) for i in columns if row[i]), None)

    return value


_VALUES: dict[str, _Value] = {
    "title": lambda row: sort_key(_title(row)),
    "artist": _optional(cached_sort_key, 3, 4),
    "album": _optional(cached_sort_key, 5),
    "path": lambda row: natural_key(row[1]),
    "genre": _optional(fold, -1),
}
"""How the fields that are texts are sorted; of the others, the value of the database."""


def _rows(answers: AnsweringVersions, listener: int, order: TrackOrder | None) -> Select[*tuple[Any, ...]]:
    """The rows of present primary files, with the value by which they are sorted."""
    field = None if order is None else order.field
    query = select(*_COLUMNS).select_from(file)
    key = file.c.recording_id
    if field in ("bpm", "loudness", "key"):
        tone = analysis.c.tonic * 2 + case((analysis.c.mode == "minor", 1), else_=0)
        values = {"bpm": func.nullif(analysis.c.bpm, 0), "loudness": analysis.c.loudness, "key": tone}
        return query.add_columns(values[field]).outerjoin(analysis, answers.of(analysis, key))
    if field in ("duration", "added"):
        column: Any = recording.c.duration if field == "duration" else recording.c.added_at
        return query.add_columns(column).join(recording, recording.c.id == key)
    if field == "genre":
        return query.add_columns(prediction.c.genre).outerjoin(prediction, prediction.c.recording_id == key)
    if field == "plays":
        mine = and_(play_count.c.recording_id == key, play_count.c.listener_id == listener)
        return query.add_columns(func.coalesce(play_count.c.plays, 0)).outerjoin(play_count, mine)
    if field == "rating":
        liked = case((track_like.c.value > 0, _LIKE), (track_like.c.value < 0, _DISLIKE))
        stars = and_(track_stars.c.recording_id == key, track_stars.c.listener_id == listener)
        like = and_(track_like.c.recording_id == key, track_like.c.listener_id == listener)
        query = query.add_columns(func.coalesce(track_stars.c.stars, liked))
        return query.outerjoin(track_stars, stars).outerjoin(track_like, like)
    return query.add_columns(file.c.year) if field == "year" else query
