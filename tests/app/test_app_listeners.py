"""Listeners of a library: each has ratings, stars, plays and playlists of its own; the index is shared."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from synthetic_library import all_kinds, make_library, unit

from recsys import Library, PathOptions, PlaylistRequest, load_settings
from recsys.errors import Hint, InvalidRequest, NotFound


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Tracks 1 to 6 are jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    make_library(tmp_path, all_kinds())
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    return Library(tmp_path)


def genres(library: Library, **options: Any) -> set[str | None]:
    return {track.genre for track in library.playlist(n=3, **options)}


def test_each_listener_has_playlists_from_own_likes(library: Library) -> None:
    anna = library.for_listener("anna")
    library.like(1, 2)
    anna.like(7, 8)
    assert (genres(library), genres(anna)) == ({"jazz"}, {"metal"})
    assert (library.details(1)["rating"], anna.details(1)["rating"]) == (1, 0)
    assert anna.unrate(7, 8)
    with pytest.raises(NotFound) as raised:
        anna.playlist()
    assert raised.value.hint is Hint.LIKE_TRACKS


def test_dislikes_of_another_listener_exclude_nothing(library: Library) -> None:
    anna = library.for_listener("anna")
    anna.dislike(2)
    assert 2 in {track.id for track in library.playlist(seeds=[1, 7], n=10)}
    assert 2 not in {track.id for track in anna.playlist(seeds=[1, 7], n=10)}


def test_recent_playlists_of_another_listener_are_not_excluded(library: Library, tmp_path: Path) -> None:
    anna = library.for_listener("anna")
    anna.like(1)
    library.like(1)
    first = library.playlist(n=3)
    library.write_playlist(first, tmp_path / "first.m3u8")
    ids = {track.id for track in first}
    assert not ids & {track.id for track in library.playlist(n=2, exclude_recent=True)}
    assert {track.id for track in anna.playlist(n=3, exclude_recent=True)} == ids


def test_saved_playlists_belong_to_a_listener(library: Library, tmp_path: Path) -> None:
    anna = library.for_listener("anna")
    library.like(1)
    anna.like(7)
    library.playlists.save("daily", PlaylistRequest(n=3), tmp_path / "mine.m3u8")
    anna.playlists.save("daily", PlaylistRequest(n=3), tmp_path / "hers.m3u8")
    [refreshed] = anna.playlists.refresh()
    assert (refreshed.output, {track.genre for track in refreshed.playlist or ()}) == (
        str(tmp_path / "hers.m3u8"), {"metal"},
    )  # fmt: skip
    with pytest.raises(InvalidRequest, match="is the file of the playlist 'daily' of default; choose another one"):
        anna.playlists.save("other", PlaylistRequest(n=3), tmp_path / "mine.m3u8", path_options=PathOptions())
    anna.playlists.delete("daily")
    assert [saved.name for saved in library.playlists.list()] == ["daily"]


def test_views_share_the_index_and_name_their_listener(library: Library) -> None:
    anna = library.for_listener("anna")
    library.similar(1)
    assert anna._context._shared is library._context._shared
    assert anna._context._shared.index is not None
    assert (library.settings.listener, anna.settings.listener) == (None, "anna")
    assert anna.for_listener(None).settings == library.settings


def test_the_listener_of_the_settings_is_used(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Library(tmp_path, listener="anna").like(1)
    assert len(Library(load_settings({}, home=tmp_path, listener="ANNA")).ratings.tracks().likes) == 1
    (tmp_path / "config.toml").write_text('listener = "anna"')
    assert len(Library(tmp_path).ratings.tracks().likes) == 1
    monkeypatch.setenv("RECSYS_LISTENER", "default")
    assert len(Library(tmp_path).ratings.tracks().likes) == 0
    assert len(Library(tmp_path, listener="Anna").ratings.tracks().likes) == 1
    (tmp_path / "config.toml").write_text("listener = 3")
    with pytest.raises(InvalidRequest, match="listener must be a name, got 3"):
        load_settings({}, home=tmp_path)


def test_unknown_listener_is_an_error_that_names_the_others(library: Library) -> None:
    library.listeners.add("Anna")
    with pytest.raises(NotFound, match="there is no listener 'ana'; there are: default, Anna") as raised:
        library.for_listener("ana").playlist(seeds=[1])
    assert (raised.value.hint, raised.value.hint_values) == (Hint.ADD_LISTENER, {"name": "ana"})


def test_stars_make_playlists(library: Library) -> None:
    assert [track.id for track in library.ratings.set_stars([1, "title 2"], 5)] == [1, 2]
    library.ratings.set_stars([7], 3)
    assert genres(library) == {"jazz"}
    assert {i: given.stars for i, given in library.ratings.stars().items()} == {1: 5, 2: 5, 7: 3}
    library.dislike(1)
    assert [track.id for track in library.ratings.tracks().dislikes] == [1]
    assert [track.id for track in library.ratings.clear([1, 7])] == [1, 7]
    assert list(library.ratings.stars()) == [2]
    details = library.details(2)
    assert (details["rating"], details["stars"], details["plays"], details["last_played_at"]) == (1, 5, 0, None)


def test_plays_have_times_and_counts(library: Library) -> None:
    plays = library.plays
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    plays.add(1, at="2026-05-01T12:00")
    plays.add(1, at=noon)
    plays.add("title 1", at=noon.astimezone(timezone(timedelta(hours=2))) + timedelta(seconds=1))
    plays.skip(2, at=noon - timedelta(days=1))
    assert [(play.track.id, play.played_at, play.skipped, play.source) for play in plays.recent()] == [
        (1, "2026-05-01T12:00:01.000+00:00", False, "manual"), (1, "2026-05-01T12:00:00.000+00:00", False, "manual"),
        (2, "2026-04-30T12:00:00.000+00:00", True, "manual"),
    ]  # fmt: skip
    assert [play.track.id for play in plays.recent(1)] == [1]
    assert [play.to_dict()["skipped"] for play in plays.recent(track=2)] == [True]
    assert len(plays.recent(since="2026-05-01")) == 2
    assert {i: count[:2] for i, count in plays.counts().items()} == {1: (2, 0), 2: (0, 1)}
    assert library.details(1)["last_played_at"] == "2026-05-01T12:00:01.000+00:00"
    with pytest.raises(NotFound) as raised:  # plays alone are no like
        library.playlist()
    assert raised.value.hint is Hint.LIKE_TRACKS
    before = datetime.now(UTC).isoformat()
    plays.add(3)
    assert plays.recent(1)[0].played_at[:22] >= before[:22]


def test_invalid_times_and_numbers_of_plays(library: Library) -> None:
    with pytest.raises(InvalidRequest, match="at must be a time such as 2026-05-01T20:15, got 'yesterday'"):
        library.plays.add(1, at="yesterday")
    with pytest.raises(InvalidRequest, match="since must be a time"):
        library.plays.recent(since="x")
    with pytest.raises(InvalidRequest, match="n must be at least 1, got 0"):
        library.plays.recent(0)
    with pytest.raises(NotFound):
        library.plays.skip("nothing of this name")


def test_listeners_are_listed_with_counts(library: Library) -> None:
    library.like(1)
    library.ratings.set_stars([2, 3], 4)
    library.plays.add(1)
    assert [listener.to_dict() | {"created_at": ""} for listener in library.listeners.list()] == [
        {"name": "default", "created_at": "", "default": True, "likes": 1, "dislikes": 0, "stars": 2, "plays": 1,
         "playlists": 0},
    ]  # fmt: skip
    library.listeners.add("Anna")
    library.listeners.rename("anna", "Ann")
    assert library.listeners.remove("ANN").name == "Ann"


def test_a_liked_album_is_worth_one_liked_song(library: Library) -> None:
    """The album of metal has six songs; a liked song and the album get half of a playlist each."""
    library.like(1)
    [album] = library.ratings.albums.set(["album of metal"], 1)
    assert album.title == "album of metal"
    found = [track.genre for track in library.playlist(n=6, max_per_album=0)]
    assert (found.count("jazz"), found.count("metal")) == (3, 3)
    assert library.ratings.values().keys() == {1}
    assert [each.title for each in library.ratings.albums.list().likes] == ["album of metal"]


def test_a_liked_album_alone_makes_playlists_with_its_own_songs(library: Library) -> None:
    library.ratings.albums.set_stars(["album of folk"], 5)
    found = library.playlist(n=4)
    assert {track.album for track in found} == {"album of folk"}
    library.ratings.albums.clear(["album of folk"])
    with pytest.raises(NotFound):
        library.playlist()


def play(library: Library, track: int, times: int, *, skips: int = 0) -> None:
    for number in range(times + skips):
        store = library.plays.add if number < times else library.plays.skip
        store(track, at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=number))


def test_tracks_that_are_played_often_make_playlists_without_a_like(library: Library) -> None:
    play(library, 1, 4)
    with pytest.raises(NotFound, match="no track is liked yet"):
        library.playlist()
    play(library, 7, 9, skips=5)
    with pytest.raises(NotFound, match="no track is liked yet"):
        library.playlist()
    play(library, 13, 9)
    playlist = library.playlist(n=3)
    assert (playlist.name, {track.genre for track in playlist}) == ("From what you play often", {"folk"})
    assert library.ratings.values() == {}


def test_plays_are_weaker_than_likes_and_no_reason_against_them(library: Library) -> None:
    """A like of jazz, and plays of metal and folk: jazz gets half of the list."""
    library.like(1)
    liked = [track.id for track in library.playlist(n=6, max_per_album=0)]
    for track in (7, 8, 9, 13, 14, 15):
        play(library, track, 99)
    playlist = library.playlist(n=8, max_per_album=0)
    found = [track.genre for track in playlist]
    assert (playlist.name, found.count("jazz"), found.count("metal"), found.count("folk")) == (
        "From your likes", 4, 2, 2,
    )  # fmt: skip
    for track in (7, 8, 9, 13, 14, 15):
        library.dislike(track)
    assert [track.id for track in library.playlist(n=6, max_per_album=0)] == liked


@pytest.mark.parametrize("exclude", ["album", "stars", "dislike", "minus"])
def test_a_rating_outranks_plays(library: Library, exclude: str) -> None:
    for track in (7, 13):
        play(library, track, 20)
    if exclude == "album":
        library.ratings.albums.set(["album of metal"], -1)
    elif exclude == "stars":
        library.ratings.set_stars([7], 3)
    elif exclude == "dislike":
        library.dislike(7)
    not_like = ["7"] if exclude == "minus" else []
    assert {track.genre for track in library.playlist(n=4, not_like=not_like)} == {"folk"}


def test_plays_do_not_change_playlists_with_seeds(library: Library) -> None:
    before = [track.id for track in library.playlist(seeds=[1, 7], n=6)]
    play(library, 13, 99)
    assert [track.id for track in library.playlist(seeds=[1, 7], n=6)] == before


def test_songs_of_disliked_albums_and_artists_are_excluded(library: Library, tmp_path: Path) -> None:
    library.like(1)
    library.ratings.artists.set(["artist 2"], -1)
    library.ratings.albums.set(["album of folk"], -1)
    assert not {2, *range(13, 19)} & {track.id for track in library.playlist(n=20)}
    assert not {2, *range(13, 19)} & {track.id for track in library.playlist(n=20, seeds=[1, 7])}
    file = tmp_path / "list.m3u8"
    file.write_text("/music/jazz/01.mp3\n/music/techno/19.mp3\n")
    for extended, _ in (library.playlists.extend(file, PlaylistRequest(n=20)), library.playlists.insert(file, n=9)):
        assert not {2, *range(13, 19)} & {track.id for track in extended}
    library.like(2)  # a rating of the track outranks that of the artist
    library.ratings.artists.clear(["artist 2"])
    [album] = library.ratings.albums.list().dislikes
    library.ratings.albums.set([album], 0)
    assert library.ratings.albums.values() == {}
    library.like(13)
    assert len({track.id for track in library.playlist(n=20)} & set(range(14, 19))) > 0
