"""Every call below /rest: its answer has the fields of the documents of OpenSubsonic, and XML has those of JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from player_server import PlayerServer, running
from response_schemas import DEFINITIONS, PAYLOADS, schema_of

from recsys.web.subsonic.answers import to_xml
from recsys.web.subsonic.routes import CALLS

SONG, OTHER, ALBUM, ARTIST = "tr-1", "tr-2", "al-1", "ar-1"
CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("star", {"id": [SONG, OTHER], "albumId": ALBUM, "artistId": ARTIST}),
    ("setRating", {"id": SONG, "rating": 5}),
    ("setRating", {"id": ALBUM, "rating": 3}),
    ("scrobble", {"id": [SONG, OTHER], "time": [1_700_000_000_000, 1_700_000_300_000]}),
    ("scrobble", {"id": OTHER, "submission": "false"}),
    ("createPlaylist", {"name": "Evening", "songId": [SONG, OTHER]}),
    ("updatePlaylist", {"playlistId": "pl-1", "comment": "quiet", "songIdToAdd": "tr-3", "songIndexToRemove": 0}),
    ("savePlayQueue", {"id": [SONG, OTHER], "current": OTHER, "position": 1500}),
    ("savePlayQueueByIndex", {"id": [SONG, OTHER], "currentIndex": 1, "position": 1500}),
    ("reportPlayback", {"mediaId": SONG, "mediaType": "song", "positionMs": 1000, "state": "playing"}),
)
"""Calls that change something, in this order, before the others."""
READS: dict[str, tuple[dict[str, Any], ...]] = {
    "getIndexes": ({}, {"musicFolderId": 0}),
    "getMusicDirectory": ({"id": ARTIST}, {"id": ALBUM}),
    "getArtist": ({"id": ARTIST},),
    "getArtistInfo": ({"id": ARTIST},),
    "getArtistInfo2": ({"id": ARTIST, "count": 3},),
    "getAlbum": ({"id": ALBUM},),
    "getAlbumInfo": ({"id": ALBUM},),
    "getAlbumInfo2": ({"id": ALBUM},),
    "getSong": ({"id": SONG}, {"id": OTHER}),
    "getAlbumList": tuple({"type": kind} for kind in ("newest", "starred", "highest", "frequent", "recent")),
    "getAlbumList2": (
        *({"type": kind} for kind in ("newest", "highest", "frequent", "recent", "starred")),
        *({"type": f"alphabeticalBy{field}", "size": 3, "offset": 1} for field in ("Name", "Artist")),
        {"type": "byYear", "fromYear": 2010, "toYear": 2000}, {"type": "byGenre", "genre": "rock"},
    ),
    "getSongsByGenre": ({"genre": "rock", "count": 3},),
    "getTopSongs": ({"artist": "Kenji Williams"},),
    "search2": ({"query": "williams"},),
    "search3": ({"query": ""}, {"query": '""', "songCount": 3, "songOffset": 2}, {"query": "free energy"}),
    "getSimilarSongs": ({"id": SONG, "count": 5}, {"id": ALBUM}, {"id": ARTIST}),
    "getSimilarSongs2": ({"id": SONG}, {"id": ALBUM}, {"id": ARTIST}),
    "getSonicSimilarTracks": ({"id": SONG, "count": 5},),
    "findSonicPath": ({"startSongId": SONG, "endSongId": "tr-9", "count": 5},),
    "getPlaylist": ({"id": "pl-1"},),
    "getLyrics": ({"artist": "Kenji Williams", "title": "Free Energy"}, {"artist": "x", "title": "y"}),
    "getLyricsBySongId": ({"id": SONG}, {"id": SONG, "enhanced": "true"}),
    "getUser": ({"username": "player"},),
}  # fmt: skip
"""Parameters of calls that need some; all others are called without."""
VARYING = ("getRandomSongs", "getSimilarSongs", "getSimilarSongs2", "getNowPlaying", "getScanStatus", "startScan")
"""Calls whose answer differs from one time to the next."""
ABOUT = ("artistInfo", "artistInfo2", "albumInfo")
"""Records whose texts are elements in XML, not attributes."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    with running(tmp_path_factory) as found:
        yield found


@pytest.fixture(scope="module")
def used(server: PlayerServer) -> PlayerServer:
    """A server whose library has stars, ratings, plays, a playlist and a queue."""
    for name, parameters in CHANGES:
        if name in CALLS:
            check(name, server.call(name, **parameters).json())
    return server


def check(name: str, answer: Mapping[str, Any]) -> None:
    found = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema_of(name)).iter_errors(answer)
    ]
    assert found == []


def content(fields: Mapping[str, Any], *, elements: bool = False) -> tuple[object, ...]:
    """What XML has of a record of JSON: attributes (or ``elements``), children by name, text."""
    attributes, children, text = {}, {}, ""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            children[name] = [content(value, elements=name in ABOUT)]
        elif isinstance(value, list):
            if value:
                children[name] = [
                    content(each) if isinstance(each, Mapping) else ({}, {}, shown(each)) for each in value
                ]
        elif elements:
            children[name] = [({}, {}, shown(value))]
        elif name == "value":
            text = shown(value)
        else:
            attributes[name] = shown(value)
    return attributes, children, text


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def content_of_xml(element: ElementTree.Element) -> tuple[object, ...]:
    children: dict[str, list[tuple[object, ...]]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(content_of_xml(child))
    return dict(element.attrib), children, element.text or ""


def reads() -> list[str]:
    """The calls that return records: all but those for changes and media."""
    return sorted({name for name in PAYLOADS if name not in dict(CHANGES)} & set(CALLS))


@pytest.mark.parametrize("name", reads())
def test_answers_have_the_documented_fields_in_both_formats(used: PlayerServer, name: str) -> None:
    for parameters in READS.get(name, ({},)):
        answer = used.call(name, **parameters).json()
        check(name, answer)
        xml = ElementTree.fromstring(used.call(f"{name}.view", **parameters, f="xml").content)
        found, expected = content_of_xml(xml), content(answer["subsonic-response"])
        if name in VARYING:
            assert found[0] == expected[0]
        else:
            assert found == expected


def test_failures_have_the_documented_fields(server: PlayerServer) -> None:
    answer = server.call("getSong", id="tr-999").json()["subsonic-response"]
    assert answer.pop("error") == {"code": 70, "message": "there is no song 'tr-999'"}
    assert set(answer) == {"status", "version", "type", "serverVersion", "openSubsonic"}
    root = ElementTree.fromstring(server.call("getSong", id="tr-999", f="xml").content)
    assert [child.attrib["code"] for child in root] == ["70"]


def test_schemas_refuse_what_is_not_documented() -> None:
    song = {"id": "tr-1", "isDir": False, "title": "A"}
    schema = {"$defs": DEFINITIONS, "$ref": "#/$defs/child"}
    jsonschema.validate(song, schema)
    for wrong in (
        {"artistID": "ar-1"},
        {"userRating": 0},
        {"duration": 3.5},
        {"created": "yesterday"},
        {"title": None},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**song, **wrong}, schema)


def test_the_comparison_of_formats_sees_differences() -> None:
    payload = {"status": "ok", "song": {"id": "1", "isDir": False, "isrc": ["a", "b"], "genres": [{"name": "x"}]}}
    same = content_of_xml(ElementTree.fromstring(to_xml(payload)))
    assert same == content(payload)
    changed = json.loads(json.dumps(payload).replace('"b"', '"c"'))
    assert same != content(changed)
