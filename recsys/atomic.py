"""Atomic replacement of files: readers see either the old content or the complete new content."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Context manager for a file that replaces ``path`` when the block ends without an exception.

    A symbolic link is kept; its target is replaced. The new file gets the permissions of the old one, and its owner
    and group where the process may set them. If ``path`` is not a regular file (a pipe), the data is written to it
    directly.

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
    temporary = target.with_name(
        f".{target.name[:40]}.{secrets.token_hex(4)}"
    )  # 40 characters: each may take 4 of the 255 bytes of a name
    try:
        with temporary.open("wb") as file:
            copy_metadata(temporary, target)
            yield file
            file.flush()
            os.fsync(file.fileno())  # without it a power failure could leave an empty file under the new name
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def copy_metadata(file: Path, source: Path) -> None:
    """Copy owner, group and permissions of ``source``, if it exists, to ``file``, as far as permitted."""
    with suppress(FileNotFoundError):
        status = source.stat()
        for user, group in ((status.st_uid, -1), (-1, status.st_gid)) if hasattr(os, "chown") else ():
            with suppress(PermissionError):
                os.chown(file, user, group)
        file.chmod(status.st_mode & 0o777)
