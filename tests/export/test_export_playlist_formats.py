"""The choice of a playlist format, and complete writing or none."""

import sys
from pathlib import Path

import pytest
from synthetic_library import make_track

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.errors import InvalidRequest, RecsysError
from recsys.export.playlist_formats import FORMATS, playlist_format, write_playlist

PLAYLIST = Playlist("p", (make_track(1), make_track(2)))


@pytest.mark.parametrize(
    ("file", "format"),
    [
        ("a.m3u8", "m3u8"),
        ("a.m3u", "m3u8"),
        ("A.M3U8", "m3u8"),
        ("a.b.xspf", "xspf"),
        ("a.jspf", "jspf"),
        ("a.txt", "paths"),
        ("a.json", "json"),
    ],
)
def test_suffix_or_name_chooses_the_format(file: str, format: str) -> None:
    assert playlist_format(Path(file)) == format
    assert playlist_format(Path(file), "xspf") == "xspf"
    assert playlist_format(None) == "m3u8"


@pytest.mark.parametrize("file", ["a.pls", "a", ".m3u8", "m3u8"])
def test_unknown_suffix_is_refused_with_the_known_ones(file: str) -> None:
    with pytest.raises(
        InvalidRequest, match=f"output must have the suffix of a playlist format: .*, got '{file}'"
    ) as error:
        playlist_format(Path(file))
    assert error.value.field == "output"
    for name, format in FORMATS.items():
        assert f"{name} ({' '.join(format.suffixes)})" in str(error.value)


def test_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match="format must be one of m3u8, xspf, jspf, paths, json, got 'pls'") as error:
        playlist_format(Path("a.m3u8"), "pls")
    assert error.value.field == "format"


@pytest.mark.parametrize("format", FORMATS)
def test_failed_write_leaves_the_old_file(format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "list"
    target.write_text("old")

    def broken(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(RecsysError, match=r"cannot write the playlist to .*list: No space left on device"):
        write_playlist(PLAYLIST, target, format=format)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("target", ["no folder/list.m3u8", "."])
def test_output_that_is_not_writable_is_an_error(tmp_path: Path, target: str) -> None:
    with pytest.raises(RecsysError, match="cannot write the playlist to "):
        write_playlist(PLAYLIST, tmp_path / target, format="m3u8")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_playlist_behind_a_link_is_relative_to_the_link(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "here.txt").symlink_to("lists/there.txt")
    write_playlist(Playlist("p", (make_track(1, path=str(tmp_path / "a.mp3")),)), tmp_path / "here.txt")
    assert (tmp_path / "lists/there.txt").read_text() == "a.mp3\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX paths")
def test_write_playlist_returns_the_number_of_unmapped_tracks(tmp_path: Path) -> None:
    target = tmp_path / "list.txt"
    assert write_playlist(PLAYLIST, target) == 0
    assert write_playlist(PLAYLIST, target, path_options=PathOptions(path_map={"/music": "/data"})) == 0
    assert target.read_text() == "/data/1.mp3\n/data/2.mp3\n"
    assert write_playlist(PLAYLIST, target, path_options=PathOptions(path_map={"/musik": "/data"})) == 2
