"""The part of a catalogue that reads and writes what belongs to listeners: ratings, stars, plays; and listeners."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from recsys.database import listeners, plays, ratings
from recsys.database.access import CatalogueAccess
from recsys.database.engine import reading, writing
from recsys.domain.listeners import Listener, PlayCount, PlayEvent, Stars, TrackTaste
from recsys.domain.tracks import Rating

_log = logging.getLogger(__name__)
_NO_STARS: Mapping[int, Stars] = {}
_NO_COUNTS: Mapping[int, int] = {}


class RatingAccess(CatalogueAccess):
    """Ratings and plays of the listener of a :class:`~recsys.database.catalogue.Catalogue`.

    Methods that read raise NotFound for a listener that does not exist; those that write add it.
    """

    @contextmanager
    def _writing_for_listener(self) -> Iterator[tuple[Connection, int]]:
        """A transaction that writes, and the id of the listener, who is added if there is no such one."""
        with writing(self._engine) as connection:
            known = listeners.known(connection, self._listener)
            yield connection, listeners.add(connection, str(self._listener)) if known is None else known
        if known is None:
            _log.warning("%r is a new listener", str(self._listener).strip())

    def set_rating(self, ids: Iterable[int], value: int) -> None:
        """Like (+1) or dislike (-1) these tracks manually, or remove likes and dislikes (0); stars stay.

        Raises
        ------
        NotFound
            An id is unknown; then no track is rated.
        InvalidRequest
            ``value`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            ratings.set_rating(connection, listener, ids, value)

    def set_stars(self, ids: Iterable[int], stars: int) -> None:
        """Rate these tracks with 1 to 5 stars manually, or remove the stars (0); likes and dislikes stay.

        Raises
        ------
        NotFound
            An id is unknown; then no track is rated.
        InvalidRequest
            ``stars`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            ratings.set_stars(connection, listener, ids, stars)

    def clear_ratings(self, ids: Iterable[int]) -> None:
        """Remove likes, dislikes and stars of these tracks.

        Raises
        ------
        NotFound
            An id is unknown; then no rating is removed.
        """
        with writing(self._engine) as connection:
            ratings.clear_ratings(connection, listeners.find(connection, self._listener), ids)

    def import_ratings(
        self,
        imported: Mapping[int, Rating],
        stars: Mapping[int, Stars] = _NO_STARS,
        counts: Mapping[int, int] = _NO_COUNTS,
        history: Iterable[PlayEvent] = (),
    ) -> None:
        """Store ratings and stars by track id as they are, play counts that are larger than the stored ones, and plays
        with times that are not stored; all or none.

        Raises
        ------
        NotFound
            An id is unknown.
        InvalidRequest
            A value, strength, number of plays or of stars is out of range.
        """
        with self._writing_for_listener() as (connection, listener):
            ratings.import_ratings(connection, listener, imported, stars)
            plays.import_counts(connection, listener, counts)
            plays.import_history(connection, listener, history)

    def ratings(self) -> dict[int, Rating]:
        """Every like and dislike by track id, oldest first, also those that stars imply."""
        with reading(self._engine) as connection:
            return ratings.list_ratings(connection, listeners.find(connection, self._listener))

    def rated_tracks(self) -> dict[int, int]:
        """Every like (+1) and dislike (-1) by track id, oldest first, also those that stars imply."""
        with reading(self._engine) as connection:
            return ratings.list_rated_tracks(connection, listeners.find(connection, self._listener))

    def stars(self) -> dict[int, Stars]:
        """All stars by track id, oldest first."""
        with reading(self._engine) as connection:
            return ratings.list_stars(connection, listeners.find(connection, self._listener))

    def track_taste(self, track_id: int) -> TrackTaste:
        """What is stored of one track."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            rating = ratings.list_ratings(connection, listener, track_id).get(track_id)
            stars = ratings.list_stars(connection, listener, track_id).get(track_id)
            counts = plays.list_counts(connection, listener, [track_id]).get(track_id, PlayCount())
        return TrackTaste(rating.value if rating else 0, stars.stars if stars else None, counts)

    def add_plays(self, events: Iterable[PlayEvent]) -> int:
        """Store plays and skips; how many are new: a track has one at a time.

        Raises
        ------
        NotFound
            An id is unknown; then nothing is stored.
        """
        with self._writing_for_listener() as (connection, listener):
            return plays.add_plays(connection, listener, events)

    def new_plays(self, events: Iterable[PlayEvent]) -> list[PlayEvent]:
        """The plays that are not stored."""
        with reading(self._engine) as connection:
            return plays.new_plays(connection, listeners.find(connection, self._listener), events)

    def recent_plays(self, n: int, *, since_ms: int | None = None, track_id: int | None = None) -> list[PlayEvent]:
        """The last plays and skips, newest first: of all tracks or one, at or after a time."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            return plays.recent_plays(connection, listener, n, since_ms, track_id)

    def play_counts(self, ids: Iterable[int] | None = None) -> dict[int, PlayCount]:
        """How often tracks were played and skipped, all that were or some of them, by track id."""
        with reading(self._engine) as connection:
            return plays.list_counts(connection, listeners.find(connection, self._listener), ids)

    def has_listener(self) -> bool:
        """Whether the listener of the catalogue exists."""
        with reading(self._engine) as connection:
            return listeners.known(connection, self._listener) is not None

    def listeners(self) -> list[Listener]:
        """All listeners, with counts of what belongs to them, the default listener first."""
        with reading(self._engine) as connection:
            return listeners.list_listeners(connection)

    def add_listener(self, name: str) -> None:
        """Add a listener.

        Raises
        ------
        InvalidRequest
            The name is taken or invalid.
        """
        with writing(self._engine) as connection:
            listeners.add(connection, name)

    def rename_listener(self, name: str, new_name: str) -> None:
        """Change the name of a listener.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            The new name is taken or invalid.
        """
        with writing(self._engine) as connection:
            listeners.rename(connection, name, new_name)

    def remove_listener(self, name: str) -> Listener:
        """Remove a listener with all that belongs to it, and return what that was.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            It is the default listener.
        """
        with writing(self._engine) as connection:
            return listeners.remove(connection, name)
