"""How a batch becomes rows. Each function works inside the transaction of its caller.

Two rules keep the files of a recording in order, whatever the order of events: a place is *missing* only
while its recording lies nowhere, else it is forgotten; and exactly one file of each recording is ``shown``.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
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

from recsys.database.search import search_text, searchable_names
from recsys.database.tables import analysis, failure, file, prediction, recording, revision, search_name, vector
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import AnalysisResult, FileStat, GenrePrediction, Identity, IngestRecord, Mood, Tags
from recsys.domain.catalogue import FailedFile
from recsys.errors import FeatureMismatch

T = TypeVar("T")
_TAGS = tuple(field.name for field in fields(Tags))
_CHUNK = 500  # parameters of one IN: old SQLite builds allow 999


def now() -> str:
    """This moment in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def upsert(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[dict[str, Any]], **instead: Any
) -> None:
    """Insert rows, or overwrite those with equal ``keys``; ``instead`` says what to set to something else.

    The one statement for which databases have no common word.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_or  # type: ignore[assignment]
    statement = insert_or(table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys} | instead
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changes), rows)


def store_entries(connection: Connection, entries: Iterable[IngestRecord], version: int) -> None:
    """Store files and what listening to them yielded."""
    latest = {entry.stat.path: entry for entry in entries}
    if not latest:
        return
    ids = _recordings(connection, [entry.identity for entry in latest.values()])
    moved_out = _detach_replaced(connection, {path: ids[entry.identity.audio_hash] for path, entry in latest.items()})
    upsert(
        connection,
        file,
        ("path", "recording_id"),
        [_file_row(entry, ids[entry.identity.audio_hash]) for entry in latest.values()],
    )
    for paths in in_chunks(latest):
        index_names(connection, file.c.path.in_(paths) & file.c.missing_since.is_(None))
    outcomes = {ids[e.identity.audio_hash]: e.result for e in latest.values() if e.result is not None}
    _store_results(connection, outcomes, version)
    for paths in in_chunks(latest):
        connection.execute(delete(failure).where(failure.c.path.in_(paths)))
    restore_invariants(connection, {*ids.values(), *moved_out})


def _recordings(connection: Connection, identities: Sequence[Identity]) -> dict[str, int]:
    """The id of every payload; new ones become recordings."""
    by_audio_hash = {identity.audio_hash: identity for identity in identities}

    def known() -> dict[str, int]:
        found: dict[str, int] = {}
        for audio_hashes in in_chunks(by_audio_hash):
            query = select(recording.c.audio_hash, recording.c.id).where(recording.c.audio_hash.in_(audio_hashes))
            found.update((row.audio_hash, row.id) for row in connection.execute(query))
        return found

    ids = known()
    at = now()
    new = [
        {"audio_hash": audio_hash, "added_at": at, **asdict(identity.info)}
        for audio_hash, identity in by_audio_hash.items()
        if audio_hash not in ids
    ]
    if not new:
        return ids
    connection.execute(insert(recording), new)
    return known()


def _file_row(entry: IngestRecord, recording_id: int) -> dict[str, Any]:
    row = {"path": entry.stat.path, "recording_id": recording_id, "missing_since": None, "is_primary": False}
    return row | _tag_columns(entry.stat, entry.identity.tags)


def _tag_columns(stat: FileStat, tags: Tags) -> dict[str, Any]:
    """What a file says of itself."""
    said = {name: getattr(tags, name) for name in _TAGS}  # asdict copies deeply, and slowly
    return {
        "size": stat.size,
        "mtime_ns": stat.mtime_ns,
        "tag_count": sum(value is not None for value in said.values()),
        **said,
        "search_text": search_text(stat.path, tags),
    }


def update_tags(connection: Connection, stat: FileStat, tags: Tags) -> None:
    """A file that is known, and holds the sound that it held, says something else of itself."""
    here = (file.c.path == stat.path) & file.c.missing_since.is_(None)
    touched = list(connection.execute(select(file.c.recording_id).where(here)).scalars())
    connection.execute(update(file).where(here).values(**_tag_columns(stat, tags)))
    index_names(connection, here)
    restore_invariants(connection, touched)


def index_names(connection: Connection, files: ColumnElement[bool]) -> None:
    """Let these files be found by the names in their search texts."""
    texts = connection.execute(select(file.c.id, file.c.search_text).where(files)).all()
    for chunk in in_chunks(row.id for row in texts):
        connection.execute(delete(search_name).where(search_name.c.file_id.in_(chunk)))
    rows = [{"file_id": row.id, "name": key} for row in texts for key in searchable_names(row.search_text)]
    if rows:
        connection.execute(insert(search_name), rows)


def _detach_replaced(connection: Connection, homes: dict[str, int]) -> set[int]:
    """Other recordings that lay at these paths lie there no longer; returns their ids."""
    moved = {}
    for paths in in_chunks(homes):
        query = select(file.c.id, file.c.path, file.c.recording_id).where(
            file.c.path.in_(paths), file.c.missing_since.is_(None)
        )
        for row in connection.execute(query):
            if homes[row.path] != row.recording_id:
                moved[row.id] = row.recording_id
    for file_ids in in_chunks(moved):
        connection.execute(update(file).where(file.c.id.in_(file_ids)).values(missing_since=now()))
    return set(moved.values())


def mark_missing(connection: Connection, paths: Iterable[str]) -> None:
    """Nothing is at these paths any more."""
    at = now()
    for chunk in in_chunks(paths):
        here = file.c.path.in_(chunk) & file.c.missing_since.is_(None)
        touched = set(connection.execute(select(file.c.recording_id).where(here)).scalars())
        connection.execute(update(file).where(here).values(missing_since=at))
        connection.execute(delete(failure).where(failure.c.path.in_(chunk)))
        restore_invariants(connection, touched)


def restore_invariants(connection: Connection, recording_ids: Iterable[int]) -> None:
    """Restore the two rules for these recordings."""
    other = file.alias("other")
    elsewhere = exists().where(other.c.recording_id == file.c.recording_id, other.c.missing_since.is_(None))
    # The file that says most of itself, and of equal ones the oldest: stable from run to run.
    best = (
        select(other.c.id)
        .where(other.c.recording_id == file.c.recording_id)
        .order_by(case((other.c.missing_since.is_(None), 0), else_=1), other.c.tag_count.desc(), other.c.id)
        .limit(1)
        .correlate(file)
        .scalar_subquery()
    )
    for ids in in_chunks(recording_ids):
        ours = file.c.recording_id.in_(ids)
        connection.execute(delete(file).where(ours, file.c.missing_since.is_not(None), elsewhere))
        connection.execute(update(file).where(ours).values(is_primary=file.c.id == best))


def _store_results(connection: Connection, outcomes: dict[int, AnalysisResult], version: int) -> None:
    if not outcomes:
        return
    for outcome in outcomes.values():
        if outcome.analysis.version != version:
            raise FeatureMismatch(
                f"an analysis of feature version {outcome.analysis.version} cannot be stored in a catalogue "
                f"opened at version {version}; ingest with one version of recsys"
            )
    at_revision = next_revision(connection)
    key = ("recording_id", "feature_version")
    upsert(connection, analysis, key, [_analysis_row(i, o) for i, o in outcomes.items()])
    upsert(connection, vector, key, [_vector_row(i, o, at_revision) for i, o in outcomes.items()])
    kept = _predicted_by_other_models(connection, outcomes)
    store_predictions(connection, {i: o.prediction for i, o in outcomes.items() if i not in kept})


def _predicted_by_other_models(connection: Connection, outcomes: dict[int, AnalysisResult]) -> set[int]:
    """Recordings that have a genre by another model than that of the outcome, such as one of the owner's: it stays."""
    kept: set[int] = set()
    for ids in in_chunks(outcomes):
        query = select(prediction.c.recording_id, prediction.c.model).where(prediction.c.recording_id.in_(ids))
        for recording_id, model in connection.execute(query):
            if _model_name(model) != _model_name(outcomes[recording_id].prediction.model):
                kept.add(recording_id)
    return kept


def _model_name(model: str) -> str:
    """ "mine" of "mine 3"."""
    return model.rpartition(" ")[0] or model


def next_revision(connection: Connection) -> int:
    """The revision of vectors that change in this transaction."""
    grown = update(revision).where(revision.c.name == "vector").values(value=revision.c.value + 1)
    connection.execute(grown)
    return int(connection.execute(select(revision.c.value).where(revision.c.name == "vector")).scalar_one())


def _analysis_row(recording_id: int, outcome: AnalysisResult) -> dict[str, Any]:
    heard = outcome.analysis
    return {
        "recording_id": recording_id,
        "feature_version": heard.version,
        "bpm": float(heard.tempo.bpm),
        "bpm_confidence": float(heard.tempo.confidence),
        "bpm_alternative": heard.tempo.alternative_bpm,
        "bpm_alternative_probability": heard.tempo.alternative_probability,
        "pulse_clarity": float(heard.tempo.pulse_clarity),
        "tonic": int(heard.key.tonic),
        "mode": heard.key.mode,
        "key_confidence": float(heard.key.confidence),
        "loudness": float(heard.loudness) if math.isfinite(heard.loudness) else None,
        "valence": float(outcome.mood.valence) if outcome.mood else None,
        "arousal": float(outcome.mood.arousal) if outcome.mood else None,
    }


def _vector_row(recording_id: int, outcome: AnalysisResult, at_revision: int) -> dict[str, Any]:
    heard = outcome.analysis
    return {
        "recording_id": recording_id,
        "feature_version": heard.version,
        "revision": at_revision,
        "normalised": np.asarray(outcome.normalised, "<f4").tobytes(),
        "raw": np.asarray(heard.vector, "<f4").tobytes(),
        "starts": [float(start) for start in heard.starts],
        "windows": np.asarray(heard.windows, "<f2").tobytes(),
    }


def store_predictions(connection: Connection, predictions: dict[int, GenrePrediction]) -> None:
    """Replace the predicted genres of these recordings."""
    rows = [
        {
            "recording_id": recording_id,
            "genre": found.genre,
            "probability": float(found.probability),
            "genres": {name: float(p) for name, p in found.genres.items()},
            "model": found.model,
        }
        for recording_id, found in predictions.items()
    ]
    upsert(connection, prediction, ("recording_id",), rows)


def store_moods(connection: Connection, versions: Sequence[int], moods: Mapping[int, Mood]) -> None:
    """Set the valence and arousal of recordings that have an analysis at one of these versions: those of its newest."""
    if not moods:
        return
    other = analysis.alias()
    one_of = or_(*(other.c.feature_version == version for version in versions))  # IN takes no list of rows
    of_recording = (other.c.recording_id == bindparam("recording")) & one_of
    newest = select(func.max(other.c.feature_version)).where(of_recording).scalar_subquery()
    same = (analysis.c.recording_id == bindparam("recording")) & (analysis.c.feature_version == newest)
    rows = [
        {"recording": int(recording_id), "v": float(mood.valence), "a": float(mood.arousal)}
        for recording_id, mood in moods.items()
    ]
    connection.execute(update(analysis).where(same).values(valence=bindparam("v"), arousal=bindparam("a")), rows)


def store_failures(connection: Connection, failures: Iterable[FailedFile]) -> None:
    """Note files that could not be ingested; what is known of their recordings stays as it was."""
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
    """Forget the failures of these paths, or all."""
    if paths is None:
        connection.execute(delete(failure))
        return
    for chunk in in_chunks(paths):
        connection.execute(delete(failure).where(failure.c.path.in_(chunk)))


def _stat_row(failed: FailedFile) -> dict[str, Any]:
    return {"path": failed.stat.path, "size": failed.stat.size, "mtime_ns": failed.stat.mtime_ns}
