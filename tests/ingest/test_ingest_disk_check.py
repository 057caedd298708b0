"""The comparison of a library with the disk finds what differs, with examples and what helps, in bounded time."""

import itertools
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from make_entries import VERSION, make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import CheckResult
from recsys.errors import Hint
from recsys.ingest.disk_check import MAX_SECONDS, check_disk
from recsys.ingest.prune import prune


class Drive:
    """Six files in three folders, on the disk and in a catalogue."""

    def __init__(self, folder: Path, roots: Sequence[Path] = ()) -> None:
        self.root = folder / "music"
        self.catalogue = Catalogue.open(f"sqlite:///{folder / 'library.db'}", feature_version=VERSION)
        for name in ("a/1", "a/2", "b/1", "b/2", "c/1", "c/2"):
            path = self.root / f"{name}.mp3"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
            stats = path.stat()
            self.catalogue.store([make_entry(str(path), size=stats.st_size, mtime_ns=stats.st_mtime_ns)])
        for root in roots or [self.root]:
            self.catalogue.add_roots([str(root)])

    def check(self, **options: Any) -> list[CheckResult]:
        return list(check_disk(self.catalogue, **options))

    def findings(self) -> list[tuple[str, Hint | None, str | None]]:
        """Message, remedy and its folder of each result."""
        return [(each.message, each.remedy, each.remedy_values.get("folder")) for each in self.check()]


@pytest.fixture
def drive(tmp_path: Path) -> Drive:
    return Drive(tmp_path)


def test_library_that_is_the_same_as_the_disk_is_ok(drive: Drive) -> None:
    assert drive.check() == [CheckResult("disk", "ok", "6 files, the same as in the library")]


def test_gone_changed_and_new_files_have_examples_and_remedies(drive: Drive) -> None:
    root = drive.root
    (root / "a" / "1.mp3").unlink()
    shutil.rmtree(root / "b")
    (root / "c" / "1.mp3").write_bytes(b"another content")
    (root / "c" / "new.mp3").touch()
    (root / "#recycle").mkdir()
    (root / "#recycle" / "1.mp3").touch()
    (root / "gone.mp3").symlink_to("nowhere.mp3")
    assert drive.findings() == [
        (f"3 known files are gone, such as {root}/a/1.mp3", Hint.PRUNE, str(root / "a")),
        (f"1 file has changed, such as {root}/c/1.mp3", Hint.INGEST_FOLDER, str(root)),
        (f"1 file is not ingested, such as {root}/c/new.mp3", Hint.INGEST_FOLDER, str(root)),
        (
            f"1 file or folder cannot be read, such as {root}/gone.mp3 (cannot open it: No such file or directory)",
            Hint.OPEN_FOLDER,
            str(root / "gone.mp3"),
        ),
    ]
    assert {result.status for result in drive.check()} == {"warning"}


def test_failed_and_missing_files_are_not_reported_again(drive: Drive) -> None:
    bad = drive.root / "bad.mp3"
    bad.touch()
    drive.catalogue.store([], [FailedFile(FileStat(str(bad), 0, 0), "decode", "no frames")])
    (drive.root / "a" / "1.mp3").unlink()
    drive.catalogue.mark_missing([str(drive.root / "a" / "1.mp3")])
    assert drive.check() == [CheckResult("disk", "ok", "5 files, the same as in the library")]


@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_root_that_is_not_mounted_is_one_finding(drive: Drive, empty: bool) -> None:
    shutil.rmtree(drive.root)
    if empty:
        drive.root.mkdir()
    message = f"{drive.root} does not exist or is empty; the library has 6 files under it"
    assert drive.findings() == [(message, Hint.FORGET_FOLDER, str(drive.root))]


def test_closed_folder_is_one_finding(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(path: Any) -> Any:  # tests may run as root, whom permissions do not stop
        if str(path) == str(drive.root / "b"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = f"{drive.root}/b cannot be read; the library has 2 files under it"
    assert drive.findings() == [(message, Hint.OPEN_FOLDER, None)]


def test_file_that_cannot_be_read_is_found(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("b/1.mp3"))
    [(message, remedy, _)] = drive.findings()
    assert message == f"1 file or folder cannot be read, such as {drive.root}/b/1.mp3"
    assert remedy is Hint.OPEN_FOLDER


def test_check_ends_when_its_time_is_used_up(drive: Drive) -> None:
    ticks = itertools.count(0, MAX_SECONDS)
    [result] = drive.check(clock=lambda: next(ticks))
    assert result == CheckResult(
        "disk", "warning", "compared with the library for 15 s only; an ingest compares all files", Hint.INGEST
    )


def test_library_without_files_is_ok(tmp_path: Path) -> None:
    catalogue = Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=VERSION)
    assert [result.message for result in check_disk(catalogue)] == ["0 files, the same as in the library"]


def test_root_inside_another_root_is_compared_once(tmp_path: Path) -> None:
    drive = Drive(tmp_path, [tmp_path / "music" / "a", tmp_path / "music"])
    new = drive.root / "a" / "new.mp3"
    new.touch()
    found = (f"1 file is not ingested, such as {new}", Hint.INGEST_FOLDER, str(drive.root))
    assert drive.findings() == [found]
    shutil.rmtree(drive.root / "a")
    prune(drive.catalogue)
    assert drive.check() == [CheckResult("disk", "ok", "4 files, the same as in the library")]


def test_root_without_files_and_folder_is_removed_with_the_folder_above_it(drive: Drive) -> None:
    shutil.rmtree(drive.root)
    drive.catalogue.delete([], present=[file.path for page in drive.catalogue.stored_files() for file in page])
    message = f"{drive.root} does not exist or is empty; the library has no files under it"
    assert drive.findings() == [(message, Hint.FORGET_FOLDER, str(drive.root))]
    prune(drive.catalogue, [drive.root.parent], force=True)
    assert drive.catalogue.roots() == []
    assert drive.check() == [CheckResult("disk", "ok", "0 files, the same as in the library")]
