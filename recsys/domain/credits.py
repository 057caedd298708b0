"""Artists, albums and genres of a library, as the tags of its files name them."""

from dataclasses import dataclass
from typing import NamedTuple

from recsys.domain.records import AlbumRecord, ArtistRecord, GenreRecord
from recsys.domain.set_records import SimilarAlbumRecord, SimilarArtistRecord, TrackPairRecord
from recsys.domain.tracks import Track


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist who takes part in a track, or to whom an album is attributed.

    ``id`` stays the same for ever; ``n_tracks`` and ``n_albums`` count present ones.
    """

    id: int
    name: str
    n_tracks: int = 0
    n_albums: int = 0

    def to_dict(self) -> ArtistRecord:
        """The record as JSON values."""
        return {"id": self.id, "name": self.name, "tracks": self.n_tracks, "albums": self.n_albums}


@dataclass(frozen=True, slots=True)
class Album:
    """An album with all its discs.

    Attributes
    ----------
    id : int
        Stays the same for ever.
    artists, artist_ids : tuple of str, tuple of int
        Of the album artist tag, else the artists of most tracks; empty for an album by various artists.
    various : bool
        Whether it is by various artists.
    year : int or None
    n_tracks, n_discs : int
        Of present tracks.
    musicbrainz_album : str or None
        The MusicBrainz release.
    """

    id: int
    title: str
    artists: tuple[str, ...] = ()
    artist_ids: tuple[int, ...] = ()
    various: bool = False
    year: int | None = None
    n_tracks: int = 0
    n_discs: int = 1
    musicbrainz_album: str | None = None

    @property
    def artist(self) -> str | None:
        """The artists as one text, or "Various Artists"."""
        return ", ".join(self.artists) or ("Various Artists" if self.various else None)

    def __str__(self) -> str:
        name = f"{self.artist} - {self.title}" if self.artist else self.title
        return f"{name} ({self.year})" if self.year else name

    def to_dict(self) -> AlbumRecord:
        """The record as JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            "artist": self.artist,
            "artists": list(self.artists),
            "artist_ids": list(self.artist_ids),
            "various": self.various,
            "year": self.year,
            "tracks": self.n_tracks,
            "discs": self.n_discs,
            "musicbrainz_album": self.musicbrainz_album,
        }


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre of the genre tags, with the number of present tracks that have it."""

    id: int
    name: str
    n_tracks: int = 0

    def to_dict(self) -> GenreRecord:
        """The record as JSON values."""
        return {"id": self.id, "name": self.name, "tracks": self.n_tracks}


class TrackPair(NamedTuple):
    """A track of the artist or album that was asked for, a track of a similar one, and their similarity in [0, 1]."""

    track: Track
    other: Track
    similarity: float

    def to_dict(self) -> TrackPairRecord:
        """The record as JSON values."""
        return {
            "track": {"id": self.track.id, "title": self.track.title},
            "other": {"id": self.other.id, "title": self.other.title},
            "similarity": round(self.similarity, 4),
        }


class SimilarArtist(NamedTuple):
    """An artist, the similarity in [0, 1], and the pairs of tracks that are most similar."""

    artist: Artist
    similarity: float
    pairs: tuple[TrackPair, ...]

    def to_dict(self) -> SimilarArtistRecord:
        """The record as JSON values."""
        pairs = [pair.to_dict() for pair in self.pairs]
        return {**self.artist.to_dict(), "similarity": round(self.similarity, 4), "pairs": pairs}


class SimilarAlbum(NamedTuple):
    """An album, the similarity in [0, 1], and the pairs of tracks that are most similar."""

    album: Album
    similarity: float
    pairs: tuple[TrackPair, ...]

    def to_dict(self) -> SimilarAlbumRecord:
        """The record as JSON values."""
        pairs = [pair.to_dict() for pair in self.pairs]
        return {**self.album.to_dict(), "similarity": round(self.similarity, 4), "pairs": pairs}
