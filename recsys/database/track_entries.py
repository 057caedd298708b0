"""What players show of tracks besides the tracks themselves. Each function uses the connection of its caller."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select

from recsys.database.credit_tables import COMPOSER, artist, file_artist
from recsys.database.id_sets import ids_value, is_among_given
from recsys.database.listener_tables import ALBUMS, ARTISTS, TRACKS, Rated, play_count
from recsys.database.tables import file, recording
from recsys.domain.arrays import in_chunks
from recsys.domain.entries import NO_TASTE, Taste
from recsys.domain.listeners import iso_time


class FileFacts(NamedTuple):
    """The properties of the file of a track, as of :class:`~recsys.domain.entries.TrackEntry`."""

    size: int
    codec: str
    sample_rate: int
    channels: int
    isrc: str | None
    track_gain: float | None
    track_peak: float | None
    album_gain: float | None
    album_peak: float | None
    musicbrainz_album: str | None
    musicbrainz_artist: str | None


@cache  # statements that are built once take half the time
def _facts_query(dialect: str) -> Select[*tuple[Any, ...]]:
    query = select(
        recording.c.id, file.c.size, recording.c.codec, recording.c.sample_rate, recording.c.channels, file.c.isrc,
        file.c.track_gain, file.c.track_peak, file.c.album_gain, file.c.album_peak, file.c.musicbrainz_album,
        file.c.musicbrainz_artist,
    ).join(file, (file.c.recording_id == recording.c.id) & file.c.is_primary)  # fmt: skip
    return query.where(is_among_given(recording.c.id, dialect))


@cache
def _composers_query(dialect: str) -> Select[*tuple[Any, ...]]:
    return (
        select(file.c.recording_id, artist.c.id, artist.c.name)
        .join(file_artist, (file_artist.c.file_id == file.c.id) & (file_artist.c.role == COMPOSER))
        .join(artist, artist.c.id == file_artist.c.artist_id)
        .where(file.c.is_primary, is_among_given(file.c.recording_id, dialect))
        .order_by(file_artist.c.file_id, file_artist.c.position)
    )


def read_facts(connection: Connection, ids: Sequence[int]) -> dict[int, FileFacts]:
    """The properties of the files of tracks."""
    rows = _rows(connection, _facts_query(connection.dialect.name), ids)
    return {row[0]: FileFacts._make(row[1:]) for row in rows}


def read_composers(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Id and name of the composers of tracks; tracks without any are left out."""
    found: dict[int, list[tuple[int, str]]] = {}
    for track_id, artist_id, name in _rows(connection, _composers_query(connection.dialect.name), ids):
        found.setdefault(track_id, []).append((artist_id, name))
    return found


def _rows(connection: Connection, query: Select[*tuple[Any, ...]], ids: Sequence[int]) -> Iterator[Any]:
    """The rows of a statement of the parameter ``ids``."""
    for chunk in in_chunks(ids):
        yield from connection.execute(query, {"ids": ids_value(connection, chunk)}).all()


class _TasteQueries(NamedTuple):
    """The statements that read tastes, of the parameters ``listener`` and ``ids``; plays are of tracks alone."""

    likes: Select[*tuple[Any, ...]]
    stars: Select[*tuple[Any, ...]]
    plays: Select[*tuple[Any, ...]] | None


@cache
def _taste_queries(key: str, dialect: str) -> _TasteQueries:
    """The statements for what is rated, by the name of its column; kept, as every page of a list needs them."""
    rated = next(each for each in (TRACKS, ALBUMS, ARTISTS) if each.key == key)
    likes, stars, counts = rated.likes.c, rated.stars.c, play_count.c

    def of_listener(table: Any, *columns: Any) -> Any:
        mine = table.listener_id == bindparam("listener")
        return select(table[key], *columns).where(mine, is_among_given(table[key], dialect))

    return _TasteQueries(
        of_listener(likes, likes.rated_at).where(likes.value > 0),
        of_listener(stars, stars.stars),
        of_listener(counts, counts.plays, counts.last_played_ms) if rated is TRACKS else None,
    )


def read_tastes(connection: Connection, listener: int, ids: Sequence[int], rated: Rated = TRACKS) -> dict[int, Taste]:
    """What a listener has stored of tracks, or of albums or artists, which have no plays; others are left out."""
    queries = _taste_queries(rated.key, connection.dialect.name)
    given = {"listener": listener, "ids": ids_value(connection, ids)}
    found = {i: Taste(liked_at=at) for i, at in connection.execute(queries.likes, given)}
    for i, stars in connection.execute(queries.stars, given):
        found[i] = found.get(i, NO_TASTE)._replace(stars=stars)
    if queries.plays is not None:
        for i, n, last in connection.execute(queries.plays, given):
            at = None if last is None else iso_time(last)
            found[i] = found.get(i, NO_TASTE)._replace(plays=n, last_played_at=at)
    return found


def joined(tastes: Sequence[Taste]) -> Taste:
    """What holds for all copies of a performance: the last like, the most stars, and the plays of all."""
    return Taste(
        max((each.liked_at for each in tastes if each.liked_at), default=None),
        max((each.stars for each in tastes if each.stars), default=None),
        sum(each.plays for each in tastes),
        max((each.last_played_at for each in tastes if each.last_played_at), default=None),
    )


def liked_ids(connection: Connection, listener: int, rated: Rated) -> list[int]:
    """What a listener likes, the last one first."""
    likes = rated.likes.c
    query = select(likes[rated.key]).where(likes.listener_id == listener, likes.value > 0)
    return list(connection.execute(query.order_by(likes.rated_at.desc(), likes[rated.key])).scalars())


def starred_ids(connection: Connection, listener: int, rated: Rated) -> list[int]:
    """What has stars of a listener, the most first, and of equally many the last one first."""
    stars = rated.stars.c
    query = select(stars[rated.key]).where(stars.listener_id == listener)
    return list(
        connection.execute(query.order_by(stars.stars.desc(), stars.rated_at.desc(), stars[rated.key])).scalars()
    )


def played(connection: Connection, listener: int) -> list[tuple[int, int, int]]:
    """Every track that a listener has played, with its plays and the time of the last one in milliseconds, or 0."""
    count = play_count.c
    query = select(count.recording_id, count.plays, count.last_played_ms)
    rows = connection.execute(query.where(count.listener_id == listener, count.plays > 0))
    return [(i, plays, last or 0) for i, plays, last in rows]
