"""The part of a library that returns its artists, albums and the genres of its tags."""

from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.domain.credits import Album, Artist, Genre
from recsys.metadata.text import fold

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.domain.credits import SimilarAlbum, SimilarArtist


class CreditLists:
    """Artists, albums and genres, as the tags of the files name them. Their ids stay the same for ever."""

    _context: LibraryContext

    def artists(self, query: str | None = None) -> list[Artist]:
        """Artists and album artists whose name has every word of ``query``, or all: by name.

        >>> [artist.name for artist in lib.artists()]
        ['Deep Purple', 'Miles Davis']
        """
        with self._context.open() as catalogue:
            found = catalogue.artists()
        return [artist for artist in found if _has_words(artist.name, query)]

    def artist(self, reference: str | int) -> Artist:
        """The artist of a name, in any spelling, a MusicBrainz artist or an id.

        Raises
        ------
        NotFound
            No artist matches.

        Examples
        --------
        >>> lib.artist("MILES DAVIS").n_tracks
        2
        """
        with self._context.open() as catalogue:
            return catalogue.resolve_artist(reference)[0]

    def albums(self, query: str | None = None) -> list[Album]:
        """Albums, each with all its discs, whose artist, title and year have every word of ``query``, or all.

        They are sorted by artist, year and title.

        >>> [str(album) for album in lib.albums()]
        ['Deep Purple - Machine Head (1972)', 'Miles Davis - Kind of Blue (1959)']
        """
        with self._context.open() as catalogue:
            found = catalogue.albums()
        return [album for album in found if _has_words(str(album), query)]

    def album(self, reference: str | int) -> Album:
        """The album of a title, "artist - title", a MusicBrainz release or an id; "title (year)" chooses among several.

        Raises
        ------
        NotFound
            No album matches.
        AmbiguousTrack
            Several do; ``candidates`` has them.

        Examples
        --------
        >>> lib.album("kind of blue").n_tracks
        2
        """
        with self._context.open() as catalogue:
            return catalogue.resolve_album(reference)[0]

    def similar_artists(self, reference: Artist | str | int, *, n: int = 10) -> "list[SimilarArtist]":
        """The artists most similar to one, by all their tracks, most similar first.

        An artist who only takes part in tracks of the other is left out; "Various Artists" and the like are none.

        Raises
        ------
        NotFound
            No artist matches, or there is no other.
        NotAnalysed
            No track of the artist has been analysed.
        InvalidRequest
            ``n`` is less than 1.

        Examples
        --------
        >>> [found] = lib.similar_artists("Miles Davis")
        >>> found.artist.name, found.pairs[0].other.title
        ('Deep Purple', 'Smoke on the Water')
        """
        from recsys.app.similar_sets import similar_artists

        artist = reference.id if isinstance(reference, Artist) else reference
        return self._context.with_index_retry(lambda: similar_artists(self._context, artist, n=n))

    def similar_albums(
        self, reference: Album | str | int, *, n: int = 10, max_per_artist: int = 2
    ) -> "list[SimilarAlbum]":
        """The albums most similar to one, by all their tracks, most similar first.

        ``max_per_artist`` limits the albums of one artist, 0 is no limit; compilations have no artist.

        Raises
        ------
        NotFound, AmbiguousTrack
            No album matches, or several; or there is no other.
        NotAnalysed
            No track of the album has been analysed.
        InvalidRequest
            A number is out of range.

        Examples
        --------
        >>> [str(found.album) for found in lib.similar_albums("Kind of Blue")]
        ['Deep Purple - Machine Head (1972)']
        """
        from recsys.app.similar_sets import similar_albums

        album = reference.id if isinstance(reference, Album) else reference
        return self._context.with_index_retry(
            lambda: similar_albums(self._context, album, n=n, max_per_artist=max_per_artist)
        )

    def tagged_genres(self) -> list[Genre]:
        """The genres in the tags of the files, most frequent first; for the predicted ones see :meth:`genres`.

        >>> [(genre.name, genre.n_tracks) for genre in lib.tagged_genres()]
        [('jazz', 2), ('metal', 1)]
        """
        with self._context.open() as catalogue:
            return list(catalogue.tagged_genres())


def _has_words(text: str, query: str | None) -> bool:
    folded = fold(text)
    return all(word in folded for word in fold(query or "").split())


def find_artist(catalogue: "Catalogue", artist: Artist | str | int) -> Artist:
    """An artist, or the one of a reference; raises NotFound."""
    return artist if isinstance(artist, Artist) else catalogue.resolve_artist(artist)[0]


def find_album(catalogue: "Catalogue", album: Album | str | int) -> Album:
    """An album, or the one of a reference; raises NotFound or AmbiguousTrack."""
    return album if isinstance(album, Album) else catalogue.resolve_album(album)[0]
