"""Playlists as XSPF, version 1 (https://xspf.org/spec): XML whose locations are URIs, so that any file name fits.

There is no date in it: the same tracks are the same file. ``location`` comes first, because MPD forgets what stands
before it. A relative location is one from the folder of the playlist, as XML says. Characters that XML 1.0 cannot hold
(control characters, bytes that are no text) become U+FFFD.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import Location

CREATOR = "recsys"
RECORDING = "https://musicbrainz.org/recording/"
_INVALID_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})  # a bare CR is read as LF


def format_xspf(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The document, in UTF-8."""
    return "".join(f"{line}\n" for line in _lines(playlist, locations)).encode()


def track_elements(track: Track, location: Location) -> dict[str, Any]:
    """What XSPF says of a track, by element and in its order; only what is known. ``duration`` in milliseconds."""
    mbid, number = track.musicbrainz_recording, track.track_number
    facts = {
        "location": location.uri,
        "identifier": RECORDING + mbid if mbid else None,
        "title": xml_safe(track.title),
        "creator": xml_safe(track.artist or ""),
        "album": xml_safe(track.album or ""),
        "trackNum": max(number or 0, 0),
        "duration": max(round(track.duration * 1000), 0),
    }
    return {name: value for name, value in facts.items() if value}


def xml_safe(text: str) -> str:
    """Text that XML can hold."""
    return _INVALID_XML.sub("\ufffd", text)


def _lines(playlist: Playlist, locations: Sequence[Location]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<playlist version="1" xmlns="http://xspf.org/ns/0/">'
    yield f"  <title>{xml_safe(playlist.name).translate(_MARKUP)}</title>"
    yield f"  <creator>{CREATOR}</creator>"
    yield "  <trackList>"
    for track, place in zip(playlist.tracks, locations, strict=True):
        yield "    <track>"
        for name, value in track_elements(track, place).items():
            yield f"      <{name}>{str(value).translate(_MARKUP)}</{name}>"
        yield "    </track>"
    yield "  </trackList>"
    yield "</playlist>"
