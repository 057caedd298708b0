"""Links to servers of music: the ids that they give to the tracks of the library."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recsys.app.context import LibraryContext
from recsys.domain.links import Link, ServerTrack


@dataclass(frozen=True, slots=True)
class LinkedIds:
    """The ids of one server; :meth:`Links.tracks`. Each call reads the database."""

    context: LibraryContext
    number: int
    kind: str

    def track_id(self, foreign_id: str) -> int | None:
        """The track of the library that has an id of the server; None if it has none."""
        with self.context.open() as catalogue:
            return catalogue.links.track_id(self.number, self._normal(foreign_id))

    def foreign_id(self, track_id: int) -> str | None:
        """The id of the server of a track, or of a copy of it; None if the server has none."""
        return self.foreign_ids([track_id]).get(track_id)

    def foreign_ids(self, track_ids: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server by the ids of those of these tracks that it has, in any copy."""
        with self.context.open() as catalogue:
            return catalogue.links.foreign_ids(self.number, track_ids)

    def artist_id(self, foreign_id: str) -> int | None:
        """The artist of the library that has an id of the server; None if it has none."""
        with self.context.open() as catalogue:
            return catalogue.links.artist_id(self.number, self._normal(foreign_id))

    def foreign_artist_id(self, artist_id: int) -> str | None:
        """The id of the server of an artist; None if the server has none."""
        with self.context.open() as catalogue:
            return catalogue.links.foreign_artist_id(self.number, artist_id)

    def _normal(self, foreign_id: str) -> str:
        """Jellyfin writes one id with hyphens and without, in either case."""
        return foreign_id.replace("-", "").lower() if self.kind == "jellyfin" else foreign_id


@dataclass(frozen=True, slots=True)
class Links:
    """The links to servers; :attr:`recsys.Library.links`. Names are compared without case."""

    context: LibraryContext

    def tracks(self, name: str) -> LinkedIds:
        """The ids that a server gives to tracks and artists, in both directions.

        Raises
        ------
        NotFound
            There is no link of this name.

        Examples
        --------
        >>> lib.links.tracks("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        with self.context.open() as catalogue:
            number, found = catalogue.links.find(name)
        return LinkedIds(self.context, number, found.kind)

    def unmatched(self, name: str) -> "list[ServerTrack]":
        """The tracks of a server that the library lacks.

        Raises
        ------
        NotFound
            There is no link of this name.

        Examples
        --------
        >>> lib.links.unmatched("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        with self.context.open() as catalogue:
            number, _ = catalogue.links.find(name)
            return catalogue.links.tracks(number, unmatched=True)

    def list(self) -> "list[Link]":
        """All links, in the order in which they were added.

        Examples
        --------
        >>> lib.links.list()
        []
        """
        with self.context.open() as catalogue:
            return catalogue.links.list_links()
