"""Mopidy with its extension for Subsonic, played through mpc, against a real server."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest
from desktop_player import until
from player_programs import mopidy_python, program
from player_server import USER, PlayerServer, running

CONFIG = """
[core]
cache_dir = {folder}/cache
config_dir = {folder}/config
data_dir = {folder}/data
[audio]
output = fakesink sync=true
[softwaremixer]
enabled = true
[http]
enabled = false
[file]
enabled = false
[stream]
enabled = false
[m3u]
enabled = false
[mpd]
enabled = true
hostname = 127.0.0.1
port = {port}
[subidy]
enabled = true
url = {url}
username = {user}
password = {key}
legacy_auth = false
api_version = 1.14.0
"""
STARTED = "MPD server running"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    mopidy_python()
    with running(tmp_path_factory) as found:
        yield found


class Mopidy:
    """Mopidy as a process, and what mpc prints of it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def mpc(self, *words: str, input: str | None = None) -> list[str]:
        done = subprocess.run(
            [program("mpc"), "--host=127.0.0.1", f"--port={self.port}", *words],
            input=input, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout.splitlines()

    def elapsed(self) -> int | None:
        """The seconds that have been played of the song, from a line such as ``[playing] #1/2   0:05/0:07 (71%)``."""
        found = re.search(r"\[(?:playing|paused)\] .* 0:(\d\d)/0:07", "\n".join(self.mpc("status")))
        return int(found[1]) if found else None


@pytest.fixture(scope="module")
def mopidy(server: PlayerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mopidy]:
    program("mpc")
    folder = tmp_path_factory.mktemp("mopidy")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    config = folder / "mopidy.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, url=server.url, user=USER, key=server.key))
    command = [str(mopidy_python()), "-m", "mopidy", "--config", str(config)]
    log = folder / "log"  # a file, which is never full, as a pipe that nobody reads can be
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written)
    try:
        until(lambda: STARTED in log.read_text("utf-8", "replace") or process.poll() is not None, attempts=1200)
        assert STARTED in log.read_text("utf-8", "replace"), log.read_text("utf-8", "replace")
        yield Mopidy(port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # GStreamer may wait for a stream for ever
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_library_is_browsed(mopidy: Mopidy) -> None:
    assert mopidy.mpc("ls", "Subsonic") == ["Subsonic/Albums", "Subsonic/Artists", "Subsonic/Directories"]
    artists = mopidy.mpc("ls", "Subsonic/Artists")
    assert len(artists) == 14  # with various artists
    assert "Subsonic/Artists/Kenji Williams" in artists
    albums = mopidy.mpc("ls", "Subsonic/Artists/Kenji Williams")
    assert "Subsonic/Artists/Kenji Williams/Faces of Epiphany" in albums


def test_a_song_is_found_played_and_sought(mopidy: Mopidy, server: PlayerServer) -> None:
    [uri] = mopidy.mpc("search", "any", "Free Energy")
    song = server.get("search3", query="Free Energy")["searchResult3"]["song"][0]["id"]
    assert uri == f"subidy:song:{song}"
    mopidy.mpc("clear")
    mopidy.mpc("add", input=uri)
    assert mopidy.mpc("playlist", "-f", "%artist% - %title% %time%") == ["Kenji Williams - Free Energy 0:07"]
    mopidy.mpc("play")
    until(lambda: mopidy.elapsed() is not None)
    mopidy.mpc("pause")
    mopidy.mpc("seek", "0:05")
    assert (mopidy.elapsed() or 0) >= 4  # a song that cannot be sought is at its begin
    # Played to its end: GStreamer can hang in a stop that meets the seek.
    mopidy.mpc("play")
    until(lambda: mopidy.elapsed() is None)


def test_playlists_of_the_server_are_loaded(mopidy: Mopidy, server: PlayerServer) -> None:
    songs = [each["id"] for each in server.get("getRandomSongs", size=3)["randomSongs"]["song"]]
    server.get("createPlaylist", name="Three songs", songId=songs)
    assert "Three songs" in mopidy.mpc("lsplaylists")
    mopidy.mpc("clear")
    mopidy.mpc("load", "Three songs")
    assert mopidy.mpc("playlist", "-f", "%file%") == [f"subidy:song:{id}" for id in songs]
