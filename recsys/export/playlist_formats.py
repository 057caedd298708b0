"""The formats of playlists, by name, and the writing of one.

A format is a function from a playlist and the locations of its tracks, one by one, to the bytes of a file. Whatever
goes wrong goes wrong before the old file is touched.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from recsys.atomic import replacing
from recsys.domain.requests import Places
from recsys.domain.results import Playlist
from recsys.errors import RecsysError, UsageError
from recsys.export.jspf import format_jspf
from recsys.export.locations import Location, locations, outside
from recsys.export.m3u8 import format_m3u8
from recsys.export.plain_paths import format_paths
from recsys.export.records import format_json
from recsys.export.xspf import format_xspf

NO_PLACES = Places()


class Format(NamedTuple):
    """A way to write playlists: the suffixes of its files; ``moves``, if paths are relative to the file by default."""

    render: Callable[[Playlist, Sequence[Location]], bytes]
    suffixes: tuple[str, ...]
    moves: bool = True


FORMATS = {
    "m3u8": Format(format_m3u8, (".m3u8", ".m3u")),
    "xspf": Format(format_xspf, (".xspf",)),
    "jspf": Format(format_jspf, (".jspf",)),
    "paths": Format(format_paths, (".txt",)),
    "json": Format(format_json, (".json",), moves=False),  # what --json prints, and that has absolute paths
}


def playlist_format(output: Path | None, name: str | None = None) -> str:
    """The format to write ``output`` in: ``name``, or what the suffix says; M3U8 for a stream, which has no suffix.

    Raises
    ------
    UsageError
    """
    if name is not None:
        if name not in FORMATS:
            raise UsageError(f"{name!r} is no format of playlists; take one of {', '.join(FORMATS)}")
        return name
    if output is None:
        return next(iter(FORMATS))
    for known, format in FORMATS.items():
        if output.suffix.lower() in format.suffixes:
            return known
    kinds = ", ".join(f"{known} ({' '.join(format.suffixes)})" for known, format in FORMATS.items())
    raise UsageError(f"{output.name!r} has the suffix of no format of playlists; take another or --format: {kinds}")


def write_playlist(
    playlist: Playlist, output: Path | BinaryIO, *, format: str | None = None, places: Places = NO_PLACES
) -> int:
    """Write a playlist to a file, replacing it as a whole, or to an open stream.

    Returns
    -------
    int
        How many tracks lie in no folder of the map, if there is one: these keep their path.

    Raises
    ------
    UsageError
        The suffix or the name is that of no format.
    RecsysError
        The file cannot be written.
    """
    folder: str | None = None
    if isinstance(output, Path):
        output = output.expanduser().absolute()
        folder = str(output.parent)
    chosen = FORMATS[playlist_format(output if isinstance(output, Path) else None, format)]
    paths = [track.path for track in playlist.tracks]
    data = chosen.render(playlist, locations(paths, places, folder if chosen.moves else None))
    if isinstance(output, Path):
        _replace(output, data)
    else:
        output.write(data)
    return outside(paths, places)


def _replace(path: Path, data: bytes) -> None:
    try:
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise RecsysError(f"cannot write the playlist {path}: {error.strerror}") from error
