"""Plays and skips of a listener, with and without times. Each function uses the connection of its caller.

A count is kept beside the events, and changes in the transaction that stores them: a player reports plays one by one,
other programs export counts, or histories that may contain the same plays.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, exists, func, insert, or_, select, update

from recsys.database.inserts import upsert
from recsys.database.listener_tables import play, play_count
from recsys.database.queries import ensure_known
from recsys.domain.arrays import in_chunks
from recsys.domain.listeners import MANUAL, PlayCount, PlayEvent, iso_time


class _Count(NamedTuple):
    """A row of ``play_count``."""

    plays: int
    skips: int
    last_played_ms: int | None


_NONE = _Count(0, 0, None)
_MINUTE = 60_000  # milliseconds


def add_plays(connection: Connection, listener: int, events: Iterable[PlayEvent]) -> int:
    """Store plays and skips that a player reports; how many are new: a track has one at a time.

    Raises
    ------
    NotFound
        A track is unknown.
    """
    new = _insert(connection, listener, events)
    before = _counts(connection, listener, {event.track_id for event in new})
    for event in new:
        plays, skips, last = before.get(event.track_id, _NONE)
        if event.skipped:
            before[event.track_id] = _Count(plays, skips + 1, last)
        else:
            before[event.track_id] = _Count(plays + 1, skips, max(last or 0, event.played_at_ms))
    _store(connection, listener, before)
    return len(new)


def import_history(connection: Connection, listener: int, events: Iterable[PlayEvent]) -> int:
    """Store plays of an imported history; how many are new.

    The count of a track becomes at least the number of its events: a count of before may contain the same plays.

    Raises
    ------
    NotFound
        A track is unknown.
    """
    new = _insert(connection, listener, events)
    restore_counts(connection, listener, {event.track_id for event in new})
    return len(new)


def restore_counts(connection: Connection, listener: int, ids: Iterable[int]) -> None:
    """Raise the counts of tracks to what their events are, where they are smaller."""
    for chunk in in_chunks(ids):
        counts = _counts(connection, listener, chunk)
        played = case((~play.c.skipped, play.c.played_at_ms))
        events = (
            select(play.c.recording_id, func.count(played), func.count() - func.count(played), func.max(played))
            .where(play.c.listener_id == listener, play.c.recording_id.in_(chunk))
            .group_by(play.c.recording_id)
        )
        for i, plays, skips, last in connection.execute(events).all():
            before = counts.get(i, _NONE)
            times = [at for at in (before.last_played_ms, last) if at is not None]
            counts[i] = _Count(max(before.plays, plays), max(before.skips, skips), max(times, default=None))
        _store(connection, listener, counts)


def import_counts(connection: Connection, listener: int, plays: Mapping[int, int]) -> None:
    """Store counts without times; a larger count of before stays.

    Raises
    ------
    NotFound
        A track is unknown.
    """
    positive = {i: n for i, n in plays.items() if n > 0}
    ensure_known(connection, positive)
    counts = _counts(connection, listener, positive)
    for i, n in positive.items():
        before = counts.get(i, _NONE)
        counts[i] = before._replace(plays=max(before.plays, n))
    _store(connection, listener, counts)


def find_too_small(connection: Connection) -> list[tuple[int, int]]:
    """The listeners and recordings whose count is smaller than the number of their events."""
    skips = func.sum(case((play.c.skipped, 1), else_=0))
    events = (
        select(play.c.listener_id, play.c.recording_id, func.count().label("n"), skips.label("skips"))
        .group_by(play.c.recording_id, play.c.listener_id)
        .subquery()
    )
    counted = and_(play_count.c.listener_id == events.c.listener_id, play_count.c.recording_id == events.c.recording_id)
    too_small = or_(
        play_count.c.plays.is_(None), play_count.c.plays < events.c.n - events.c.skips,
        play_count.c.skips < events.c.skips,
    )  # fmt: skip
    query = select(events.c.listener_id, events.c.recording_id).outerjoin(play_count, counted).where(too_small)
    return [(row[0], row[1]) for row in connection.execute(query)]


def move_plays(connection: Connection, lost: int, kept: int) -> None:
    """Add the plays of one recording to those of another, of every listener; what both had at one time counts once."""
    twin = play.alias()
    same = exists().where(
        twin.c.recording_id == kept, twin.c.listener_id == play.c.listener_id,
        twin.c.played_at_ms == play.c.played_at_ms,
    )  # fmt: skip
    moved = select(play_count.c.listener_id).where(play_count.c.recording_id == lost)
    for listener in connection.execute(moved).scalars().all():
        counts = _counts(connection, listener, (lost, kept))
        before, here = counts[lost], counts.get(kept, _NONE)
        both = select(func.count()).where(play.c.recording_id == lost, play.c.listener_id == listener, same)
        plays, skips = (connection.execute(both.where(play.c.skipped == kind)).scalar_one() for kind in (False, True))
        times = [at for at in (before.last_played_ms, here.last_played_ms) if at is not None]
        total = _Count(before.plays + here.plays - plays, before.skips + here.skips - skips, max(times, default=None))
        _store(connection, listener, {kept: total})
    connection.execute(update(play).where(play.c.recording_id == lost, ~same).values(recording_id=kept))


def list_counts(connection: Connection, listener: int, ids: Iterable[int] | None = None) -> dict[int, PlayCount]:
    """The counts of all tracks that were played or skipped, or of some, by track id."""
    query = select(play_count).where(play_count.c.listener_id == listener).order_by(play_count.c.recording_id)
    queries = [query] if ids is None else [query.where(play_count.c.recording_id.in_(c)) for c in in_chunks(ids)]
    return {
        row.recording_id: PlayCount(
            row.plays, row.skips, None if row.last_played_ms is None else iso_time(row.last_played_ms)
        )
        for query in queries
        for row in connection.execute(query)
    }


def most_played(connection: Connection, listener: int, min_plays: int) -> list[int]:
    """The recordings with at least ``min_plays`` more plays than skips, those with the most first."""
    net = play_count.c.plays - play_count.c.skips
    query = select(play_count.c.recording_id).where(play_count.c.listener_id == listener, net >= min_plays)
    return list(connection.execute(query.order_by(net.desc(), play_count.c.recording_id)).scalars())


def recent_plays(
    connection: Connection,
    listener: int,
    n: int,
    since_ms: int | None = None,
    track_ids: Collection[int] | None = None,
) -> list[PlayEvent]:
    """The last plays and skips, newest first: of all tracks or some, at or after a time."""
    query = select(play.c.recording_id, play.c.played_at_ms, play.c.skipped, play.c.source)
    query = query.where(play.c.listener_id == listener)
    if since_ms is not None:
        query = query.where(play.c.played_at_ms >= since_ms)
    if track_ids is not None:
        query = query.where(play.c.recording_id.in_(track_ids))
    query = query.order_by(play.c.played_at_ms.desc(), play.c.recording_id.desc()).limit(n)
    return [PlayEvent(*row) for row in connection.execute(query)]


def new_plays(connection: Connection, listener: int, events: Iterable[PlayEvent]) -> list[PlayEvent]:
    """The events that are not stored, each once.

    Some programs export times to the minute. An imported play at a whole minute, and another one of the same track
    within that minute, are therefore the same.
    """
    unique = {(event.track_id, event.played_at_ms): event for event in events}
    if not unique:
        return []
    times = [at for _, at in unique]
    stored = select(play.c.recording_id, play.c.played_at_ms).where(
        play.c.listener_id == listener,
        play.c.played_at_ms.between(min(times) - _MINUTE, max(times) + _MINUTE),
    )
    tracks = {i for i, _ in unique}
    found: dict[tuple[int, int], set[int]] = {}  # by track and minute
    for i, at in connection.execute(stored):
        unique.pop((i, at), None)
        if i in tracks:
            found.setdefault((i, at // _MINUTE), set()).add(at)
    new = set()
    for key, event in sorted(unique.items(), key=lambda item: item[1].played_at_ms % _MINUTE == 0):
        others = found.setdefault((event.track_id, event.played_at_ms // _MINUTE), set())
        if event.source == MANUAL or not _is_among(event.played_at_ms, others):
            others.add(event.played_at_ms)
            new.add(key)
    return [event for key, event in unique.items() if key in new]


def _is_among(at: int, others: Collection[int]) -> bool:
    """Whether a time is one of others within its minute, of which either is a whole minute."""
    return bool(others) and (at % _MINUTE == 0 or any(other % _MINUTE == 0 for other in others))


def _insert(connection: Connection, listener: int, events: Iterable[PlayEvent]) -> list[PlayEvent]:
    new = new_plays(connection, listener, events)
    ensure_known(connection, {event.track_id for event in new})
    if new:
        rows = [
            {
                "listener_id": listener, "recording_id": event.track_id, "played_at_ms": event.played_at_ms,
                "skipped": event.skipped, "source": event.source,
            }
            for event in new
        ]  # fmt: skip
        connection.execute(insert(play), rows)
    return new


def _by_track(events: Iterable[PlayEvent]) -> dict[int, list[PlayEvent]]:
    found: dict[int, list[PlayEvent]] = {}
    for event in events:
        found.setdefault(event.track_id, []).append(event)
    return found


def _counts(connection: Connection, listener: int, ids: Iterable[int]) -> dict[int, _Count]:
    columns = (play_count.c.recording_id, play_count.c.plays, play_count.c.skips, play_count.c.last_played_ms)
    found: dict[int, _Count] = {}
    for chunk in in_chunks(ids):
        here = play_count.c.listener_id == listener, play_count.c.recording_id.in_(chunk)
        found.update((row[0], _Count(*row[1:])) for row in connection.execute(select(*columns).where(*here)))
    return found


def _store(connection: Connection, listener: int, counts: Mapping[int, _Count]) -> None:
    rows = [{"listener_id": listener, "recording_id": i, **count._asdict()} for i, count in counts.items()]
    upsert(connection, play_count, ("listener_id", "recording_id"), rows)
