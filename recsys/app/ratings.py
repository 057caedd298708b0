"""Likes and dislikes of a library: given by hand, or imported from the files of other programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.inputs import StrPath, paths_of
from recsys.domain.tracks import RatedTracks, Rating, Track

if TYPE_CHECKING:
    from recsys.app.ratings_import import ImportOptions, ImportPreview
    from recsys.database.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of a library; :attr:`recsys.Library.ratings`."""

    context: LibraryContext

    def set(self, references: Sequence[str], value: int) -> list[Track]:
        """Like (1), dislike (-1) or remove the rating (0) of tracks; all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.
        InvalidRequest
            ``value`` is not 1, -1 or 0.
        """
        with self.context.open() as catalogue:
            tracks = {track.id: track for track in map(catalogue.resolve, references)}
            catalogue.set_rating(tracks, value)
        return list(tracks.values())

    def tracks(self) -> RatedTracks:
        """The liked and the disliked tracks, oldest first.

        >>> [track.title for track in lib.ratings.tracks().likes]
        ['So What']
        """
        with self.context.open() as catalogue:
            return rated_tracks(catalogue)

    def values(self) -> dict[int, Rating]:
        """Every rating by track id, with its strength, plays, time and source, oldest first."""
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
        from recsys.app.ratings_import import ImportOptions, preview

        return preview(self.context, paths_of(files), options or ImportOptions())

    def apply(self, preview: "ImportPreview") -> None:
        """Store the ratings of a preview: all of them or, if a track has been removed since, none.

        Raises
        ------
        NotFound
            A track no longer exists.
        LibraryBusy, LibraryFull, LibraryError
            The database cannot be written.
        """
        if preview.ratings:
            with self.context.open() as catalogue:
                catalogue.import_ratings(preview.ratings)


def rated_tracks(catalogue: "Catalogue") -> RatedTracks:
    """The liked and the disliked tracks, oldest first."""
    values = catalogue.rated_tracks()
    tracks = catalogue.tracks_by_id(values)
    return RatedTracks(
        likes=tuple(track for i, track in tracks.items() if values[i] > 0),
        dislikes=tuple(track for i, track in tracks.items() if values[i] < 0),
    )
