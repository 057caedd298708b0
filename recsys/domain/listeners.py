"""Listeners, their stars and plays, and the ratings that stars imply."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from recsys.domain.records import ListenerRecord, PlayRecord
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest

MAX_STARS = 5
LIKE_THRESHOLD, DISLIKE_THRESHOLD = 4.0, 2.0
"""Stars from which on a track is liked, and up to which it is disliked."""
MANUAL = "manual"
"""The source of what was entered by hand or reported by a player, and not imported from a file."""

CreditKind: TypeAlias = Literal["album", "artist"]
"""What is liked or has stars besides tracks."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Vote(NamedTuple):
    """A like (``value`` 1) or dislike (-1) and its strength in (0, 1]."""

    value: int
    strength: float


def vote_of_stars(
    stars: float, like_threshold: float = LIKE_THRESHOLD, dislike_threshold: float = DISLIKE_THRESHOLD
) -> Vote | None:
    """The rating that a number of stars implies: a like, a dislike, or none.

    The strength is 0.5 at a threshold and 1 at five stars, or at one.

    >>> [vote_of_stars(stars) for stars in (5, 3, 2)]
    [Vote(value=1, strength=1.0), None, Vote(value=-1, strength=0.5)]
    """
    if stars >= like_threshold:
        return Vote(1, _strength(stars - like_threshold, MAX_STARS - like_threshold))
    if stars <= dislike_threshold:
        return Vote(-1, _strength(dislike_threshold - stars, dislike_threshold - 1))
    return None


def _strength(excess: float, span: float) -> float:
    """From 0.5 at the threshold to 1 at ``span`` stars beyond it."""
    return 0.5 + 0.5 * min(1.0, excess / span) if span > 0 else 1.0


class Stars(NamedTuple):
    """A rating of 1 to 5 stars; ``rated_at`` is UTC in ISO 8601, ``source`` is "manual" or a format of an import."""

    stars: int
    rated_at: str = ""
    source: str = MANUAL


class PlayCount(NamedTuple):
    """How often a track was played and skipped; ``last_played_at`` is UTC in ISO 8601, None if unknown."""

    plays: int = 0
    skips: int = 0
    last_played_at: str | None = None


class TrackTaste(NamedTuple):
    """What is stored of a track for a listener: liked (1), disliked (-1) or neither (0), stars, plays and skips."""

    rating: int = 0
    stars: int | None = None
    counts: PlayCount = PlayCount()


class PlayEvent(NamedTuple):
    """A play or skip of a track by its id; ``played_at_ms`` is in milliseconds since 1970, UTC."""

    track_id: int
    played_at_ms: int
    skipped: bool = False
    source: str = MANUAL


@dataclass(frozen=True, slots=True)
class Play:
    """A play or skip of a track; ``played_at`` is UTC in ISO 8601, ``source`` is "manual" or a format of an import."""

    track: Track
    played_at: str
    skipped: bool
    source: str

    def to_dict(self) -> PlayRecord:
        """The record as JSON values."""
        return {
            "track": self.track.to_dict(),
            "played_at": self.played_at,
            "skipped": self.skipped,
            "source": self.source,
        }


class Listener(NamedTuple):
    """A listener, with numbers of likes, dislikes and stars of tracks, albums and artists, plays, and saved playlists.

    ``is_default``: it is used where no listener is named.
    """

    name: str
    created_at: str
    is_default: bool
    likes: int = 0
    dislikes: int = 0
    stars: int = 0
    plays: int = 0
    playlists: int = 0

    def to_dict(self) -> ListenerRecord:
        """The record as JSON values."""
        return {
            "name": self.name,
            "created_at": self.created_at,
            "default": self.is_default,
            "likes": self.likes,
            "dislikes": self.dislikes,
            "stars": self.stars,
            "plays": self.plays,
            "playlists": self.playlists,
        }


def milliseconds(at: datetime | str, *, field: str = "at") -> int:
    """A time in milliseconds since 1970; without a zone it is UTC. ``field`` is its name in an error.

    Raises
    ------
    InvalidRequest
        It is not a time in ISO 8601.

    Examples
    --------
    >>> milliseconds("2024-05-01T08:30:00+00:00")
    1714552200000
    """
    try:
        time = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError as error:
        raise InvalidRequest("must be a time such as 2026-05-01T20:15", field=field, value=at) from error
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return (time - _EPOCH) // timedelta(milliseconds=1)


def iso_time(ms: int) -> str:
    """A time in milliseconds since 1970 as UTC in ISO 8601.

    >>> iso_time(1714552200000)
    '2024-05-01T08:30:00.000+00:00'
    """
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
