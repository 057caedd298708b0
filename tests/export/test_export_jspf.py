"""JSPF, validated against its schema, and the requirements of ListenBrainz."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from format_contract import FOLDER, MBID, FormatContract, Found, path_of_uri
from jsonschema import Draft202012Validator
from synthetic_library import make_track

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.jspf import format_jspf
from recsys.export.locations import locations

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "jspf.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def document(data: bytes) -> Any:
    found = json.loads(data.decode("utf-8"))
    VALIDATOR.validate(found)
    return found["playlist"]


class TestJspf(FormatContract):
    name = "jspf"

    def read(self, data: bytes, folder: str) -> list[Found]:
        tracks = document(data)["track"]
        assert all(len(track["location"]) == 1 for track in tracks)
        return [Found(path_of_uri(track["location"][0], folder), track["title"]) for track in tracks]

    def expected_title(self, track: Track) -> str:
        """As in XSPF."""
        return "".join(c if c in "\t\n\r" or (c >= " " and not is_invalid(ord(c))) else "\ufffd" for c in track.title)


def is_invalid(code: int) -> bool:
    return 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)


def test_complete_track_has_every_key() -> None:
    joga = make_track(
        1, path="/music/Björk/05 Jóga.mp3", artist="Björk", title="Jóga", album="Homogenic",
        track_number=2, duration=304.6, musicbrainz_recording=MBID,
    )  # fmt: skip
    assert document(format_jspf(Playlist("Für Björk", (joga,)), locations([joga.path], PathOptions(), FOLDER))) == {
        "title": "Für Björk",
        "creator": "recsys",
        "extension": {"https://musicbrainz.org/doc/jspf#playlist": {"public": False}},
        "track": [
            {
                "location": ["../Bj%C3%B6rk/05%20J%C3%B3ga.mp3"],
                "identifier": [f"https://musicbrainz.org/recording/{MBID}"],
                "title": "Jóga",
                "creator": "Björk",
                "album": "Homogenic",
                "trackNum": 2,
                "duration": 304600,
            }
        ],
    }


def test_playlist_meets_the_requirements_of_listenbrainz() -> None:
    """As its server checks them: a title, ``public``, one MusicBrainz recording for each track."""
    tracks = tuple(make_track(i, musicbrainz_recording=str(UUID(int=i))) for i in range(3))
    made = document(
        format_jspf(Playlist("p", tracks), locations([track.path for track in tracks], PathOptions(), FOLDER))
    )
    assert made["title"]
    assert isinstance(made["extension"]["https://musicbrainz.org/doc/jspf#playlist"]["public"], bool)
    for i, track in enumerate(made["track"]):
        [uri] = track["identifier"]
        assert uri.startswith("https://musicbrainz.org/recording/")
        assert UUID(uri.rpartition("/")[2]) == UUID(int=i)
