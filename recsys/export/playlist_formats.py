"""The table of playlist formats, and writing a playlist.

A format is a function from a playlist and the locations of its tracks to the bytes of a file. To add a format, write
this function in a module of this package and add it to ``FORMATS``. An existing file is replaced only after the new one
is complete.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from recsys.atomic import atomic_write
from recsys.domain.paths import absolute_path
from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.errors import Hint, InvalidRequest, RecsysError
from recsys.export.jspf import format_jspf
from recsys.export.locations import Location, count_unmapped, locations
from recsys.export.m3u8 import format_m3u8
from recsys.export.plain_paths import format_paths
from recsys.export.records import format_json
from recsys.export.xspf import format_xspf

DEFAULT_PATH_OPTIONS = PathOptions()


class PlaylistFormat(NamedTuple):
    """A playlist format: its function, and its file suffixes in lower case.

    With ``relative_paths``, paths are relative to the folder of the playlist unless the path options state otherwise.
    """

    render: Callable[[Playlist, Sequence[Location]], bytes]
    suffixes: tuple[str, ...]
    relative_paths: bool = True


FORMATS = {
    "m3u8": PlaylistFormat(format_m3u8, (".m3u8", ".m3u")),
    "xspf": PlaylistFormat(format_xspf, (".xspf",)),
    "jspf": PlaylistFormat(format_jspf, (".jspf",)),
    "paths": PlaylistFormat(format_paths, (".txt",)),
    "json": PlaylistFormat(format_json, (".json",), relative_paths=False),  # the record, which has absolute paths
}


def playlist_format(output: Path | None, name: str | None = None) -> str:
    """The name of the format for ``output``: ``name``, or else by the suffix; M3U8 for a stream (None).

    >>> playlist_format(Path("evening.xspf")), playlist_format(None)
    ('xspf', 'm3u8')

    Raises
    ------
    InvalidRequest
        No format has this name, or this suffix.
    """
    if name is not None:
        if name not in FORMATS:
            raise InvalidRequest(f"must be one of {', '.join(FORMATS)}", field="format", value=name)
        return name
    if output is None:
        return next(iter(FORMATS))
    for known, format in FORMATS.items():
        if output.suffix.lower() in format.suffixes:
            return known
    formats = ", ".join(f"{known} ({' '.join(format.suffixes)})" for known, format in FORMATS.items())
    raise InvalidRequest(
        f"must have the suffix of a playlist format: {formats}",
        field="output",
        value=output.name,
        hint=Hint.CHOOSE_FORMAT,
    )


def write_playlist(
    playlist: Playlist,
    output: Path | BinaryIO,
    *,
    format: str | None = None,
    path_options: PathOptions = DEFAULT_PATH_OPTIONS,
) -> int:
    """Write a playlist to a file, replacing it at once, or to a binary stream.

    Parameters
    ----------
    playlist
        The playlist.
    output
        Path or binary stream.
    format
        A key of ``FORMATS``; None chooses it by the suffix, and M3U8 for a stream.
    path_options
        How the playlist names its files.

    Returns
    -------
    int
        The number of tracks in no folder of the path map, whose paths stay unchanged; 0 without a path map.

    Raises
    ------
    InvalidRequest
        No format has this name, or the suffix of ``output``.
    RecsysError
        The file cannot be written.
    """
    folder: str | None = None
    if isinstance(output, Path):
        output = absolute_path(output)
        folder = str(output.parent)
    chosen = FORMATS[playlist_format(output if isinstance(output, Path) else None, format)]
    paths = [track.path for track in playlist.tracks]
    data = chosen.render(playlist, locations(paths, path_options, folder if chosen.relative_paths else None))
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
        raise RecsysError(f"cannot write the playlist to {path}: {error.strerror}") from error
