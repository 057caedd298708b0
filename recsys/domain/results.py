"""Answers of the use cases: playlists, checks, counts and classifications."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.explanations import Explanation
from recsys.domain.ingest_changes import IngestChange
from recsys.domain.paths import expand_home
from recsys.domain.records import (
    CheckRecord,
    ClassificationRecord,
    FailureRecord,
    IngestSummaryRecord,
    NeighbourRecord,
    NeighboursRecord,
    PlaylistRecord,
    TrackRecord,
    UnmetConstraintRecord,
)
from recsys.domain.requests import PathOptions
from recsys.domain.tables import to_pandas
from recsys.domain.tracks import Description, Track
from recsys.errors import Hint, RecsysError


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

    def to_dict(self) -> UnmetConstraintRecord:
        """The record as JSON values."""
        return {
            "constraint": self.constraint,
            "wanted": self.wanted,
            "got": self.got,
            "reason": self.reason,
            "details": {
                name: list(value) if isinstance(value, tuple) else value for name, value in self.details.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Playlist:
    """An ordered list of tracks, and the constraints of the request that it does not meet.

    ``similarity`` of a track is that with the query, in a playlist with the most similar like, along a path with the
    track before. ``explanations`` belong to the tracks one by one, or are empty. ``seed`` gives the same playlist
    again; None where nothing is drawn. ``left_out`` are the tracks of :meth:`~recsys.Library.similar` that would be in
    the list but for ``not_like``.
    """

    name: str
    tracks: tuple[Track, ...]
    unmet_constraints: tuple[UnmetConstraint, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    writer: "PlaylistWriter | None" = field(default=None, repr=False, compare=False)
    seed: int | None = None
    left_out: tuple[Track, ...] = ()

    def __getstate__(self) -> tuple[object, ...]:
        """Without the writer, which belongs to an open library."""
        return tuple(None if each.name == "writer" else getattr(self, each.name) for each in fields(self))

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for each, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, each.name, value)

    def save(
        self,
        output: str | os.PathLike[str],
        *,
        format: str | None = None,
        relative_to: str | None = None,
        absolute: bool = False,
        path_map: Mapping[str, str] | None = None,
    ) -> int:
        """Write the playlist for players, and add it to the history of its library.

        Parameters
        ----------
        output : path-like
            File; one that exists is replaced as a whole.
        format : str or None
            "m3u8", "xspf", "jspf", "paths" or "json"; None: that of the suffix.
        relative_to, absolute, path_map : str or None, bool, dict of str to str or None
            As in :class:`~recsys.PathOptions`.

        Returns
        -------
        int
            How many tracks are in no folder of ``path_map``; they keep their paths.

        Raises
        ------
        InvalidRequest
            The format is unknown, or the options exclude each other.
        RecsysError
            The file cannot be written, or no library has made the playlist.

        Examples
        --------
        >>> lib.similar("So What").save(folder / "blue.m3u8")
        0
        """
        if self.writer is None:
            raise RecsysError("this playlist has no library; write it with Library.write_playlist")
        options = PathOptions(relative_to, absolute, {} if path_map is None else path_map)
        return self.writer(self, expand_home(output), format, options)

    def __len__(self) -> int:
        return len(self.tracks)

    def __iter__(self) -> Iterator[Track]:
        return iter(self.tracks)

    def __getitem__(self, index: int) -> Track:
        return self.tracks[index]

    @property
    def similarities(self) -> tuple[float | None, ...]:
        """The similarity of each track."""
        return tuple(track.similarity for track in self.tracks)

    @property
    def absent(self) -> tuple[Track, ...]:
        """Tracks without a file on the disk now: it was deleted since the last ingest, or a drive is not mounted."""
        return tuple(track for track in self.tracks if not any(map(os.path.lexists, track.paths or (track.path,))))

    def to_dicts(self) -> list[TrackRecord]:
        """The records of the tracks, with the explanations where there are any."""
        records = [track.to_dict() for track in self.tracks]
        for record, explanation in zip(records, self.explanations, strict=False):
            record["explanation"] = explanation.to_dict()
        return records

    def to_dict(self) -> PlaylistRecord:
        """The record as JSON values: name, tracks and unmet constraints."""
        return {
            "name": self.name,
            "tracks": self.to_dicts(),
            "unmet_constraints": [unmet.to_dict() for unmet in self.unmet_constraints],
            "seed": self.seed,
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each track.

        Raises
        ------
        RecsysError
            pandas is not installed.
        """
        return to_pandas(self.to_dicts())


PlaylistWriter: TypeAlias = Callable[[Playlist, Path, str | None, PathOptions], int]


class Neighbours(NamedTuple):
    """A track and its nearest neighbours, most similar first, with their similarities in [0, 1]."""

    track: Track
    neighbours: tuple[tuple[Track, float], ...]

    def to_dict(self) -> NeighboursRecord:
        """The record of a line of the export."""
        nearest = [
            NeighbourRecord(id=other.id, path=other.path, similarity=round(similarity, 4))
            for other, similarity in self.neighbours
        ]
        return {"id": self.track.id, "path": self.track.path, "neighbours": nearest}


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested: where, at which stage, why, how often and when (UTC, ISO 8601)."""

    path: str
    stage: str
    reason: str
    attempts: int
    at: str

    def to_dict(self) -> FailureRecord:
        """The record as JSON values."""
        return {
            "path": self.path,
            "stage": self.stage,
            "reason": self.reason,
            "attempts": self.attempts,
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check of the library found: ``status`` is "ok", "warning" or "error"; ``remedy`` is what helps.

    ``remedy_values`` are the names that belong to the remedy, such as the folder.
    """

    name: str
    status: Literal["ok", "warning", "error"]
    message: str
    remedy: Hint | None = None
    remedy_values: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> CheckRecord:
        """The record as JSON values."""
        return {
            "name": self.name, "status": self.status, "message": self.message, "remedy": self.remedy,
            "remedy_values": dict(self.remedy_values),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an ingest in files that have to be processed; ``total`` is None while folders are scanned.

    ``speed`` is in analysed tracks per second, lately; ``eta`` in seconds, None until it can be estimated. In the phase
    "tags", which comes first, the tags of known files are read again; ``speed`` is then in files per second.
    """

    done: int
    total: int | None
    failed: int
    speed: float
    eta: float | None
    phase: Literal["tags", "analysis"] = "analysis"


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What one ingest did with every file that it scanned, by count, and how long it took.

    ``scanned`` = new + reanalysed + unchanged + reread + updated + moved + duplicates + by_others + failed + skipped +
    remaining. ``by_others`` files were processed by another ingest into the library at the same time.
    ``reread`` files are unchanged, but an older version had read their tags. ``remaining`` files were not processed
    before the time was up or an interrupt; ``missing`` ones are no longer on the disk. ``reanalysed`` tracks had an
    older feature version, ``outdated`` ones still have. ``previously_failed`` files failed in an earlier run and have
    not changed since; of these the ``still_unreadable`` were tried again, and cannot be read for the same reason as
    before. ``failures`` are the first hundred of this run. ``excluded`` counts hidden folders and files, and folders of
    systems such as recycle bins, by name; they are not scanned. ``removed`` of the missing files were there before;
    ``changes`` are the first hundred files of this run.
    """

    scanned: int = 0
    new: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    reread: int = 0
    updated: int = 0
    moved: int = 0
    duplicates: int = 0
    by_others: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    remaining: int = 0
    previously_failed: int = 0
    still_unreadable: int = 0
    outdated: int = 0
    interrupted: bool = False
    seconds: float = 0.0
    audio_seconds: float = 0.0
    failures: tuple[Failure, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    removed: int = 0
    changes: tuple[IngestChange, ...] = ()

    def to_dict(self) -> IngestSummaryRecord:
        """The record as JSON values."""
        times = {"seconds": round(self.seconds, 4), "audio_seconds": round(self.audio_seconds, 4)}
        listed = {name: [each.to_dict() for each in getattr(self, name)] for name in ("failures", "changes")}
        return cast(IngestSummaryRecord, {**asdict(self), **times, **listed})


@dataclass(frozen=True, slots=True)
class Classification:
    """Genre, tags and description of a file that need not be in a library.

    ``tags`` has the probability of every tag, most probable first; ``segments`` how the genre changes along the file,
    None unless asked for.
    """

    file: str
    prediction: GenrePrediction
    tags: dict[str, float]
    description: Description
    segments: tuple[Segment, ...] | None = None
    mood: Mood | None = None

    @property
    def genre(self) -> str:
        """The most probable genre, or "unknown"."""
        return self.prediction.genre

    @property
    def probability(self) -> float:
        """The probability of the most probable genre."""
        return self.prediction.probability

    @property
    def genres(self) -> dict[str, float]:
        """The probability of every genre, most probable first."""
        return self.prediction.genres

    def to_dict(self) -> ClassificationRecord:
        """The record as JSON values; where the genre is "unknown", ``genre_guess`` is the most probable one."""
        prediction = self.prediction
        record: ClassificationRecord = {
            "file": self.file,
            "genre": prediction.genre,
            "probability": round(prediction.probability, 4),
            "genres": {name: round(probability, 4) for name, probability in prediction.genres.items()},
            "tags": {name: round(probability, 4) for name, probability in self.tags.items()},
        }
        if self.mood is not None:
            record["valence"], record["arousal"] = round(self.mood.valence, 4), round(self.mood.arousal, 4)
        if prediction.genre not in prediction.genres:
            record["genre_guess"] = max(prediction.genres, key=prediction.genres.__getitem__)
        if self.segments is not None:
            record["segments"] = [segment.to_dict() for segment in self.segments]
        return record


@dataclass(frozen=True, slots=True)
class ClassificationFailure:
    """A file that could not be analysed, and why."""

    file: str
    reason: str
