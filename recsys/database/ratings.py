"""Ratings, entered manually or imported from another program. Each function uses the connection of its caller."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from recsys.database.queries import unknown_track_error
from recsys.database.tables import rating, recording
from recsys.database.writes import now, upsert
from recsys.domain.arrays import in_chunks
from recsys.domain.tracks import Rating
from recsys.errors import InvalidRequest

_COLUMNS = tuple(rating.c[name] for name in Rating._fields)
_OLDEST = (rating.c.rated_at, rating.c.recording_id)


def set_rating(connection: Connection, ids: Iterable[int], value: int) -> None:
    """Like (+1) or dislike (-1) manually, which keeps the number of plays, or remove the rating (0).

    Raises
    ------
    NotFound
        An id is unknown.
    InvalidRequest
        ``value`` is another number.
    """
    if value not in (-1, 0, 1):
        raise InvalidRequest("must be 1, -1 or 0", field="value", value=value)
    rated = list(dict.fromkeys(int(i) for i in ids))
    _ensure_known(connection, rated)
    if value == 0:
        for chunk in in_chunks(rated):
            connection.execute(delete(rating).where(rating.c.recording_id.in_(chunk)))
        return
    columns = {"value": value, "strength": 1.0, "rated_at": now(), "source": Rating._field_defaults["source"]}
    upsert(connection, rating, ("recording_id",), [{"recording_id": i, **columns} for i in rated])


def import_ratings(connection: Connection, ratings: Mapping[int, Rating]) -> None:
    """Store ratings as they are; they replace those of the same tracks.

    Raises
    ------
    NotFound
        An id is unknown.
    InvalidRequest
        A value, strength or number of plays is out of range.
    """
    for i, new in ratings.items():
        if new.value not in (-1, 1) or not 0 < new.strength <= 1 or new.plays < 0:
            raise InvalidRequest(f"the rating of track {i} is out of range: {new}")
    _ensure_known(connection, ratings)
    rows = [{"recording_id": int(i), **new._asdict()} for i, new in ratings.items()]
    upsert(connection, rating, ("recording_id",), rows)


def list_ratings(connection: Connection) -> dict[int, Rating]:
    """All ratings by track id, oldest first."""
    query = select(rating.c.recording_id, *_COLUMNS).order_by(*_OLDEST)
    return {row[0]: Rating(*row[1:]) for row in connection.execute(query)}


def list_rated_tracks(connection: Connection) -> dict[int, int]:
    """Likes (+1) and dislikes (-1) by track id, oldest first."""
    query = select(rating.c.recording_id, rating.c.value).order_by(*_OLDEST)
    return {row.recording_id: row.value for row in connection.execute(query)}


def _ensure_known(connection: Connection, ids: Iterable[int]) -> None:
    for chunk in in_chunks(ids):
        known = set(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
        if unknown := sorted(set(chunk) - known):
            raise unknown_track_error(unknown[0])
