"""Lists of tracks: which tracks a query matches, and in which order.

The database selects by its indexes. What it cannot compare without case and accents, which is a word in one field of
the tags, is compared here with the rows that are left. So the result is the same under every database, and with an
index of trigrams or without.

Unless another order is given, the tracks of a search are ordered by where the words are: a title that equals them, a
title that begins with them, then title, artist, album, path; and among equals, as without a search, by artist, album,
disc, number and path.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_tables import file_genre, genre
from recsys.database.id_queries import PRESENT, has_genre, has_tagged_genre, has_tempo, is_by_artist, is_on_album
from recsys.database.search import file_matches, has_words, name_begins, name_equals
from recsys.database.tables import analysis, file, prediction, recording
from recsys.database.track_orders import TEXTS, OrderedRows, Ranking, Row, first_rows
from recsys.domain.audio import Key
from recsys.domain.track_query import Term, TrackOrder, TrackQuery
from recsys.errors import InvalidRequest
from recsys.metadata.text import fold

_SLOWEST = 1e-9  # BPM; 0 stands for no pulse


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
    checks = [(TEXTS[term.field], fold(term.value), term.excluded) for term in selection.query.terms if _is_text(term)]

    ordered = OrderedRows(answers, listener, order)

    def rows(*more: ColumnElement[bool]) -> Sequence[Row]:
        found = connection.execute(ordered.select().where(*conditions, *more))
        if not checks:
            return found.all()
        return [row for row in found if all((t in text(row)) != no for text, t, no in checks)]

    if words and order is None:
        ranking = Ranking(words)
        # A page is often filled by titles that equal the words, or begin with them, which an index of names has.
        for condition, fits in (
            ((name_equals, ranking.equals), (name_begins, ranking.begins)) if end is not None else ()
        ):
            best = [row for row in rows(condition(ranking.phrase)) if fits(row)]
            if end is not None and len(best) >= end:
                return page_of(_ids(ranking.first(best, end)), page)
        return page_of(_ids(ranking.first(rows(*_words(connection, words)), end)), page)
    conditions += _words(connection, words)
    first = None if end is None or checks else ordered.among_first(connection, conditions, end)
    return page_of(_ids(first_rows(rows() if first is None else rows(first), order, end)), page)


def page_of(ids: Sequence[int], page: Page) -> list[int]:
    """The ids of a page of a whole list; raises as :func:`list_ids` does."""
    start = 0
    if page.after is not None:
        try:
            start = ids.index(page.after) + 1
        except ValueError:
            raise InvalidRequest("must be the id of a track of the list", field="after", value=page.after) from None
    start += page.offset
    return list(ids[start:] if page.limit is None else ids[start : start + page.limit])


def _ids(rows: Sequence[Row]) -> list[int]:
    return [row[0] for row in rows]


def _folded(words: Iterable[str]) -> list[str]:
    return [folded for word in words if (folded := fold(word))]


def _words(connection: Connection, words: Sequence[str]) -> list[ColumnElement[bool]]:
    return [file.c.recording_id.in_(has_words(connection, words))] if words else []


# Conditions


def _is_text(term: Term) -> bool:
    return term.field in TEXTS


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
