"""Tracks of the catalogue as users see them, their description in words, and their ratings."""

from dataclasses import dataclass
from typing import NamedTuple

UNKNOWN = "unknown"
"""The genre of a track where no model is sure enough."""

MIN_ALTERNATIVE_PROBABILITY = 0.2
"""From this probability on, the alternative tempo of a track counts like its tempo in filters and orders."""


@dataclass(frozen=True, slots=True)
class Track:
    """One recording of the catalogue as users see it. ``id`` stays the same for ever.

    ``path`` is where it lies now (or lay last, when ``missing``); ``key`` reads "C major"; ``analysed`` says whether
    features of the present version are stored. Where the genre is "unknown", ``genre_guess`` is its best guess.
    ``valence`` and ``arousal`` are in [0, 1], 0.5 is neutral; None until they are computed.
    """

    id: int
    path: str
    artist: str | None
    title: str
    album: str | None
    genre: str | None
    genre_probability: float | None
    tagged_genre: str | None
    duration: float
    bpm: float | None
    key: str | None
    album_artist: str | None = None
    track_number: int | None = None
    year: int | None = None
    loudness: float | None = None
    analysed: bool = True
    missing: bool = False
    paths: tuple[str, ...] = ()
    musicbrainz_recording: str | None = None
    genre_guess: str | None = None
    bpm_alternative: float | None = None
    bpm_alternative_probability: float | None = None
    valence: float | None = None
    arousal: float | None = None


class TrackCredits(NamedTuple):
    """Whose a recording is and of which album, as its file says, and where it lies: what groups are made of."""

    id: int
    path: str
    artist: str | None
    album_artist: str | None
    album: str | None


class Description(NamedTuple):
    """A sound in words: its moods, strongest first, and its most unusual tags with their probabilities."""

    moods: list[str]
    distinctive_tags: dict[str, float]


class Rating(NamedTuple):
    """A like (``value`` 1) or dislike (-1): how strong, in (0, 1], how often the track was played, when, by whom.

    ``at`` is UTC in ISO 8601: when it was said, or the track last played; ``source`` is "hand" or a format of
    :mod:`recsys.importers`.
    """

    value: int
    strength: float = 1.0
    plays: int = 0
    at: str = ""
    source: str = "hand"


@dataclass(frozen=True, slots=True)
class RatedTracks:
    """What its owner likes and dislikes, oldest first."""

    likes: tuple[Track, ...]
    dislikes: tuple[Track, ...]
