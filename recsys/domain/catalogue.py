"""Values that the catalogue returns besides tracks."""

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from recsys.domain.arrays import FloatArray, HalfArray
from recsys.domain.audio import FileStat


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """A stored recording; ``paths`` are all its files as they were at the last ingest, those that exist first.

    ``analysed``: it has features of a version that can be used; ``current``: of the current version.
    """

    id: int
    analysed: bool
    current: bool
    paths: tuple[FileStat, ...]


class LibraryFile(NamedTuple):
    """A file of the library with the tags by which files of other programs may refer to it."""

    id: int
    path: str
    title: str | None
    artist: str | None
    album_artist: str | None
    album: str | None
    duration: float
    musicbrainz_recording: str | None
    missing: bool


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be ingested, with its metadata at that time, the stage and the reason."""

    stat: FileStat
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """``tracks`` and ``files`` on the disk, ``analysed`` such tracks, ``missing`` tracks, ``failures``."""

    tracks: int
    files: int
    missing: int
    failures: int
    analysed: int


class TrackEdges(NamedTuple):
    """How n recordings begin and end: raw vectors (n, D) of their ``first`` and ``last`` windows, and normalised ones
    of the ``overall``."""

    first: HalfArray
    last: HalfArray
    overall: FloatArray


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """How much was forgotten: ``tracks``, of which ``rated`` were liked or disliked, ``locations``, ``failures``."""

    tracks: int = 0
    locations: int = 0
    rated: int = 0
    failures: int = 0

    def __add__(self, other: "RemovedCounts") -> "RemovedCounts":
        return RemovedCounts(
            self.tracks + other.tracks,
            self.locations + other.locations,
            self.rated + other.rated,
            self.failures + other.failures,
        )


class StoredDetails(TypedDict):
    """What one track holds beyond its ``Track``.

    ``vector`` and ``normalised`` are (D,), named by ``recsys.features.DIMENSIONS`` (the 100 tags are among
    them), or None before analysis at the catalogue's feature version; ``starts`` are the seconds at which its
    windows begin.
    """

    audio_hash: str
    sample_rate: int
    channels: int
    codec: str
    added_at: str
    feature_version: int | None
    bpm_confidence: float | None
    pulse_clarity: float | None
    key_confidence: float | None
    starts: tuple[float, ...]
    vector: FloatArray | None
    normalised: FloatArray | None
    genres: dict[str, float]
    genre_model: str | None
    musicbrainz_recording: str | None
    musicbrainz_album: str | None
    musicbrainz_artist: str | None
