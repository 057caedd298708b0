"""Read which artists and genres files name."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, literal_column, select, union_all

from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, COMPOSER, artist, file_artist, file_genre, genre
from recsys.database.id_sets import ids_value, is_among_given
from recsys.domain.arrays import in_chunks

_MANY = 5000  # files from which on all links are read: faster than to look up each
_GENRE = "genre"  # beside the roles of artists
_ARTIST_LINKS = select(file_artist.c.file_id, file_artist.c.role, file_artist.c.artist_id)
_GENRE_LINKS: Select[*tuple[Any, ...]] = select(
    file_genre.c.file_id, literal_column(f"'{_GENRE}'"), file_genre.c.genre_id
)


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
    of_role: dict[str, dict[int, list[int]]] = {ARTIST: {}, ALBUM_ARTIST: {}, COMPOSER: {}, _GENRE: {}}
    artist_names: dict[int, str] = {}
    genre_names: dict[int, str] = {}
    if len(file_ids) > _MANY:  # rows with names would take much more memory
        links = (
            *connection.execute(_ARTIST_LINKS.order_by(*file_artist.primary_key)).all(),
            *connection.execute(_GENRE_LINKS.order_by(*file_genre.primary_key)).all(),
        )
        for file_id, role, number in links:
            of_role[role].setdefault(file_id, []).append(number)
        artist_names, genre_names = _names(connection, artist), _names(connection, genre)
    else:
        statement = _of_files(connection.dialect.name)
        for chunk in in_chunks(file_ids):
            for file_id, role, number, name in connection.execute(statement, {"ids": ids_value(connection, chunk)}):
                of_role[role].setdefault(file_id, []).append(number)
                (genre_names if role == _GENRE else artist_names)[number] = name
    return Credits(
        _with_names(of_role[ARTIST], artist_names),
        _with_names(of_role[ALBUM_ARTIST], artist_names),
        _with_names(of_role[COMPOSER], artist_names),
        _with_names(of_role[_GENRE], genre_names),
    )


@cache  # a statement that is built once takes half the time, and one for all less than one for each table
def _of_files(dialect: str) -> Any:
    links = union_all(
        _ARTIST_LINKS.add_columns(artist.c.name, file_artist.c.position)
        .join(artist, artist.c.id == file_artist.c.artist_id)
        .where(is_among_given(file_artist.c.file_id, dialect)),
        _GENRE_LINKS.add_columns(genre.c.name, file_genre.c.position)
        .join(genre, genre.c.id == file_genre.c.genre_id)
        .where(is_among_given(file_genre.c.file_id, dialect)),
    ).subquery()
    file_id, role, number, name, position = links.c
    return select(file_id, role, number, name).order_by(position)


def _names(connection: Connection, table: Table[Any]) -> dict[int, str]:
    """The names of all artists or genres, by their ids."""
    return {row.id: row.name for row in connection.execute(select(table.c.id, table.c.name))}


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
