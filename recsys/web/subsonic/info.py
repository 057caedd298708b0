"""Calls that return what is known of artists and albums besides their tags: identifiers, and similar artists."""

from collections.abc import Callable
from contextlib import suppress

from recsys import ArtistEntry, TrackEntry
from recsys.errors import NotAnalysed, NotFound
from recsys.web.subsonic.answers import ElementText
from recsys.web.subsonic.browsing import album_of, artist_of
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.credit_records import album_record, artist_directory, artist_record
from recsys.web.subsonic.errors import not_found
from recsys.web.subsonic.ids import read_id, write_album_id, write_artist_id
from recsys.web.subsonic.records import Record

_MAX_COUNT = 200


def get_artist_info(call: Call) -> Payload:
    """An artist with similar ones, as directories."""
    return {"artistInfo": _artist_info(call, artist_directory)}


def get_artist_info2(call: Call) -> Payload:
    """An artist with similar ones."""
    return {"artistInfo2": _artist_info(call, artist_record)}


def get_album_info(call: Call) -> Payload:
    """The identifier of an album, or of that of a song."""
    id = call.parameters.required("id")
    entry = album_of(call, write_album_id(_song(call, id).album_id) if id.startswith("tr") else id)
    return {"albumInfo": {"notes": ElementText(), "musicBrainzId": ElementText(entry.album.musicbrainz_album or "")}}


def _artist_info(call: Call, record: Callable[[ArtistEntry], Record]) -> Record:
    n = call.parameters.integer("count", 20, maximum=_MAX_COUNT)
    entry = artist_of(call, _artist_id(call, call.parameters.required("id")))
    found: list[int] = []
    with suppress(NotAnalysed, NotFound):
        found = call.library.browsing.similar_artist_ids(entry.artist.id, n) if n else []
    return {
        "biography": ElementText(),
        "musicBrainzId": ElementText(entry.musicbrainz_artist or ""),
        "similarArtist": [record(each) for each in call.library.browsing.artists(found)],
    }


def _artist_id(call: Call, id: str) -> str:
    """The id of an artist, or of that of a song or an album."""
    if id.startswith("tr"):
        return write_artist_id(next(iter(_song(call, id).track.artist_ids), 0))
    if id.startswith("al"):
        return str(album_record(album_of(call, id))["artistId"])
    return id


def _song(call: Call, id: str) -> TrackEntry:
    found = call.library.browsing.tracks([read_id(id, "tr")[1]])
    if not found:
        raise not_found("song", id)
    return found[0]


CALLS: dict[str, Handler] = {
    "getArtistInfo": get_artist_info,
    "getArtistInfo2": get_artist_info2,
    "getAlbumInfo": get_album_info,
    "getAlbumInfo2": get_album_info,
}
