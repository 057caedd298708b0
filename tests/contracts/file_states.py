"""The state of every path in the tables, read without the catalogue, for tests of single files."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from recsys.database import engine
from recsys.database.answering import at_version
from recsys.database.catalogue import Catalogue
from recsys.database.id_queries import under
from recsys.database.tables import analysis, failure, file, recording
from recsys.domain.arrays import in_chunks


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of a path.

    ``done``: its recording is analysed at the feature version of the catalogue. ``failed``: its last attempt failed;
    then ``size`` and ``mtime_ns`` are those of that attempt. ``missing``: the last scan did not find it.
    """

    size: int
    mtime_ns: int
    done: bool
    failed: bool
    missing: bool
    audio_hash: str | None


def file_states(catalogue: Catalogue, roots: Sequence[str]) -> dict[str, FileState]:
    """Every stored path at or under the absolute ``roots``, also failed and missing ones."""
    states: dict[str, FileState] = {}
    with engine.reading(catalogue._engine) as connection:
        for chunk in in_chunks(roots, 100):
            states.update(_read(connection, chunk, catalogue._version))
    return states


def _read(connection: Connection, roots: Sequence[str], version: int) -> dict[str, FileState]:
    states: dict[str, FileState] = {}
    done = analysis.c.recording_id.is_not(None).label("done")
    query = (
        select(file.c.path, file.c.size, file.c.mtime_ns, recording.c.audio_hash, done)
        .join(recording, recording.c.id == file.c.recording_id)
        .outerjoin(analysis, at_version(analysis, version))
        .where(under(file.c.path, roots))
    )
    # A present file overwrites the missing ones of its path, and of those a later one an earlier one.
    gone = query.where(file.c.missing_since.is_not(None)).order_by(file.c.missing_since)
    for missing, rows in ((True, gone), (False, query.where(file.c.missing_since.is_(None)))):
        for path, size, mtime_ns, audio_hash, analysed in connection.execute(rows):
            states[path] = FileState(size, mtime_ns, bool(analysed), False, missing, audio_hash)
    failed = select(failure.c.path, failure.c.size, failure.c.mtime_ns).where(under(failure.c.path, roots))
    for path, size, mtime_ns in connection.execute(failed):
        before = states.get(path)
        held = before.audio_hash if before else None
        states[path] = FileState(size, mtime_ns, done=False, failed=True, missing=False, audio_hash=held)
    return states
