"""What players show: tracks, albums and artists with their numbers, and what a listener has stored of them.

Tracks without an album are on one album for each of their artists, which has no title and the negative id of the
artist, or 0 for tracks without an artist. Albums that have no artist belong to one without a name, which has the id 0;
those by various artists to "Various Artists" with the id -1.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from recsys.domain.credits import Album, Artist
from recsys.domain.tracks import UNKNOWN, Track

UNKNOWN_ARTIST_ID, VARIOUS_ARTISTS_ID = 0, -1
"""Ids of what stands for the artist of albums that have none, or that are by various ones."""

AlbumOrder: TypeAlias = Literal["name", "artist", "newest", "year", "frequent", "recent", "stars", "liked"]
"""Orders of albums: by title, by artist, when they were added, by year; those that were played, by how often and by how
recently; those with stars; and those that are liked, the last one first."""

Role: TypeAlias = Literal["artist", "album_artist", "composer"]


class Taste(NamedTuple):
    """What a listener has stored of something.

    ``liked_at`` is when it was liked, UTC in ISO 8601, and None without a like: one that stars imply is none. ``stars``
    are 1 to 5 or None; ``last_played_at`` is None if unknown.
    """

    liked_at: str | None = None
    stars: int | None = None
    plays: int = 0
    last_played_at: str | None = None


NO_TASTE = Taste()


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A track with the properties of its file and what is stored of it for a listener.

    Attributes
    ----------
    album : Album or None
    relative_path : str
        The path in the folder that was ingested.
    size : int
        Bytes.
    sample_rate : int
        Hz.
    track_gain, album_gain : float or None
        ReplayGain in dB.
    track_peak, album_peak : float or None
        ReplayGain, the largest absolute sample; 1 is full scale.
    composers, composer_ids : tuple of str, tuple of int
    moods : tuple of str or None
        Strongest first; None where they were not asked for.
    taste : Taste
        Of all copies of the performance.
    """

    track: Track
    album: Album | None
    relative_path: str
    size: int
    codec: str
    sample_rate: int
    channels: int
    isrc: str | None = None
    track_gain: float | None = None
    track_peak: float | None = None
    album_gain: float | None = None
    album_peak: float | None = None
    musicbrainz_album: str | None = None
    musicbrainz_artist: str | None = None
    composers: tuple[str, ...] = ()
    composer_ids: tuple[int, ...] = ()
    moods: tuple[str, ...] | None = None
    taste: Taste = NO_TASTE

    @property
    def album_id(self) -> int:
        """The id of the album, also for a track that has none."""
        return self.album.id if self.album else -(self.track.album_artist_ids or self.track.artist_ids or (0,))[0]

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres of the tags; without any, the one that is predicted."""
        track = self.track
        predicted = () if track.genre is None or track.genre == UNKNOWN else (track.genre,)
        return track.tagged_genres or predicted


@dataclass(frozen=True, slots=True)
class AlbumEntry:
    """An album, and what is stored of it for a listener.

    Attributes
    ----------
    duration : float
        Seconds, of all its tracks.
    added_at : str
        When its first track came into the library: UTC, ISO 8601.
    genres : tuple of str
        Of its tracks, the most frequent first.
    taste : Taste
        Its plays are those of its tracks.
    """

    album: Album
    duration: float
    added_at: str
    genres: tuple[str, ...] = ()
    taste: Taste = NO_TASTE


@dataclass(frozen=True, slots=True)
class ArtistEntry:
    """An artist, and what is stored of the artist for a listener.

    Attributes
    ----------
    album_ids : tuple of int
        Albums of the artist by year, then those on which the artist is.
    roles : tuple of str
        "artist", "album_artist", "composer".
    initial : str
        The letter under which the name is sorted; "#" for what is no letter, and for scripts without capitals.
    """

    artist: Artist
    album_ids: tuple[int, ...] = ()
    roles: tuple[Role, ...] = ()
    initial: str = "#"
    musicbrainz_artist: str | None = None
    taste: Taste = NO_TASTE


class GenreEntry(NamedTuple):
    """A genre of tags, or of tracks without such tags as it is predicted, with the numbers of its tracks and albums."""

    name: str
    n_tracks: int
    n_albums: int
