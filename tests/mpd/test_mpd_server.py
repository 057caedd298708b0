"""``recsys mpd`` beside a real MPD: what it adds, stores and survives."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from mpd_server import MpdServer, needs_mpd
from signals import silence, write_audio
from synthetic_library import all_kinds, make_library

from recsys import Library

pytestmark = [needs_mpd, pytest.mark.timeout(60)]
SECONDS = 60.0


class Daemon:
    """``recsys mpd`` as a process; the end of a ``with`` block stops it as a service would."""

    def __init__(self, home: Path, *options: str, stop: int = signal.SIGTERM) -> None:
        words = [sys.executable, "-m", "recsys", "--home", str(home), "mpd", *options]
        self._process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        self._stop = stop
        self.status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(self._stop)
        self.rest = self._process.communicate()[1]
        self.status = self._process.returncode

    def until(self, pattern: str) -> re.Match[str]:
        """Read its messages up to one that matches."""
        assert self._process.stderr is not None
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError("".join(lines))


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 songs and the library of it, in ``home``; jazz is 01 to 06, metal 07 to 12 …"""
    folder = tmp_path_factory.mktemp("mpd")
    music = folder / "music"
    sound = write_audio(folder / "silence.mp3", silence(SECONDS))
    for song in all_kinds(folder=str(music)):
        path = Path(song.stat.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sound, path)
    make_library(folder / "home", all_kinds(folder=str(music)))
    return folder


@pytest.fixture
def home(songs: Path, tmp_path: Path) -> Path:
    shutil.copytree(songs / "home", tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def mpd(songs: Path, tmp_path: Path) -> Iterator[MpdServer]:
    with MpdServer(tmp_path, songs / "music") as server:
        yield server


def test_the_queue_is_filled_with_similar_songs(mpd: MpdServer, home: Path) -> None:
    mpd.mpc("add", "jazz/01.mp3")
    mpd.mpc("play")
    with Daemon(home, "--host", mpd.host, "--ahead", "4") as daemon:
        for _ in range(4):
            daemon.until("added: artist")
        queue = mpd.mpc("playlist", "--format", "%file%")
    assert queue[0] == "jazz/01.mp3"
    assert len(set(queue)) == 5
    assert all(file.startswith("jazz/") for file in queue)
    assert daemon.status == 143
    assert "interrupted" in daemon.rest


def test_plays_skips_and_stickers_are_stored(mpd: MpdServer, home: Path) -> None:
    mpd.mpc("add", "jazz/01.mp3")
    mpd.mpc("sticker", "jazz/03.mp3", "set", "rating", "9")
    mpd.mpc("play")
    mpd.mpc("seek", "75%")
    mpd.mpc("pause")
    with Daemon(home, "--host", mpd.host, "--ahead", "2", stop=signal.SIGINT) as daemon:
        daemon.until("1 sticker stored")
        daemon.until("added: ")
        daemon.until("added: ")
        mpd.mpc("next")
        daemon.until("played: artist 1 - title 1")
        mpd.mpc("next")
        daemon.until("skipped: ")
        mpd.mpc("sticker", "jazz/02.mp3", "set", "like", "2")
        daemon.until("1 sticker stored")
        mpd.mpc("sticker", "jazz/03.mp3", "delete", "rating")
        daemon.until("1 sticker stored")
    assert daemon.status == 130
    library = Library(home)
    assert library.plays.recent()[-1].track.title == "title 1"
    assert [play.skipped for play in library.plays.recent()] == [True, False]
    assert [track.title for track in library.ratings.tracks().likes] == ["title 2"]
    assert library.ratings.stars() == {}


def test_a_server_that_is_started_again_is_followed_again(mpd: MpdServer, home: Path) -> None:
    mpd.mpc("add", "jazz/01.mp3")
    mpd.mpc("play")
    with Daemon(home, "--host", mpd.host, "--ahead", "1") as daemon:
        daemon.until("added: ")
        mpd.stop()
        daemon.until("no connection to MPD at .*; trying again")
        mpd.start()
        daemon.until("connected to MPD")
        mpd.mpc("clear")
        mpd.mpc("add", "metal/08.mp3")
        mpd.mpc("play")
        assert "artist" in daemon.until("added: (.*)")[1]
        queue = mpd.mpc("playlist", "--format", "%file%")
    assert queue[0] == "metal/08.mp3"
    assert len(queue) == 2


def test_an_abstract_socket_with_a_password_and_a_folder_of_another_name(
    songs: Path, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(songs / "music", folder)  # which the library does not have
    host = f"@recsys-test-{os.getpid()}"
    with MpdServer(tmp_path, folder, host=host, password="opensesame") as mpd:
        mpd.mpc("add", "folk/13.mp3")
        mpd.mpc("play")
        file = tmp_path / "password"
        file.write_text("opensesame\n", encoding="utf-8")
        with Daemon(home, "--host", host, "--password-file", str(file), "--ahead", "1") as daemon:
            daemon.until("added: ")
        file.write_text("sesame", encoding="utf-8")
        words = ["--home", str(home), "mpd", "--host", host, "--password-file", str(file)]
        refused = subprocess.run([sys.executable, "-m", "recsys", *words], capture_output=True, text=True)
        assert mpd.mpc("playlist", "--format", "%file%")[1].startswith("folk/")
    assert refused.returncode == 1
    assert refused.stderr == "recsys: error: MPD refuses 'password': incorrect password\n"
