"""The state that all parts of an open catalogue share."""

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import Engine

from recsys.database.answering import AnsweringVersions, find_answering_versions
from recsys.database.engine import reading


class CatalogueAccess:
    """A database, the feature versions that are read from it, and the listener (None: the default one)."""

    def __init__(
        self, engine: Engine, feature_version: int, compatible: Sequence[int] = (), listener: str | None = None
    ) -> None:
        self._engine = engine
        self._version = feature_version
        self._compatible = tuple(compatible)
        self._listener = listener

    @cached_property
    def _answers(self) -> AnsweringVersions:
        """Which rows are read; the same until the catalogue is closed, even if another process adds analyses."""
        with reading(self._engine) as connection:
            return find_answering_versions(connection, self._version, self._compatible)
