"""Likes and stars of a listener, entered manually or imported. Each function uses the connection of its caller.

Tracks, albums and artists are rated. The *rating* of one is its like or dislike; one with stars alone has the rating
that the stars imply.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, func, literal, select

from recsys.database.inserts import upsert
from recsys.database.listener_tables import TRACKS, Rated, play_count
from recsys.database.plays import import_counts
from recsys.database.queries import unknown_track_error
from recsys.database.writes import now
from recsys.domain.arrays import in_chunks
from recsys.domain.listeners import MANUAL, MAX_STARS, Stars, vote_of_stars
from recsys.domain.tracks import Rating
from recsys.errors import InvalidRequest, NotFound

_LIKE = ("value", "strength", "rated_at", "source")


def set_rating(connection: Connection, listener: int, ids: Iterable[int], value: int, rated: Rated = TRACKS) -> None:
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
    known = _known(connection, ids, rated)
    if value == 0:
        _delete(connection, rated.likes, rated.key, listener, known)
        return
    like = {"value": value, "strength": 1.0, "rated_at": now(), "source": MANUAL}
    _store(connection, rated.likes, rated.key, listener, dict.fromkeys(known, like))


def set_stars(connection: Connection, listener: int, ids: Iterable[int], stars: int, rated: Rated = TRACKS) -> None:
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
    known = _known(connection, ids, rated)
    if stars == 0:
        _delete(connection, rated.stars, rated.key, listener, known)
    else:
        _store(connection, rated.stars, rated.key, listener, dict.fromkeys(known, Stars(stars, now())._asdict()))


def clear_ratings(connection: Connection, listener: int, ids: Iterable[int], rated: Rated = TRACKS) -> None:
    """Remove likes, dislikes and stars; plays stay.

    Raises
    ------
    NotFound
        An id is unknown.
    """
    known = _known(connection, ids, rated)
    for table in (rated.likes, rated.stars):
        _delete(connection, table, rated.key, listener, known)


def import_ratings(
    connection: Connection,
    listener: int,
    ratings: Mapping[int, Rating],
    stars: Mapping[int, Stars],
    rated: Rated = TRACKS,
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
            raise InvalidRequest(f"the rating of {rated.noun} {i} is out of range: {new}")
    for i, given in stars.items():
        if given.stars not in range(1, MAX_STARS + 1):
            raise InvalidRequest(f"the stars of {rated.noun} {i} are out of range: {given}")
    _known(connection, {**ratings, **stars}, rated)
    implied = {i for i, new in ratings.items() if i in stars and vote_of_stars(stars[i].stars) == new[:2]}
    likes = {
        int(i): {name: getattr(new, name) for name in _LIKE}
        for i, new in ratings.items()
        if i not in implied and not new.from_stars
    }
    _store(connection, rated.likes, rated.key, listener, likes)
    _delete(connection, rated.likes, rated.key, listener, implied)
    _store(connection, rated.stars, rated.key, listener, {int(i): given._asdict() for i, given in stars.items()})
    if rated is TRACKS:
        import_counts(connection, listener, {i: new.plays for i, new in ratings.items()})


def list_ratings(
    connection: Connection, listener: int, only: int | None = None, rated: Rated = TRACKS
) -> dict[int, Rating]:
    """All ratings by id, oldest first, or that of one id.

    A like or dislike outranks stars, and what was entered by hand outranks what was imported.
    """
    like, star = rated.likes.c, rated.stars.c
    likes = select(
        like[rated.key], like.value, like.strength, _plays(rated, rated.likes, listener), like.rated_at, like.source
    )
    likes = likes.where(*_mine(rated.likes, rated, listener, only))
    found = {row[0]: Rating(*row[1:]) for row in connection.execute(likes)}
    starred = select(star[rated.key], star.stars, _plays(rated, rated.stars, listener), star.rated_at, star.source)
    starred = starred.where(*_mine(rated.stars, rated, listener, only))
    for i, stars, n_plays, rated_at, source in connection.execute(starred):
        given, vote = found.get(i), vote_of_stars(stars)
        if vote and (given is None or (source == MANUAL != given.source)):
            found[i] = Rating(*vote, n_plays, rated_at, source, stars, from_stars=True)
        elif given:
            found[i] = given._replace(stars=stars)
    return dict(sorted(found.items(), key=lambda item: (item[1].rated_at, item[0])))


def list_stars(
    connection: Connection, listener: int, only: int | None = None, rated: Rated = TRACKS
) -> dict[int, Stars]:
    """All stars by id, oldest first, or those of one id."""
    star = rated.stars.c
    query = select(star[rated.key], star.stars, star.rated_at, star.source).order_by(star.rated_at, star[rated.key])
    rows = connection.execute(query.where(*_mine(rated.stars, rated, listener, only)))
    return {row[0]: Stars(*row[1:]) for row in rows}


def _plays(rated: Rated, table: Table, listener: int) -> ColumnElement[int]:
    """The play count of a row's recording; 0 for albums and artists."""
    if rated is not TRACKS:
        return literal(0)
    counted = select(play_count.c.plays).where(
        play_count.c.listener_id == listener, play_count.c.recording_id == table.c.recording_id
    )
    return func.coalesce(counted.scalar_subquery(), 0)


def _mine(table: Table, rated: Rated, listener: int, only: int | None) -> tuple[ColumnElement[bool], ...]:
    """The condition for the rows of a listener, all or that of one id."""
    mine = table.c.listener_id == listener
    return (mine,) if only is None else (mine, table.c[rated.key] == only)


def _known(connection: Connection, ids: Iterable[int], rated: Rated) -> list[int]:
    """The ids, each once; raises NotFound for the first one that does not exist."""
    wanted = list(dict.fromkeys(int(i) for i in ids))
    target = rated.target.c.id
    for chunk in in_chunks(wanted):
        known = set(connection.execute(select(target).where(target.in_(chunk))).scalars())
        if unknown := sorted(set(chunk) - known):
            if rated is TRACKS:
                raise unknown_track_error(unknown[0])
            raise NotFound(f"no {rated.noun} has the id {unknown[0]}")
    return wanted


def _store(
    connection: Connection, table: Table, key: str, listener: int, rows: Mapping[int, Mapping[str, object]]
) -> None:
    stored = [{"listener_id": listener, key: i, **row} for i, row in rows.items()]
    upsert(connection, table, ("listener_id", key), stored)


def _delete(connection: Connection, table: Table, key: str, listener: int, ids: Iterable[int]) -> None:
    for chunk in in_chunks(ids):
        connection.execute(delete(table).where(table.c.listener_id == listener, table.c[key].in_(chunk)))
