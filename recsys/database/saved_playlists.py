"""Saved playlists, and the history of the playlists that were written last."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Engine, delete, insert, select

from recsys.database.engine import reading, writing
from recsys.database.tables import playlist_history, playlist_history_track, recording, saved_playlist
from recsys.database.writes import now, upsert
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.request_records import PathOptionsRecord, PlaylistRequestRecord, SavedPlaylistRecord

MAX_HISTORY = 50
"""Number of playlists in the history; older ones are removed."""


class SavedPlaylist(NamedTuple):
    """A playlist that can be refreshed: its request and path options as JSON, its output file and format."""

    name: str
    request: PlaylistRequestRecord
    output: str
    format: str
    path_options: PathOptionsRecord
    saved_at: str = ""

    def to_dict(self) -> SavedPlaylistRecord:
        """The record as JSON values."""
        return {
            "name": self.name,
            "request": self.request,
            "output": self.output,
            "format": self.format,
            "path_options": self.path_options,
            "saved_at": self.saved_at,
        }


class PlaylistStore:
    """The saved playlists and the playlist history of a catalogue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, saved: SavedPlaylist) -> None:
        """Store a playlist; it replaces one of the same name."""
        with writing(self._engine) as connection:
            upsert(connection, saved_playlist, ("name",), [saved._asdict() | {"saved_at": now()}])

    def list_saved(self) -> list[SavedPlaylist]:
        """All saved playlists, by name."""
        columns = [saved_playlist.c[field] for field in SavedPlaylist._fields]
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).order_by(saved_playlist.c.name))
            return [SavedPlaylist(*row) for row in rows]

    def delete(self, name: str) -> bool:
        """Delete a saved playlist; return whether it existed."""
        with writing(self._engine) as connection:
            return bool(connection.execute(delete(saved_playlist).where(saved_playlist.c.name == name)).rowcount)

    def add_to_history(self, name: str, ids: Iterable[int]) -> None:
        """Record a playlist that was written, and remove all but the last :data:`MAX_HISTORY`; skip unknown ids."""
        with writing(self._engine) as connection:
            known: set[int] = set()
            for chunk in in_chunks(dict.fromkeys(map(int, ids))):
                known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
            new = insert(playlist_history).returning(playlist_history.c.id)
            [history_id] = connection.execute(new, {"name": name, "written_at": now()}).scalars()
            rows = [{"history_id": history_id, "recording_id": i} for i in sorted(known)]
            if rows:
                connection.execute(insert(playlist_history_track), rows)
            last = select(playlist_history.c.id).order_by(playlist_history.c.id.desc()).limit(MAX_HISTORY)
            oldest = min(connection.execute(last).scalars())
            connection.execute(delete(playlist_history).where(playlist_history.c.id < oldest))

    def recent(self, n: int) -> list[IdArray]:
        """The track ids (k,) of each of the ``n`` last playlists, newest first."""
        import numpy as np

        last = select(playlist_history.c.id).order_by(playlist_history.c.id.desc()).limit(n)
        with reading(self._engine) as connection:
            history_ids = connection.execute(last).scalars().all()
            in_history = playlist_history_track.c.history_id.in_(history_ids)
            rows = connection.execute(select(playlist_history_track).where(in_history)).all()
        found: dict[int, list[int]] = {history_id: [] for history_id in history_ids}
        for history_id, recording_id in rows:
            found[history_id].append(recording_id)
        return [np.array(sorted(ids), np.int64) for ids in found.values()]
