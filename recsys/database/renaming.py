"""A recording keeps its id when its payload hash comes out differently for a file that is as it was.

That happens where a later version hashes a container in another way. The evidence that the sound is the same is the
file: the same path, size and modification time as when it was stored.
"""

from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from recsys.database.answering import at_version
from recsys.database.tables import analysis, file, playlist_history_track, prediction, rating, recording, vector
from recsys.database.writes import next_revision, restore_invariants
from recsys.domain.audio import FileStat


def find_renamed(connection: Connection, stat: FileStat, audio_hash: str, version: int) -> int | None:
    """The recording at an unchanged file, if it should be named by ``audio_hash`` and is not.

    Copies that were one recording become several where their new hashes differ. The id stays with the file that speaks
    for the recording, whichever copy comes first; one that has been analysed at the present ``version`` keeps its name.
    """
    other = file.alias()
    elsewhere = exists().where(
        other.c.recording_id == recording.c.id, other.c.path != stat.path, other.c.missing_since.is_(None)
    )
    settled = exists().where(at_version(analysis, version))
    query = (
        select(recording.c.id)
        .join(file, and_(file.c.recording_id == recording.c.id, file.c.missing_since.is_(None)))
        .where(file.c.path == stat.path, file.c.size == stat.size, file.c.mtime_ns == stat.mtime_ns)
        .where(recording.c.audio_hash != audio_hash, or_(~elsewhere, and_(~settled, file.c.is_primary)))
    )
    return connection.execute(query).scalar()


def rename(connection: Connection, found: int, audio_hash: str) -> None:
    """Let a recording be named by ``audio_hash``.

    Where another has it already, both become one, under the id of the one that is rated, or else the older.
    """
    kept = found
    twin = connection.execute(select(recording.c.id).where(recording.c.audio_hash == audio_hash)).scalar()
    if twin is not None:
        query = select(rating.c.recording_id).where(rating.c.recording_id.in_((found, twin)))
        rated = set(connection.execute(query).scalars())
        kept, lost = sorted((found, twin), key=lambda i: (i not in rated, i))
        _merge(connection, lost, kept)
    connection.execute(update(recording).where(recording.c.id == kept).values(audio_hash=audio_hash))


def _merge(connection: Connection, lost: int, kept: int) -> None:
    """Give all that belongs to one recording to another, as far as that has nothing of the kind; then delete it."""
    there = select(file.c.path).where(file.c.recording_id == lost, file.c.missing_since.is_(None))
    gone = and_(file.c.recording_id == kept, file.c.missing_since.is_not(None))
    connection.execute(delete(file).where(gone, file.c.path.in_(there)))
    keys: tuple[tuple[Any, str | None], ...] = (
        (analysis, "feature_version"),
        (vector, "feature_version"),
        (playlist_history_track, "history_id"),
        (file, "path"),
        (prediction, None),
    )
    for table, key in keys:
        mine = table.alias()
        same = mine.c.recording_id == kept
        taken = exists().where(same if key is None else and_(same, mine.c[key] == table.c[key]))
        change = update(table).where(table.c.recording_id == lost, ~taken)
        connection.execute(change.values(recording_id=kept))
    changed = update(vector).where(vector.c.recording_id == kept)
    connection.execute(changed.values(revision=next_revision(connection)))
    connection.execute(delete(recording).where(recording.c.id == lost))
    restore_invariants(connection, [kept])
