"""stdout and stderr that are closed, full, or closed by their reader: exit statuses and messages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")

DATA = [("tracks",), ("tracks", "--json"), ("show", "1"), ("doctor",), ("listeners",), ("--help",), ("db",)]
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    make_library(folder, all_kinds())
    return folder


def recsys(home: Path, arguments: tuple[str, ...], redirection: str, **environment: str) -> tuple[int, str]:
    """The exit status and stderr of a program that a shell starts with a redirection."""
    command = f'"{sys.executable}" -m recsys "$@" {redirection}'
    done = subprocess.run(
        ["/bin/sh", "-c", command, "sh", "--home", str(home), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", DATA, ids=" ".join)
def test_pipe_that_is_closed_by_its_reader_is_no_error(home: Path, arguments: tuple[str, ...], unbuffered: str) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "recsys", "--quiet", "--home", str(home), *arguments],
        stdout=write_end, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("tracks",), ("tracks", "--json"), ("--help",)], ids=" ".join)
def test_full_disk_is_an_error_in_one_line(home: Path, arguments: tuple[str, ...]) -> None:
    code, err = recsys(home, ("--quiet", *arguments), ">/dev/full")
    assert (code, err) == (1, "recsys: error: cannot write to stdout: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_playlist_on_a_full_disk_is_an_error_and_not_in_the_history(home: Path) -> None:
    code, err = recsys(home, ("--quiet", "playlist", "--from", "1", "-n", "2", "-o", "-"), ">/dev/full")
    assert code == 1
    assert "cannot write to stdout: No space left on device" in err


@pytest.mark.parametrize("arguments", [("tracks",), ("tracks", "--json"), ("--help",)], ids=" ".join)
def test_closed_stdout_is_an_error_of_commands_that_print_data(home: Path, arguments: tuple[str, ...]) -> None:
    code, err = recsys(home, ("--quiet", *arguments), ">&-")
    assert (code, err) == (1, "recsys: error: cannot write to stdout: it is closed\n")
    assert recsys(home, ("like", "1"), ">&-")[0] == 0


def test_messages_that_cannot_be_written_are_dropped(home: Path) -> None:
    for redirection in ("2>&-", ">&- 2>&- <&-", *(["2>/dev/full"] if FULL.exists() else [])):
        assert recsys(home, ("like", "1"), redirection) == (0, "")
        assert recsys(home, ("nonsense",), redirection) == (2, "")


@pytest.mark.parametrize(("encoding", "dash", "title"), [("ascii", "-", "\\xdcn \\u266b"), ("utf-8", "–", "Ün ♫")])
def test_signs_of_the_program_are_plain_where_they_cannot_be_encoded(
    tmp_path: Path, encoding: str, dash: str, title: str
) -> None:
    song = make_song("jazz", 1, title="Ün ♫", artist="")
    make_library(tmp_path, [song])
    done = subprocess.run(
        [sys.executable, "-m", "recsys", "--home", str(tmp_path), "tracks"], capture_output=True, check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    row = [cell.strip() for cell in done.stdout.decode(encoding).splitlines()[1].split("  ") if cell.strip()]
    assert row[1:3] == [dash, title]
