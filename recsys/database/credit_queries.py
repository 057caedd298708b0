"""Read which artists and genres files name."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, COMPOSER, artist, file_artist, file_genre, genre
from recsys.database.id_sets import ids_value, is_among_given
from recsys.domain.arrays import in_chunks

_MANY = 5000  # files from which on all links are read: faster than to look up each


_LINKS: dict[Table[Any], Any] = {
    file_artist: select(file_artist.c.file_id, file_artist.c.artist_id, file_artist.c.role).order_by(
        file_artist.c.file_id, file_artist.c.role, file_artist.c.position
    ),
    file_genre: select(file_genre.c.file_id, file_genre.c.genre_id).order_by(
        file_genre.c.file_id, file_genre.c.position
    ),
}


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
    of_role: dict[str, dict[int, list[int]]] = {ARTIST: {}, ALBUM_ARTIST: {}, COMPOSER: {}}
    for file_id, artist_id, role in _rows(connection, file_artist, file_ids):
        of_role[role].setdefault(file_id, []).append(artist_id)
    of_genre: dict[int, list[int]] = {}
    for file_id, genre_id in _rows(connection, file_genre, file_ids):
        of_genre.setdefault(file_id, []).append(genre_id)
    artist_names = _names(connection, artist, (ids for found in of_role.values() for ids in found.values()))
    genre_names = _names(connection, genre, of_genre.values())
    return Credits(
        _with_names(of_role[ARTIST], artist_names),
        _with_names(of_role[ALBUM_ARTIST], artist_names),
        _with_names(of_role[COMPOSER], artist_names),
        _with_names(of_genre, genre_names),
    )


def _rows(connection: Connection, links: Table[Any], file_ids: Sequence[int]) -> Iterable[Any]:
    """The rows of a table of links, of some files."""
    if len(file_ids) > _MANY:
        return connection.execute(_LINKS[links]).all()
    return _some(connection, _of_files(links, connection.dialect.name), file_ids)


def _names(connection: Connection, table: Table[Any], used: Iterable[Sequence[int]]) -> dict[int, str]:
    """The names of artists or genres, by their ids."""
    ids = {number for some in used for number in some}
    if len(ids) > _MANY:
        return {row.id: row.name for row in connection.execute(select(table.c.id, table.c.name))}
    return dict(_some(connection, _names_of(table, connection.dialect.name), ids))


def _some(connection: Connection, statement: Any, ids: Iterable[int]) -> list[Any]:
    """The rows of a statement that gets ``ids``; no statement without ids."""
    return [
        row
        for chunk in in_chunks(ids)
        for row in connection.execute(statement, {"ids": ids_value(connection, chunk)}).all()
    ]


@cache  # statements that are built once take half the time
def _of_files(links: Table[Any], dialect: str) -> Any:
    return _LINKS[links].where(is_among_given(links.c.file_id, dialect))


@cache
def _names_of(table: Table[Any], dialect: str) -> Any:
    return select(table.c.id, table.c.name).where(is_among_given(table.c.id, dialect))


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
