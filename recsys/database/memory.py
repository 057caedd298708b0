"""What an open catalogue remembers between questions, until the database changes.

SQLite counts the commits of all other connections and processes (``PRAGMA data_version``), so that one connection that
writes nothing has a number which changes with every commit. Most commits of a server are plays and ratings, which leave
the tracks as they are: values that depend on tracks alone stay until the revision of the tracks grows. A database
server has no number of commits; there, values are a second old at most.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from weakref import ref

from sqlalchemy import Engine

from recsys.database.engine import TRACKS_REVISION, translate_errors

T = TypeVar("T")

_MAX_VALUES = 64  # the values that were not used for longest are dropped first
_LONG = 0.25  # seconds of a processor
_TTL = 1.0  # seconds, where commits are not counted


class _State(NamedTuple):
    """A number of all commits, and one of those that change tracks."""

    commits: int
    tracks: int


class _Value(NamedTuple):
    """A value, the state and the value that it is of, and until when it is used although the state has changed."""

    state: int
    of: ref[Any] | None
    value: Any
    used_until: float


class CatalogueMemory:
    """Values by name, each valid until a commit of any process that changes what it depends on; for all threads.

    While one thread computes a value of tracks anew, the others get the one of before, so that few wait for it during
    an ingest.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection = engine.raw_connection() if engine.dialect.name == "sqlite" else None
        self._last = _State(-1, 0)
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._computing: dict[Hashable, Lock] = {}
        self._kept: dict[Hashable, Any] = {}

    def get(
        self, name: Hashable, compute: Callable[[], T], *, of_listener: bool = False, rest: float = 0.0,
        of: object = None,
    ) -> T:  # fmt: skip
        """The value of a name, computed by one thread if the database has changed since; callers must not modify it.

        ``of_listener``: it depends on what belongs to listeners as well as on tracks. ``rest``: one of tracks that took
        long is also used for so many times as long, so that an ingest does not keep a processor busy with it. ``of``:
        the value of which it is computed, which may be of former tracks; it is valid for that one alone, and only that
        for the last one is kept.
        """
        commits, tracks = self._state()
        state, source = commits if of_listener else tracks, None if of is None else ref(of)
        with self._lock:
            found = self._values.get(name)
            if found is not None:
                self._values.move_to_end(name)
                found = found if found.of == source else None
            computing = self._computing.setdefault(name, Lock())
        if found is not None and (found.state == state or time.monotonic() < found.used_until):
            value: T = found.value
            return value
        if found is None or of_listener:
            computing.acquire()
        elif not computing.acquire(blocking=False):
            value = found.value
            return value
        try:
            found = self._values.get(name)
            if found is None or found.of != source or found.state != state:
                started = time.thread_time()
                value = compute()
                seconds = time.thread_time() - started
                used_until = time.monotonic() + rest * seconds if rest and seconds > _LONG else 0.0
                found = _Value(state, source, value, used_until)
                self._store(name, found)
        finally:
            computing.release()
            with self._lock:
                if name not in self._values:  # a question that failed
                    self._computing.pop(name, None)
        value = found.value
        return value

    def keep(self, make: Callable[[], T]) -> T:
        """What ``make`` returned when it was first kept; it follows the changes of the database by itself."""
        with self._lock:
            if make not in self._kept:
                self._kept[make] = make()
            value: T = self._kept[make]
            return value

    def close(self) -> None:
        """Forget everything, and release the connection."""
        with self._lock:
            self._values.clear()
            self._kept.clear()
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _store(self, name: Hashable, found: _Value) -> None:
        with self._lock:
            self._values[name] = found
            while len(self._values) > _MAX_VALUES:
                oldest, _ = self._values.popitem(last=False)
                self._computing.pop(oldest, None)

    def _state(self) -> _State:
        with self._lock, translate_errors(self._engine.url):
            if self._connection is None:
                second = int(time.monotonic() / _TTL)
                return _State(second, second)
            cursor = self._connection.cursor()
            try:
                [commits] = cursor.execute("PRAGMA data_version").fetchall()[0]
                if commits != self._last.commits:
                    rows = cursor.execute("SELECT value FROM revision WHERE name = ?", (TRACKS_REVISION,)).fetchall()
                    self._last = _State(commits, sum(value for (value,) in rows))
                return self._last
            finally:
                cursor.close()
