"""Read responses of Subsonic servers (Navidrome, Gonic, Airsonic …) in JSON or XML: starred tracks, ratings, playlists.

The API is described at http://www.subsonic.org/pages/api.jsp and
https://opensubsonic.netlify.app/docs/responses/child/. Save a response with, for example,
``curl 'https://SERVER/rest/getStarred2?f=json&…' > starred.json``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from recsys.errors import InvalidRequest
from recsys.importers.entries import ExternalGroup, ExternalTrack, ImportedFile, make_imported_file
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
_TRACK_LISTS = {"playlist": "entry", "starred2": "song", "starred": "song", "album": "song", "searchResult3": "song",
          "searchResult2": "song", "randomSongs": "song", "songsByGenre": "song", "topSongs": "song",
          "directory": "child"}  # fmt: skip
_STARRED = ("starred2", "starred")
_SCALE = 5  # stars


def is_subsonic(source: ImportSource) -> bool:
    """Whether the file is a response of the API."""
    if source.file_type == "xml":
        return source.root == _ROOT
    return source.file_type == "json" and isinstance(source.json, dict) and isinstance(source.json.get(_ROOT), dict)


def read_subsonic(source: ImportSource) -> ImportedFile:
    """Stars, ratings and plays; or the tracks of a playlist.

    Raises
    ------
    InvalidRequest
        The response is an error message.
    """
    records = _xml_records(source) if source.file_type == "xml" else _json_records(source)
    tracks, groups, is_playlist = [], [], False
    for kind, key, record in records:
        is_playlist = is_playlist or kind == "playlist"
        if key in ("album", "artist"):
            groups += _group(key, record)
        elif str(record.get("isDir")).lower() != "true":
            tracks.append(external_track(record))
    return make_imported_file("subsonic", source.path.parent, tracks, is_playlist=is_playlist, groups=groups)


def _lists() -> Iterator[tuple[str, str]]:
    """The responses and their lists that are read: tracks, and starred albums and artists."""
    yield from _TRACK_LISTS.items()
    yield from ((kind, key) for kind in _STARRED for key in ("album", "artist"))


def _json_records(source: ImportSource) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    response: Any = source.json.get(_ROOT) if isinstance(source.json, dict) else None
    if not isinstance(response, dict):
        return
    if error := response.get("error"):
        raise _server_error(source, error)
    yield from _records_of(response)


def _records_of(response: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for kind, key in _lists():
        records = response[kind].get(key) if isinstance(response.get(kind), dict) else None
        for record in records if isinstance(records, list) else [records]:
            if isinstance(record, dict):
                yield kind, key, record


def _xml_records(source: ImportSource) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    paths = {f"{_ROOT}/{kind}/{key}": (kind, key) for kind, key in _lists()}
    for path, element in source.elements(f"{_ROOT}/error", *paths):
        if path not in paths:
            raise _server_error(source, element.attrib)
        yield *paths[path], element.attrib


def starred_groups(response: Mapping[str, Any]) -> list[ExternalGroup]:
    """The starred albums and artists of a response."""
    records = _records_of(response)
    return [group for _, key, record in records if key in ("album", "artist") for group in _group(key, record)]


def _group(kind: str, record: Mapping[str, Any]) -> list[ExternalGroup]:
    """A starred album or artist; an album has its title under another name in each version of the API."""
    name = parse_text(record.get("name")) or parse_text(record.get("title")) or parse_text(record.get("album"))
    artist = name if kind == "artist" else parse_text(record.get("artist"))
    if not artist or not name:
        return []
    rated_at = parse_timestamp(record.get("starred"))
    return [ExternalGroup(artist, None if kind == "artist" else name, rated_at=rated_at)]


def _server_error(source: ImportSource, error: object) -> InvalidRequest:
    message = parse_text(error.get("message")) if isinstance(error, Mapping) else None
    return InvalidRequest(
        f"{source.path} is an error message of the server ({message or 'no reason'}); export it again"
    )


def external_track(record: Mapping[str, Any]) -> ExternalTrack:
    """A song as the API describes it."""
    rating = parse_number(record.get("userRating"))
    starred = record.get("starred")
    return ExternalTrack(
        path=parse_path(record.get("path")),
        recording=parse_recording_id(record.get("musicBrainzId")),
        artist=parse_text(record.get("artist")),
        title=parse_text(record.get("title")),
        album=parse_text(record.get("album")),
        duration=parse_duration(record.get("duration")),
        stars=rating / _SCALE if rating and 0 < rating <= _SCALE else None,
        plays=parse_count(record.get("playCount")),
        loved=True if starred else None,
        last_played=parse_timestamp(starred) or parse_timestamp(record.get("played")),
    )
