"""Which formats there are, and what a file is by its content."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recsys.errors import NothingFound, UsageError
from recsys.importers import beets, players, playlists, scrobbles, subsonic, tables
from recsys.importers.entries import Listing
from recsys.importers.source import Source


class Format(NamedTuple):
    """How a format is known and read; ``chooses`` where one playlist out of many can be asked for."""

    fits: Callable[[Source], bool]
    read: Callable[..., Listing]
    chooses: bool = False


def _either(*choices: tuple[Callable[[Source], bool], Callable[[Source], Listing]]) -> Format:
    def read(source: Source) -> Listing:
        return next((read for fits, read in choices if fits(source)), choices[-1][1])(source)

    return Format(lambda source: any(fits(source) for fits, _ in choices), read)


#: By name, what is told apart most surely first.
FORMATS = {
    "itunes": Format(players.is_itunes, players.read_itunes, chooses=True),
    "rhythmbox": Format(players.is_rhythmbox, players.read_rhythmbox, chooses=True),
    "rekordbox": Format(players.is_rekordbox, players.read_rekordbox, chooses=True),
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


def read_listing(path: Path, *, format: str | None = None, playlist: str | None = None) -> Listing:
    """All that a file mentions, in its order: of the format it shows, or of ``format``; perhaps of one ``playlist``.

    Raises
    ------
    UsageError
        It is of no known format, damaged, or cannot be read.
    NothingFound
        It is not there, or mentions nothing.
    """
    source = Source(path)
    if format is not None and format not in FORMATS:
        raise UsageError(f"there is no format {format!r}; there are: {', '.join(sorted(FORMATS))}")
    name = format or _recognised(source, path)
    if playlist is not None and not FORMATS[name].chooses:
        raise UsageError(f"{path} is no library with playlists ({name}); leave --playlist away")
    read = FORMATS[name].read
    found = read(source) if playlist is None else read(source, playlist)
    if not found.mentions:
        nameless = (
            f": none of its {found.nameless} entries has a path, a MusicBrainz id or a title" if found.nameless else ""
        )
        raise NothingFound(f"{path} mentions no track{nameless} (read as {name})")
    return found


def _recognised(source: Source, path: Path) -> str:
    for name, known in FORMATS.items():
        if known.fits(source):
            return name
    if not source.head.strip():
        raise NothingFound(f"{path} is empty")
    what = f"XML around <{source.root}>" if source.shape == "xml" else _SHAPES[source.shape]
    formats = ", ".join(sorted(FORMATS))
    raise UsageError(f"{path} is in no format that is known ({what}); known are {formats}: say which with --format")


_SHAPES = {
    "json": "JSON of another kind",
    "sqlite": "a SQLite database of another program",
    "zip": "an archive of something else",
    "text": "text without a heading that names artist and title, or path",
    "bytes": "no text",
}
