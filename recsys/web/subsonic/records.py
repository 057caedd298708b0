"""Records of songs as players get them.

Tracks without an album are on an album of their artist that is called ``[Unknown Album]``, and what has no artist is by
``[Unknown Artist]``, so that a player which opens only artists and albums reaches every track. These have ids of their
own, which cannot be starred and have no cover.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from recsys import Album, Library, TrackEntry
from recsys.web.subsonic.answers import Complete
from recsys.web.subsonic.ids import write_album_id, write_artist_id, write_id

Record = dict[str, Any]

UNKNOWN_ALBUM = "[Unknown Album]"
UNKNOWN_ARTIST = {"id": write_artist_id(0), "name": "[Unknown Artist]"}
VARIOUS_ARTISTS = {"id": write_artist_id(-1), "name": "Various Artists"}
IGNORED_ARTICLES = "The"
"""Articles that are ignored where names are sorted, as in the orders of the library."""

CONTENT_TYPES = {
    "mp3": "audio/mpeg", "mp2": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "spx": "audio/ogg", "m4a": "audio/mp4", "m4b": "audio/mp4", "mp4": "audio/mp4",
    "aac": "audio/aac", "wav": "audio/wav", "aif": "audio/aiff", "aiff": "audio/aiff", "aifc": "audio/aiff",
    "wma": "audio/x-ms-wma", "asf": "audio/x-ms-wma", "wv": "audio/x-wavpack", "ape": "audio/x-monkeys-audio",
    "mpc": "audio/x-musepack", "tta": "audio/x-tta", "mka": "audio/x-matroska", "webm": "audio/webm",
    "dsf": "audio/x-dsf", "dff": "audio/x-dff", "ac3": "audio/ac3", "caf": "audio/x-caf",
}  # fmt: skip
"""Media types of files by their suffix."""

_SEPARATOR = "; "  # between several artists in the text of a track
_MAX_WITH_MOODS = 100  # songs of a list; moods are computed from features, which are read for that


def songs(library: Library, ids: Iterable[int], *, moods: bool = True) -> list[Record]:
    """The records of tracks in the order of their ids, also of missing ones; unknown ids are left out.

    Moods are in lists of at most 100, unless they are not wanted.
    """
    wanted = list(ids)
    return [song(entry) for entry in library.browsing.tracks(wanted, moods=moods and len(wanted) <= _MAX_WITH_MOODS)]


def song(entry: TrackEntry) -> Record:
    """The record ``Child`` of a track. What OpenSubsonic adds is always there, if need be empty."""
    track, album = entry.track, entry.album
    name, dot, suffix = entry.relative_path.rpartition("/")[2].rpartition(".")
    suffix = suffix.lower() if name and dot else ""
    artists = named(track.artist_ids, track.artists)
    artist = shown(track.artist)
    own = named(track.album_artist_ids, track.album_artists)
    album_artists = own or ([] if album is None else album_artists_of(album))
    album_artist = shown(track.album_artist) or ", ".join(each["name"] for each in album_artists)
    parent = write_album_id(entry.album_id)
    record: Record = {
        "id": write_id("tr", track.id),
        "parent": parent,
        "isDir": False,
        "title": track.title,
        "album": album.title if album else UNKNOWN_ALBUM,
        "artist": artist or UNKNOWN_ARTIST["name"],
        "track": track.track_number,
        "year": track.year,
        "genre": next(iter(entry.genres), None),
        "coverArt": parent if album else write_id("tr", track.id),
        "size": entry.size,
        "contentType": CONTENT_TYPES.get(suffix, "application/octet-stream"),
        "suffix": suffix,
        "duration": round(track.duration),
        "bitRate": kilobits(entry),
        "path": entry.relative_path,
        "isVideo": False,
        "userRating": entry.taste.stars,
        "playCount": entry.taste.plays,
        "discNumber": track.disc_number,
        "created": utc(track.added_at),
        "starred": utc(entry.taste.liked_at),
        "albumId": parent,
        "artistId": (artists or [UNKNOWN_ARTIST])[0]["id"],
        "type": "music",
        "mediaType": "song",
        "bitDepth": track.bit_depth or 0,
        "samplingRate": entry.sample_rate,
        "channelCount": entry.channels,
        "played": utc(entry.taste.last_played_at),
        "bpm": round(track.bpm or 0),
        "sortName": sort_name(track.title),
        "musicBrainzId": track.musicbrainz_recording or "",
        "isrc": [entry.isrc] if entry.isrc else [],
        "genres": [{"name": name} for name in entry.genres],
        "artists": artists or [UNKNOWN_ARTIST],
        "displayArtist": artist,
        "albumArtists": album_artists,
        "displayAlbumArtist": album_artist,
        "contributors": [{"role": "composer", "artist": each} for each in named(entry.composer_ids, entry.composers)],
        "displayComposer": ", ".join(entry.composers),
        "replayGain": replay_gain(entry),
    }
    if entry.moods is not None:
        record["moods"] = list(entry.moods)
    return Complete({name: value for name, value in record.items() if value is not None})


def named(ids: Sequence[int], names: Sequence[str]) -> list[Record]:
    """Artists with the two fields that each record of an artist has."""
    return [{"id": write_id("ar", i), "name": name} for i, name in zip(ids, names, strict=True)] if ids else []


def album_artists_of(album: Album) -> list[Record]:
    """The artists of an album, also if they are various or unknown."""
    if album.artist_ids:
        return named(album.artist_ids, album.artists)
    return [VARIOUS_ARTISTS if album.various else UNKNOWN_ARTIST]


def shown(names: str | None) -> str:
    """The artists of a tag as a player shows them; empty without a tag.

    >>> shown("Simon; Garfunkel"), shown("Belle & Sebastian")
    ('Simon, Garfunkel', 'Belle & Sebastian')
    """
    return (names or "").replace(_SEPARATOR, ", ")


def sort_name(name: str) -> str:
    """A name without the article that is ignored where it is sorted.

    >>> sort_name("The Beatles"), sort_name("The The"), sort_name("Theatre")
    ('Beatles', 'The', 'Theatre')
    """
    first, _, rest = name.partition(" ")
    return rest if rest and first.casefold() == IGNORED_ARTICLES.casefold() else name


def utc(time: str | None) -> str | None:
    """A time in ISO 8601 as players expect it.

    >>> utc("2026-11-28T10:11:21.484783+00:00")
    '2026-11-28T10:11:21.484783Z'
    """
    return None if time is None else time.replace("+00:00", "Z")


def kilobits(entry: TrackEntry) -> int:
    """The bit rate, from size and duration where the container does not have it."""
    bits = entry.track.bit_rate or (8 * entry.size / entry.track.duration if entry.track.duration else 0)
    return round(bits / 1000)


def replay_gain(entry: TrackEntry) -> Record:
    """What the tags of ReplayGain state."""
    values = {
        "trackGain": entry.track_gain, "albumGain": entry.album_gain, "trackPeak": entry.track_peak,
        "albumPeak": entry.album_peak,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}
