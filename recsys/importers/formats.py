"""The formats that can be imported, and the detection of a file's format by its content.

To add a format, write ``is_<format>`` and ``read_<format>`` in a module of this package, and add them to ``FORMATS``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recsys.errors import Hint, InvalidRequest, NotFound, pluralise
from recsys.importers import beets, players, playlists, scrobbles, spotify, subsonic, tables, text_playlists, traktor
from recsys.importers.budget import MAX_ENTRIES
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
    "traktor": ImportFormat(traktor.is_traktor, traktor.read_traktor, has_playlists=True),
    "spotify": ImportFormat(spotify.is_spotify, spotify.read_spotify, has_playlists=True),
    "xspf": ImportFormat(playlists.is_xspf, playlists.read_xspf),
    "wpl": ImportFormat(playlists.is_smil, playlists.read_smil),
    "asx": ImportFormat(playlists.is_asx, playlists.read_asx),
    "pls": ImportFormat(text_playlists.is_pls, text_playlists.read_pls),
    "jspf": ImportFormat(playlists.is_jspf, playlists.read_jspf),
    "subsonic": ImportFormat(subsonic.is_subsonic, subsonic.read_subsonic),
    "listenbrainz": ImportFormat(scrobbles.is_listenbrainz, scrobbles.read_listenbrainz),
    "lastfm": ImportFormat(scrobbles.is_lastfm, scrobbles.read_lastfm),
    "beets": _any_of((beets.is_beets_library, beets.read_beets_library), (tables.is_beets, tables.read_beets)),
    "navidrome": ImportFormat(tables.is_navidrome, tables.read_navidrome),
    "json": ImportFormat(tables.is_rows, tables.read_json),
    "csv": ImportFormat(tables.is_csv, tables.read_csv, has_playlists=True),
    "m3u": ImportFormat(text_playlists.is_m3u, text_playlists.read_m3u),
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
        The name of one playlist in a file with several; None reads the library, or all playlists if there is none.

    Raises
    ------
    InvalidRequest
        The file is of no known format, is damaged, or cannot be read; ``format`` is unknown; the format of the file has
        no playlists.
    NotFound
        The file does not exist, names no track, album or artist, or does not have the playlist.
    """
    source = ImportSource(path)
    if format is not None and format not in FORMATS:
        raise InvalidRequest(f"must be one of {', '.join(sorted(FORMATS))}", field="format", value=format)
    name = format or _detect_format(source, path)
    if playlist is not None and not FORMATS[name].has_playlists:
        raise InvalidRequest(f"cannot be used with {path}, a {name} file without named playlists", field="playlist")
    read = FORMATS[name].read
    found: ImportedFile = read(source) if playlist is None else read(source, playlist)
    if len(found.tracks) > MAX_ENTRIES:
        raise InvalidRequest(f"{path} has more than {MAX_ENTRIES:,} tracks; export it in parts")
    if not found.tracks and not found.groups:
        reason = ""
        if found.unidentified:
            entries = pluralise(found.unidentified, "entry", "entries")
            reason = f": none of its {entries} has a path, a MusicBrainz id or a title"
        raise NotFound(f"{path} names no track{reason} (read as {name})")
    return found


def _detect_format(source: ImportSource, path: Path) -> str:
    for name, known in FORMATS.items():
        if known.detect(source):
            return name
    if source.is_folder:
        raise InvalidRequest(
            f"{path} is a folder, and has no export of Spotify or ListenBrainz; choose a file that another program "
            "exported"
        )
    if not source.head.strip():
        start = "has only white space at its start" if source.head else "is empty"
        raise NotFound(f"{path} {start}")
    content, is_text = _describe(source)
    raise InvalidRequest(
        f"{path} is not in a known format ({content}); known formats: {', '.join(sorted(FORMATS))}",
        hint=Hint.CHOOSE_FORMAT if is_text else None,
    )


def _describe(source: ImportSource) -> tuple[str, bool]:
    """What a file of no known format looks like, and whether choosing the format may help."""
    for signature, content in _SIGNATURES.items():
        if signature in source.head[:_SIGNATURE_BYTES]:
            return content, False
    if source.file_type == "xml":
        return (f"XML around <{source.root}>", True) if source.root.lower() != "html" else ("a web page", False)
    return _FILE_TYPE_NAMES[source.file_type], source.file_type in ("json", "text")


_FILE_TYPE_NAMES = {
    "json": "JSON of another kind",
    "sqlite": "a SQLite database of another program",
    "zip": "a ZIP archive of another program",
    "text": "text without a header line that names artist and title, or path",
    "bytes": "binary data",
}
_SIGNATURE_BYTES = 100
_SIGNATURES = {
    b"\x1f\x8b\x08": "compressed by gzip; unpack it first",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive; unpack it first",
    b"Rar!\x1a\x07": "a RAR archive; unpack it first",
    b"[Content_Types].xml": "a document of Microsoft Office; save its table as CSV",
    b"mimetypeapplication/vnd.oasis": "a document of LibreOffice; save its table as CSV",
    b"\xd0\xcf\x11\xe0\xa1\xb1": "a document of Microsoft Office; save its table as CSV",
    b"bplist00": "a binary property list; export the library as XML",
    b"hdfm": "the library file of iTunes; export the library as XML",
    b"%PDF-": "a PDF document",
    b"ID3\x03": "an audio file",
    b"ID3\x04": "an audio file",
    b"fLaC": "an audio file",
    b"OggS": "an audio file",
    b"ftypM4A": "an audio file",
}
