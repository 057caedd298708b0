"""Links to servers of music: which track, artist and playlist of the library has which id of the server."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, insert, select, update

from recsys.database import listeners
from recsys.database.engine import reading, writing
from recsys.database.inserts import upsert
from recsys.database.link_tables import link, link_artist, link_playlist, link_track
from recsys.database.listener_tables import listener, saved_playlist
from recsys.database.performances import read_groups
from recsys.database.writes import now
from recsys.domain.arrays import in_chunks
from recsys.domain.links import Link, ServerTrack
from recsys.errors import Hint, InvalidRequest, NotFound
from recsys.metadata.text import name_key

_MAX_LENGTH = 100  # characters of a name


class LinkStore:
    """The links of a library. A method that takes a name raises NotFound if there is no link of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_links(self) -> list[Link]:
        """All links, in the order in which they were added."""
        with reading(self._engine) as connection:
            return [found for _, found in _links(connection)]

    def find(self, name: str) -> tuple[int, Link]:
        """The id and the link of a name."""
        with reading(self._engine) as connection:
            number = _find(connection, name)
            [found] = _links(connection, link.c.id == number)
            return found

    def check(self, link: Link) -> None:
        """Check that a link can be saved.

        Raises
        ------
        InvalidRequest
            The name is empty, too long, or has characters that cannot be printed; or a link to another kind of server
            has it.
        NotFound
            There is no such listener.
        """
        with reading(self._engine) as connection:
            _row(connection, link)

    def save(self, saved: Link) -> None:
        """Add a link, or change the one of its name; raises as :meth:`check`."""
        with writing(self._engine) as connection:
            row = _row(connection, saved)
            changes = {key: row[key] for key in ("name", "url", "user", "listener_id")}
            changed = connection.execute(update(link).where(link.c.name_key == row["name_key"]).values(**changes))
            if not changed.rowcount:
                connection.execute(insert(link), {**row, "created_at": now()})

    def remove(self, name: str) -> None:
        """Remove a link with its ids."""
        with writing(self._engine) as connection:
            connection.execute(delete(link).where(link.c.id == _find(connection, name)))

    def replace_ids(self, name: str, tracks: Iterable[ServerTrack], artists: Mapping[str, int]) -> None:
        """Store all tracks of a server, and its artists that the library has, instead of those before."""
        with writing(self._engine) as connection:
            number = _find(connection, name)
            for table in (link_track, link_artist):
                connection.execute(delete(table).where(table.c.link_id == number))
            _insert(connection, link_track, (_track_row(number, track) for track in tracks))
            rows = ({"link_id": number, "foreign_id": key, "artist_id": i} for key, i in artists.items())
            _insert(connection, link_artist, rows)
            connection.execute(update(link).where(link.c.id == number).values(read_at=now()))

    def tracks(self, number: int, *, unmatched: bool = False) -> list[ServerTrack]:
        """The tracks of a server, or those of them that the library lacks, by artist, album and path."""
        columns = link_track.c
        query = select(
            columns.foreign_id, columns.artist, columns.title, columns.album, columns.path, columns.duration,
            columns.recording_id, columns.method,
        ).where(columns.link_id == number)  # fmt: skip
        if unmatched:
            query = query.where(columns.recording_id.is_(None))
        query = query.order_by(columns.artist, columns.album, columns.path, columns.title, columns.foreign_id)
        with reading(self._engine) as connection:
            return [ServerTrack(*row) for row in connection.execute(query)]

    def track_ids(self, number: int, foreign_ids: Iterable[str]) -> dict[str, int]:
        """The tracks of the library by those of these ids of the server that have one."""
        columns = link_track.c
        query = select(columns.foreign_id, columns.recording_id).where(columns.link_id == number)
        found: dict[str, int] = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(dict.fromkeys(foreign_ids)):
                rows = connection.execute(query.where(columns.foreign_id.in_(chunk)))
                found.update((foreign_id, i) for foreign_id, i in rows if i is not None)
        return found

    def artist_id(self, number: int, foreign_id: str) -> int | None:
        """The artist of the library that has an id of the server."""
        query = select(link_artist.c.artist_id).where(link_artist.c.foreign_id == foreign_id)
        with reading(self._engine) as connection:
            return connection.execute(query.where(link_artist.c.link_id == number)).scalar()

    def foreign_artist_ids(self, number: int, artist_ids: Iterable[int]) -> dict[int, str]:
        """The ids of the server of those of these artists of the library that it has."""
        columns = link_artist.c
        query = select(columns.artist_id, func.min(columns.foreign_id)).group_by(columns.artist_id)
        query = query.where(columns.link_id == number)
        found: dict[int, str] = {}
        with reading(self._engine) as connection:
            for chunk in in_chunks(dict.fromkeys(artist_ids)):
                rows = connection.execute(query.where(columns.artist_id.in_(chunk)))
                found.update((i, foreign_id) for i, foreign_id in rows)
        return found

    def foreign_ids(self, number: int, ids: Iterable[int]) -> dict[int, str]:
        """The ids of the server of those of these tracks that it has, in any copy."""
        given = [int(i) for i in ids]
        with reading(self._engine) as connection:
            found = _foreign_ids(connection, number, given)
            missing = [i for i in given if i not in found]
            groups = {i: group for group in read_groups(connection, missing) for i in group} if missing else {}
            copies = _foreign_ids(connection, number, {i for group in groups.values() for i in group})
        for i in missing:
            if copy := next((copies[other] for other in groups.get(i, ()) if other in copies), None):
                found[i] = copy
        return found

    def playlists(self, number: int, listener_name: str | None) -> dict[str, str]:
        """The playlists of a listener that the server has, as the ids of the server by their names."""
        query = select(saved_playlist.c.name, link_playlist.c.foreign_id).join(
            saved_playlist, saved_playlist.c.id == link_playlist.c.playlist_id
        )
        with reading(self._engine) as connection:
            mine = saved_playlist.c.listener_id == listeners.find(connection, listener_name)
            rows = connection.execute(query.where(link_playlist.c.link_id == number, mine))
            return {row[0]: row[1] for row in rows}

    def set_playlist(self, number: int, playlist_id: int, foreign_id: str) -> None:
        """Store the id of the server of a saved playlist."""
        row = {"link_id": number, "playlist_id": playlist_id, "foreign_id": foreign_id}
        with writing(self._engine) as connection:
            upsert(connection, link_playlist, ("link_id", "playlist_id"), [row])


def _find(connection: Connection, name: str) -> int:
    found = connection.execute(select(link.c.id).where(link.c.name_key == name_key(name))).scalar()
    if found is None:
        raise NotFound(f"there is no link {name!r}", hint=Hint.LIST_LINKS)
    return found


def _row(connection: Connection, saved: Link) -> dict[str, Any]:
    name = saved.name.strip()
    if not name or len(name) > _MAX_LENGTH or not name.isprintable():
        raise InvalidRequest(f"must have 1 to {_MAX_LENGTH} printable characters", field="name", value=name)
    kind = connection.execute(select(link.c.kind).where(link.c.name_key == name_key(name))).scalar()
    if kind is not None and kind != saved.kind:
        raise InvalidRequest(f"must be new: the link of this name is to {kind}", field="name", value=name)
    return {
        "name": name, "name_key": name_key(name), "kind": saved.kind, "url": saved.url, "user": saved.user,
        "listener_id": None if saved.listener is None else listeners.find(connection, saved.listener),
    }  # fmt: skip


def _links(connection: Connection, *conditions: ColumnElement[bool]) -> list[tuple[int, Link]]:
    of_tracks = func.count(), func.count(link_track.c.recording_id)
    by_link = select(link_track.c.link_id, *of_tracks).group_by(link_track.c.link_id)
    tracks = {number: (n, matched) for number, n, matched in connection.execute(by_link)}
    of_artists = select(link_artist.c.link_id, func.count()).group_by(link_artist.c.link_id)
    artists = {row[0]: row[1] for row in connection.execute(of_artists)}
    columns = link.c
    query = select(
        columns.id, columns.name, columns.kind, columns.url, columns.user, listener.c.name, columns.created_at,
        columns.read_at,
    ).outerjoin(listener, listener.c.id == columns.listener_id)  # fmt: skip
    rows = connection.execute(query.where(*conditions).order_by(columns.id))
    return [(row[0], Link(*row[1:], *tracks.get(row[0], (0, 0)), artists.get(row[0], 0))) for row in rows]


def _track_row(number: int, track: ServerTrack) -> dict[str, Any]:
    return {
        "link_id": number, "foreign_id": track.id, "recording_id": track.track_id, "method": track.match_method,
        "artist": track.artist, "title": track.title, "album": track.album, "path": track.path,
        "duration": track.duration,
    }  # fmt: skip


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for chunk in in_chunks(rows):
        connection.execute(insert(table), chunk)


def _foreign_ids(connection: Connection, number: int, ids: Iterable[int]) -> dict[int, str]:
    columns = link_track.c
    found: dict[int, str] = {}
    for chunk in in_chunks(ids):
        query = select(columns.recording_id, func.min(columns.foreign_id)).group_by(columns.recording_id)
        rows: Sequence[Any] = connection.execute(
            query.where(columns.link_id == number, columns.recording_id.in_(chunk))
        ).all()
        found.update((int(i), foreign_id) for i, foreign_id in rows)
    return found
