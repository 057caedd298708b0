"""Radio in Quod Libet: songs similar to what plays are added to the queue; plays and skips are stored.

This file is copied to the plugins of Quod Libet, which may run in another Python. It therefore imports nothing of
recsys, and asks it by its commands, one after the other in a thread of its own.
"""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import GLib
from quodlibet import app
from quodlibet.plugins.events import EventPlugin

COMMAND = ["recsys"]  # replaced by the program that installs the plugin
AHEAD = 5
"""With fewer songs in the queue, songs are added."""
SEEDS = 5
PLAYED_SHARE, PLAYED_SECONDS = 0.5, 240.0
"""A song counts as played after this share of it, or after these seconds."""
_SPARE = 2  # factor: songs that are looked for, as Quod Libet may not have some


class Recsys(EventPlugin):
    """What Quod Libet shows of the plugin, and calls."""

    PLUGIN_ID = "recsys"
    PLUGIN_NAME = "recsys radio"
    PLUGIN_DESC = "Adds songs similar to what plays to the queue. Plays and skips are stored in the library of recsys."
    PLUGIN_ICON = "media-playlist-shuffle"

    def enabled(self) -> None:
        """Begin: the song that plays counts as started now."""
        self._played: list[str] = []
        self._skipped: list[str] = []
        self._ended: tuple[Any, float, bool] | None = None
        self._song: str | None = None  # its file: the program gives other objects each time
        self._seconds, self._since = 0.0, None if app.player.paused else time.monotonic()
        self._tasks: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, args=(self._tasks,), daemon=True).start()
        if app.player.song is not None:
            self.plugin_on_song_started(app.player.song)

    def disabled(self) -> None:
        """End the thread."""
        self._tasks.put(None)

    def plugin_on_song_started(self, song: Any) -> None:
        """Another song, or none, begins: the one before is judged, and the queue filled."""
        self._judge(is_next=song is not None)
        self._song, self._seconds = song and song("~filename"), 0.0
        self._since = None if song is None or app.player.paused else time.monotonic()
        if song is not None and len(app.window.playlist.q) < AHEAD:
            queued = [each("~filename") for each in app.window.playlist.q.get()]
            seeds = list(dict.fromkeys([song("~filename"), *self._played]))
            skipped = list(self._skipped)
            self._tasks.put(lambda: self._fill(seeds, queued, skipped))

    def plugin_on_song_ended(self, song: Any, stopped: bool) -> None:
        """Keep how long a song was played, until it shows whether another one follows."""
        self.plugin_on_paused()
        if song is not None and self._song == song("~filename"):
            self._ended = song, self._seconds, stopped

    def plugin_on_paused(self) -> None:
        """Stop the time."""
        if self._since is not None:
            self._seconds += time.monotonic() - self._since
        self._since = None

    def plugin_on_unpaused(self) -> None:
        """Go on with the time."""
        if self._song is not None and self._since is None:
            self._since = time.monotonic()

    def _judge(self, *, is_next: bool) -> None:
        """Store a song that has ended as a play or a skip; one that was stopped early is neither."""
        if self._ended is None:
            return
        (song, seconds, stopped), self._ended = self._ended, None
        path, length = song("~filename"), song("~#length")
        if not stopped or seconds >= min(PLAYED_SECONDS, PLAYED_SHARE * length if length else PLAYED_SECONDS):
            self._played = [path, *self._played][: SEEDS - 1]
            self._tasks.put(lambda: _run("played", "--", path))
        elif is_next:
            self._skipped = [path, *self._skipped][:SEEDS]
            self._tasks.put(lambda: _run("played", "--skipped", "--", path))

    def _work(self, tasks: "queue.SimpleQueue[Callable[[], object] | None]") -> None:
        """Run tasks until the plugin is disabled."""
        while (task := tasks.get()) is not None:
            task()

    def _fill(self, seeds: Sequence[str], queued: Sequence[str], skipped: Sequence[str]) -> None:
        """Ask for songs, in the thread; they are added in that of the window."""
        options = [f"--after={path}" for path in queued] + [f"--skipped={path}" for path in skipped]
        found = _run("radio", "--json", f"-n{_SPARE * AHEAD}", *options, "--", *seeds)
        if found:
            GLib.idle_add(self._add, [track["path"] for track in json.loads(found)])

    def _add(self, paths: Sequence[str]) -> None:
        """Add as many songs as are missing."""
        missing = AHEAD - len(app.window.playlist.q)
        songs = [song for song in map(app.library.get, paths) if song is not None]
        if missing > 0 and songs:
            app.window.playlist.enqueue(songs[:missing])


def _run(*words: str) -> str:
    """What a command of recsys prints; empty if it fails, as for a song that is not in the library."""
    try:
        return subprocess.run(
            [*COMMAND, "--quiet", *words], capture_output=True, check=True, encoding="utf-8", errors="replace",
            timeout=300,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
