"""The plugin of Quod Libet with a stand-in for that program; scripts/try_quodlibet.py runs it in the real one."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

PLUGIN = Path(__file__).parents[2] / "recsys" / "quodlibet" / "plugin.py"


class Song:
    """A song, which the program wraps anew for each call."""

    def __init__(self, path: str, length: int = 200) -> None:
        self.path, self.length = path, length

    def __call__(self, key: str) -> Any:
        return {"~filename": self.path, "~#length": self.length}[key]


class Queue(list[Song]):
    """The queue of the program."""

    def get(self) -> list[Song]:
        return list(self)


class Player:
    """The program, with the plugin in it; its commands run when ``work`` is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.queue = 0.0, Queue()
        self.commands: list[tuple[str, ...]] = []
        self.answer = ""
        library = {path: Song(path) for path in (f"/{number}" for number in range(20))}
        playlist = SimpleNamespace(q=self.queue, enqueue=self.queue.extend)
        app = SimpleNamespace(
            player=SimpleNamespace(song=None, paused=False), library=library, window=SimpleNamespace(playlist=playlist)
        )
        glib = SimpleNamespace(idle_add=lambda function, *given: function(*given))
        modules: dict[str, dict[str, Any]] = {
            "gi": {},
            "gi.repository": {"GLib": glib},
            "quodlibet": {"app": app},
            "quodlibet.plugins": {},
            "quodlibet.plugins.events": {"EventPlugin": object},
        }
        for name, values in modules.items():  # fmt: skip
            module = ModuleType(name)
            vars(module).update(values)
            monkeypatch.setitem(sys.modules, name, module)
        spec = importlib.util.spec_from_file_location("recsys_radio", PLUGIN)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.run = module._run
        monkeypatch.setattr(module, "_run", self._run)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(
            module, "threading", SimpleNamespace(Thread=lambda **_: SimpleNamespace(start=lambda: None))
        )
        self.plugin: Any = module.Recsys()
        self.plugin.enabled()

    def _run(self, *words: str) -> str:
        self.commands.append(words)
        return self.answer if words[0] == "radio" else ""

    def work(self) -> list[tuple[str, ...]]:
        """Run what the thread would run; the commands of it."""
        self.commands.clear()
        tasks: Any = self.plugin._tasks
        while not tasks.empty():
            task: Callable[[], object] = tasks.get()
            task()
        return list(self.commands)

    def play(self, path: str | None, *, ended: str | None = None, stopped: bool = True) -> None:
        """A song ends, and another one begins."""
        if ended is not None:
            self.plugin.plugin_on_song_ended(Song(ended), stopped)
        self.plugin.plugin_on_song_started(None if path is None else Song(path))


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Player:
    return Player(monkeypatch)


def test_the_queue_is_filled_with_songs_that_the_program_has(player: Player) -> None:
    player.queue.append(Song("/1"))
    player.answer = json.dumps([{"path": f"/{number}"} for number in (2, 99, 3, 4, 5, 6, 7)])
    player.play("/0")
    assert player.work() == [("radio", "--json", "-n10", "--after=/1", "--", "/0")]
    assert [song.path for song in player.queue] == ["/1", "/2", "/3", "/4", "/5"]
    player.play("/1", ended="/0", stopped=False)
    assert player.work() == [("played", "--", "/0")]  # the queue is full


@pytest.mark.parametrize(
    ("seconds", "stopped", "following", "expected"),
    [
        (200, False, "/1", [("played", "--", "/0")]),
        (100, True, "/1", [("played", "--", "/0")]),
        (100, True, None, [("played", "--", "/0")]),
        (99, True, "/1", [("played", "--skipped", "--", "/0")]),
        (99, True, None, []),
    ],
)
def test_half_a_song_is_a_play(
    player: Player, seconds: float, stopped: bool, following: str | None, expected: list[tuple[str, ...]]
) -> None:
    player.queue.extend(Song("/9") for _ in range(5))
    player.play("/0")
    player.now = seconds
    player.play(following, ended="/0", stopped=stopped)
    assert player.work() == expected


def test_a_pause_is_not_played(player: Player) -> None:
    player.queue.extend(Song("/9") for _ in range(5))
    player.play("/0")
    player.now = 50
    player.plugin.plugin_on_paused()
    player.now = 500
    player.plugin.plugin_on_unpaused()
    player.now = 540
    player.play("/1", ended="/0")
    assert player.work() == [("played", "--skipped", "--", "/0")]


def test_what_was_played_is_a_seed_and_what_was_skipped_is_not(player: Player) -> None:
    player.play("/0")
    player.play("/1", ended="/0", stopped=False)
    player.play("/2", ended="/1")
    assert player.work()[-1] == ("radio", "--json", "-n10", "--skipped=/1", "--", "/2", "/0")


def test_a_command_that_fails_adds_nothing(player: Player) -> None:
    player.play("/0")
    player.work()
    assert player.queue == []


def test_what_a_command_printed_before_it_failed_is_not_used(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(player.run.__globals__, "COMMAND", [sys.executable, "-c", "print('['); raise SystemExit(1)"])
    assert player.run("radio") == ""
