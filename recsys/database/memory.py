"""What an open catalogue remembers between questions, until the database changes.

SQLite counts the commits of all other connections and processes (``PRAGMA data_version``), so that one connection that
writes nothing has a number which changes with every commit. A server has no such number; there, values are a second old
at most.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Engine

from recsys.database.engine import translate_errors

T = TypeVar("T")

_MAX_VALUES = 64  # the values that were not used for longest are dropped first
_TTL = 1.0  # seconds, where commits are not counted


class CatalogueMemory:
    """Values by name, each valid until the next commit of any process; for all threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection = engine.raw_connection() if engine.dialect.name == "sqlite" else None
        self._values: OrderedDict[Hashable, tuple[object, Any]] = OrderedDict()
        self._computing: dict[Hashable, Lock] = {}

    def get(self, name: Hashable, compute: Callable[[], T]) -> T:
        """The value of a name, computed by one thread if the database has changed since; callers must not modify it."""
        state = self._state()
        found = self._values.get(name)
        if found is None or found[0] != state:
            with self._lock:
                computing = self._computing.setdefault(name, Lock())
            with computing:
                found = self._values.get(name)
                if found is None or found[0] != state:
                    found = state, compute()
                    with self._lock:
                        self._values[name] = found
                        while len(self._values) > _MAX_VALUES:
                            oldest, _ = self._values.popitem(last=False)
                            self._computing.pop(oldest, None)
        value: T = found[1]
        return value

    def close(self) -> None:
        """Forget everything, and release the connection."""
        with self._lock:
            self._values.clear()
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _state(self) -> object:
        with self._lock, translate_errors(self._engine.url):
            if self._connection is None:
                return int(time.monotonic() / _TTL)
            cursor = self._connection.cursor()
            try:
                [version] = cursor.execute("PRAGMA data_version").fetchall()[0]
                return version
            finally:
                cursor.close()
