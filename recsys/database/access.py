"""The state that all parts of an open catalogue share."""

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import Engine

from recsys.database.answering import AnsweringVersions, find_answering_versions
from recsys.database.engine import reading


class CatalogueAccess:
    """A database and the feature versions that are read from it."""

    def __init__(self, engine: Engine, feature_version: int, compatible: Sequence[int] = ()) -> None:
        self._engine = engine
        self._version = feature_version
        self._compatible = tuple(compatible)

    @cached_property
    def _answers(self) -> AnsweringVersions:
        """Which rows are read; the same until the catalogue is closed, even if another process adds analyses."""
        with reading(self._engine) as connection:
            return find_answering_versions(connection, self._version, self._compatible)
