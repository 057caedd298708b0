"""Scanning: what is found, what is left out, and that it always ends."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.errors import InvalidRequest
from recsys.ingest.scan import is_relevant, scan
from recsys.ingest.system_folders import ORIGINS


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


@pytest.mark.parametrize("name", ORIGINS)
def test_folders_of_systems_are_counted_and_not_scanned(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/S-1-5-21/a.mp3", f"Album/{name}/INFO2", f"Album/{name}/b.flac", "Album/c.mp3")
    excluded: Counter[str] = Counter()
    found = [Path(file.path).name for file in scan(tmp_path, excluded=excluded) if isinstance(file, FileStat)]
    assert found == ["c.mp3"]
    assert excluded == {name: 2}


@pytest.mark.parametrize(
    "name", ["$Recycle.Bin", "system volume information", "__macosx", "@EADIR", "TEMPORARY ITEMS", ".Trash-501"]
)
def test_case_of_system_folders_does_not_matter(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/a.mp3", "b.mp3")
    assert names(tmp_path) == ["b.mp3"]


@pytest.mark.parametrize(
    "name", ["Recycler", "Recycled", "recycle", "Trash", "snapshot", "tmp", "Lost and Found", "#1", "@", "+", "Samples"]
)
def test_albums_with_similar_names_are_scanned(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/a.mp3")
    assert names(tmp_path) == [f"{name}/a.mp3"]


def test_three_dots_are_a_title_and_one_dot_hides(tmp_path: Path) -> None:
    make(tmp_path, "...And Justice/...Blackened.mp3", ".38 Special/a.mp3", "._b.mp3", ".c.mp3", "._cover.jpg")
    excluded: Counter[str] = Counter()
    found = [os.path.relpath(f.path, tmp_path) for f in scan(tmp_path, excluded=excluded) if isinstance(f, FileStat)]
    assert found == ["...And Justice/...Blackened.mp3"]
    assert excluded == {".38 Special": 1, "._*": 1, ".*": 1}


@pytest.mark.parametrize(
    ("pattern", "more"),
    [("!@eaDir/", "@eaDir/b.mp3"), ("!.38 Special", ".38 Special/c.mp3"), ("!#recycle", "#recycle/RECYCLER/d.mp3")],
)
def test_pattern_with_exclamation_mark_includes_again(tmp_path: Path, pattern: str, more: str) -> None:
    make(tmp_path, "a.mp3", "@eaDir/b.mp3", ".38 Special/c.mp3", "#recycle/RECYCLER/d.mp3")
    kept = names(tmp_path, pattern, "!RECYCLER")
    assert sorted(kept) == sorted(["a.mp3", more])


def test_root_is_scanned_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, "#recycle/a.mp3", "#recycle/#recycle/b.mp3", "RECYCLER/INFO2", "RECYCLER/c.mp3")
    assert names(tmp_path / "#recycle") == ["a.mp3"]
    assert names(tmp_path / "RECYCLER") == ["c.mp3"]


def test_many_hidden_names_are_counted_together(tmp_path: Path) -> None:
    make(tmp_path, *(f".{i}/a.mp3" for i in range(150)))
    excluded: Counter[str] = Counter()
    assert list(scan(tmp_path, excluded=excluded)) == []
    assert len(excluded) == 101
    assert excluded[".*"] == 50


@pytest.fixture
def deep_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is nested deeper than Python's stack, with a file at the end of a path that is too long."""
    root = tmp_path / "deep"
    root.mkdir()
    monkeypatch.chdir(root)
    depth = 2100
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.mp3").touch()
    yield root
    Path("a.mp3").unlink()
    for _ in range(depth):  # pytest cannot delete it
        os.chdir("..")
        Path("d").rmdir()


def test_folders_deeper_than_the_stack(deep_folder: Path) -> None:
    """The system opens paths of up to 4096 bytes; what is deeper is a failure."""
    [failure] = scan(deep_folder)
    assert isinstance(failure, FailedFile)
    assert "File name too long" in failure.reason


def test_changes_in_system_folders_are_not_relevant(tmp_path: Path) -> None:
    make(tmp_path, "a/cover.jpg", "a/b.mp3")
    relevant = ["a", "a/b.mp3", "gone", "a/gone.mp3", "...And Justice"]
    other = ["a/cover.jpg", "#recycle/b.mp3", "#recycle", ".hidden/b.mp3", "a/._b.mp3", "a/.b.mp3"]
    assert [path for path in relevant + other if is_relevant(str(tmp_path / path), tmp_path)] == relevant
    assert is_relevant(str(tmp_path / ".38 Special" / "b.mp3"), tmp_path, ["!.38 Special"])


def test_scan_is_not_stopped_by_a_folder_that_vanishes(tmp_path: Path) -> None:
    make(tmp_path, "a/1.mp3", "b/2.mp3", "c/3.mp3")
    files = scan(tmp_path)
    first = next(files)
    assert isinstance(first, FileStat)
    (tmp_path / "b" / "2.mp3").unlink()
    (tmp_path / "b").rmdir()
    gone, last = files
    assert isinstance(gone, FailedFile)
    assert "No such file" in gone.reason
    assert isinstance(last, FileStat)


def test_file_and_folder_change_places(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3", "b.mp3/c.mp3")
    assert names(tmp_path) == ["a.mp3", "b.mp3/c.mp3"]


def test_system_folders_are_documented() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "maintenance.md").read_text(encoding="utf-8")
    assert [name for name in ORIGINS if f"`{name}`" not in guide] == []
