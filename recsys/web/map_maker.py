"""The map of the library, made in the background, so that no answer waits for it."""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Protocol

from recsys import LibraryMap
from recsys.errors import RecsysError

FRESH = 5.0  # seconds for which a map is not compared with the library again
_LEVEL = 1  # of gzip: as small as 5, a third of the time
_KEPT = 4  # maps whose points can still be asked for


class MapSource(Protocol):
    """A library."""

    def map(self, *, on_progress: Callable[[float], None]) -> LibraryMap:
        """The map; see :meth:`recsys.Library.map`."""


@dataclass(frozen=True, slots=True)
class MapProgress:
    """The share of the map that is made, in [0, 1]."""

    done: float


class MapMaker:
    """Makes and keeps the map of one library. One thread makes it, others ask for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._maps: dict[str, bytes] = {}  # columns by revision, compressed by gzip, the newest last
        self._latest: LibraryMap | None = None
        self._made_at = 0.0
        self._running = False
        self._done = 0.0
        self._error: RecsysError | None = None

    def latest(self, library: MapSource, *, wait: float) -> LibraryMap | MapProgress:
        """The map, up to date if that takes no longer than ``wait`` seconds; else the last one, or the progress.

        Raises
        ------
        RecsysError
            The map cannot be made.
        """
        with self._changed:
            if not self._running and (self._latest is None or self._clock() - self._made_at > FRESH):
                self._running, self._done, self._error = True, 0.0, None
                Thread(target=self._make, args=(library,), name="map", daemon=True).start()
            self._changed.wait_for(lambda: not self._running, wait)
            if not self._running and self._error is not None:
                raise self._error
            return self._latest or MapProgress(self._done)

    def columns(self, revision: str) -> bytes | None:
        """The points of a map of this revision, compressed by gzip; None if it is not kept."""
        with self._changed:
            return self._maps.get(revision)

    def _make(self, library: MapSource) -> None:
        made: LibraryMap | None = None
        error: RecsysError | None = RecsysError("the map cannot be made; the log of the server has the reason")
        try:
            made = library.map(on_progress=self._report)
            columns, revision, error = gzip.compress(made.to_bytes(), _LEVEL, mtime=0), made.revision, None
        except RecsysError as caught:
            error = caught
        finally:
            with self._changed:
                self._running, self._error, self._made_at = False, error, self._clock()
                if made is not None:
                    self._latest = made
                    self._maps.pop(revision, None)
                    self._maps[revision] = columns
                    while len(self._maps) > _KEPT:
                        del self._maps[next(iter(self._maps))]
                else:
                    self._latest = None
                self._changed.notify_all()

    def _report(self, done: float) -> None:
        self._done = done
