"""Questions to the catalogue, answered in plain values. Each function works on its caller's connection."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from os import sep
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, union_all

from recsys.database.answering import AnsweringVersions
from recsys.database.search import full_text_match
from recsys.database.tables import analysis, failure, file, prediction, recording, vector
from recsys.database.vectors import floats
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.audio import FileStat, Key
from recsys.domain.catalogue import Counts, KnownRecording, LibraryFile, StoredDetails
from recsys.domain.requests import TrackFilter
from recsys.domain.results import Failure
from recsys.domain.tracks import MIN_ALTERNATIVE_PROBABILITY, UNKNOWN, Track, TrackCredits
from recsys.errors import NotFound

_PRIMARY = and_(file.c.recording_id == recording.c.id, file.c.is_primary)
_VECTORS = 2000  # at a time: some megabytes
_NOT_MISSING = and_(file.c.is_primary, file.c.missing_since.is_(None))


def under(path: ColumnElement[str], roots: Sequence[str]) -> ColumnElement[bool]:
    """At a root or below it, as ranges that an index can serve."""
    ranges: list[ColumnElement[bool]] = []
    for root in roots:
        folder = root if root.endswith(sep) else root + sep
        ranges.append(path == root)
        ranges.append(and_(path >= folder, path < folder[:-1] + chr(ord(sep) + 1)))
    return or_(False, *ranges)


def find_recordings(
    connection: Connection, audio_hashes: Iterable[str], answers: AnsweringVersions
) -> dict[str, KnownRecording]:
    """The recordings among these payloads, with their places."""
    found: dict[str, KnownRecording] = {}
    for chunk in in_chunks(audio_hashes):
        query = (
            select(
                recording.c.audio_hash,
                recording.c.id,
                analysis.c.recording_id.is_not(None).label("done"),
                analysis.c.feature_version,
                file.c.path,
                file.c.size,
                file.c.mtime_ns,
            )
            .select_from(recording)
            .outerjoin(analysis, answers.of(analysis))
            .outerjoin(file, file.c.recording_id == recording.c.id)
            .where(recording.c.audio_hash.in_(chunk))
            .order_by(file.c.is_primary.desc(), file.c.id)
        )
        for row in connection.execute(query):
            before = found.get(
                row.audio_hash, KnownRecording(row.id, bool(row.done), row.feature_version == answers.version, ())
            )
            place = (FileStat(row.path, row.size, row.mtime_ns),) if row.path else ()
            found[row.audio_hash] = replace(before, paths=before.paths + place)
    return found


def list_failures(connection: Connection, paths: Iterable[str] | None = None) -> list[Failure]:
    """Every failure, or those at some paths, by path."""
    columns = (failure.c.path, failure.c.stage, failure.c.reason, failure.c.attempts, failure.c.failed_at)
    query = select(*columns).order_by(failure.c.path)
    if paths is None:
        return [Failure(*row) for row in connection.execute(query)]
    rows = (row for chunk in in_chunks(paths) for row in connection.execute(query.where(failure.c.path.in_(chunk))))
    return sorted((Failure(*row) for row in rows), key=lambda failed: failed.path)


def count(connection: Connection, answers: AnsweringVersions) -> Counts:
    """How much there is."""

    def number(query: Select[Any]) -> int:
        return int(connection.execute(query).scalar_one())

    files = select(func.count()).select_from(file)
    return Counts(
        tracks=number(files.where(_NOT_MISSING)),
        files=number(files.where(file.c.missing_since.is_(None))),
        missing=number(files.where(file.c.is_primary, file.c.missing_since.is_not(None))),
        failures=number(select(func.count()).select_from(failure)),
        analysed=number(files.join(analysis, answers.of(analysis, file.c.recording_id)).where(_NOT_MISSING)),
    )


def genre_counts(connection: Connection) -> dict[str, int]:
    """Present tracks of each predicted genre, most first."""
    n = func.count().label("n")
    query = (
        select(prediction.c.genre, n)
        .join(file, file.c.recording_id == prediction.c.recording_id)
        .where(_NOT_MISSING)
        .group_by(prediction.c.genre)
        .order_by(n.desc(), prediction.c.genre)
    )
    return {row.genre: row.n for row in connection.execute(query)}


def list_tracks(
    connection: Connection,
    answers: AnsweringVersions,
    query: str | None,
    genre: str | None,
    limit: int | None,
    offset: int,
) -> list[Track]:
    """Present tracks by artist, album, number."""
    selected = _track_query(answers).where(file.c.missing_since.is_(None))
    if query:
        selected = selected.where(full_text_match(query))
    if genre is not None:
        selected = selected.where(recording.c.id.in_(_has_genre(connection, [genre])))
    artist = func.lower(func.coalesce(file.c.album_artist, file.c.artist, ""))
    number = func.coalesce(file.c.track_number, 0)
    selected = selected.order_by(artist, func.lower(func.coalesce(file.c.album, "")), number, file.c.path)
    return _tracks(connection, connection.execute(selected.limit(limit).offset(offset)).all())


def get_tracks(connection: Connection, answers: AnsweringVersions, ids: Iterable[int]) -> dict[int, Track]:
    """Tracks by id, in the order asked for."""
    wanted = list(dict.fromkeys(int(i) for i in ids))
    found: dict[int, Track] = {}
    for chunk in in_chunks(wanted):
        rows = connection.execute(_track_query(answers).where(recording.c.id.in_(chunk))).all()
        found.update((track.id, track) for track in _tracks(connection, rows))
    return {i: found[i] for i in wanted if i in found}


def _track_query(answers: AnsweringVersions) -> Select[*tuple[Any, ...]]:
    return (
        select(
            recording.c.id,
            recording.c.duration,
            file.c.path,
            file.c.missing_since,
            file.c.title,
            file.c.artist,
            file.c.album_artist,
            file.c.album,
            file.c.track_number,
            file.c.year,
            file.c.genre.label("tagged_genre"),
            file.c.musicbrainz_recording,
            analysis.c.recording_id.label("analysed"),
            analysis.c.bpm,
            analysis.c.bpm_alternative,
            analysis.c.bpm_alternative_probability,
            analysis.c.tonic,
            analysis.c.mode,
            analysis.c.loudness,
            analysis.c.valence,
            analysis.c.arousal,
            prediction.c.genre,
            prediction.c.probability,
            case((prediction.c.genre == UNKNOWN, prediction.c.genres)).label("guesses"),
        )
        .select_from(recording)
        .join(file, _PRIMARY)
        .outerjoin(analysis, answers.of(analysis))
        .outerjoin(prediction, prediction.c.recording_id == recording.c.id)
    )


def _tracks(connection: Connection, rows: Sequence[Row[Any]]) -> list[Track]:
    places: dict[int, list[str]] = {}
    for ids in in_chunks(row.id for row in rows):
        query = select(file.c.recording_id, file.c.path).where(file.c.recording_id.in_(ids), ~file.c.is_primary)
        for recording_id, path in connection.execute(query.order_by(file.c.id)):
            places.setdefault(recording_id, []).append(path)
    return [
        Track(
            id=row.id,
            path=row.path,
            artist=row.artist,
            title=row.title or Path(row.path).stem,
            album=row.album,
            genre=row.genre,
            genre_probability=row.probability,
            tagged_genre=row.tagged_genre,
            duration=row.duration,
            bpm=row.bpm or None,  # 0 is "no pulse"
            key=None if row.tonic is None else f"{Key.NAMES[row.tonic]} {row.mode}",
            album_artist=row.album_artist,
            track_number=row.track_number,
            year=row.year,
            loudness=row.loudness,
            valence=row.valence,
            arousal=row.arousal,
            analysed=row.analysed is not None,
            missing=row.missing_since is not None,
            paths=(row.path, *places.get(row.id, ())),
            musicbrainz_recording=row.musicbrainz_recording,
            genre_guess=max(row.guesses, key=row.guesses.get) if row.guesses else None,
            bpm_alternative=row.bpm_alternative,
            bpm_alternative_probability=row.bpm_alternative_probability,
        )
        for row in rows
    ]


def list_track_credits(connection: Connection) -> list[TrackCredits]:
    """Whose every recording is, in no order: of a million, not all that a Track has."""
    query = select(file.c.recording_id, file.c.path, file.c.artist, file.c.album_artist, file.c.album)
    return [TrackCredits(*row) for row in connection.execute(query.where(file.c.is_primary))]


def iter_files(connection: Connection) -> Iterator[LibraryFile]:
    """Every file that lies or lay somewhere, in no order."""
    query = select(
        file.c.recording_id,
        file.c.path,
        file.c.title,
        file.c.artist,
        file.c.album_artist,
        file.c.album,
        recording.c.duration,
        file.c.musicbrainz_recording,
        file.c.missing_since.is_not(None),
    ).join(recording, recording.c.id == file.c.recording_id)
    with connection.execute(query.execution_options(yield_per=_VECTORS)) as rows:
        for row in rows:
            yield LibraryFile(*row)


def _has_genre(connection: Connection, genres: Sequence[str]) -> Select[int]:
    wanted = {genre.lower() for genre in genres}
    there = connection.execute(select(prediction.c.genre).distinct()).scalars()
    named = [genre for genre in there if genre.lower() in wanted]
    return select(prediction.c.recording_id).where(prediction.c.genre.in_(named))


def list_ids(connection: Connection, answers: AnsweringVersions, analysed: bool) -> IdArray:
    """Ids of present tracks, rising."""
    query = select(file.c.recording_id).select_from(file).where(_NOT_MISSING)
    if analysed:
        query = query.join(analysis, answers.of(analysis, file.c.recording_id))
    return _ids(connection, query)


def list_genre_and_bpm(
    connection: Connection, answers: AnsweringVersions
) -> list[tuple[int, str | None, float | None]]:
    """Id, genre and BPM (None: no pulse) of every present track that has been analysed, rising."""
    query = (
        select(file.c.recording_id, prediction.c.genre, analysis.c.bpm)
        .select_from(file)
        .join(analysis, answers.of(analysis, file.c.recording_id))
        .outerjoin(prediction, prediction.c.recording_id == file.c.recording_id)
        .where(_NOT_MISSING)
        .order_by(file.c.recording_id)
    )
    return [(row.recording_id, row.genre, row.bpm or None) for row in connection.execute(query)]


def filter_ids(connection: Connection, answers: AnsweringVersions, filter: TrackFilter) -> IdArray:
    """Ids that match, of tracks present or missing, rising: each condition is answered from its index alone.

    Tracks whose valence and arousal are not stored yet (:func:`ids_without_mood`) match any range of these.
    """
    queries: list[Select[int]] = []
    if filter.genres:
        queries.append(_has_genre(connection, filter.genres))
    if filter.year_range:
        queries.append(select(file.c.recording_id).where(file.c.is_primary, file.c.year.between(*filter.year_range)))
    if filter.bpm_range:
        queries.append(_has_tempo(answers, *filter.bpm_range))
    if filter.keys:
        keys = [tuple(key.split()) for key in filter.keys]
        named = or_(*(and_(analysis.c.tonic == Key.NAMES.index(t), analysis.c.mode == mode) for t, mode in keys))
        queries.append(select(analysis.c.recording_id).where(answers.rows(analysis), named))
    for column, ends in ((analysis.c.valence, filter.valence_range), (analysis.c.arousal, filter.arousal_range)):
        if ends:
            inside = or_(column.is_(None), column.between(*ends))
            queries.append(select(analysis.c.recording_id).where(answers.rows(analysis), inside))
    if filter.folders:
        queries.append(select(file.c.recording_id).where(file.c.is_primary, under(file.c.path, filter.folders)))
    found = [_ids(connection, query) for query in queries or [select(recording.c.id)]]
    matching = reduce(np.intersect1d, found)
    if filter.excluded_genres:
        matching = np.setdiff1d(matching, _ids(connection, _has_genre(connection, filter.excluded_genres)))
    if filter.excluded_folders:
        beneath = select(file.c.recording_id).where(file.c.is_primary, under(file.c.path, filter.excluded_folders))
        matching = np.setdiff1d(matching, _ids(connection, beneath))
    return matching


def _has_tempo(answers: AnsweringVersions, min_bpm: float, max_bpm: float) -> Select[int]:
    """Tracks whose tempo, or whose probable alternative, lies there as it is shown: 120 is all that is rounded to it.

    The tempo is answered from its index. For the alternative the sum keeps SQLite from using that index as well, and
    from looking up every row by it: of 100,000 tracks that takes 140 ms, to read through the table 9 ms.
    """
    tempo, other = analysis.c.bpm, analysis.c.bpm_alternative
    first = select(analysis.c.recording_id).where(answers.rows(analysis), tempo >= min_bpm - 0.5, tempo < max_bpm + 0.5)
    probable = select(analysis.c.recording_id).where(
        answers.rows(analysis) if answers.older else analysis.c.feature_version + 0 == answers.version,
        other >= min_bpm - 0.5,
        other < max_bpm + 0.5,
        analysis.c.bpm_alternative_probability >= MIN_ALTERNATIVE_PROBABILITY,
    )
    either = union_all(first, probable).subquery()
    return select(either.c.recording_id)


def _ids(connection: Connection, query: Select[int]) -> IdArray:
    return np.unique(np.array(connection.execute(query).scalars().all(), dtype=np.int64))


def ids_without_prediction_from(connection: Connection, answers: AnsweringVersions, model: str) -> IdArray:
    """Ids of recordings that have a vector, whose genre another model has said, or none."""
    other = prediction.c.model.is_(None) | (prediction.c.model != model)
    query = select(vector.c.recording_id).where(answers.rows(vector), other)
    return _ids(connection, query.outerjoin(prediction, prediction.c.recording_id == vector.c.recording_id))


def ids_without_mood(connection: Connection, answers: AnsweringVersions) -> IdArray:
    """Ids of recordings that have a vector, whose valence and arousal are not stored."""
    query = select(analysis.c.recording_id).where(answers.rows(analysis), analysis.c.arousal.is_(None))
    return _ids(connection, query.join(vector, answers.of(vector, analysis.c.recording_id)))


def genre_models(connection: Connection) -> list[str]:
    """The models that have said the genre of a track, as predictions name them."""
    return [model for (model,) in connection.execute(select(prediction.c.model).distinct()) if model]


def missing_ids(connection: Connection) -> IdArray:
    """Ids of recordings that lie nowhere at present."""
    gone = select(file.c.recording_id).where(file.c.is_primary, file.c.missing_since.is_not(None))
    return _ids(connection, gone)


def ids_outside_duration(connection: Connection, min_duration: float, max_duration: float) -> IdArray:
    """Ids of recordings shorter or longer than these seconds, as they are shown: rounded; 0 is no limit."""
    beyond = recording.c.duration < min_duration - 0.5
    if max_duration:
        beyond |= recording.c.duration >= max_duration + 0.5
    return _ids(connection, select(recording.c.id).where(beyond))


def details(connection: Connection, answers: AnsweringVersions, track_id: int) -> StoredDetails:
    """All that is stored of one track."""
    query = (
        select(recording, analysis, vector, prediction, file)
        .select_from(recording)
        .join(file, _PRIMARY)
        .outerjoin(analysis, answers.of(analysis))
        .outerjoin(vector, answers.of(vector))
        .outerjoin(prediction, prediction.c.recording_id == recording.c.id)
        .where(recording.c.id == track_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise unknown_track_error(track_id)
    raw, normalised = row[vector.c.raw], row[vector.c.normalised]
    return StoredDetails(
        audio_hash=row[recording.c.audio_hash],
        sample_rate=row[recording.c.sample_rate],
        channels=row[recording.c.channels],
        codec=row[recording.c.codec],
        added_at=row[recording.c.added_at],
        feature_version=row[analysis.c.feature_version],
        bpm_confidence=row[analysis.c.bpm_confidence],
        pulse_clarity=row[analysis.c.pulse_clarity],
        key_confidence=row[analysis.c.key_confidence],
        starts=tuple(row[vector.c.starts] or ()),
        vector=None if raw is None else floats(raw),
        normalised=None if normalised is None else floats(normalised),
        genres=row[prediction.c.genres] or {},
        genre_model=row[prediction.c.model],
        musicbrainz_recording=row[file.c.musicbrainz_recording],
        musicbrainz_album=row[file.c.musicbrainz_album],
        musicbrainz_artist=row[file.c.musicbrainz_artist],
    )


def unknown_track_error(track_id: int) -> NotFound:
    """The error for an id that no track has."""
    return NotFound(f"no track has the id {track_id}; list them with: recsys tracks")
