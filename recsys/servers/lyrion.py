"""A client of Lyrion Music Server (formerly Logitech Media Server, Squeezebox Server), by JSON-RPC.

A server without a password needs no user. Ids of tracks are numbers that a full scan gives anew.

Reference: https://lyrion.org/reference/cli/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recsys.errors import ServerError
from recsys.importers.entries import ExternalGroup, ExternalTrack
from recsys.importers.parsing import parse_duration, parse_path, parse_stars, parse_text
from recsys.servers.connection import Connection, NotOnServer, malformed
from recsys.servers.pages import Page, read_pages
from recsys.servers.server import ReadTrack

PAGE = 1000
_TAGS = "tags:asldRu"  # artist, its id, album, duration, rating, URL
_SCALE = 100  # of ratings


class Lyrion:
    """A Lyrion server; see :class:`~recsys.servers.server.MusicServer`."""

    def __init__(self, url: str, user: str | None, password: str | None) -> None:
        self._connection = Connection(url, user=None if user is None else (user, password or ""))

    def __enter__(self) -> "Lyrion":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def log_in(self) -> None:
        """See :meth:`recsys.servers.server.MusicServer.log_in`."""
        if "version" not in self._ask("serverstatus", 0, 0):
            raise malformed(self._connection.url, "version: it is no Lyrion")

    def read_tracks(self) -> Iterator[ReadTrack]:
        """See :meth:`recsys.servers.server.MusicServer.read_tracks`."""
        for row in self._rows("titles", "titles_loop", _TAGS):
            if not str(row.get("url") or "").startswith("file:"):
                continue  # a stream of a plugin
            artist = parse_text(row.get("artist"))
            entry = ExternalTrack(
                path=parse_path(row.get("url")),
                artist=artist,
                title=parse_text(row.get("title")),
                album=parse_text(row.get("album")),
                duration=parse_duration(row.get("duration")),
                stars=parse_stars(row.get("rating"), _SCALE),
            )
            number = parse_text(row.get("artist_id"))
            yield ReadTrack(str(row["id"]), entry, ((number, artist),) if number and artist else ())

    def read_groups(self) -> list[ExternalGroup]:
        """Nothing: Lyrion has favourites of other kinds only."""
        return []

    def playlists(self) -> Mapping[str, str]:
        """See :meth:`recsys.servers.server.MusicServer.playlists`."""
        rows = self._rows("playlists", "playlists_loop", "tags:u")
        own = [row for row in rows if str(row.get("url") or "file:").startswith("file:")]  # others are of plugins
        return {str(row["id"]): str(row.get("playlist") or "") for row in own}

    def create_playlist(self, name: str, track_id: str) -> str:
        """See :meth:`recsys.servers.server.MusicServer.create_playlist`."""
        self._url(track_id)  # which is an error if the server no longer has it
        answer = self._ask("playlists", "new", f"name:{name}")
        made = parse_text(answer.get("playlist_id"))
        if made is None:
            raise ServerError(f"{self._connection.url} has not created the playlist: it needs a folder of playlists")
        return made

    def replace_playlist(self, playlist_id: str, name: str, ids: Sequence[str]) -> None:
        """See :meth:`recsys.servers.server.MusicServer.replace_playlist`."""
        stored = self._ask("playlists", "tracks", 0, len(ids), f"playlist_id:{playlist_id}")
        rows, before = stored.get("playlisttracks_loop") or [], str(stored.get("count") or 0)
        if not isinstance(rows, list) or not before.isdecimal():
            raise malformed(self._connection.url, "the tracks of a playlist and their number")
        listed = [str(each.get("id")) for each in rows if isinstance(each, dict)]
        if int(before) != len(ids) or listed != list(ids):
            for url in [self._url(each) for each in ids]:
                self._ask("playlists", "edit", "cmd:add", f"playlist_id:{playlist_id}", f"url:{url}")
            for _ in range(int(before)):
                self._ask("playlists", "edit", "cmd:delete", f"playlist_id:{playlist_id}", "index:0")
        self._ask("playlists", "rename", f"playlist_id:{playlist_id}", f"newname:{name}")

    def _url(self, track_id: str) -> str:
        """The address of a track, by which it is added to a playlist."""
        found = self._ask("songinfo", 0, 10, f"track_id:{track_id}", "tags:u").get("songinfo_loop")
        for each in found if isinstance(found, list) else ():
            if isinstance(each, dict) and isinstance(each.get("url"), str):
                return str(each["url"])
        raise NotOnServer(f"{self._connection.url} has no track {track_id}")

    def _rows(self, query: str, loop: str, *tags: str) -> Iterator[Mapping[str, Any]]:
        """All rows of a query, each once."""

        def read(start: int) -> Page:
            answer = self._ask(query, start, PAGE, *tags)
            rows, total = answer.get(loop) or [], answer.get("count") or 0
            if not isinstance(rows, list) or not str(total).isdecimal():
                raise malformed(self._connection.url, f"rows and their count: {query}")
            return Page([each for each in rows if isinstance(each, dict)], int(total))

        return read_pages(self._connection.url, PAGE, read, lambda row: str(row.get("id") or ""))

    def _ask(self, *command: str | int) -> Mapping[str, Any]:
        body = {"id": 1, "method": "slim.request", "params": ["", list(command)]}
        answer = self._connection.ask("POST", "jsonrpc.js", body=body)
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict):
            raise malformed(self._connection.url, "result: it is no Lyrion")
        return result
