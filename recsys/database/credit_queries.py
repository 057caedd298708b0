"""Read which artists and genres files name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, select

from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, COMPOSER, artist, file_artist, file_genre, genre
from recsys.database.id_sets import is_among
from recsys.domain.arrays import in_chunks

_MANY = 5000  # files from which on all links are read: faster than to look up each


class Named(NamedTuple):
    """Ids and names of artists or genres, in the order of the tag."""

    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


NONE_NAMED = Named()


class Credits(NamedTuple):
    """The artists and genres of some files, by the ids of the files; files without any are left out."""

    artists: Mapping[int, Named]
    album_artists: Mapping[int, Named]
    composers: Mapping[int, Named]
    genres: Mapping[int, Named]


def read_credits(connection: Connection, file_ids: Sequence[int]) -> Credits:
    """The artists and genres of files."""
    links = select(file_artist.c.file_id, file_artist.c.artist_id, file_artist.c.role)
    links = links.order_by(file_artist.c.file_id, file_artist.c.role, file_artist.c.position)
    of_role: dict[str, dict[int, list[int]]] = {ARTIST: {}, ALBUM_ARTIST: {}, COMPOSER: {}}
    for file_id, artist_id, role in _rows(connection, links, file_artist.c.file_id, file_ids):
        of_role[role].setdefault(file_id, []).append(artist_id)
    tagged = select(file_genre.c.file_id, file_genre.c.genre_id)
    tagged = tagged.order_by(file_genre.c.file_id, file_genre.c.position)
    of_genre: dict[int, list[int]] = {}
    for file_id, genre_id in _rows(connection, tagged, file_genre.c.file_id, file_ids):
        of_genre.setdefault(file_id, []).append(genre_id)
    artist_names = _names(connection, artist, (ids for found in of_role.values() for ids in found.values()))
    genre_names = _names(connection, genre, of_genre.values())
    return Credits(
        _with_names(of_role[ARTIST], artist_names),
        _with_names(of_role[ALBUM_ARTIST], artist_names),
        _with_names(of_role[COMPOSER], artist_names),
        _with_names(of_genre, genre_names),
    )


def _rows(connection: Connection, links: Any, file_id: Column[int], file_ids: Sequence[int]) -> Iterable[Any]:
    if len(file_ids) > _MANY:
        return connection.execute(links).all()
    return [
        row
        for chunk in in_chunks(file_ids)
        for row in connection.execute(links.where(is_among(connection, file_id, chunk)))
    ]


def _names(connection: Connection, table: Table[Any], used: Iterable[Sequence[int]]) -> dict[int, str]:
    """The names of artists or genres, by their ids."""
    ids = {number for some in used for number in some}
    query = select(table.c.id, table.c.name)
    if len(ids) > _MANY:
        return {row.id: row.name for row in connection.execute(query)}
    return {
        row.id: row.name
        for chunk in in_chunks(ids)
        for row in connection.execute(query.where(is_among(connection, table.c.id, chunk)))
    }


def _with_names(ids: Mapping[int, list[int]], names: Mapping[int, str]) -> dict[int, Named]:
    """Ids with their names; equal values are one object."""
    known: dict[tuple[int, ...], Named] = {}
    found: dict[int, Named] = {}
    for file_id, numbers in ids.items():
        key = tuple(numbers)
        named = known.get(key)
        if named is None:
            named = known[key] = Named(key, tuple(names[number] for number in key))
        found[file_id] = named
    return found
