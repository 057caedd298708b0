"""Answers of the use cases: playlists, checks, counts and classifications."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.tracks import Description, Track


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a track was picked.

    ``groups`` is what each feature group gives to the similarity and ``hubness_penalty`` what is taken for being near
    to everything: their sum, where it is positive, is the similarity. ``tags`` both share, most unusual first; ``bpm``
    and ``key`` of what was asked for and of the track; ``text`` says it in a sentence, ``shared`` and ``differences``
    in words, the most unusual first.
    """

    groups: dict[str, float]
    hubness_penalty: float
    tags: tuple[str, ...]
    bpm: tuple[float | None, float | None]
    key: tuple[str | None, str | None]
    text: str
    shared: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnmetConstraint:
    """A constraint of a request that an answer does not meet.

    ``constraint`` is the field of the request ("n", "minutes", "quotas" …), ``wanted`` and ``got`` are in its unit,
    ``reason`` is a stable slug such as "artist_limit", and ``details`` has the numbers and names that explain it.
    """

    constraint: str
    wanted: float | str | None
    got: float | str | None
    reason: str
    details: Mapping[str, float | str | tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The record of ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Playlist:
    """An ordered list of tracks, and the constraints of the request that it does not meet.

    ``similarities`` and ``explanations`` belong to the tracks one by one, where they are known.
    """

    name: str
    tracks: tuple[Track, ...]
    similarities: tuple[float | None, ...] = ()
    unmet_constraints: tuple[str, ...] = ()
    explanations: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested: where, at which stage, why, how often and when (UTC, ISO 8601)."""

    path: str
    stage: str
    reason: str
    attempts: int
    at: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check of the library found: ``status`` is "ok", "warning" or "broken"; ``remedy`` says what to do."""

    check: str
    status: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class PruneResult:
    """What was, or would be, forgotten: ``tracks`` of which ``rated`` were liked or disliked, ``locations``,
    ``failures``.

    ``reappeared`` missing files are on the disk again and stay; ``sample_paths`` are the first hundred places.
    """

    tracks: int = 0
    locations: int = 0
    rated: int = 0
    failures: int = 0
    reappeared: int = 0
    sample_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come, in files that had to be looked into; ``total`` is None while scanning.

    ``speed`` in tracks listened to per second, lately; ``eta`` in seconds, None until it can be told.
    """

    done: int
    total: int | None
    failed: int
    speed: float
    eta: float | None


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What one ingest did with every file it saw, by count, and how long it took.

    ``scanned`` = new + reanalysed + unchanged + updated + moved + duplicates + failed + skipped + left; ``remaining``
    files were not looked into before the time was up; ``missing`` ones are no longer on the disk. ``reanalysed`` tracks
    had an older feature version, ``outdated`` ones of the library still have. ``previously_failed`` failed in an
    earlier run and have not changed since; ``failures`` are the first hundred of this run.
    """

    scanned: int = 0
    new: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    updated: int = 0
    moved: int = 0
    duplicates: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    remaining: int = 0
    previously_failed: int = 0
    outdated: int = 0
    interrupted: bool = False
    seconds: float = 0.0
    audio_seconds: float = 0.0
    failures: tuple[Failure, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Classification:
    """What a file sounds like: its genre, every tag's probability, most probable first, and a description.

    ``segments`` say how the genre changes along it, in order; None where nobody asked.
    """

    file: str
    prediction: GenrePrediction
    tags: dict[str, float]
    description: Description
    segments: tuple[Segment, ...] | None = None
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class ClassificationFailure:
    """A file that could not be listened to, and why."""

    file: str
    reason: str
