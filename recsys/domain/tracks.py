"""Tracks of the catalogue as users see them, their description in words, and their ratings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

from recsys.domain.keys import camelot
from recsys.domain.records import DescriptionRecord, RatingRecord, TrackRecord
from recsys.domain.tables import rounded, to_pandas

UNKNOWN = "unknown"
"""The genre of a track where no model is certain enough."""

MIN_ALTERNATIVE_PROBABILITY = 0.2
"""From this probability on, the alternative tempo of a track counts like its tempo in filters and orders."""


@dataclass(frozen=True, slots=True)
class Track:
    """One recording of the catalogue.

    Attributes
    ----------
    id : int
        Stays the same for ever.
    path : str
        Where the file is, or was last if ``missing``.
    genre, genre_probability : str or None, float or None
        Predicted; where the genre is "unknown", ``genre_guess`` is the most probable one.
    artist, album_artist, tagged_genre : str or None
        From the tags of the file, where several values are one text, "Foo; Cee".
    artists, album_artists, tagged_genres : tuple of str
        The same one by one, in the spelling that is most frequent in the library, without "Various Artists" and the
        like; ``artist_ids`` and ``album_artist_ids`` are the ids of these artists.
    album_id : int or None
        Of its album, with all discs.
    added_at : str or None
        When it came into the library: UTC, ISO 8601.
    bit_rate, bit_depth : int or None
        In bits per second, and of a sample; None where the file does not have it.
    duration : float
        Seconds.
    bpm, bpm_alternative : float or None
        The tempo and the most probable other tempo, often half or double.
    key : str or None
        Such as "C major".
    loudness : float or None
        LUFS.
    valence, arousal : float or None
        In [0, 1], 0.5 is neutral; None until they are computed.
    analysed : bool
        Whether features of this version are stored.
    similarity : float or None
        In [0, 1], 1 is the same sound; None unless the track is part of an answer that compares it.
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
    artists: tuple[str, ...] = ()
    artist_ids: tuple[int, ...] = ()
    album_artists: tuple[str, ...] = ()
    album_artist_ids: tuple[int, ...] = ()
    album_id: int | None = None
    tagged_genres: tuple[str, ...] = ()
    disc_number: int | None = None
    original_year: int | None = None
    compilation: bool | None = None
    added_at: str | None = None
    bit_rate: int | None = None
    bit_depth: int | None = None
    similarity: float | None = field(default=None, compare=False)

    @property
    def camelot(self) -> str | None:
        """The Camelot code of the key: "8A" for A minor."""
        return camelot(self.key)

    @property
    def label(self) -> str:
        """ "artist - title", or the title where the artist is unknown."""
        return f"{self.artist} - {self.title}" if self.artist else self.title

    def to_dict(self) -> TrackRecord:
        """The record as JSON values; ``similarity`` only where the track is compared with another.

        >>> track = lib.track("So What")
        >>> track.to_dict()["artist"]
        'Miles Davis'
        """
        record: TrackRecord = {
            "id": self.id,
            "path": self.path,
            "artist": self.artist,
            "title": self.title,
            "album": self.album,
            "genre": self.genre,
            "genre_probability": rounded(self.genre_probability),
            "tagged_genre": self.tagged_genre,
            "duration": round(self.duration, 4),
            "bpm": rounded(self.bpm),
            "bpm_alternative": rounded(self.bpm_alternative),
            "bpm_alternative_probability": rounded(self.bpm_alternative_probability),
            "key": self.key,
            "camelot": self.camelot,
            "valence": rounded(self.valence),
            "arousal": rounded(self.arousal),
            "artists": list(self.artists),
            "artist_ids": list(self.artist_ids),
            "album_id": self.album_id,
            "tagged_genres": list(self.tagged_genres),
        }
        if self.genre_guess is not None:
            record["genre_guess"] = self.genre_guess
        if self.similarity is not None:
            record["similarity"] = round(self.similarity, 4)
        return record


class TrackList(Sequence[Track]):
    """Tracks in order: a sequence that becomes records or a table.

    >>> lib.tracks("miles")
    TrackList of 2 tracks
    """

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._tracks = tuple(tracks)

    @overload
    def __getitem__(self, index: int) -> Track: ...
    @overload
    def __getitem__(self, index: slice) -> "TrackList": ...
    def __getitem__(self, index: int | slice) -> "Track | TrackList":
        return TrackList(self._tracks[index]) if isinstance(index, slice) else self._tracks[index]

    def __len__(self) -> int:
        return len(self._tracks)

    def __iter__(self) -> Iterator[Track]:
        return iter(self._tracks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._tracks)

    def __repr__(self) -> str:
        return f"TrackList of {len(self)} {'track' if len(self) == 1 else 'tracks'}"

    def to_dicts(self) -> list[TrackRecord]:
        """The records as JSON values."""
        return [track.to_dict() for track in self]

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each track.

        Raises
        ------
        RecsysError
            pandas is not installed.
        """
        return to_pandas(self.to_dicts())


class TrackCredits(NamedTuple):
    """Artists and album of a recording: what groups of tracks are formed by."""

    id: int
    artist: str | None
    artists: tuple[str, ...]
    album_artist: str | None
    album_artists: tuple[str, ...]
    album_id: int | None


class TaggableTrack(NamedTuple):
    """What the tags of the files of a recording are written from; ``paths`` are those of its files, the main one first.

    The other fields are those of :class:`Track`.
    """

    id: int
    audio_hash: str
    paths: tuple[str, ...]
    genre: str | None
    genre_probability: float | None
    bpm: float | None
    key: str | None


class Description(NamedTuple):
    """A track in words: its moods, strongest first, and its most unusual tags with their probabilities."""

    moods: list[str]
    distinctive_tags: dict[str, float]

    def to_dict(self) -> DescriptionRecord:
        """The record as JSON values."""
        return {"moods": list(self.moods), "distinctive_tags": dict(self.distinctive_tags)}


class Rating(NamedTuple):
    """A like (``value`` 1) or dislike (-1), its strength in (0, 1], and how often the track was played.

    ``rated_at`` is UTC in ISO 8601: when it was rated or last played; ``source`` is "manual" or a format of
    :mod:`recsys.importers`. ``stars`` are those of the track, 1 to 5 or None; ``from_stars``: they imply the like or
    dislike.
    """

    value: int
    strength: float = 1.0
    plays: int = 0
    rated_at: str = ""
    source: str = "manual"
    stars: int | None = None
    from_stars: bool = False

    def to_dict(self) -> RatingRecord:
        """The record as JSON values."""
        return {
            "rating": 1 if self.value > 0 else -1,
            "strength": round(self.strength, 4),
            "plays": self.plays,
            "rated_at": self.rated_at,
            "source": self.source,
            "stars": self.stars,
            "from_stars": self.from_stars,
        }


@dataclass(frozen=True, slots=True)
class RatedTracks:
    """The liked and the disliked tracks, oldest first."""

    likes: tuple[Track, ...]
    dislikes: tuple[Track, ...]
