"""Records of albums, artists and their directories as players get them; see :mod:`recsys.web.subsonic.records`."""

from collections.abc import Iterable

from recsys import AlbumEntry, ArtistEntry
from recsys.web.subsonic.ids import write_album_id, write_artist_id
from recsys.web.subsonic.records import (
    IGNORED_ARTICLES,
    UNKNOWN_ALBUM,
    UNKNOWN_ARTIST,
    Record,
    album_artists_of,
    sort_name,
    utc,
)

_ROLES = {"artist": "artist", "album_artist": "albumartist", "composer": "composer"}


def album_record(entry: AlbumEntry) -> Record:
    """The record ``AlbumID3`` of an album."""
    album, taste = entry.album, entry.taste
    artists = album_artists_of(album)
    names = ", ".join(each["name"] for each in artists)
    date = {} if album.year is None else {"year": album.year}
    name = album.title or UNKNOWN_ALBUM
    return {
        "id": write_album_id(album.id),
        "name": name,
        "artist": names,
        "artistId": artists[0]["id"],
        "coverArt": write_album_id(album.id) if album.id > 0 else None,
        "songCount": album.n_tracks,
        "duration": round(entry.duration),
        "playCount": taste.plays,
        "created": utc(entry.added_at),
        "starred": utc(taste.liked_at),
        "year": album.year,
        "genre": next(iter(entry.genres), None),
        "played": utc(taste.last_played_at),
        "userRating": taste.stars or 0,
        "musicBrainzId": album.musicbrainz_album or "",
        "genres": [{"name": genre} for genre in entry.genres],
        "artists": artists,
        "displayArtist": names,
        "sortName": sort_name(name),
        "releaseDate": date,
        "isCompilation": album.various,
    }


def artist_record(entry: ArtistEntry) -> Record:
    """The record ``ArtistID3`` of an artist."""
    artist, taste = entry.artist, entry.taste
    name = artist.name or UNKNOWN_ARTIST["name"]
    return {
        "id": write_artist_id(artist.id),
        "name": name,
        "coverArt": write_artist_id(artist.id) if artist.id > 0 else None,
        "albumCount": artist.n_albums,
        "userRating": taste.stars or 0,
        "starred": utc(taste.liked_at),
        "musicBrainzId": entry.musicbrainz_artist or "",
        "sortName": sort_name(name),
        "roles": [_ROLES[role] for role in entry.roles],
    }


def album_directory(entry: AlbumEntry) -> Record:
    """The record ``Child`` of an album, as a directory of its songs."""
    record = album_record(entry)
    own = {
        "parent": record["artistId"], "isDir": True, "title": record["name"], "album": record["name"],
        "albumId": record["id"], "type": "music", "mediaType": "album", "isVideo": False,
    }  # fmt: skip
    return {**record, **own, "userRating": entry.taste.stars}


def artist_directory(entry: ArtistEntry) -> Record:
    """The record ``Artist`` of an artist, as a directory of albums."""
    record = artist_record(entry)
    return {**record, "userRating": entry.taste.stars}


def indexes(entries: Iterable[ArtistEntry], records: Iterable[Record]) -> Record:
    """Artists under the initials by which they are sorted; "#" is last."""
    found: dict[str, list[Record]] = {}
    for entry, record in zip(entries, records, strict=True):
        found.setdefault(entry.initial, []).append(record)
    letters = sorted(found, key=lambda initial: (initial == "#", initial))
    return {
        "ignoredArticles": IGNORED_ARTICLES,
        "index": [{"name": initial, "artist": found[initial]} for initial in letters],
    }
