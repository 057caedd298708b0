"""Calls that return lists of albums and songs, and what the listener likes."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from recsys import AlbumEntry
from recsys.errors import NotFound
from recsys.web.subsonic.browsing import check_folder
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.credit_records import album_directory, album_record, artist_directory, artist_record
from recsys.web.subsonic.errors import missing
from recsys.web.subsonic.ids import read_artist_id
from recsys.web.subsonic.parameters import Parameters
from recsys.web.subsonic.records import Record, songs

MAX_SIZE = 500
"""How many albums or songs a list has at most, as the protocol has it."""

_LAST_YEAR = 9999
_TYPES: dict[str, dict[str, Any]] = {
    "newest": {"order": "newest"},
    "frequent": {"order": "frequent"},
    "recent": {"order": "recent"},
    "highest": {"order": "stars"},
    "starred": {"order": "liked"},
    "alphabeticalByName": {"order": "name"},
    "alphabeticalByArtist": {"order": "artist"},
    "byYear": {"order": "year"},
    "byGenre": {"order": "artist"},
    "random": {},
}


def get_album_list(call: Call) -> Payload:
    """Albums of a list, as directories."""
    return {"albumList": {"album": [album_directory(each) for each in _albums(call)]}}


def get_album_list2(call: Call) -> Payload:
    """Albums of a list."""
    return {"albumList2": {"album": [album_record(each) for each in _albums(call)]}}


def get_random_songs(call: Call) -> Payload:
    """Songs at random, of a genre or of years."""
    check_folder(call)
    ids = call.library.browsing.random_track_ids(
        call.parameters.integer("size", 10, maximum=MAX_SIZE),
        genre=call.parameters.text("genre") or None,
        years=_years(call.parameters),
    )
    return {"randomSongs": {"song": songs(call.library, ids)}}


def get_songs_by_genre(call: Call) -> Payload:
    """Songs of a genre."""
    check_folder(call)
    ids = call.library.browsing.track_ids(
        genre=call.parameters.required("genre"),
        offset=call.parameters.integer("offset", 0),
        limit=call.parameters.integer("count", 10, maximum=MAX_SIZE),
    )
    return {"songsByGenre": {"song": songs(call.library, ids)}}


def get_starred(call: Call) -> Payload:
    """What the listener likes, albums and artists as directories."""
    return {"starred": _starred(call, artist_directory, album_directory)}


def get_starred2(call: Call) -> Payload:
    """What the listener likes."""
    return {"starred2": _starred(call, artist_record, album_record)}


def get_top_songs(call: Call) -> Payload:
    """Songs of an artist, those that were played most first; none for an artist who is not there."""
    n = call.parameters.integer("count", 50, maximum=MAX_SIZE)
    browsing = call.library.browsing
    ids: list[int] = []
    with suppress(NotFound):
        id = call.parameters.text("id")
        artist = read_artist_id(id) if id else call.library.artist(call.parameters.required("artist")).id
        ids = browsing.top_track_ids(artist, n)
    return {"topSongs": {"song": songs(call.library, ids)}}


def _albums(call: Call) -> list[AlbumEntry]:
    check_folder(call)
    parameters, browsing = call.parameters, call.library.browsing
    kind = parameters.choice("type", list(_TYPES))
    size, offset = parameters.integer("size", 10, maximum=MAX_SIZE), parameters.integer("offset", 0)
    if kind == "random":
        ids = browsing.album_ids()
        return browsing.albums(random.sample(ids, min(size, len(ids))))
    options = dict(_TYPES[kind])
    if kind == "byYear":
        first, last = (_required_year(parameters, name) for name in ("fromYear", "toYear"))
        options |= {"years": (min(first, last), max(first, last)), "descending": first > last}
    elif kind == "byGenre":
        options["genre"] = parameters.required("genre")
    return browsing.albums(browsing.album_ids(**options)[offset : offset + size])


def _required_year(parameters: Parameters, name: str) -> int:
    if not parameters.text(name):
        raise missing(name)
    return parameters.integer(name, 0)


def _years(parameters: Parameters) -> tuple[int, int] | None:
    if not parameters.text("fromYear") and not parameters.text("toYear"):
        return None
    return parameters.integer("fromYear", 1), parameters.integer("toYear", _LAST_YEAR)


def _starred(
    call: Call, artist: Callable[[Any], Record], album: Callable[[Any], Record]
) -> dict[str, Sequence[Record]]:
    check_folder(call)
    browsing = call.library.browsing
    return {
        "artist": [artist(each) for each in browsing.artists(browsing.liked("artist"))],
        "album": [album(each) for each in browsing.albums(browsing.liked("album"))],
        "song": songs(call.library, browsing.liked()),
    }


CALLS: dict[str, Handler] = {
    "getAlbumList": get_album_list,
    "getAlbumList2": get_album_list2,
    "getRandomSongs": get_random_songs,
    "getSongsByGenre": get_songs_by_genre,
    "getStarred": get_starred,
    "getStarred2": get_starred2,
    "getTopSongs": get_top_songs,
}
