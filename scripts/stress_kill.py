#!/usr/bin/env python3
"""Kill an ingest at random moments, again and again, and compare what is left with an undisturbed one, row by row.

    python scripts/stress_kill.py [FOLDER] [--kills 50] [--jobs 2] [--seed 0]

FOLDER is music; without it, short tunes are made up, some of them twice, some broken. One ingest runs undisturbed.
Then each round starts the real command on a library, and at a random moment sends SIGKILL: in turns to the program,
to one of its workers (which must not end the program), or to everything at once. The same command goes on in the next
round. Whenever it gets to the end, its library must hold the same rows as the undisturbed one, and a new one is begun.
The last one is let finish. Ends with 1 at the first difference, orphan, or word of an error.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil
import soundfile

ROOT = Path(__file__).resolve().parents[1]
SR = 22050
FINISHED = (0, 4)  # done; done, with broken files
# Without the times of day, and the numbers that are given in order of arrival.
ROWS = """
SELECT file.path, file.size, file.mtime_ns, file.missing_since, file.tag_count, file.title, file.artist,
    file.search_text, recording.audio_hash, recording.duration, recording.codec, analysis.bpm, analysis.tonic,
    analysis.mode, analysis.loudness, vector.raw, vector.normalised, vector.windows, vector.starts, prediction.genre,
    prediction.genres
FROM file JOIN recording ON recording.id = file.recording_id
LEFT JOIN analysis ON analysis.recording_id = recording.id LEFT JOIN vector ON vector.recording_id = recording.id
LEFT JOIN prediction ON prediction.recording_id = recording.id
UNION ALL
SELECT path, size, mtime_ns, stage, reason, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM failure
ORDER BY 1, 9
"""
TABLES = ("recording", "file", "analysis", "vector", "prediction", "failure")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tunes", type=int, default=60, help="how many are made up where no folder is given")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or make_up(Path(scratch) / "music", arguments.tunes)
        command = Command(folder, arguments.jobs)
        began = time.monotonic()
        calm = Path(scratch) / "calm"
        command.finish(calm)
        length = time.monotonic() - began
        expected = rows(calm)
        print(f"undisturbed: {len(expected)} rows in {length:.1f} s", flush=True)
        shaken = Path(scratch) / "shaken"
        kills: Counter[str] = Counter()
        finished = 0
        for round_ in range(3 * arguments.kills):  # some rounds end before their moment has come
            if sum(kills.values()) >= arguments.kills:
                break
            victim = ("program", "worker", "everything")[round_ % 3]
            killed, ended = command.disturb(shaken, rng.uniform(0, length), victim, rng)
            kills[victim] += killed
            if ended:
                compare(rows(shaken), expected)
                finished += 1
                shutil.rmtree(shaken)
        command.finish(shaken)
        compare(rows(shaken), expected)
    counts = ", ".join(f"{n} of the {victim}" for victim, n in kills.items())
    print(
        f"{sum(kills.values())} kills ({counts}); {finished + 1} libraries finished, each equal to the undisturbed one"
    )
    return 0


def make_up(folder: Path, n: int) -> Path:
    """Tunes of a few seconds; every tenth twice, every twentieth broken."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(n):
        t = np.arange(4 * SR) / SR
        partials = [np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.5) * 6) for f in rng.uniform(80, 2000, 4)]
        path = folder / f"{i % 7}" / f"{i:04}.flac"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, 0.2 * np.sum(partials, axis=0), SR)
        if i % 10 == 0:
            shutil.copy(path, path.with_name(f"{i:04} copy.flac"))
        if i % 20 == 0:
            path.with_name(f"{i:04} broken.flac").write_bytes(rng.bytes(4000))
    return folder


class Command:
    """``recsys ingest`` of one folder."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._arguments = ["ingest", str(folder), "--jobs", str(jobs)]

    def _start(self, home: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "recsys", "--home", str(home), *self._arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)

    def finish(self, home: Path) -> None:
        """Let it run to its end."""
        process = self._start(home)
        errors = process.communicate()[1]
        self._judge(process, errors)

    def disturb(self, home: Path, moment: float, victim: str, rng: random.Random) -> tuple[int, bool]:
        """Start it and kill ``victim`` after some seconds; how many were killed, and whether it got to its end."""
        process = self._start(home)
        try:
            errors = process.communicate(timeout=moment)[1]
            self._judge(process, errors)
            return 0, True
        except subprocess.TimeoutExpired:
            pass
        family = psutil.Process(process.pid)
        children = [child for child in family.children(recursive=True) if _is_worker(child)]
        if victim == "worker":
            if children:
                rng.choice(children).kill()
            errors = process.communicate()[1]
            self._judge(process, errors)
            return bool(children), True
        if victim == "everything":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()
        _expect_no_orphan(process.pid)
        return 1, False

    def _judge(self, process: "subprocess.Popen[str]", errors: str) -> None:
        if process.returncode not in FINISHED or "Traceback" in errors:
            raise SystemExit(f"ended with {process.returncode}:\n{errors}")


def _is_worker(process: psutil.Process) -> bool:
    """A process forked or spawned for work, not the helpers that Python starts beside them."""
    try:
        line = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return "resource_tracker" not in line and process.parent() is not None and not process.children()


def _expect_no_orphan(group: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise SystemExit("a worker outlived the program that was killed")


def rows(home: Path) -> list[tuple[object, ...]]:
    """All rows of the library, large values as hashes."""
    with sqlite3.connect(f"file:{home / 'library.db'}?mode=ro", uri=True) as connection:
        problem = connection.execute("PRAGMA quick_check").fetchone()[0]
        if problem != "ok":
            raise SystemExit(f"the database is damaged: {problem}")
        found = [tuple(_short(value) for value in row) for row in connection.execute(ROWS)]
        counts = tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
    return [*found, counts]


def _short(value: object) -> object:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def compare(found: list[tuple[object, ...]], expected: list[tuple[object, ...]]) -> None:
    """Equal, or the end."""
    if found == expected:
        return
    for a, b in zip(found, expected, strict=False):
        if a != b:
            raise SystemExit(f"differs from the undisturbed one:\n{a}\n{b}")
    raise SystemExit(f"{len(found)} rows instead of {len(expected)}")


if __name__ == "__main__":
    sys.exit(main())
