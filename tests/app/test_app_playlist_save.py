"""``Playlist.save``: the format by the suffix, mapped paths, and the history of the library."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_library import all_kinds, make_library, make_track, open_catalogue, unit

from recsys import Library, Playlist, PlaylistRequest
from recsys.errors import InvalidRequest, RecsysError


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """24 songs: 1 to 6 jazz, 7 to 12 metal, 13 to 18 folk, 19 to 24 techno."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds())
    return Library(tmp_path)


def history(library: Library) -> list[list[int]]:
    """The ids of the tracks of the playlists that were written, the latest first."""
    with open_catalogue(library) as catalogue:
        return [ids.tolist() for ids in catalogue.saved_playlists.recent(10)]


@pytest.mark.parametrize(
    ("name", "start"), [("a.m3u8", "#EXTM3U"), ("a.xspf", "<?xml"), ("a.jspf", "{"), ("a.json", '{\n  "name"')]
)
def test_suffix_decides_the_format(library: Library, tmp_path: Path, name: str, start: str) -> None:
    assert library.similar(1, n=3).save(tmp_path / name) == 0
    assert (tmp_path / name).read_text().startswith(start)


def test_format_overrides_the_suffix(library: Library, tmp_path: Path) -> None:
    library.similar(1, n=3).save(tmp_path / "a.txt", format="json")
    record = json.loads((tmp_path / "a.txt").read_text())
    assert [track["genre"] for track in record["tracks"]] == ["jazz"] * 3


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"format": "wpl"}, "format"),
        ({"absolute": True, "relative_to": "/x"}, "absolute"),
        ({"path_map": "a=b"}, "path_map"),
    ],
)
def test_invalid_option_names_the_field_and_writes_nothing(
    library: Library, tmp_path: Path, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        library.similar(1, n=3).save(tmp_path / "new.m3u8", **options)
    assert raised.value.field == field
    assert not (tmp_path / "new.m3u8").exists()
    assert history(library) == []


def test_unknown_suffix_is_invalid(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"\.wpl"):
        library.similar(1, n=3).save(tmp_path / "a.wpl")
    assert not (tmp_path / "a.wpl").exists()


def test_path_map_translates_paths_and_counts_the_others(library: Library, tmp_path: Path) -> None:
    playlist = library.path(1, 8, n=4)
    others = sum(not track.path.startswith("/music/jazz/") for track in playlist)
    assert playlist.save(tmp_path / "a.paths", format="paths", path_map={"/music/jazz": "/data"}) == others > 0
    lines = (tmp_path / "a.paths").read_text().splitlines()
    assert lines[0] == "/data/01.mp3"
    assert lines[-1] == playlist[3].path


def test_home_folder_is_expanded(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    library.similar(1, n=3).save("~/a.m3u8")
    assert (tmp_path / "a.m3u8").is_file()


def test_written_playlists_are_in_the_history(library: Library, tmp_path: Path) -> None:
    first, second = library.playlist(seeds=["1"], n=3), library.playlist(seeds=["7"], n=3)
    assert history(library) == []  # a playlist that is not written is not remembered
    first.save(tmp_path / "a.m3u8")
    second.save(tmp_path / "b.m3u8")
    assert history(library) == [sorted(track.id for track in playlist) for playlist in (second, first)]


def test_exclude_recent_leaves_out_the_tracks_of_the_history(library: Library, tmp_path: Path) -> None:
    request = PlaylistRequest(seeds=["1"], n=2, exclude_recent=True)
    first = library.playlist(request)
    first.save(tmp_path / "a.m3u8")
    assert not {track.id for track in first} & {track.id for track in library.playlist(request)}


@pytest.mark.parametrize("make", ["similar", "path", "playlist"])
def test_playlists_of_all_methods_can_be_saved(library: Library, tmp_path: Path, make: str) -> None:
    playlist = {
        "similar": lambda: library.similar(1, n=3),
        "path": lambda: library.path(1, 8, n=4),
        "playlist": lambda: library.playlist(seeds=["1"], n=3),
    }[make]()
    playlist.save(tmp_path / "a.m3u8")
    assert len(history(library)) == 1


def test_playlist_without_a_library_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(RecsysError, match="no library"):
        Playlist("p", (make_track(1),)).save(tmp_path / "a.m3u8")


def test_file_that_cannot_be_written_is_an_error(library: Library, tmp_path: Path) -> None:
    with pytest.raises(RecsysError, match="cannot write"):
        library.similar(1, n=3).save(tmp_path / "no folder" / "a.m3u8")
    assert history(library) == []


def refreshed(library: Library, name: str) -> Playlist:
    [result] = library.playlists.refresh([name])
    assert result.playlist is not None, result.error
    return result.playlist


@pytest.mark.parametrize("options", [{"exclude_recent": True}, {"random": True}])
def test_forty_refreshes_give_forty_playlists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds(40))
    monkeypatch.setattr("secrets.randbelow", np.random.default_rng(0).integers)
    library = Library(tmp_path)
    library.playlists.save("Fresh", PlaylistRequest(n=6, seeds=["1"], **options), tmp_path / "fresh.m3u8")
    lists = [frozenset(track.id for track in refreshed(library, "Fresh")) for _ in range(40)]
    assert len(set(lists)) == 40
    assert {len(ids) for ids in lists} == {6}
    if "exclude_recent" in options:  # 39 tracks of jazz: five playlists of six have none twice
        assert all(one.isdisjoint(next_one) for one, next_one in itertools.pairwise(lists))


def test_a_first_playlist_without_recent_tracks_is_the_best(library: Library) -> None:
    plain, fresh = (library.playlist(seeds=["1"], n=3, exclude_recent=recent) for recent in (False, True))
    assert [track.id for track in fresh] == [track.id for track in plain]


def test_the_only_playlist_of_a_small_library_comes_back(library: Library, tmp_path: Path) -> None:
    library.playlists.save("All", PlaylistRequest(n=5, seeds=["1"], exclude_recent=True), tmp_path / "all.m3u8")
    assert {track.id for track in refreshed(library, "All")} == {2, 3, 4, 5, 6}  # all of the genre but the seed


def test_a_random_playlist_has_the_seed_that_repeats_it(library: Library) -> None:
    made = [library.playlist(seeds=["1"], n=3, random=True) for _ in range(20)]
    assert len({playlist.seed for playlist in made}) > 10
    for playlist in made[:5]:
        assert playlist.seed
        again = library.playlist(seeds=["1"], n=3, seed=playlist.seed)
        assert again == playlist
        assert again.to_dict()["seed"] == playlist.seed


def test_random_and_a_seed_exclude_each_other() -> None:
    with pytest.raises(InvalidRequest, match="random cannot be combined with seed") as raised:
        PlaylistRequest(random=True, seed=3)
    assert raised.value.field == "random"
