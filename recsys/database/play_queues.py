"""The play queue of each listener: one row, which is replaced at each change.

The tracks are one value, because players save whole queues every few seconds; tracks that were removed since are left
out when it is read.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from recsys.database.inserts import upsert
from recsys.database.listener_tables import play_queue
from recsys.database.queries import ensure_known
from recsys.database.tables import recording
from recsys.database.writes import now
from recsys.domain.arrays import in_chunks
from recsys.domain.play_queues import PlayQueue


def save(
    connection: Connection, listener: int, ids: Sequence[int], current: int | None, position_ms: int, player: str
) -> None:
    """Replace the queue of a listener; raises NotFound if a track is unknown."""
    ensure_known(connection, dict.fromkeys(ids))
    row = {
        "listener_id": listener, "track_ids": list(ids), "current_index": current, "position_ms": position_ms,
        "changed_at": now(), "changed_by": player,
    }  # fmt: skip
    upsert(connection, play_queue, ("listener_id",), [row])


def load(connection: Connection, listener: int) -> PlayQueue:
    """The queue of a listener; an empty one if none was saved."""
    columns = play_queue.c
    query = select(
        columns.track_ids, columns.current_index, columns.position_ms, columns.changed_at, columns.changed_by
    ).where(columns.listener_id == listener)
    row = connection.execute(query).first()
    if row is None:
        return PlayQueue()
    ids, current, position_ms, changed_at, changed_by = row
    known: set[int] = set()
    for chunk in in_chunks(dict.fromkeys(ids)):
        known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
    kept = [place for place, id in enumerate(ids) if id in known]
    if current is not None and current not in kept:  # the track was removed: the one after it begins
        current = next((place for place in kept if place > current), None)
        position_ms = 0
    place = None if current is None else kept.index(current)
    return PlayQueue(tuple(ids[place] for place in kept), place, position_ms, changed_at, changed_by)
