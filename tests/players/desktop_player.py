"""A desktop player in a virtual display: a home folder of its own, and clicks at places of its window."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

from PIL import ImageGrab
from player_programs import program

T = TypeVar("T")
SCREEN = "-screen 0 1280x800x24 -noreset"


class DesktopPlayer:
    """A player and the display that it is in."""

    def __init__(self, folder: Path, display: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "DBUS_"))},
            "HOME": str(folder),
            "DISPLAY": display,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        (folder / "run").mkdir(mode=0o700)

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        words = [program("dbus-run-session"), "--", *command]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def xdotool(self, *words: str) -> bool:
        command = [program("xdotool"), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False, timeout=60)
        return done.returncode == 0

    def click(self, x: int, y: int, *, times: int = 1) -> None:
        self.xdotool("mousemove", str(x), str(y), "click", "--repeat", str(times), "--delay", "50", "1")

    def is_light(self, x: int, y: int) -> bool:
        """Whether a place of the display is light, as a tab that is selected."""
        place = ImageGrab.grab((x, y, x + 1, y + 1), xdisplay=self.environment["DISPLAY"])
        return place.convert("L").tobytes()[0] > 180

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


@contextmanager
def desktop(*needed: str) -> Iterator[DesktopPlayer]:
    """A virtual display for a player whose programs are installed; all that it has started ends with it."""
    for name in (*needed, "Xvfb", "xdotool", "dbus-run-session"):
        program(name)
    with tempfile.TemporaryDirectory(prefix="player", ignore_cleanup_errors=True) as folder:
        read, write = os.pipe()
        screen = ["Xvfb", "-displayfd", str(write), *SCREEN.split(), "-nolisten", "tcp"]
        server = subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                yield DesktopPlayer(Path(folder), f":{answer.readline().strip()}")
        finally:
            server.terminate()
            server.wait(timeout=60)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a player with what it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)


def until(found: Callable[[], T], *, attempts: int = 600) -> T:
    """What a condition returns once it is true; it is tried ten times a second."""
    pause = Event()
    for _ in range(attempts):
        if result := found():
            return result
        pause.wait(0.1)
    raise AssertionError(f"{found} stays false")
