"""Calls that return artists, albums and songs by their ids."""

from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import not_found
from recsys.web.subsonic.ids import read_id
from recsys.web.subsonic.records import songs


def get_song(call: Call) -> Payload:
    """A song."""
    id = call.parameters.required("id")
    found = songs(call.library, [read_id(id, "tr")[1]])
    if not found:
        raise not_found("song", id)
    return {"song": found[0]}


CALLS: dict[str, Handler] = {
    "getSong": get_song,
}
