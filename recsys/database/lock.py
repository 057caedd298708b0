"""The ingest lock of a SQLite library, and locks of other files.

They are locks of the operating system, which end with the process that holds them.
"""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from recsys.errors import LibraryBusy, LibraryError

if sys.platform == "win32":
    import msvcrt

    _LOCK_OFFSET = 1 << 30  # Windows forbids reading locked bytes; the process id is at 0

    def _lock(file: IO[str]) -> None:
        file.seek(_LOCK_OFFSET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_BUSY = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_RETRY_SECONDS = 0.2  # longer than lock_owner holds the lock


@contextmanager
def ingest_lock(database: Path) -> Iterator[None]:
    """Hold ``DATABASE.lock``. The file is not deleted afterwards: that would be a race.

    Raises
    ------
    LibraryBusy
        Another process holds the lock; the message has its id.
    LibraryError
        The file cannot be written, or its file system has no locks.
    """
    path = _lock_file(database)
    try:
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise LibraryError(f"cannot write {path}: {error.strerror}; check the permissions of its folder") from error
    with file:
        try:
            _acquire(file)
        except OSError as error:
            if error.errno not in _BUSY:
                raise LibraryError(
                    f"cannot lock {path}: {error.strerror}; move the library to a file system that has locks"
                ) from error
            raise LibraryBusy(
                f"another ingest (process {_owner(file)}) is writing to {database}; wait for it or stop it"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def file_lock(file: Path) -> Iterator[None]:
    """Hold ``FILE.lock`` while a file is read, changed and written, which takes less than the time of the retry.

    Raises
    ------
    LibraryBusy
        Another process holds the lock.
    OSError
        The lock file cannot be written.
    """
    with _lock_file(file).open("a+", encoding="ascii", errors="replace") as opened:
        try:
            _acquire(opened)
        except OSError as error:
            if error.errno not in _BUSY:
                raise
            raise LibraryBusy(f"another process is writing to {file}; try again") from error
        yield


def lock_owner(database: Path) -> str | None:
    """The id of the process that holds the ingest lock; None if no process does, or the file cannot be read."""
    try:
        file = _lock_file(database).open("r+", encoding="ascii", errors="replace")
    except OSError:
        return None
    with file:
        try:
            _lock(file)
        except OSError:
            return _owner(file)
    return None


def _lock_file(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _acquire(file: IO[str]) -> None:
    try:
        _lock(file)
    except OSError:  # another process may be in lock_owner
        time.sleep(_RETRY_SECONDS)
        _lock(file)


def _owner(file: IO[str]) -> str:
    file.seek(0)
    return file.read(20).strip() or "unknown"
