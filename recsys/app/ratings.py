"""Likes and dislikes of a library: given by hand, or imported from the files of other programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.credit_import import new_ratings
from recsys.app.credit_ratings import AlbumRatings, ArtistRatings
from recsys.app.inputs import StrPath, TrackLike, paths_of, reference_of
from recsys.domain.listeners import Stars
from recsys.domain.tracks import RatedTracks, Rating, Track

if TYPE_CHECKING:
    from recsys.app.import_decisions import ImportOptions
    from recsys.app.ratings_import import ImportPreview
    from recsys.database.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of a listener of a library; :attr:`recsys.Library.ratings`.

    A track is liked or disliked, or has stars: 4 and 5 are a like, 1 and 2 a dislike, at half the strength or in full.
    A like or dislike outranks stars, and what was entered by hand outranks what was imported.
    """

    context: LibraryContext

    @property
    def albums(self) -> AlbumRatings:
        """Likes, dislikes and stars of albums.

        >>> [album.title for album in lib.ratings.albums.set(["Kind of Blue"], 1)]
        ['Kind of Blue']
        """
        return AlbumRatings(self.context)

    @property
    def artists(self) -> ArtistRatings:
        """Likes, dislikes and stars of artists.

        >>> [artist.name for artist in lib.ratings.artists.set(["Miles Davis"], 1)]
        ['Miles Davis']
        """
        return ArtistRatings(self.context)

    def set(self, references: Sequence[str], value: int) -> list[Track]:
        """Like (1), dislike (-1) or remove the like or dislike (0) of tracks; all or, if one is not found, none.

        Stars stay.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.
        InvalidRequest
            ``value`` is not 1, -1 or 0.
        """
        with self.context.open() as catalogue:
            tracks = {track.id: track for track in catalogue.resolve_all(references)}
            catalogue.set_rating(tracks, value)
        return list(tracks.values())

    def set_stars(self, references: Sequence[TrackLike], stars: int) -> list[Track]:
        """Rate tracks with 1 to 5 stars, or remove their stars (0); all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.
        InvalidRequest
            ``stars`` is not a whole number from 0 to 5.

        Examples
        --------
        >>> [track.title for track in lib.ratings.set_stars(["So What"], 5)]
        ['So What']
        >>> {lib.track(i).title: given.stars for i, given in lib.ratings.stars().items()}
        {'So What': 5}
        """
        with self.context.open() as catalogue:
            tracks = {track.id: track for track in catalogue.resolve_all(map(reference_of, references))}
            catalogue.set_stars(tracks, stars)
        return list(tracks.values())

    def stars(self) -> dict[int, Stars]:
        """The stars of every track that has some, by track id, oldest first."""
        with self.context.open() as catalogue:
            return catalogue.stars()

    def clear(self, references: Sequence[TrackLike]) -> list[Track]:
        """Remove likes, dislikes and stars of tracks; all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.
        """
        with self.context.open() as catalogue:
            tracks = {track.id: track for track in catalogue.resolve_all(map(reference_of, references))}
            catalogue.clear_ratings(tracks)
        return list(tracks.values())

    def rated(self, references: Sequence[TrackLike], *, with_stars_only: bool = False) -> frozenset[int]:
        """The ids of those of some tracks that have a like, a dislike or stars, or another file of them has.

        ``with_stars_only``: those that have stars.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.

        Examples
        --------
        >>> lib.ratings.rated(["Blue in Green"])
        frozenset()
        """
        from recsys.app.performances import Copies

        with self.context.open() as catalogue:
            tracks = {track.id for track in catalogue.resolve_all(map(reference_of, references))}
            stored = set(catalogue.stars()) | (set() if with_stars_only else set(catalogue.ratings()))
            return frozenset(tracks) & set(Copies(catalogue).with_copies(stored).tolist())

    def tracks(self) -> RatedTracks:
        """The liked and the disliked tracks, oldest first, also by their stars.

        >>> [track.title for track in lib.ratings.tracks().likes]
        ['So What']
        """
        with self.context.open() as catalogue:
            return rated_tracks(catalogue)

    def values(self) -> dict[int, Rating]:
        """Every like and dislike by track id, with its strength, plays, time, source and stars, oldest first."""
        with self.context.open() as catalogue:
            return catalogue.ratings()

    def preview(self, files: StrPath | Iterable[StrPath], options: "ImportOptions | None" = None) -> "ImportPreview":
        """The ratings that files of other programs contain, matched with the library; nothing is stored.

        Raises
        ------
        InvalidRequest
            A file has no known format or is damaged.
        NotFound
            A file does not exist, or nothing in the files is liked or disliked.
        """
        from recsys.app.import_decisions import ImportOptions
        from recsys.app.ratings_import import preview

        return preview(self.context, paths_of(files), options or ImportOptions())

    def apply(self, preview: "ImportPreview") -> None:
        """Store the ratings and plays of a preview: all of them or, if a track has been removed since, none.

        Raises
        ------
        NotFound
            A track no longer exists.
        LibraryBusy, LibraryFull, LibraryError
            The database cannot be written.
        """
        plays, credits = preview.plays, new_ratings(preview.groups)
        if preview.ratings or plays.stars or plays.counts or plays.history or any(credits.values()):
            with self.context.open() as catalogue:
                catalogue.import_ratings(preview.ratings, plays.stars, plays.counts, plays.history, credits)


def rated_tracks(catalogue: "Catalogue", ratings: Mapping[int, Rating] | None = None) -> RatedTracks:
    """The liked and the disliked tracks, oldest first; of ``ratings`` that have been read, if they are given."""
    ratings = catalogue.ratings() if ratings is None else ratings
    tracks = catalogue.tracks_by_id(ratings)
    return RatedTracks(
        likes=tuple(track for i, track in tracks.items() if ratings[i].value > 0),
        dislikes=tuple(track for i, track in tracks.items() if ratings[i].value < 0),
    )
