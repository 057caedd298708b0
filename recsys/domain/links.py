"""Links to servers of music, and what is exchanged with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple, TypedDict

from recsys.domain.tracks import Track

KINDS = ("navidrome", "subsonic", "jellyfin", "lyrion", "plex")
"""The servers that can be linked. Navidrome has the API of Subsonic."""


class LinkRecord(TypedDict):
    """A link to a server."""

    name: str
    kind: Annotated[str, "navidrome, subsonic, jellyfin, lyrion or plex"]
    url: str
    user: Annotated[str | None, "null: the link has a key"]
    listener: Annotated[str | None, "whose likes and playlists are exchanged; null: those of the current listener"]
    created_at: Annotated[str, "UTC, ISO 8601"]
    read_at: Annotated[str | None, "when the tracks of the server were read; UTC, ISO 8601"]
    tracks: Annotated[int, "of the server"]
    matched: Annotated[int, "tracks of the server that the library has"]
    artists: Annotated[int, "of the server that the library has"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a server, without its password.

    Parameters
    ----------
    name : str
        By which it is found, without case.
    kind : str
        One of :data:`KINDS`.
    url : str
        The address of the server.
    user : str or None
        The user of the server; None: the secret is a key.
    listener : str or None
        Whose likes, plays and playlists are exchanged with it; None: those of the current listener.
    created_at, read_at : str or None
        When it was added, and when the tracks of the server were read; UTC, ISO 8601.
    tracks, matched, artists : int
        The number of tracks of the server, and of its tracks and artists that the library has.
    """

    name: str
    kind: str
    url: str
    user: str | None = None
    listener: str | None = None
    created_at: str = ""
    read_at: str | None = None
    tracks: int = 0
    matched: int = 0
    artists: int = 0

    def to_dict(self) -> LinkRecord:
        """The record as JSON values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "url": self.url,
            "user": self.user,
            "listener": self.listener,
            "created_at": self.created_at,
            "read_at": self.read_at,
            "tracks": self.tracks,
            "matched": self.matched,
            "artists": self.artists,
        }


class ServerTrackRecord(TypedDict):
    """A track of a server as it describes it."""

    id: Annotated[str, "the id of the server"]
    artist: str | None
    title: str | None
    album: str | None
    path: str | None
    duration: Annotated[float | None, "seconds"]
    track_id: Annotated[int | None, "the track of the library; null: it has none"]
    match_method: Annotated[str | None, "path, path ending, musicbrainz, name or similar name"]


class ServerTrack(NamedTuple):
    """A track of a server: its id there, names, path and duration; the track of the library, and how it was found."""

    id: str
    artist: str | None = None
    title: str | None = None
    album: str | None = None
    path: str | None = None
    duration: float | None = None
    track_id: int | None = None
    match_method: str | None = None

    def to_dict(self) -> ServerTrackRecord:
        """The record as JSON values."""
        return {
            "id": self.id,
            "artist": self.artist,
            "title": self.title,
            "album": self.album,
            "path": self.path,
            "duration": self.duration,
            "track_id": self.track_id,
            "match_method": self.match_method,
        }

    def __str__(self) -> str:
        if self.title:
            return f"{self.artist} - {self.title}" if self.artist else self.title
        return self.path or self.id


class LinkReportRecord(TypedDict):
    """What the last reading of a server has found."""

    link: LinkRecord
    matched: Annotated[dict[str, int], "number of tracks by how they were found in the library"]
    not_found: Annotated[int, "tracks of the server that the library lacks"]
    added: Annotated[int, "ids that are new on the server"]
    removed: Annotated[int, "ids that are no longer on the server"]
    ids_changed: Annotated[bool, "whether the server has given its tracks new ids"]


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What the reading of a server has found.

    Parameters
    ----------
    link : Link
        The link as it is now.
    matched : mapping
        The number of tracks by how they were found in the library.
    added, removed : int
        Ids that were new on the server, and that were no longer there.
    ids_changed : bool
        Whether the server has given most of its tracks new ids.
    """

    link: Link
    matched: Mapping[str, int]
    added: int = 0
    removed: int = 0
    ids_changed: bool = False

    def to_dict(self) -> LinkReportRecord:
        """The record as JSON values."""
        return {
            "link": self.link.to_dict(),
            "matched": dict(self.matched),
            "not_found": self.link.tracks - self.link.matched,
            "added": self.added,
            "removed": self.removed,
            "ids_changed": self.ids_changed,
        }


class PushRecord(TypedDict):
    """A saved playlist that was written to a server."""

    playlist: str
    link: str
    replaced: Annotated[bool, "whether it has replaced a playlist of the server"]
    tracks: Annotated[int, "that the playlist of the server has"]
    missing: Annotated[list[int], "ids of the tracks that the server lacks"]


@dataclass(frozen=True, slots=True)
class PushResult:
    """A saved playlist that was written to a server.

    Parameters
    ----------
    playlist, link : str
        The names of the playlist and of the link.
    replaced : bool
        Whether it has replaced a playlist of the server.
    tracks : int
        The number of tracks that the playlist of the server has.
    missing : tuple of Track
        The tracks that the server lacks.
    """

    playlist: str
    link: str
    replaced: bool
    tracks: int
    missing: tuple[Track, ...] = ()

    def to_dict(self) -> PushRecord:
        """The record as JSON values."""
        return {
            "playlist": self.playlist,
            "link": self.link,
            "replaced": self.replaced,
            "tracks": self.tracks,
            "missing": [track.id for track in self.missing],
        }
