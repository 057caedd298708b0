"""Listeners: whose likes, stars, plays and saved playlists are read and written.

Names are compared without case. Each function uses the connection of its caller.
"""

from collections import Counter

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from recsys.database.listener_tables import CREDITS, DEFAULT_LISTENER_ID, TRACKS, listener, play_count, saved_playlist
from recsys.database.writes import now
from recsys.domain.listeners import Listener
from recsys.errors import Hint, InvalidRequest, NotFound
from recsys.metadata.text import name_key

_MAX_LENGTH = 100  # characters of a name


def known(connection: Connection, name: str | None) -> int | None:
    """The id of a listener by name, None if there is none; a name that is None is the default listener."""
    if name is None:
        return DEFAULT_LISTENER_ID
    return connection.execute(select(listener.c.id).where(listener.c.name_key == name_key(name))).scalar()


def find(connection: Connection, name: str | None) -> int:
    """The id of a listener by name; None is the default listener.

    Raises
    ------
    NotFound
        There is no listener of this name.
    """
    found = known(connection, name)
    if found is None:
        names = connection.execute(select(listener.c.name).order_by(listener.c.id)).scalars()
        raise NotFound(
            f"there is no listener {name!r}; there are: {', '.join(names)}", hint=Hint.ADD_LISTENER,
            hint_values={"name": str(name)},
        )  # fmt: skip
    return found


def add(connection: Connection, name: str) -> int:
    """Add a listener; its id.

    Raises
    ------
    InvalidRequest
        The name is taken, empty, too long, or has characters that cannot be printed.
    """
    row = {"name": name.strip(), "name_key": _free_key(connection, name), "created_at": now()}
    [found] = connection.execute(insert(listener).returning(listener.c.id), row).scalars()
    return found


def rename(connection: Connection, name: str, new_name: str) -> None:
    """Change the name of a listener; raises as :func:`find` and :func:`add`."""
    found = find(connection, name)
    key = _free_key(connection, new_name, besides=found)
    connection.execute(update(listener).where(listener.c.id == found).values(name=new_name.strip(), name_key=key))


def remove(connection: Connection, name: str) -> Listener:
    """Remove a listener with all that belongs to it, and return what that was.

    Raises
    ------
    NotFound
        There is no listener of this name.
    InvalidRequest
        It is the default listener.
    """
    found = find(connection, name)
    if found == DEFAULT_LISTENER_ID:
        raise InvalidRequest("is the default listener, which is used where none is named", field="name", value=name)
    [removed] = list_listeners(connection, found)
    connection.execute(delete(listener).where(listener.c.id == found))
    return removed


def list_listeners(connection: Connection, only: int | None = None) -> list[Listener]:
    """All listeners with counts of what belongs to them, or one, in the order of their ids."""
    counts: dict[str, Counter[int]] = {name: Counter() for name in ("likes", "dislikes", "stars", "plays", "playlists")}

    def count(name: str, table: Table, n: ColumnElement[int], *conditions: ColumnElement[bool]) -> None:
        mine = () if only is None else (table.c.listener_id == only,)
        query = select(table.c.listener_id, n).where(*mine, *conditions).group_by(table.c.listener_id)
        counts[name].update({row[0]: int(row[1]) for row in connection.execute(query)})

    for rated in (TRACKS, *CREDITS.values()):
        count("likes", rated.likes, func.count(), rated.likes.c.value > 0)
        count("dislikes", rated.likes, func.count(), rated.likes.c.value < 0)
        count("stars", rated.stars, func.count())
    count("plays", play_count, func.sum(play_count.c.plays))
    count("playlists", saved_playlist, func.count())
    rows = select(listener.c.id, listener.c.name, listener.c.created_at).order_by(listener.c.id)
    if only is not None:
        rows = rows.where(listener.c.id == only)
    return [
        Listener(name, at, i == DEFAULT_LISTENER_ID, **{name: found[i] for name, found in counts.items()})
        for i, name, at in connection.execute(rows)
    ]


def _free_key(connection: Connection, name: str, besides: int | None = None) -> str:
    if not name.strip() or len(name) > _MAX_LENGTH or not name.isprintable():
        raise InvalidRequest(f"must have 1 to {_MAX_LENGTH} printable characters", field="name", value=name)
    key = name_key(name)
    taken = connection.execute(select(listener.c.id, listener.c.name).where(listener.c.name_key == key)).first()
    if taken is not None and taken.id != besides:
        raise InvalidRequest(f"must be new: there is a listener {taken.name!r}", field="name", value=name)
    return key
