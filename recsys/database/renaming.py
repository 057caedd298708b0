"""Change the audio hash of a recording whose file has not changed, so that it keeps its id.

That is necessary where a later version hashes a container differently. The audio is the same if the path, the size and
the modification time of the file are those that were stored.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, union, update

from recsys.database.answering import at_version
from recsys.database.listener_tables import RATING_TABLES, playlist_history_track
from recsys.database.plays import move_plays
from recsys.database.tables import analysis, file, prediction, recording, vector
from recsys.database.writes import next_revision, restore_invariants
from recsys.domain.audio import FileStat


def find_renamed(
    connection: Connection, stat: FileStat, audio_hash: str, version: int, copies: Sequence[str] = ()
) -> int | None:
    """The recording of an unchanged file, if its audio hash is to be changed to ``audio_hash``; otherwise None.

    Copies of one recording become several recordings where their new hashes differ. The id stays with the primary file,
    whichever copy comes first; a recording that was analysed at the current ``version`` keeps its hash, unless all its
    files are among ``copies``, which have the new hash too.
    """
    other = file.alias()
    elsewhere = exists().where(
        other.c.recording_id == recording.c.id,
        other.c.path.not_in([stat.path, *copies]),
        other.c.missing_since.is_(None),
    )
    current = exists().where(at_version(analysis, version))
    query = (
        select(recording.c.id)
        .join(file, and_(file.c.recording_id == recording.c.id, file.c.missing_since.is_(None)))
        .where(file.c.path == stat.path, file.c.size == stat.size, file.c.mtime_ns == stat.mtime_ns)
        .where(recording.c.audio_hash != audio_hash, or_(~elsewhere, and_(~current, file.c.is_primary)))
    )
    return connection.execute(query).scalar()


def rename(connection: Connection, found: int, audio_hash: str) -> None:
    """Set the audio hash of a recording.

    If another recording has that hash, both are merged, under the id of the one that is rated, or else of the older.
    """
    kept = found
    twin = connection.execute(select(recording.c.id).where(recording.c.audio_hash == audio_hash)).scalar()
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
