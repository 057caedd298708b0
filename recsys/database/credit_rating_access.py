"""The part of a catalogue that reads and writes likes, dislikes and stars of albums and artists."""

from collections.abc import Iterable

from recsys.database import listeners, ratings
from recsys.database.engine import reading, writing
from recsys.database.listener_tables import CREDITS
from recsys.database.rating_access import RatingAccess
from recsys.domain.listeners import CreditKind, Stars
from recsys.domain.tracks import Rating


class CreditRatingAccess(RatingAccess):
    """Ratings of albums and artists by the listener of a :class:`~recsys.database.catalogue.Catalogue`."""

    def set_credit_rating(self, kind: CreditKind, ids: Iterable[int], value: int) -> None:
        """Like (+1) or dislike (-1) albums or artists manually, or remove likes and dislikes (0); stars stay.

        Raises
        ------
        NotFound
            An id is unknown; then nothing is rated.
        InvalidRequest
            ``value`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            ratings.set_rating(connection, listener, ids, value, CREDITS[kind])

    def set_credit_stars(self, kind: CreditKind, ids: Iterable[int], stars: int) -> None:
        """Rate albums or artists with 1 to 5 stars manually, or remove the stars (0); likes and dislikes stay.

        Raises
        ------
        NotFound
            An id is unknown; then nothing is rated.
        InvalidRequest
            ``stars`` is another number.
        """
        with self._writing_for_listener() as (connection, listener):
            ratings.set_stars(connection, listener, ids, stars, CREDITS[kind])

    def clear_credit_ratings(self, kind: CreditKind, ids: Iterable[int]) -> None:
        """Remove likes, dislikes and stars of albums or artists.

        Raises
        ------
        NotFound
            An id is unknown; then no rating is removed.
        """
        with writing(self._engine, changes_tracks=False) as connection:
            listener = listeners.find(connection, self._listener)
            ratings.clear_ratings(connection, listener, ids, CREDITS[kind])

    def credit_ratings(self, kind: CreditKind) -> dict[int, Rating]:
        """Every like and dislike of albums or artists by id, oldest first, also those that stars imply."""
        with reading(self._engine) as connection:
            listener = listeners.find(connection, self._listener)
            return ratings.list_ratings(connection, listener, rated=CREDITS[kind])

    def credit_stars(self, kind: CreditKind) -> dict[int, Stars]:
        """All stars of albums or artists by id, oldest first."""
        with reading(self._engine) as connection:
            return ratings.list_stars(connection, listeners.find(connection, self._listener), rated=CREDITS[kind])
