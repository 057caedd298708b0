"""Links to music servers: what is stored, what is kept when a server fails, and the file of passwords."""

import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from music_servers import PASSWORD, USER, Answer, JellyfinServer, Song, SubsonicServer
from synthetic_library import all_kinds, make_library

import recsys
from recsys.errors import Hint, InvalidRequest, NotFound, ServerError


@pytest.fixture
def library(tmp_path: Path) -> Iterator[recsys.Library]:
    """A library of 8 tracks: /music/jazz/01.mp3 … by artist 1 …"""
    make_library(tmp_path / "home", all_kinds(2))
    with recsys.Library(tmp_path / "home") as library:
        yield library


def server_songs(library: recsys.Library, prefix: str = "id") -> list[Song]:
    """The songs of the library as a server has them: under other paths."""
    return [
        Song(f"{prefix}{track.id}", str(track.artist), str(track.title), str(track.album), duration=int(track.duration))
        for track in library.tracks()
    ]


def link(
    library: recsys.Library, server: SubsonicServer, name: str | None = None, listener: str | None = None
) -> recsys.LinkReport:
    return library.links.add("navidrome", server.url, user=USER, secret=PASSWORD, name=name, listener=listener)


def test_a_link_has_ids_in_both_directions(library: recsys.Library) -> None:
    songs = [*server_songs(library), Song("x", "nobody", "nothing")]
    with SubsonicServer(songs) as server:
        report = link(library, server)
    assert (report.link.tracks, report.link.matched, report.matched) == (9, 8, {"name": 8})
    ids = library.links.tracks("Navidrome")
    for track in library.tracks():
        assert ids.track_id(f"id{track.id}") == track.id
        assert ids.foreign_id(track.id) == f"id{track.id}"
    assert (ids.track_id("x"), ids.track_id("y"), ids.foreign_id(99)) == (None, None, None)
    [artist] = [each for each in library.artists() if each.name == "artist 1"]
    assert ids.artist_id("ar-artist 1") == artist.id
    assert ids.foreign_artist_id(artist.id) == "ar-artist 1"
    assert [str(each) for each in library.links.unmatched("navidrome")] == ["nobody - nothing"]


def test_the_id_of_a_copy_is_that_of_the_performance(tmp_path: Path) -> None:
    from synthetic_library import make_song

    make_library(tmp_path, [make_song("jazz", 1, performance=1), make_song("jazz", 1, "/other", performance=1)])
    with recsys.Library(tmp_path) as library:
        library.duplicates()
        with SubsonicServer([Song("a", "artist 1", "title 1", path="/other/jazz/01.mp3")]) as server:
            link(library, server)
        ids = library.links.tracks("navidrome")
        assert [ids.foreign_id(track.id) for track in library.tracks()] == ["a", "a"]


def test_jellyfin_writes_ids_in_several_ways(library: recsys.Library) -> None:
    [first, *_] = server_songs(library)
    first.id = "0123456789abcdef0123456789abcdef"
    with JellyfinServer([first]) as server:
        library.links.add("jellyfin", server.url, user=USER, secret=PASSWORD)
    assert library.links.tracks("jellyfin").track_id("01234567-89AB-CDEF-0123-456789ABCDEF") == 1


def test_new_ids_of_the_server_are_noticed_and_replace_those_before(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server:
        first = link(library, server)
        assert (first.ids_changed, first.added, first.removed) == (False, 8, 0)
        again = library.links.refresh("navidrome")
        assert (again.ids_changed, again.added, again.removed) == (False, 0, 0)
        server.songs = server_songs(library, "new")
        changed = library.links.refresh("navidrome")
    assert (changed.ids_changed, changed.added, changed.removed) == (True, 8, 8)
    assert library.links.tracks("navidrome").track_id("new1") == 1
    assert library.links.tracks("navidrome").track_id("id1") is None


def test_other_songs_are_not_new_ids(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server:
        link(library, server)
        server.songs = [Song(f"z{i}", "nobody", f"nothing {i}") for i in range(8)]
        assert not library.links.refresh("navidrome").ids_changed


@pytest.mark.parametrize("answer", [Answer(status=502), Answer(b"<html>"), Answer({"a": 1}, cut=True)])
def test_nothing_is_stored_of_a_server_that_fails(library: recsys.Library, answer: Answer) -> None:
    with SubsonicServer(server_songs(library), before=lambda r: answer if "search3" in r.path else None) as server:
        with pytest.raises(ServerError):
            link(library, server)
        assert library.links.list() == []
        assert not (library.settings.home / "link-passwords.json").exists()
        server.before = None
        link(library, server)
        server.before = lambda _: answer
        with pytest.raises(ServerError):
            library.links.refresh("navidrome")
    assert library.links.tracks("navidrome").track_id("id1") == 1


def test_ids_stay_if_the_server_has_no_tracks(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server:
        link(library, server)
        server.songs = []
        with pytest.raises(ServerError, match="has no tracks now; the ids of 8 tracks are kept"):
            library.links.refresh("navidrome")
    assert library.links.tracks("navidrome").track_id("id1") == 1


def test_the_name_of_a_link_changes_its_address(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server, SubsonicServer(server_songs(library)) as other:
        link(library, server)
        with pytest.raises(InvalidRequest, match=f"^name is needed: navidrome is a link to {server.url}"):
            link(library, other)
        link(library, other, name="NAVIDROME")
        assert [(each.name, each.url) for each in library.links.list()] == [("NAVIDROME", other.url)]
        n = len(other.requests)
        with pytest.raises(NotFound, match="no listener 'bob'"):
            link(library, other, name="bobs", listener="bob")
        assert len(other.requests) == n


def test_passwords_are_private_and_in_no_backup(library: recsys.Library, tmp_path: Path) -> None:
    with SubsonicServer(server_songs(library)) as server:
        link(library, server)
    file = library.settings.home / "link-passwords.json"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD in file.read_text()
    library.backup(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as backup:
        assert not [name for name in backup.namelist() if PASSWORD.encode() in backup.read(name)]
    assert PASSWORD.encode() not in (library.settings.home / "library.db").read_bytes()


def test_a_link_without_its_password_is_an_error(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server:
        link(library, server)
        file = library.settings.home / "link-passwords.json"
        file.unlink()
        with pytest.raises(ServerError, match="the password of the link 'navidrome' is not stored") as caught:
            library.links.refresh("navidrome")
        assert caught.value.hint is Hint.LINK_AGAIN
        file.write_text("[]")
        with pytest.raises(recsys.errors.LibraryError, match="is not a file of passwords"):
            library.links.refresh("navidrome")


def test_a_removed_link_leaves_no_password(library: recsys.Library) -> None:
    with SubsonicServer(server_songs(library)) as server:
        link(library, server)
    library.links.remove("Navidrome")
    assert library.links.list() == []
    assert PASSWORD not in (library.settings.home / "link-passwords.json").read_text()
    with pytest.raises(NotFound, match="there is no link 'navidrome'"):
        library.links.tracks("navidrome")


def test_a_removed_listener_leaves_no_link_and_no_password(library: recsys.Library) -> None:
    library.listeners.add("anna")
    with SubsonicServer(server_songs(library)) as server:
        link(library, server, "theirs", listener="anna")
        link(library, server, "mine")
    library.listeners.remove("Anna")
    assert [each.name for each in library.links.list()] == ["mine"]
    assert (library.settings.home / "link-passwords.json").read_text().count(PASSWORD) == 1
