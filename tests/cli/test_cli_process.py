"""The terminal door as a process: what it loads, and pipes and locales that are less than perfect."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song, unit

from recsys.app.library import Library
from recsys.config import load_settings

SLOW = ["librosa", "sklearn", "scipy", "numba", "av", "soundfile", "alembic", "rich.console"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and names of POSIX")


def recsys(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "recsys", "--home", str(home), *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    make_library(folder, [*all_kinds(), make_song("jazz", 99, title="Ünïcødé ♫")])
    with pytest.MonkeyPatch.context() as patch:  # the index is there; it is built of the sounds of these tests
        patch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
        Library(load_settings({}, home=folder)).similar("1")
    return folder


@pytest.mark.parametrize(
    "arguments", [("similar", "1"), ("tracks", "jazz"), ("like", "1"), ("playlist", "--from", "1")]
)
def test_queries_load_no_slow_modules(home: Path, arguments: tuple[str, ...]) -> None:
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', [m for m in {SLOW!r} if m in sys.modules]))\n"
        f"from recsys.cli.main import main; main(['--home', {str(home)!r}, *{arguments!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


@posix
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_outside_the_locale_are_escaped(home: Path, encoding: str) -> None:
    done = recsys("tracks", home=home, LC_ALL="C", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "Ünïcødé ♫".encode(encoding, "backslashreplace") in done.stdout
    help = recsys("--help", home=home, LC_ALL="C", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert help.returncode == 0, help.stderr


@posix
def test_output_in_a_pipe_has_no_colours(home: Path) -> None:
    for arguments in (("tracks",), ("--help",), ("nonsense",)):
        done = recsys(*arguments, home=home, TERM="xterm-256color")
        assert b"\x1b" not in done.stdout + done.stderr


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    import sqlite3

    make_library(tmp_path, [])
    with sqlite3.connect(tmp_path / "library.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    connection.close()
    done = recsys("tracks", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(b"recsys: error: ")
    assert done.stderr.count(b"\n") == 1


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"this is no database" * 100)
    done = recsys("similar", "1", home=tmp_path)
    assert done.returncode == 1
    assert b"damaged" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_damaged_config_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("jobs = \n")
    done = recsys("tracks", home=tmp_path)
    assert done.returncode == 2
    assert b"config.toml" in done.stderr


def test_an_interrupt_in_a_destructor_ends_the_command(tmp_path: Path) -> None:
    """Python ignores it there and prints a traceback; the program is interrupted again."""
    code = (
        "import signal, sys, time, recsys.cli.main as main\n"
        "class Interrupted:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def run(first, rest):\n"
        "    try:\n"
        "        Interrupted()\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        return 130\n"
        "main._run = run\n"
        "main.main([])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (130, "")
