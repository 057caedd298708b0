"""Read all tracks, albums, artists and genres as players browse them; with the connection of the caller."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

import numpy as np
from sqlalchemy import Connection, exists, func, select

from recsys.database.browse_lists import BrowseLists, Names, Tracks, folded_name, make_lists
from recsys.database.credit_lists import list_albums
from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, artist, file_artist, file_genre, genre
from recsys.database.id_queries import PRESENT
from recsys.database.tables import file, prediction, recording
from recsys.domain.arrays import IdArray
from recsys.domain.credits import Album, Artist
from recsys.domain.entries import UNKNOWN_ARTIST_ID, VARIOUS_ARTISTS_ID, AlbumEntry, ArtistEntry, GenreEntry, Role
from recsys.domain.tracks import UNKNOWN
from recsys.metadata.names import genre_key
from recsys.metadata.sort_keys import sort_key

_EXISTS = file.c.missing_since.is_(None)  # of a recording in several files, all count
_NO_ARTISTS = {UNKNOWN_ARTIST_ID: "", VARIOUS_ARTISTS_ID: "Various Artists"}
_ROLES: tuple[Role, ...] = ("artist", "album_artist", "composer")


def read_lists(connection: Connection) -> BrowseLists:
    """Read everything."""
    tracks = _read_tracks(connection)
    genre_names, genre_tracks = _read_genres(connection)
    genres, album_genres = _count_genres(tracks, genre_names, genre_tracks)
    albums = {
        i: replace(entry, genres=album_genres.get(i, ())) for i, entry in _read_albums(connection, tracks).items()
    }
    artists = _read_artists(connection, tracks, albums)
    return make_lists(tracks, albums, artists, genres, genre_tracks, _read_names(connection))


def _read_tracks(connection: Connection) -> Tracks:
    query = select(file.c.recording_id, file.c.album_id, func.coalesce(file.c.year, 0))
    rows = connection.execute(query.where(PRESENT).order_by(file.c.recording_id)).all()
    owners = _read_owners(connection)
    albums = [-owners.get(i, UNKNOWN_ARTIST_ID) if album_id is None else album_id for i, album_id, _ in rows]
    ids, years = ([row[column] for row in rows] for column in (0, 2))
    return Tracks(*(np.array(values, np.int64) for values in (ids, albums, years)))


def _read_names(connection: Connection) -> Names:
    """Title, artists and album of all tracks; without a title, the name of the file."""
    columns = file.c.recording_id, file.c.title, file.c.path, file.c.artist, file.c.album_artist, file.c.album
    rows = connection.execute(select(*columns).where(PRESENT).order_by(file.c.recording_id)).all()
    names = [folded_name(title or PurePath(path).stem, *others) for _, title, path, *others in rows]
    return Names(names, [row[0] for row in rows])


def _read_owners(connection: Connection) -> dict[int, int]:
    """The artist under whom each track without an album is, where it has one."""
    first = (file_artist.c.file_id == file.c.id) & (file_artist.c.position == 0)
    query = select(file.c.recording_id, file_artist.c.artist_id).join(file_artist, first)
    query = query.where(PRESENT, file.c.album_id.is_(None))
    by_role = (query.where(file_artist.c.role == role) for role in (ARTIST, ALBUM_ARTIST))
    return {track: number for roles in by_role for track, number in connection.execute(roles)}


def _read_albums(connection: Connection, tracks: Tracks) -> dict[int, AlbumEntry]:
    on_album = select(file.c.album_id, file.c.recording_id).where(_EXISTS, file.c.album_id.is_not(None)).distinct()
    each = on_album.subquery()
    sums = (
        select(each.c.album_id, func.sum(recording.c.duration), func.min(recording.c.added_at))
        .join(recording, recording.c.id == each.c.recording_id)
        .group_by(each.c.album_id)
    )
    numbers = {i: (float(duration), str(added)) for i, duration, added in connection.execute(sums)}
    found = {album.id: AlbumEntry(album, *numbers[album.id]) for album in list_albums(connection)}
    return found | _loose_albums(connection, tracks)


def _loose_albums(connection: Connection, tracks: Tracks) -> dict[int, AlbumEntry]:
    """Albums for the tracks that have none."""
    owners = {
        int(i): int(n) for i, n in zip(*np.unique(tracks.albums[tracks.albums <= 0], return_counts=True), strict=True)
    }
    if not owners:
        return {}
    without = PRESENT, file.c.album_id.is_(None)
    rows = select(recording.c.id, recording.c.duration, recording.c.added_at)
    rows = rows.join(file, file.c.recording_id == recording.c.id).where(*without)
    album_of = dict(zip(tracks.ids.tolist(), tracks.albums.tolist(), strict=True))
    numbers: dict[int, tuple[float, str]] = {}
    for i, duration, added in connection.execute(rows):
        seconds, first = numbers.get(album_of[i], (0.0, added))
        numbers[album_of[i]] = seconds + duration, min(first, added)
    names = dict(connection.execute(select(artist.c.id, artist.c.name)).all())
    found = {}
    for i in sorted(owners, key=lambda i: sort_key(names.get(-i, ""))):
        name, artist_id = ((names[-i],), (-i,)) if i else ((), ())
        found[i] = AlbumEntry(Album(i, "", name, artist_id, n_tracks=owners[i]), *numbers[i])
    return found


def _read_genres(connection: Connection) -> tuple[dict[str, str], dict[str, IdArray]]:
    """The names of all genres and the ids of their tracks, by key."""
    tagged = select(file_genre.c.genre_id, file.c.recording_id).join(file, file.c.id == file_genre.c.file_id)
    without = ~exists().where(file_genre.c.file_id == file.c.id)
    predicted = select(prediction.c.genre, file.c.recording_id)
    predicted = predicted.join(file, file.c.recording_id == prediction.c.recording_id)
    predicted = predicted.where(PRESENT, without, prediction.c.genre != UNKNOWN)
    names: dict[str, str] = {}
    keys: dict[int, str] = {}
    for i, name in connection.execute(select(genre.c.id, genre.c.name)):
        keys[i] = genre_key(name)
        names[keys[i]] = name
    members: dict[str, list[int]] = {}
    for i, track in connection.execute(tagged.where(PRESENT)):
        members.setdefault(keys[i], []).append(track)
    for name, track in connection.execute(predicted):
        key = genre_key(name)
        names.setdefault(key, name)
        members.setdefault(key, []).append(track)
    tracks = {key: np.unique(np.array(ids, np.int64)) for key, ids in members.items()}
    return names, dict(sorted(tracks.items(), key=lambda item: (-len(item[1]), item[0])))


def _count_genres(
    tracks: Tracks, names: Mapping[str, str], genre_tracks: Mapping[str, IdArray]
) -> tuple[dict[str, GenreEntry], dict[int, tuple[str, ...]]]:
    """The genres, and the names of those of each album, the most frequent first."""
    genres: dict[str, GenreEntry] = {}
    of_albums: dict[int, list[tuple[int, str]]] = {}
    for key, ids in genre_tracks.items():
        albums, counts = np.unique(tracks.albums_of(ids), return_counts=True)
        genres[key] = GenreEntry(names[key], len(ids), len(albums))
        for album_id, n in zip(albums.tolist(), counts.tolist(), strict=True):
            of_albums.setdefault(album_id, []).append((-n, names[key]))
    return genres, {i: tuple(name for _, name in sorted(found)) for i, found in of_albums.items()}


def _read_artists(connection: Connection, tracks: Tracks, albums: Mapping[int, AlbumEntry]) -> dict[int, ArtistEntry]:
    own: dict[int, list[int]] = {}
    for i, entry in albums.items():
        owners = entry.album.artist_ids or (VARIOUS_ARTISTS_ID if entry.album.various else UNKNOWN_ARTIST_ID,)
        for owner in owners:
            own.setdefault(owner, []).append(i)
    takes_part, roles = _read_parts(connection, tracks)
    identifiers = _read_identifiers(connection)
    n_tracks = select(file_artist.c.artist_id, func.count(file.c.recording_id.distinct()))
    n_tracks = n_tracks.join(file, file.c.id == file_artist.c.file_id).where(_EXISTS).group_by(file_artist.c.artist_id)
    counts = dict(connection.execute(n_tracks).all())
    names = {i: name for i, name in connection.execute(select(artist.c.id, artist.c.name)) if i in counts}
    names |= {i: name for i, name in _NO_ARTISTS.items() if i in own}
    found = {}
    for i, (name, key) in sorted(_with_keys(names).items(), key=lambda item: (not item[1][0], item[1][1], item[0])):
        mine = dict.fromkeys(sorted(own.get(i, ()), key=lambda album: albums[album].album.year or 0))
        mine |= dict.fromkeys(album for album in sorted(takes_part.get(i, ())) if album in albums)
        n = counts.get(i) or sum(albums[album].album.n_tracks for album in mine)
        each = Artist(i, name, n, len(mine))
        of_artist = tuple(role for role in _ROLES if role in roles.get(i, ("album_artist",)))
        found[i] = ArtistEntry(each, tuple(mine), of_artist, _initial(key), identifiers.get(i))
    return found


def _with_keys(names: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    return {i: (name, sort_key(name)) for i, name in names.items()}


def _initial(key: str) -> str:
    first = key[:1]
    return first.upper() if first.upper() != first.lower() else "#"


def _read_parts(connection: Connection, tracks: Tracks) -> tuple[dict[int, set[int]], dict[int, set[str]]]:
    """The albums on which each artist is, and what each artist is."""
    links = select(file_artist.c.artist_id, file_artist.c.role, file.c.album_id)
    links = links.join(file, file.c.id == file_artist.c.file_id).where(_EXISTS).distinct()
    loose = select(file_artist.c.artist_id, file.c.recording_id).join(file, file.c.id == file_artist.c.file_id)
    loose = loose.where(PRESENT, file.c.album_id.is_(None))
    albums: dict[int, set[int]] = {}
    roles: dict[int, set[str]] = {}
    for i, role, album_id in connection.execute(links):
        roles.setdefault(i, set()).add(role)
        if album_id is not None:
            albums.setdefault(i, set()).add(album_id)
    album_of = dict(zip(tracks.ids.tolist(), tracks.albums.tolist(), strict=True))
    for i, track in connection.execute(loose):
        albums.setdefault(i, set()).add(album_of[track])
    return albums, roles


def _read_identifiers(connection: Connection) -> dict[int, str]:
    """The MusicBrainz artist that most files of an artist have."""
    n = func.count()
    query = (
        select(file_artist.c.artist_id, file.c.musicbrainz_artist, n)
        .join(file, file.c.id == file_artist.c.file_id)
        .where(file_artist.c.role == ARTIST, file_artist.c.position == 0, file.c.musicbrainz_artist.is_not(None))
        .group_by(file_artist.c.artist_id, file.c.musicbrainz_artist)
        .order_by(n)
    )
    return {i: identifier for i, identifier, _ in connection.execute(query) if identifier is not None}
