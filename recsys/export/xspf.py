"""Format playlists as XSPF version 1 (https://xspf.org/spec): XML with URIs, which can represent any file name.

The document has no date, so that the same tracks produce the same file. ``location`` is the first element of a track,
because MPD drops the elements before it. A relative location starts at the folder of the playlist, the base URI of the
document. Characters that XML 1.0 does not allow (control characters, bytes that are not UTF-8) become U+FFFD.
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
    """The document in UTF-8. ``locations`` has one location for each track."""
    return "".join(f"{line}\n" for line in _lines(playlist, locations)).encode()


def track_elements(track: Track, location: Location) -> dict[str, Any]:
    """The elements of a track by name, in the order of the document, without unknown ones; duration in milliseconds."""
    mbid, number = track.musicbrainz_recording, track.track_number
    elements = {
        "location": location.uri,
        "identifier": RECORDING + mbid if mbid else None,
        "title": xml_safe(track.title),
        "creator": xml_safe(track.artist or ""),
        "album": xml_safe(track.album or ""),
        "trackNum": max(number or 0, 0),
        "duration": max(round(track.duration * 1000), 0),
    }
    return {name: value for name, value in elements.items() if value}


def xml_safe(text: str) -> str:
    r"""Text with U+FFFD for characters that XML 1.0 does not allow.

    >>> xml_safe("a\x1bb")
    'a\ufffdb'
    """
    return _INVALID_XML.sub("\ufffd", text)


def _lines(playlist: Playlist, locations: Sequence[Location]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<playlist version="1" xmlns="http://xspf.org/ns/0/">'
    yield f"  <title>{xml_safe(playlist.name).translate(_MARKUP)}</title>"
    yield f"  <creator>{CREATOR}</creator>"
    yield "  <trackList>"
    for track, location in zip(playlist.tracks, locations, strict=True):
        yield "    <track>"
        for name, value in track_elements(track, location).items():
            yield f"      <{name}>{str(value).translate(_MARKUP)}</{name}>"
        yield "    </track>"
    yield "  </trackList>"
    yield "</playlist>"
