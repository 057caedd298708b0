"""Where the recordings are that are played."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from recsys.database.queries import unknown_track_error
from recsys.database.tables import file, recording


class StoredRecording(NamedTuple):
    """A recording, and the paths at which it is, the one that represents it first."""

    audio_hash: str
    codec: str
    duration: float
    paths: tuple[str, ...]


def read_recording(connection: Connection, track_id: int) -> StoredRecording:
    """A recording and its paths, without those at which it is missing; raises NotFound for an unknown id."""
    columns = recording.c.audio_hash, recording.c.codec, recording.c.duration
    row = connection.execute(select(*columns).where(recording.c.id == track_id)).first()
    if row is None:
        raise unknown_track_error(track_id)
    present = file.c.recording_id == track_id, file.c.missing_since.is_(None)
    paths = select(file.c.path).where(*present).order_by(file.c.is_primary.desc(), file.c.id)
    return StoredRecording(*row, paths=tuple(connection.execute(paths).scalars()))
