import json

from format_contract import FormatContract, Found, path_of_line
from synthetic_library import make_track

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import locations
from recsys.export.records import format_json, genre_record, playlist_record, track_record, track_records

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
    "valence",
    "arousal",
]


def test_the_keys_of_a_track_are_a_promise() -> None:
    record = track_record(make_track(3, tagged_genre="Bebop"))
    assert list(record) == KEYS
    assert record["id"] == 3
    assert record["tagged_genre"] == "Bebop"
    assert list(track_record(make_track(3), 0.5)) == [*KEYS, "similarity"]


def test_the_second_candidate_of_the_tempo() -> None:
    record = track_record(make_track(3, bpm_alternative=60.04321, bpm_alternative_probability=0.31))
    assert (record["bpm_alternative"], record["bpm_alternative_probability"]) == (60.0432, 0.31)
    assert track_record(make_track(3))["bpm_alternative"] is None


def test_a_playlist_carries_what_gave_way() -> None:
    made = Playlist("p", (make_track(1), make_track(2)), (0.123456, None), ("too short",))
    record = playlist_record(made)
    assert list(record) == ["name", "tracks", "gave_way"]
    assert [t.get("similarity") for t in record["tracks"]] == [0.1235, None]
    assert record["gave_way"] == ["too short"]
    assert track_records(Playlist("p", (make_track(1),))) == [track_record(make_track(1))]


def test_the_keys_of_a_genre_are_a_promise() -> None:
    prediction = GenrePrediction("jazz", 0.75, {"jazz": 0.75, "blues": 0.25}, "model")
    assert genre_record("a.mp3", prediction, {"piano": 0.5}) == {
        "file": "a.mp3",
        "genre": "jazz",
        "probability": 0.75,
        "genres": {"jazz": 0.75, "blues": 0.25},
        "tags": {"piano": 0.5},
    }
    with_mood = genre_record("a.mp3", prediction, {"piano": 0.5}, mood=Mood(0.123456, 1.0))
    assert (with_mood["valence"], with_mood["arousal"]) == (0.1235, 1.0)


class TestJson(FormatContract):
    name = "json"

    def read(self, data: bytes, folder: str) -> list[Found]:
        record = json.loads(data.decode("ascii"))
        assert list(record) == ["name", "tracks", "gave_way"]
        return [Found(path_of_line(track["path"], folder), track["title"]) for track in record["tracks"]]

    def expected_title(self, track: Track) -> str:
        """JSON holds every text."""
        return track.title


def test_a_file_of_json_is_what_the_command_prints() -> None:
    made = Playlist("p", (make_track(1), make_track(2)), (0.5, None), ("too short",))
    paths = [track.path for track in made.tracks]
    assert json.loads(format_json(made, locations(paths, PathOptions(), None))) == playlist_record(made)
    moved = json.loads(format_json(made, locations(paths, PathOptions(path_map=(("/music", "/data"),)), None)))
    assert [track["path"] for track in moved["tracks"]] == ["/data/1.mp3", "/data/2.mp3"]


def test_the_keys_of_segments_are_a_promise() -> None:
    prediction = GenrePrediction("jazz", 0.75, {"jazz": 0.75}, "model")
    record = genre_record("a.mp3", prediction, {}, [Segment(0.0, 12.34567, "jazz", 0.81)])
    assert list(record) == ["file", "genre", "probability", "genres", "tags", "segments"]
    assert record["segments"] == [{"start": 0.0, "end": 12.3457, "genre": "jazz", "probability": 0.81}]
    assert genre_record("a.mp3", prediction, {}, ())["segments"] == []
