"""Scanning: what is found, what is left out, and that it always ends."""

import os
from pathlib import Path

import pytest

from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.errors import InvalidRequest
from recsys.ingest.scan import scan


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 10)


def names(root: Path, *ignore: str) -> list[str]:
    found = list(scan(root, ignore))
    assert all(isinstance(f, FileStat) for f in found)
    return [os.path.relpath(f.path, root) for f in found if isinstance(f, FileStat)]


def test_scan_yields_audio_files_by_name_with_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, "b/2.MP3", "b/1.flac", "a.ogg", "cover.jpg", "notes.txt")
    assert names(tmp_path) == ["a.ogg", "b/1.flac", "b/2.MP3"]
    [file, *_] = scan(tmp_path)
    assert isinstance(file, FileStat)
    assert (file.size, file.mtime_ns) == (10, (tmp_path / "a.ogg").stat().st_mtime_ns)


def test_scan_leaves_out_hidden_files(tmp_path: Path) -> None:
    make(tmp_path, ".trash/a.mp3", "._b.mp3", ".c.mp3", "d.mp3")
    assert names(tmp_path) == ["d.mp3"]


def test_notmusic_excludes_its_folder(tmp_path: Path) -> None:
    make(tmp_path, "books/.notmusic", "books/a.mp3", "books/deep/b.mp3", "c.mp3")
    assert names(tmp_path) == ["c.mp3"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("Christmas/", ["a.mp3", "x/b.flac"]),
        ("*.flac", ["Christmas/c.mp3", "a.mp3"]),
        ("/x/*", ["Christmas/c.mp3", "a.mp3"]),
        ("c.*", ["a.mp3", "x/b.flac"]),
    ],
)
def test_ignore_patterns_work_as_in_gitignore(tmp_path: Path, pattern: str, left: list[str]) -> None:
    make(tmp_path, "a.mp3", "x/b.flac", "Christmas/c.mp3")
    assert names(tmp_path, pattern) == left


def test_malformed_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="ignore has an invalid pattern"):
        list(scan(tmp_path, ["!"]))


def test_links_are_followed_without_loops(tmp_path: Path) -> None:
    make(tmp_path, "music/a.mp3", "elsewhere/b.mp3")
    (tmp_path / "music/loop").symlink_to(tmp_path / "music")
    (tmp_path / "music/self").symlink_to("self")
    (tmp_path / "music/more").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "music") == ["a.mp3", "more/b.mp3"]


def test_broken_link_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "gone.mp3").symlink_to("nowhere.mp3")
    [failure] = scan(tmp_path)
    assert isinstance(failure, FailedFile)
    assert failure.stat.path.endswith("gone.mp3")
    assert "No such file" in failure.reason


def test_pipe_is_a_failure(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    [failure] = scan(tmp_path)
    assert isinstance(failure, FailedFile)
    assert "regular" in failure.reason


def test_unusual_names_are_yielded_unchanged(tmp_path: Path) -> None:
    odd = [b"caf\xe9.mp3", "emoji \N{MUSICAL NOTE}.mp3".encode(), b"line\nbreak.mp3"]
    for name in odd:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    assert {os.fsencode(f.path).rsplit(b"/", 1)[1] for f in scan(tmp_path) if isinstance(f, FileStat)} == set(odd)


def test_root_that_is_a_file_may_have_any_suffix(tmp_path: Path) -> None:
    make(tmp_path, "song.xyz")
    [file] = scan(tmp_path / "song.xyz")
    assert isinstance(file, FileStat)


def test_unreadable_folder_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.mp3", "b/2.mp3")
    real = os.scandir

    def refusing(path: Path) -> object:  # tests may run as root, whom permissions do not stop
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    failure, file = scan(tmp_path)
    assert isinstance(failure, FailedFile)
    assert "Permission denied" in failure.reason
    assert isinstance(file, FileStat)
