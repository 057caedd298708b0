"""Format playlists as plain paths, one on each line: for xargs, rsync and scripts.

The bytes are those of the file system, even if they are not UTF-8. A path with a line break is written as a file URI. A
relative path that looks like a comment or an option gets the prefix "./".
"""

import os
from collections.abc import Sequence

from recsys.domain.results import Playlist
from recsys.export.locations import Location

_MISREAD_PREFIXES = ("#", ";", "-")


def format_paths(playlist: Playlist, locations: Sequence[Location]) -> bytes:
    """The paths, in the order of the tracks."""
    return b"".join(os.fsencode(_line(location)) + b"\n" for location in locations)


def _line(location: Location) -> str:
    text = location.display
    if "\n" in text or "\r" in text:
        return location.file_uri
    return f"./{text}" if text.startswith(_MISREAD_PREFIXES) else text
