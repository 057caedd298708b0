"""A full disk, a locked database, a disk that cannot be written, memory that runs out: real file systems and processes.

The file systems are made in a mount namespace of the test's own, where the system allows an ordinary user that.
"""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_analysers import analyse_text, identify_text
from make_entries import VERSION
from signals import music, write_audio

from recsys.config import Settings
from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import AnalysisResult
from recsys.domain.results import IngestSummary
from recsys.errors import LibraryBusy
from recsys.ingest.executors import MakeExecutor
from recsys.ingest.pipeline import ingest
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure, capture_failure

TUNES = 12


def _may_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    try_it = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(try_it, capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(
    not _may_mount(), reason="needs a system that lets a user mount in a namespace (unshare -rm)"
)

PRELUDE = """
import json, subprocess, sys
from pathlib import Path
home, music, size = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(home)], check=True)
steps = []
def recsys(*arguments):
    command = [sys.executable, "-m", "recsys", "--home", str(home), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    steps.append([done.returncode, done.stdout, done.stderr])
"""


def in_a_small_world(tmp_path: Path, size: str, script: str) -> list[Any]:
    """Run a script whose ``home`` is a file system of its own; code, stdout and stderr of every command in it."""
    home, folder = tmp_path / "home", tmp_path / "music"
    home.mkdir()
    folder.mkdir()
    for i in range(TUNES):
        write_audio(folder / f"{i}.wav", music(2.0, seed=i))
    program = [sys.executable, "-c", f"{PRELUDE}{script}\nprint(json.dumps(steps))", str(home), str(folder), size]
    done = subprocess.run(["unshare", "-rm", *program], capture_output=True, text=True, check=True)
    steps: list[Any] = json.loads(done.stdout)
    return steps


@mounts
def test_full_disk_keeps_stored_tracks_and_the_ingest_resumes(tmp_path: Path) -> None:
    first, tracks, similar, like, second, doctor, last = in_a_small_world(
        tmp_path,
        "100m",
        """
recsys("ingest", music + "/0.wav", music + "/1.wav")
steps.clear()
filler = home / "filler"
with filler.open("wb", buffering=0) as file:
    for block in (1 << 20, 4096):
        try:
            while True:
                file.write(bytes(block))
        except OSError:
            pass
recsys("ingest", music)
recsys("tracks", "--json")
recsys("similar", "1", "--json")
recsys("like", "1")
filler.unlink()
recsys("ingest", music)
recsys("doctor")
recsys("tracks", "--json")
""",
    )
    assert first[0] == 1
    [line] = [line for line in first[2].splitlines() if "error" in line]
    assert "no space is left" in line
    assert "stored data is kept" in line
    assert tracks[0] == 0
    assert len(json.loads(tracks[1])) >= 2
    assert similar[0] == 0
    assert like[0] == 1
    assert like[2].startswith("recsys: error: no space is left")
    assert second[0] == 0, second[2]
    assert doctor[0] == 0, doctor[1]
    assert len(json.loads(last[1])) == TUNES


@mounts
def test_library_on_a_read_only_disk_can_be_read(tmp_path: Path) -> None:
    made, similar, playlist, like, again, doctor = in_a_small_world(
        tmp_path,
        "100m",
        """
recsys("ingest", music)
subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
recsys("similar", "1", "--json")
recsys("playlist", "--from", "1", "-n", "3", "--json")
recsys("like", "1")
recsys("ingest", music)
recsys("doctor", "--json")
""",
    )
    assert made[0] == 0
    assert similar[0] == playlist[0] == 0, similar[2]
    assert len(json.loads(similar[1])) == 10
    for refused in (like, again):
        assert refused[0] == 1
        assert refused[2].startswith("recsys: error: cannot ")
        assert "check the permissions" in refused[2]
        assert refused[2].count("\n") == 1
    assert doctor[0] == 0
    assert {result["name"]: result["status"] for result in json.loads(doctor[1])}["permission"] == "warning"


def take_in(folder: Path, analyse: Any = analyse_text, *, make: MakeExecutor | None = None) -> IngestSummary:
    settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
    with Catalogue.open(settings.database, feature_version=VERSION) as catalogue:
        return ingest(
            [folder / "music"],
            catalogue,
            settings,
            identify=identify_text,
            analyse=analyse,
            executor=make or (lambda: ProcessPool(1, file_timeout=60.0)),
        )


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    for i in range(5):
        (tmp_path / "music" / f"{i}.mp3").write_text(f"sound {i}", encoding="utf-8")
    return tmp_path


def test_locked_database_is_an_error_and_loses_nothing(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    assert take_in(texts).new == 5
    (texts / "music" / "6.mp3").write_text("sound 6", encoding="utf-8")
    holder = sqlite3.connect(texts / "library.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryBusy, match="another process is writing"):
        take_in(texts)
    holder.close()
    summary = take_in(texts)
    assert (summary.unchanged, summary.new) == (5, 1)


@capture_failure
def swallow_memory(path: str) -> AnalysisResult | AnalysisFailure:
    """What a file that promises too much does, under a limit that a small machine has anyhow."""
    if Path(path).stem == "3":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), before[1]))
        try:
            return bytearray(1 << 30)  # type: ignore[return-value]
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
    return analyse_text(path)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space, and reads /proc")
def test_lack_of_memory_is_one_failure(texts: Path) -> None:
    summary = take_in(texts, swallow_memory)
    assert (summary.new, summary.failed) == (4, 1)
    [failure] = summary.failures
    assert (Path(failure.path).name, failure.stage) == ("3.mp3", "worker")
    assert "not enough memory to analyse it" in failure.reason
