"""The ingest lock, used by two processes."""

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


def test_second_ingest_fails_with_the_id_of_the_first(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    with Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=VERSION) as catalogue:
        with (
            pytest.raises(LibraryBusy, match=f"process {holder.pid}.*wait for it or stop it"),
            catalogue.writing(),
        ):
            pass
        assert catalogue.count().tracks == 0  # reading needs no lock


def test_killed_process_releases_the_lock(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    holder.kill()
    holder.wait(timeout=30)
    with ingest_lock(tmp_path / "library.db"):
        assert (tmp_path / "library.db.lock").read_text() == str(os.getpid())


def test_lock_is_released_at_the_end_of_the_block(tmp_path: Path) -> None:
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


def test_lock_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "library.db.lock").mkdir()
    with pytest.raises(LibraryError, match=r"library\.db\.lock"), ingest_lock(tmp_path / "library.db"):
        pass
