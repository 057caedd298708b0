"""Saved playlists, and the history of the playlists that were written last."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Select, delete, func, insert, select, update

from recsys.database import listeners
from recsys.database.engine import reading, writing
from recsys.database.inserts import upsert
from recsys.database.listener_tables import (
    listener,
    playlist_history,
    playlist_history_track,
    saved_playlist,
    saved_playlist_track,
)
from recsys.database.queries import ensure_known
from recsys.database.tables import recording
from recsys.database.writes import now
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.request_records import PathOptionsRecord, PlaylistRequestRecord, SavedPlaylistRecord
from recsys.errors import InvalidRequest

MAX_HISTORY = 50
"""Number of playlists in the history; older ones are removed."""


class SavedPlaylist(NamedTuple):
    """A playlist that is kept.

    With a ``request``, as JSON, it can be refreshed; without it has fixed tracks. With ``output`` it is also written to
    this file, in a format and with path options.
    """

    name: str
    request: PlaylistRequestRecord | None
    output: str | None
    format: str | None
    path_options: PathOptionsRecord
    saved_at: str = ""
    changed_at: str = ""
    id: int = 0

    def to_dict(self) -> SavedPlaylistRecord:
        """The record as JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "request": self.request,
            "output": self.output,
            "format": self.format,
            "path_options": self.path_options,
            "saved_at": self.saved_at,
            "changed_at": self.changed_at,
        }


class PlaylistStore:
    """The saved playlists and the playlist history of a listener; each method raises NotFound if there is none."""

    def __init__(self, engine: Engine, listener: str | None = None) -> None:
        self._engine = engine
        self._listener = listener

    def save(self, saved: SavedPlaylist, tracks: Iterable[int] | None = None, *, replace: bool = True) -> int:
        """Store a playlist, with its tracks if they are given. Returns its id.

        It replaces one of the same name; without ``replace`` InvalidRequest is raised if there is one.
        """
        time = now()
        with writing(self._engine, changes_tracks=False) as connection:
            mine = listeners.find(connection, self._listener)
            if not replace:
                _ensure_free(connection, mine, saved.name)
            row = {"listener_id": mine, **saved._asdict(), "saved_at": time, "changed_at": time}
            del row["id"]
            upsert(connection, saved_playlist, ("listener_id", "name"), [row])
            here = saved_playlist.c.listener_id == mine, saved_playlist.c.name == saved.name
            number = connection.execute(select(saved_playlist.c.id).where(*here)).scalar_one()
            if tracks is not None:
                _replace_tracks(connection, number, tracks)
            return number

    def change(
        self,
        number: int,
        *,
        name: str | None = None,
        request: PlaylistRequestRecord | None = None,
        tracks: Iterable[int] | Callable[[list[int]], Iterable[int]] | None = None,
        of: PlaylistRequestRecord | None = None,
    ) -> bool:
        """Change what is not None of the playlist with this id; return whether it exists.

        ``tracks`` may be a function of those before, to which no other process adds meanwhile. With ``of`` nothing is
        changed unless this is still its request.

        Raises
        ------
        InvalidRequest
            Another playlist has the name.
        NotFound
            The function returns an id that no track has.
        """
        given = {"name": name, "request": request}
        values: dict[str, object] = {field: value for field, value in given.items() if value is not None}
        with writing(self._engine, changes_tracks=False) as connection:
            mine = listeners.find(connection, self._listener)
            here = saved_playlist.c.id == number, saved_playlist.c.listener_id == mine
            stored = connection.execute(select(saved_playlist.c.request).where(*here)).one_or_none()
            if stored is None or (of is not None and stored.request != of):
                return False
            if name is not None:
                _ensure_free(connection, mine, name, besides=number)
            connection.execute(update(saved_playlist).where(*here).values(**values, changed_at=now()))
            if callable(tracks):
                tracks = list(tracks(_track_ids(connection, number)))
                ensure_known(connection, tracks)
            if tracks is not None:
                _replace_tracks(connection, number, tracks)
            return True

    def list_saved(self) -> list[SavedPlaylist]:
        """All saved playlists, by name."""
        columns = [saved_playlist.c[field] for field in SavedPlaylist._fields]
        with reading(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            rows = connection.execute(select(*columns).where(mine).order_by(saved_playlist.c.name))
            return [SavedPlaylist(*row) for row in rows]

    def lengths(self) -> dict[int, tuple[int, float]]:
        """The number of tracks and the seconds of each saved playlist that has tracks, by its id."""
        numbers = func.count(), func.sum(recording.c.duration)
        query = select(saved_playlist_track.c.playlist_id, *numbers).join(recording)
        query = query.join(saved_playlist, saved_playlist.c.id == saved_playlist_track.c.playlist_id)
        with reading(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            rows = connection.execute(query.where(mine).group_by(saved_playlist_track.c.playlist_id))
            return {number: (n, float(seconds)) for number, n, seconds in rows}

    def track_ids(self, number: int) -> list[int]:
        """The tracks of the saved playlist with this id, in their order."""
        with reading(self._engine) as connection:
            return _track_ids(connection, number)

    def all_track_ids(self) -> dict[int, list[int]]:
        """The tracks of each saved playlist that has some, in their order, by its id."""
        tracks = saved_playlist_track.c
        query = select(tracks.playlist_id, tracks.recording_id).join(saved_playlist)
        found: dict[int, list[int]] = {}
        with reading(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            for number, i in connection.execute(query.where(mine).order_by(tracks.playlist_id, tracks.position)):
                found.setdefault(number, []).append(i)
        return found

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
        with writing(self._engine, changes_tracks=False) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, self._listener)
            return bool(connection.execute(delete(saved_playlist).where(mine, saved_playlist.c.name == name)).rowcount)

    def add_to_history(self, name: str, ids: Iterable[int]) -> None:
        """Record a playlist that was written, and remove all but the last :data:`MAX_HISTORY`; skip unknown ids."""
        with writing(self._engine, changes_tracks=False) as connection:
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


def _ensure_free(connection: Connection, owner: int, name: str, besides: int | None = None) -> None:
    """Raise InvalidRequest if a listener has another playlist of this name."""
    same = saved_playlist.c.listener_id == owner, saved_playlist.c.name == name
    if connection.execute(select(saved_playlist.c.id).where(*same)).scalar() not in (None, besides):
        raise InvalidRequest("is the name of another playlist", field="name", value=name)


def _track_ids(connection: Connection, number: int) -> list[int]:
    tracks = saved_playlist_track.c
    query = select(tracks.recording_id).where(tracks.playlist_id == number).order_by(tracks.position)
    return list(connection.execute(query).scalars())


def _replace_tracks(connection: Connection, number: int, ids: Iterable[int]) -> None:
    wanted = list(map(int, ids))
    known: set[int] = set()
    for chunk in in_chunks(dict.fromkeys(wanted)):
        known.update(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
    connection.execute(delete(saved_playlist_track).where(saved_playlist_track.c.playlist_id == number))
    kept = [i for i in wanted if i in known]
    rows = [{"playlist_id": number, "position": place, "recording_id": i} for place, i in enumerate(kept)]
    if rows:
        connection.execute(insert(saved_playlist_track), rows)


def _last(owner: int, n: int) -> Select[int]:
    """The ids of the ``n`` last playlists in the history of a listener, newest first."""
    mine = playlist_history.c.listener_id == owner
    return select(playlist_history.c.id).where(mine).order_by(playlist_history.c.id.desc()).limit(n)
