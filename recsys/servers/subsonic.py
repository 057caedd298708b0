"""A client of servers with the API of Subsonic: Navidrome, Gonic, Airsonic, LMS, recsys and others.

It logs in with a digest of the password and a salt, with the password itself where the server has no digests, or with
an API key where no user is named. Requests are forms where the server takes them, so that no address has a digest, and
playlists of any length are one request.

References: http://www.subsonic.org/pages/api.jsp, https://opensubsonic.netlify.app/docs/
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recsys.domain.arrays import in_chunks
from recsys.errors import ServerError
from recsys.importers.entries import ExternalGroup
from recsys.importers.subsonic import external_track, starred_groups
from recsys.servers.connection import Connection, Fields, NotOnServer, malformed, refused
from recsys.servers.pages import Page, read_pages
from recsys.servers.server import ReadTrack

PAGE = 500
"""Tracks or albums of one request; more are refused by some servers."""

_PROTOCOL = {"v": "1.16.1", "c": "recsys", "f": "json"}
_REFUSED = (40, 42, 43, 44, 50)
_NO_DIGEST, _NOT_FOUND = 41, 70
_IDS_IN_ADDRESS = 100  # of 40 characters, so that an address has at most 5,000


class _NoDigest(Exception):
    """The server cannot check digests of passwords."""


class Subsonic:
    """A server with the API of Subsonic; see :class:`~recsys.servers.server.MusicServer`."""

    def __init__(self, url: str, user: str | None, secret: str) -> None:
        self._connection = Connection(url)
        self._user, self._secret = user, secret
        self._login: Mapping[str, str] = self._digest() if user is not None else {"apiKey": secret}
        self._takes_forms = False

    def __enter__(self) -> "Subsonic":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def log_in(self) -> None:
        """See :meth:`recsys.servers.server.MusicServer.log_in`."""
        try:
            answer = self._ask("ping")
        except _NoDigest:
            self._login = {"u": self._user or "", "p": "enc:" + self._secret.encode().hex()}
            answer = self._ask("ping")
        if answer.get("openSubsonic") is True:
            extensions = _records(self._ask("getOpenSubsonicExtensions"), "openSubsonicExtensions")
            self._takes_forms = any(each.get("name") == "formPost" for each in extensions)

    def read_tracks(self) -> Iterator[ReadTrack]:
        """See :meth:`recsys.servers.server.MusicServer.read_tracks`."""
        known: set[str] = set()
        songs = _records(self._page(0), "searchResult3", "song")
        pages = self._search_pages(songs) if songs else self._albums()
        for page in pages:
            new = [song for song in page if _id(song) not in known and not _is_video(song)]
            known.update(_id(song) for song in page)
            yield from (_track(song) for song in new if _id(song))

    def read_groups(self) -> list[ExternalGroup]:
        """See :meth:`recsys.servers.server.MusicServer.read_groups`."""
        return starred_groups(self._ask("getStarred2"))

    def playlists(self) -> Mapping[str, str]:
        """See :meth:`recsys.servers.server.MusicServer.playlists`."""
        found = _records(self._ask("getPlaylists"), "playlists", "playlist")
        mine = (self._user or "").casefold()
        own = [each for each in found if self._user is None or str(each.get("owner", self._user)).casefold() == mine]
        return {_id(each): str(each.get("name", "")) for each in own}

    def create_playlist(self, name: str, track_id: str) -> str:
        """See :meth:`recsys.servers.server.MusicServer.create_playlist`."""
        before = self.playlists()
        answer = self._ask("createPlaylist", name=name, songId=[track_id])
        made = [_id(each) for each in _records(answer, "playlist")]
        if not made:  # of servers older than version 1.14 of the protocol
            made = [each for each, its_name in self.playlists().items() if its_name == name and each not in before]
        if not made or not made[0]:
            raise malformed(self._connection.url, "the playlist that was created")
        return made[0]

    def replace_playlist(self, playlist_id: str, name: str, ids: Sequence[str]) -> None:
        """See :meth:`recsys.servers.server.MusicServer.replace_playlist`."""
        if self._takes_forms or len(ids) <= _IDS_IN_ADDRESS:
            self._ask("createPlaylist", playlistId=playlist_id, songId=ids)
        else:
            before = len(_records(self._ask("getPlaylist", id=playlist_id), "playlist", "entry"))
            for chunk in in_chunks(ids, _IDS_IN_ADDRESS):
                self._ask("updatePlaylist", playlistId=playlist_id, songIdToAdd=chunk)
            for places in in_chunks(range(before), _IDS_IN_ADDRESS):  # of those that are left, again from 0 on
                first = [str(place - places[0]) for place in places]
                self._ask("updatePlaylist", playlistId=playlist_id, songIndexToRemove=first)
        self._ask("updatePlaylist", playlistId=playlist_id, name=name)

    def _page(self, offset: int) -> Mapping[str, Any]:
        return self._ask("search3", query="", songCount=PAGE, songOffset=offset, artistCount=0, albumCount=0)

    def _search_pages(self, first: list[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
        """All songs by an empty query; by albums if the server has the same page again."""
        page, n, known = first, 0, set[str]()
        while page:
            if (ids := {_id(each) for each in page}) <= known:
                yield from self._albums()
                return
            yield page
            known |= ids
            n += len(page)
            page = _records(self._page(n), "searchResult3", "song")

    def _albums(self) -> Iterator[list[Mapping[str, Any]]]:
        """All songs by album, of servers where an empty query finds nothing."""

        def read(start: int) -> Page:
            answer = self._ask("getAlbumList2", type="alphabeticalByName", size=PAGE, offset=start)
            return Page(_records(answer, "albumList2", "album"))

        for each in read_pages(self._connection.url, PAGE, read, _id):
            yield _records(self._ask("getAlbum", id=_id(each)), "album", "song")

    def _digest(self) -> Mapping[str, str]:
        salt = secrets.token_hex(8)
        token = hashlib.md5((self._secret + salt).encode(), usedforsecurity=False).hexdigest()
        return {"u": self._user or "", "t": token, "s": salt}

    def _ask(self, call: str, **fields: str | int | Sequence[str]) -> Mapping[str, Any]:
        """The content of the answer to a call."""
        sent: Fields = {**_PROTOCOL, **self._login, **fields}
        url = self._connection.url
        if self._takes_forms:
            whole = self._connection.ask("POST", f"rest/{call}", form=sent)
        else:
            whole = self._connection.ask("GET", f"rest/{call}", query=sent)
        answer = whole.get("subsonic-response") if isinstance(whole, dict) else None
        if not isinstance(answer, dict):
            raise malformed(url, "subsonic-response: it has no API of Subsonic there")
        if answer.get("status") == "ok":
            return answer
        error = answer.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        message = str(error.get("message") or "no reason") if isinstance(error, dict) else "no reason"
        if code == _NO_DIGEST and "t" in self._login:
            raise _NoDigest
        if code in _REFUSED:
            raise refused(url)
        if code == _NOT_FOUND:
            raise NotOnServer(f"{url} refuses {call}: not found")
        raise ServerError(f"{url} refuses {call}: {_one_line(message)}")


def _track(song: Mapping[str, Any]) -> ReadTrack:
    artists = [(_id(each), str(each.get("name") or "")) for key in ("artists", "albumArtists")
               for each in song.get(key) or () if isinstance(each, dict)]  # fmt: skip
    if not artists and song.get("artistId") is not None:
        artists = [(str(song["artistId"]), str(song.get("artist") or ""))]
    return ReadTrack(_id(song), external_track(song), tuple(dict.fromkeys(pair for pair in artists if all(pair))))


def _is_video(song: Mapping[str, Any]) -> bool:
    return song.get("isDir") is True or song.get("isVideo") is True or song.get("type") in ("podcast", "video")


def _id(record: Mapping[str, Any]) -> str:
    return str(record.get("id") or "")


def _records(answer: Mapping[str, Any], *path: str) -> list[Mapping[str, Any]]:
    """The records under a path of names; one record may stand without its list."""
    found: Any = answer
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, dict)]


def _one_line(message: str) -> str:
    return " ".join(message.split())[:200]
