"""How much reading one file may take: bytes, rows and seconds. A small hostile file could fill the memory.

The limits are far above what music programs export: Last.fm's most active users have about two million scrobbles.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from recsys.errors import InvalidRequest

MAX_BYTES = 1 << 28
"""Bytes of a text that is read as a whole."""

MAX_STREAMED_BYTES = 1 << 31
"""Bytes of XML, and of all the files in an archive or a folder together."""

MAX_ROWS = 3_000_000
"""Rows of a table, records of a library, or listens of a history."""

MAX_ENTRIES = 1_000_000
"""Different tracks of a file, each of which is matched with the library."""

MAX_JSON_VALUES = 12_000_000
"""Values in a JSON document: each needs about 60 bytes of memory, however short it is in the file."""

MAX_SECONDS = 300.0
"""Seconds of computing time. The other limits are reached first, except in databases."""

_ROWS_PER_CHECK = 1024  # rows between two looks at the clock

T = TypeVar("T")


class Budget:
    """What is left of the limits for one file. Exceeding one raises an InvalidRequest of one line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = 0
        self.n_bytes = 0
        self._deadline = time.thread_time() + MAX_SECONDS

    def spend_bytes(self, n: int) -> None:
        """Count bytes of a stream."""
        self.n_bytes += n
        if self.n_bytes > MAX_STREAMED_BYTES:
            raise InvalidRequest(f"{self.path} has more than {MAX_STREAMED_BYTES >> 20:,} MB; export it in parts")
        self.check_time()

    def spend_row(self) -> None:
        """Count a row, an entry or an element."""
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise InvalidRequest(f"{self.path} has more than {MAX_ROWS:,} entries; export it in parts")
        if self._rows % _ROWS_PER_CHECK == 0:
            self.check_time()

    def rows(self, items: Iterable[T]) -> Iterator[T]:
        """The items, each counted as a row."""
        for item in items:
            self.spend_row()
            yield item

    @property
    def is_late(self) -> bool:
        """Whether the computing time has run out."""
        return time.thread_time() > self._deadline

    def check_time(self) -> None:
        """Raise an error if the computing time has run out."""
        if self.is_late:
            raise self.time_error()

    def time_error(self) -> InvalidRequest:
        """The error for a file that takes too long."""
        return InvalidRequest(
            f"{self.path} is not read within {MAX_SECONDS:g} seconds of computing time; export it in parts"
        )
