"""Playlists as M3U8: ``#EXTINF:seconds,Artist - Title`` and then the path, a line each, for every track; UTF-8.

A line cannot hold every file name: what has a line break, begins or ends with white space or is no valid UTF-8 is
written as a percent-encoded file URI, which players understand; a name that looks like a comment gets "./" first.
``#PLAYLIST`` is the name that Navidrome and VLC show; ``#EXTENC`` tells those that read a file named .m3u how. Players
that know neither (MPD, Lyrion, Jellyfin, Kodi) skip what begins with "#".

Any other name stands as it is, "#", "?" and "%41" in it too: all read a line as a path, but for VLC 3, to which it is a
URI. To escape them for VLC would lose them for MPD and Jellyfin.
"""

import re
from collections.abc import Sequence

from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import Location

_UNSUPPORTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MISREAD = ("#", "<")  # the beginning of a comment; of a web page, for Lyrion


def format_m3u8(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The text of a playlist; what a line cannot hold of names and titles becomes a space."""
    lines = ["#EXTM3U", "#EXTENC: UTF-8", f"#PLAYLIST:{_line(playlist.name)}"]
    for track, place in zip(playlist.tracks, locations, strict=True):
        lines += [f"#EXTINF:{round(track.duration)},{_heading(track)}", _location_line(place)]
    return ("\n".join(lines) + "\n").encode()


def _heading(track: Track) -> str:
    return " - ".join(filter(None, (_line(track.artist or ""), _line(track.title))))


def _line(text: str) -> str:
    return _UNSUPPORTED.sub(" ", text).strip()


def _location_line(location: Location) -> str:
    text = location.display
    if text != text.strip() or _UNSUPPORTED.search(text):
        return location.file_uri
    return f"./{text}" if text.startswith(_MISREAD) else text
