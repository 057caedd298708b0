"""Values of one audio file: its container, tags, windows, and the results of its analysis."""

from dataclasses import dataclass
from typing import NamedTuple

from recsys.domain.arrays import FloatArray, HalfArray
from recsys.domain.records import SegmentRecord


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Properties of the container: duration in seconds, sample rate in Hz, channels, codec ("mp3", "flac", "aac" …)."""

    duration: float
    sample_rate: int
    channels: int
    codec: str


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a file; None where a tag is missing."""

    title: str | None = None
    artist: str | None = None
    album_artist: str | None = None
    album: str | None = None
    track_number: int | None = None
    year: int | None = None
    genre: str | None = None
    musicbrainz_recording: str | None = None
    musicbrainz_album: str | None = None
    musicbrainz_artist: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one track: ``start`` in seconds, ``y`` (n,) mono samples at the rate of its Excerpts.

    ``channels`` (c, m) are the samples of each channel at the rate of the file; None where only ``y`` is decoded.
    """

    start: float
    y: FloatArray
    channels: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class AudioWindows:
    """The windows of one file that are analysed, and where its music starts and ends without silence, in seconds.

    ``embedding_windows`` are shorter windows in the gaps, for the embedding alone. ``layout`` has the names of the
    channels as FFmpeg abbreviates them; it is empty where windows have no channels.
    """

    info: AudioInfo
    sr: int
    windows: tuple[Window, ...]
    music_start: float
    music_end: float
    layout: tuple[str, ...] = ()
    embedding_windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """The recording of a file: ``audio_hash`` is the hex hash of its encoded audio without tag blocks."""

    audio_hash: str
    info: AudioInfo
    tags: Tags


@dataclass(frozen=True, slots=True)
class Tempo:
    """Tempo in BPM (0 where there is no pulse), its confidence and the clarity of the pulse, both in [0, 1].

    ``alternative_bpm`` is the most probable other tempo, often half or double; None where no other is probable.
    """

    bpm: float
    confidence: float
    pulse_clarity: float
    alternative_bpm: float | None = None
    alternative_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """Tonic as pitch class 0..11 (C = 0), mode "major" or "minor", and confidence in [0, 1]."""

    tonic: int
    mode: str
    confidence: float

    NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

    def __str__(self) -> str:
        return f"{self.NAMES[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result of the analysis of one file, which takes seconds and is computed once.

    ``vector`` (D,) has the raw features of the whole track, with the dimensions of
    :data:`recsys.features.schema.DIMENSIONS`, and ``windows`` (w, D) float16 those of each window; ``starts`` (w,) are
    seconds, ``loudness`` is in LUFS.
    """

    version: int
    vector: FloatArray
    windows: HalfArray
    starts: tuple[float, ...]
    tempo: Tempo
    key: Key
    loudness: float


@dataclass(frozen=True, slots=True)
class GenrePrediction:
    """The most probable genre and its probability; ``genres`` has all, most probable first; ``model`` is its name."""

    genre: str
    probability: float
    genres: dict[str, float]
    model: str


class Mood(NamedTuple):
    """Valence (0 sad or angry, 1 happy or calm) and arousal (0 calm or sad, 1 excited or angry); 0.5 is neutral."""

    valence: float
    arousal: float


@dataclass(frozen=True, slots=True)
class FileStat:
    """A file by its metadata: absolute path, size in bytes, mtime in ns."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """What a worker returns for one recording: its analysis and what is derived from it."""

    analysis: Analysis
    normalised: FloatArray
    prediction: GenrePrediction
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """One file ready to be stored; ``result`` is None when its recording has been analysed already."""

    stat: FileStat
    identity: Identity
    result: AnalysisResult | None


class Segment(NamedTuple):
    """A stretch of a recording, from ``start`` to ``end`` in seconds, of one genre."""

    start: float
    end: float
    genre: str
    probability: float

    def to_dict(self) -> SegmentRecord:
        """The record as JSON values."""
        return {
            "start": round(self.start, 4),
            "end": round(self.end, 4),
            "genre": self.genre,
            "probability": round(self.probability, 4),
        }
