"""Playlists: M3U and M3U8, XSPF, JSPF, in their order. To be in one is to be liked.

M3U has no standard; https://en.wikipedia.org/wiki/M3U tells what programs write: a path in each line, before it
``#EXTINF:seconds,Artist - Title``. XSPF is https://www.xspf.org/spec, JSPF https://www.xspf.org/jspf, as ListenBrainz
writes it: https://musicbrainz.org/doc/jspf.
"""

import re
from collections.abc import Iterator
from typing import Any

from recsys.importers.entries import Listing, Mention, listing
from recsys.importers.parsing import place, recording_id, seconds, words
from recsys.importers.source import Source

_SUFFIXES = (".m3u", ".m3u8")
_MILLI = 0.001
_INFO = re.compile(r"#EXTINF:\s*(-?[\d.]+)?[^,]*,(.*)", re.IGNORECASE)
_FILE = re.compile(r"(?:#|[^,;\t]*[^,;\t\s]\.[a-z][a-z0-9]{1,4}\s*$)", re.IGNORECASE)
_STREAM = "#EXT-X-"  # the segments of a broadcast, in the same clothes


def is_m3u(source: Source) -> bool:
    """Whether it says so, is called so, or holds nothing but names of files."""
    if source.shape != "text" or _STREAM in (lines := source.text.lstrip()[:10_000]):
        return False
    known = lines.upper().startswith("#EXTM3U") or source.path.suffix.lower() in _SUFFIXES
    return known or all(_FILE.match(line) for line in lines.splitlines()[:20] if line.strip())


def read_m3u(source: Source) -> Listing:
    """Paths, names and durations."""
    return listing("m3u", source.path.parent, _lines(source.text), listed=True)


def _lines(text: str) -> Iterator[Mention]:
    artist = title = duration = None
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if info := _INFO.match(line):
            duration = seconds(info[1])
            artist, title = split_name(info[2])
        elif line.strip() and not line.startswith("#"):
            yield Mention(path=place(line), artist=artist, title=title, duration=duration)
            artist = title = duration = None


def split_name(name: str) -> tuple[str | None, str | None]:
    """Artist and title of "Artist - Title"."""
    artist, dash, title = name.partition(" - ")
    return (words(artist), words(title)) if dash and title.strip() else (None, words(name))


def is_xspf(source: Source) -> bool:
    """Whether it is XML around a playlist."""
    return source.shape == "xml" and source.root == "playlist"


def read_xspf(source: Source) -> Listing:
    """Locations, MusicBrainz ids, names and durations."""
    return listing("xspf", source.path.parent, _xspf_tracks(source), listed=True)


def _xspf_tracks(source: Source) -> Iterator[Mention]:
    for _, track in source.elements("playlist/trackList/track"):
        said: dict[str, list[str]] = {}
        for element in track:
            said.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
        yield _mention(said)


def is_jspf(source: Source) -> bool:
    """Whether it is JSON around a playlist."""
    return source.shape == "json" and isinstance(_jspf_tracks(source.json), list)


def read_jspf(source: Source) -> Listing:
    """The same as XSPF has."""
    tracks = _jspf_tracks(source.json) or []
    mentions = (_mention(track) for track in tracks if isinstance(track, dict))
    return listing("jspf", source.path.parent, mentions, listed=True)


def _jspf_tracks(data: Any) -> Any:
    playlist = data.get("playlist") if isinstance(data, dict) else None
    return playlist.get("track") if isinstance(playlist, dict) else None


def _mention(said: dict[str, Any]) -> Mention:
    where = said.get("location")
    places = (place(words(location), uri=True) for location in (where if isinstance(where, list) else [where]))
    return Mention(
        path=next((path for path in places if path), None),
        recording=recording_id(said.get("identifier")) or recording_id(where),
        artist=words(said.get("creator")),
        title=words(said.get("title")),
        album=words(said.get("album")),
        duration=seconds(words(said.get("duration")), _MILLI),
    )
