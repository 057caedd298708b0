"""How players browse a library: whole records of tracks, albums and artists, for one listener, and their orders."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, get_args

from recsys.app.context import LibraryContext
from recsys.domain.checks import check_choice
from recsys.domain.entries import NO_TASTE, AlbumEntry, AlbumOrder, ArtistEntry, GenreEntry, TrackEntry
from recsys.domain.listeners import CreditKind
from recsys.metadata.text import fold

if TYPE_CHECKING:
    from recsys.database.browse_lists import BrowseLists
    from recsys.database.catalogue import Catalogue


class SearchResult(NamedTuple):
    """The ids of what a search has found, best first."""

    artist_ids: Sequence[int] = ()
    album_ids: Sequence[int] = ()
    track_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Browsing:
    """What players show; :attr:`recsys.Library.browsing`.

    Every file is listed, also where several are one performance, and every track is on an album
    (:mod:`recsys.domain.entries`). Likes, stars and plays are those of the listener. Lists are of ids; entries are read
    for those that are shown. A library that is kept open remembers lists until tracks change, so that a page at their
    end is as fast as the first one.
    """

    context: LibraryContext

    def tracks(self, ids: Sequence[int], *, moods: bool = False) -> list[TrackEntry]:
        """Tracks with the properties of their files, ratings and plays, in the order of ``ids``, also missing ones.

        Parameters
        ----------
        ids : sequence of int
            Unknown ones are left out; one that is repeated is in the list again.
        moods : bool
            Also the moods, for which the features are read.

        Examples
        --------
        >>> [found] = lib.browsing.tracks([lib.track("So What").id])
        >>> found.track.title, found.codec, found.taste.liked_at is not None
        ('So What', 'mp3', True)
        """
        with self.context.open() as catalogue:
            found = catalogue.track_entries(list(dict.fromkeys(ids)))
            if moods:
                words = _moods(catalogue, list(found))
                found = {i: replace(entry, moods=words[i]) for i, entry in found.items()}
        return [found[i] for i in ids if i in found]

    def albums(self, ids: Iterable[int]) -> list[AlbumEntry]:
        """Albums with present tracks, in the order of ``ids``; others are left out.

        >>> [found] = lib.browsing.albums([lib.album("Kind of Blue").id])
        >>> found.duration, found.genres
        (899.0, ('jazz',))
        """
        with self.context.open() as catalogue:
            return catalogue.album_entries(ids)

    def artists(self, ids: Iterable[int]) -> list[ArtistEntry]:
        """Artists with present tracks, in the order of ``ids``; others are left out.

        >>> [found] = lib.browsing.artists([lib.artist("Miles Davis").id])
        >>> found.initial, found.roles
        ('M', ('artist',))
        """
        with self.context.open() as catalogue:
            return catalogue.artist_entries(ids)

    def track_ids(
        self,
        *,
        genre: str | None = None,
        years: tuple[int, int] | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        """Present tracks by rising id: all, or those of a genre, or of years; a page of them.

        A genre is one of the tags or, for tracks without genre tags, the predicted one; its spelling is ignored.

        >>> lib.browsing.track_ids(genre="JAZZ", years=(1950, 1960), limit=2)
        [1, 2]
        """
        with self.context.open() as catalogue:
            found = catalogue.browse_lists().select_tracks(genre, years)
        ids: list[int] = found[offset : None if limit is None else offset + limit].tolist()
        return ids

    def random_track_ids(self, n: int, *, genre: str | None = None, years: tuple[int, int] | None = None) -> list[int]:
        """``n`` different tracks among those of :meth:`track_ids`, or all if there are fewer, in random order.

        >>> sorted(lib.browsing.random_track_ids(10, genre="jazz"))
        [1, 2]
        """
        with self.context.open() as catalogue:
            found = catalogue.browse_lists().select_tracks(genre, years)
        return [int(found[i]) for i in random.sample(range(len(found)), min(n, len(found)))]

    def album_ids(
        self,
        order: AlbumOrder = "name",
        *,
        descending: bool = False,
        genre: str | None = None,
        years: tuple[int, int] | None = None,
    ) -> list[int]:
        """Albums in an order: all that have what it is by, or those of a genre, or of years.

        Parameters
        ----------
        order : AlbumOrder
        descending : bool
            The other way round.
        genre : str or None
            As for :meth:`track_ids`; of an album, that of one of its tracks.
        years : (int, int) or None
            The first and the last year.

        Raises
        ------
        InvalidRequest
            There is no such order.

        Examples
        --------
        >>> [lib.album(i).title for i in lib.browsing.album_ids("year", descending=True)]
        ['Machine Head', 'Kind of Blue']
        """
        check_choice("order", order, get_args(AlbumOrder))
        with self.context.open() as catalogue:
            lists = catalogue.browse_lists()
            found = _ordered(catalogue, lists, order)
        if genre is not None:
            among = lists.albums_of_genre(genre)
            found = [i for i in found if i in among]
        if years is not None:
            found = [i for i in found if years[0] <= (lists.albums[i].album.year or 0) <= years[1]]
        return list(reversed(found)) if descending else list(found)

    def album_track_ids(self, album_id: int) -> list[int]:
        """The tracks of an album by disc and number; empty for one that does not exist.

        >>> len(lib.browsing.album_track_ids(lib.album("Kind of Blue").id))
        2
        """
        with self.context.open() as catalogue:
            if album_id > 0:
                return catalogue.ids_on_album(album_id)
            tracks = catalogue.browse_lists().tracks
        ids: list[int] = tracks.ids[tracks.albums == album_id].tolist()
        return ids

    def artist_ids(self) -> list[int]:
        """Artists by name, without those who only compose.

        >>> [entry.artist.name for entry in lib.browsing.artists(lib.browsing.artist_ids())]
        ['Deep Purple', 'Miles Davis']
        """
        with self.context.open() as catalogue:
            return list(catalogue.browse_lists().orders.artists)

    def genres(self) -> list[GenreEntry]:
        """The genres of :meth:`track_ids`, the most frequent first.

        >>> lib.browsing.genres()[0]
        GenreEntry(name='jazz', n_tracks=2, n_albums=1)
        """
        with self.context.open() as catalogue:
            return list(catalogue.browse_lists().genres.values())

    def liked(self, kind: CreditKind | None = None) -> list[int]:
        """Present tracks that the listener likes, or albums or artists, the last one first, without likes of stars.

        >>> lib.browsing.liked()
        [1]
        """
        with self.context.open() as catalogue:
            found, lists = catalogue.liked_ids(kind), catalogue.browse_lists()
            if kind is None:
                return lists.present(found)
            among = lists.albums if kind == "album" else lists.artists
            return [i for i in found if i in among]

    def top_track_ids(self, artist_id: int, n: int = 50) -> list[int]:
        """Tracks of an artist: those that the listener has played most first, then those that are liked, then others.

        >>> lib.browsing.top_track_ids(lib.artist("Miles Davis").id)
        [1, 2]
        """
        with self.context.open() as catalogue:
            ids = catalogue.artist_track_ids([artist_id])[artist_id]
            tastes = dict.fromkeys(ids, NO_TASTE) | catalogue.track_tastes(ids)
        ids.sort(key=lambda i: (-tastes[i].plays, tastes[i].liked_at is None, -(tastes[i].stars or 0)))
        return ids[:n]

    def artist_track_ids(self, artist_ids: Iterable[int]) -> dict[int, list[int]]:
        """The present tracks of each of some artists, and of their albums, ascending.

        >>> list(lib.browsing.artist_track_ids([lib.artist("Miles Davis").id]).values())
        [[1, 2]]
        """
        with self.context.open() as catalogue:
            return catalogue.artist_track_ids(artist_ids)

    def similar_artist_ids(self, artist_id: int, n: int = 20) -> list[int]:
        """The artists most similar to one; as :meth:`recsys.Library.similar_artists`, without the pairs of tracks.

        >>> [found] = lib.browsing.similar_artist_ids(lib.artist("Miles Davis").id)
        >>> lib.artist(found).name
        'Deep Purple'
        """
        from recsys.app.similar_sets import similar_artist_ids

        return self.context.with_index_retry(lambda: similar_artist_ids(self.context, artist_id, n))

    def changed_at_ms(self) -> int:
        """When lists were made of the tracks as they are now: in milliseconds since 1970, UTC.

        >>> lib.browsing.changed_at_ms() > 1_700_000_000_000
        True
        """
        with self.context.open() as catalogue:
            return catalogue.browse_lists().read_at_ms

    def search(self, text: str) -> SearchResult:
        """Artists, albums and tracks whose names have every word of a text, best first; a text without words has none.

        >>> found = lib.browsing.search("blue")
        >>> lib.album(found.album_ids[0]).title, [lib.track(i).title for i in found.track_ids]
        ('Kind of Blue', ['Blue in Green', 'So What'])
        """
        if not fold(text).split():
            return SearchResult()
        with self.context.open() as catalogue:
            lists = catalogue.browse_lists()
            names = lists.artist_names, lists.album_names, lists.track_names
            return catalogue.remembered(
                ("search", text), lambda: SearchResult(*(each.search(text) for each in names)), of=lists
            )


def _moods(catalogue: "Catalogue", ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The moods of tracks; none of a track that has not been analysed."""
    from recsys.app.descriptions import describe_tracks

    kept: dict[int, tuple[str, ...]] = catalogue.remembered("moods", dict)
    found = {i: words for i in ids if (words := kept.get(i)) is not None}
    read = describe_tracks(catalogue, [i for i in ids if i not in found]) if len(found) < len(ids) else {}
    new = {i: tuple(read[i].moods) if i in read else () for i in ids if i not in found}
    kept.update(new)
    return found | new


def _ordered(catalogue: "Catalogue", lists: "BrowseLists", order: AlbumOrder) -> Sequence[int]:
    """All albums in an order that have what it is by."""
    match order:
        case "frequent" | "recent":
            plays, by = catalogue.album_plays(), 0 if order == "frequent" else 1
            return sorted((i for i in plays if plays[i][by]), key=lambda i: (-plays[i][by], i))
        case "stars":
            found = catalogue.album_ids_by_stars()
        case "liked":
            found = catalogue.liked_ids("album")
        case _:
            every: Mapping[str, Sequence[int]] = {
                "name": lists.orders.name, "artist": lists.orders.artist, "newest": lists.orders.newest,
                "year": lists.orders.year,
            }  # fmt: skip
            return every[order]
    return [i for i in found if i in lists.albums]
