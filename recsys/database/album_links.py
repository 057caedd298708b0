"""Assign files to albums. Works inside the transaction of its caller.

Which files are one album depends on other files of its title (:mod:`recsys.metadata.albums`), so that an ingest first
stores its files, and then links the titles that they have. An album is found again by its key. If none of its files has
that key any more, because their folder was moved or a tagger added an album artist, it keeps its id and has the new key
of most of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, album, album_artist, artist, file_artist, unlinked_title
from recsys.database.inserts import insert_missing
from recsys.database.tables import file, other_file
from recsys.domain.arrays import in_chunks
from recsys.metadata.albums import AlbumFile, AlbumGroup, album_title_key, group_albums, split_disc
from recsys.metadata.names import VARIOUS_ARTISTS, artist_key

_TITLES = 500  # that are linked in one transaction
_NEW = 0  # instead of the id of an album that is not stored yet


class _Stored(NamedTuple):
    """An album as it is stored."""

    id: int
    key: str
    title: str
    title_key: str
    various: bool
    year: int | None
    release: str | None


def link_titles(connection: Connection, titles: Collection[str], *, complete: bool = False) -> None:
    """Link the files of these titles to their albums.

    While an ingest stores files, an album whose files have another key than before is left until it is ``complete``:
    more of its files may follow.
    """
    known = _with_connected(connection, titles)
    for chunk in in_chunks(known):  # first: a title that another process adds from now on is not lost
        connection.execute(delete(unlinked_title).where(unlinked_title.c.title_key.in_(chunk)))
    files, albums_of = _files(connection, known)
    found = group_albums(files)
    stored = _find(connection, {group.key for group in found}, set(albums_of.values()))
    chosen = _choose_ids(connection, found, albums_of, stored, complete=complete)
    groups = [group for group, album_id in zip(found, chosen, strict=True) if album_id is not None]
    ids = _store_albums(connection, groups, [album_id for album_id in chosen if album_id is not None], stored)
    _store_artists(connection, groups, ids)
    changed = [
        {"number": each.id, "new": album_id}
        for group, album_id in zip(groups, ids, strict=True)
        for each in group.files
        if albums_of.get(each.id) != album_id
    ]
    if changed:
        change = update(file).where(file.c.id == bindparam("number")).values(album_id=bindparam("new"))
        connection.execute(change, changed)
    left = [group for group, album_id in zip(found, chosen, strict=True) if album_id is None]
    left_titles = {album_title_key(each.title) for group in left for each in group.files}
    insert_missing(connection, unlinked_title, ["title_key"], [{"title_key": title} for title in left_titles])


def has_unlinked(connection: Connection) -> bool:
    """Whether titles are left by :func:`link_titles`."""
    return connection.execute(select(unlinked_title.c.title_key).limit(1)).first() is not None


def link_remaining(connection: Connection) -> int:
    """Link the files of some of the titles that are left; return how many titles there were, 0 when none is left."""
    query = select(unlinked_title.c.title_key).order_by(unlinked_title.c.title_key).limit(_TITLES)
    titles = connection.execute(query).scalars().all()
    if titles:
        link_titles(connection, titles, complete=True)
    return len(titles)


def _with_connected(connection: Connection, titles: Collection[str]) -> set[str]:
    """The titles, and other titles of files that were of one album with theirs."""
    known: set[str] = set()
    new = set(titles)
    while new:
        known |= new
        found: set[str] = set()
        for chunk in in_chunks(new):
            query = (
                select(other_file.c.title_key)
                .join(file, file.c.album_id == other_file.c.album_id)
                .where(file.c.title_key.in_(chunk), other_file.c.title_key.is_not(None))
                .distinct()
            )
            found.update(key for key in connection.execute(query).scalars() if key is not None)
        new = found - known
    return known


def _files(connection: Connection, titles: Iterable[str]) -> tuple[list[AlbumFile], dict[int, int]]:
    """The files of these titles, and the albums to which files are assigned now."""
    files: list[AlbumFile] = []
    albums_of: dict[int, int] = {}
    columns = (
        file.c.id,
        file.c.path,
        file.c.album,
        file.c.album_artist,
        file.c.musicbrainz_album,
        file.c.compilation,
        file.c.disc_number,
        file.c.track_number,
        file.c.year,
        file.c.album_id,
    )
    for chunk in in_chunks(titles):
        of_titles = file.c.title_key.in_(chunk)
        keys: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        links = (
            select(file_artist.c.file_id, file_artist.c.role, artist.c.key)
            .join(file, file.c.id == file_artist.c.file_id)
            .join(artist, artist.c.id == file_artist.c.artist_id)
            .where(of_titles, file_artist.c.role.in_([ARTIST, ALBUM_ARTIST]))
            .order_by(file_artist.c.file_id, file_artist.c.role, file_artist.c.position)
        )
        for file_id, role, key in connection.execute(links):
            keys[file_id, role].append(key)
        for row in connection.execute(select(*columns).where(of_titles)):
            album_artists = tuple(keys.get((row.id, ALBUM_ARTIST), ()))
            various = not album_artists and bool(row.album_artist) and artist_key(row.album_artist) in VARIOUS_ARTISTS
            files.append(
                AlbumFile(
                    row.id,
                    row.path,
                    row.album,
                    row.musicbrainz_album,
                    album_artists,
                    various,
                    tuple(keys.get((row.id, ARTIST), ())),
                    row.compilation,
                    row.disc_number,
                    row.track_number,
                    row.year,
                )
            )
            if row.album_id is not None:
                albums_of[row.id] = row.album_id
    return files, albums_of


def _store_albums(
    connection: Connection, groups: Sequence[AlbumGroup], chosen: Sequence[int], stored: Mapping[int, "_Stored"]
) -> list[int]:
    """Add or update the albums of these groups; return their ids."""
    by_key = {each.key: each.id for each in stored.values()}
    for group, album_id in zip(groups, chosen, strict=True):
        holder = by_key.get(group.key)
        if holder is not None and holder != album_id:  # an album without files, whose key another one has now
            connection.execute(update(album).where(album.c.id == holder).values(key=f"retired {holder}"))
    rows = [{"key": group.key, **_values(group)} for group in groups]
    new = [row for row, album_id in zip(rows, chosen, strict=True) if album_id == _NEW]
    insert_missing(connection, album, ["key"], new)
    changed = [
        {"number": album_id, **{f"new_{name}": value for name, value in row.items()}}
        for row, album_id in zip(rows, chosen, strict=True)
        if album_id != _NEW and {"id": album_id, **row} != stored[album_id]._asdict()
    ]
    if changed:
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _Stored._fields if name != "id"}
        connection.execute(update(album).where(album.c.id == bindparam("number")).values(**columns), changed)
    added = {each.key: each.id for each in _find(connection, {row["key"] for row in new}, ()).values()}
    return [added[row["key"]] if album_id == _NEW else album_id for row, album_id in zip(rows, chosen, strict=True)]


def _find(connection: Connection, keys: Collection[str], ids: Collection[int]) -> dict[int, _Stored]:
    columns = [album.c[name] for name in _Stored._fields]
    found: dict[int, _Stored] = {}
    for column, values in ((album.c.key, keys), (album.c.id, ids)):
        for chunk in in_chunks(values):
            rows = connection.execute(select(*columns).where(column.in_(chunk)))
            found.update((row.id, _Stored(*row)) for row in rows)
    return found


def _choose_ids(
    connection: Connection,
    groups: Sequence[AlbumGroup],
    albums_of: Mapping[int, int],
    stored: Mapping[int, _Stored],
    *,
    complete: bool,
) -> list[int | None]:
    """The album of each group: the one with its key, else one whose key has no files any more, else a new one.

    Unless ``complete``, the second kind is None.
    """
    by_key = {each.key: each.id for each in stored.values()}
    used: set[int] = set()
    for chunk in in_chunks(by_key.values()):
        query = select(file.c.album_id).where(file.c.album_id.in_(chunk)).distinct()
        used.update(number for number in connection.execute(query).scalars() if number is not None)
    chosen: list[int | None] = [by_key[group.key] if by_key.get(group.key) in used else None for group in groups]
    votes = [Counter(albums_of[each.id] for each in group.files if each.id in albums_of) for group in groups]
    open_groups = [i for i, album_id in enumerate(chosen) if album_id is None and (complete or not votes[i])]
    taken = set(chosen)
    ranked = sorted((-n, album_id, i) for i in open_groups for album_id, n in votes[i].items())
    for _, album_id, i in ranked:
        if chosen[i] is None and album_id not in taken:
            chosen[i] = album_id
            taken.add(album_id)
    for i in open_groups:
        if chosen[i] is None:
            without_files = by_key.get(groups[i].key, _NEW)
            chosen[i] = _NEW if without_files in taken else without_files
    return chosen


def _values(group: AlbumGroup) -> dict[str, Any]:
    """The columns of an album other than its key."""
    title = _most_frequent(split_disc(each.title)[0] for each in group.files)
    return {
        "title": title,
        "title_key": album_title_key(title),
        "various": not _artists(group) and any(each.various or each.artists for each in group.files),
        "year": _most_frequent(each.year for each in group.files),
        "release": _most_frequent(each.release for each in group.files),
    }


def _most_frequent(values: Iterable[Any]) -> Any:
    """The most frequent value that is not None; of equally frequent ones the first."""
    counts = Counter(value for value in values if value is not None)
    return max(counts, key=counts.__getitem__, default=None)


def _artists(group: AlbumGroup) -> tuple[str, ...]:
    """The keys of the album artists, else of the artists of most files; empty for various artists."""
    named = _most_frequent(each.album_artists or None for each in group.files)
    if named or any(each.various for each in group.files):
        return named or ()
    counts = Counter(key for each in group.files for key in each.artists)
    return tuple(key for key, n in counts.items() if 2 * n > len(group.files))


def _store_artists(connection: Connection, groups: Sequence[AlbumGroup], ids: Sequence[int]) -> None:
    """Replace the artists of albums where they differ."""
    by_key: dict[str, int] = {}
    for chunk in in_chunks({key for group in groups for key in _artists(group)}):
        query = select(artist.c.key, artist.c.id).where(artist.c.key.in_(chunk))
        by_key.update((key, number) for key, number in connection.execute(query))
    wanted = {album_id: [by_key[key] for key in _artists(group)] for group, album_id in zip(groups, ids, strict=True)}
    before: defaultdict[int, list[int]] = defaultdict(list)
    for numbers in in_chunks(ids):
        selected = select(album_artist.c.album_id, album_artist.c.artist_id).where(album_artist.c.album_id.in_(numbers))
        for album_id, artist_id in connection.execute(
            selected.order_by(album_artist.c.album_id, album_artist.c.position)
        ):
            before[album_id].append(artist_id)
    changed = [album_id for album_id, artists in wanted.items() if artists != before.get(album_id, [])]
    for numbers in in_chunks(changed):
        connection.execute(delete(album_artist).where(album_artist.c.album_id.in_(numbers)))
    rows = [
        {"album_id": album_id, "position": position, "artist_id": artist_id}
        for album_id in changed
        for position, artist_id in enumerate(wanted[album_id])
    ]
    if rows:
        connection.execute(insert(album_artist), rows)
