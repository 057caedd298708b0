"""A real server for players: synthesised music that is analysed, a library of it, and a key to log in with."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import documented_music
import httpx
import pytest
from PIL import Image
from server_process import ServerProcess

import recsys

USER = "player"
LYRICS = "[00:01.00]the first line\n[00:03.50]the second line\n"


@dataclass(frozen=True)
class PlayerServer:
    """Where a server is, and how a player logs in."""

    home: Path
    url: str
    key: str

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def library(self) -> recsys.Library:
        """The library of the server, to see what a player has changed."""
        return recsys.Library(self.home)

    def call(self, name: str, /, **parameters: Any) -> httpx.Response:
        """The answer to a call; ``f`` is its format, JSON if it is absent."""
        query = {"apiKey": self.key, "c": "test", "f": "json", **parameters}
        return httpx.get(f"{self.url}/rest/{name}", params=query, timeout=60)

    def get(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """The fields of an answer as JSON."""
        found: dict[str, Any] = self.call(name, **parameters).json()["subsonic-response"]
        assert found["status"] == "ok", found
        return found


def make_music(folder: Path) -> Path:
    """A library of 24 songs of seven seconds, 13 artists and 11 albums, with a cover and lyrics; its home."""
    documented_music.write_home(folder)
    music = folder / "Music"
    for number, genre in enumerate(sorted(path for path in music.iterdir() if path.is_dir())):
        Image.new("RGB", (64, 64), (80 * number, 40, 120)).save(genre / "cover.jpg")
    for song in music.rglob("*.flac"):
        song.with_suffix(".lrc").write_text(LYRICS, encoding="utf-8")
    home = folder / "library"
    library = recsys.Library(home)
    assert library.ingest([music]).new == 24
    return home


@contextmanager
def running(folders: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    """A server of a library of its own; the music is made and analysed once for all workers of pytest."""
    base = folders.getbasetemp()
    made = _music_of_all((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "players")
    home = folders.mktemp("server") / "home"
    shutil.copytree(made, home)
    key = recsys.Library(home).keys.add(USER, subsonic=True)
    with ServerProcess(home) as server:
        yield PlayerServer(home, f"http://127.0.0.1:{server.port}", key)


def _music_of_all(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make_music(folder / "home")
            (folder / "made").touch()
    return folder / "home" / "library"
