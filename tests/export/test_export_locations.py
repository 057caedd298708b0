"""Locations: mapped first, then relative, as text and as URI."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from recsys.domain.requests import PathOptions
from recsys.export.locations import Location, count_unmapped, locations

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX paths")


def location(path: str, folder: str | None = "/music/lists", **options: Any) -> Location:
    [found] = locations([path], PathOptions(**options), folder)
    return found


@posix
@pytest.mark.parametrize(
    ("path", "mapped"),
    [
        ("/music/a/b.mp3", "/data/a/b.mp3"),
        ("/music/jazz/b.mp3", "/jazz/b.mp3"),  # the deepest folder, in any order
        ("/music/jazz/", "/jazz"),
        ("/musica/b.mp3", "/musica/b.mp3"),  # whole components only
        ("/music/jazzy/b.mp3", "/data/jazzy/b.mp3"),
        ("/Music/b.mp3", "/Music/b.mp3"),
        ("/other/=/b.mp3", "/other/=/b.mp3"),
    ],
)
def test_path_map_replaces_the_deepest_folder(path: str, mapped: str) -> None:
    assert location(path, path_map={"/music": "/data/", "/music/jazz/": "/jazz"}) == Location(mapped)


@posix
def test_path_map_takes_the_root_the_home_and_relative_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert location("/a/b.mp3", path_map={"/": "/mnt/"}).path == "/mnt/a/b.mp3"
    assert location("/a/b.mp3", path_map={"/a": "/"}).path == "/b.mp3"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for ours in ("~/Music", "Music", "./x/../Music"):
        assert location(f"{tmp_path}/Music/b.mp3", path_map={ours: "/m"}).path == "/m/b.mp3"


@posix
@pytest.mark.parametrize(
    ("theirs", "display", "uri"),
    [
        ("D:\\Music", "D:\\Music\\a b\\ü.mp3", "file:///D:/Music/a%20b/%C3%BC.mp3"),
        ("d:/Music/", "d:\\Music\\a b\\ü.mp3", "file:///d:/Music/a%20b/%C3%BC.mp3"),
        ("D:\\", "D:\\a b\\ü.mp3", "file:///D:/a%20b/%C3%BC.mp3"),
        ("\\\\nas\\my music", "\\\\nas\\my music\\a b\\ü.mp3", "file://nas/my%20music/a%20b/%C3%BC.mp3"),
    ],
)
def test_path_map_to_windows_has_backslashes(theirs: str, display: str, uri: str) -> None:
    found = location("/music/a b/ü.mp3", path_map={"/music": theirs})
    assert (found.display, found.uri) == (display, uri)


@posix
def test_relative_path_has_slashes_on_windows() -> None:
    def display(relative_to: str) -> str:
        return location("/music/a/b.mp3", path_map={"/music": "D:\\Music"}, relative_to=relative_to).display

    assert display("D:\\music") == "a/b.mp3"  # Windows ignores case
    assert display("D:/Music/Lists") == "../a/b.mp3"
    assert display("E:\\Lists") == "D:\\Music\\a\\b.mp3"  # another drive
    assert display("/lists") == "D:\\Music\\a\\b.mp3"


@posix
def test_paths_are_relative_to_the_playlist_or_the_given_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/music/a/b.mp3"
    assert location(path).display == "../a/b.mp3"
    assert location(path, folder=None).display == path  # of a stream
    assert location(path, absolute=True).display == path
    assert location(path, relative_to="/music").display == "a/b.mp3"
    assert location(path, folder=None, relative_to="/music/").display == "a/b.mp3"
    assert location(path, path_map={"/x": "/y"}).display == path
    assert location(path, path_map={"/music": "/data"}, relative_to="/data").display == "a/b.mp3"
    monkeypatch.chdir("/")
    assert location(path, relative_to="music/a").display == "b.mp3"
    assert location(path, folder="/").uri == "music/a/b.mp3"


@posix
def test_relative_path_between_links_opens_the_same_file(tmp_path: Path) -> None:
    disk, home = Path(os.path.realpath(tmp_path)) / "disk", Path(os.path.realpath(tmp_path)) / "home"
    (disk / "music/jazz").mkdir(parents=True)
    (disk / "music/lists").mkdir()
    home.mkdir()
    (home / "Music").symlink_to(disk / "music")
    (home / "lists").symlink_to(disk / "music/lists")
    (disk / "music/b.mp3").symlink_to(disk / "music/jazz/a.mp3")
    for path in (home / "Music/jazz/a.mp3", disk / "music/jazz/a.mp3", home / "Music/b.mp3"):
        for folder in (home / "lists", home / "Music/lists", disk / "music/lists", home, home / "Music"):
            found = location(str(path), folder=str(folder)).display
            assert os.path.realpath(folder / found) == os.path.realpath(path), (path, folder)
    assert location(f"{home}/Music/jazz/a.mp3", folder=f"{home}/Music").display == "jazz/a.mp3"
    assert location(f"{home}/Music/jazz/a.mp3", folder=str(home)).display == "Music/jazz/a.mp3"
    assert (
        location(f"{home}/Music/b.mp3", folder=f"{home}/lists").display == "../b.mp3"
    )  # a link to a file keeps its name


@posix
def test_uri_quotes_every_name() -> None:
    assert location("/music/lists/a b?#%.mp3").uri == "a%20b%3F%23%25.mp3"
    assert location("/music/lists/http://x").uri == "http%3A/x"
    assert location("/music/latin-\udce9", absolute=True).uri == "file:///music/latin-%E9"


@posix
def test_count_unmapped_counts_paths_in_no_mapped_folder() -> None:
    paths = ["/music/a.mp3", "/musica/b.mp3", "/c.mp3"]
    assert count_unmapped(paths, PathOptions()) == 0
    assert count_unmapped(paths, PathOptions(path_map={"/music/": "/data"})) == 2
    assert count_unmapped(paths, PathOptions(path_map={"/music": "/data", "/": "/data"})) == 0
