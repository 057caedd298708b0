"""Music servers on the loopback interface, written from the documents of their APIs: Subsonic, Jellyfin, Lyrion, Plex.

They have a list of songs and playlists in memory, and check logins. They stand in for programs that are not installed
here; the quirks of real servers are options.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, NamedTuple, Self
from urllib.parse import parse_qs, quote, urlsplit

USER, PASSWORD = "anna", "secret-of-anna"


@dataclass
class Song:
    """A song as a server has it."""

    id: str
    artist: str
    title: str
    album: str = "album"
    path: str | None = None
    duration: int | None = None
    starred: str | None = None
    rating: int = 0
    plays: int = 0
    played: str | None = None
    recording: str | None = None


@dataclass
class StoredPlaylist:
    """A playlist of a server."""

    name: str
    ids: list[str]
    owner: str = USER
    places: list[int] = field(default_factory=list)  # ids of the items, where the server has them


class Request(NamedTuple):
    """A request as a handler gets it; ``fields`` are those of the address and of a form."""

    method: str
    path: str
    fields: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        return self.fields.get(name, [default])[0]


class Answer(NamedTuple):
    """An answer; ``cut``: the connection ends before its end."""

    content: Any = None
    status: int = 200
    type: str = "application/json"
    location: str | None = None
    cut: bool = False
    retry_after: str | None = None


@dataclass
class MusicServer:
    """A server in a thread, for a ``with`` block. ``before`` may answer a request instead of it."""

    songs: list[Song] = field(default_factory=list)
    playlists: dict[str, StoredPlaylist] = field(default_factory=dict)
    before: Callable[[Request], Answer | None] | None = None
    tls: Any = None
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet

            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                fields = parse_qs(parts.query, keep_blank_values=True)
                if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
                    fields |= parse_qs(body.decode(), keep_blank_values=True)
                request = Request(self.command, parts.path, fields, dict(self.headers), body)
                server.requests.append(request)
                self.send((server.before and server.before(request)) or server.answer(request))

            def send(self, answer: Answer) -> None:
                content = answer.content
                body = (
                    content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
                )
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.type)
                self.send_header("Content-Length", str(len(body)))
                if answer.location:
                    self.send_header("Location", answer.location)
                if answer.retry_after:
                    self.send_header("Retry-After", answer.retry_after)
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if answer.cut else body)
                self.close_connection = self.close_connection or answer.cut

            do_GET = do_POST = do_PUT = do_DELETE = respond  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        scheme = "http"
        if self.tls is not None:
            self._http.socket = self.tls.wrap_socket(self._http.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _new_id(self) -> str:
        return str(1000 + len(self.playlists))


@dataclass
class SubsonicServer(MusicServer):
    """The API of Subsonic. As Navidrome has it by default; with options as others have it."""

    form_post: bool = True
    open_subsonic: bool = True
    empty_query: bool = True  # finds all songs
    pages: bool = True  # honours songOffset
    tokens: bool = True
    returns_playlist: bool = True
    api_key: str | None = None
    PAGE: ClassVar[int] = 500

    def answer(self, request: Request) -> Answer:
        if request.method == "POST" and not self.form_post:
            return Answer(status=405)
        call = request.path.removeprefix("/rest/").removesuffix(".view")
        error = None if call == "getOpenSubsonicExtensions" else self._refusal(request)
        if error:
            return self._wrapped({"status": "failed", "error": {"code": error, "message": "no"}})
        handler = getattr(self, f"call_{call}", None)
        if handler is None:
            return Answer(b"404 page not found", 404, "text/plain")
        content = handler(request)
        if isinstance(content, int):
            return self._wrapped({"status": "failed", "error": {"code": content, "message": "not found"}})
        return self._wrapped({"status": "ok", **content})

    def _wrapped(self, content: dict[str, Any]) -> Answer:
        extra = {"type": "navidrome", "openSubsonic": True} if self.open_subsonic else {}
        return Answer({"subsonic-response": {"version": "1.16.1", **extra, **content}})

    def _refusal(self, request: Request) -> int | None:
        if key := request.one("apiKey"):
            return None if key == self.api_key else 44
        if token := request.one("t"):
            if not self.tokens:
                return 41
            expected = hashlib.md5((PASSWORD + request.one("s")).encode()).hexdigest()
            return None if request.one("u") == USER and token == expected else 40
        plain = bytes.fromhex(request.one("p").removeprefix("enc:")).decode()
        return None if request.one("u") == USER and plain == PASSWORD else 40

    def call_ping(self, _: Request) -> dict[str, Any]:
        return {}

    def call_getOpenSubsonicExtensions(self, _: Request) -> dict[str, Any]:  # noqa: N802
        named = [{"name": "formPost", "versions": [1]}] if self.form_post else []
        return {"openSubsonicExtensions": [{"name": "songLyrics", "versions": [1]}, *named]}

    def call_search3(self, request: Request) -> dict[str, Any]:
        n, start = min(int(request.one("songCount", "20")), self.PAGE), int(request.one("songOffset", "0"))
        found = self.songs if self.empty_query else []
        return {"searchResult3": {"song": [self._song(each) for each in found[start if self.pages else 0 :][:n]]}}

    def call_getAlbumList2(self, request: Request) -> dict[str, Any]:  # noqa: N802
        names = sorted({song.album for song in self.songs})
        start = int(request.one("offset", "0"))
        return {"albumList2": {"album": [{"id": f"al-{name}", "name": name} for name in names[start:][: self.PAGE]]}}

    def call_getAlbum(self, request: Request) -> dict[str, Any]:  # noqa: N802
        name = request.one("id").removeprefix("al-")
        return {"album": {"id": request.one("id"), "song": [self._song(s) for s in self.songs if s.album == name]}}

    def call_getStarred2(self, _: Request) -> dict[str, Any]:  # noqa: N802
        return {"starred2": {"song": [self._song(song) for song in self.songs if song.starred], "artist": []}}

    def call_getPlaylists(self, _: Request) -> dict[str, Any]:  # noqa: N802
        rows = [{"id": i, "name": each.name, "owner": each.owner} for i, each in self.playlists.items()]
        return {"playlists": {"playlist": rows}}

    def call_createPlaylist(self, request: Request) -> dict[str, Any] | int:  # noqa: N802
        number = request.one("playlistId") or self._new_id()
        if request.one("playlistId") and number not in self.playlists:
            return 70
        before = self.playlists.get(number)
        name = before.name if before else request.one("name")
        self.playlists[number] = StoredPlaylist(name, list(request.fields.get("songId", [])))
        return {"playlist": {"id": number, "name": name}} if self.returns_playlist else {}

    def call_updatePlaylist(self, request: Request) -> dict[str, Any] | int:  # noqa: N802
        playlist = self.playlists.get(request.one("playlistId"))
        if playlist is None:
            return 70
        playlist.name = request.one("name") or playlist.name
        removed = set(map(int, request.fields.get("songIndexToRemove", [])))
        playlist.ids = [each for place, each in enumerate(playlist.ids) if place not in removed]
        playlist.ids += request.fields.get("songIdToAdd", [])
        return {}

    def call_getPlaylist(self, request: Request) -> dict[str, Any] | int:  # noqa: N802
        playlist = self.playlists.get(request.one("id"))
        return 70 if playlist is None else {"playlist": {"entry": [{"id": each} for each in playlist.ids]}}

    def _song(self, song: Song) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": song.id, "isDir": False, "title": song.title, "artist": song.artist, "album": song.album,
            "artistId": f"ar-{song.artist}", "path": song.path, "duration": song.duration, "starred": song.starred,
            "userRating": song.rating or None, "playCount": song.plays or None, "played": song.played,
            "musicBrainzId": song.recording, "artists": [{"id": f"ar-{song.artist}", "name": song.artist}],
        }  # fmt: skip
        return {key: value for key, value in row.items() if value is not None}


@dataclass
class JellyfinServer(MusicServer):
    """Jellyfin 10.10; ids of songs are 32 hexadecimal digits."""

    TOKEN: ClassVar[str] = "token-of-anna"

    def answer(self, request: Request) -> Answer:
        if request.path == "/Users/AuthenticateByName":
            if json.loads(request.body) != {"Username": USER, "Pw": PASSWORD}:
                return Answer(status=401)
            return Answer({"AccessToken": self.TOKEN, "User": {"Id": "00000000000000000000000000000aaa"}})
        if f'Token="{self.TOKEN}"' not in request.headers.get("Authorization", ""):
            return Answer(status=401)
        if request.path == "/Items":
            return self._items(request)
        name, _, number = request.path.strip("/").partition("/")
        if name == "Playlists" and request.method == "POST":
            sent = json.loads(request.body)
            if number and number not in self.playlists:
                return Answer(status=404)
            made = number or f"{len(self.playlists) + 10:032x}"
            self.playlists[made] = StoredPlaylist(sent["Name"], sent["Ids"])
            return Answer(status=204) if number else Answer({"Id": made})
        return Answer(status=404)

    def _items(self, request: Request) -> Answer:
        kinds, items = request.one("IncludeItemTypes"), list[dict[str, Any]]()
        if kinds == "Audio":
            items = [self._song(song) for song in self.songs]
        elif kinds == "Playlist":
            items = [{"Id": number, "Name": each.name} for number, each in self.playlists.items()]
        start, n = int(request.one("StartIndex", "0")), int(request.one("Limit", "100"))
        return Answer({"Items": items[start:][:n], "TotalRecordCount": len(items), "StartIndex": start})

    def _song(self, song: Song) -> dict[str, Any]:
        data = {"IsFavorite": bool(song.starred), "PlayCount": song.plays, "LastPlayedDate": song.played}
        return {
            "Id": song.id, "Name": song.title, "Artists": [song.artist], "Album": song.album, "Path": song.path,
            "ArtistItems": [{"Id": hashlib.md5(song.artist.encode()).hexdigest(), "Name": song.artist}],
            "RunTimeTicks": (song.duration or 0) * 10_000_000, "UserData": data, "ProviderIds": {},
        }  # fmt: skip


@dataclass
class LyrionServer(MusicServer):
    """Lyrion 9; a password is needed if ``secured``."""

    secured: bool = False

    def answer(self, request: Request) -> Answer:
        login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.secured and request.headers.get("Authorization") != login:
            return Answer(status=401)
        if request.path != "/jsonrpc.js":
            return Answer(b"<html>Lyrion</html>", type="text/html")
        sent = json.loads(request.body)
        command = [str(word) for word in sent["params"][1]]
        return Answer({"id": sent["id"], "method": "slim.request", "params": [], "result": self._result(command)})

    def _result(self, command: list[str]) -> dict[str, Any]:
        tags = dict(word.split(":", 1) for word in command if ":" in word)
        if command[0] == "serverstatus":
            return {"version": "9.0.2"}
        if command[0] == "titles":
            rows = [self._song(song) for song in self.songs]
            return {"count": len(rows), "titles_loop": rows[int(command[1]) :][: int(command[2])]}
        if command[0] == "songinfo":
            found = [song for song in self.songs if song.id == tags["track_id"]]
            return {"songinfo_loop": [{"id": song.id} | {"url": self._song(song)["url"]} for song in found]}
        return self._playlists(command, tags)

    def _playlists(self, command: list[str], tags: Mapping[str, str]) -> dict[str, Any]:
        if command[1] == "new":
            number = self._new_id()
            self.playlists[number] = StoredPlaylist(tags["name"], [])
            return {"playlist_id": int(number)}
        if command[1] == "rename":
            self.playlists[tags["playlist_id"]].name = tags["newname"]
        elif command[1] == "edit":
            ids = self.playlists[tags["playlist_id"]].ids
            if tags["cmd"] == "add":
                ids += [song.id for song in self.songs if self._song(song)["url"] == tags["url"]]
            else:
                del ids[int(tags["index"])]
        elif command[1] == "tracks":
            ids = self.playlists[tags["playlist_id"]].ids
            rows = [{"id": int(each)} for each in ids][int(command[2]) :][: int(command[3])]
            return {"count": len(ids), "playlisttracks_loop": rows}
        else:
            listed = [{"id": int(i), "playlist": each.name} for i, each in self.playlists.items()]
            return {"count": len(listed), "playlists_loop": listed}
        return {}

    def _song(self, song: Song) -> dict[str, Any]:
        return {
            "id": int(song.id), "title": song.title, "artist": song.artist, "artist_id": "7", "album": song.album,
            "duration": song.duration, "rating": song.rating * 20, "url": f"file://{quote(song.path or '')}",
        }  # fmt: skip


@dataclass
class PlexServer(MusicServer):
    """Plex 1.41 with a library of films and one of music."""

    TOKEN: ClassVar[str] = "token-of-plex"
    MACHINE: ClassVar[str] = "0123abcd"

    def answer(self, request: Request) -> Answer:
        if request.path == "/identity":
            return self._container(machineIdentifier=self.MACHINE)
        if request.headers.get("X-Plex-Token") != self.TOKEN:
            return Answer(b"<html>401</html>", 401, "text/html")
        if request.path == "/library/sections":
            return self._container(Directory=[{"key": "1", "type": "movie"}, {"key": "2", "type": "artist"}])
        if request.path == "/library/sections/2/all" and request.one("type") == "10":
            return self._page(request, [self._song(song) for song in self.songs])
        if request.path.startswith("/playlists"):
            return self._playlists(request)
        return Answer(status=404)

    def _playlists(self, request: Request) -> Answer:
        prefix = f"server://{self.MACHINE}/com.plexapp.plugins.library/library/metadata/"
        ids = [each for each in request.one("uri").removeprefix(prefix).split(",") if each]
        _, _, number, _, item, *_rest = [*request.path.split("/"), "", "", ""]
        if not number and request.method == "GET":
            return self._page(request, [{"ratingKey": i, "title": p.name} for i, p in self.playlists.items()])
        if not number:
            made = self._new_id()
            self.playlists[made] = StoredPlaylist(request.one("title"), ids, places=[7])
            return self._container(Metadata=[{"ratingKey": made, "title": request.one("title")}])
        if number not in self.playlists:
            return Answer(status=404)
        playlist = self.playlists[number]
        if request.method == "GET":
            pairs = zip(playlist.ids, playlist.places, strict=True)
            return self._page(request, [{"ratingKey": i, "playlistItemID": place} for i, place in pairs])
        if request.method == "DELETE":
            place = playlist.places.index(int(item))
            del playlist.ids[place], playlist.places[place]
        first = max(playlist.places, default=0) + 1
        playlist.places += range(first, first + len(ids))
        playlist.ids += ids
        playlist.name = request.one("title") or playlist.name
        return Answer(None)

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Answer:
        start, n = int(request.one("X-Plex-Container-Start")), int(request.one("X-Plex-Container-Size"))
        return self._container(totalSize=len(rows), size=len(rows[start:][:n]), Metadata=rows[start:][:n])

    def _container(self, **content: Any) -> Answer:
        return Answer({"MediaContainer": content})

    def _song(self, song: Song) -> dict[str, Any]:
        return {
            "ratingKey": song.id, "title": song.title, "grandparentTitle": song.artist, "parentTitle": song.album,
            "grandparentRatingKey": "9", "duration": (song.duration or 0) * 1000, "userRating": song.rating * 2.0,
            "viewCount": song.plays, "Media": [{"Part": [{"file": song.path}]}],
        }  # fmt: skip
