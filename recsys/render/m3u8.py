"""Playlists as M3U8: UTF-8, one line ``#EXTINF:seconds,Artist - Title`` and one with the path for each track.

Paths are relative to the folder of the playlist, so that both can move together, or absolute. A line cannot
hold every file name: what has a line break, begins or ends with white space or is no valid UTF-8 is written
as a percent-encoded file URI, which players understand; a name that looks like a comment gets "./" first.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from recsys.errors import RecsysError
from recsys.render.files import replacing
from recsys.types import Track

_UNFIT_FOR_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def format_m3u8(tracks: Iterable[Track], folder: Path | None = None) -> str:
    """The text of a playlist; paths relative to ``folder``, or absolute without one."""
    lines = ["#EXTM3U"]
    for track in tracks:
        name = f"{track.artist} - {track.title}" if track.artist else track.title
        lines.append(f"#EXTINF:{round(track.duration)},{_UNFIT_FOR_TEXT.sub(' ', name).strip()}")
        lines.append(_location(track.path, folder))
    return "\n".join(lines) + "\n"


def write_m3u8(tracks: Iterable[Track], path: Path, *, absolute: bool = False) -> None:
    """Write a playlist to ``path``, replacing it as a whole.

    Raises
    ------
    RecsysError
        The file cannot be written.
    """
    path = path.expanduser().absolute()
    text = format_m3u8(tracks, None if absolute else path.parent)
    try:
        with replacing(path) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise RecsysError(f"cannot write the playlist {path}: {error.strerror}") from error


def _location(path: str, folder: Path | None) -> str:
    place = path
    if folder is not None:
        try:
            # Players climb from where the playlist really lies, not from the link that led there.
            place = Path(os.path.relpath(os.path.realpath(path), os.path.realpath(folder))).as_posix()
        except ValueError:  # another drive on Windows
            place = path
    if place != place.strip() or _UNFIT_FOR_TEXT.search(place):
        return Path(path).as_uri()
    return f"./{place}" if place.startswith("#") else place
