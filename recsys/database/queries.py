"""Queries that return plain values. Each function uses the connection of its caller."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from recsys.database.answering import AnsweringVersions
from recsys.database.id_queries import PRESENT, has_genre
from recsys.database.search import full_text_match
from recsys.database.tables import analysis, failure, file, prediction, recording, vector
from recsys.database.vectors import floats
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat, Key
from recsys.domain.catalogue import Counts, KnownRecording, LibraryFile, StoredDetails
from recsys.domain.results import Failure
from recsys.domain.tracks import UNKNOWN, Track, TrackCredits
from recsys.errors import Hint, NotFound

_PRIMARY = and_(file.c.recording_id == recording.c.id, file.c.is_primary)
_ROWS = 2000  # read at a time


def find_recordings(
    connection: Connection, audio_hashes: Iterable[str], answers: AnsweringVersions
) -> dict[str, KnownRecording]:
    """The recordings with these audio hashes, by hash, with their files; the primary file first."""
    found: dict[str, KnownRecording] = {}
    for chunk in in_chunks(audio_hashes):
        query = (
            select(
                recording.c.audio_hash,
                recording.c.id,
                analysis.c.recording_id.is_not(None).label("analysed"),
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
            known = found.get(
                row.audio_hash, KnownRecording(row.id, bool(row.analysed), row.feature_version == answers.version, ())
            )
            paths = (FileStat(row.path, row.size, row.mtime_ns),) if row.path else ()
            found[row.audio_hash] = replace(known, paths=known.paths + paths)
    return found


def list_failures(connection: Connection, paths: Iterable[str] | None = None) -> list[Failure]:
    """All failures, or those at ``paths``, by path."""
    columns = (failure.c.path, failure.c.stage, failure.c.reason, failure.c.attempts, failure.c.failed_at)
    query = select(*columns).order_by(failure.c.path)
    if paths is None:
        return [Failure(*row) for row in connection.execute(query)]
    rows = (row for chunk in in_chunks(paths) for row in connection.execute(query.where(failure.c.path.in_(chunk))))
    return sorted((Failure(*row) for row in rows), key=lambda failed: failed.path)


def count(connection: Connection, answers: AnsweringVersions) -> Counts:
    """Numbers of tracks, files and failures."""

    def number(query: Select[Any]) -> int:
        return int(connection.execute(query).scalar_one())

    files = select(func.count()).select_from(file)
    return Counts(
        tracks=number(files.where(PRESENT)),
        files=number(files.where(file.c.missing_since.is_(None))),
        missing=number(files.where(file.c.is_primary, file.c.missing_since.is_not(None))),
        failures=number(select(func.count()).select_from(failure)),
        analysed=number(files.join(analysis, answers.of(analysis, file.c.recording_id)).where(PRESENT)),
    )


def genre_counts(connection: Connection) -> dict[str, int]:
    """The number of present tracks of each predicted genre, largest first."""
    n = func.count().label("n")
    query = (
        select(prediction.c.genre, n)
        .join(file, file.c.recording_id == prediction.c.recording_id)
        .where(PRESENT)
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
    """Present tracks by artist, album, number, of which every word of ``query`` is in the search text."""
    selected = _track_query(answers).where(file.c.missing_since.is_(None))
    if query:
        selected = selected.where(full_text_match(query))
    if genre is not None:
        selected = selected.where(recording.c.id.in_(has_genre(connection, [genre])))
    artist = func.lower(func.coalesce(file.c.album_artist, file.c.artist, ""))
    number = func.coalesce(file.c.track_number, 0)
    selected = selected.order_by(artist, func.lower(func.coalesce(file.c.album, "")), number, file.c.path)
    return _tracks(connection, connection.execute(selected.limit(limit).offset(offset)).all())


def get_tracks(connection: Connection, answers: AnsweringVersions, ids: Iterable[int]) -> dict[int, Track]:
    """Tracks by id, in the order of ``ids``; unknown ids are left out."""
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
    copies: dict[int, list[str]] = {}
    for ids in in_chunks(row.id for row in rows):
        query = select(file.c.recording_id, file.c.path).where(file.c.recording_id.in_(ids), ~file.c.is_primary)
        for recording_id, path in connection.execute(query.order_by(file.c.id)):
            copies.setdefault(recording_id, []).append(path)
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
            bpm=row.bpm or None,  # 0 stands for no pulse
            key=None if row.tonic is None else f"{Key.NAMES[row.tonic]} {row.mode}",
            album_artist=row.album_artist,
            track_number=row.track_number,
            year=row.year,
            loudness=row.loudness,
            valence=row.valence,
            arousal=row.arousal,
            analysed=row.analysed is not None,
            missing=row.missing_since is not None,
            paths=(row.path, *copies.get(row.id, ())),
            musicbrainz_recording=row.musicbrainz_recording,
            genre_guess=max(row.guesses, key=row.guesses.get) if row.guesses else None,
            bpm_alternative=row.bpm_alternative,
            bpm_alternative_probability=row.bpm_alternative_probability,
        )
        for row in rows
    ]


def list_track_credits(connection: Connection) -> list[TrackCredits]:
    """Artists and album of every recording, unordered; cheaper than Tracks for a million of them."""
    query = select(file.c.recording_id, file.c.path, file.c.artist, file.c.album_artist, file.c.album)
    return [TrackCredits(*row) for row in connection.execute(query.where(file.c.is_primary))]


def iter_files(connection: Connection) -> Iterator[LibraryFile]:
    """Every file, also missing ones, unordered."""
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
    with connection.execute(query.execution_options(yield_per=_ROWS)) as rows:
        for row in rows:
            yield LibraryFile(*row)


def list_genre_and_bpm(
    connection: Connection, answers: AnsweringVersions
) -> list[tuple[int, str | None, float | None]]:
    """Id, genre and BPM (None: no pulse) of every present analysed track, ascending."""
    query = (
        select(file.c.recording_id, prediction.c.genre, analysis.c.bpm)
        .select_from(file)
        .join(analysis, answers.of(analysis, file.c.recording_id))
        .outerjoin(prediction, prediction.c.recording_id == file.c.recording_id)
        .where(PRESENT)
        .order_by(file.c.recording_id)
    )
    return [(row.recording_id, row.genre, row.bpm or None) for row in connection.execute(query)]


def genre_models(connection: Connection) -> list[str]:
    """The models, each with its version, whose predictions are stored."""
    return [model for (model,) in connection.execute(select(prediction.c.model).distinct()) if model]


def details(connection: Connection, answers: AnsweringVersions, track_id: int) -> StoredDetails:
    """What is stored of one track.

    Raises
    ------
    NotFound
        The id is unknown.
    """
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


def ensure_known(connection: Connection, ids: Iterable[int]) -> None:
    """Raise NotFound for the first of ``ids`` that no recording has."""
    for chunk in in_chunks(ids):
        known = set(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
        if unknown := sorted(set(chunk) - known):
            raise unknown_track_error(unknown[0])


def unknown_track_error(track_id: int) -> NotFound:
    """The error for an id that no track has."""
    return NotFound(f"no track has the id {track_id}", hint=Hint.LIST_TRACKS)
