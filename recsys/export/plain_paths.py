"""Playlists as plain paths, a line each: for ``xargs -d '\\n'``, ``rsync --files-from`` and scripts.

The bytes are those of the file system, valid UTF-8 or not. Only a name with a line break is a file URI, for no line
can hold it, and a relative one that would be taken for a comment or an option gets "./" first.
"""

import os
from collections.abc import Sequence

from recsys.domain.results import Playlist
from recsys.export.locations import Location

_MISREAD = ("#", ";", "-")


def format_paths(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The paths alone, in the order of the tracks."""
    return b"".join(os.fsencode(_line(place)) + b"\n" for place in locations)


def _line(location: Location) -> str:
    text = location.display
    if "\n" in text or "\r" in text:
        return location.file_uri
    return f"./{text}" if text.startswith(_MISREAD) else text
