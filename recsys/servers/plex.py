"""A client of Plex Media Server; the key is the X-Plex-Token of a user.

All libraries of music are read. Ratings are 0 to 10; a track has no heart.

Reference: https://developer.plex.tv/pms/
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from recsys.domain.arrays import in_chunks
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
from recsys.servers.connection import Connection, malformed
from recsys.servers.pages import Page, Row, read_pages
from recsys.servers.server import ReadTrack

PAGE = 500
_TRACK = "10"  # the type of tracks
_SCALE = 10  # of ratings
_MILLISECOND = 0.001
_IDS_IN_ADDRESS = 200  # numbers


class Plex:
    """A Plex server; see :class:`~recsys.servers.server.MusicServer`."""

    def __init__(self, url: str, token: str) -> None:
        headers = {
            "X-Plex-Token": token, "X-Plex-Client-Identifier": "recsys", "X-Plex-Product": "recsys",
            "X-Plex-Version": __version__,
        }  # fmt: skip
        self._connection = Connection(url, headers=headers)
        self._tracks = ""

    def __enter__(self) -> "Plex":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def log_in(self) -> None:
        """See :meth:`recsys.servers.server.MusicServer.log_in`."""
        machine = self._ask("GET", "identity").get("machineIdentifier")
        if not isinstance(machine, str):
            raise malformed(self._connection.url, "machineIdentifier: it is no Plex")
        self._tracks = f"server://{machine}/com.plexapp.plugins.library/library/metadata/"
        self._ask("GET", "library/sections")  # which needs the key

    def read_tracks(self) -> Iterator[ReadTrack]:
        """See :meth:`recsys.servers.server.MusicServer.read_tracks`."""
        known: set[str] = set()  # libraries may share folders
        for section in _records(self._ask("GET", "library/sections"), "Directory"):
            if section.get("type") == "artist":
                path = f"library/sections/{section.get('key')}/all"
                for item in self._items(path, type=_TRACK, includeGuids="1"):
                    if _id(item) not in known:
                        known.add(_id(item))
                        yield _track(item)

    def read_groups(self) -> list[ExternalGroup]:
        """Nothing: Plex has no hearts."""
        return []

    def playlists(self) -> Mapping[str, str]:
        """See :meth:`recsys.servers.server.MusicServer.playlists`."""
        found = self._items("playlists", playlistType="audio")
        return {_id(item): str(item.get("title") or "") for item in found if not item.get("smart")}

    def create_playlist(self, name: str, track_id: str) -> str:
        """See :meth:`recsys.servers.server.MusicServer.create_playlist`."""
        query = {"type": "audio", "title": name, "smart": "0", "uri": self._tracks + track_id}
        made = [_id(item) for item in _records(self._ask("POST", "playlists", **query), "Metadata")]
        if not made or not made[0]:
            raise malformed(self._connection.url, "the playlist that was created")
        return made[0]

    def replace_playlist(self, playlist_id: str, name: str, ids: Sequence[str]) -> None:
        """See :meth:`recsys.servers.server.MusicServer.replace_playlist`."""
        path = f"playlists/{playlist_id}/items"
        before = list(self._items(path, _place))
        if [_id(each) for each in before] != list(ids):
            for chunk in in_chunks(ids, _IDS_IN_ADDRESS):
                self._ask("PUT", path, uri=self._tracks + ",".join(chunk))
            for each in before:
                self._ask("DELETE", f"{path}/{_place(each)}")
        self._ask("PUT", f"playlists/{playlist_id}", title=name)

    def _items(self, path: str, id_of: Callable[[Row], str] | None = None, **query: str) -> Iterator[Mapping[str, Any]]:
        """All items of a list, each once."""

        def read(start: int) -> Page:
            page = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE)}
            answer = self._ask("GET", path, **query, **page)
            total = answer.get("totalSize")
            return Page(_records(answer, "Metadata"), total if isinstance(total, int) else None)

        return read_pages(self._connection.url, PAGE, read, id_of or _id)

    def _ask(self, method: str, path: str, **query: str) -> Mapping[str, Any]:
        answer = self._connection.ask(method, path, query=query)
        container = answer.get("MediaContainer") if isinstance(answer, dict) else {} if answer is None else None
        if not isinstance(container, dict):
            raise malformed(self._connection.url, "MediaContainer: it is no Plex")
        return container


def _track(item: Mapping[str, Any]) -> ReadTrack:
    files = [part.get("file") for media in _records(item, "Media") for part in _records(media, "Part")]
    guids = [each.get("id") for each in _records(item, "Guid") if str(each.get("id")).startswith("mbid:")]
    album_artist = parse_text(item.get("grandparentTitle"))
    entry = ExternalTrack(
        path=parse_path(files[0]) if files else None,
        recording=parse_recording_id(guids),
        artist=parse_text(item.get("originalTitle")) or album_artist,
        title=parse_text(item.get("title")),
        album=parse_text(item.get("parentTitle")),
        duration=parse_duration(item.get("duration"), _MILLISECOND),
        stars=parse_stars(item.get("userRating"), _SCALE),
        plays=parse_count(item.get("viewCount")),
        last_played=parse_timestamp(item.get("lastViewedAt")),
    )
    artist_id = parse_text(item.get("grandparentRatingKey"))
    return ReadTrack(_id(item), entry, ((artist_id, album_artist),) if artist_id and album_artist else ())


def _id(record: Mapping[str, Any]) -> str:
    return str(record.get("ratingKey") or "")


def _place(record: Mapping[str, Any]) -> str:
    """The id of an item of a playlist, of which one track may be several."""
    return str(record.get("playlistItemID") or "")


def _records(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The records of a list; of another form, none."""
    found = fields.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
