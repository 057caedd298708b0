"""Which rows of ``analysis`` and ``vector`` answer, where a recording has one for each feature version.

Vectors of different versions never meet, unless the versions are *compatible*: then the newest row of each recording
answers, so that a library that is analysed again answers with all it has, whatever has been done already. Rows are
written at the present version only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from recsys.database.tables import analysis, failure, file, recording, vector
from recsys.domain.arrays import in_chunks


@dataclass(frozen=True, slots=True)
class AnsweringVersions:
    """The present feature ``version`` and compatible ``older`` ones of which the catalogue has rows."""

    version: int
    older: tuple[int, ...] = ()

    def rows(self, table: Any) -> ColumnElement[bool]:
        """The row of each recording that answers; of ``analysis`` or ``vector``."""
        if not self.older:
            return cast("ColumnElement[bool]", table.c.feature_version == self.version)
        return and_(table.c.feature_version.in_(self.versions), self._newest(table, table.c.recording_id))

    def of(self, table: Any, key: ColumnElement[int] = recording.c.id) -> ColumnElement[bool]:
        """The row of this recording that answers."""
        if not self.older:
            return and_(table.c.recording_id == key, table.c.feature_version == self.version)
        return and_(table.c.recording_id == key, self._newest(table, key))

    @property
    def versions(self) -> tuple[int, ...]:
        """All that have rows, and the present one, rising."""
        return (*self.older, self.version)

    def _newest(self, table: Any, key: ColumnElement[int]) -> ColumnElement[bool]:
        other = table.alias()
        of_key = and_(other.c.recording_id == key, other.c.feature_version.in_(self.versions))
        newest = select(func.max(other.c.feature_version)).where(of_key).correlate_except(other).scalar_subquery()
        return cast("ColumnElement[bool]", table.c.feature_version == newest)


def find_answering_versions(connection: Connection, version: int, compatible: Sequence[int]) -> AnsweringVersions:
    """Look which of the compatible versions have rows."""

    def has_rows(one: int) -> bool:
        query = select(vector.c.recording_id).where(vector.c.feature_version == one).limit(1)
        return connection.execute(query).first() is not None

    return AnsweringVersions(version, tuple(one for one in sorted(compatible) if one < version and has_rows(one)))


def at_version(table: Any, version: int, key: ColumnElement[int] = recording.c.id) -> ColumnElement[bool]:
    """The row of this recording at one feature version."""
    return and_(table.c.recording_id == key, table.c.feature_version == version)


def count_outdated(connection: Connection, answers: AnsweringVersions) -> int:
    """How many present tracks answer with an older version, and have not failed to be analysed again."""
    if not answers.older:
        return 0
    there = select(func.count()).select_from(file).where(file.c.is_primary, file.c.missing_since.is_(None))
    older = exists().where(
        analysis.c.recording_id == file.c.recording_id, analysis.c.feature_version.in_(answers.older)
    )
    current = exists().where(at_version(analysis, answers.version, file.c.recording_id))
    failed = exists().where(failure.c.path == file.c.path)
    return int(connection.execute(there.where(older, ~current, ~failed)).scalar_one())


def drop_older(connection: Connection, answers: AnsweringVersions, limit: int) -> int:
    """Delete up to ``limit`` analyses of older versions that one of the present version replaces; how many there were.

    What is the only analysis of its recording stays.
    """
    newer = analysis.alias()
    replaced = exists().where(at_version(newer, answers.version, analysis.c.recording_id))
    old = analysis.c.feature_version.in_(answers.older)
    ids = connection.execute(select(analysis.c.recording_id).where(old, replaced).limit(limit)).scalars().all()
    for chunk in in_chunks(ids):
        for table in (vector, analysis):
            outdated = table.c.feature_version.in_(answers.older)
            connection.execute(delete(table).where(table.c.recording_id.in_(chunk), outdated))
    return len(ids)
