"""The part of a catalogue that reads and writes ratings."""

from collections.abc import Iterable, Mapping

from recsys.database import ratings
from recsys.database.access import CatalogueAccess
from recsys.database.engine import reading, writing
from recsys.domain.tracks import Rating


class RatingAccess(CatalogueAccess):
    """Likes and dislikes of a :class:`~recsys.database.catalogue.Catalogue`."""

    def set_rating(self, ids: Iterable[int], value: int) -> None:
        """Like (+1) or dislike (-1) these tracks manually, or remove their ratings (0).

        Raises
        ------
        NotFound
            An id is unknown; then no track is rated.
        InvalidRequest
            ``value`` is another number.
        """
        with writing(self._engine) as connection:
            ratings.set_rating(connection, ids, value)

    def import_ratings(self, imported: Mapping[int, Rating]) -> None:
        """Store ratings by track id as they are, all or none.

        Raises
        ------
        NotFound
            An id is unknown.
        InvalidRequest
            A value, strength or number of plays is out of range.
        """
        with writing(self._engine) as connection:
            ratings.import_ratings(connection, imported)

    def ratings(self) -> dict[int, Rating]:
        """Every rating by track id, oldest first."""
        with reading(self._engine) as connection:
            return ratings.list_ratings(connection)

    def rated_tracks(self) -> dict[int, int]:
        """Every like (+1) and dislike (-1) by track id, oldest first."""
        with reading(self._engine) as connection:
            return ratings.list_rated_tracks(connection)
