"""Likes, dislikes and stars of albums and of artists."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeAlias, TypeVar

from recsys.app.context import LibraryContext
from recsys.domain.credits import Album, Artist
from recsys.domain.listeners import CreditKind, Stars
from recsys.domain.tracks import Rating
from recsys.recommend.implied_ratings import ImpliedRatings, implied_ratings

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

T = TypeVar("T", Album, Artist)
AlbumLike: TypeAlias = Album | int | str
"""An album, its id, title, "artist - title", or MusicBrainz release."""
ArtistLike: TypeAlias = Artist | int | str
"""An artist, its id, name, or MusicBrainz artist."""


@dataclass(frozen=True, slots=True)
class RatedCredits(Generic[T]):
    """The liked and the disliked albums or artists, oldest rating first."""

    likes: tuple[T, ...]
    dislikes: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class CreditRatings(Generic[T]):
    """The ratings of the albums or artists of a library.

    A liked one weighs as much as one liked track, shared by its tracks without a rating of their own; the tracks of a
    disliked one are excluded from playlists.
    """

    context: LibraryContext
    kind: ClassVar[CreditKind]

    def set(self, references: Sequence[T | int | str], value: int) -> list[T]:
        """Like (1), dislike (-1) or remove the like or dislike (0); all of them or, if one is not found, none.

        Stars stay.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches nothing, or several.
        InvalidRequest
            ``value`` is not 1, -1 or 0.
        """
        with self.context.open() as catalogue:
            found = self._find(catalogue, references)
            catalogue.set_credit_rating(self.kind, found, value)
        return list(found.values())

    def set_stars(self, references: Sequence[T | int | str], stars: int) -> list[T]:
        """Rate with 1 to 5 stars, or remove the stars (0); all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches nothing, or several.
        InvalidRequest
            ``stars`` is not a whole number from 0 to 5.
        """
        with self.context.open() as catalogue:
            found = self._find(catalogue, references)
            catalogue.set_credit_stars(self.kind, found, stars)
        return list(found.values())

    def clear(self, references: Sequence[T | int | str]) -> list[T]:
        """Remove likes, dislikes and stars; raises as :meth:`set`."""
        with self.context.open() as catalogue:
            found = self._find(catalogue, references)
            catalogue.clear_credit_ratings(self.kind, found)
        return list(found.values())

    def rated(self, references: Sequence[T | int | str], *, with_stars_only: bool = False) -> frozenset[int]:
        """The ids of those that have a like, a dislike or stars, or ``with_stars_only``; raises as :meth:`set`."""
        with self.context.open() as catalogue:
            stored = set(catalogue.credit_stars(self.kind))
            if not with_stars_only:
                stored |= set(catalogue.credit_ratings(self.kind))
            return frozenset(stored) & set(self._find(catalogue, references))

    def values(self) -> dict[int, Rating]:
        """Every like and dislike by id, oldest first, also those that stars imply."""
        with self.context.open() as catalogue:
            return catalogue.credit_ratings(self.kind)

    def stars(self) -> dict[int, Stars]:
        """All stars by id, oldest first."""
        with self.context.open() as catalogue:
            return catalogue.credit_stars(self.kind)

    def list(self) -> "RatedCredits[T]":
        """What is liked and what is disliked, also by stars, oldest rating first; without what has no present track."""
        with self.context.open() as catalogue:
            ratings = catalogue.credit_ratings(self.kind)
            known = {each.id: each for each in self._read(catalogue, list(ratings))}
        return RatedCredits(
            likes=tuple(known[i] for i, rating in ratings.items() if rating.value > 0 and i in known),
            dislikes=tuple(known[i] for i, rating in ratings.items() if rating.value < 0 and i in known),
        )

    def _find(self, catalogue: "Catalogue", references: Sequence[T | int | str]) -> dict[int, T]:
        names = (each.id if isinstance(each, Album | Artist) else each for each in references)
        return {found.id: found for found in (self._resolve(catalogue, name) for name in names)}

    @abstractmethod
    def _resolve(self, catalogue: "Catalogue", reference: int | str) -> T: ...

    @abstractmethod
    def _read(self, catalogue: "Catalogue", ids: Sequence[int]) -> Sequence[T]: ...


class AlbumRatings(CreditRatings[Album]):
    """The ratings of albums; :attr:`recsys.app.ratings.Ratings.albums`."""

    kind = "album"

    def _resolve(self, catalogue: "Catalogue", reference: int | str) -> Album:
        return catalogue.resolve_album(reference)[0]

    def _read(self, catalogue: "Catalogue", ids: Sequence[int]) -> Sequence[Album]:
        return catalogue.albums(ids)


class ArtistRatings(CreditRatings[Artist]):
    """The ratings of artists; :attr:`recsys.app.ratings.Ratings.artists`."""

    kind = "artist"

    def _resolve(self, catalogue: "Catalogue", reference: int | str) -> Artist:
        return catalogue.resolve_artist(reference)[0]

    def _read(self, catalogue: "Catalogue", ids: Sequence[int]) -> Sequence[Artist]:
        return catalogue.artists(ids)


def read_implied_ratings(catalogue: "Catalogue") -> ImpliedRatings:
    """The ratings of tracks that those of albums and artists imply."""
    albums, artists = catalogue.credit_ratings("album"), catalogue.credit_ratings("artist")
    if not albums and not artists:
        return ImpliedRatings({}, frozenset())
    from recsys.app.performances import Copies  # with numpy, which a rating of a track does not need

    rated = Copies(catalogue).with_copies(catalogue.rated_tracks())
    album_tracks, artist_tracks = catalogue.album_track_ids(albums), catalogue.artist_track_ids(artists)
    return implied_ratings(frozenset(rated.tolist()), albums, artists, album_tracks, artist_tracks)
