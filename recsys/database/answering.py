"""Which rows of ``analysis`` and ``vector`` are read, where a recording has one per feature version.

Vectors of different versions are never compared, unless the versions are *compatible*: then the newest row of each
recording is read, so that a library can be used while it is analysed again. Rows are written at the current version
only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from recsys.database.tables import analysis, failure, file, recording, vector
from recsys.domain.arrays import in_chunks


@dataclass(frozen=True, slots=True)
class AnsweringVersions:
    """The current feature ``version``, and the compatible ``older`` ones of which there are rows."""

    version: int
    older: tuple[int, ...] = ()

    def rows(self, table: Any) -> ColumnElement[bool]:
        """The condition for the row of each recording that is read, in ``analysis`` or ``vector``."""
        if not self.older:
            return cast("ColumnElement[bool]", table.c.feature_version == self.version)
        return and_(table.c.feature_version.in_(self.versions), self._newest(table, table.c.recording_id))

    def of(self, table: Any, key: ColumnElement[int] = recording.c.id) -> ColumnElement[bool]:
        """The condition for the row of the recording ``key`` that is read."""
        if not self.older:
            return and_(table.c.recording_id == key, table.c.feature_version == self.version)
        return and_(table.c.recording_id == key, self._newest(table, key))

    @property
    def versions(self) -> tuple[int, ...]:
        """All of these versions, ascending."""
        return (*self.older, self.version)

    def _newest(self, table: Any, key: ColumnElement[int]) -> ColumnElement[bool]:
        other = table.alias()
        of_key = and_(other.c.recording_id == key, other.c.feature_version.in_(self.versions))
        newest = select(func.max(other.c.feature_version)).where(of_key).correlate_except(other).scalar_subquery()
        return cast("ColumnElement[bool]", table.c.feature_version == newest)


def find_answering_versions(connection: Connection, version: int, compatible: Sequence[int]) -> AnsweringVersions:
    """Find the compatible older versions of which there are rows."""

    def has_rows(older: int) -> bool:
        query = select(vector.c.recording_id).where(vector.c.feature_version == older).limit(1)
        return connection.execute(query).first() is not None

    return AnsweringVersions(
        version, tuple(older for older in sorted(compatible) if older < version and has_rows(older))
    )


def at_version(
    table: Any, version: int | ColumnElement[int], key: ColumnElement[int] = recording.c.id
) -> ColumnElement[bool]:
    """The condition for the row of the recording ``key`` at one feature version."""
    return and_(table.c.recording_id == key, table.c.feature_version == version)


def count_outdated(connection: Connection, answers: AnsweringVersions) -> int:
    """Number of present tracks with an analysis of an older version only, whose new analysis has not failed."""
    if not answers.older:
        return 0
    present = select(func.count()).select_from(file).where(file.c.is_primary, file.c.missing_since.is_(None))
    older = exists().where(
        analysis.c.recording_id == file.c.recording_id, analysis.c.feature_version.in_(answers.older)
    )
    current = exists().where(at_version(analysis, answers.version, file.c.recording_id))
    failed = exists().where(failure.c.path == file.c.path)
    return int(connection.execute(present.where(older, ~current, ~failed)).scalar_one())


def drop_older(connection: Connection, answers: AnsweringVersions, limit: int) -> int:
    """Delete up to ``limit`` analyses of older versions whose recording has one of the current version.

    Returns
    -------
    int
        Number of recordings whose old analyses were deleted.
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
