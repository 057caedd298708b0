"""The nouns that travel between stages: plain frozen values, no behaviour, no imports from the rest of recsys.

Samples are mono float32 in [-1, 1] named ``y`` with their rate ``sr`` in Hz; times are seconds from the start of
the file; a ``vector`` is (d,), ``vectors`` (n, d), ``frames`` (d, t). Arrays are float32 unless said otherwise.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray: TypeAlias = npt.NDArray[np.float32]
    HalfArray: TypeAlias = npt.NDArray[np.float16]
    DoubleArray: TypeAlias = npt.NDArray[np.float64]
    IdArray: TypeAlias = npt.NDArray[np.int64]
else:  # numpy.typing takes 30 ms to import, which every command would pay
    FloatArray = HalfArray = DoubleArray = IdArray = np.ndarray


UNKNOWN = "unknown"
"""The genre of a track where no model is sure enough."""

PROBABLE_ALTERNATIVE = 0.2
"""From this probability on, the alternative tempo of a track counts like its tempo in filters and orders."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the container says: duration in seconds, sample rate in Hz, channels, codec ("mp3", "flac", "aac" …)."""

    duration: float
    sample_rate: int
    channels: int
    codec: str


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says of itself; None where it says nothing."""

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

    ``channels`` (c, m) are the samples of each channel at the rate of the file; None where ``y`` is all there is.
    """

    start: float
    y: FloatArray
    channels: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Excerpts:
    """The windows of one file that are listened to, and where its music starts and ends without silence.

    ``patches`` are stretches between the windows, for the embedding alone, if there is room. ``layout`` names the
    channels, as FFmpeg abbreviates them; empty where windows have none.
    """

    info: AudioInfo
    sr: int
    windows: tuple[Window, ...]
    music_start: float
    music_end: float
    layout: tuple[str, ...] = ()
    patches: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Which recording a file holds: ``payload`` is the hex hash of its encoded audio without tag blocks."""

    payload: str
    info: AudioInfo
    tags: Tags


@dataclass(frozen=True, slots=True)
class Tempo:
    """Tempo in BPM (0 where there is no pulse), how sure of it, and how clear the pulse is (0..1).

    ``alternative_bpm`` is the most probable other tempo, often half or double; None where there is no other.
    """

    bpm: float
    confidence: float
    pulse_clarity: float
    alternative_bpm: float | None = None
    alternative_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """Tonic as pitch class 0..11 (C = 0), mode "major" or "minor", and how sure of it (0..1)."""

    tonic: int
    mode: str
    confidence: float

    NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

    def __str__(self) -> str:
        return f"{self.NAMES[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that listening to one file yields: the part that costs seconds and is never computed twice.

    ``vector`` (D,) raw features of the whole track, dimensions as in ``recsys.features.DIMENSIONS``;
    ``windows`` (w, D) the same of each window, float16; ``starts`` (w,) seconds; ``loudness`` in LUFS.
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
    """Most probable genre and its probability; ``genres`` all of them, most probable first; ``model`` its name."""

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
    """A file as the file system shows it without opening it: absolute path, size in bytes, mtime in ns."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker sends back for one recording: its analysis and all that is derived from it at once."""

    analysis: Analysis
    normalised: FloatArray
    prediction: GenrePrediction
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One file ready to be stored; ``outcome`` is None when its recording has been analysed already."""

    stat: FileStat
    identity: Identity
    outcome: Outcome | None


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


class Credits(NamedTuple):
    """Whose a recording is and of which album, as its file says, and where it lies: what groups are made of."""

    id: int
    path: str
    artist: str | None
    album_artist: str | None
    album: str | None


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


class Description(NamedTuple):
    """A sound in words: its moods, strongest first, and its most unusual tags with their probabilities."""

    moods: list[str]
    telling: dict[str, float]


class Segment(NamedTuple):
    """A stretch of a recording, from ``start`` to ``end`` in seconds, of one genre."""

    start: float
    end: float
    genre: str
    probability: float


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


class Opinion(NamedTuple):
    """A like (``value`` 1) or dislike (-1): how strong, in (0, 1], how often the track was played, when, by whom.

    ``at`` is UTC in ISO 8601: when it was said, or the track last played; ``source`` is "hand" or a format of
    :mod:`recsys.exchange`.
    """

    value: int
    strength: float = 1.0
    plays: int = 0
    at: str = ""
    source: str = "hand"


@dataclass(frozen=True, slots=True)
class Ratings:
    """What its owner likes and dislikes, oldest first."""

    likes: tuple[Track, ...]
    dislikes: tuple[Track, ...]
