"""Atomic replacement of files: readers see either the old content or the complete new content.

The new content is first written to a temporary file in the same folder. Its name is random and it must not exist, so
that a link that was planted in a shared folder is neither followed nor overwritten.
"""

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Flags of a file that must not exist, not even as a link."""

_UNSUPPORTED = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""Errors where owner or permissions may not be set, or the file system has none, as on some network mounts."""

_PRIVATE, _DEFAULT = 0o600, 0o666
_SYNC_MODE = "rb+" if sys.platform == "win32" else "rb"  # elsewhere the file may have become read-only
_STEM = 40  # characters of the target in the name: each may take 4 of the 255 bytes of a name


@contextmanager
def atomic_write(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Context manager for a file that replaces ``path`` when the block ends without an exception.

    A symbolic link is kept; its target is replaced. The new file gets the permissions of the old one, and its owner
    and group where the process may set them; with ``private`` only its user may read it, whatever the old one had. If
    ``path`` is not a regular file (a pipe), the data is written to it directly.

    Raises
    ------
    OSError
        The folder is missing or not writable, the disk is full, or ``path`` is a folder or a circular link. The old
        file is unchanged, and no temporary file is left.
    """
    target = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    temporary = target.with_name(f".{target.name[:_STEM]}.{secrets.token_hex(8)}.tmp")
    # A replaced file gets its permissions before its content, which others may not be allowed to read.
    mode = _PRIVATE if private or target.exists() else _DEFAULT
    with os.fdopen(os.open(temporary, CREATE, mode), "w+b") as file:
        try:
            if not private:
                _copy_metadata(file.fileno(), temporary, target)
            yield file
            file.flush()
            os.fsync(file.fileno())  # without it a power failure could leave an empty file under the new name
        except BaseException:
            file.close()  # Windows deletes no open file
            temporary.unlink(missing_ok=True)
            raise
    try:
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Context manager for an empty file that replaces ``path`` when the block ends without an exception.

    For a library that opens a file itself; permissions as of :func:`atomic_write`.

    Raises
    ------
    OSError
        As :func:`atomic_write`.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:_STEM]}.{secrets.token_hex(8)}.tmp")
    os.close(os.open(temporary, CREATE, _PRIVATE if target.exists() else _DEFAULT))
    try:
        yield temporary
        copy_metadata(temporary, target)
        with temporary.open(_SYNC_MODE) as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def temporary_files(path: Path) -> list[Path]:
    """The temporary files of :func:`atomic_write` for ``path`` that are in its folder: left over, or being written.

    Another file with such a name is improbable: it ends in 16 random hex digits and ".tmp".
    """
    target = Path(os.path.realpath(path))
    name = re.compile(re.escape(f".{target.name[:_STEM]}.") + r"[0-9a-f]{16}\.tmp")
    if not target.parent.is_dir():
        return []
    return [each for each in target.parent.iterdir() if name.fullmatch(each.name) and _is_regular(each)]


def copy_metadata(file: Path, source: Path) -> None:
    """Copy owner, group and permissions of ``source``, if it exists, to ``file``, as far as permitted.

    If ``file`` has been replaced by a link, it raises OSError.
    """
    if sys.platform == "win32":
        _copy_metadata(-1, file, source)
        return
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        _copy_metadata(handle, file, source)
    finally:
        os.close(handle)


def _copy_metadata(handle: int, file: Path, source: Path) -> None:
    with suppress(FileNotFoundError):
        status = source.stat()
        if sys.platform == "win32":
            file.chmod(stat.S_IMODE(status.st_mode))
            return
        for user, group in ((status.st_uid, -1), (-1, status.st_gid)):
            with _unless_unsupported():
                os.fchown(handle, user, group)
        with _unless_unsupported():
            os.fchmod(handle, status.st_mode & 0o777)


@contextmanager
def _unless_unsupported() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
