"""All tracks, albums, artists and genres as players browse them; the same for all listeners.

They are read at once (:mod:`recsys.database.browse_queries`) and remembered until tracks change.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.entries import AlbumEntry, ArtistEntry, GenreEntry
from recsys.metadata.names import genre_key
from recsys.metadata.sort_keys import sort_key
from recsys.metadata.text import fold

_MAX_RANKED = 10_000  # names; of more, only those that begin with the text come first
_LAST = "\U0010ffff"  # sorts after every name


class Tracks(NamedTuple):
    """The present tracks: their ids (n,), ascending, the albums (n,) that they are on, and years (n,), 0 if unknown."""

    ids: IdArray
    albums: IdArray
    years: IdArray

    def albums_of(self, ids: IdArray) -> IdArray:
        """The albums of some of these tracks."""
        return np.asarray(self.albums[np.searchsorted(self.ids, ids)])

    def years_of(self, ids: IdArray) -> IdArray:
        """The years of some of these tracks."""
        return np.asarray(self.years[np.searchsorted(self.ids, ids)])


class Names(NamedTuple):
    """Folded names that are searched, and the ids of what has them."""

    names: Sequence[str]
    ids: Sequence[int]

    def search(self, text: str) -> list[int]:
        """The ids of the names that have every word of a text.

        First those whose first line is the text, then those that begin with it, then those whose first line has it.
        """
        names, folded = self.names, " ".join(fold(text).split())
        first, *others = sorted(folded.split(), key=len, reverse=True)
        found = [k for k, name in enumerate(names) if first in name]
        for word in others:
            found = [k for k in found if word in names[k]]
        begins = [k for k in found if names[k].startswith(folded)]
        ranked = [*(k for k in begins if names[k].startswith("\n", len(folded))), *begins]
        if len(found) <= _MAX_RANKED:
            ranked += [k for k in found if names[k].find(folded, 0, names[k].index("\n")) > 0]
        return [self.ids[k] for k in dict.fromkeys([*ranked, *found])]


@dataclass(frozen=True, slots=True)
class Orders:
    """The ids of all albums by title, by artist, when they were added, the last one first, and by year; of artists."""

    name: Sequence[int]
    artist: Sequence[int]
    newest: Sequence[int]
    year: Sequence[int]
    artists: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class BrowseLists:
    """What is browsed.

    Attributes
    ----------
    albums : mapping
        By id, sorted by artist, year and title.
    artists : mapping
        By id, sorted by name; also those who only compose, who are in no list.
    genres : mapping
        By key, the most frequent first.
    genre_tracks : mapping
        The ids of the tracks of each genre, ascending.
    """

    tracks: Tracks
    albums: Mapping[int, AlbumEntry]
    artists: Mapping[int, ArtistEntry]
    genres: Mapping[str, GenreEntry]
    genre_tracks: Mapping[str, IdArray]
    orders: Orders
    track_names: Names
    album_names: Names
    artist_names: Names
    read_at_ms: int

    def present(self, ids: Sequence[int]) -> list[int]:
        """Those of some tracks that are present, in their order."""
        found = np.array(ids, np.int64)
        kept: list[int] = found[np.isin(found, self.tracks.ids)].tolist()
        return kept

    def select_tracks(self, genre: str | None, years: tuple[int, int] | None) -> IdArray:
        """The tracks of a genre, in any spelling, and of years, both included; ascending."""
        found = self.tracks.ids
        if genre is not None:
            found = self.genre_tracks.get(genre_key(genre), found[:0])
        if years is not None:
            of_tracks = self.tracks.years_of(found)
            found = found[(of_tracks >= years[0]) & (of_tracks <= years[1])]
        return found

    def albums_of_genre(self, genre: str) -> Collection[int]:
        """The albums that have a track of a genre, in any spelling."""
        return set(self.tracks.albums_of(self.select_tracks(genre, None)).tolist())


def make_lists(
    tracks: Tracks,
    albums: Mapping[int, AlbumEntry],
    artists: Mapping[int, ArtistEntry],
    genres: Mapping[str, GenreEntry],
    genre_tracks: Mapping[str, IdArray],
    track_names: Names,
) -> BrowseLists:
    """The lists, with the orders and the names that are searched."""
    listed = [i for i, entry in artists.items() if entry.roles != ("composer",)]
    names = {i: sort_key(entry.album.title) or _LAST for i, entry in albums.items()}
    years = {i: entry.album.year or 0 for i, entry in albums.items()}
    orders = Orders(
        sorted(albums, key=names.__getitem__), list(albums),
        sorted(albums, key=lambda i: (albums[i].added_at, i), reverse=True), sorted(albums, key=years.__getitem__),
        listed,
    )  # fmt: skip
    album_names = Names([folded_name(each.album.title, each.album.artist) for each in albums.values()], list(albums))
    artist_names = Names([folded_name(artists[i].artist.name) for i in listed], listed)
    return BrowseLists(
        tracks, albums, artists, genres, genre_tracks, orders, track_names, album_names, artist_names,
        time.time_ns() // 1_000_000,
    )  # fmt: skip


def folded_name(name: str, *others: str | None) -> str:
    """A name as it is searched, and others that belong to it after the end of the line."""
    return "\n".join([*map(fold, filter(None, (name, *others))), ""])
