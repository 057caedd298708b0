"""One ingest at a time, in other words: an operating system's lock, seen from two processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from make_entries import VERSION

from recsys.database.catalogue import Catalogue
from recsys.database.lock import ingest_lock
from recsys.errors import LibraryBusy, LibraryError

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def holder(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that holds the lock of ``tmp_path/library.db``."""
    code = f"""
import sys
from pathlib import Path
from recsys.database.lock import ingest_lock
with ingest_lock(Path({str(tmp_path / "library.db")!r})):
    print("held", flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate(timeout=30)


def test_the_second_ingest_is_told_who_writes(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=VERSION) as catalogue:
        with (
            pytest.raises(LibraryBusy, match=f"process {holder.pid}.*wait for it or stop it"),
            catalogue.writing(),
        ):
            pass
        assert catalogue.count().tracks == 0  # reading goes on


def test_a_killed_process_leaves_no_lock(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    holder.kill()
    holder.wait(timeout=30)
    with ingest_lock(tmp_path / "library.db"):
        assert (tmp_path / "library.db.lock").read_text() == str(os.getpid())


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            ingest_lock(tmp_path / "library.db"),
            pytest.raises(LibraryBusy, match=str(os.getpid())),
            ingest_lock(tmp_path / "library.db"),
        ):
            pass
    with pytest.raises(ZeroDivisionError), ingest_lock(tmp_path / "library.db"):
        raise ZeroDivisionError
    with ingest_lock(tmp_path / "library.db"):
        pass


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "library.db.lock").mkdir()
    with pytest.raises(LibraryError, match=r"library\.db\.lock"), ingest_lock(tmp_path / "library.db"):
        pass
