"""The line of a silent command on a terminal: when it appears, what it has, and that nothing of it stays."""

import io
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library

from recsys.cli import waiting
from recsys.cli.main import main
from recsys.cli.waiting import WaitingLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")


class Terminal(io.StringIO):
    """What is written to it, one entry for each write; :attr:`written` is set after some writes."""

    def __init__(self, writes: int = 1) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.written = threading.Event()
        self._writes = writes

    def write(self, text: str, /) -> int:
        self.texts.append(text)
        if len(self.texts) >= self._writes:
            self.written.set()
        return len(text)

    def isatty(self) -> bool:
        return True


def start(terminal: Terminal, task: str) -> WaitingLine:
    return WaitingLine(terminal, task, delay=0.001)


def test_a_silent_command_shows_what_it_does_and_since_when() -> None:
    terminal = Terminal()
    line = start(terminal, "doctor: working")
    assert terminal.written.wait(10)
    line.end()
    assert terminal.texts[0] == "\rdoctor: working, 0:00"


def test_the_line_is_erased_and_does_not_come_back() -> None:
    terminal = Terminal()
    line = start(terminal, "at work")
    assert terminal.written.wait(10)
    line.end()
    assert terminal.texts[-1] == "\r" + " " * len("at work, 0:00") + "\r"
    n = len(terminal.texts)
    line.end()
    line.thread.join(10)
    assert len(terminal.texts) == n


def test_a_shorter_text_replaces_a_longer_one() -> None:
    class Changing(Terminal):
        def write(self, text: str, /) -> int:
            made.wait(10)
            line.task = "at work"
            return super().write(text)

    terminal, made = Changing(writes=2), threading.Event()
    line = start(terminal, "building the search index")
    made.set()
    assert terminal.written.wait(10)
    line.end()
    assert f"\r{'at work, 0:00':<{len('building the search index, 0:00')}}" in terminal.texts


def test_names_cannot_control_the_terminal() -> None:
    terminal = Terminal()
    line = start(terminal, "drawing \x1b[2J.mp3")
    assert terminal.written.wait(10)
    line.end()
    assert terminal.texts[0] == "\rdrawing \\x1b[2J.mp3, 0:00"


def test_a_terminal_that_is_closed_ends_nothing() -> None:
    class Closed(Terminal):
        def write(self, text: str, /) -> int:
            super().write(text)
            raise OSError("closed")

    terminal = Closed()
    line = start(terminal, "at work")
    assert terminal.written.wait(10)
    line.end()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks of the lines of commands; "" where one ends."""
    tasks: list[str] = []

    class Line:
        def __init__(self, _terminal: object, task: str) -> None:
            tasks.append(task)

        def __setattr__(self, _name: str, value: str) -> None:
            tasks.append(value)

        def end(self) -> None:
            tasks.append("")

    monkeypatch.setattr(waiting, "WaitingLine", Line)
    return tasks


@pytest.fixture
def run_on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a command whose stderr is a terminal."""

    def run_there(*arguments: str) -> None:
        monkeypatch.setattr(sys, "stderr", Terminal())
        monkeypatch.setattr(sys, "__stderr__", Terminal())
        run(*arguments)

    return run_there


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(arguments)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    make_library(folder, all_kinds())
    return folder


def test_a_query_that_builds_the_index_shows_it_once(
    home: Path, shown: list[str], run_on_terminal: Callable[..., None]
) -> None:
    for file in home.glob("*.faiss"):
        file.unlink()
    run_on_terminal("--home", str(home), "similar", "1", "--json")
    assert shown == ["similar: working", "building the search index", ""]
    shown.clear()
    run_on_terminal("--home", str(home), "similar", "1", "--json")
    assert shown == ["similar: working", ""]


def test_doctor_shows_it_until_each_result(
    home: Path, shown: list[str], run_on_terminal: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    run_on_terminal("--home", str(home), "doctor")
    n_results = sum(line[:1].isalpha() for line in capsys.readouterr().out.splitlines())
    assert shown == ["doctor: working", "", *["checking the library", ""] * n_results]


def test_a_quiet_command_has_no_line(home: Path, shown: list[str], run_on_terminal: Callable[..., None]) -> None:
    run_on_terminal("--home", str(home), "--quiet", "stats")
    assert shown == []


def test_a_command_whose_messages_go_to_a_file_has_no_line(home: Path, shown: list[str]) -> None:
    run("--home", str(home), "stats")
    assert shown == []
