"""The formats that can be imported, and the detection of a file's format by its content.

To add a format, write ``is_<format>`` and ``read_<format>`` in a module of this package, and add them to ``FORMATS``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recsys.errors import Hint, InvalidRequest, NotFound
from recsys.importers import beets, players, playlists, scrobbles, subsonic, tables
from recsys.importers.entries import ImportedFile
from recsys.importers.source import ImportSource


class ImportFormat(NamedTuple):
    """How to detect and to read a format; with ``has_playlists``, ``read`` takes the name of a playlist as well."""

    detect: Callable[[ImportSource], bool]
    read: Callable[..., ImportedFile]
    has_playlists: bool = False


def _any_of(*choices: tuple[Callable[[ImportSource], bool], Callable[[ImportSource], ImportedFile]]) -> ImportFormat:
    """A format with several kinds of files."""

    def read(source: ImportSource) -> ImportedFile:
        return next((read for detect, read in choices if detect(source)), choices[-1][1])(source)

    return ImportFormat(lambda source: any(detect(source) for detect, _ in choices), read)


#: By name, in the order of detection: the most specific first.
FORMATS = {
    "itunes": ImportFormat(players.is_itunes, players.read_itunes, has_playlists=True),
    "rhythmbox": ImportFormat(players.is_rhythmbox, players.read_rhythmbox, has_playlists=True),
    "rekordbox": ImportFormat(players.is_rekordbox, players.read_rekordbox, has_playlists=True),
    "xspf": ImportFormat(playlists.is_xspf, playlists.read_xspf),
    "jspf": ImportFormat(playlists.is_jspf, playlists.read_jspf),
    "subsonic": ImportFormat(subsonic.is_subsonic, subsonic.read_subsonic),
    "listenbrainz": ImportFormat(scrobbles.is_listenbrainz, scrobbles.read_listenbrainz),
    "lastfm": ImportFormat(scrobbles.is_lastfm, scrobbles.read_lastfm),
    "beets": _any_of((beets.is_beets_library, beets.read_beets_library), (tables.is_beets, tables.read_beets)),
    "navidrome": ImportFormat(tables.is_navidrome, tables.read_navidrome),
    "json": ImportFormat(tables.is_rows, tables.read_json),
    "csv": ImportFormat(tables.is_csv, tables.read_csv),
    "m3u": ImportFormat(playlists.is_m3u, playlists.read_m3u),
}


def read_file(path: Path, *, format: str | None = None, playlist: str | None = None) -> ImportedFile:
    """Read all entries of a file, in its order.

    Parameters
    ----------
    path
        The file, or a pipe.
    format
        A key of ``FORMATS``; None detects the format.
    playlist
        The name of one playlist in a library of iTunes, Rhythmbox or Rekordbox; None reads the library.

    Raises
    ------
    InvalidRequest
        The file is of no known format, is damaged, or cannot be read; ``format`` is unknown; the format of the file has
        no playlists, or a file of playlists is read without choosing one.
    NotFound
        The file does not exist, names no track, or does not have the playlist.
    """
    source = ImportSource(path)
    if format is not None and format not in FORMATS:
        raise InvalidRequest(f"must be one of {', '.join(sorted(FORMATS))}", field="format", value=format)
    name = format or _detect_format(source, path)
    if playlist is not None and not FORMATS[name].has_playlists:
        raise InvalidRequest(f"cannot be used with {path}, a {name} file without named playlists", field="playlist")
    read = FORMATS[name].read
    found = read(source) if playlist is None else read(source, playlist)
    if not found.tracks:
        reason = ""
        if found.unidentified:
            reason = f": none of its {found.unidentified} entries has a path, a MusicBrainz id or a title"
        raise NotFound(f"{path} names no track{reason} (read as {name})")
    return found


def _detect_format(source: ImportSource, path: Path) -> str:
    for name, known in FORMATS.items():
        if known.detect(source):
            return name
    if not source.head.strip():
        raise NotFound(f"{path} is empty")
    content = f"XML around <{source.root}>" if source.file_type == "xml" else _FILE_TYPE_NAMES[source.file_type]
    raise InvalidRequest(
        f"{path} is not in a known format ({content}); known formats: {', '.join(sorted(FORMATS))}",
        hint=Hint.CHOOSE_FORMAT,
    )


_FILE_TYPE_NAMES = {
    "json": "JSON of another kind",
    "sqlite": "a SQLite database of another program",
    "zip": "a ZIP archive of another program",
    "text": "text without a header line that names artist and title, or path",
    "bytes": "binary data",
}
