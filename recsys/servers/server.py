"""What every client of a music server does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from recsys.importers.entries import ExternalGroup, ExternalTrack


class ReadTrack(NamedTuple):
    """A track of a server: its id, what the server has of it for the user, and its artists as pairs of id and name."""

    id: str
    entry: ExternalTrack
    artists: tuple[tuple[str, str], ...] = ()


class MusicServer(Protocol):
    """A server, as a user of it. Each method raises ServerError if the server fails or refuses."""

    def __enter__(self) -> "MusicServer": ...

    def __exit__(self, *_: object) -> None: ...

    def log_in(self) -> None:
        """Check the address, and the password or key; every other method needs it."""

    def read_tracks(self) -> Iterator[ReadTrack]:
        """All tracks, with the stars, ratings and plays of the user."""

    def read_groups(self) -> list[ExternalGroup]:
        """The albums and artists that the user likes."""

    def playlists(self) -> Mapping[str, str]:
        """The names of the playlists of the user, by their ids."""

    def create_playlist(self, name: str, track_id: str) -> str:
        """Create a playlist by one request, of one track or none, and return its id.

        :meth:`replace_playlist` makes it whole; if that fails, the caller has the id.
        """

    def replace_playlist(self, playlist_id: str, name: str, ids: Sequence[str]) -> None:
        """Give a playlist a name and one or more tracks instead of those before.

        If the server fails meanwhile, no track is lost: those before go when the new ones are there.
        """
