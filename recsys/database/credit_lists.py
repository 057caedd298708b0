"""The artists, albums and genres of a library, and one of them by a reference."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, select, true

from recsys.database.credit_tables import (
    ALBUM_ARTIST,
    ARTIST,
    album,
    album_artist,
    artist,
    file_artist,
    file_genre,
    genre,
)
from recsys.database.id_queries import PRESENT, is_by_artist
from recsys.database.tables import file
from recsys.domain.arrays import in_chunks
from recsys.domain.credits import Album, Artist, Genre
from recsys.errors import AmbiguousTrack, Hint, NotFound, pluralise
from recsys.metadata.albums import album_title_key
from recsys.metadata.names import VARIOUS_ARTISTS, artist_key, names_artist
from recsys.metadata.text import fold

_MAX_ID = 1 << 31
_MAX_DIGITS = 20  # of an id; Python converts no number of thousands
_MAX_IDS = 500  # albums that are read; more make no difference
_UUID = re.compile(r"\s*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*", re.IGNORECASE)
_YEAR = re.compile(r"^(.+?)\s*\((\d{4})\)\s*$")
_EXISTS = file.c.missing_since.is_(None)  # of a recording in several files, all count
_TAKES_PART = file_artist.c.role.in_([ARTIST, ALBUM_ARTIST])


def list_artists(connection: Connection, ids: Sequence[int] | None = None) -> list[Artist]:
    """Artists with present tracks, by name; all, or some."""
    tracks = (
        select(file_artist.c.artist_id, func.count(file.c.recording_id.distinct()).label("n"))
        .join(file, file.c.id == file_artist.c.file_id)
        .where(_EXISTS, _TAKES_PART)
        .group_by(file_artist.c.artist_id)
    )
    albums = (
        select(album_artist.c.artist_id, func.count(album_artist.c.album_id.distinct()).label("n"))
        .join(file, file.c.album_id == album_artist.c.album_id)
        .where(_EXISTS)
        .group_by(album_artist.c.artist_id)
    )
    if ids is not None:
        tracks = tracks.where(file_artist.c.artist_id.in_(ids))
        albums = albums.where(album_artist.c.artist_id.in_(ids))
    n_albums = {row.artist_id: row.n for row in connection.execute(albums)}
    counted = tracks.subquery()
    query = select(artist.c.id, artist.c.name, counted.c.n).join(counted, counted.c.artist_id == artist.c.id)
    found = [Artist(number, name, n, n_albums.get(number, 0)) for number, name, n in connection.execute(query)]
    return sorted(found, key=lambda each: (artist_key(each.name), each.id))


def list_genres(connection: Connection) -> list[Genre]:
    """Genres of the tags of present tracks, the most frequent first."""
    n = func.count(file.c.recording_id.distinct()).label("n")
    query = (
        select(genre.c.id, genre.c.name, n)
        .join(file_genre, file_genre.c.genre_id == genre.c.id)
        .join(file, file.c.id == file_genre.c.file_id)
        .where(PRESENT)
        .group_by(genre.c.id, genre.c.name)
        .order_by(n.desc(), genre.c.name)
    )
    return [Genre(*row) for row in connection.execute(query)]


def list_albums(connection: Connection, ids: Sequence[int] | None = None) -> list[Album]:
    """Albums with present tracks, by artist, year and title; all, or some."""
    discs = func.count(func.coalesce(file.c.disc_number, 1).distinct())
    counts = (
        select(file.c.album_id, func.count(file.c.recording_id.distinct()), discs)
        .where(_EXISTS, file.c.album_id.is_not(None))
        .group_by(file.c.album_id)
    )
    rows = select(album.c.id, album.c.title, album.c.various, album.c.year, album.c.release)
    links = (
        select(album_artist.c.album_id, artist.c.id, artist.c.name)
        .join(artist, artist.c.id == album_artist.c.artist_id)
        .order_by(album_artist.c.album_id, album_artist.c.position)
    )
    if ids is not None:
        counts, rows = counts.where(file.c.album_id.in_(ids)), rows.where(album.c.id.in_(ids))
        links = links.where(album_artist.c.album_id.in_(ids))
    artists: dict[int, list[tuple[int, str]]] = {}
    for album_id, artist_id, name in connection.execute(links):
        artists.setdefault(album_id, []).append((artist_id, name))
    counted = {album_id: (tracks, n_discs) for album_id, tracks, n_discs in connection.execute(counts)}
    found = [
        Album(
            row.id,
            row.title,
            tuple(name for _, name in artists.get(row.id, ())),
            tuple(artist_id for artist_id, _ in artists.get(row.id, ())),
            row.various,
            row.year,
            *counted[row.id],
            row.release,
        )
        for row in connection.execute(rows)
        if row.id in counted
    ]
    return sorted(found, key=lambda each: (artist_key(each.artist or ""), each.year or 0, fold(each.title), each.id))


def find_artist(connection: Connection, reference: str | int) -> Artist:
    """The artist with this name, MusicBrainz artist or id, who has present tracks.

    Raises
    ------
    NotFound
        There is none.
    """
    for query in _artist_queries(reference):
        ids = connection.execute(query).scalars().all()
        if ids and (found := list_artists(connection, ids)):
            return max(found, key=lambda each: each.n_tracks)
    raise NotFound(f"no artist has the name {reference!r}", hint=Hint.SEARCH_TRACKS)


def _artist_queries(reference: str | int) -> Iterable[Select[int]]:
    """Queries of the ids that match, in their order of precedence."""
    name = str(reference)
    if isinstance(reference, str):
        if _UUID.fullmatch(name):
            first = and_(file_artist.c.role == ARTIST, file_artist.c.position == 0)
            of_file = select(file_artist.c.artist_id).join(file, file.c.id == file_artist.c.file_id).distinct()
            yield of_file.where(first, file.c.musicbrainz_artist == name.strip().lower())
        if names_artist(name):
            yield select(artist.c.id).where(artist.c.key == artist_key(name))
    if name.strip().isdecimal() and len(name) < _MAX_DIGITS and int(name) < _MAX_ID:
        yield select(artist.c.id).where(artist.c.id == int(name))


def find_album(connection: Connection, reference: str | int) -> Album:
    """The album with this title, "artist - title", MusicBrainz release or id, that has present tracks.

    A year in brackets after the title chooses among several.

    Raises
    ------
    NotFound
        There is none.
    AmbiguousTrack
        There are several.
    """
    for ids in _album_rules(connection, reference):
        found = list_albums(connection, ids) if ids else []
        if len(found) == 1:
            return found[0]
        if found:
            lines = [f"{each.id}  {each}, {pluralise(each.n_tracks, 'track')}" for each in found]
            albums = pluralise(len(found), "album has", "albums have")
            raise AmbiguousTrack(f"{albums} the name {reference!r}; give the artist too, the year or the id", lines)
    raise NotFound(f"no album has the name {reference!r}", hint=Hint.SEARCH_TRACKS)


def _album_rules(connection: Connection, reference: str | int) -> Iterable[list[int]]:
    """The ids found by each rule, in their order of precedence."""
    name = str(reference)
    if isinstance(reference, str):
        if _UUID.fullmatch(name):
            yield _ids(connection, select(album.c.id).where(album.c.release == name.strip().lower()))
        dated = _YEAR.match(name)
        for title, year in ((name, None), *([(dated[1], int(dated[2]))] if dated else ())):
            of_year = album.c.year == year if year else true()
            yield _ids(connection, select(album.c.id).where(_has_title(title), of_year))
            parts = title.split(" - ")
            for i in range(1, len(parts)):
                by, rest = " - ".join(parts[:i]), " - ".join(parts[i:])
                yield _ids(connection, select(album.c.id).where(_has_title(rest), _is_by(by), of_year))
    if name.strip().isdecimal() and len(name) < _MAX_DIGITS and int(name) < _MAX_ID:
        yield [int(name)]


def _has_title(title: str) -> ColumnElement[bool]:
    key = album_title_key(title)
    return false() if key is None else album.c.title_key == key


def _is_by(name: str) -> ColumnElement[bool]:
    if artist_key(name) in VARIOUS_ARTISTS:
        return album.c.various == true()
    by = select(album_artist.c.album_id).join(artist, artist.c.id == album_artist.c.artist_id)
    return album.c.id.in_(by.where(artist.c.key == artist_key(name)))


def _ids(connection: Connection, query: Select[int]) -> list[int]:
    return list(connection.execute(query.limit(_MAX_IDS)).scalars())


def artist_track_ids(connection: Connection, artist_id: int) -> list[int]:
    """Ids of present tracks in which an artist takes part, or that are on an album of the artist, ascending."""
    query = select(file.c.recording_id).where(PRESENT, is_by_artist(file.c.recording_id, artist_id))
    return list(connection.execute(query.order_by(file.c.recording_id)).scalars())


def album_track_ids(connection: Connection, album_id: int) -> list[int]:
    """Ids of the present tracks of an album, by disc and number."""
    order = (func.coalesce(file.c.disc_number, 0), func.coalesce(file.c.track_number, 0), file.c.path)
    query = select(file.c.recording_id).where(_EXISTS, file.c.album_id == album_id).order_by(*order)
    return list(dict.fromkeys(connection.execute(query).scalars()))


def tracks_of_albums(connection: Connection, album_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the present tracks of each of these albums, ascending."""
    found: dict[int, list[int]] = {i: [] for i in album_ids}
    for chunk in in_chunks(found):
        query = select(file.c.album_id, file.c.recording_id).where(_EXISTS, file.c.album_id.in_(chunk)).distinct()
        for album_id, recording_id in connection.execute(query.order_by(file.c.recording_id)):
            found[album_id or 0].append(recording_id)
    return found


def tracks_of_artists(connection: Connection, artist_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the present tracks of each of these artists, ascending; see :func:`artist_track_ids`."""
    found: dict[int, list[int]] = {i: [] for i in artist_ids}
    links = select(file_artist.c.artist_id, file.c.recording_id).join(file, file.c.id == file_artist.c.file_id)
    for chunk in in_chunks(found):
        query = links.where(_EXISTS, _TAKES_PART, file_artist.c.artist_id.in_(chunk)).distinct()
        for artist_id, recording_id in connection.execute(query.order_by(file.c.recording_id)):
            found[artist_id].append(recording_id)
    return found


def set_links(connection: Connection, kind: str) -> list[tuple[int, int]]:
    """Each present track with each of its artists (``kind`` "artist") or with its albums ("album"), as ids.

    Artists of an album alone have no part: a track of a compilation belongs to its own artists.
    """
    query = select(file.c.recording_id, file.c.album_id).where(_EXISTS, file.c.album_id.is_not(None))
    if kind == "artist":
        links = select(file.c.recording_id, file_artist.c.artist_id).where(_EXISTS, file_artist.c.role == ARTIST)
        query = links.join(file_artist, file_artist.c.file_id == file.c.id)
    return [(track, number) for track, number in connection.execute(query.distinct()) if number is not None]
