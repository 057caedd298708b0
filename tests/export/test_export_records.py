"""The records of ``--json``: their keys are a promise to other programs."""

import json
from typing import Any

from format_contract import FormatContract, Found, path_of_line
from synthetic_library import make_track

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.requests import PathOptions
from recsys.domain.results import Classification, Playlist, UnmetConstraint
from recsys.domain.tracks import Description, Track
from recsys.export.locations import locations
from recsys.export.records import format_json

KEYS = [
    "id",
    "path",
    "artist",
    "title",
    "album",
    "genre",
    "genre_probability",
    "tagged_genre",
    "duration",
    "bpm",
    "bpm_alternative",
    "bpm_alternative_probability",
    "key",
    "camelot",
    "valence",
    "arousal",
    "artists",
    "artist_ids",
    "album_id",
    "tagged_genres",
]
SHORT = UnmetConstraint("n", 3, 2, "artist_limit", {"limit": 2})
PLAYLIST = Playlist("p", (make_track(1, similarity=0.123456), make_track(2)), (SHORT,))


def test_track_record_has_its_keys_in_order() -> None:
    record = make_track(3, tagged_genre="Bebop").to_dict()
    assert list(record) == KEYS
    assert record["id"] == 3
    assert record["tagged_genre"] == "Bebop"
    assert list(make_track(3, similarity=0.5).to_dict()) == [*KEYS, "similarity"]
    assert list(make_track(3, genre="unknown", genre_guess="jazz").to_dict()) == [*KEYS, "genre_guess"]


def test_track_record_has_the_alternative_tempo() -> None:
    record = make_track(3, bpm_alternative=60.04321, bpm_alternative_probability=0.31).to_dict()
    assert (record["bpm_alternative"], record["bpm_alternative_probability"]) == (60.0432, 0.31)
    assert make_track(3).to_dict()["bpm_alternative"] is None


def test_playlist_record_has_its_unmet_constraints() -> None:
    record = PLAYLIST.to_dict()
    assert list(record) == ["name", "tracks", "unmet_constraints", "seed"]
    assert [track.get("similarity") for track in record["tracks"]] == [0.1235, None]
    assert record["unmet_constraints"] == [
        {"constraint": "n", "wanted": 3, "got": 2, "reason": "artist_limit", "details": {"limit": 2}}
    ]
    assert Playlist("p", (make_track(1),)).to_dicts() == [make_track(1).to_dict()]


def classification(**fields: Any) -> Classification:
    prediction = GenrePrediction("jazz", 0.75, {"jazz": 0.75, "blues": 0.25}, "model")
    values: dict[str, Any] = {
        "file": "a.mp3", "prediction": prediction, "tags": {"piano": 0.5}, "description": Description([], {})
    } | fields  # fmt: skip
    return Classification(**values)


def test_classification_record_has_its_keys() -> None:
    assert classification().to_dict() == {
        "file": "a.mp3",
        "genre": "jazz",
        "probability": 0.75,
        "genres": {"jazz": 0.75, "blues": 0.25},
        "tags": {"piano": 0.5},
    }
    record = classification(mood=Mood(0.123456, 1.0)).to_dict()
    assert (record["valence"], record["arousal"]) == (0.1235, 1.0)


def test_classification_record_of_an_unknown_genre_has_a_guess() -> None:
    unknown = GenrePrediction("unknown", 0.4, {"jazz": 0.4, "blues": 0.3}, "model")
    assert classification(prediction=unknown).to_dict()["genre_guess"] == "jazz"
    assert "genre_guess" not in classification().to_dict()


def test_classification_record_has_the_segments_if_they_were_requested() -> None:
    record = classification(segments=(Segment(0.0, 12.34567, "jazz", 0.81),)).to_dict()
    assert list(record) == ["file", "genre", "probability", "genres", "tags", "segments"]
    assert record["segments"] == [{"start": 0.0, "end": 12.3457, "genre": "jazz", "probability": 0.81}]
    assert classification(segments=()).to_dict()["segments"] == []


class TestJson(FormatContract):
    name = "json"

    def read(self, data: bytes, folder: str) -> list[Found]:
        record = json.loads(data.decode("ascii"))
        assert list(record) == ["name", "tracks", "unmet_constraints", "seed"]
        return [Found(path_of_line(track["path"], folder), track["title"]) for track in record["tracks"]]

    def expected_title(self, track: Track) -> str:
        """JSON holds every text."""
        return track.title


def test_json_file_has_the_record_with_the_paths_of_the_player() -> None:
    paths = [track.path for track in PLAYLIST]
    assert json.loads(format_json(PLAYLIST, locations(paths, PathOptions(), None))) == PLAYLIST.to_dict()
    mapped = locations(paths, PathOptions(path_map={"/music": "/data"}), None)
    moved = json.loads(format_json(PLAYLIST, mapped))
    assert [track["path"] for track in moved["tracks"]] == ["/data/1.mp3", "/data/2.mp3"]
