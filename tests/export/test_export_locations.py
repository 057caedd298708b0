"""Where a player finds a file: mapped first, then relative; as text and as a URI."""

import os
import sys
from pathlib import Path

import pytest

from recsys.domain.requests import PathOptions
from recsys.export.locations import Location, count_unmapped, locations

posix = pytest.mark.skipif(sys.platform == "win32", reason="paths of Linux")


def one(path: str, folder: str | None = "/music/lists", **places: object) -> Location:
    [found] = locations([path], PathOptions(**places), folder)  # type: ignore[arg-type]
    return found


@posix
@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/music/a/b.mp3", "/data/a/b.mp3"),
        ("/music/jazz/b.mp3", "/jazz/b.mp3"),  # the longest wins, whatever the order
        ("/music/jazz/", "/jazz"),
        ("/musica/b.mp3", "/musica/b.mp3"),  # whole components only
        ("/music/jazzy/b.mp3", "/data/jazzy/b.mp3"),
        ("/Music/b.mp3", "/Music/b.mp3"),
        ("/other/=/b.mp3", "/other/=/b.mp3"),
    ],
)
def test_a_map_of_folders(path: str, there: str) -> None:
    assert one(path, path_map=(("/music", "/data/"), ("/music/jazz/", "/jazz"))) == Location(there)


@posix
def test_a_map_of_everything_and_of_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert one("/a/b.mp3", path_map=(("/", "/mnt/"),)).path == "/mnt/a/b.mp3"
    assert one("/a/b.mp3", path_map=(("/a", "/"),)).path == "/b.mp3"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for ours in ("~/Music", "Music", "./x/../Music"):
        assert one(f"{tmp_path}/Music/b.mp3", path_map=((ours, "/m"),)).path == "/m/b.mp3"


@posix
@pytest.mark.parametrize(
    ("theirs", "there", "uri"),
    [
        ("D:\\Music", "D:\\Music\\a b\\ü.mp3", "file:///D:/Music/a%20b/%C3%BC.mp3"),
        ("d:/Music/", "d:\\Music\\a b\\ü.mp3", "file:///d:/Music/a%20b/%C3%BC.mp3"),
        ("D:\\", "D:\\a b\\ü.mp3", "file:///D:/a%20b/%C3%BC.mp3"),
        ("\\\\nas\\my music", "\\\\nas\\my music\\a b\\ü.mp3", "file://nas/my%20music/a%20b/%C3%BC.mp3"),
    ],
)
def test_a_player_on_windows(theirs: str, there: str, uri: str) -> None:
    found = one("/music/a b/ü.mp3", path_map=(("/music", theirs),))
    assert (found.display, found.uri) == (there, uri)


@posix
def test_a_relative_path_has_slashes_on_windows_too() -> None:
    here = {"path": "/music/a/b.mp3", "mapped": (("/music", "D:\\Music"),)}
    assert one(**here, relative_to="D:\\music").display == "a/b.mp3"  # Windows tells no capitals from small letters
    assert one(**here, relative_to="D:/Music/Lists").display == "../a/b.mp3"
    assert one(**here, relative_to="E:\\Lists").display == "D:\\Music\\a\\b.mp3"  # no way leads there
    assert one(**here, relative_to="/lists").display == "D:\\Music\\a\\b.mp3"


@posix
def test_what_paths_are_relative_to(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/music/a/b.mp3"
    assert one(path).display == "../a/b.mp3"
    assert one(path, folder=None).display == path  # a stream lies in no folder
    assert one(path, absolute=True).display == path
    assert one(path, relative_to="/music").display == "a/b.mp3"
    assert one(path, folder=None, relative_to="/music/").display == "a/b.mp3"
    assert one(path, path_map=(("/x", "/y"),)).display == path
    assert one(path, path_map=(("/music", "/data"),), relative_to="/data").display == "a/b.mp3"
    monkeypatch.chdir("/")
    assert one(path, relative_to="music/a").display == "b.mp3"
    assert one(path, folder="/").uri == "music/a/b.mp3"


@posix
def test_links_lead_players_astray_only_where_a_path_climbs(tmp_path: Path) -> None:
    disk, home = Path(os.path.realpath(tmp_path)) / "disk", Path(os.path.realpath(tmp_path)) / "home"
    (disk / "music/jazz").mkdir(parents=True)
    (disk / "music/lists").mkdir()
    home.mkdir()
    (home / "Music").symlink_to(disk / "music")
    (home / "lists").symlink_to(disk / "music/lists")
    (disk / "music/b.mp3").symlink_to(disk / "music/jazz/a.mp3")
    for path in (home / "Music/jazz/a.mp3", disk / "music/jazz/a.mp3", home / "Music/b.mp3"):
        for folder in (home / "lists", home / "Music/lists", disk / "music/lists", home, home / "Music"):
            found = one(str(path), folder=str(folder)).display
            assert os.path.realpath(folder / found) == os.path.realpath(path), (path, folder)
    assert one(f"{home}/Music/jazz/a.mp3", folder=f"{home}/Music").display == "jazz/a.mp3"
    assert one(f"{home}/Music/jazz/a.mp3", folder=str(home)).display == "Music/jazz/a.mp3"
    assert one(f"{home}/Music/b.mp3", folder=f"{home}/lists").display == "../b.mp3"  # a link to a file keeps its name


@posix
def test_a_uri_holds_every_name() -> None:
    assert one("/music/lists/a b?#%.mp3").uri == "a%20b%3F%23%25.mp3"
    assert one("/music/lists/http://x").uri == "http%3A/x"
    assert one("/music/latin-\udce9", absolute=True).uri == "file:///music/latin-%E9"


@posix
def test_what_lies_outside_of_the_map_is_counted() -> None:
    paths = ["/music/a.mp3", "/musica/b.mp3", "/c.mp3"]
    assert count_unmapped(paths, PathOptions()) == 0
    assert count_unmapped(paths, PathOptions(path_map=(("/music/", "/data"),))) == 2
    assert count_unmapped(paths, PathOptions(path_map=(("/music", "/data"), ("/", "/data")))) == 0
