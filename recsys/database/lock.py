"""One ingest at a time: a lock of the operating system, which a killed process cannot leave behind."""

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

    _OUT_OF_THE_WAY = 1 << 30  # Windows forbids reading locked bytes; the process id stands at 0

    def _take(file: IO[str]) -> None:
        file.seek(_OUT_OF_THE_WAY)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_BUSY = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_POLL_SECONDS = 0.2  # seconds: longer than writer_of holds the lock


@contextmanager
def ingest_lock(database: Path) -> Iterator[None]:
    """Hold ``DATABASE.lock``, or LibraryBusy naming its holder. The file stays: removing it would race."""
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
                    f"cannot lock {path}: {error.strerror}; move the library to a file system that knows locks"
                ) from error
            raise LibraryBusy(
                f"another recsys ingest (process {_owner(file)}) is writing to {database}; wait for it or stop it"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def lock_owner(database: Path) -> str | None:
    """The process that ingests into a library now; None if nobody does, or it cannot be told."""
    try:
        file = _lock_file(database).open("r+", encoding="ascii", errors="replace")
    except OSError:
        return None
    with file:
        try:
            _take(file)
        except OSError:
            return _owner(file)
    return None


def _lock_file(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _acquire(file: IO[str]) -> None:
    try:
        _take(file)
    except OSError:  # perhaps it was only looked at
        time.sleep(_POLL_SECONDS)
        _take(file)


def _owner(file: IO[str]) -> str:
    file.seek(0)
    return file.read(20).strip() or "unknown"
