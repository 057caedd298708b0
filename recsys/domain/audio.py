"""Values of one audio file: its container, tags, windows, and the results of its analysis."""

from dataclasses import dataclass, field
from typing import NamedTuple

from recsys.domain.arrays import FloatArray, HalfArray
from recsys.domain.records import SegmentRecord

SEPARATOR = "; "
"""Between several artists or genres in one text."""

TAG_VERSION = 1
"""Version of what is read from the tags of a file. An ingest reads the tags of files again that an older one read."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Properties of the container: duration in seconds, sample rate in Hz, channels, codec ("mp3", "flac", "aac" …).

    ``bit_rate`` is the mean in bits per second; ``bit_depth`` is None where samples are not stored as integers, as in
    MP3, or where the container does not have it.
    """

    duration: float
    sample_rate: int
    channels: int
    codec: str
    bit_rate: int | None = None
    bit_depth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of a file; None, or an empty tuple, where a tag is missing.

    Attributes
    ----------
    artists, album_artists, genres, composers : tuple of str
        In the order of the file. A name that contains a separator, such as "AC/DC", is one name.
    track_number, track_total, disc_number, disc_total : int or None
        From 1 on.
    year, original_year : int or None
        Of this release, and of the first release of the recording.
    compilation : bool or None
        Whether the album has tracks of various artists.
    isrc : str or None
        12 letters and digits (ISO 3901).
    track_gain, album_gain : float or None
        ReplayGain in dB.
    track_peak, album_peak : float or None
        ReplayGain, the largest absolute sample; 1 is full scale.
    musicbrainz_recording, musicbrainz_album, musicbrainz_artist : str or None
        Identifiers of the recording, the release, and the first artist.
    """

    title: str | None = None
    artists: tuple[str, ...] = ()
    album_artists: tuple[str, ...] = ()
    album: str | None = None
    track_number: int | None = None
    track_total: int | None = None
    disc_number: int | None = None
    disc_total: int | None = None
    year: int | None = None
    original_year: int | None = None
    genres: tuple[str, ...] = ()
    composers: tuple[str, ...] = ()
    compilation: bool | None = None
    isrc: str | None = None
    track_gain: float | None = None
    track_peak: float | None = None
    album_gain: float | None = None
    album_peak: float | None = None
    musicbrainz_recording: str | None = None
    musicbrainz_album: str | None = None
    musicbrainz_artist: str | None = None

    @property
    def artist(self) -> str | None:
        """The artists as one text, "Foo; Cee"."""
        return SEPARATOR.join(self.artists) or None

    @property
    def album_artist(self) -> str | None:
        """The album artists as one text."""
        return SEPARATOR.join(self.album_artists) or None

    @property
    def genre(self) -> str | None:
        """The genres as one text."""
        return SEPARATOR.join(self.genres) or None


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
    """The recording of a file: ``audio_hash`` is the hex hash of its encoded audio without tag blocks.

    ``had_former_hash``: development versions defined the hash of its container otherwise.
    """

    audio_hash: str
    info: AudioInfo
    tags: Tags
    had_former_hash: bool = False


@dataclass(frozen=True, slots=True)
class Reread:
    """What is read again of a known file; ``audio_hash`` is None where its definition has not changed."""

    tags: Tags
    bit_rate: int | None = None
    bit_depth: int | None = None
    audio_hash: str | None = None


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
    """A file by its metadata: absolute path, size in bytes, mtime in ns.

    ``ctime_ns``, the time at which its content, name or permissions changed last, is 0 where it is not known. It is
    not part of the identity, as a backup or a move to another disk changes it.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int = field(default=0, compare=False)


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
