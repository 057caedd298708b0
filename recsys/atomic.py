"""Files that are either as they were or as they shall be, never half."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, which takes the place of ``path`` when the block ends well.

    A link stays, and the file that it leads to is replaced. The new file has the permissions, and where we may give
    files away the owner, of the old one. What is no plain file (a pipe) is written straight into.

    Raises
    ------
    OSError
    """
    target = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}")  # 40: a character may take four bytes
    try:
        with temporary.open("wb") as file:
            copy_metadata(temporary, target)
            yield file
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name on an empty file
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def copy_metadata(file: Path, model: Path) -> None:
    """Give ``file`` the owner, the group and the permissions of ``model``, if that is there."""
    with suppress(FileNotFoundError):
        status = model.stat()
        for user, group in ((status.st_uid, -1), (-1, status.st_gid)) if hasattr(os, "chown") else ():
            with suppress(PermissionError):
                os.chown(file, user, group)
        file.chmod(status.st_mode & 0o777)
