"""Calls for playlists: the saved ones of the listener.

A playlist with a request is made anew when a player opens it, at most once in an hour, and players cannot change its
songs. Comments, and whether a playlist is public, are accepted and not stored.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from recsys.errors import InvalidRequest
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import Code, SubsonicError, invalid, missing
from recsys.web.subsonic.ids import read_id, write_id
from recsys.web.subsonic.records import songs, utc

if TYPE_CHECKING:
    from recsys import SavedPlaylist

REFRESHED_AFTER = timedelta(hours=1)
_MAX_NAME = 100  # characters


def playlists(call: Call) -> Payload:
    """All playlists, by name."""
    library = call.library
    lengths = library.playlists.lengths()
    return {
        "playlists": {
            "playlist": [_record(call, each, *lengths.get(each.id, (0, 0))) for each in library.playlists.list()]
        }
    }


def playlist(call: Call) -> Payload:
    """A playlist with its songs."""
    number = _number(call, "id")
    call.library.playlists.refresh_older(number, than=REFRESHED_AFTER)
    return _contents(call, number)


def create(call: Call) -> Payload:
    """Make a playlist of songs; or replace the songs of one, and its name if that is given."""
    name, ids = call.parameters.text("name"), _songs(call, "songId")
    saved = call.library.playlists
    if call.parameters.text("playlistId"):
        number = _number(call, "playlistId")
        _ensure_fixed(call, number)
        saved.change(number, name=_cleaned(name) if name else None, tracks=ids)
        return _contents(call, number)
    if not name:
        raise missing("name")
    while True:
        free = _free(_cleaned(name), {each.name for each in saved.list()})
        try:
            return _contents(call, saved.add(free, ids).id)
        except InvalidRequest:
            if all(each.name != free for each in saved.list()):
                raise  # it is not the name that is wrong


def update(call: Call) -> Payload:
    """Rename a playlist, remove songs by their places before the call, and add songs at its end."""
    number, name = _number(call, "playlistId"), call.parameters.text("name")
    added, removed = _songs(call, "songIdToAdd"), set(call.parameters.integers("songIndexToRemove", minimum=-1))
    if added or removed:
        _ensure_fixed(call, number)

    def edited(present: list[int]) -> list[int]:
        if wrong := [place for place in removed if not 0 <= place < len(present)]:
            raise invalid("songIndexToRemove", str(wrong[0]), f"from 0 to {len(present) - 1}")
        return [id for place, id in enumerate(present) if place not in removed] + added

    call.library.playlists.change(
        number, name=_cleaned(name) if name else None, tracks=edited if added or removed else None
    )
    return {}


def delete(call: Call) -> Payload:
    """Remove a playlist; its file, if it has one, is kept."""
    call.library.playlists.remove(_number(call, "id"))
    return {}


def _number(call: Call, parameter: str) -> int:
    return read_id(call.parameters.required(parameter), "pl")[1]


def _songs(call: Call, parameter: str) -> list[int]:
    return [read_id(each, "tr")[1] for each in call.parameters.texts(parameter)]


def _ensure_fixed(call: Call, number: int) -> None:
    saved = call.library.playlists.find(number)
    if saved.request is not None:
        raise SubsonicError(Code.NOT_PERMITTED, f"{saved.name} is made from a request, by which it is made anew")


def _cleaned(name: str) -> str:
    """A name as playlists have it.

    >>> _cleaned("  Road\\ntrip ")
    'Road trip'
    """
    printable = "".join(each if each.isprintable() else " " for each in name)
    if not (words := printable.split()):
        raise invalid("name", name, "a name")
    return " ".join(words)[:_MAX_NAME].strip()


def _free(name: str, taken: set[str]) -> str:
    """A name that no playlist has: players may make several of one name.

    >>> _free("Mix", {"Mix", "Mix (2)"})
    'Mix (3)'
    """
    number, free = 1, name
    while free in taken:
        number += 1
        suffix = f" ({number})"
        free = f"{name[: _MAX_NAME - len(suffix)]}{suffix}"
    return free


def _contents(call: Call, number: int) -> Payload:
    found = call.library.playlists.find(number)
    entries = songs(call.library, [track.id for track in call.library.playlists.tracks(number).tracks])
    record = _record(call, found, len(entries), sum(entry["duration"] for entry in entries))
    return {"playlist": {**record, "entry": entries}}


def _record(call: Call, saved: "SavedPlaylist", count: int, seconds: float) -> dict[str, Any]:
    record = {
        "id": write_id("pl", saved.id),
        "name": saved.name,
        "comment": "",
        "owner": call.user,
        "public": False,
        "songCount": count,
        "duration": round(seconds),
        "created": utc(saved.saved_at),
        "changed": utc(saved.changed_at),
        "coverArt": write_id("pl", saved.id) if count else None,
        "readonly": saved.request is not None,
    }
    if saved.request is not None:
        valid = datetime.fromisoformat(saved.changed_at) + REFRESHED_AFTER
        record["validUntil"] = utc(valid.isoformat(timespec="milliseconds"))
    return record


CALLS: dict[str, Handler] = {
    "getPlaylists": playlists,
    "getPlaylist": playlist,
    "createPlaylist": create,
    "updatePlaylist": update,
    "deletePlaylist": delete,
}
