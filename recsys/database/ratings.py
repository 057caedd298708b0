"""What the owner thinks of tracks: said by hand or taken from another program. On the caller's connection."""

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
    """Like, dislike or forget by hand; what is known of plays stays, unless it is forgotten."""
    if value not in (-1, 0, 1):
        raise InvalidRequest(f"a rating is 1, -1 or 0, not {value}")
    rated = list(dict.fromkeys(int(i) for i in ids))
    _ensure_known(connection, rated)
    if value == 0:
        for chunk in in_chunks(rated):
            connection.execute(delete(rating).where(rating.c.recording_id.in_(chunk)))
        return
    said = {"value": value, "strength": 1.0, "rated_at": now(), "source": Rating._field_defaults["source"]}
    upsert(connection, rating, ("recording_id",), [{"recording_id": i, **said} for i in rated])


def import_ratings(connection: Connection, ratings: Mapping[int, Rating]) -> None:
    """Store opinions as they are, in the place of those there were."""
    for i, opinion in ratings.items():
        if opinion.value not in (-1, 1) or not 0 < opinion.strength <= 1 or opinion.plays < 0:
            raise InvalidRequest(f"track {i} can hold no such opinion: {opinion}")
    _ensure_known(connection, ratings)
    rows = [{"recording_id": int(i), **opinion._asdict()} for i, opinion in ratings.items()]
    upsert(connection, rating, ("recording_id",), rows)


def list_ratings(connection: Connection) -> dict[int, Rating]:
    """All that is thought, oldest first."""
    query = select(rating.c.recording_id, *_COLUMNS).order_by(*_OLDEST)
    return {row[0]: Rating(*row[1:]) for row in connection.execute(query)}


def list_rated_tracks(connection: Connection) -> dict[int, int]:
    """Likes and dislikes, oldest first."""
    query = select(rating.c.recording_id, rating.c.value).order_by(*_OLDEST)
    return {row.recording_id: row.value for row in connection.execute(query)}


def _ensure_known(connection: Connection, ids: Iterable[int]) -> None:
    for chunk in in_chunks(ids):
        known = set(connection.execute(select(recording.c.id).where(recording.c.id.in_(chunk))).scalars())
        if unknown := sorted(set(chunk) - known):
            raise unknown_track_error(unknown[0])
