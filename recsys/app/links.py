"""Links to servers of music: the ids that they give to the tracks of the library."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.link_secrets import LinkSecrets
from recsys.domain.links import Link, LinkReport, PushResult, ServerTrack
from recsys.errors import Hint, InvalidRequest, ServerError
from recsys.metadata.text import name_key

if TYPE_CHECKING:
    from recsys.app.ratings_import import ImportPreview
    from recsys.servers.server import MusicServer


@dataclass(frozen=True, slots=True)
class LinkedIds:
    """The ids of one server; :meth:`Links.tracks`. Each call reads the database."""

    context: LibraryContext
    number: int
    kind: str

    def track_id(self, foreign_id: str) -> int | None:
        """The track of the library that has an id of the server; None if it has none."""
        return self.track_ids([foreign_id]).get(foreign_id)

    def track_ids(self, foreign_ids: Iterable[str]) -> Mapping[str, int]:
        """The tracks of the library by those of these ids of the server that have one."""
        normal = {each: self._normal(each) for each in foreign_ids}
        with self.context.open() as catalogue:
            found = catalogue.links.track_ids(self.number, normal.values())
        return {each: found[key] for each, key in normal.items() if key in found}

    def foreign_id(self, track_id: int) -> str | None:
        """The id of the server of a track, or of a copy of it; None if the server has none."""
        return self.foreign_ids([track_id]).get(track_id)

    def foreign_ids(self, track_ids: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server by the ids of those of these tracks that it has, in any copy."""
        with self.context.open() as catalogue:
            return catalogue.links.foreign_ids(self.number, track_ids)

    def artist_id(self, foreign_id: str) -> int | None:
        """The artist of the library that has an id of the server; None if it has none."""
        with self.context.open() as catalogue:
            return catalogue.links.artist_id(self.number, self._normal(foreign_id))

    def foreign_artist_id(self, artist_id: int) -> str | None:
        """The id of the server of an artist; None if the server has none."""
        return self.foreign_artist_ids([artist_id]).get(artist_id)

    def foreign_artist_ids(self, artist_ids: Iterable[int]) -> Mapping[int, str]:
        """The ids of the server by the ids of those of these artists that it has."""
        with self.context.open() as catalogue:
            return catalogue.links.foreign_artist_ids(self.number, artist_ids)

    def _normal(self, foreign_id: str) -> str:
        """Jellyfin writes one id with hyphens and without, in either case."""
        return foreign_id.replace("-", "").lower() if self.kind == "jellyfin" else foreign_id


@dataclass(frozen=True, slots=True)
class Links:
    """The links to servers; :attr:`recsys.Library.links`. Names are compared without case."""

    context: LibraryContext

    def add(
        self,
        kind: str,
        url: str,
        *,
        user: str | None = None,
        secret: str | Callable[[], str] | None = None,
        name: str | None = None,
        listener: str | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> LinkReport:
        """Link a server: log in, read all of its tracks and match them with the library.

        A link of this name gets another address, user and password, and keeps what was pushed to it. Nothing is stored
        if the server fails.

        Parameters
        ----------
        kind : str
            navidrome, subsonic, jellyfin, lyrion or plex.
        url : str
            The address of the server, as for a browser.
        user : str or None
            The user of the server; None: it has a key, or needs no login.
        secret : str or callable or None
            The password or key, or what asks for it if one is needed, once everything else is checked.
        name : str or None
            The name of the link; None: the kind, if no link to another address has it.
        listener : str or None
            Whose likes, plays and playlists are exchanged with the server; None: those of the current listener.
        on_progress : callable or None
            It is called with the number of tracks that were read.

        Raises
        ------
        InvalidRequest
            The kind, address, user or name is invalid.
        NotFound
            There is no such listener.
        ServerError
            The server cannot be reached, refuses the login or fails.

        Examples
        --------
        >>> lib.links.add("navidrome", "localhost:4533")
        Traceback (most recent call last):
        recsys.errors.InvalidRequest: url must be an address such as http://localhost:4533, got 'localhost:4533'
        """
        from recsys.app.link_reading import match_tracks, read_tracks, store_tracks
        from recsys.servers.choice import check_login, check_secret, needs_secret, open_server
        from recsys.servers.connection import check_url

        check_login(kind, user)
        link = Link((name or kind).strip(), kind, check_url(url), user, listener)
        with self.context.open() as catalogue:
            same = [each for each in catalogue.links.list_links() if name_key(each.name) == name_key(link.name)]
            if same and name is None and same[0].url != link.url:
                raise InvalidRequest(
                    f"is needed: {same[0].name} is a link to {same[0].url}; give its name to change that", field="name"
                )
            catalogue.links.check(link)
        given = secret() if callable(secret) and needs_secret(kind, user) else secret
        known = given if isinstance(given, str) else None
        check_secret(known)
        with open_server(link, known) as server:
            server.log_in()
            tracks = read_tracks(server, on_progress)
        LinkSecrets(self.context).set(link.name, known)
        with self.context.open() as catalogue:
            found = match_tracks(catalogue, link, tracks)
            catalogue.links.save(link)
            return store_tracks(catalogue, link, tracks, found)

    def refresh(self, name: str, *, on_progress: Callable[[int], None] | None = None) -> LinkReport:
        """Read all tracks of a server again and match them with the library; the ids before are replaced.

        Raises
        ------
        NotFound
            There is no link of this name.
        ServerError
            The server fails, or has no tracks any more; the ids of before stay.

        Examples
        --------
        >>> lib.links.refresh("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        from recsys.app.link_reading import match_tracks, read_tracks, store_tracks

        with self.open_server(name) as (link, server):
            tracks = read_tracks(server, on_progress)
        with self.context.open() as catalogue:
            return store_tracks(catalogue, link, tracks, match_tracks(catalogue, link, tracks))

    def push(
        self, name: str, playlists: Sequence[str] = (), *, replace: bool = False, dry_run: bool = False
    ) -> "list[PushResult]":
        """Write saved playlists to a server: create them there, or replace those that were written before.

        They have the tracks that the server has; a playlist stays on the server if it is deleted here.

        Parameters
        ----------
        name : str
            The name of the link.
        playlists : sequence of str
            Names of saved playlists; none: those that were pushed before.
        replace : bool
            Also replace a playlist of the same name that was not written by this.
        dry_run : bool
            Change nothing.

        Raises
        ------
        NotFound
            There is no link or no saved playlist of a name, or the server has no track of a playlist.
        InvalidRequest
            The server has another playlist of this name, and ``replace`` is not set.
        ServerError
            The server fails; the playlists before it are written.

        Examples
        --------
        >>> lib.links.push("navidrome", ["blue"])
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        from recsys.app.link_exchange import push

        with self.open_server(name) as (link, server):
            return push(self._context_of(link), link, server, playlists, replace=replace, dry_run=dry_run)

    def pull(
        self, name: str, *, dry_run: bool = False, on_progress: Callable[[int], None] | None = None
    ) -> "ImportPreview":
        """Store what the user of a server likes, rates and plays there, as an import of likes does.

        The tracks of the server are read again, as by :meth:`refresh`. What is no longer starred on the server stays
        liked here.

        Parameters
        ----------
        name : str
            The name of the link.
        dry_run : bool
            Store nothing.
        on_progress : callable or None
            It is called with the number of tracks that were read.

        Raises
        ------
        NotFound
            There is no link of this name.
        ServerError
            The server fails; nothing is stored.

        Examples
        --------
        >>> lib.links.pull("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        from recsys.app.link_exchange import pull
        from recsys.app.ratings import Ratings

        with self.open_server(name) as (link, server):
            context = self._context_of(link)
            found = pull(context, link, server, dry_run=dry_run, on_progress=on_progress)
        if not dry_run:
            Ratings(context).apply(found)
        return found

    def _context_of(self, link: Link) -> LibraryContext:
        """The library of the listener of a link, of the current one if it has none."""
        return self.context if link.listener is None else self.context.for_listener(link.listener)

    def remove(self, name: str) -> None:
        """Remove a link, its ids and its password; nothing changes on the server.

        Raises
        ------
        NotFound
            There is no link of this name.

        Examples
        --------
        >>> lib.links.remove("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        with self.context.open() as catalogue:
            catalogue.links.remove(name)
        LinkSecrets(self.context).set(name, None)

    @contextmanager
    def open_server(self, name: str) -> "Iterator[tuple[Link, MusicServer]]":
        """A link and its server, logged in, while the block runs.

        Raises
        ------
        NotFound
            There is no link of this name.
        ServerError
            The password is not stored, as after a backup was restored; or the server fails.
        """
        from recsys.servers.choice import needs_secret, open_server

        with self.context.open() as catalogue:
            _, link = catalogue.links.find(name)
        secret = LinkSecrets(self.context).get(link.name)
        if secret is None and needs_secret(link.kind, link.user):
            raise ServerError(f"the password of the link {link.name!r} is not stored", hint=Hint.LINK_AGAIN)
        with open_server(link, secret) as server:
            server.log_in()
            yield link, server

    def tracks(self, name: str) -> LinkedIds:
        """The ids that a server gives to tracks and artists, in both directions.

        Raises
        ------
        NotFound
            There is no link of this name.

        Examples
        --------
        >>> lib.links.tracks("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        with self.context.open() as catalogue:
            number, found = catalogue.links.find(name)
        return LinkedIds(self.context, number, found.kind)

    def unmatched(self, name: str) -> "list[ServerTrack]":
        """The tracks of a server that the library lacks.

        Raises
        ------
        NotFound
            There is no link of this name.

        Examples
        --------
        >>> lib.links.unmatched("navidrome")
        Traceback (most recent call last):
        recsys.errors.NotFound: there is no link 'navidrome'
        """
        with self.context.open() as catalogue:
            number, _ = catalogue.links.find(name)
            return catalogue.links.tracks(number, unmatched=True)

    def list(self) -> "list[Link]":
        """All links, in the order in which they were added.

        Examples
        --------
        >>> lib.links.list()
        []
        """
        with self.context.open() as catalogue:
            return catalogue.links.list_links()
