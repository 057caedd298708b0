"""What the statistics of a library are computed from: one row for each present track, and counts of the listeners."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, select

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_lists import set_links
from recsys.database.credit_tables import file_genre, genre
from recsys.database.id_queries import PRESENT
from recsys.database.listener_tables import listener, play_count, track_like
from recsys.database.tables import analysis, file, prediction, recording
from recsys.domain.statistics import ListenerStatistics


class StatisticsSource(NamedTuple):
    """The rows of the present tracks, their links to artists, albums and genres of the tags, listeners and plays."""

    tracks: list[Row[Any]]
    artists: list[tuple[int, int]]
    albums: list[tuple[int, int]]
    tagged_genres: list[tuple[int, str]]
    listeners: list[ListenerStatistics]
    plays: list[tuple[int, int]]


def read_statistics(connection: Connection, answers: AnsweringVersions) -> StatisticsSource:
    """Read everything, in one query for each field."""
    return StatisticsSource(
        track_rows(connection, answers),
        set_links(connection, "artist"),
        set_links(connection, "album"),
        tagged_genre_links(connection),
        listener_statistics(connection),
        play_counts(connection),
    )


def track_rows(connection: Connection, answers: AnsweringVersions) -> list[Row[Any]]:
    """The columns of each present track that are counted."""
    columns = (
        recording.c.id, recording.c.duration, recording.c.codec, recording.c.bit_rate, recording.c.added_at,
        file.c.size,
        file.c.year, file.c.title, file.c.artist, file.c.album, file.c.genre.label("tagged"), prediction.c.genre,
        analysis.c.bpm, analysis.c.tonic, analysis.c.mode,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(file, and_(file.c.recording_id == recording.c.id, PRESENT))
        .outerjoin(prediction, prediction.c.recording_id == recording.c.id)
        .outerjoin(analysis, answers.of(analysis))
    )
    return list(connection.execute(query.order_by(recording.c.id)))


def tagged_genre_links(connection: Connection) -> list[tuple[int, str]]:
    """Each present track with each genre of its tags."""
    query = (
        select(file.c.recording_id, genre.c.name)
        .join(file_genre, file_genre.c.file_id == file.c.id)
        .join(genre, genre.c.id == file_genre.c.genre_id)
    )
    return [(track, name) for track, name in connection.execute(query.where(PRESENT))]


def listener_statistics(connection: Connection) -> list[ListenerStatistics]:
    """Likes, dislikes and plays of each listener, by name."""
    likes = {
        (owner, value): n
        for owner, value, n in connection.execute(
            select(track_like.c.listener_id, track_like.c.value, func.count()).group_by(
                track_like.c.listener_id, track_like.c.value
            )
        )
    }
    n = func.sum(play_count.c.plays)
    sums = connection.execute(select(play_count.c.listener_id, n).group_by(play_count.c.listener_id))
    plays = {owner: int(total or 0) for owner, total in sums}
    owners = connection.execute(select(listener.c.id, listener.c.name)).all()
    found = [
        ListenerStatistics(name, likes.get((i, 1), 0), likes.get((i, -1), 0), plays.get(i, 0)) for i, name in owners
    ]
    return sorted(found, key=lambda each: each.name)


def play_counts(connection: Connection) -> list[tuple[int, int]]:
    """The plays of each track by all listeners, most first."""
    n = func.sum(play_count.c.plays)
    query = select(play_count.c.recording_id, n).group_by(play_count.c.recording_id).having(n > 0)
    ordered = query.order_by(n.desc(), play_count.c.recording_id)
    return [(track, int(plays)) for track, plays in connection.execute(ordered)]
