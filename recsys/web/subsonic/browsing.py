"""Calls that return artists, albums and songs by their ids, and all artists and genres."""

from recsys import AlbumEntry, ArtistEntry
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.credit_records import (
    album_directory,
    album_record,
    artist_directory,
    artist_record,
    indexes,
)
from recsys.web.subsonic.errors import not_found
from recsys.web.subsonic.ids import read_album_id, read_artist_id, read_id
from recsys.web.subsonic.records import songs

MUSIC_FOLDER = 0
"""The id of the one music folder, which has everything."""


def check_folder(call: Call) -> None:
    """Raise the error for a music folder that does not exist, where a call names one."""
    folder = call.parameters.text("musicFolderId")
    if folder and folder.strip() != str(MUSIC_FOLDER):
        raise not_found("music folder", folder)


def get_music_folders(call: Call) -> Payload:
    """The one music folder."""
    return {"musicFolders": {"musicFolder": [{"id": MUSIC_FOLDER, "name": "Music"}]}}


def get_artists(call: Call) -> Payload:
    """All artists by their initials."""
    check_folder(call)
    browsing = call.library.browsing
    found = browsing.artists(browsing.artist_ids())
    return {"artists": indexes(found, map(artist_record, found))}


def get_indexes(call: Call) -> Payload:
    """All artists by their initials, as directories; none if nothing was changed since a time."""
    check_folder(call)
    browsing = call.library.browsing
    changed = browsing.changed_at_ms()
    if changed <= call.parameters.integer("ifModifiedSince", -1, minimum=-1, maximum=2**62):
        return {"indexes": {**indexes((), ()), "lastModified": changed}}
    found = browsing.artists(browsing.artist_ids())
    return {"indexes": {**indexes(found, map(artist_directory, found)), "lastModified": changed}}


def get_artist(call: Call) -> Payload:
    """An artist with albums: own ones by year, then those on which the artist is."""
    entry = artist_of(call, call.parameters.required("id"))
    albums = call.library.browsing.albums(entry.album_ids)
    return {"artist": {**artist_record(entry), "album": [album_record(each) for each in albums]}}


def get_album(call: Call) -> Payload:
    """An album with its songs."""
    entry = album_of(call, call.parameters.required("id"))
    found = songs(call.library, call.library.browsing.album_track_ids(entry.album.id))
    return {"album": {**album_record(entry), "song": found}}


def get_song(call: Call) -> Payload:
    """A song."""
    id = call.parameters.required("id")
    found = songs(call.library, [read_id(id, "tr")[1]])
    if not found:
        raise not_found("song", id)
    return {"song": found[0]}


def get_music_directory(call: Call) -> Payload:
    """The albums of an artist, or the songs of an album, as a directory."""
    id = call.parameters.required("id")
    browsing = call.library.browsing
    if id.startswith("al"):
        album = album_of(call, id)
        record = album_directory(album)
        children = songs(call.library, browsing.album_track_ids(album.album.id))
    elif id.startswith("ar"):
        artist = artist_of(call, id)
        record = artist_directory(artist)
        children = [album_directory(each) for each in browsing.albums(artist.album_ids)]
    else:
        raise not_found("directory", id)
    names = ("id", "parent", "name", "coverArt", "starred", "userRating", "playCount")
    return {"directory": {**{name: record.get(name) for name in names}, "child": children}}


def get_genres(call: Call) -> Payload:
    """All genres."""
    found = call.library.browsing.genres()
    return {
        "genres": {
            "genre": [{"songCount": each.n_tracks, "albumCount": each.n_albums, "value": each.name} for each in found]
        }
    }


def album_of(call: Call, id: str) -> AlbumEntry:
    """The album with an id; raises the error that there is none."""
    found = call.library.browsing.albums([read_album_id(id)])
    if not found:
        raise not_found("album", id)
    return found[0]


def artist_of(call: Call, id: str) -> ArtistEntry:
    """The artist with an id; raises the error that there is none."""
    found = call.library.browsing.artists([read_artist_id(id)])
    if not found:
        raise not_found("artist", id)
    return found[0]


CALLS: dict[str, Handler] = {
    "getMusicFolders": get_music_folders,
    "getArtists": get_artists,
    "getIndexes": get_indexes,
    "getArtist": get_artist,
    "getAlbum": get_album,
    "getSong": get_song,
    "getMusicDirectory": get_music_directory,
    "getGenres": get_genres,
}
