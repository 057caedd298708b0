"""Answers of Subsonic servers (Navidrome, Gonic, Airsonic …), in JSON or XML: starred songs, ratings, playlists.

The interface is http://www.subsonic.org/pages/api.jsp and https://opensubsonic.netlify.app/docs/responses/child/; for
instance ``curl 'https://SERVER/rest/getStarred2?f=json&…' > starred.json``. Of starred albums and artists nothing is
taken: a song is liked, or it is not.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from recsys.errors import UsageError
from recsys.importers.entries import Listing, Mention, listing
from recsys.importers.parsing import count, moment, number, place, recording_id, seconds, words
from recsys.importers.source import Source

_ROOT = "subsonic-response"
_LISTS = {"playlist": "entry", "starred2": "song", "starred": "song", "album": "song", "searchResult3": "song",
          "searchResult2": "song", "randomSongs": "song", "songsByGenre": "song", "topSongs": "song",
          "directory": "child"}  # fmt: skip
_BEST = 5


def is_subsonic(source: Source) -> bool:
    """Whether it is an answer."""
    if source.shape == "xml":
        return source.root == _ROOT
    return source.shape == "json" and isinstance(source.json, dict) and isinstance(source.json.get(_ROOT), dict)


def read_subsonic(source: Source) -> Listing:
    """Hearts, stars and plays of songs; a playlist is listed."""
    found = list(_in_xml(source) if source.shape == "xml" else _in_json(source))
    songs = [song for _, song in found if str(song.get("isDir")).lower() != "true"]
    listed = any(kind == "playlist" for kind, _ in found)
    return listing("subsonic", source.path.parent, map(_song, songs), listed=listed)


def _in_json(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
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


def _in_xml(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    paths = {f"{_ROOT}/{kind}/{inner}": kind for kind, inner in _LISTS.items()}
    for path, element in source.elements(f"{_ROOT}/error", *paths):
        if path not in paths:
            raise _refused(source, element.attrib)
        yield paths[path], element.attrib


def _refused(source: Source, error: object) -> UsageError:
    said = words(error.get("message")) if isinstance(error, Mapping) else None
    return UsageError(f"{source.path} holds no songs: the server answered {said or 'with an error'!r}; ask it again")


def _song(said: Mapping[str, Any]) -> Mention:
    rating = number(said.get("userRating"))
    starred = said.get("starred")
    return Mention(
        path=place(said.get("path")),
        recording=recording_id(said.get("musicBrainzId")),
        artist=words(said.get("artist")),
        title=words(said.get("title")),
        album=words(said.get("album")),
        duration=seconds(said.get("duration")),
        stars=rating / _BEST if rating and 0 < rating <= _BEST else None,
        plays=count(said.get("playCount")),
        loved=True if starred else None,
        at=moment(starred) or moment(said.get("played")),
    )
