#!/usr/bin/env python3
"""Seconds and memory of every command that reads a whole library, as whole processes on a synthetic library.

    benchmarks/commands.py [--tracks 10000 100000] [--rounds 3] [--only REGEX] [--library FOLDER] [--json]

Each command is pinned to one core, with one thread. "of a start" is the multiple of ``python -c 'import numpy, faiss,
sqlite3'`` in the same run. MB is the peak of its processes together. "first second" is
what it has printed on a terminal after its first second, for commands that take longer: a bar, a line, or nothing.
With several ``--tracks`` the last column is
the growth of the seconds between the first and the last size, without the start, divided by the growth of the library:
more than 1 grows faster than the library.

``--library`` keeps the libraries, one folder for each size; else they are temporary. Names are those of
``search.py``, an artist has one of twelve genres, and features are Gaussian around a centre of the genre.
Times of tens of seconds are those of one round.
"""

import argparse
import csv
import json
import os
import pty
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
from bulk_library import make_rows
from measure import ROOT, THREADS, recsys
from search import names

sys.path.insert(0, str(ROOT))

from recsys.domain.audio import FileStat, Tags

START = [sys.executable, "-c", "import numpy, faiss, sqlite3"]
GENRES = (
    "Rock",
    "Pop",
    "Jazz",
    "Blues",
    "Classical",
    "Folk",
    "Metal",
    "Soul",
    "Reggae",
    "Techno",
    "Country",
    "Hip Hop",
)
LIKES = 30
IMPORTED = 5000
LONG = 20.0  # seconds; a command that takes longer is run once
LIMIT = 3600.0
_INTERVAL = 0.05
_HEADINGS = "| | s | of a start | MB | exit | first second | growth |\n|---|---|---|---|---|---|---|"
_WITHOUT_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\b]")

#: Name: arguments. {a} and {b} are tracks, {scratch} is a folder for what is written.
COMMANDS: dict[str, str] = {
    "tracks": "tracks --limit 50",
    "tracks, all": "tracks --json",
    "tracks WORD": "tracks love --limit 50",
    "show": "show {a}",
    "stats": "stats",
    "artists": "artists",
    "albums": "albums",
    "duplicates": "duplicates",
    "similar": "similar {a}",
    "likes": "likes",
    "likes import, 5,000 entries": "likes import {ratings}",
    "playlist": "playlist",
    "playlist -n 500": "playlist -n 500",
    "playlist --genre": "playlist --genre jazz",
    "playlist, two quotas": "playlist --quota jazz=30% --quota rock=30%",
    "playlist --from": "playlist --from {a}",
    "path": "path {a} {b}",
    "path -n 200": "path {a} {b} -n 200",
    "failures": "failures",
    "doctor": "doctor",
    "backup": "backup {scratch}/backup.zip",
    "export neighbours": "export neighbours -o {scratch}/neighbours.jsonl",
    "plot --library": "plot --library -o {scratch}/map.png",
    "genre train": "genre train bench --replace",
    "genre evaluate": "genre evaluate bench",
    "genre suspects": "genre suspects bench",
    "genre predict": "genre predict bench",
    "genre tag, dry run": "genre tag",
    "evaluate": "evaluate",
}


@dataclass(frozen=True)
class Result:
    """Median seconds and peak MB of a command; what it printed in its first second, if it takes longer."""

    command: str
    tracks: int
    seconds: float
    starts: float
    mb: float
    printed_first: str
    exit_code: int


def tagged_files(n: int) -> Iterator[tuple[FileStat, Tags]]:
    """The files of ``search.py``, with one genre for each artist."""
    rng, genres = np.random.default_rng(0), dict[str, str]()
    for stat, tags in names(n):
        genre = genres.setdefault(tags.artists[0], str(rng.choice(GENRES)))
        yield stat, replace(tags, genres=(genre,))


def make_library(home: Path, n: int) -> None:
    """A library of ``n`` tracks with likes, and its index."""
    home.mkdir(parents=True, exist_ok=True)
    tagged = dict(tagged_files(n))
    centres = dict(zip(GENRES, np.random.default_rng(1).standard_normal((len(GENRES), 1)), strict=True))
    make_rows(
        home, iter(tagged), vectors=True, tags=tagged.__getitem__,
        centre=lambda stat: float(centres[tagged[stat].genres[0]][0]),
    )  # fmt: skip
    with (home / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["artist", "title", "rating"])
        step = max(1, n // IMPORTED)
        for number, tags in enumerate(islice(tagged.values(), 0, None, step)):
            table.writerow([tags.artists[0], tags.title, 4 + number % 2])
    liked = [str(number) for number in np.linspace(1, n, LIKES + 2, dtype=int)[1:-1]]
    for arguments in (["like", *liked], ["similar", "1"]):  # the second builds the index
        subprocess.run(recsys(home, *arguments), check=True, stdout=subprocess.DEVNULL, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": str(ROOT), "TERM": "xterm"}


def run(command: list[str], core: int) -> tuple[float, float, str, int]:
    """Seconds, peak MB of all its processes, what it printed on a terminal in its first second, exit code."""
    ours, theirs = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *command] if shutil.which("taskset") else command,
        env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    memory = _PeakMemory(process.pid)
    first = b""
    limit = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGTERM))
    limit.start()
    while True:
        ready = select.select([ours], [], [], _INTERVAL)[0]
        try:
            printed = os.read(ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            break
        if time.perf_counter() - start <= 1.0:
            first += printed
        if not ready and process.poll() is not None:
            break
    process.wait()
    seconds = time.perf_counter() - start
    limit.cancel()
    os.close(ours)
    text = " ".join(_WITHOUT_CONTROL.sub(" ", first.decode("utf-8", "replace")).split())
    return seconds, memory.stop() / 1e6, text, process.returncode


class _PeakMemory(threading.Thread):
    """Samples the resident bytes of a process and its children together, until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process, self._peak, self._end = psutil.Process(pid), 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._end.wait(_INTERVAL):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(each.memory_info().rss for each in family))
            except psutil.Error:
                continue

    def stop(self) -> int:
        self._end.set()
        self.join()
        return self._peak


def measure(home: Path, tracks: int, chosen: list[str], rounds: int, core: int) -> Iterator[Result]:
    """The results of the chosen commands, each after its rounds."""
    starts = statistics.median(run(START, core)[0] for _ in range(max(3, rounds)))
    with tempfile.TemporaryDirectory() as scratch:
        places = {"a": 1 + tracks // 3, "b": 1 + tracks // 2, "scratch": scratch, "ratings": home / "ratings.csv"}
        for name in chosen:
            arguments = [part.format(**places) for part in COMMANDS[name].split()]
            runs: list[tuple[float, float, str, int]] = []
            while len(runs) < rounds and not (runs and runs[0][0] > LONG):
                for file in Path(scratch).iterdir():
                    file.unlink()
                runs.append(run(recsys(home, *arguments), core))
            seconds = statistics.median(each[0] for each in runs)
            printed_first = (runs[0][2] or "nothing") if seconds > 1 else ""
            peak = max(each[1] for each in runs)
            yield Result(name, tracks, seconds, seconds / starts, peak, printed_first, runs[0][3])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--only", default="", metavar="REGEX", help="commands whose name matches")
    parser.add_argument("--library", type=Path, metavar="FOLDER", help="keep the libraries here for the next run")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = [name for name in COMMANDS if re.search(options.only, name)]
    found: list[Result] = []
    with tempfile.TemporaryDirectory() as scratch:
        for n in sorted(options.tracks):
            home = (options.library or Path(scratch)) / str(n)
            if not (home / "ratings.csv").exists():
                make_library(home, n)
            if not options.json:
                print(f"\n{n:,} tracks\n\n{_HEADINGS}")
            for result in measure(home, n, chosen, options.rounds, options.core):
                found.append(result)
                if not options.json:
                    print(_row(result, found), flush=True)
    if options.json:
        print(json.dumps([asdict(result) for result in found], indent=2))
    return 0


def _row(result: Result, found: list[Result]) -> str:
    first = next(each for each in found if each.command == result.command)
    growth = ""
    if first is not result:
        start = result.seconds / result.starts
        times = max(result.seconds - start, 0.01) / max(first.seconds - start, 0.01)
        growth = f"{times / (result.tracks / first.tracks):.2f}"
    shown = result.printed_first[:60].replace("|", "/")
    return (
        f"| {result.command} | {result.seconds:.2f} | {result.starts:.1f} | {result.mb:.0f} | {result.exit_code} "
        f"| {shown} | {growth} |"
    )


if __name__ == "__main__":
    sys.exit(main())
