"""SIGTERM ends real processes as Ctrl-C does."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from signals import music, write_audio

from recsys.app.library import Library
from recsys.cli.termination import INTERRUPTED, TERMINATED, terminable
from recsys.config import load_settings
from recsys.ingest.worker_process import held_interrupts

TESTS = Path(__file__).parents[1]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal")

# The program, which sends itself (or, as a service manager does, its whole group) SIGTERM at a given call of a method.
TERMINATING = """
import os, signal, sys
import {module} as module
method, calls = module.{name}, iter(range({call}))
def wrapped(*arguments, **options):
    done = method(*arguments, **options)
    if next(calls, None) is None:
        os.{send}(os.getpid(), signal.SIGTERM)
    return done
module.{name} = wrapped
from recsys.cli.main import main
main(sys.argv[1:])
"""


def run(*arguments: object, send: str = "kill", module: str, name: str, call: int) -> subprocess.CompletedProcess[str]:
    code = TERMINATING.format(module=module, name=name, call=call, send=send)
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )  # fmt: skip


def songs(folder: Path, n: int) -> Path:
    folder.mkdir()
    for i in range(n):
        write_audio(folder / f"{i:03}.wav", np.roll(music(2), 97 * i) * (1 - i / 250))
    return folder


@posix
@pytest.mark.parametrize("send", ["kill", "killpg"])
def test_an_ingest_stores_what_is_finished(tmp_path: Path, send: str) -> None:
    folder, home = songs(tmp_path / "music", 12), tmp_path / "home"
    done = run(
        "--home", home, "ingest", folder, "--jobs", 1,
        send=send, module="recsys.ingest.pipeline", name="_IngestRun._analysed", call=2,
    )  # fmt: skip
    assert done.returncode == TERMINATED, done.stderr
    assert "interrupted; all finished files are stored, and the same command continues" in done.stderr
    assert "Traceback" not in done.stderr
    library = Library(load_settings({}, home=home))
    assert library.failures() == []  # no file is blamed for the signal
    assert len(library.tracks()) == 3
    assert library.ingest([folder]).new == 9


@posix
def test_an_ingest_that_only_scanned_has_a_message(tmp_path: Path) -> None:
    folder, home = songs(tmp_path / "music", 1), tmp_path / "home"
    module, name = "recsys.database.scan_comparison", "ScanComparison.record"
    done = run("--home", home, "ingest", folder, module=module, name=name, call=0)
    assert done.returncode == TERMINATED, done.stderr
    assert "interrupted; all finished files are stored" in done.stderr


@posix
def test_a_query_ends(tmp_path: Path) -> None:
    module, name = "recsys.cli.session", "Session.library"
    done = run("--home", tmp_path, "tracks", module=module, name=name, call=0)
    assert (done.returncode, done.stderr) == (TERMINATED, "recsys: interrupted\n")


@posix
def test_a_signal_that_was_ignored_at_the_start_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with terminable() as termination:
            os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        assert termination.exit_status(INTERRUPTED) == INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


@posix
def test_the_handler_is_removed() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminable() as termination:
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert [termination.exit_status(code) for code in (0, 4, INTERRUPTED)] == [0, 4, TERMINATED]


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_held_interrupts_take_effect_at_the_end(number: signal.Signals) -> None:
    finished: list[str] = []

    def write() -> None:
        with held_interrupts():
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            finished.append("all")

    with terminable():
        with pytest.raises(KeyboardInterrupt):
            write()
        assert finished == ["all"]
        with held_interrupts():
            pass


def test_other_threads_have_no_signals() -> None:
    seen: list[bool] = []

    def use() -> None:
        with terminable() as termination, held_interrupts():
            seen.append(termination.received)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert seen == [False]


@posix
def test_workers_end_with_a_program_that_does_not_close_its_pool(tmp_path: Path) -> None:
    """They ignore the SIGTERM that multiprocessing sends at the end."""
    code = (
        "from recsys.ingest.process_pool import ProcessPool\n"
        "pool = ProcessPool(1)\n"
        "print(pool.submit(len, 'four').result())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("4\n", 0), done.stderr


# The program, in which Ctrl-C meets SQLAlchemy while it gets a connection back, which it logs with a traceback.
INTERRUPTED_RETURN = """
import sys
from sqlalchemy.pool.base import _ConnectionFairy
def reset(self, *arguments, **options):
    _ConnectionFairy._reset = original
    raise KeyboardInterrupt
original, _ConnectionFairy._reset = _ConnectionFairy._reset, reset
from recsys.cli.main import main
main(sys.argv[1:])
"""


def test_interrupt_while_a_connection_is_returned_is_one_line(tmp_path: Path) -> None:
    Library(tmp_path).create()
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_RETURN, "--home", str(tmp_path), "tracks"],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "recsys: interrupted\n")
