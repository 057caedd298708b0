"""Tracks with everything that a player shows of them, for one listener."""

from dataclasses import dataclass

from recsys.domain.credits import Album
from recsys.domain.tracks import UNKNOWN, Track


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
    liked_at : str or None
        When it was liked: UTC, ISO 8601; None without a like. A like that stars imply is none.
    stars : int or None
        1 to 5.
    plays : int
    last_played_at : str or None
        UTC, ISO 8601; None if unknown.
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
    liked_at: str | None = None
    stars: int | None = None
    plays: int = 0
    last_played_at: str | None = None

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres of the tags; without any, the one that is predicted."""
        track = self.track
        predicted = () if track.genre is None or track.genre == UNKNOWN else (track.genre,)
        return track.tagged_genres or predicted
