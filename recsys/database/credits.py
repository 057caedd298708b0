"""Store which artists and genres the tags of files name. Each function works inside the transaction of its caller."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, or_, select, update

from recsys.database.album_links import link_remaining, link_titles
from recsys.database.credit_tables import (
    ALBUM_ARTIST,
    ARTIST,
    COMPOSER,
    artist,
    file_artist,
    file_genre,
    genre,
    unlinked_title,
)
from recsys.database.inserts import insert_missing
from recsys.database.tables import file, other_file
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import Tags
from recsys.metadata.albums import album_title_key, disc_of
from recsys.metadata.names import artist_key, genre_key, names_artist, without_guests

_MAX_KEY = 200  # characters: databases limit the size of an entry of an index
_PAGE = 2000  # files that are linked at once
_OLD_TAGS = (file.c.artist, file.c.album_artist, file.c.genre)


def store_credits(connection: Connection, files: Mapping[int, Tags], *, same_album: Collection[int] = ()) -> None:
    """Replace the artists and genres of files by those in their tags, and link the files to their albums.

    Files of ``same_album`` are linked, and nothing has changed that decides about it. An album of which more files may
    follow is left to :func:`recsys.database.album_links.link_remaining`.
    """
    for ids in in_chunks(files):
        for table in (file_artist, file_genre):
            connection.execute(delete(table).where(table.c.file_id.in_(ids)))
    _insert_credits(connection, files)
    if moved := [file_id for file_id in files if file_id not in same_album]:
        titles = {key for file_id in moved if (key := album_title_key(files[file_id].album))}
        _carry_albums(connection, moved)
        link_titles(connection, titles)


def link_stored_tags(connection: Connection) -> None:
    """Fill the artists, albums and genres of a library from the columns that an older version stored.

    A text with several values is one artist: nothing is guessed until the file is read again.
    """
    last = 0
    while rows := connection.execute(
        select(file.c.id, file.c.path, file.c.album, *_OLD_TAGS)
        .where(file.c.id > last)
        .order_by(file.c.id)
        .limit(_PAGE)
    ).all():
        last = rows[-1].id
        titles = [
            {"file": row.id, "key": album_title_key(row.album), "disc": disc_of(row.path, row.album)} for row in rows
        ]
        change = update(file).where(file.c.id == bindparam("file"))
        connection.execute(change.values(title_key=bindparam("key"), disc_number=bindparam("disc")), titles)
        _insert_credits(connection, {row.id: _one_value_each(row) for row in rows})
        keys = {title["key"] for title in titles if title["key"]}
        insert_missing(connection, unlinked_title, ["title_key"], [{"title_key": key} for key in keys])
    while link_remaining(connection):
        pass
    choose_names(connection)


def _one_value_each(row: Any) -> Tags:
    return Tags(
        artists=(row.artist,) if row.artist else (),
        album_artists=(row.album_artist,) if row.album_artist else (),
        album=row.album,
        genres=(row.genre,) if row.genre else (),
    )


def _insert_credits(connection: Connection, files: Mapping[int, Tags]) -> None:
    artists = [
        {"file_id": file_id, "role": role, "position": position, "key": key, "name": name}
        for file_id, tags in files.items()
        for role, names in ((ARTIST, tags.artists), (ALBUM_ARTIST, tags.album_artists), (COMPOSER, tags.composers))
        for position, (key, name) in enumerate(_by_key(filter(names_artist, names), artist_key).items())
    ]
    genres = [
        {"file_id": file_id, "position": position, "key": key, "name": name}
        for file_id, tags in files.items()
        for position, (key, name) in enumerate(_by_key(tags.genres, genre_key).items())
    ]
    several: tuple[tuple[list[dict[str, Any]], Table, Table], ...] = (
        (artists, artist, file_artist),
        (genres, genre, file_genre),
    )
    for rows, table, links in several:
        ids = _ids_of_keys(connection, table, {row["key"]: row["name"] for row in reversed(rows)})
        for row in rows:
            row[f"{table.name}_id"] = ids[row.pop("key")]
        if rows:
            connection.execute(insert(links), rows)


def _by_key(names: Iterable[str], key_of: Callable[[str], str]) -> dict[str, str]:
    """Names by their keys, each key once; the key of a name without letters is the name itself."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault((key_of(name) or name.casefold())[:_MAX_KEY], name)
    return found


def _ids_of_keys(connection: Connection, table: Table, names: Mapping[str, str]) -> dict[str, int]:
    """The ids of some keys; new ones are added with these names."""

    def find() -> dict[str, int]:
        found: dict[str, int] = {}
        for keys in in_chunks(names):
            query = select(table.c.key, table.c.id).where(table.c.key.in_(keys))
            found.update((key, number) for key, number in connection.execute(query))
        return found

    ids = find()
    if new := [{"key": key, "name": without_guests(name)} for key, name in names.items() if key not in ids]:
        insert_missing(connection, table, ["key"], new)
        ids = find()
    return ids


def _carry_albums(connection: Connection, ids: Iterable[int]) -> None:
    """Assign new files to the album of the file that they replace, so that its id follows its files; see link_albums.

    That is a file of the same recording, or another recording at the same path.
    """
    same = or_(other_file.c.recording_id == file.c.recording_id, other_file.c.path == file.c.path)
    before = (
        select(other_file.c.album_id)
        .where(same, other_file.c.id != file.c.id, other_file.c.album_id.is_not(None))
        .order_by(other_file.c.id)
        .limit(1)
        .correlate(file)
        .scalar_subquery()
    )
    for chunk in in_chunks(ids):
        selected = file.c.id.in_(chunk)
        new = selected & file.c.album_id.is_(None) & file.c.title_key.is_not(None)
        connection.execute(update(file).where(new).values(album_id=before))
        without = selected & file.c.album_id.is_not(None) & file.c.title_key.is_(None)
        connection.execute(update(file).where(without).values(album_id=None))


def choose_names(connection: Connection) -> None:
    """Give each artist and genre the most frequent spelling of its name; of equally frequent ones it keeps its own."""
    of_artist, of_genre = file_artist.c.artist_id, file_genre.c.genre_id
    for table, links, column in ((artist, file_artist, of_artist), (genre, file_genre, of_genre)):
        others = select(table.c.id, table.c.name).join(links, column == table.c.id)
        names = {row.id: row.name for row in connection.execute(others.where(links.c.name != table.c.name).distinct())}
        changed = []
        for ids in in_chunks(names):
            files: defaultdict[int, Counter[str]] = defaultdict(Counter)
            query = select(column, links.c.name, func.count()).where(column.in_(ids)).group_by(column, links.c.name)
            for number, name, n in connection.execute(query):
                files[number][without_guests(name)] += n
            for number, spellings in files.items():
                best = min(spellings, key=lambda name: (-spellings[name], name != names[number], name))
                if best != names[number]:
                    changed.append({"number": number, "new": best})
        if changed:
            change = update(table).where(table.c.id == bindparam("number")).values(name=bindparam("new"))
            connection.execute(change, changed)
