"""A client of Jellyfin 10.9 and newer.

It logs in as a user: a key of Jellyfin has no playlists and no favourites. Ids are 32 hexadecimal digits.

Reference: https://api.jellyfin.org
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recsys.domain.version import __version__
from recsys.importers.entries import ExternalGroup, ExternalTrack
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_path,
    parse_recording_id,
    parse_stars,
    parse_text,
    parse_timestamp,
)
from recsys.servers.connection import Connection, Fields, malformed
from recsys.servers.pages import Page, read_pages
from recsys.servers.server import ReadTrack

PAGE = 500
_TICK = 1e-7  # seconds
_SCALE = 10  # of ratings
_CLIENT = f'MediaBrowser Client="recsys", Device="recsys", DeviceId="recsys", Version="{__version__}"'


class Jellyfin:
    """A Jellyfin server; see :class:`~recsys.servers.server.MusicServer`."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._connection = Connection(url, headers={"Authorization": _CLIENT})
        self._login = {"Username": user, "Pw": password}
        self._user_id = ""

    def __enter__(self) -> "Jellyfin":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def log_in(self) -> None:
        """See :meth:`recsys.servers.server.MusicServer.log_in`."""
        answer = self._connection.ask("POST", "Users/AuthenticateByName", body=self._login)
        token = answer.get("AccessToken") if isinstance(answer, dict) else None
        user = answer.get("User") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not isinstance(user, dict) or not _id(user):
            raise malformed(self._connection.url, "AccessToken: it is no Jellyfin")
        self._user_id = _id(user)
        self._connection.set_header("Authorization", f'{_CLIENT}, Token="{token}"')

    def read_tracks(self) -> Iterator[ReadTrack]:
        """See :meth:`recsys.servers.server.MusicServer.read_tracks`."""
        for item in self._items("Audio", Fields="Path,ProviderIds"):
            yield _track(item)

    def read_groups(self) -> list[ExternalGroup]:
        """See :meth:`recsys.servers.server.MusicServer.read_groups`."""
        found = []
        for item in self._items("MusicAlbum,MusicArtist", Filters="IsFavorite"):
            name, is_artist = parse_text(item.get("Name")), item.get("Type") == "MusicArtist"
            artist = name if is_artist else parse_text(item.get("AlbumArtist"))
            if artist and name:
                found.append(ExternalGroup(artist, None if is_artist else name))
        return found

    def playlists(self) -> Mapping[str, str]:
        """See :meth:`recsys.servers.server.MusicServer.playlists`."""
        return {_id(item): str(item.get("Name") or "") for item in self._items("Playlist")}

    def create_playlist(self, name: str, track_id: str) -> str:
        """See :meth:`recsys.servers.server.MusicServer.create_playlist`."""
        body = {"Name": name, "Ids": [track_id], "UserId": self._user_id, "MediaType": "Audio"}
        answer = self._connection.ask("POST", "Playlists", body=body)
        if not isinstance(answer, dict) or not _id(answer):
            raise malformed(self._connection.url, "the playlist that was created")
        return _id(answer)

    def replace_playlist(self, playlist_id: str, name: str, ids: Sequence[str]) -> None:
        """See :meth:`recsys.servers.server.MusicServer.replace_playlist`."""
        self._connection.ask("POST", f"Playlists/{playlist_id}", body={"Name": name, "Ids": list(ids)})

    def _items(self, kinds: str, **fields: str) -> Iterator[Mapping[str, Any]]:
        """All items of some kinds, each once."""

        def read(start: int) -> Page:
            query: Fields = {
                "userId": self._user_id, "IncludeItemTypes": kinds, "Recursive": "true", "StartIndex": start,
                "Limit": PAGE, "SortBy": "SortName", "EnableImages": "false", **fields,
            }  # fmt: skip
            answer = self._connection.ask("GET", "Items", query=query)
            items = answer.get("Items") if isinstance(answer, dict) else None
            if not isinstance(items, list):
                raise malformed(self._connection.url, "Items: it is no Jellyfin")
            total = answer.get("TotalRecordCount")
            return Page([each for each in items if isinstance(each, dict)], total if isinstance(total, int) else None)

        return read_pages(self._connection.url, PAGE, read, _id)


def _track(item: Mapping[str, Any]) -> ReadTrack:
    data = item.get("UserData") if isinstance(item.get("UserData"), dict) else {}
    ids = item.get("ProviderIds") if isinstance(item.get("ProviderIds"), dict) else {}
    assert isinstance(data, dict)
    assert isinstance(ids, dict)
    likes = data.get("Likes")
    entry = ExternalTrack(
        path=parse_path(item.get("Path")),
        recording=parse_recording_id(ids.get("MusicBrainzRecording")),
        artist=parse_text(item.get("Artists")) or parse_text(item.get("AlbumArtist")),
        title=parse_text(item.get("Name")),
        album=parse_text(item.get("Album")),
        duration=parse_duration(item.get("RunTimeTicks"), _TICK),
        stars=parse_stars(data.get("Rating"), _SCALE),
        plays=parse_count(data.get("PlayCount")),
        loved=True if data.get("IsFavorite") or likes is True else False if likes is False else None,
        last_played=parse_timestamp(data.get("LastPlayedDate")),
    )
    named = [each for key in ("ArtistItems", "AlbumArtists") for each in item.get(key) or () if isinstance(each, dict)]
    artists = [(_id(each), str(each.get("Name") or "")) for each in named]
    return ReadTrack(_id(item), entry, tuple(dict.fromkeys(pair for pair in artists if all(pair))))


def _id(record: Mapping[str, Any]) -> str:
    """The id without hyphens."""
    return str(record.get("Id") or "").replace("-", "").lower()
