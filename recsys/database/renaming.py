"""Change the audio hash of a recording, so that it keeps its id where a later version hashes its container differently.

The audio of a file is the same if its path, size and modification time are those that were stored. Otherwise the file
is hashed as before, and compared with the stored hash.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, union, update

from recsys.database.listener_tables import RATING_TABLES, playlist_history_track
from recsys.database.plays import move_plays
from recsys.database.tables import analysis, file, other_file, prediction, recording, vector
from recsys.database.writes import next_revision, restore_invariants
from recsys.domain.audio import FileStat


def find_renamed(connection: Connection, stat: FileStat, audio_hash: str, copies: Sequence[str] = ()) -> int | None:
    """The recording of an unchanged file, if its audio hash is to be changed to ``audio_hash``; otherwise None.

    Copies of one recording become several recordings where their new hashes differ. The id stays with the primary file,
    whichever copy comes first, or with any if all its other files are among ``copies``, which have the new hash too.
    """
    elsewhere = exists().where(
        other_file.c.recording_id == recording.c.id,
        other_file.c.path.not_in([stat.path, *copies]),
        other_file.c.missing_since.is_(None),
    )
    query = (
        select(recording.c.id)
        .join(file, and_(file.c.recording_id == recording.c.id, file.c.missing_since.is_(None)))
        .where(file.c.path == stat.path, file.c.size == stat.size, file.c.mtime_ns == stat.mtime_ns)
        .where(recording.c.audio_hash != audio_hash, or_(~elsewhere, file.c.is_primary))
    )
    return connection.execute(query).scalar()


def may_be_known(connection: Connection, stat: FileStat, audio_hash: str) -> bool:
    """Whether a file whose audio hash is not stored may be a stored one that was changed, or moved."""
    if find_by_hash(connection, audio_hash) is not None:
        return False
    moved = and_(file.c.size == stat.size, file.c.mtime_ns == stat.mtime_ns)
    paths = connection.execute(select(file.c.path).where(or_(file.c.path == stat.path, moved))).scalars()
    return any(Path(path).name == Path(stat.path).name for path in paths)


def find_by_hash(connection: Connection, audio_hash: str) -> int | None:
    """The recording that is stored with this audio hash."""
    return connection.execute(select(recording.c.id).where(recording.c.audio_hash == audio_hash)).scalar()


def rename(connection: Connection, found: int, audio_hash: str) -> None:
    """Set the audio hash of a recording.

    If another recording has that hash, both are merged, under the id of the one that is rated, or else of the older.
    """
    kept = found
    twin = find_by_hash(connection, audio_hash)
    if twin is not None:
        ratings = (select(t.c.recording_id).where(t.c.recording_id.in_((found, twin))) for t in RATING_TABLES)
        rated = set(connection.execute(union(*ratings)).scalars())
        kept, lost = sorted((found, twin), key=lambda i: (i not in rated, i))
        _merge(connection, lost, kept)
    connection.execute(update(recording).where(recording.c.id == kept).values(audio_hash=audio_hash))


def _merge(connection: Connection, lost: int, kept: int) -> None:
    """Move the rows of one recording to another, unless that has such a row itself; then delete the first one.

    Plays of both are kept.
    """
    present = select(file.c.path).where(file.c.recording_id == lost, file.c.missing_since.is_(None))
    gone = and_(file.c.recording_id == kept, file.c.missing_since.is_not(None))
    connection.execute(delete(file).where(gone, file.c.path.in_(present)))
    keys: tuple[tuple[Any, str | None], ...] = (
        (analysis, "feature_version"),
        (vector, "feature_version"),
        (playlist_history_track, "history_id"),
        (file, "path"),
        (prediction, None),
        *((table, "listener_id") for table in RATING_TABLES),
    )
    for table, key in keys:
        mine = table.alias()
        same = mine.c.recording_id == kept
        taken = exists().where(same if key is None else and_(same, mine.c[key] == table.c[key]))
        change = update(table).where(table.c.recording_id == lost, ~taken)
        connection.execute(change.values(recording_id=kept))
    move_plays(connection, lost, kept)
    changed = update(vector).where(vector.c.recording_id == kept)
    connection.execute(changed.values(revision=next_revision(connection)))
    connection.execute(delete(recording).where(recording.c.id == lost))
    restore_invariants(connection, [kept])
