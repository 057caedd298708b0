"""Calls for the play queue of the listener, by the id of the current song and by its place."""

from typing import Any

from recsys import PlayQueue
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import Code, SubsonicError, invalid, missing
from recsys.web.subsonic.ids import read_id, write_id
from recsys.web.subsonic.records import songs, utc

_MAX_PLAYER = 100  # characters
_NEVER = "1970-01-01T00:00:00.000Z"
"""When a queue changed that was never saved: a player has one that is newer."""


def save(call: Call) -> Payload:
    """Save the queue; ``current`` is the id of the song that is playing, in its first place."""
    ids, current = _ids(call), call.parameters.text("current")
    place = None
    if current:
        number = read_id(current, "tr")[1]
        if number not in ids:
            raise invalid("current", current, "one of the ids")
        place = ids.index(number)
    return _save(call, ids, place)


def save_by_index(call: Call) -> Payload:
    """Save the queue; ``currentIndex`` is the place of the song that is playing."""
    ids = _ids(call)
    if not call.parameters.text("currentIndex"):
        if ids:
            raise missing("currentIndex")
        return _save(call, ids, None)
    place = call.parameters.integer("currentIndex", 0, minimum=-1)
    if not 0 <= place < len(ids):
        raise SubsonicError(Code.MISSING_PARAMETER, f"currentIndex must be a place in the queue, got {place}")
    return _save(call, ids, place)


def load(call: Call) -> Payload:
    """The queue with the id of the current song."""
    queue, record = _load(call)
    if queue.current is not None:
        record["current"] = write_id("tr", queue.track_ids[queue.current])
    return {"playQueue": record}


def load_by_index(call: Call) -> Payload:
    """The queue with the place of the current song."""
    queue, record = _load(call)
    return {"playQueueByIndex": {**record, "currentIndex": queue.current}}


def _ids(call: Call) -> list[int]:
    return [read_id(each, "tr")[1] for each in call.parameters.texts("id") if each]


def _save(call: Call, ids: list[int], place: int | None) -> Payload:
    position = call.parameters.integer("position", 0, maximum=2**53)
    player = (call.parameters.text("c") or "")[:_MAX_PLAYER]
    call.library.play_queue.save(ids, current=place, position_ms=position, player=player)
    return {}


def _load(call: Call) -> tuple[PlayQueue, dict[str, Any]]:
    queue = call.library.play_queue.load()
    record = {
        "position": queue.position_ms,
        "username": call.user,
        "changed": utc(queue.changed_at or None) or _NEVER,
        "changedBy": queue.changed_by,
        "entry": songs(call.library, queue.track_ids),
    }
    return queue, record


CALLS: dict[str, Handler] = {
    "savePlayQueue": save,
    "savePlayQueueByIndex": save_by_index,
    "getPlayQueue": load,
    "getPlayQueueByIndex": load_by_index,
}
