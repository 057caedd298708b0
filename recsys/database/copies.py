"""What a listener states of one copy of a performance holds for all its copies.

It is stored with one recording and read as that of the best copy (:mod:`recsys.database.performances`). Where several
copies have a rating, as copies may be added or recognised later, what was entered by hand outranks what was imported,
and the latest counts; plays add up. Each function uses the connection of its caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, delete, exists, select, update

from recsys.database.inserts import upsert
from recsys.database.link_tables import link_track
from recsys.database.listener_tables import RATING_TABLES, playlist_history_track, saved_playlist, saved_playlist_track
from recsys.database.performances import read_groups
from recsys.database.plays import move_plays
from recsys.domain.arrays import in_chunks
from recsys.domain.listeners import MANUAL, PlayCount


class _Dated(Protocol):
    @property
    def rated_at(self) -> str: ...
    @property
    def source(self) -> str: ...


D = TypeVar("D", bound=_Dated)
_KEYS = ("listener_id", "recording_id")


def valid_ratings(rated: Mapping[int, D], best: Mapping[int, int]) -> dict[int, D]:
    """The rating of each performance by its best copy, oldest first; ``best`` has that of every other copy."""
    found: dict[int, D] = {}
    for i, rating in rated.items():
        representative = best.get(i, i)
        other = found.get(representative)
        if other is None or _rank(rating) >= _rank(other):
            found[representative] = rating
    return dict(sorted(found.items(), key=lambda item: (item[1].rated_at, item[0])))


def _rank(rating: _Dated) -> tuple[bool, str]:
    return rating.source == MANUAL, rating.rated_at


def total_counts(counts: Mapping[int, PlayCount], best: Mapping[int, int]) -> dict[int, PlayCount]:
    """The plays of each performance by its best copy; ``best`` has that of every other copy."""
    found: dict[int, PlayCount] = {}
    for i, count in counts.items():
        representative = best.get(i, i)
        before = found.get(representative, PlayCount())
        times = [at for at in (before.last_played_at, count.last_played_at) if at]
        found[representative] = PlayCount(
            before.plays + count.plays, before.skips + count.skips, max(times, default=None)
        )
    return found


def best_copies(connection: Connection, ids: Iterable[int]) -> list[int]:
    """The best copy of each of these recordings, each once, in their order."""
    given = list(dict.fromkeys(int(i) for i in ids))
    best = {other: group[0] for group in read_groups(connection, given) for other in group}
    return list(dict.fromkeys(best.get(i, i) for i in given))


def other_copies(connection: Connection, ids: Iterable[int]) -> list[int]:
    """The copies of these recordings that are not among them."""
    given = {int(i) for i in ids}
    return [other for group in read_groups(connection, given) for other in group if other not in given]


def bequeath(connection: Connection, lost: Sequence[int]) -> list[int]:
    """Move what listeners state of recordings that are removed to the best copies that are not.

    Ratings, plays, the history of playlists, tracks and seeds of saved playlists, and links to servers are moved.

    Returns
    -------
    list of int
        The recordings that have such a copy.
    """
    gone = set(lost)
    heirs: dict[int, int] = {}
    for group in read_groups(connection, lost):
        remaining = [i for i in group if i not in gone]
        if remaining:
            heirs |= {i: remaining[0] for i in group if i in gone}
    for one, heir in heirs.items():
        for table in RATING_TABLES:
            _move_ratings(connection, table, one, heir)
        move_plays(connection, one, heir)
        listed = playlist_history_track.alias()
        has_heir = exists().where(
            listed.c.recording_id == heir, listed.c.history_id == playlist_history_track.c.history_id
        )
        moved = update(playlist_history_track).where(playlist_history_track.c.recording_id == one, ~has_heir)
        connection.execute(moved.values(recording_id=heir))
        in_saved = saved_playlist_track.c.recording_id == one
        connection.execute(update(saved_playlist_track).where(in_saved).values(recording_id=heir))
        connection.execute(update(link_track).where(link_track.c.recording_id == one).values(recording_id=heir))
    _replace_seeds(connection, {str(one): str(heir) for one, heir in heirs.items()})
    return list(heirs)


def _move_ratings(connection: Connection, table: Any, lost: int, heir: int) -> None:
    """Give the valid one of the ratings of two recordings to the second one, for each listener."""
    rows = connection.execute(select(table).where(table.c.recording_id.in_((lost, heir)))).all()
    valid: dict[int, Any] = {}
    for row in rows:
        if row.listener_id not in valid or _rank(row) >= _rank(valid[row.listener_id]):
            valid[row.listener_id] = row
    moved = [dict(row._mapping) | {"recording_id": heir} for row in valid.values() if row.recording_id == lost]
    upsert(connection, table, _KEYS, moved)
    connection.execute(delete(table).where(table.c.recording_id == lost))


def _replace_seeds(connection: Connection, heirs: Mapping[str, str]) -> None:
    """Replace ids in the seeds of saved playlists."""
    if not heirs:
        return
    for number, request in connection.execute(select(saved_playlist.c.id, saved_playlist.c.request)).all():
        seeds = request.get("seeds") if isinstance(request, dict) else None
        if isinstance(seeds, list) and not heirs.keys().isdisjoint(map(str, seeds)):
            changed = request | {"seeds": list(dict.fromkeys(heirs.get(str(seed), seed) for seed in seeds))}
            connection.execute(update(saved_playlist).where(saved_playlist.c.id == number).values(request=changed))


def delete_other_ratings(connection: Connection, tables: Iterable[Any], listener: int, ids: Iterable[int]) -> None:
    """Delete the rows of a listener for the other copies of these recordings."""
    others = other_copies(connection, ids)
    for table in tables:
        for chunk in in_chunks(others):
            connection.execute(delete(table).where(table.c.listener_id == listener, table.c.recording_id.in_(chunk)))
