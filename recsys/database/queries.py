"""Queries that return plain values. Each function uses the connection of its caller."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_queries import NONE_NAMED, read_credits
from recsys.database.id_queries import PRESENT
from recsys.database.id_sets import ids_value, is_among_given
from recsys.database.tables import analysis, failure, file, prediction, recording, vector
from recsys.database.vectors import floats
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat, Key
from recsys.domain.catalogue import Counts, KnownRecording, StoredDetails, TrackSummary
from recsys.domain.results import Failure
from recsys.domain.tracks import UNKNOWN, TaggableTrack, Track, TrackCredits
from recsys.errors import Hint, NotFound

_PRIMARY = and_(file.c.recording_id == recording.c.id, file.c.is_primary)
_MOST = 50_000  # tracks from which on all are read
_MANY = 5000  # tracks from which on all further files are read: faster than to look up each


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


def get_tracks(connection: Connection, answers: AnsweringVersions, ids: Iterable[int]) -> dict[int, Track]:
    """Tracks by id, in the order of ``ids``; unknown ids are left out."""
    wanted = list(dict.fromkeys(int(i) for i in ids))
    found: dict[int, Track] = {}
    dialect = connection.dialect.name
    for chunk in in_chunks(wanted) if len(wanted) < _MOST else [wanted]:
        if chunk is wanted:
            rows = connection.execute(_track_query(answers)).all()
        else:
            rows = connection.execute(_some_tracks(answers, dialect), {"ids": ids_value(connection, chunk)}).all()
        found.update((track.id, track) for track in _tracks(connection, rows))
    return {i: found[i] for i in wanted if i in found}


def _track_query(answers: AnsweringVersions) -> Select[*tuple[Any, ...]]:
    """The rows of :func:`_tracks`, which reads the columns in this order."""
    return (
        select(
            recording.c.id,
            file.c.id,
            file.c.path,
            file.c.missing_since,
            file.c.title,
            file.c.artist,
            file.c.album_artist,
            file.c.album,
            file.c.album_id,
            file.c.disc_number,
            file.c.track_number,
            file.c.year,
            file.c.original_year,
            file.c.compilation,
            file.c.genre,
            file.c.musicbrainz_recording,
            recording.c.duration,
            recording.c.added_at,
            recording.c.bit_rate,
            recording.c.bit_depth,
            analysis.c.recording_id,
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
            case((prediction.c.genre == UNKNOWN, prediction.c.genres)),
        )
        .select_from(recording)
        .join(file, _PRIMARY)
        .outerjoin(analysis, answers.of(analysis))
        .outerjoin(prediction, prediction.c.recording_id == recording.c.id)
    )


@cache  # statements that are built once take half the time
def _some_tracks(answers: AnsweringVersions, dialect: str) -> Select[*tuple[Any, ...]]:
    return _track_query(answers).where(is_among_given(recording.c.id, dialect))


_COPIES = select(file.c.recording_id, file.c.path).where(~file.c.is_primary).order_by(file.c.id)


@cache
def _some_copies(dialect: str) -> Select[*tuple[Any, ...]]:
    return _COPIES.where(is_among_given(file.c.recording_id, dialect))


def _tracks(connection: Connection, rows: Sequence[Any]) -> list[Track]:
    """Tracks of rows; with columns by position, which is twice as fast as by name."""
    copies: dict[int, list[str]] = {}
    if len(rows) < _MANY:
        some = _some_copies(connection.dialect.name)
        chunks = in_chunks(row[0] for row in rows)
        found = [row for ids in chunks for row in connection.execute(some, {"ids": ids_value(connection, ids)})]
    else:
        found = list(connection.execute(_COPIES))
    for recording_id, path in found:
        copies.setdefault(recording_id, []).append(path)
    credits = read_credits(connection, [row[1] for row in rows])
    tracks = []
    for (
        track_id, file_id, path, missing_since, title, artist, album_artist, album, album_id, disc_number, track_number,
        year, original_year, compilation, tagged_genre, musicbrainz_recording, duration, added_at, bit_rate, bit_depth,
        analysed, bpm, bpm_alternative, bpm_alternative_probability, tonic, mode, loudness, valence, arousal, genre,
        probability, guesses,
    ) in rows:  # fmt: skip
        artist_ids, artists = credits.artists.get(file_id, NONE_NAMED)
        album_artist_ids, album_artists = credits.album_artists.get(file_id, NONE_NAMED)
        tracks.append(
            Track(
                track_id,
                path,
                artist,
                title or Path(path).stem,
                album,
                genre,
                probability,
                tagged_genre,
                duration,
                bpm or None,  # 0 stands for no pulse
                None if tonic is None else f"{Key.NAMES[tonic]} {mode}",
                album_artist,
                track_number,
                year,
                loudness,
                analysed is not None,
                missing_since is not None,
                (path, *copies.get(track_id, ())),
                musicbrainz_recording,
                max(guesses, key=guesses.get) if guesses else None,
                bpm_alternative,
                bpm_alternative_probability,
                valence,
                arousal,
                artists,
                artist_ids,
                album_artists,
                album_artist_ids,
                album_id,
                credits.genres.get(file_id, NONE_NAMED).names,
                disc_number,
                original_year,
                compilation,
                added_at,
                bit_rate,
                bit_depth,
            )
        )
    return tracks


def list_track_credits(connection: Connection) -> list[TrackCredits]:
    """Artists and album of every recording, unordered; cheaper than Tracks for a million of them."""
    query = select(file.c.id, file.c.recording_id, file.c.artist, file.c.album_artist, file.c.album_id)
    rows = connection.execute(query.where(file.c.is_primary)).all()
    credits = read_credits(connection, [row.id for row in rows])
    return [
        TrackCredits(
            row.recording_id,
            row.artist,
            credits.artists.get(row.id, NONE_NAMED).names,
            row.album_artist,
            credits.album_artists.get(row.id, NONE_NAMED).names,
            row.album_id,
        )
        for row in rows
    ]


def list_taggable_tracks(
    connection: Connection, answers: AnsweringVersions, ids: Iterable[int]
) -> Iterator[TaggableTrack]:
    """What tags are written from, of the recordings with these ids, in their order; unknown ids are left out."""
    columns = (
        recording.c.id, recording.c.audio_hash, file.c.path, prediction.c.genre, prediction.c.probability,
        analysis.c.bpm, analysis.c.tonic, analysis.c.mode,
    )  # fmt: skip
    query = _track_query(answers).with_only_columns(*columns)
    wanted = [int(i) for i in ids]
    every = len(wanted) >= _MOST
    copies, rows = defaultdict[int, list[str]](list), dict[int, Any]()
    for chunk in [wanted] if every else in_chunks(wanted):
        of_chunk = query if every else query.where(recording.c.id.in_(chunk))
        rows.update((row[0], row) for row in connection.execute(of_chunk))
        for recording_id, path in connection.execute(
            _COPIES if every else _COPIES.where(file.c.recording_id.in_(chunk))
        ):
            copies[recording_id].append(path)
    for track_id, audio_hash, path, genre, probability, bpm, tonic, mode in (rows[i] for i in wanted if i in rows):
        key = None if tonic is None else f"{Key.NAMES[tonic]} {mode}"
        paths = (path, *copies[track_id]) if track_id in copies else (path,)
        yield TaggableTrack(track_id, audio_hash, paths, genre, probability, bpm or None, key)


def list_summaries(connection: Connection, answers: AnsweringVersions) -> list[TrackSummary]:
    """Summaries of every present analysed track, by rising id."""
    query = (
        select(file.c.recording_id, prediction.c.genre, analysis.c.bpm, file.c.year, analysis.c.loudness)
        .select_from(file)
        .join(analysis, answers.of(analysis, file.c.recording_id))
        .outerjoin(prediction, prediction.c.recording_id == file.c.recording_id)
        .where(PRESENT)
        .order_by(file.c.recording_id)
    )
    return [
        TrackSummary(i, genre, bpm or None, year, loudness)
        for i, genre, bpm, year, loudness in connection.execute(query)
    ]


def paths(connection: Connection) -> dict[int, str]:
    """The path of every present recording by its id."""
    found = connection.execute(select(file.c.recording_id, file.c.path).where(PRESENT))
    return {row[0]: row[1] for row in found}


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
        composers=read_credits(connection, [row[file.c.id]]).composers.get(row[file.c.id], NONE_NAMED).names,
        track_total=row[file.c.track_total],
        disc_total=row[file.c.disc_total],
        isrc=row[file.c.isrc],
        track_gain=row[file.c.track_gain],
        track_peak=row[file.c.track_peak],
        album_gain=row[file.c.album_gain],
        album_peak=row[file.c.album_peak],
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
