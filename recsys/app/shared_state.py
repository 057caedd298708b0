"""What the contexts of one library share: its index in memory and, for a server, its open database."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex

_PAUSE = 5.0  # seconds at least between two updates of the index in the background
_BUSY_SHARE = 10  # an update in the background takes at most one part in so many of the time


class SharedState:
    """The index with the state of the library that it is of, and with ``keep_open`` the database.

    With ``keep_open`` an index that is out of date is used until a thread has updated it, so that no question waits
    for an ingest.
    """

    def __init__(self, *, keep_open: bool = False) -> None:
        self.keep_open = keep_open
        self.index: tuple[NearestIndex, tuple[object, ...]] | None = None
        self.lock = Lock()
        self._catalogue: tuple[Catalogue, tuple[int, int] | None] | None = None
        self._catalogue_lock = Lock()
        self._updating = Lock()
        self._next_update = 0.0

    def catalogue(self, file: Path | None, open: Callable[[], "Catalogue"]) -> "Catalogue":
        """The open database; it is opened again if its file has been replaced."""
        identity = None if file is None else _identity(file)
        with self._catalogue_lock:
            if self._catalogue is not None and self._catalogue[1] == identity:
                return self._catalogue[0]
            if self._catalogue is not None:
                self._catalogue[0].close()
            self._catalogue = None
            made = open()
            made.remember()
            self._catalogue = made, identity
            return made

    def update_later(self, update: Callable[[], None]) -> None:
        """Run an update of the index in a thread, unless one runs or the last one was just now."""
        if time.monotonic() < self._next_update or not self._updating.acquire(blocking=False):
            return

        def run() -> None:
            started = time.monotonic()
            try:
                update()
            finally:
                ended = time.monotonic()
                self._next_update = ended + max(_PAUSE, _BUSY_SHARE * (ended - started))
                self._updating.release()

        Thread(target=run, name="recsys-index", daemon=True).start()

    def close(self) -> None:
        """Release the index and the database; what is used after that is opened again."""
        self.index = None
        with self._catalogue_lock:
            if self._catalogue is not None:
                self._catalogue[0].close()
            self._catalogue = None


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
