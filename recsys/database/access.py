"""The state that all parts of an open catalogue share."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine

from recsys.database.answering import AnsweringVersions, find_answering_versions
from recsys.database.engine import reading
from recsys.database.memory import CatalogueMemory

T = TypeVar("T")


class CatalogueAccess:
    """A database, the feature versions that are read from it, and the listener (None: the default one)."""

    def __init__(
        self, engine: Engine, feature_version: int, compatible: Sequence[int] = (), listener: str | None = None
    ) -> None:
        self._engine = engine
        self._version = feature_version
        self._compatible = tuple(compatible)
        self._listener = listener
        self._memory: CatalogueMemory | None = None
        #: Where the tags of all tracks are kept between programs (:mod:`recsys.app.described_tracks`); None: nowhere.
        self.tags_file: Path | None = None

    @cached_property
    def _answers(self) -> AnsweringVersions:
        """Which rows are read; the same until the catalogue is closed, even if another process adds analyses."""
        return self._remembered("answers", lambda c: find_answering_versions(c, self._version, self._compatible))

    def remembered(
        self, name: Hashable, compute: Callable[[], T], *, of_listener: bool = False, rest: float = 0.0,
        of: object = None,
    ) -> T:  # fmt: skip
        """A value that depends on the tracks; while the catalogue stays open, it is computed once for each state.

        ``of_listener``: it also depends on what belongs to listeners. ``rest``, ``of``: see
        :meth:`CatalogueMemory.get`.
        """
        if self._memory is None:
            return compute()
        return self._memory.get(name, compute, of_listener=of_listener, rest=rest, of=of)

    def kept(self, make: Callable[[], T]) -> T | None:
        """What ``make`` returns when it is first kept, as long as the catalogue is open; None if it is soon closed."""
        return None if self._memory is None else self._memory.keep(make)

    def _remembered(
        self, name: Hashable, read: Callable[[Connection], T], *, of_listener: bool = False, rest: float = 0.0
    ) -> T:
        """What is read from the database; while the catalogue stays open, only if the database has changed since."""

        def compute() -> T:
            with reading(self._engine) as connection:
                return read(connection)

        return self.remembered(name, compute, of_listener=of_listener, rest=rest)
