"""Saved playlists, and the history of the playlists that were written last."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Engine, Select, delete, insert, select

from recsys.database import listeners
from recsys.database.engine import reading, writing
from recsys.database.inserts import upsert
from recsys.database.listener_tables import listener, playlist_history, playlist_history_track, saved_playlist
from recsys.database.tables import recording
from recsys.database.writes import now
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
    """The saved playlists and the playlist history of a listener; each method raises NotFound if there is none."""

    def __init__(self, engine: Engine, listener: str | None = None) -> None:
        self._engine = engine
        self._listener = listener

    def save(self, saved: SavedPlaylist) -> None:
        """Store a playlist; it replaces one of the same name."""
        with writing(self._engine) as connection:
            row = {"listener_id": listeners.find(connection, self._listener), **saved._asdict(), "saved_at": now()}
            upsert(connection, saved_playlist, ("listener_id", "name"), [row])

    def list_saved(self) -> list[SavedPlaylist]:
        """All saved playlists, by name."""
        columns = [saved_playlist.c[field] for field in SavedPlaylist._fields]
        with reading(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            rows = connection.execute(select(*columns).where(mine).order_by(saved_playlist.c.name))
            return [SavedPlaylist(*row) for row in rows]

    def find_by_output(self, output: str, besides: str) -> tuple[str, str | None] | None:
        """Another playlist than ``besides`` of the same file: its name, and its listener if that is another."""
        columns = saved_playlist.c.name, listener.c.name, saved_playlist.c.listener_id
        query = select(*columns).join(listener, listener.c.id == saved_playlist.c.listener_id)
        with reading(self._engine) as connection:
            mine = listeners.find(connection, self._listener)
            for name, owner, listener_id in connection.execute(query.where(saved_playlist.c.output == output)):
                if listener_id != mine:
                    return name, owner
                if name != besides:
                    return name, None
        return None

    def delete(self, name: str) -> bool:
        """Delete a saved playlist; return whether it existed."""
        with writing(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            return bool(connection.execute(delete(saved_playlist).where(mine, saved_playlist.c.name == name)).rowcount)

    def add_to_history(self, name: str, ids: Iterable[int]) -> None:
        """Record a playlist that was written, and remove all but the last :data:`MAX_HISTORY`; skip unknown ids."""
        with writing(self._engine) as connection:
            owner = listeners.find(connection, self._listener)
            known: set[int] = set()
            for chunk in in_chunks(dict.fromkeys(map(int, ids))):
                known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
            new = insert(playlist_history).returning(playlist_history.c.id)
            [history_id] = connection.execute(new, {"listener_id": owner, "name": name, "written_at": now()}).scalars()
            rows = [{"history_id": history_id, "recording_id": i} for i in sorted(known)]
            if rows:
                connection.execute(insert(playlist_history_track), rows)
            oldest = min(connection.execute(_last(owner, MAX_HISTORY)).scalars())
            old = playlist_history.c.listener_id == owner, playlist_history.c.id < oldest
            connection.execute(delete(playlist_history).where(*old))

    def n_written(self) -> int:
        """A number that grows with every playlist that is added to the history, from 0 on."""
        with reading(self._engine) as connection:
            return connection.execute(_last(listeners.find(connection, self._listener), 1)).scalar() or 0

    def recent(self, n: int = MAX_HISTORY) -> list[IdArray]:
        """The track ids (k,) of each of the ``n`` last playlists, newest first."""
        import numpy as np

        with reading(self._engine) as connection:
            history_ids = connection.execute(_last(listeners.find(connection, self._listener), n)).scalars().all()
            in_history = playlist_history_track.c.history_id.in_(history_ids)
            rows = connection.execute(select(playlist_history_track).where(in_history)).all()
        found: dict[int, list[int]] = {history_id: [] for history_id in history_ids}
        for history_id, recording_id in rows:
            found[history_id].append(recording_id)
        return [np.array(sorted(ids), np.int64) for ids in found.values()]


def _last(owner: int, n: int) -> Select[int]:
    """The ids of the ``n`` last playlists in the history of a listener, newest first."""
    mine = playlist_history.c.listener_id == owner
    return select(playlist_history.c.id).where(mine).order_by(playlist_history.c.id.desc()).limit(n)
