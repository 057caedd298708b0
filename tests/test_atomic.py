"""A file is as it was, or as it shall be."""

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from recsys.atomic import atomic_write

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such links and permissions")


def write(path: Path, text: str = "new") -> None:
    with atomic_write(path) as file:
        file.write(text.encode())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    write(target, "old")
    before = target.open("rb")
    write(target)
    assert target.read_text() == "new"
    assert before.read() == b"old"  # whoever is reading it reads it to the end
    before.close()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("x"), KeyboardInterrupt()])
def test_the_old_file_stays_whatever_happens(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "list.m3u8"
    write(target, "old")
    with pytest.raises(type(error)), atomic_write(target) as file:  # noqa: PT012 - the block is what fails
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
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "list.m3u8"
    write(target)
    os.chown(target, 1234, 2345)
    write(target)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)


@posix
def test_a_link_stays_and_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("second")
    (tmp_path / "second").symlink_to("real/list.m3u8")
    write(tmp_path / "link", "old")  # it leads nowhere yet
    (tmp_path / "real/list.m3u8").chmod(0o640)
    inode = (tmp_path / "real/list.m3u8").stat().st_ino
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert (tmp_path / "real/list.m3u8").read_text() == "new"
    assert (tmp_path / "real/list.m3u8").stat().st_ino != inode  # replaced, not written over
    assert mode(tmp_path / "real/list.m3u8") == 0o640
    assert [p.name for p in (tmp_path / "real").iterdir()] == ["list.m3u8"]


@posix
def test_links_in_a_circle_and_to_nowhere_are_errors(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "lost").symlink_to("no folder/list.m3u8")
    for name in ("a", "lost", "."):
        with pytest.raises(OSError, match=r"Too many levels|No such file|Is a directory"):
            write(tmp_path / name)
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b", "lost"}


@posix
def test_a_pipe_is_written_into(tmp_path: Path) -> None:
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
def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    target = tmp_path / ("🎵" * 62 + ".m3u8")
    write(target)
    assert target.read_text() == "new"
