"""Answers of Subsonic servers (Navidrome, Gonic, Airsonic …), in JSON or XML: starred songs, ratings, playlists.

The interface is http://www.subsonic.org/pages/api.jsp and https://opensubsonic.netlify.app/docs/responses/child/; for
instance ``curl 'https://SERVER/rest/getStarred2?f=json&…' > starred.json``. Of starred albums and artists nothing is
taken: a song is liked, or it is not.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from recsys.errors import InvalidRequest
from recsys.importers.entries import ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_number,
    parse_path,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource

_ROOT = "subsonic-response"
_LISTS = {"playlist": "entry", "starred2": "song", "starred": "song", "album": "song", "searchResult3": "song",
          "searchResult2": "song", "randomSongs": "song", "songsByGenre": "song", "topSongs": "song",
          "directory": "child"}  # fmt: skip
_BEST = 5


def is_subsonic(source: ImportSource) -> bool:
    """Whether it is an answer."""
    if source.file_type == "xml":
        return source.root == _ROOT
    return source.file_type == "json" and isinstance(source.json, dict) and isinstance(source.json.get(_ROOT), dict)


def read_subsonic(source: ImportSource) -> ImportedFile:
    """Hearts, stars and plays of songs; a playlist is listed."""
    found = list(_in_xml(source) if source.file_type == "xml" else _in_json(source))
    songs = [song for _, song in found if str(song.get("isDir")).lower() != "true"]
    listed = any(kind == "playlist" for kind, _ in found)
    return make_imported_file("subsonic", source.path.parent, map(_song, songs), is_playlist=listed)


def _in_json(source: ImportSource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    answer: Any = source.json.get(_ROOT) if isinstance(source.json, dict) else None
    if not isinstance(answer, dict):
        return
    if error := answer.get("error"):
        raise _refused(source, error)
    for kind, inner in _LISTS.items():
        songs = answer[kind].get(inner) if isinstance(answer.get(kind), dict) else None
        for song in songs if isinstance(songs, list) else [songs]:
            if isinstance(song, dict):
                yield kind, song


def _in_xml(source: ImportSource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    paths = {f"{_ROOT}/{kind}/{inner}": kind for kind, inner in _LISTS.items()}
    for path, element in source.elements(f"{_ROOT}/error", *paths):
        if path not in paths:
            raise _refused(source, element.attrib)
        yield paths[path], element.attrib


def _refused(source: ImportSource, error: object) -> InvalidRequest:
    raw = parse_text(error.get("message")) if isinstance(error, Mapping) else None
    return InvalidRequest(f"{source.path} holds no songs: the server answered {raw or 'with an error'!r}; ask it again")


def _song(raw: Mapping[str, Any]) -> ExternalTrack:
    rating = parse_number(raw.get("userRating"))
    starred = raw.get("starred")
    return ExternalTrack(
        path=parse_path(raw.get("path")),
        recording=parse_recording_id(raw.get("musicBrainzId")),
        artist=parse_text(raw.get("artist")),
        title=parse_text(raw.get("title")),
        album=parse_text(raw.get("album")),
        duration=parse_duration(raw.get("duration")),
        stars=rating / _BEST if rating and 0 < rating <= _BEST else None,
        plays=parse_count(raw.get("playCount")),
        loved=True if starred else None,
        last_played=parse_timestamp(starred) or parse_timestamp(raw.get("played")),
    )
