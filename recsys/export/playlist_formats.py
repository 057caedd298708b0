"""The formats of playlists, by name, and the writing of one.

A format is a function from a playlist and the locations of its tracks, one by one, to the bytes of a file. Whatever
goes wrong goes wrong before the old file is touched.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from recsys.atomic import atomic_write
from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.errors import InvalidRequest, RecsysError
from recsys.export.jspf import format_jspf
from recsys.export.locations import Location, count_unmapped, locations
from recsys.export.m3u8 import format_m3u8
from recsys.export.plain_paths import format_paths
from recsys.export.records import format_json
from recsys.export.xspf import format_xspf

DEFAULT_PATH_OPTIONS = PathOptions()


class PlaylistFormat(NamedTuple):
    """A way to write playlists: the suffixes of its files; ``needs_locations``, if paths are relative to the file
    by default.
    """

    render: Callable[[Playlist, Sequence[Location]], bytes]
    suffixes: tuple[str, ...]
    needs_locations: bool = True


FORMATS = {
    "m3u8": PlaylistFormat(format_m3u8, (".m3u8", ".m3u")),
    "xspf": PlaylistFormat(format_xspf, (".xspf",)),
    "jspf": PlaylistFormat(format_jspf, (".jspf",)),
    "paths": PlaylistFormat(format_paths, (".txt",)),
    "json": PlaylistFormat(
        format_json, (".json",), needs_locations=False
    ),  # what --json prints, and that has absolute paths
}


def playlist_format(output: Path | None, name: str | None = None) -> str:
    """The format to write ``output`` in: ``name``, or what the suffix says; M3U8 for a stream, which has no suffix.

    Raises
    ------
    InvalidRequest
    """
    if name is not None:
        if name not in FORMATS:
            raise InvalidRequest(f"{name!r} is no format of playlists; take one of {', '.join(FORMATS)}")
        return name
    if output is None:
        return next(iter(FORMATS))
    for known, format in FORMATS.items():
        if output.suffix.lower() in format.suffixes:
            return known
    kinds = ", ".join(f"{known} ({' '.join(format.suffixes)})" for known, format in FORMATS.items())
    raise InvalidRequest(f"{output.name!r} has the suffix of no format of playlists; take another or --format: {kinds}")


def write_playlist(
    playlist: Playlist,
    output: Path | BinaryIO,
    *,
    format: str | None = None,
    path_options: PathOptions = DEFAULT_PATH_OPTIONS,
) -> int:
    """Write a playlist to a file, replacing it as a whole, or to an open stream.

    Returns
    -------
    int
        How many tracks lie in no folder of the map, if there is one: these keep their path.

    Raises
    ------
    InvalidRequest
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
    data = chosen.render(playlist, locations(paths, path_options, folder if chosen.needs_locations else None))
    if isinstance(output, Path):
        _replace(output, data)
    else:
        output.write(data)
    return count_unmapped(paths, path_options)


def _replace(path: Path, data: bytes) -> None:
    try:
        with atomic_write(path) as file:
            file.write(data)
    except OSError as error:
        raise RecsysError(f"cannot write the playlist {path}: {error.strerror}") from error
