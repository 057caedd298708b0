"""Which formats there are, and what a file is by its content."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recsys.errors import InvalidRequest, NotFound
from recsys.importers import beets, players, playlists, scrobbles, subsonic, tables
from recsys.importers.entries import ImportedFile
from recsys.importers.source import ImportSource


class Format(NamedTuple):
    """How a format is known and read; ``has_playlists`` where one playlist out of many can be asked for."""

    detect: Callable[[ImportSource], bool]
    read: Callable[..., ImportedFile]
    has_playlists: bool = False


def _either(*choices: tuple[Callable[[ImportSource], bool], Callable[[ImportSource], ImportedFile]]) -> Format:
    def read(source: ImportSource) -> ImportedFile:
        return next((read for fits, read in choices if fits(source)), choices[-1][1])(source)

    return Format(lambda source: any(fits(source) for fits, _ in choices), read)


#: By name, what is told apart most surely first.
FORMATS = {
    "itunes": Format(players.is_itunes, players.read_itunes, has_playlists=True),
    "rhythmbox": Format(players.is_rhythmbox, players.read_rhythmbox, has_playlists=True),
    "rekordbox": Format(players.is_rekordbox, players.read_rekordbox, has_playlists=True),
    "xspf": Format(playlists.is_xspf, playlists.read_xspf),
    "jspf": Format(playlists.is_jspf, playlists.read_jspf),
    "subsonic": Format(subsonic.is_subsonic, subsonic.read_subsonic),
    "listenbrainz": Format(scrobbles.is_listenbrainz, scrobbles.read_listenbrainz),
    "lastfm": Format(scrobbles.is_lastfm, scrobbles.read_lastfm),
    "beets": _either((beets.is_beets_library, beets.read_beets_library), (tables.is_beets, tables.read_beets)),
    "navidrome": Format(tables.is_navidrome, tables.read_navidrome),
    "json": Format(tables.is_rows, tables.read_json),
    "csv": Format(tables.is_csv, tables.read_csv),
    "m3u": Format(playlists.is_m3u, playlists.read_m3u),
}


def read_file(path: Path, *, format: str | None = None, playlist: str | None = None) -> ImportedFile:
    """All that a file mentions, in its order: of the format it shows, or of ``format``; perhaps of one ``playlist``.

    Raises
    ------
    InvalidRequest
        It is of no known format, damaged, or cannot be read.
    NotFound
        It is not there, or mentions nothing.
    """
    source = ImportSource(path)
    if format is not None and format not in FORMATS:
        raise InvalidRequest(f"there is no format {format!r}; there are: {', '.join(sorted(FORMATS))}")
    name = format or _detect_format(source, path)
    if playlist is not None and not FORMATS[name].has_playlists:
        raise InvalidRequest(f"{path} is no library with playlists ({name}); leave --playlist away")
    read = FORMATS[name].read
    found = read(source) if playlist is None else read(source, playlist)
    if not found.tracks:
        nameless = (
            f": none of its {found.unidentified} entries has a path, a MusicBrainz id or a title"
            if found.unidentified
            else ""
        )
        raise NotFound(f"{path} mentions no track{nameless} (read as {name})")
    return found


def _detect_format(source: ImportSource, path: Path) -> str:
    for name, known in FORMATS.items():
        if known.detect(source):
            return name
    if not source.head.strip():
        raise NotFound(f"{path} is empty")
    what = f"XML around <{source.root}>" if source.file_type == "xml" else _FILE_TYPE_NAMES[source.file_type]
    formats = ", ".join(sorted(FORMATS))
    raise InvalidRequest(f"{path} is in no format that is known ({what}); known are {formats}: say which with --format")


_FILE_TYPE_NAMES = {
    "json": "JSON of another kind",
    "sqlite": "a SQLite database of another program",
    "zip": "an archive of something else",
    "text": "text without a heading that names artist and title, or path",
    "bytes": "no text",
}
