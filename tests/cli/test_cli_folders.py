"""Folders that are deleted, not mounted, closed and opened again: the real program leads to a clean library.

Each scenario changes a folder, runs ``ingest``, ``prune`` and ``doctor`` without the power to read closed folders, and
then does what the messages propose.
"""

import json
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from signals import music
from unprivileged import require_permissions, unprivileged_command


class Result:
    """Exit status and texts of one run."""

    def __init__(self, run: "subprocess.CompletedProcess[str]") -> None:
        self.code, self.out, self.err = run.returncode, run.stdout, run.stderr
        self.text = self.out + self.err


class Collection:
    """Four songs in two folders that are ingested."""

    def __init__(self, folder: Path, songs: Path) -> None:
        self.home, self.root = folder / "home", folder / "music"
        shutil.copytree(songs, self.root)

    def run(self, *words: str) -> Result:
        command = unprivileged_command("-m", "recsys", "--home", str(self.home), *words)
        return Result(subprocess.run(command, capture_output=True, text=True, check=False, timeout=300))

    def follow(self, result: Result) -> Result:
        """Run the last command that a message proposes with a folder in it."""
        proposed = re.findall(r"run: recsys ((?:ingest|prune)(?: --force)? [^,;\n]+)", result.text)
        return self.run(*shlex.split(proposed[-1]))

    def findings(self) -> str:
        """What ``doctor`` reports about the disk."""
        lines = [line for line in self.run("doctor").out.splitlines() if " disk " in line]
        return "\n".join(lines)

    def tracks(self) -> list[str]:
        out = self.run("tracks", "--json").out
        return re.findall(r'"path": "[^"]*/([^"/]+)"', out)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders a and b with two songs each."""
    require_permissions(tmp_path_factory.mktemp("permissions"))
    folder = tmp_path_factory.mktemp("songs")
    for i, name in enumerate(("a/1", "a/2", "b/3", "b/4")):
        (folder / name).parent.mkdir(exist_ok=True)
        samples = np.roll(music(4.0), 1000 * i) * (0.5 + 0.1 * i)
        sf.write(folder / f"{name}.wav", samples, 44100)
    return folder


@pytest.fixture
def library(tmp_path: Path, songs: Path) -> Iterator[Collection]:
    collection = Collection(tmp_path, songs)
    assert "4 new" in collection.run("ingest", str(collection.root)).err
    yield collection
    for folder in (collection.root, collection.root / "a", collection.root / "b"):
        if folder.is_dir():
            folder.chmod(0o755)


CLEAN = "same as in the library"


def test_deleted_folder(library: Collection) -> None:
    shutil.rmtree(library.root / "b")
    assert "2 known files are gone" in library.findings()
    assert "2 missing tracks" in library.run("prune").err
    assert CLEAN in library.findings()
    assert library.run("ingest", str(library.root)).code == 0
    assert library.tracks() == ["1.wav", "2.wav"]


def test_deleted_root(library: Collection) -> None:
    shutil.rmtree(library.root)
    refused = library.run("ingest", str(library.root))
    assert refused.code == 3
    assert "does not exist, but the library has 4 files under it" in refused.err
    assert "4 files are kept" in library.run("prune").err
    assert library.run("prune", str(library.root)).code == 1
    assert "does not exist or is empty" in library.findings()
    assert "4 missing tracks" in library.follow(refused).err
    assert CLEAN in library.findings()


def test_drive_that_is_not_mounted(library: Collection) -> None:
    away = library.root.rename(library.root.with_name("away"))
    library.root.mkdir()  # its mount point
    assert "is a drive not mounted?" in library.run("ingest", str(library.root)).err
    kept = library.run("prune")
    assert "4 files are kept" in kept.err
    assert "nothing to remove" in kept.err
    library.root.rmdir()
    away.rename(library.root)
    assert "4 unchanged" in library.run("ingest", str(library.root)).err
    assert CLEAN in library.findings()
    assert len(library.tracks()) == 4


def test_file_in_a_closed_folder_is_named_with_the_reason(library: Collection) -> None:
    (library.root / "b").chmod(0)
    file = library.root / "b" / "new.wav"
    for words in (["similar", str(file)], ["plot", str(file)], ["path", "1", str(file)], ["classify", str(file)]):
        answer = library.run(*words)
        assert answer.code == 1, words
        assert answer.err.strip() == f"recsys: error: cannot access {file}: Permission denied"


def test_backup_of_a_library_that_cannot_be_written(library: Collection, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    for path in library.home.iterdir():
        path.chmod(0o444)
    library.home.chmod(0o555)
    try:
        written = library.run("backup", str(library.root / ".." / file.name))
        assert (written.code, written.err.splitlines()[-1:]) == (0, [f"restore it with: recsys restore {file}"])
    finally:
        library.home.chmod(0o755)
    library.home = tmp_path / "copy"
    assert library.run("restore", str(file)).code == 0
    assert len(library.tracks()) == 4


def test_closed_folder_and_its_reopening(library: Collection) -> None:
    (library.root / "b").chmod(0)
    closed = library.run("ingest", str(library.root))
    assert closed.code == 4
    assert "b: cannot read the folder: Permission denied" in closed.err
    again = library.run("ingest", str(library.root))
    assert again.code == 0
    assert "1 file or folder still cannot be read" in again.err
    assert len(library.tracks()) == 4
    assert "2 files are kept" in library.run("prune").err
    assert "b cannot be read" in library.findings()
    (library.root / "b").chmod(0o755)
    reopened = json.loads(library.run("ingest", str(library.root), "--json").out)
    assert (reopened["unchanged"], reopened["removed"], reopened["changes"]) == (4, 0, [])
    assert "no file has failed" in library.run("failures").err
    assert CLEAN in library.findings()


def test_closed_root_and_its_reopening(library: Collection) -> None:
    library.root.chmod(0)
    for command in ("ingest", "prune"):
        refused = library.run(command, str(library.root))
        assert refused.code != 0
        assert "cannot be read" in refused.err
    assert "cannot be read; the library has 4 files" in library.findings()
    library.root.chmod(0o755)
    assert library.run("ingest", str(library.root)).code == 0
    assert CLEAN in library.findings()


def test_closed_file_and_its_reopening(library: Collection) -> None:
    new = library.root / "a" / "new.wav"
    shutil.copy(library.root / "b" / "3.wav", new)
    new.chmod(0)
    assert "no permission to read new.wav" in library.run("ingest", str(library.root)).err
    assert "1 file or folder cannot be read" in library.findings()
    new.chmod(0o644)
    assert "0 failed" in library.run("ingest", str(library.root)).err
    assert "no file has failed" in library.run("failures").err
    assert CLEAN in library.findings()


def test_song_in_a_recycle_bin_is_deleted(library: Collection) -> None:
    recycled = library.root / "#recycle" / "a" / "1.wav"
    recycled.parent.mkdir(parents=True)
    (library.root / "a" / "1.wav").rename(recycled)
    summary = library.run("ingest", str(library.root)).err
    assert "0 moved, 1 missing" in summary
    assert "not scanned: 1 #recycle" in summary
    assert library.tracks() == ["2.wav", "3.wav", "4.wav"]
    assert "1 missing track " in library.run("prune").err
    assert CLEAN in library.findings()


def test_moved_song_is_kept_by_prune_until_it_is_ingested(library: Collection) -> None:
    (library.root / "a" / "1.wav").rename(library.root / "b" / "moved.wav")
    kept = library.run("prune")
    assert "nothing to remove" in kept.err
    # All songs have one size, so that a new file may be each of them.
    assert "1 moved" in library.follow(kept).err
    assert "nothing to remove" in library.run("prune").err
    assert CLEAN in library.findings()


def test_watch_waits_for_closed_and_absent_folders(library: Collection) -> None:
    """It starts with a closed folder and an absent root, and ingests both when they can be read."""
    other, away = library.root.with_name("other"), library.root.with_name("away")
    shutil.copytree(library.root, other)
    assert library.run("ingest", str(other)).code == 0
    other.rename(away)
    closed = library.root / "b"
    sf.write(closed / "new.wav", music(4.0)[::-1], 44100)
    closed.chmod(0)
    words = ["-m", "recsys", "--home", str(library.home), "watch", str(library.root), str(other), "--debounce", "0.2"]
    command = unprivileged_command(*words)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None

        def wait_for(text: str) -> None:
            for line in iter(process.stderr.readline if process.stderr else str, ""):
                if text in line:
                    return
            raise AssertionError(f"watch ended before it reported {text!r}")

        try:
            wait_for(f"{other} does not exist; waiting for it")
            closed.chmod(0o755)
            wait_for("1 new")
            away.rename(other)
            wait_for(f"{other} is there again")
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
        assert process.wait(20) == 0
    assert CLEAN in library.findings()
