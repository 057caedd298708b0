"""Play in a real Quod Libet, without a screen and sound, and check what the plugin adds to its queue.

Needs the Debian packages quodlibet, xvfb and dbus. The songs are synthesised; a song plays, the queue is filled, the
next one is a skip. Exits with 0 if all of it is seen.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from signals import silence, write_audio
from synthetic_library import all_kinds, make_library

from recsys import Library

SECONDS = 90
CONFIG = """[player]
gst_pipeline = fakesink sync=true
[plugins]
active_plugins = recsys
[settings]
scan = {music}
"""


def wait_for(what: str, found: Callable[[], bool]) -> None:
    """Ask again and again, for a minute and a half at most."""
    end = time.monotonic() + SECONDS
    while not found():
        if time.monotonic() > end:
            raise SystemExit(f"not seen: {what}")
        time.sleep(0.5)
    print(f"seen: {what}")


def main() -> None:
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ or "RECSYS_TRY" not in os.environ:
        command = ["dbus-run-session", "--", "xvfb-run", "-a", sys.executable, __file__]
        raise SystemExit(subprocess.run(command, env=os.environ | {"RECSYS_TRY": "1"}, check=False).returncode)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        music, home = folder / "music", folder / "home"
        sound = write_audio(folder / "silence.mp3", silence(60.0))
        songs = all_kinds(folder=str(music))
        for song in songs:
            path = Path(song.stat.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sound.read_bytes())
        make_library(home, songs)
        (folder / "ql").mkdir()
        (folder / "ql" / "config").write_text(CONFIG.format(music=music), encoding="utf-8")
        os.environ |= {
            "QUODLIBET_USERDIR": str(folder / "ql"), "RECSYS_HOME": str(home), "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(folder), "GDK_BACKEND": "x11", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        subprocess.run([sys.executable, "-m", "recsys", "quodlibet"], check=True)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        program = subprocess.Popen(["quodlibet", "--run", "--refresh"], env=environment)
        library = Library(home)

        def ask(*words: str) -> str:
            done = subprocess.run(["quodlibet", *words], env=environment, capture_output=True, text=True, check=False)
            return done.stdout

        try:
            wait_for("Quod Libet", lambda: "stopped" in ask("--status") or "paused" in ask("--status"))
            ask("--refresh")
            ask(f"--play-file={music / 'jazz' / '01.mp3'}")
            wait_for("a song that plays", lambda: "01.mp3" in ask("--print-playing", "<~filename>"))
            wait_for("five songs in the queue", lambda: ask("--print-queue").count("jazz") >= 5)
            ask("--next")
            wait_for("a skip", lambda: any(play.skipped for play in library.plays.recent()))
        finally:
            ask("--quit")
            program.wait(30)


if __name__ == "__main__":
    main()
