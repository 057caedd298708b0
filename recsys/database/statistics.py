"""What the statistics of a library consist of: the database counts the present tracks by each value."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, cast, func, literal_column, or_, select, true

from recsys.database.answering import AnsweringVersions
from recsys.database.credit_tables import ARTIST, file_artist, file_genre, genre
from recsys.database.id_queries import PRESENT
from recsys.database.listener_tables import listener, play_count, track_like
from recsys.database.tables import analysis, file, prediction, recording
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.statistics import ListenerStatistics

_BIT_RATES = (0, 64, 128, 192, 256, 320, 500)  # kbit/s: lower ends of ranges
_MONTH = 7  # characters of a date
_MODES = 2  # major, minor
_MOST = 10  # tracks among the most played
_TAGS = {"title": file.c.title, "artist": file.c.artist, "album": file.c.album, "genre": file.c.genre}


class TrackCounts(NamedTuple):
    """How many of some present tracks have each value; a value of None is not counted."""

    tracks: int
    duration: float
    size: int
    untagged: Counter[str]
    artists: int
    albums: int
    codecs: Counter[str]
    bit_rates: Counter[int]
    genres: Counter[str]
    tagged_genres: Counter[str]
    decades: Counter[int]
    keys: Counter[tuple[int, str]]
    tempi: Counter[int]
    months: Counter[str]
    most_played: list[tuple[int, int]]


def count_tracks(connection: Connection, answers: AnsweringVersions, ids: IdArray | None) -> TrackCounts:
    """Count the present tracks, or those among ``ids``."""
    parts = [_Part(connection, answers, chosen) for chosen in _selections(ids)]
    totals = [part.totals() for part in parts]
    kbit_rate = case(
        *((recording.c.bit_rate < 1000 * top, low) for low, top in pairwise(_BIT_RATES)), else_=_BIT_RATES[-1]
    )
    kbit_rate = case((recording.c.bit_rate.is_not(None), kbit_rate))
    decade = case((file.c.year >= 0, file.c.year // 10 * 10))
    month = func.substr(recording.c.added_at, 1, _MONTH)
    key = analysis.c.tonic * _MODES + case((analysis.c.mode == "minor", 1), else_=0)
    codecs, bit_rates, months = _total(
        3, (part.counts(recording, recording.c.codec, kbit_rate, month) for part in parts)
    )
    keys, tempi = _total(2, (part.counts(analysis, key, _tempo(connection)) for part in parts))
    [genres] = _total(1, (part.counts(prediction, prediction.c.genre) for part in parts))
    [tagged_genres] = _total(1, (part.counts(genre, genre.c.name) for part in parts))
    [decades] = _total(1, (part.counts(file, decade) for part in parts))
    most_played = sorted((each for part in parts for each in part.most_played()), key=lambda each: (-each[1], each[0]))
    return TrackCounts(
        tracks=sum(total.tracks for total in totals),
        duration=float(sum(total.duration or 0 for total in totals)),
        size=int(sum(total.size or 0 for total in totals)),
        untagged=Counter({name: int(sum(getattr(total, name) or 0 for total in totals)) for name in (*_TAGS, "year")}),
        artists=len(_union(part.numbers(_artists()) for part in parts)),
        albums=len(_union(part.numbers(select(file.c.album_id).where(file.c.album_id.is_not(None))) for part in parts)),
        codecs=codecs,
        bit_rates=bit_rates,
        genres=genres,
        tagged_genres=tagged_genres,
        decades=decades,
        keys=Counter({(number // _MODES, ("major", "minor")[number % _MODES]): n for number, n in keys.items()}),
        tempi=tempi,
        months=months,
        most_played=most_played[:_MOST],
    )


def _selections(ids: IdArray | None) -> Iterable[ColumnElement[bool]]:
    """Conditions of which each present track of ``ids`` meets exactly one."""
    if ids is None:
        return [true()]
    return [file.c.recording_id.in_(chunk) for chunk in in_chunks(ids.tolist())]


def _tempo(connection: Connection) -> ColumnElement[Any]:
    """The lower end of a range of ten BPM; None without a pulse."""
    tens = analysis.c.bpm / 10
    # A cast rounds on PostgreSQL and cuts off in SQLite, which need not have a function that rounds down.
    whole = cast(func.floor(tens) if connection.dialect.name == "postgresql" else tens, Integer)
    return case((analysis.c.bpm > 0, whole * 10))


def _artists() -> Select[Any]:
    links = file_artist.c.file_id == file.c.id
    return (
        select(file_artist.c.artist_id).select_from(file).join(file_artist, links).where(file_artist.c.role == ARTIST)
    )


def _total(n: int, parts: Iterable[list[Counter[Any]]]) -> list[Counter[Any]]:
    """The sums of ``n`` counts over all parts."""
    sums: list[Counter[Any]] = [Counter() for _ in range(n)]
    for part in parts:
        for total, counts in zip(sums, part, strict=True):
            total.update(counts)
    return sums


def _union(numbers: Iterable[set[int]]) -> set[int]:
    return set().union(*numbers)


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


class _Part(NamedTuple):
    """The present tracks that meet a condition."""

    connection: Connection
    answers: AnsweringVersions
    chosen: ColumnElement[bool]

    def totals(self) -> Any:
        """The row of the sums."""
        untagged = {name: or_(column.is_(None), column == "") for name, column in _TAGS.items()}
        untagged["year"] = or_(file.c.year.is_(None), file.c.year == 0)
        query = select(
            func.count().label("tracks"), func.sum(recording.c.duration).label("duration"),
            func.sum(file.c.size).label("size"),
            *(func.sum(case((without, 1), else_=0)).label(name) for name, without in untagged.items()),
        )  # fmt: skip
        joined = query.select_from(file).join(recording, recording.c.id == file.c.recording_id)
        return self.connection.execute(joined.where(PRESENT, self.chosen)).one()

    def numbers(self, query: Select[Any]) -> set[int]:
        """The different numbers that a query of files finds, in all copies of the tracks."""
        present = select(file.c.recording_id).where(PRESENT, self.chosen)
        chosen = query.where(file.c.missing_since.is_(None), file.c.recording_id.in_(present))
        return set(self.connection.execute(chosen.distinct()).scalars())

    def counts(self, of: Any, *values: ColumnElement[Any]) -> list[Counter[Any]]:
        """How many tracks have each of some values of a table beside the files; without None and the empty text.

        One statement groups by all of the values: it takes the time of one, where these have few combinations.
        """
        query = self._joined(select(*values, func.count()), of).where(PRESENT, self.chosen)
        columns: list[Any] = [literal_column(str(i)) for i in range(1, len(values) + 1)]
        # PostgreSQL takes two expressions with parameters for different ones: these are numbers of columns.
        counters: list[Counter[Any]] = [Counter() for _ in values]
        for *found, n in self.connection.execute(query.group_by(*columns)):
            for counter, value in zip(counters, found, strict=True):
                if value is not None and value != "":
                    counter[value] += n
        return counters

    def most_played(self) -> list[tuple[int, int]]:
        """The tracks that all listeners together have played most, with the number of plays."""
        n = func.sum(play_count.c.plays)
        joined = select(file.c.recording_id, n).join(play_count, play_count.c.recording_id == file.c.recording_id)
        query = joined.where(PRESENT, self.chosen).group_by(file.c.recording_id).having(n > 0)
        ordered = query.order_by(n.desc(), file.c.recording_id).limit(_MOST)
        return [(track, int(plays)) for track, plays in self.connection.execute(ordered)]

    def _joined(self, query: Select[*tuple[Any, ...]], of: Any) -> Select[*tuple[Any, ...]]:
        """A query of files with another table."""
        query = query.select_from(file)
        if of is recording:
            return query.join(recording, recording.c.id == file.c.recording_id)
        if of is prediction:
            return query.join(prediction, prediction.c.recording_id == file.c.recording_id)
        if of is analysis:
            return query.join(analysis, self.answers.of(analysis, file.c.recording_id))
        if of is genre:
            links = query.join(file_genre, file_genre.c.file_id == file.c.id)
            return links.join(genre, genre.c.id == file_genre.c.genre_id)
        return query
