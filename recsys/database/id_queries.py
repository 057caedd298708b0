"""Queries that return ids of recordings. Each function uses the connection of its caller."""

from collections.abc import Iterable, Sequence
from functools import reduce
from os import sep

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, union_all

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, file_artist, file_genre, genre
from recsys.database.id_sets import read_ids
from recsys.database.tables import analysis, file, prediction, recording, vector
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.audio import Key
from recsys.domain.requests import TrackFilter
from recsys.domain.tracks import MIN_ALTERNATIVE_PROBABILITY
from recsys.metadata.names import genre_key as spelling_key

PRESENT = and_(file.c.is_primary, file.c.missing_since.is_(None))
"""The primary files of tracks that are not missing."""


def under(path: ColumnElement[str], roots: Sequence[str]) -> ColumnElement[bool]:
    """Whether a path is one of ``roots`` or inside one, as ranges that an index can answer."""
    ranges: list[ColumnElement[bool]] = []
    for root in roots:
        folder = root if root.endswith(sep) else root + sep
        ranges.append(path == root)
        ranges.append(and_(path >= folder, path < folder[:-1] + chr(ord(sep) + 1)))
    return or_(False, *ranges)


def has_genre(connection: Connection, genres: Sequence[str]) -> Select[int]:
    """The recordings whose predicted genre is one of ``genres``; case is ignored."""
    wanted = {genre.lower() for genre in genres}
    stored = connection.execute(select(prediction.c.genre).distinct()).scalars()
    matching = [genre for genre in stored if genre.lower() in wanted]
    return select(prediction.c.recording_id).where(prediction.c.genre.in_(matching))


def has_tagged_genre(genres: Sequence[str]) -> Select[int]:
    """The recordings whose file has one of ``genres`` in its tags, also among others; spelling is ignored."""
    keys = [spelling_key(genre) for genre in genres]
    tagged = select(file_genre.c.file_id).join(genre, genre.c.id == file_genre.c.genre_id).where(genre.c.key.in_(keys))
    return select(file.c.recording_id).where(file.c.is_primary, file.c.id.in_(tagged))


def is_by_artist(recording_id: ColumnElement[int], artist_id: int) -> ColumnElement[bool]:
    """Whether an artist takes part in a file of a recording, or in its album as album artist."""
    takes_part = file_artist.c.role.in_([ARTIST, ALBUM_ARTIST])
    files = select(file_artist.c.file_id).where(file_artist.c.artist_id == artist_id, takes_part)
    return recording_id.in_(select(file.c.recording_id).where(file.c.missing_since.is_(None), file.c.id.in_(files)))


def is_on_album(recording_id: ColumnElement[int], album_id: int) -> ColumnElement[bool]:
    """Whether a file of a recording is of an album."""
    files = select(file.c.recording_id).where(file.c.missing_since.is_(None), file.c.album_id == album_id)
    return recording_id.in_(files)


def filter_ids(connection: Connection, answers: AnsweringVersions, filter: TrackFilter) -> IdArray:
    """Ids (n,) of matching recordings, ascending, also of missing ones. Each condition is one query on its own index.

    Tracks without stored valence and arousal (:func:`ids_without_mood`) match every range of these.
    """
    queries: list[Select[int]] = []
    if filter.genres:
        queries.append(has_genre(connection, filter.genres))
    if filter.tagged_genres:
        queries.append(has_tagged_genre(filter.tagged_genres))
    if filter.year_range:
        queries.append(select(file.c.recording_id).where(file.c.is_primary, file.c.year.between(*filter.year_range)))
    if filter.bpm_range:
        low, high = filter.bpm_range
        queries.append(has_tempo(answers, low - 0.5, high + 0.5))
    if filter.keys:
        keys = [tuple(key.split()) for key in filter.keys]
        has_key = or_(*(and_(analysis.c.tonic == Key.NAMES.index(t), analysis.c.mode == mode) for t, mode in keys))
        queries.append(select(analysis.c.recording_id).where(answers.rows(analysis), has_key))
    for column, ends in ((analysis.c.valence, filter.valence_range), (analysis.c.arousal, filter.arousal_range)):
        if ends:
            inside = or_(column.is_(None), column.between(*ends))
            queries.append(select(analysis.c.recording_id).where(answers.rows(analysis), inside))
    if filter.folders:
        queries.append(select(file.c.recording_id).where(file.c.is_primary, under(file.c.path, filter.folders)))
    found = [read_ids(connection, query) for query in queries or [select(recording.c.id)]]
    matching = reduce(np.intersect1d, found)
    if filter.excluded_genres:
        matching = np.setdiff1d(matching, read_ids(connection, has_genre(connection, filter.excluded_genres)))
    if filter.excluded_tagged_genres:
        matching = np.setdiff1d(matching, read_ids(connection, has_tagged_genre(filter.excluded_tagged_genres)))
    if filter.excluded_folders:
        excluded = select(file.c.recording_id).where(file.c.is_primary, under(file.c.path, filter.excluded_folders))
        matching = np.setdiff1d(matching, read_ids(connection, excluded))
    return matching


def has_tempo(answers: AnsweringVersions, low: float, high: float) -> Select[int]:
    """Recordings whose tempo, or whose probable alternative tempo, is in ``low <= bpm < high``.

    The tempo has an index. For the alternative, the sum ``feature_version + 0`` keeps SQLite from using that index and
    looking up every row by it: with 100,000 tracks that takes 140 ms, a scan of the table 9 ms.
    """
    tempo, other = analysis.c.bpm, analysis.c.bpm_alternative
    first = select(analysis.c.recording_id).where(answers.rows(analysis), tempo >= low, tempo < high)
    probable = select(analysis.c.recording_id).where(
        answers.rows(analysis) if answers.older else analysis.c.feature_version + 0 == answers.version,
        other >= low,
        other < high,
        analysis.c.bpm_alternative_probability >= MIN_ALTERNATIVE_PROBABILITY,
    )
    either = union_all(first, probable).subquery()
    return select(either.c.recording_id)


def list_ids(connection: Connection, answers: AnsweringVersions, analysed: bool) -> IdArray:
    """Ids (n,) of present tracks, ascending."""
    query = select(file.c.recording_id).select_from(file).where(PRESENT)
    if analysed:
        query = query.join(analysis, answers.of(analysis, file.c.recording_id))
    return read_ids(connection, query)


def missing_ids(connection: Connection) -> IdArray:
    """Ids (n,) of missing recordings, ascending."""
    gone = select(file.c.recording_id).where(file.c.is_primary, file.c.missing_since.is_not(None))
    return read_ids(connection, gone)


def ids_outside_duration(connection: Connection, min_duration: float, max_duration: float) -> IdArray:
    """Ids (n,) of recordings whose duration, rounded to seconds, is outside these limits; 0 is no limit."""
    beyond = recording.c.duration < min_duration - 0.5
    if max_duration:
        beyond |= recording.c.duration >= max_duration + 0.5
    return read_ids(connection, select(recording.c.id).where(beyond))


def ids_without_prediction_from(connection: Connection, answers: AnsweringVersions, model: str) -> IdArray:
    """Ids (n,) of recordings with a vector, whose genre was predicted by another model or not at all."""
    other = prediction.c.model.is_(None) | (prediction.c.model != model)
    query = select(vector.c.recording_id).where(answers.rows(vector), other)
    return read_ids(connection, query.outerjoin(prediction, prediction.c.recording_id == vector.c.recording_id))


def ids_without_mood(connection: Connection, answers: AnsweringVersions) -> IdArray:
    """Ids (n,) of recordings with a vector, but without valence and arousal."""
    query = select(analysis.c.recording_id).where(answers.rows(analysis), analysis.c.arousal.is_(None))
    return read_ids(connection, query.join(vector, answers.of(vector, analysis.c.recording_id)))


def ids_at(connection: Connection, paths: Iterable[str]) -> dict[str, int]:
    """The recordings whose files are or were at these paths."""
    found: dict[str, int] = {}
    for chunk in in_chunks(paths):
        query = select(file.c.path, file.c.recording_id).where(file.c.path.in_(chunk))
        found.update((row.path, row.recording_id) for row in connection.execute(query))
    return found
