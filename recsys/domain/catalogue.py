"""Values that the catalogue returns besides tracks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypedDict

from recsys.domain.arrays import DoubleArray, FloatArray, HalfArray, IdArray
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
    """A file of the library with the tags by which files of other programs may refer to it.

    ``artist`` and ``album_artist`` are the texts of the tags, ``artists`` each artist and album artist in them.
    """

    id: int
    path: str
    title: str | None
    artist: str | None
    album_artist: str | None
    album: str | None
    duration: float
    musicbrainz_recording: str | None
    missing: bool
    artists: tuple[str, ...] = ()


ACCESS_STAGE = "access"
"""The stage of files that cannot be read, for their permissions or an error of the disk; each ingest tries again."""


class TrackSummary(NamedTuple):
    """What plots and maps show of a present analysed track; ``bpm`` is None without a pulse."""

    id: int
    genre: str | None
    bpm: float | None
    year: int | None
    loudness: float | None


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be ingested, with its metadata at that time, the stage and the reason."""

    stat: FileStat
    stage: str
    reason: str


class StoredFile(NamedTuple):
    """A file: its path and size, when its recording was added (UTC, ISO 8601), and whether it is marked as missing."""

    path: str
    size: int
    added_at: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of present ``tracks`` and ``files``, ``analysed`` tracks, ``missing`` tracks, and ``failures``."""

    tracks: int
    files: int
    missing: int
    failures: int
    analysed: int


class TrackEdges(NamedTuple):
    """Raw vectors (n, D) of the ``first`` and ``last`` windows of n recordings, and normalised ones of the whole."""

    first: HalfArray
    last: HalfArray
    overall: FloatArray


class WindowFeatures(NamedTuple):
    """Raw features (w, D) of the windows of a recording, at ``starts`` (w,) of its ``duration``, and its tempo or 0."""

    windows: HalfArray
    starts: tuple[float, ...]
    duration: float
    bpm: float


AudioChecks: TypeAlias = Mapping[tuple[int, int], bool | None]
"""Whether pairs of recordings, the smaller id first, have the same audio; None where it has to be compared."""


class AudioPair(NamedTuple):
    """Two recordings whose audio has to be compared: their ids, the smaller first, and the paths of their files."""

    ids: tuple[int, int]
    paths: tuple[str, str]


class StoredPerformances(NamedTuple):
    """The groups of n recordings, ascending: their ids, group ids, seconds of music (n,), and keys (n, k)."""

    ids: IdArray
    groups: IdArray
    seconds: DoubleArray
    keys: FloatArray


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """What was removed: ``tracks``, of which ``rated`` were liked or disliked, ``locations`` and ``failures``."""

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
    """What is stored of one track besides its ``Track``.

    ``vector`` and ``normalised`` are (D,), with the dimensions of :data:`recsys.features.schema.DIMENSIONS`, or None
    before the analysis; ``starts`` are the seconds at which its windows start.
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
    composers: tuple[str, ...]
    track_total: int | None
    disc_total: int | None
    isrc: str | None
    track_gain: float | None
    track_peak: float | None
    album_gain: float | None
    album_peak: float | None
