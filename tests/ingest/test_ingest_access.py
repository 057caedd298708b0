"""Failures of permissions and disks are distinct from damage, and each ingest tries these files again."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fake_analysers import analyse_text, identify_text
from make_entries import VERSION

from recsys.audio.files import open_file
from recsys.audio.tags import read_tags
from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.domain.results import IngestSummary
from recsys.errors import NotFound, UnreadableAudio
from recsys.ingest import worker
from recsys.ingest.pipeline import ingest
from recsys.ingest.worker import AnalysisFailure, identify_file


class FailingFile:
    """A file whose disk fails after the first block."""

    def __init__(self, code: int) -> None:
        self.code, self.blocks = code, 0

    def __enter__(self) -> "FailingFile":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def readinto(self, buffer: bytearray) -> int:
        self.blocks += 1
        if self.blocks > 1:
            raise OSError(self.code, os.strerror(self.code))
        return len(buffer)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOTCONN, errno.ESTALE])
def test_error_of_the_disk_is_not_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"garbage")
    damaged = identify_file(str(path))
    assert isinstance(damaged, AnalysisFailure)
    assert damaged.stage == "open"
    monkeypatch.setattr(worker, "open_file", lambda _: FailingFile(code))
    assert identify_file(str(path)) == AnalysisFailure("access", f"cannot read it: {os.strerror(code)}")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "no permission to read a.mp3"),
        (OSError(errno.EIO, "Input/output error"), "a.mp3 cannot be opened: Input/output error"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "there is no file"),
    ],
)
def test_file_that_cannot_be_opened_has_the_stage_access(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"garbage")

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableAudio, match=words) as raised:
        open_file(path)
    assert raised.value.stage == "access"
    failure = identify_file(str(path))
    assert isinstance(failure, AnalysisFailure)
    assert failure.stage == "access"


def test_tags_are_not_emptied_by_an_error_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"garbage")
    code = errno.EINVAL

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("recsys.audio.tags.read_blocks", fail)
    assert read_tags(path).title is None  # of a damaged file
    code = errno.EIO
    with pytest.raises(UnreadableAudio, match="cannot be read: Input/output error"):
        read_tags(path)


class Drive:
    """A folder of texts on a drive that may refuse some files."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
        self.reasons: dict[str, str] = {}
        self.opened: list[str] = []
        for name in ("a", "b", "c"):
            (self.music / f"{name}.mp3").write_text(f"song {name}", encoding="utf-8")

    def identify(self, path: str) -> Any:
        self.opened.append(Path(path).name)
        if reason := self.reasons.get(Path(path).name):
            return AnalysisFailure("access", reason)
        return identify_text(path)

    def ingest(self) -> IngestSummary:
        self.opened.clear()
        with Catalogue.open(self.settings.database, feature_version=VERSION) as catalogue:
            return ingest(
                [self.music], catalogue, self.settings, executor=lambda: ThreadPoolExecutor(1),
                identify=self.identify, analyse=analyse_text,
            )  # fmt: skip


def test_unreadable_file_is_reported_once_and_tried_by_each_ingest(tmp_path: Path) -> None:
    drive = Drive(tmp_path)
    drive.reasons = {"a.mp3": "no permission", "b.mp3": "no permission"}
    first = drive.ingest()
    assert (first.new, first.failed, first.previously_failed, len(first.failures)) == (1, 2, 0, 2)
    drive.reasons = {"a.mp3": "no permission", "b.mp3": "Input/output error"}
    second = drive.ingest()
    assert drive.opened == ["a.mp3", "b.mp3"]
    assert (second.failed, second.previously_failed, second.still_unreadable) == (2, 1, 1)
    assert [failure.reason for failure in second.failures] == ["Input/output error"]
    assert second.failures[0].attempts == 2
    drive.reasons = {}
    third = drive.ingest()
    assert (third.new, third.unchanged, third.failed, third.still_unreadable) == (2, 1, 0, 0)
    assert drive.ingest().unchanged == 3
    assert drive.opened == []


def test_closed_or_absent_root_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Drive(tmp_path)
    assert drive.ingest().new == 3
    real = os.scandir

    def refuse(path: Any) -> Any:  # tests may run as root, whom permissions do not stop
        if Path(path) == drive.music:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    with monkeypatch.context() as context:
        context.setattr(os, "scandir", refuse)
        with pytest.raises(NotFound, match=r"music cannot be read: Permission denied; nothing was changed$"):
            drive.ingest()
    away = drive.music.rename(tmp_path / "away")
    with pytest.raises(NotFound, match="does not exist, but the library has 3 files under it") as raised:
        drive.ingest()
    assert raised.value.hint_values == {"folder": str(drive.music)}
    drive.music.write_text("a file in its place", encoding="utf-8")
    with pytest.raises(NotFound, match="is a file, but the library has 3 files in a folder of this name"):
        drive.ingest()
    drive.music.unlink()
    away.rename(drive.music)
    assert drive.ingest().unchanged == 3


def test_what_only_failed_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was closed is open now, and a file that never was a track is deleted."""
    drive, real = Drive(tmp_path), os.scandir
    closed = drive.music / "closed"
    closed.mkdir()
    (closed / "d.mp3").write_text("song d", encoding="utf-8")
    drive.reasons = {"c.mp3": "Input/output error"}

    def refuse(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        assert drive.ingest().failed == 2
    (drive.music / "a.mp3").unlink()
    (drive.music / "c.mp3").unlink()
    opened = drive.ingest()
    assert (opened.new, opened.removed, opened.missing, opened.failed) == (1, 1, 1, 0)
    assert [(each.kind, Path(each.path).name) for each in opened.changes] == [("new", "d.mp3"), ("removed", "a.mp3")]
    with Catalogue.open(drive.settings.database, feature_version=VERSION) as catalogue:
        assert catalogue.failures() == []
