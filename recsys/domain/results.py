"""Answers of the use cases: playlists, checks, counts and classifications."""

from dataclasses import dataclass, field

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.tracks import Description, Track


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a track was picked.

    ``groups`` is what each feature group gives to the similarity and ``hubs`` what is taken for being near to
    everything: their sum, where it is positive, is the similarity. ``tags`` both share, most unusual first; ``bpm`` and
    ``key`` of what was asked for and of the track; ``text`` says it in a sentence, ``shared`` and ``differences`` in
    words, the most unusual first.
    """

    groups: dict[str, float]
    hubs: float
    tags: tuple[str, ...]
    bpm: tuple[float | None, float | None]
    key: tuple[str | None, str | None]
    text: str
    shared: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playlist:
    """An ordered list of tracks; ``gave_way`` says in one line each which wishes could not be met in full.

    ``similarities`` and ``explanations`` belong to the tracks one by one, where they are known.
    """

    name: str
    tracks: tuple[Track, ...]
    similarities: tuple[float | None, ...] = ()
    gave_way: tuple[str, ...] = ()
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
class Finding:
    """What a check of the library found: ``state`` is "ok", "warning" or "broken"; ``cure`` says what to do."""

    check: str
    state: str
    said: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was, or would be, forgotten: ``tracks`` of which ``rated`` were liked or disliked, ``places``, ``failures``.

    ``back`` missing files are on the disk again and stay; ``paths`` are the first hundred places.
    """

    tracks: int = 0
    places: int = 0
    rated: int = 0
    failures: int = 0
    back: int = 0
    paths: tuple[str, ...] = ()


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

    ``seen`` = new + reanalysed + unchanged + updated + moved + duplicates + failed + skipped + left; ``left`` files
    were not looked into before the time was up; ``missing`` ones are no longer on the disk. ``reanalysed`` tracks had
    an older feature version, ``outdated`` ones of the library still have. ``failed_before`` failed in an earlier run
    and have not changed since; ``failures`` are the first hundred of this run.
    """

    seen: int = 0
    new: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    updated: int = 0
    moved: int = 0
    duplicates: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    left: int = 0
    failed_before: int = 0
    outdated: int = 0
    interrupted: bool = False
    seconds: float = 0.0
    audio_seconds: float = 0.0
    failures: tuple[Failure, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Classified:
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
class Unheard:
    """A file that could not be listened to, and why."""

    file: str
    reason: str
