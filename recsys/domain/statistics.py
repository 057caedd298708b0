"""Statistics of a library: how much of what it has."""

from dataclasses import asdict, dataclass
from typing import Annotated, NamedTuple, TypedDict, cast


class ListenerStatisticsRecord(TypedDict):
    """What a listener has rated and played."""

    name: str
    likes: int
    dislikes: int
    plays: int


class PlayedTrackRecord(TypedDict):
    """A track and how often all listeners have played it."""

    id: int
    artist: str | None
    title: str
    plays: int


class StatisticsRecord(TypedDict):
    """Statistics of the present tracks of a library, or of those that pass a filter."""

    tracks: int
    artists: int
    albums: int
    duration: Annotated[float, "seconds of all tracks"]
    size: Annotated[int, "bytes of their files"]
    codecs: Annotated[dict[str, int], "tracks by codec, most first"]
    bit_rates: Annotated[dict[str, int], "tracks by the lower end of a range in kbit/s"]
    genres: Annotated[dict[str, int], "tracks by predicted genre, most first"]
    tagged_genres: Annotated[dict[str, int], "tracks by genre of the tags, most first"]
    decades: Annotated[dict[str, int], "tracks by decade"]
    keys: Annotated[dict[str, int], "tracks by key, by Camelot code"]
    tempi: Annotated[dict[str, int], "tracks by the lower end of a range of ten BPM"]
    added: Annotated[dict[str, int], "tracks by the month in which they came into the library"]
    missing_tags: Annotated[dict[str, float], "share of the tracks without a title, artist, album, genre or year"]
    listeners: Annotated[list[ListenerStatisticsRecord], "by name; of the whole library"]
    most_played: Annotated[list[PlayedTrackRecord], "by all listeners, most first"]


class ListenerStatistics(NamedTuple):
    """The likes, dislikes and plays of a listener."""

    name: str
    likes: int
    dislikes: int
    plays: int


class PlayedTrack(NamedTuple):
    """A track and how often all listeners have played it."""

    id: int
    artist: str | None
    title: str
    plays: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a library; the fields are those of :class:`StatisticsRecord`."""

    tracks: int
    artists: int
    albums: int
    duration: float
    size: int
    codecs: dict[str, int]
    bit_rates: dict[str, int]
    genres: dict[str, int]
    tagged_genres: dict[str, int]
    decades: dict[str, int]
    keys: dict[str, int]
    tempi: dict[str, int]
    added: dict[str, int]
    missing_tags: dict[str, float]
    listeners: tuple[ListenerStatistics, ...]
    most_played: tuple[PlayedTrack, ...]

    def to_dict(self) -> StatisticsRecord:
        """The record as JSON values."""
        record = asdict(self)
        record["duration"] = round(self.duration, 4)
        record["missing_tags"] = {name: round(share, 4) for name, share in self.missing_tags.items()}
        record["listeners"] = [each._asdict() for each in self.listeners]
        record["most_played"] = [each._asdict() for each in self.most_played]
        return cast(StatisticsRecord, record)
