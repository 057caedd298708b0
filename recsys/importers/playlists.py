"""Playlists: M3U and M3U8, XSPF, JSPF, in their order. To be in one is to be liked.

M3U has no standard; https://en.wikipedia.org/wiki/M3U tells what programs write: a path in each line, before it
``#EXTINF:seconds,Artist - Title``. XSPF is https://www.xspf.org/spec, JSPF https://www.xspf.org/jspf, as ListenBrainz
writes it: https://musicbrainz.org/doc/jspf.
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
_FILE = re.compile(r"(?:#|[^,;\t]*[^,;\t\s]\.[a-z][a-z0-9]{1,4}\s*$)", re.IGNORECASE)
_STREAM = "#EXT-X-"  # the segments of a broadcast, in the same clothes


def is_m3u(source: ImportSource) -> bool:
    """Whether it says so, is called so, or holds nothing but names of files."""
    if source.file_type != "text" or _STREAM in (lines := source.text.lstrip()[:10_000]):
        return False
    known = lines.upper().startswith("#EXTM3U") or source.path.suffix.lower() in _SUFFIXES
    return known or all(_FILE.match(line) for line in lines.splitlines()[:20] if line.strip())


def read_m3u(source: ImportSource) -> ImportedFile:
    """Paths, names and durations."""
    return make_imported_file("m3u", source.path.parent, _lines(source.text), is_playlist=True)


def _lines(text: str) -> Iterator[ExternalTrack]:
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
    """Artist and title of "Artist - Title"."""
    artist, dash, title = name.partition(" - ")
    return (parse_text(artist), parse_text(title)) if dash and title.strip() else (None, parse_text(name))


def is_xspf(source: ImportSource) -> bool:
    """Whether it is XML around a playlist."""
    return source.file_type == "xml" and source.root == "playlist"


def read_xspf(source: ImportSource) -> ImportedFile:
    """Locations, MusicBrainz ids, names and durations."""
    return make_imported_file("xspf", source.path.parent, _xspf_tracks(source), is_playlist=True)


def _xspf_tracks(source: ImportSource) -> Iterator[ExternalTrack]:
    for _, track in source.elements("playlist/trackList/track"):
        raw: dict[str, list[str]] = {}
        for element in track:
            raw.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
        yield _external_track(raw)


def is_jspf(source: ImportSource) -> bool:
    """Whether it is JSON around a playlist."""
    return source.file_type == "json" and isinstance(_jspf_tracks(source.json), list)


def read_jspf(source: ImportSource) -> ImportedFile:
    """The same as XSPF has."""
    tracks = _jspf_tracks(source.json) or []
    mentions = (_external_track(track) for track in tracks if isinstance(track, dict))
    return make_imported_file("jspf", source.path.parent, mentions, is_playlist=True)


def _jspf_tracks(data: Any) -> Any:
    playlist = data.get("playlist") if isinstance(data, dict) else None
    return playlist.get("track") if isinstance(playlist, dict) else None


def _external_track(raw: dict[str, Any]) -> ExternalTrack:
    where = raw.get("location")
    places = (
        parse_path(parse_text(location), uri=True) for location in (where if isinstance(where, list) else [where])
    )
    return ExternalTrack(
        path=next((path for path in places if path), None),
        recording=parse_recording_id(raw.get("identifier")) or parse_recording_id(where),
        artist=parse_text(raw.get("creator")),
        title=parse_text(raw.get("title")),
        album=parse_text(raw.get("album")),
        duration=parse_duration(parse_text(raw.get("duration")), _MILLI),
    )
