"""Atomic replacement: a file has its old content or all of the new one."""

import errno
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from recsys.atomic import atomic_path, atomic_write

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX links and permissions")


def write(path: Path, text: str = "new") -> None:
    with atomic_write(path) as file:
        file.write(text.encode())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    write(target, "old")
    open_file = target.open("rb")
    write(target)
    assert target.read_text() == "new"
    assert open_file.read() == b"old"  # an open handle still reads the old content
    open_file.close()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("x"), KeyboardInterrupt()])
def test_old_file_is_kept_after_an_error(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "list.m3u8"
    write(target, "old")
    with pytest.raises(type(error)), atomic_write(target) as file:  # noqa: PT012 - the block itself raises
        file.write(b"half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@posix
def test_permissions_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    mask = os.umask(0o022)
    try:
        write(target)
        assert mode(target) == 0o644
        for kept in (0o600, 0o664, 0o444, 0o755):
            target.chmod(kept)
            write(target, str(kept))
            assert (mode(target), target.read_text()) == (kept, str(kept))
    finally:
        os.umask(mask)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may change the owner")
def test_owner_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    write(target)
    os.chown(target, 1234, 2345)
    write(target)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)


@posix
def test_link_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("second")
    (tmp_path / "second").symlink_to("real/list.m3u8")
    write(tmp_path / "link", "old")  # its target does not exist yet
    (tmp_path / "real/list.m3u8").chmod(0o640)
    inode = (tmp_path / "real/list.m3u8").stat().st_ino
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert (tmp_path / "real/list.m3u8").read_text() == "new"
    assert (tmp_path / "real/list.m3u8").stat().st_ino != inode  # replaced, not overwritten
    assert mode(tmp_path / "real/list.m3u8") == 0o640
    assert [p.name for p in (tmp_path / "real").iterdir()] == ["list.m3u8"]


@posix
def test_circular_and_dangling_links_and_folders_are_errors(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "lost").symlink_to("no folder/list.m3u8")
    for name in ("a", "lost", "."):
        with pytest.raises(OSError, match=r"Too many levels|No such file|Is a directory"):
            write(tmp_path / name)
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b", "lost"}


@posix
def test_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.m3u8"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write(pipe)
    reader.join()
    assert got == ["new"]
    assert pipe.is_fifo()


@posix
def test_file_name_of_maximum_length_is_written(tmp_path: Path) -> None:
    target = tmp_path / ("🎵" * 62 + ".m3u8")
    write(target)
    assert target.read_text() == "new"


@posix
@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_file_system_without_permissions_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(os, "fchmod", refuse)
    write(tmp_path / "file")
    with atomic_path(tmp_path / "other") as path:
        path.write_text("new")
    assert [(tmp_path / name).read_text() for name in ("file", "other")] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "other"]
