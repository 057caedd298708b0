"""Store batches of files, analyses and failures. Each function works inside the transaction of its caller.

Two invariants hold after every function, whatever the order of events: a recording has missing files only while it has
no present one, and exactly one file of each recording is primary.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from recsys.database.credits import store_credits
from recsys.database.inserts import upsert
from recsys.database.search import search_text, searchable_names
from recsys.database.tables import (
    analysis,
    failure,
    file,
    other_file,
    prediction,
    recording,
    revision,
    search_name,
    vector,
)
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import (
    TAG_VERSION,
    AnalysisResult,
    FileStat,
    GenrePrediction,
    Identity,
    IngestRecord,
    Mood,
    Reread,
    Tags,
)
from recsys.domain.catalogue import FailedFile
from recsys.errors import FeatureMismatch
from recsys.metadata.albums import album_title_key, disc_of

T = TypeVar("T")
_TAGS = (
    "title", "artist", "album_artist", "album", "track_number", "track_total", "disc_total", "year", "original_year",
    "genre", "compilation", "isrc", "track_gain", "track_peak", "album_gain", "album_peak", "musicbrainz_recording",
    "musicbrainz_album", "musicbrainz_artist",
)  # fmt: skip
_ALBUM_COLUMNS = (
    "title_key", "album", "artist", "album_artist", "musicbrainz_album", "compilation", "disc_number", "track_number",
    "year",
)  # fmt: skip
"""What decides about the album of a file."""
_CHUNK = 500  # parameters of one IN: old SQLite builds allow 999


def now() -> str:
    """The current time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def store_entries(connection: Connection, entries: Iterable[IngestRecord], version: int) -> None:
    """Store files with their recordings and the results of their analysis."""
    latest = {entry.stat.path: entry for entry in entries}
    if not latest:
        return
    ids = _store_recordings(connection, [entry.identity for entry in latest.values()])
    detached = _detach_replaced(connection, {path: ids[entry.identity.audio_hash] for path, entry in latest.items()})
    upsert(
        connection,
        file,
        ("path", "recording_id"),
        [_file_row(entry, ids[entry.identity.audio_hash]) for entry in latest.values()],
    )
    by_id: dict[int, Tags] = {}
    for paths in in_chunks(latest):
        here = file.c.path.in_(paths) & file.c.missing_since.is_(None)
        index_names(connection, here)
        rows = connection.execute(select(file.c.id, file.c.path).where(here))
        by_id.update((row.id, latest[row.path].identity.tags) for row in rows)
    store_credits(connection, by_id)
    results = {ids[e.identity.audio_hash]: e.result for e in latest.values() if e.result is not None}
    _store_results(connection, results, version)
    for paths in in_chunks(latest):
        connection.execute(delete(failure).where(failure.c.path.in_(paths)))
    restore_invariants(connection, {*ids.values(), *detached})


def _store_recordings(connection: Connection, identities: Sequence[Identity]) -> dict[str, int]:
    """Add new recordings; return the id of each audio hash."""
    by_audio_hash = {identity.audio_hash: identity for identity in identities}

    def find() -> dict[str, int]:
        found: dict[str, int] = {}
        for audio_hashes in in_chunks(by_audio_hash):
            query = select(recording.c.audio_hash, recording.c.id).where(recording.c.audio_hash.in_(audio_hashes))
            found.update((row.audio_hash, row.id) for row in connection.execute(query))
        return found

    ids = find()
    at = now()
    new = [
        {"audio_hash": audio_hash, "added_at": at, **asdict(identity.info)}
        for audio_hash, identity in by_audio_hash.items()
        if audio_hash not in ids
    ]
    if not new:
        return ids
    connection.execute(insert(recording), new)
    return find()


def _file_row(entry: IngestRecord, recording_id: int) -> dict[str, Any]:
    row = {"path": entry.stat.path, "recording_id": recording_id, "missing_since": None, "is_primary": False}
    return row | _tag_columns(entry.stat, entry.identity.tags)


def _tag_columns(stat: FileStat, tags: Tags) -> dict[str, Any]:
    """The columns that depend on the size, time and tags of a file."""
    values = {name: getattr(tags, name) for name in _TAGS}  # asdict makes deep copies, which is slow
    return {
        "size": stat.size,
        "mtime_ns": stat.mtime_ns,
        "tag_count": sum(value is not None for value in values.values()),
        **values,
        "disc_number": tags.disc_number or disc_of(stat.path, tags.album),
        "title_key": album_title_key(tags.album),
        "search_text": search_text(stat.path, tags),
        "tag_version": TAG_VERSION,
    }


def update_tags(connection: Connection, stat: FileStat, tags: Tags) -> None:
    """Store the new tags of a known file whose audio has not changed."""
    here = (file.c.path == stat.path) & file.c.missing_since.is_(None)
    columns = _tag_columns(stat, tags)
    before = [file.c[name] for name in _ALBUM_COLUMNS]
    touched = connection.execute(select(file.c.id, file.c.recording_id, file.c.album_id, *before).where(here)).all()
    connection.execute(update(file).where(here).values(**columns))
    index_names(connection, here)
    album = [columns[name] for name in _ALBUM_COLUMNS]
    same_album = {row.id for row in touched if list(row[3:]) == album and (row.album_id is None) == (album[0] is None)}
    store_credits(connection, {row.id: tags for row in touched}, same_album=same_album)
    restore_invariants(connection, [row.recording_id for row in touched])


def store_rereads(connection: Connection, rereads: Sequence[tuple[FileStat, Reread]]) -> None:
    """Store what was read again of unchanged files."""
    found: dict[str, Any] = {}
    for paths in in_chunks(stat.path for stat, _ in rereads):
        query = select(file.c.path, file.c.id, file.c.recording_id, recording.c.duration)
        query = query.join(recording, recording.c.id == file.c.recording_id)
        rows = connection.execute(query.where(file.c.path.in_(paths), file.c.missing_since.is_(None)))
        found.update((row.path, row) for row in rows)
    known = [(found[stat.path], stat, reread) for stat, reread in rereads if stat.path in found]
    if not known:
        return
    columns = [{"file": row.id, **_prefixed(_tag_columns(stat, reread.tags))} for row, stat, reread in known]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _tag_columns(known[0][1], Tags())}
    connection.execute(update(file).where(file.c.id == bindparam("file")).values(**values), columns)
    rates = [
        {
            "recording": row.recording_id,
            "rate": reread.bit_rate or (round(8 * stat.size / row.duration) if row.duration else None),
            "depth": reread.bit_depth,
        }
        for row, stat, reread in known
    ]
    change = update(recording).where(recording.c.id == bindparam("recording"))
    connection.execute(change.values(bit_rate=bindparam("rate"), bit_depth=bindparam("depth")), rates)
    for file_ids in in_chunks(row.id for row, _, _ in known):
        index_names(connection, file.c.id.in_(file_ids))
    store_credits(connection, {row.id: reread.tags for row, _, reread in known})
    restore_invariants(connection, [row.recording_id for row, _, _ in known])


def _prefixed(values: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def index_names(connection: Connection, files: ColumnElement[bool]) -> None:
    """Replace the search names of files by those in their search texts."""
    texts = connection.execute(select(file.c.id, file.c.search_text).where(files)).all()
    for chunk in in_chunks(row.id for row in texts):
        connection.execute(delete(search_name).where(search_name.c.file_id.in_(chunk)))
    rows = [{"file_id": row.id, "name": key} for row in texts for key in searchable_names(row.search_text)]
    if rows:
        connection.execute(insert(search_name), rows)


def _detach_replaced(connection: Connection, stored: dict[str, int]) -> set[int]:
    """Mark the files of other recordings at these paths as missing; return the ids of these recordings."""
    replaced = {}
    for paths in in_chunks(stored):
        query = select(file.c.id, file.c.path, file.c.recording_id).where(
            file.c.path.in_(paths), file.c.missing_since.is_(None)
        )
        for row in connection.execute(query):
            if stored[row.path] != row.recording_id:
                replaced[row.id] = row.recording_id
    for file_ids in in_chunks(replaced):
        connection.execute(update(file).where(file.c.id.in_(file_ids)).values(missing_since=now()))
    return set(replaced.values())


def mark_missing(connection: Connection, paths: Iterable[str]) -> None:
    """Mark the files at these paths as missing, and delete their failures."""
    at = now()
    for chunk in in_chunks(paths):
        here = file.c.path.in_(chunk) & file.c.missing_since.is_(None)
        touched = set(connection.execute(select(file.c.recording_id).where(here)).scalars())
        connection.execute(update(file).where(here).values(missing_since=at))
        connection.execute(delete(failure).where(failure.c.path.in_(chunk)))
        restore_invariants(connection, touched)


def restore_invariants(connection: Connection, recording_ids: Iterable[int]) -> None:
    """Restore the invariants of the module for these recordings."""
    elsewhere = exists().where(other_file.c.recording_id == file.c.recording_id, other_file.c.missing_since.is_(None))
    # The file with the most tags; of equal ones the oldest, so that the choice is stable.
    best = (
        select(other_file.c.id)
        .where(other_file.c.recording_id == file.c.recording_id)
        .order_by(
            case((other_file.c.missing_since.is_(None), 0), else_=1), other_file.c.tag_count.desc(), other_file.c.id
        )
        .limit(1)
        .correlate(file)
        .scalar_subquery()
    )
    for ids in in_chunks(recording_ids):
        selected = file.c.recording_id.in_(ids)
        connection.execute(delete(file).where(selected, file.c.missing_since.is_not(None), elsewhere))
        connection.execute(update(file).where(selected).values(is_primary=file.c.id == best))


def _store_results(connection: Connection, results: dict[int, AnalysisResult], version: int) -> None:
    if not results:
        return
    for result in results.values():
        if result.analysis.version != version:
            raise FeatureMismatch(
                f"an analysis of feature version {result.analysis.version} cannot be stored in a catalogue opened with "
                f"version {version}; use the same version of recsys on all machines"
            )
    at_revision = next_revision(connection)
    key = ("recording_id", "feature_version")
    upsert(connection, analysis, key, [_analysis_row(i, result) for i, result in results.items()])
    upsert(connection, vector, key, [_vector_row(i, result, at_revision) for i, result in results.items()])
    kept = _predicted_by_other_models(connection, results)
    store_predictions(connection, {i: result.prediction for i, result in results.items() if i not in kept})


def _predicted_by_other_models(connection: Connection, results: dict[int, AnalysisResult]) -> set[int]:
    """Recordings whose stored genre was predicted by another model than in ``results``; it is kept."""
    kept: set[int] = set()
    for ids in in_chunks(results):
        query = select(prediction.c.recording_id, prediction.c.model).where(prediction.c.recording_id.in_(ids))
        for recording_id, model in connection.execute(query):
            if _model_name(model) != _model_name(results[recording_id].prediction.model):
                kept.add(recording_id)
    return kept


def _model_name(model: str) -> str:
    """The name without the version: "mine" for "mine 3"."""
    return model.rpartition(" ")[0] or model


def next_revision(connection: Connection) -> int:
    """Increment the vector revision; return the one of the vectors that change in this transaction."""
    increment = update(revision).where(revision.c.name == "vector").values(value=revision.c.value + 1)
    connection.execute(increment)
    return int(connection.execute(select(revision.c.value).where(revision.c.name == "vector")).scalar_one())


def _analysis_row(recording_id: int, result: AnalysisResult) -> dict[str, Any]:
    analysed = result.analysis
    return {
        "recording_id": recording_id,
        "feature_version": analysed.version,
        "bpm": float(analysed.tempo.bpm),
        "bpm_confidence": float(analysed.tempo.confidence),
        "bpm_alternative": analysed.tempo.alternative_bpm,
        "bpm_alternative_probability": analysed.tempo.alternative_probability,
        "pulse_clarity": float(analysed.tempo.pulse_clarity),
        "tonic": int(analysed.key.tonic),
        "mode": analysed.key.mode,
        "key_confidence": float(analysed.key.confidence),
        "loudness": float(analysed.loudness) if math.isfinite(analysed.loudness) else None,
        "valence": float(result.mood.valence) if result.mood else None,
        "arousal": float(result.mood.arousal) if result.mood else None,
    }


def _vector_row(recording_id: int, result: AnalysisResult, at_revision: int) -> dict[str, Any]:
    analysed = result.analysis
    return {
        "recording_id": recording_id,
        "feature_version": analysed.version,
        "revision": at_revision,
        "normalised": np.asarray(result.normalised, "<f4").tobytes(),
        "raw": np.asarray(analysed.vector, "<f4").tobytes(),
        "starts": [float(start) for start in analysed.starts],
        "windows": np.asarray(analysed.windows, "<f2").tobytes(),
    }


def store_predictions(connection: Connection, predictions: dict[int, GenrePrediction]) -> None:
    """Replace the predicted genres of these recordings."""
    rows = [
        {
            "recording_id": recording_id,
            "genre": predicted.genre,
            "probability": float(predicted.probability),
            "genres": predicted.genres,
            "model": predicted.model,
        }
        for recording_id, predicted in predictions.items()
    ]
    upsert(connection, prediction, ("recording_id",), rows)


def store_moods(connection: Connection, versions: Sequence[int], moods: Mapping[int, Mood]) -> None:
    """Set valence and arousal in the newest analysis of each recording, among these feature versions."""
    if not moods:
        return
    other = analysis.alias()
    one_of = or_(*(other.c.feature_version == version for version in versions))  # IN does not work with executemany
    of_recording = (other.c.recording_id == bindparam("recording")) & one_of
    newest = select(func.max(other.c.feature_version)).where(of_recording).scalar_subquery()
    same = (analysis.c.recording_id == bindparam("recording")) & (analysis.c.feature_version == newest)
    rows = [
        {"recording": int(recording_id), "v": float(mood.valence), "a": float(mood.arousal)}
        for recording_id, mood in moods.items()
    ]
    connection.execute(update(analysis).where(same).values(valence=bindparam("v"), arousal=bindparam("a")), rows)


def store_failures(connection: Connection, failures: Iterable[FailedFile]) -> None:
    """Store files that could not be ingested; their recordings do not change."""
    at = now()
    rows = {
        failed.stat.path: {
            **_stat_row(failed),
            "stage": failed.stage,
            "reason": failed.reason,
            "attempts": 1,
            "failed_at": at,
        }
        for failed in failures
    }
    upsert(connection, failure, ("path",), list(rows.values()), attempts=failure.c.attempts + 1)


def clear_failures(connection: Connection, paths: Iterable[str] | None) -> None:
    """Delete the failures at these paths, or all."""
    if paths is None:
        connection.execute(delete(failure))
        return
    for chunk in in_chunks(paths):
        connection.execute(delete(failure).where(failure.c.path.in_(chunk)))


def _stat_row(failed: FailedFile) -> dict[str, Any]:
    return {"path": failed.stat.path, "size": failed.stat.size, "mtime_ns": failed.stat.mtime_ns}
