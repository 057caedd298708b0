"""Format playlists as M3U8 in UTF-8: for each track a line ``#EXTINF:seconds,Artist - Title``, and a line of its path.

A path that a line cannot represent (with a line break, white space at an end, or bytes that are not UTF-8) is written
as a percent-encoded file URI, which players read. A path that looks like a comment gets the prefix "./".

``#PLAYLIST`` is the name that Navidrome and VLC display. ``#EXTENC`` is the encoding, for players that would read a
.m3u file in another one. Players that support neither (MPD, Lyrion, Jellyfin, Kodi) skip lines that start with "#".

Other paths are written unchanged, even with "#", "?" or "%41". Players read a line as a path, except VLC 3, which reads
a URI; escaping for VLC would break these paths in MPD and Jellyfin.
"""

import re
from collections.abc import Sequence

from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import Location

_UNSUPPORTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MISREAD_PREFIXES = ("#", "<")  # of a comment; of a web page, for Lyrion


def format_m3u8(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The document in UTF-8. Control characters and line breaks in names and titles become a space.

    ``locations`` has one location for each track.
    """
    lines = ["#EXTM3U", "#EXTENC: UTF-8", f"#PLAYLIST:{_line(playlist.name)}"]
    for track, location in zip(playlist.tracks, locations, strict=True):
        lines += [f"#EXTINF:{round(track.duration)},{_display_name(track)}", _location_line(location)]
    return ("\n".join(lines) + "\n").encode()


def _display_name(track: Track) -> str:
    return " - ".join(filter(None, (_line(track.artist or ""), _line(track.title))))


def _line(text: str) -> str:
    return _UNSUPPORTED.sub(" ", text).strip()


def _location_line(location: Location) -> str:
    text = location.display
    if text != text.strip() or _UNSUPPORTED.search(text):
        return location.file_uri
    return f"./{text}" if text.startswith(_MISREAD_PREFIXES) else text
