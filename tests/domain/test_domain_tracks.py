"""Track lists and tables: sequences that become records, and frames where pandas is installed."""

import sys
from types import ModuleType
from typing import Any

import pytest
from synthetic_library import make_track

from recsys import Playlist, RatedTracks, Rating, TrackList
from recsys.errors import Hint, RecsysError

TRACKS = [make_track(i, similarity=0.5) for i in (3, 1, 2)]


class FakeFrame:
    """The part of a pandas.DataFrame that recsys calls."""

    def __init__(self, records: list[dict[str, Any]], index: str | None = None) -> None:
        self.records, self.index = records, index

    @classmethod
    def from_records(cls, records: list[dict[str, Any]]) -> "FakeFrame":
        return cls(records)

    def set_index(self, name: str) -> "FakeFrame":
        return FakeFrame(self.records, name)


@pytest.fixture
def fake_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pandas")
    vars(module)["DataFrame"] = FakeFrame
    monkeypatch.setitem(sys.modules, "pandas", module)


@pytest.fixture
def no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)


def test_track_list_is_a_sequence() -> None:
    tracks = TrackList(TRACKS)
    assert (len(tracks), tracks[0], tracks[-1], list(tracks)) == (3, TRACKS[0], TRACKS[2], TRACKS)
    assert tracks[1:] == TrackList(TRACKS[1:])
    assert isinstance(tracks[:2], TrackList)
    assert TRACKS[1] in tracks
    assert tracks.index(TRACKS[2]) == 2
    assert list(reversed(tracks)) == TRACKS[::-1]
    with pytest.raises(IndexError):
        tracks[3]


def test_track_list_equals_sequences_of_the_same_tracks() -> None:
    assert TrackList(TRACKS) == TrackList(tuple(TRACKS)) == TRACKS
    assert hash(TrackList(TRACKS)) == hash(TrackList(tuple(TRACKS)))
    assert TrackList(TRACKS) != TrackList(TRACKS[1:])
    assert TrackList([]) != "tracks"
    assert not TrackList([])


def test_track_list_does_not_follow_the_list_it_is_made_of() -> None:
    source = list(TRACKS)
    tracks = TrackList(source)
    source.clear()
    assert len(tracks) == 3


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "TrackList of 0 tracks"), (1, "TrackList of 1 track"), (2, "TrackList of 2 tracks")]
)
def test_track_list_shows_its_length(n: int, shown: str) -> None:
    assert repr(TrackList(TRACKS[:n])) == shown


def test_track_list_has_the_records_of_its_tracks() -> None:
    assert TrackList(TRACKS).to_dicts() == [track.to_dict() for track in TRACKS]


def test_similarity_is_not_part_of_the_identity_of_a_track() -> None:
    assert make_track(1, similarity=0.5) == make_track(1)
    assert make_track(1, bpm=99.0) != make_track(1)


@pytest.mark.usefixtures("fake_pandas")
def test_frame_has_a_row_for_each_track() -> None:
    for tracks in (TrackList(TRACKS), Playlist("p", tuple(TRACKS))):
        frame = tracks.to_pandas()
        assert frame.records == [track.to_dict() for track in TRACKS]


@pytest.mark.usefixtures("no_pandas")
@pytest.mark.parametrize("tracks", [TrackList(TRACKS), Playlist("p", tuple(TRACKS))])
def test_without_pandas_the_error_has_a_hint(tracks: TrackList | Playlist) -> None:
    with pytest.raises(RecsysError, match=r"^pandas is not installed$") as raised:
        tracks.to_pandas()
    assert (raised.value.hint, raised.value.hint_values) == (Hint.INSTALL_EXTRA, {"extra": "pandas"})


def test_playlist_is_a_sequence_of_its_tracks() -> None:
    playlist = Playlist("p", tuple(TRACKS))
    assert (len(playlist), list(playlist), playlist[1]) == (3, TRACKS, TRACKS[1])
    assert playlist.similarities == (0.5, 0.5, 0.5)


def test_rated_tracks_and_ratings_have_records() -> None:
    rating = Rating(1, 0.51239, 3, "2020-01-02T03:04:05+00:00", "csv")
    assert rating.to_dict() == {
        "rating": 1,
        "strength": 0.5124,
        "plays": 3,
        "rated_at": "2020-01-02T03:04:05+00:00",
        "source": "csv",
        "stars": None,
        "from_stars": False,
    }
    assert RatedTracks((TRACKS[0],), ()).likes == (TRACKS[0],)
