"""Stars, ratings and plays of players of Subsonic, and what has nothing in a library of music."""

from pathlib import Path

import pytest
from subsonic_calls import SubsonicCalls
from synthetic_library import all_kinds, make_library

import recsys
from recsys.web.subsonic import empty


@pytest.fixture
def calls(tmp_path: Path) -> SubsonicCalls:
    make_library(tmp_path / "home", all_kinds(2))
    return SubsonicCalls(tmp_path / "home")


def liked(library: recsys.Library) -> list[int]:
    return [track.id for track in library.ratings.tracks().likes]


def test_a_star_is_a_like(calls: SubsonicCalls) -> None:
    calls.get("star", id=["tr-1", "tr-3"], albumId="al-1", artistId="ar-2")
    assert liked(calls.library) == [1, 3]
    assert [album.id for album in calls.library.ratings.albums.list().likes] == [1]
    assert [artist.id for artist in calls.library.ratings.artists.list().likes] == [2]
    assert "starred" in calls.get("getSong", id="tr-1")["song"]
    calls.get("unstar", id=["tr-1", "al-1", "ar-2"])
    assert liked(calls.library) == [3]
    assert not calls.library.ratings.albums.list().likes
    assert not calls.library.ratings.artists.list().likes
    assert "starred" not in calls.get("getSong", id="tr-1")["song"]


def test_a_star_of_nothing_is_an_error(calls: SubsonicCalls) -> None:
    assert calls.error("star") == calls.error("unstar") == 10
    assert calls.error("star", id=["tr-1", "tr-99"]) == 70
    assert liked(calls.library) == []
    for wrong in ("1", "tr-0", "tr-x", "pl-1", "al-none-1", "ar-unknown"):
        assert calls.error("star", id=wrong) == 70, wrong


def test_ratings_are_stars(calls: SubsonicCalls) -> None:
    for number, stars in enumerate((5, 4, 3, 2, 1), start=1):
        calls.get("setRating", id=f"tr-{number}", rating=stars)
    found = calls.library.ratings.tracks()
    assert [track.id for track in found.likes] == [1, 2]
    assert [track.id for track in found.dislikes] == [4, 5]
    assert calls.get("getSong", id="tr-3")["song"]["userRating"] == 3
    calls.get("setRating", id="tr-1", rating=0)
    assert liked(calls.library) == [2]
    calls.get("setRating", id="al-1", rating=4)
    calls.get("setRating", id="ar-1", rating=1)
    assert [each.stars for each in calls.library.ratings.albums.stars().values()] == [4]
    assert [each.stars for each in calls.library.ratings.artists.stars().values()] == [1]
    assert calls.error("setRating", id="tr-1", rating=6) == calls.error("setRating", id="tr-1", rating=-1) == 0
    assert calls.error("setRating", id="tr-1") == calls.error("setRating", rating=1) == 10


def test_a_scrobble_is_a_play_and_is_stored_once(calls: SubsonicCalls) -> None:
    for _ in range(2):
        calls.get("scrobble", id=["tr-1", "tr-2", "tr-99"], time=[1_700_000_000_000, 1_700_000_100_000, 1])
    played = calls.library.plays.recent()
    assert [(play.track.id, play.played_at) for play in played] == [
        (2, "2023-11-14T22:15:00.000+00:00"),
        (1, "2023-11-14T22:13:20.000+00:00"),
    ]
    assert calls.get("getSong", id="tr-1")["song"]["playCount"] == 1
    assert calls.error("scrobble") == 10
    assert calls.error("scrobble", id="tr-99") == 70


def test_a_play_is_never_in_the_future(calls: SubsonicCalls) -> None:
    calls.get("scrobble", id=["tr-1", "tr-2"], time=9_000_000_000_000)
    assert sorted(play.played_at[:2] for play in calls.library.plays.recent()) == ["20", "20"]


def test_what_is_playing_is_seen_by_players_of_the_same_listener(calls: SubsonicCalls) -> None:
    calls.get("scrobble", id="tr-1", submission="false", c="radio")
    calls.get("scrobble", id="tr-2", submission="false", c="radio")
    calls.get("scrobble", id="tr-3", submission="false", c="phone")
    assert calls.library.plays.recent() == []
    entries = calls.get("getNowPlaying")["nowPlaying"]["entry"]
    assert [(entry["id"], entry["playerName"], entry["minutesAgo"]) for entry in entries] == [
        ("tr-3", "phone", 0),
        ("tr-2", "radio", 0),
    ]
    calls.library.listeners.add("Anna")
    other = calls.library.keys.add("other", subsonic=True, listener="Anna")
    assert calls.get("getNowPlaying", apiKey=other)["nowPlaying"]["entry"] == []


def test_what_is_playing_ends_with_the_song(calls: SubsonicCalls) -> None:
    now = [1000.0]
    playing = calls.client.state.playing
    playing.clock = lambda: now[0]
    playing.report(1, None, "anna", "phone", 120.0)
    now[0] += 125
    assert [round(ago) for _, ago in playing.of(None)] == [125]
    now[0] += 60
    assert playing.of(None) == []


class Player:
    """A player that reports its playback, at times of a clock that the test sets; songs are of 120 s and more."""

    def __init__(self, calls: SubsonicCalls) -> None:
        self.calls = calls
        self.now = 1000.0
        calls.client.state.playing.clock = lambda: self.now

    def report(self, state: str, position: float = 0.0, id: str = "tr-1", **more: object) -> None:
        given = {"mediaId": id, "mediaType": "song", "state": state, "positionMs": round(1000 * position), **more}
        self.calls.get("reportPlayback", **given)

    @property
    def played(self) -> list[int]:
        return [play.track.id for play in self.calls.library.plays.recent()]


def test_a_reported_playback_is_a_play_once_half_of_it_is_over(calls: SubsonicCalls) -> None:
    player = Player(calls)
    half = calls.library.track("1").duration / 2
    player.report("starting")
    player.report("playing")
    player.report("paused", half - 1)
    assert player.played == []
    assert [entry["id"] for entry in calls.get("getNowPlaying")["nowPlaying"]["entry"]] == ["tr-1"]
    player.report("playing", half + 1)
    player.report("stopped", 2 * half)
    assert player.played == [1]
    assert calls.get("getNowPlaying")["nowPlaying"]["entry"] == []
    player.report("starting")
    player.report("stopped", half + 1)
    assert player.played == [1, 1]
    extensions = calls.get("getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert {"name": "playbackReport", "versions": [1]} in extensions


def test_the_song_before_is_a_play_if_it_went_on_for_long_enough(calls: SubsonicCalls) -> None:
    player = Player(calls)
    player.report("playing", playbackRate=2.0)
    player.now += calls.library.track("1").duration / 4 + 1
    player.report("starting", id="tr-2")
    assert player.played == [1]
    player.now += 1000  # it has not begun to play
    player.report("starting", id="tr-3")
    assert player.played == [1]


def test_a_playback_that_must_not_be_scrobbled_is_no_play(calls: SubsonicCalls) -> None:
    player = Player(calls)
    player.report("playing", 100.0, ignoreScrobble="true")
    player.report("stopped", 119.0)
    assert player.played == []
    wrong = {"mediaId": "tr-1", "mediaType": "song", "state": "playing", "positionMs": 0}
    assert calls.error("reportPlayback", **{**wrong, "mediaId": "tr-99"}) == 70
    assert calls.error("reportPlayback", **{**wrong, "mediaType": "podcast"}) == 0
    assert calls.error("reportPlayback", **{**wrong, "state": "over"}) == 0
    for name in wrong:
        assert calls.error("reportPlayback", **{key: value for key, value in wrong.items() if key != name}) == 10


def test_a_key_rates_and_plays_for_its_listener(tmp_path: Path) -> None:
    make_library(tmp_path / "home", all_kinds(1))
    calls = SubsonicCalls(tmp_path / "home", listener="Anna")
    calls.get("star", id="tr-1")
    calls.get("setRating", id="tr-2", rating=5)
    calls.get("scrobble", id="tr-3")
    assert liked(calls.library) == []
    anna = calls.library.for_listener("Anna")
    assert liked(anna) == [1, 2]
    assert [play.track.id for play in anna.plays.recent()] == [3]


def test_what_a_library_does_not_have_is_empty_or_not_permitted(calls: SubsonicCalls) -> None:
    for call, payload in empty.LISTS.items():
        [(name, value)] = payload.items()
        assert calls.get(call)[name] == value
        assert len(calls.xml(call).findall(name)) == 1
    for call in empty.NOT_PERMITTED:
        assert calls.error(call) == 50
    for call in empty.NOT_THERE:
        assert calls.error(call) == 70
