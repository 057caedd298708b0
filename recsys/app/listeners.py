"""The listeners of a library: who has ratings, plays and saved playlists of their own."""

from dataclasses import dataclass

from recsys.app.access_keys import AccessKeys
from recsys.app.context import LibraryContext
from recsys.app.link_secrets import LinkSecrets
from recsys.domain.listeners import Listener


@dataclass(frozen=True, slots=True)
class Listeners:
    """The listeners of a library; :attr:`recsys.Library.listeners`. Names are compared without case.

    The first one is the default listener, which is used where none is named. It can be renamed, not removed.
    """

    context: LibraryContext

    def list(self) -> "list[Listener]":
        """All listeners with counts of what belongs to them, the default listener first.

        >>> [listener.name for listener in lib.listeners.list()]
        ['default']
        """
        with self.context.open() as catalogue:
            return catalogue.listeners()

    def add(self, name: str) -> None:
        """Add a listener; the first rating or play of a new name does this too.

        Raises
        ------
        InvalidRequest
            The name is taken, empty, too long, or has characters that cannot be printed.

        Examples
        --------
        >>> lib.listeners.add("Anna")
        >>> anna = lib.for_listener("anna")
        >>> anna.dislike("So What")
        TrackList of 1 track
        >>> [track.title for track in lib.ratings.tracks().likes]
        ['So What']
        """
        with self.context.open() as catalogue:
            catalogue.add_listener(name)

    def rename(self, name: str, new_name: str) -> None:
        """Change the name of a listener; keys of the server stay bound to it.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            The new name is taken or invalid.
        """
        with self.context.open() as catalogue:
            catalogue.rename_listener(name, new_name)
        AccessKeys(self.context).rename_listener(name, new_name)

    def remove(self, name: str) -> Listener:
        """Remove a listener with all likes, stars, plays and saved playlists, and return what that was.

        Playlist files are kept; keys of the server that are bound to it are revoked, its links and their passwords
        removed.

        Raises
        ------
        NotFound
            There is no listener of this name.
        InvalidRequest
            It is the default listener.
        """
        with self.context.open() as catalogue:
            links = {link.name for link in catalogue.links.list_links()}
            removed = catalogue.remove_listener(name)
            links -= {link.name for link in catalogue.links.list_links()}
        AccessKeys(self.context).remove_listener(name)
        for link in links:
            LinkSecrets(self.context).set(link, None)
        return removed
