"""The contract of bliss-mixer: paths in, paths out, for programs of this machine alone."""

import asyncio
import errno
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from synthetic_library import make_library, make_song

import recsys
from recsys.cli import bliss_mixer_program
from recsys.errors import RecsysError
from recsys.web.blissmixer.choice import mix_tracks
from recsys.web.blissmixer.requests import MixRequest
from recsys.web.blissmixer.server import make_app, report_port

ALBUM = "one album"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten tracks of jazz and ten of metal below /music: jazz/01.mp3 … metal/20.mp3; five are by one artist."""
    home = tmp_path_factory.mktemp("blissmixer")
    songs = [
        make_song(
            kind, number, artist="the five" if number <= 5 else f"artist {number}",
            album=ALBUM if number in (6, 7) else f"album {number}",
            album_artist="the band" if number in (6, 7) else f"band {number}",
            genre="Hard Rock" if kind == "metal" else "Jazz",
        )
        for kind, numbers in (("jazz", range(1, 11)), ("metal", range(11, 21)))
        for number in numbers
    ]  # fmt: skip
    make_library(home, songs)
    return home


class Mixer:
    """Requests to the application, without a socket."""

    def __init__(self, home: Path, folder: str | None = "/music") -> None:
        self.library = recsys.Library(home)
        self._app = make_app(self.library, None if folder is None else Path(folder))

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:12000") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(send())

    def ask(self, path: str, **fields: Any) -> list[str]:
        headers = {"Content-Type": "application/json;charset=utf-8"}
        answer = self.request("POST", path, content=json.dumps(fields), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text == "" or answer.text.endswith("\n")
        return answer.text.splitlines()


@pytest.fixture
def mixer(home: Path, tmp_path: Path) -> Mixer:
    shutil.copytree(home, tmp_path / "home")
    return Mixer(tmp_path / "home")


def test_it_is_ready(mixer: Mixer) -> None:
    answer = mixer.request("GET", "/api/ready")
    assert (answer.status_code, answer.text) == (200, "1")


def test_a_list_has_similar_tracks_first(mixer: Mixer) -> None:
    found = mixer.ask("/api/list", track="jazz/01.mp3", count=9, byartist=0, genregroups=[])
    assert {path.split("/")[0] for path in found} == {"jazz"}
    assert len(set(found)) == 9
    assert "jazz/01.mp3" not in found


def test_a_list_may_be_of_one_artist(mixer: Mixer) -> None:
    found = mixer.ask("/api/list", track="jazz/01.mp3", count=50, byartist=1, genregroups=[])
    assert sorted(found) == [f"jazz/0{number}.mp3" for number in range(2, 6)]
    tracks = [mixer.library.track(f"/music/{path}") for path in ("jazz/01.mp3", *found)]
    vectors = mixer.library.vectors(tracks, kind="similarity").vectors
    cosines = (vectors[1:] @ vectors[0]).tolist()
    assert cosines == sorted(cosines, reverse=True)


def test_a_mix_repeats_nothing(mixer: Mixer) -> None:
    found = mixer.ask(
        "/api/mix", tracks=["jazz/06.mp3"], previous=["jazz/01.mp3", "jazz/08.mp3"], count=20, norepart=2, norepalb=0,
        shuffle=0, genregroups=[], filterxmas=1, forest=1,
    )  # fmt: skip
    assert not set(found) & {f"jazz/0{number}.mp3" for number in (1, 2, 3, 4, 5, 6, 8)}
    assert found[:2]
    assert {path.split("/")[0] for path in found[:2]} == {"jazz"}
    assert len(found) == len(set(found))


def test_an_artist_comes_once_and_an_album_once(mixer: Mixer) -> None:
    fields: dict[str, Any] = {"tracks": ["jazz/10.mp3"], "count": 50, "genregroups": []}
    once = mixer.ask("/api/mix", **fields, norepart=10)
    of_five = {f"jazz/0{number}.mp3" for number in range(1, 6)}
    assert len(set(once) & of_five) == 1
    assert len(set(mixer.ask("/api/mix", **fields)) & of_five) == 5
    assert len(set(once) & {"jazz/06.mp3", "jazz/07.mp3"}) == 1


def test_length_tempo_and_genre_are_limits(mixer: Mixer) -> None:
    fields: dict[str, Any] = {"tracks": ["jazz/01.mp3"], "count": 50}
    library = mixer.library
    tracks = {track.path.removeprefix("/music/"): track for track in library.tracks()}
    short = mixer.ask("/api/mix", **fields, genregroups=[], min=150, max=200)
    assert short
    assert all(150 <= tracks[path].duration <= 200 for path in short)
    near = mixer.ask("/api/mix", **fields, genregroups=[], maxbmpdiff=3)
    assert near
    assert all(abs((tracks[path].bpm or 0) - 101) <= 3 for path in near)
    rock = mixer.ask(
        "/api/mix", tracks=["metal/11.mp3"], count=50, filtergenre=1, genregroups=[["*rock", "Pop"], ["Jazz"]]
    )
    assert rock
    assert {path.split("/")[0] for path in rock} == {"metal"}
    no_rock = mixer.ask("/api/mix", **fields, filtergenre=1, genregroups=[["*rock"]])
    assert no_rock
    assert {path.split("/")[0] for path in no_rock} == {"jazz"}


def test_a_shuffled_mix_is_drawn_from_the_nearest(mixer: Mixer) -> None:
    seed = mixer.library.track("/music/jazz/01.mp3")
    found = mixer.library.radio(seed, n=19, max_per_artist=0)
    request = MixRequest(tracks=[], count=1, shuffle=True)
    drawn = {mix_tracks(found, [seed], [], request, rng=Random(i), today=date(2026, 5, 1))[0].id for i in range(99)}
    nearest = MixRequest(tracks=[], count=5)
    assert drawn == {each.id for each in mix_tracks(found, [seed], [], nearest, rng=Random(0), today=date(2026, 5, 1))}


def test_christmas_is_in_december(mixer: Mixer) -> None:
    seed, *others = mixer.library.tracks()
    carol = replace(others[0], tagged_genre="Christmas", tagged_genres=("Christmas",))
    request = MixRequest(tracks=[], count=1, filterxmas=True)
    for month, expected in ((5, others[1].id), (12, carol.id)):
        found = mix_tracks([carol, *others[1:]], [seed], [], request, rng=Random(0), today=date(2026, month, 1))
        assert [track.id for track in found] == [expected]


def test_what_is_disliked_is_in_no_mix(mixer: Mixer) -> None:
    mixer.library.dislike("/music/jazz/02.mp3")
    assert "jazz/02.mp3" not in mixer.ask("/api/mix", tracks=["jazz/01.mp3"], count=50, genregroups=[])


def test_unknown_paths_are_no_seeds(mixer: Mixer) -> None:
    assert mixer.ask("/api/mix", tracks=["jazz/99.mp3"], genregroups=[]) == []
    assert mixer.ask("/api/mix", tracks=[], genregroups=[]) == []
    assert mixer.ask("/api/list", track="spotify:track:1", byartist=0, genregroups=[]) == []
    assert len(mixer.ask("/api/mix", tracks=["jazz/99.mp3", "jazz/01.mp3"], genregroups=[])) == 5


def test_the_folder_follows_from_the_paths(home: Path) -> None:
    found = Mixer(home, folder=None).ask("/api/list", track="jazz/01.mp3", count=3, genregroups=[])
    assert all(path.startswith("jazz/") for path in found)
    assert len(found) == 3


@pytest.mark.parametrize("count", [-1, 0, 1])
def test_at_least_one_track_is_returned(mixer: Mixer, count: int) -> None:
    assert len(mixer.ask("/api/mix", tracks=["jazz/01.mp3"], count=count, genregroups=[])) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tracks": "a"}', b'{"track": 1}', b'{"count": "many"}'])
def test_malformed_bodies_are_refused(mixer: Mixer, body: bytes) -> None:
    for path in ("/api/mix", "/api/list"):
        answer = mixer.request("POST", path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_no_other_site_reaches_the_mixer(mixer: Mixer) -> None:
    body = {"content": '{"tracks": ["jazz/01.mp3"]}'}
    plain = {"Content-Type": "application/json"}
    assert mixer.request("POST", "/api/mix", headers=plain, **body).status_code == 200
    for headers in (
        plain | {"Origin": "http://evil.example"},
        plain | {"Sec-Fetch-Site": "cross-site"},
        plain | {"Host": "evil.example"},
    ):
        assert mixer.request("POST", "/api/mix", headers=headers, **body).status_code == 403
    assert mixer.request("POST", "/api/mix", headers={"Content-Type": "text/plain"}, **body).status_code == 415
    assert mixer.request("GET", "/api/ready", headers={"Host": "evil.example"}).status_code == 403


def test_the_mixer_has_no_other_route(mixer: Mixer) -> None:
    for path in ("/", "/api/v1/health", "/rest/ping", "/api/v1/tracks", "/upload"):
        assert mixer.request("GET", path).status_code == 404


def test_the_mixer_is_of_this_machine_alone(home: Path) -> None:
    words = ["--home", str(home), "blissmixer", "--port", "0"]
    with subprocess.Popen([sys.executable, "-m", "recsys", *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.match(r"the mixer is at http://127\.0\.0\.1:(\d+)/api", process.stderr.readline())
        assert found is not None
        assert httpx.get(f"http://localhost:{found[1]}/api/ready").text == "1"
        with socket.socket() as other:
            assert other.connect_ex(("127.0.0.2", int(found[1]))) == errno.ECONNREFUSED
        process.terminate()
        assert process.wait() == 0


def test_the_program_takes_the_arguments_of_bliss_mixer(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(bliss_mixer_program, "run_recsys", given.append)
    plugin = ["--lms", "127.0.0.1", "--db", "/cache/bliss.db", "--address", "127.0.0.1", "--logging", "debug"]
    for words in (plugin, [*plugin, "--weights", "1,2"], ["--port", "12001", "--address", "0.0.0.0"]):
        monkeypatch.setattr(sys, "argv", ["bliss-mixer", *words])
        bliss_mixer_program.main()
    of_plugin = ["--verbose", "blissmixer", "--port", "0", "--lyrion", "127.0.0.1"]
    assert given == [of_plugin, of_plugin, ["blissmixer", "--port", "12001"]]
    monkeypatch.setattr(sys, "argv", ["bliss-mixer", "--upload"])
    with pytest.raises(SystemExit):
        bliss_mixer_program.main()


def test_lyrion_gets_the_port() -> None:
    received: list[Any] = []

    class Lyrion(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Lyrion) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        report_port("127.0.0.1", 12345, lyrion_port=server.server_port)
        thread.join()
    command = {"id": 1, "method": "slim.request", "params": ["", ["blissmixer", "port", "number:12345"]]}
    assert received == [("/jsonrpc.js", command)]
    with pytest.raises(RecsysError, match="does not take the port"):
        report_port("127.0.0.1", 1, lyrion_port=server.server_port)
