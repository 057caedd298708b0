"""Playlists that are written to linked servers, and likes, ratings and plays that are read from them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from music_servers import (
    PASSWORD,
    USER,
    Answer,
    JellyfinServer,
    LyrionServer,
    MusicServer,
    PlexServer,
    Song,
    StoredPlaylist,
    SubsonicServer,
)
from synthetic_library import all_kinds, make_library, open_catalogue

import recsys
from recsys.errors import Hint, InvalidRequest, NotFound, ServerError

SERVERS = {"navidrome": SubsonicServer, "jellyfin": JellyfinServer, "lyrion": LyrionServer, "plex": PlexServer}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[recsys.Library]:
    """A library of 8 tracks, of which three are the playlist "Calm"."""
    make_library(tmp_path, all_kinds(2))
    with recsys.Library(tmp_path) as library:
        library.playlists.add("Calm", ["3", "1", "2"])
        yield library


def songs_of(library: recsys.Library, *, without: int = 0) -> list[Song]:
    """The songs of the library under ids of 100 and more, as all servers may have."""
    tracks = [track for track in library.tracks() if track.id != without]
    return [
        Song(f"{100 + t.id}", str(t.artist), str(t.title), str(t.album), f"/srv/{t.id}.mp3", int(t.duration))
        for t in tracks
    ]


def link(library: recsys.Library, kind: str, server: MusicServer, *, listener: str | None = None) -> None:
    user = USER if kind in ("navidrome", "jellyfin") else None
    secret = PlexServer.TOKEN if kind == "plex" else PASSWORD
    library.links.add(kind, server.url, user=user, secret=secret, listener=listener)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_playlist_is_created_once_and_then_replaced(kind: str, library: recsys.Library) -> None:
    with SERVERS[kind](songs_of(library, without=1)) as server:
        link(library, kind, server)
        [first] = library.links.push(kind, ["Calm"])
        assert (first.replaced, first.tracks, [track.id for track in first.missing]) == (False, 2, [1])
        [made] = server.playlists
        [saved] = library.playlists.list()
        library.playlists.change(saved.id, name="Calmer", tracks=["5", "3"])
        [second] = library.links.push(kind)
        assert (second.playlist, second.replaced, second.tracks, second.missing) == ("Calmer", True, 2, ())
        [[number, there]] = server.playlists.items()
    assert (number, there.name, there.ids) == (made, "Calmer", ["105", "103"])


def test_a_dry_run_changes_nothing(library: recsys.Library) -> None:
    with SubsonicServer(songs_of(library)) as server:
        link(library, "navidrome", server)
        [result] = library.links.push("navidrome", ["Calm"], dry_run=True)
        assert (result.replaced, result.tracks) == (False, 3)
        assert server.playlists == {}
        assert library.links.push("navidrome") == []


def test_a_playlist_that_was_not_pushed_is_kept(library: recsys.Library) -> None:
    theirs = {"7": StoredPlaylist("Calm", ["101"])}
    with SubsonicServer(songs_of(library), theirs) as server:
        link(library, "navidrome", server)
        with pytest.raises(InvalidRequest, match="replace is needed: navidrome has a playlist 'Calm' of its own"):
            library.links.push("navidrome", ["Calm"])
        assert server.playlists["7"].ids == ["101"]
        [result] = library.links.push("navidrome", ["Calm"], replace=True)
    assert result.replaced
    assert server.playlists["7"].ids == ["103", "101", "102"]


def test_a_playlist_that_was_deleted_on_the_server_is_created_again(library: recsys.Library) -> None:
    with SubsonicServer(songs_of(library)) as server:
        link(library, "navidrome", server)
        library.links.push("navidrome", ["Calm"])
        server.playlists.clear()
        server.playlists["9"] = StoredPlaylist("other", [])
        [result] = library.links.push("navidrome")
        assert not result.replaced
        assert [each.name for each in server.playlists.values()] == ["other", "Calm"]


def test_what_cannot_be_pushed_is_an_error(library: recsys.Library) -> None:
    library.playlists.add("Lost", ["4"])
    with SubsonicServer(songs_of(library, without=4)) as server:
        link(library, "navidrome", server)
        with pytest.raises(NotFound, match="there is no saved playlist 'Clam'"):
            library.links.push("navidrome", ["Clam"])
        with pytest.raises(NotFound, match="navidrome has no track of the playlist 'Lost'"):
            library.links.push("navidrome", ["Lost"])
        server.before = lambda request: Answer(status=503) if "createPlaylist" in request.path else None
        with pytest.raises(ServerError, match="status 503"):
            library.links.push("navidrome", ["Calm"])
    assert server.playlists == {}


@pytest.mark.parametrize("kind", SERVERS)
def test_a_push_that_failed_is_completed_by_the_next_one(kind: str, library: recsys.Library) -> None:
    with SERVERS[kind](songs_of(library)) as server:
        link(library, kind, server)
        server.before = lambda _: Answer(status=500) if server.playlists else None
        with pytest.raises(ServerError, match="status 500"):
            library.links.push(kind, ["Calm"])
        server.before = None
        assert len(server.playlists) == 1
        [result] = library.links.push(kind)
        assert result.replaced
        [there] = server.playlists.values()
    assert (there.name, there.ids) == ("Calm", ["103", "101", "102"])


def test_a_server_with_other_ids_names_what_to_do(library: recsys.Library) -> None:
    refused = {"subsonic-response": {"status": "failed", "error": {"code": 70, "message": "x"}}}
    with SubsonicServer(songs_of(library)) as server:
        link(library, "navidrome", server)
        server.before = lambda request: Answer(refused) if "createPlaylist" in request.path else None
        with pytest.raises(ServerError, match="no longer has a track of the playlist 'Calm' under its id") as caught:
            library.links.push("navidrome", ["Calm"])
    assert caught.value.hint is Hint.REFRESH_LINK


def starred(library: recsys.Library) -> list[Song]:
    songs = songs_of(library)
    songs[0].starred = "2024-05-01T08:30:00Z"
    songs[1].rating = 1
    songs[2].plays, songs[2].played = 5, "2024-06-01T08:30:00Z"
    songs[3].plays = 1
    return songs


def state(library: recsys.Library) -> object:
    rated = library.ratings.tracks()
    with open_catalogue(library) as catalogue:
        counts, stars = catalogue.play_counts(), catalogue.stars()
    return [track.id for track in rated.likes], [track.id for track in rated.dislikes], counts, stars


def test_stars_ratings_and_plays_become_likes_and_plays(library: recsys.Library) -> None:
    with SubsonicServer(starred(library)) as server:
        link(library, "navidrome", server)
        dry = library.links.pull("navidrome", dry_run=True)
        assert dry.tracks_by_action() == {"like": 2, "dislike": 1}
        assert library.ratings.tracks().likes == ()
        done = library.links.pull("navidrome")
        after = state(library)
        again = library.links.pull("navidrome")
        with open_catalogue(library) as catalogue:
            assert {i: count.plays for i, count in catalogue.play_counts().items()} == {3: 5, 4: 1}
            assert {i: stars.stars for i, stars in catalogue.stars().items()} == {2: 1}
    assert done.tracks_by_action() == {"like": 2, "dislike": 1}
    assert [track.id for track in library.ratings.tracks().dislikes] == [2]
    assert sorted(track.id for track in library.ratings.tracks().likes) == [1, 3]
    assert again.tracks_by_action() == {"unchanged": 3}
    assert state(library) == after


def test_a_pull_of_nothing_is_no_error(library: recsys.Library) -> None:
    with SubsonicServer(songs_of(library)) as server:
        link(library, "navidrome", server)
        assert library.links.pull("navidrome").entries == ()


def test_a_pull_reads_the_ids_again(library: recsys.Library) -> None:
    with SubsonicServer(songs_of(library)) as server:
        link(library, "navidrome", server)
        server.songs = [Song("new" + song.id, *list(vars(song).values())[1:]) for song in songs_of(library)]
        library.links.pull("navidrome", dry_run=True)
        assert library.links.tracks("navidrome").track_id("new101") is None
        library.links.pull("navidrome")
        assert library.links.tracks("navidrome").track_id("new101") == 1


def test_likes_by_hand_stay(library: recsys.Library) -> None:
    library.dislike("1")
    with SubsonicServer(starred(library)) as server:
        link(library, "navidrome", server)
        assert library.links.pull("navidrome").tracks_by_action()["kept_manual"] == 1
    assert 1 in [track.id for track in library.ratings.tracks().dislikes]


def test_a_link_of_a_listener_exchanges_theirs(library: recsys.Library) -> None:
    library.listeners.add("Anna")
    anna = library.for_listener("Anna")
    anna.playlists.add("Hers", ["4"])
    with SubsonicServer(starred(library)) as server:
        link(library, "navidrome", server, listener="Anna")
        library.links.pull("navidrome")
        assert (len(library.ratings.tracks().likes), len(anna.ratings.tracks().likes)) == (0, 2)
        with pytest.raises(NotFound, match="no saved playlist 'Calm'"):
            library.links.push("navidrome", ["Calm"])
        library.links.push("navidrome", ["Hers"])
    assert [each.name for each in server.playlists.values()] == ["Hers"]


@pytest.mark.parametrize("call", ["ping", "search3", "getStarred2"])
def test_nothing_is_stored_of_a_server_that_fails(library: recsys.Library, call: str) -> None:
    with SubsonicServer(starred(library)) as server:
        link(library, "navidrome", server)
        server.before = lambda request: Answer(b"<html>", 200, "text/html") if call in request.path else None
        with pytest.raises(ServerError, match="a page that is not JSON"):
            library.links.pull("navidrome")
    assert library.ratings.tracks().likes == ()
    assert library.links.tracks("navidrome").track_id("101") == 1
