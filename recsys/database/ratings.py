"""Likes and stars of a listener, entered manually or imported. Each function uses the connection of its caller.

The *rating* of a track is its like or dislike; a track with stars alone has that which the stars imply.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from recsys.database.listener_tables import RATING_TABLES, play_count, track_like, track_stars
from recsys.database.plays import import_counts
from recsys.database.queries import ensure_known
from recsys.database.writes import now, upsert
from recsys.domain.arrays import in_chunks
from recsys.domain.listeners import MANUAL, MAX_STARS, Stars, vote_of_stars
from recsys.domain.tracks import Rating
from recsys.errors import InvalidRequest

_KEYS = ("listener_id", "recording_id")


def set_rating(connection: Connection, listener: int, ids: Iterable[int], value: int) -> None:
    """Like (+1) or dislike (-1) manually, or remove the like or dislike (0); stars and plays stay.

    Raises
    ------
    NotFound
        An id is unknown.
    InvalidRequest
        ``value`` is another number.
    """
    if value not in (-1, 0, 1):
        raise InvalidRequest("must be 1, -1 or 0", field="value", value=value)
    rated = _known(connection, ids)
    if value == 0:
        _delete(connection, track_like, listener, rated)
        return
    columns = {"value": value, "strength": 1.0, "rated_at": now(), "source": MANUAL}
    rows = [{"listener_id": listener, "recording_id": i, **columns} for i in rated]
    upsert(connection, track_like, _KEYS, rows)


def set_stars(connection: Connection, listener: int, ids: Iterable[int], stars: int) -> None:
    """Rate with 1 to 5 stars manually, or remove the stars (0); likes and dislikes stay.

    Raises
    ------
    NotFound
        An id is unknown.
    InvalidRequest
        ``stars`` is another number.
    """
    if stars not in range(MAX_STARS + 1):
        raise InvalidRequest(f"must be a whole number from 0 to {MAX_STARS}", field="stars", value=stars)
    rated = _known(connection, ids)
    if stars == 0:
        _delete(connection, track_stars, listener, rated)
    else:
        _store_stars(connection, listener, dict.fromkeys(rated, Stars(stars, now())))


def clear_ratings(connection: Connection, listener: int, ids: Iterable[int]) -> None:
    """Remove likes, dislikes and stars; plays stay.

    Raises
    ------
    NotFound
        An id is unknown.
    """
    rated = _known(connection, ids)
    for table in RATING_TABLES:
        _delete(connection, table, listener, rated)


def import_ratings(
    connection: Connection, listener: int, ratings: Mapping[int, Rating], stars: Mapping[int, Stars]
) -> None:
    """Store ratings and stars as they are, instead of those of the same tracks, and play counts that are larger.

    A rating that the imported stars of its track imply is stored as stars alone; one of stars that are stored has
    nothing but its plays to store.

    Raises
    ------
    NotFound
        An id is unknown.
    InvalidRequest
        A value, strength, number of plays or of stars is out of range.
    """
    for i, new in ratings.items():
        if new.value not in (-1, 1) or not 0 < new.strength <= 1 or new.plays < 0:
            raise InvalidRequest(f"the rating of track {i} is out of range: {new}")
    for i, given in stars.items():
        if given.stars not in range(1, MAX_STARS + 1):
            raise InvalidRequest(f"the stars of track {i} are out of range: {given}")
    ensure_known(connection, {**ratings, **stars})
    implied = {i for i, new in ratings.items() if i in stars and vote_of_stars(stars[i].stars) == new[:2]}
    columns = ("value", "strength", "rated_at", "source")
    rows = [
        {"listener_id": listener, "recording_id": int(i)} | {name: getattr(new, name) for name in columns}
        for i, new in ratings.items()
        if i not in implied and not new.from_stars
    ]
    upsert(connection, track_like, _KEYS, rows)
    _delete(connection, track_like, listener, implied)
    _store_stars(connection, listener, stars)
    import_counts(connection, listener, {i: new.plays for i, new in ratings.items()})


def list_ratings(connection: Connection, listener: int, track_id: int | None = None) -> dict[int, Rating]:
    """All ratings by track id, oldest first, or that of one track.

    A like or dislike outranks stars, and what was entered by hand outranks what was imported.
    """
    like, star = track_like.c, track_stars.c
    likes = select(
        like.recording_id, like.value, like.strength, _plays(track_like, listener), like.rated_at, like.source
    )
    found = {
        row[0]: Rating(*row[1:]) for row in connection.execute(likes.where(*_mine(track_like, listener, track_id)))
    }
    starred = select(star.recording_id, star.stars, _plays(track_stars, listener), star.rated_at, star.source)
    starred = starred.where(*_mine(track_stars, listener, track_id))
    for i, stars, n_plays, rated_at, source in connection.execute(starred):
        given, vote = found.get(i), vote_of_stars(stars)
        if vote and (given is None or (source == MANUAL != given.source)):
            found[i] = Rating(*vote, n_plays, rated_at, source, stars, from_stars=True)
        elif given:
            found[i] = given._replace(stars=stars)
    return dict(sorted(found.items(), key=lambda item: (item[1].rated_at, item[0])))


def _plays(table: Table, listener: int) -> ColumnElement[int]:
    """The play count of a row's recording."""
    counted = select(play_count.c.plays).where(
        play_count.c.listener_id == listener, play_count.c.recording_id == table.c.recording_id
    )
    return func.coalesce(counted.scalar_subquery(), 0)


def list_stars(connection: Connection, listener: int, track_id: int | None = None) -> dict[int, Stars]:
    """All stars by track id, oldest first, or those of one track."""
    star = track_stars.c
    query = select(star.recording_id, star.stars, star.rated_at, star.source).order_by(star.rated_at, star.recording_id)
    rows = connection.execute(query.where(*_mine(track_stars, listener, track_id)))
    return {row[0]: Stars(*row[1:]) for row in rows}


def _mine(table: Table, listener: int, track_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """The condition for the rows of a listener, of all recordings or one."""
    mine = table.c.listener_id == listener
    return (mine,) if track_id is None else (mine, table.c.recording_id == track_id)


def _store_stars(connection: Connection, listener: int, stars: Mapping[int, Stars]) -> None:
    rows = [{"listener_id": listener, "recording_id": i, **new._asdict()} for i, new in stars.items()]
    upsert(connection, track_stars, _KEYS, rows)


def _known(connection: Connection, ids: Iterable[int]) -> list[int]:
    rated = list(dict.fromkeys(int(i) for i in ids))
    ensure_known(connection, rated)
    return rated


def _delete(connection: Connection, table: Table, listener: int, ids: Iterable[int]) -> None:
    for chunk in in_chunks(ids):
        here = table.c.listener_id == listener, table.c.recording_id.in_(chunk)
        connection.execute(delete(table).where(*here))
