"""One ingest at a time: a lock of the operating system, which a killed process cannot leave behind."""

import os
import sys
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


@contextmanager
def sole_writer(database: Path) -> Iterator[None]:
    """Hold ``DATABASE.lock``, or LibraryBusy naming its holder. The file stays: removing it would race."""
    path = database.with_name(database.name + ".lock")
    try:
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise LibraryError(f"cannot write {path}: {error.strerror}; check the permissions of its folder") from error
    with file:
        try:
            _take(file)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "unknown"
            raise LibraryBusy(
                f"another recsys ingest (process {owner}) is writing to {database}; wait for it or stop it"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
