"""Read playlists: M3U and M3U8, XSPF, JSPF. Every track of a playlist is a like.

M3U has no standard; https://en.wikipedia.org/wiki/M3U describes what programs write: one path on each line, after an
optional ``#EXTINF:seconds,Artist - Title``. XSPF is specified at https://www.xspf.org/spec, JSPF at
https://www.xspf.org/jspf and, as ListenBrainz writes it, at https://musicbrainz.org/doc/jspf.
"""

import re
from collections.abc import Iterator
from typing import Any

from recsys.importers.entries import ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.parsing import parse_duration, parse_path, parse_recording_id, parse_text
from recsys.importers.source import ImportSource

_SUFFIXES = (".m3u", ".m3u8")
_MILLI = 0.001
_INFO = re.compile(r"#EXTINF:\s*(-?[\d.]+)?[^,]*,(.*)", re.IGNORECASE)
_FILE_NAME = re.compile(r"(?:#|[^,;\t]*[^,;\t\s]\.[a-z][a-z0-9]{1,4}\s*$)", re.IGNORECASE)
_HLS_TAG = "#EXT-X-"  # of HTTP Live Streaming, whose segment lists have the same suffix and first line


def is_m3u(source: ImportSource) -> bool:
    """Whether the file has the header or the suffix of M3U, or contains only file names; not HTTP Live Streaming."""
    if source.file_type != "text" or _HLS_TAG in (lines := source.text.lstrip()[:10_000]):
        return False
    marked = lines.upper().startswith("#EXTM3U") or source.path.suffix.lower() in _SUFFIXES
    return marked or all(_FILE_NAME.match(line) for line in lines.splitlines()[:20] if line.strip())


def read_m3u(source: ImportSource) -> ImportedFile:
    """Paths, names and durations."""
    return make_imported_file("m3u", source.path.parent, _m3u_tracks(source.text), is_playlist=True)


def _m3u_tracks(text: str) -> Iterator[ExternalTrack]:
    artist = title = duration = None
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if info := _INFO.match(line):
            duration = parse_duration(info[1])
            artist, title = split_name(info[2])
        elif line.strip() and not line.startswith("#"):
            yield ExternalTrack(path=parse_path(line), artist=artist, title=title, duration=duration)
            artist = title = duration = None


def split_name(name: str) -> tuple[str | None, str | None]:
    """Artist and title of "Artist - Title"; (None, title) without " - ".

    >>> split_name("Miles Davis - So What"), split_name("So What")
    (('Miles Davis', 'So What'), (None, 'So What'))
    """
    artist, dash, title = name.partition(" - ")
    return (parse_text(artist), parse_text(title)) if dash and title.strip() else (None, parse_text(name))


def is_xspf(source: ImportSource) -> bool:
    """Whether the outermost XML element is a playlist."""
    return source.file_type == "xml" and source.root == "playlist"


def read_xspf(source: ImportSource) -> ImportedFile:
    """Paths, MusicBrainz ids, names and durations."""
    return make_imported_file("xspf", source.path.parent, _xspf_tracks(source), is_playlist=True)


def _xspf_tracks(source: ImportSource) -> Iterator[ExternalTrack]:
    for _, track in source.elements("playlist/trackList/track"):
        values: dict[str, list[str]] = {}
        for element in track:
            values.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
        yield _external_track(values)


def is_jspf(source: ImportSource) -> bool:
    """Whether the file is a JSON object with a list of tracks under "playlist"."""
    return source.file_type == "json" and isinstance(_jspf_tracks(source.json), list)


def read_jspf(source: ImportSource) -> ImportedFile:
    """Paths, MusicBrainz ids, names and durations, as in XSPF."""
    records = _jspf_tracks(source.json) or []
    tracks = (_external_track(record) for record in records if isinstance(record, dict))
    return make_imported_file("jspf", source.path.parent, tracks, is_playlist=True)


def _jspf_tracks(data: Any) -> Any:
    playlist = data.get("playlist") if isinstance(data, dict) else None
    return playlist.get("track") if isinstance(playlist, dict) else None


def _external_track(values: dict[str, Any]) -> ExternalTrack:
    location = values.get("location")
    uris = location if isinstance(location, list) else [location]
    paths = (parse_path(parse_text(uri), uri=True) for uri in uris)
    return ExternalTrack(
        path=next((path for path in paths if path), None),
        recording=parse_recording_id(values.get("identifier")) or parse_recording_id(location),
        artist=parse_text(values.get("creator")),
        title=parse_text(values.get("title")),
        album=parse_text(values.get("album")),
        duration=parse_duration(parse_text(values.get("duration")), _MILLI),
    )
