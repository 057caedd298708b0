"""Calls for lyrics: by the id of a song with times, and by artist and title as one text."""

import re
from typing import Any

from recsys import Library, Lyrics, Track
from recsys.errors import NotFound
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import not_found
from recsys.web.subsonic.ids import read_id
from recsys.web.subsonic.records import shown

_UNKNOWN = "und"
"""The language of lyrics that have none."""
_NO_WORD = re.compile(r"[^\w']+")
_MOST = 50  # songs with all words of artist and title that are compared


def lyrics_of_song(call: Call) -> Payload:
    """All lyrics of a song, those with times first."""
    id = call.parameters.required("id")
    found = call.library.tracks_by_id([read_id(id, "tr")[1]])
    if not found:
        raise not_found("song", id)
    return {"lyricsList": {"structuredLyrics": [_record(found[0], each) for each in _read(call.library, found[0])]}}


def lyrics(call: Call) -> Payload:
    """The lyrics of the song with an artist and a title; empty if there are none."""
    artist, title = call.parameters.text("artist") or "", call.parameters.text("title") or ""
    track = _find(call.library, artist, title)
    found = [] if track is None else _read(call.library, track)
    if track is None or not found:
        return {"lyrics": {"value": ""}}
    plain = next((each for each in found if not each.synced), found[0])
    return {"lyrics": {"artist": shown(track.artist), "title": track.title, "value": plain.text}}


def _find(library: Library, artist: str, title: str) -> Track | None:
    words = _NO_WORD.sub(" ", f"{artist} {title}").split()
    if not _NO_WORD.sub("", title):
        return None
    ids = library.track_ids(" ".join(words))[:_MOST]
    named = [track for track in library.tracks_by_id(ids) if _same(track.title, title)]
    return next((track for track in named if _same(track.artist or "", artist)), next(iter(named), None))


def _same(one: str, other: str) -> bool:
    return _NO_WORD.sub("", one).casefold() == _NO_WORD.sub("", other).casefold()


def _read(library: Library, track: Track) -> list[Lyrics]:
    try:
        return library.media.lyrics(track.id)
    except NotFound:  # its file is not there at the moment
        return []


def _record(track: Track, lyrics: Lyrics) -> dict[str, Any]:
    return {
        "displayArtist": shown(track.artist),
        "displayTitle": track.title,
        "lang": lyrics.language or _UNKNOWN,
        "offset": lyrics.offset_ms,
        "synced": lyrics.synced,
        "line": [{"start": line.start_ms, "value": line.text} for line in lyrics.lines],
    }


CALLS: dict[str, Handler] = {"getLyricsBySongId": lyrics_of_song, "getLyrics": lyrics}
