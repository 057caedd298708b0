#!/usr/bin/env python3
"""Seconds and memory of every command that reads a whole library, as whole processes on a synthetic library.

    benchmarks/commands.py [--tracks 10000 100000] [--rounds 3] [--only REGEX] [--library FOLDER] [--json]

Each command is pinned to one core, with one thread; medians, and the peak memory of its largest process. "Starts" is
the multiple of ``python -c 'import numpy, faiss, sqlite3'`` in the same run. A command of more than a second is started
once more in a terminal: "shown" is when it first writes to it, progress or its last message, or "nothing" within five
seconds. With several ``--tracks``, "growth" is that of the seconds since the first size, without a start, divided by
the growth of the library: more than 1 grows faster than the library.

``--library`` keeps the libraries, one folder for each size; else they are temporary. Names are those of ``search.py``,
an artist has one of twelve genres, and there are no files. Features are Gaussian around a centre of the genre: the
scores of a genre model on them are no result. A command of more than 20 s is run once.
"""

import argparse
import csv
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from bulk_library import make_rows
from measure import ROOT, Run, recsys, run
from search import names

sys.path.insert(0, str(ROOT))

from recsys import Library
from recsys.domain.audio import FileStat, Tags
from recsys.nearest import delete_index

START = [sys.executable, "-c", "import numpy, faiss, sqlite3"]
GENRES = (
    "Rock", "Pop", "Jazz", "Blues", "Classical", "Folk", "Metal", "Soul", "Reggae", "Techno", "Country", "Hip Hop",
)  # fmt: skip
LIKES, IMPORTED, SEEDS = 30, 5000, 20
LONG = 20.0  # seconds
SILENCE = 5.0
NO_INDEX = "first question without an index"
_HEADINGS = "| | s | starts | MB | shown | growth |\n|---|---|---|---|---|---|"

#: Name: arguments. {a} and {b} are tracks, {folder} has some, {scratch} is for what is written; the listener "many" has
#: imported 5,000 likes.
COMMANDS: dict[str, str] = {
    "no library here": "--home {scratch}/none similar x",
    NO_INDEX: "similar {a}",
    "similar": "similar {a}",
    "tracks": "tracks --limit 50",
    "tracks, all": "tracks --json",
    "tracks WORD": "tracks love --limit 50",
    "tracks, by title": "tracks --sort title --limit 50",
    "show": "show {a}",
    "stats": "stats",
    "artists": "artists",
    "albums": "albums",
    "duplicates": "duplicates",
    "likes": "likes",
    "likes import, 5,000 entries": "--listener many likes import {ratings}",
    "playlist": "playlist",
    "playlist, 5,000 likes": "--listener many playlist",
    "playlist -n 500": "playlist -n 500",
    "playlist --genre": "playlist --genre jazz",
    "playlist --tag mellow": "playlist --tag mellow",
    "playlist --in": "playlist --in {folder}",
    "playlist, two quotas": "playlist --quota jazz=30% --quota rock=30%",
    "playlist --from": "playlist --from {a}",
    "playlist extend": "playlist extend {listed}",
    "playlist insert": "playlist insert {listed}",
    "path": "path {a} {b}",
    "path -n 200": "path {a} {b} -n 200",
    "failures": "failures",
    "doctor": "doctor",
    "backup": "backup {scratch}/backup.zip --force",
    "export neighbours": "export neighbours -o {scratch}/neighbours.jsonl",
    "plot --library": "plot --library -o {scratch}/map.png",
    "genre train": "genre train bench --replace",
    "genre evaluate": "genre evaluate bench",
    "genre suspects": "genre suspects bench",
    "genre predict": "genre predict bench",
    "genre tag, dry run": "genre tag",
    "evaluate": "evaluate",
}
ALLOWED = (0, 1, 3)
"""Exit codes: "genre tag" skips files that do not exist, and an absent library is an error."""


@dataclass(frozen=True)
class Result:
    """Median seconds and peak MB of a command; ``shown`` is None if it is quick, -1 if it shows nothing."""

    command: str
    tracks: int
    seconds: float
    starts: float
    mb: float
    shown: float | None


def tagged_files(n: int) -> Iterator[tuple[FileStat, Tags]]:
    """The files of ``search.py``, with one genre for each artist."""
    rng, genres = np.random.default_rng(0), dict[str, str]()
    for stat, tags in names(n):
        genre = genres.setdefault(tags.artists[0], str(rng.choice(GENRES)))
        yield stat, replace(tags, genres=(genre,))


def make_library(home: Path, n: int) -> None:
    """A library of ``n`` tracks with likes, its index, and the files that commands read."""
    home.mkdir(parents=True, exist_ok=True)
    tagged = dict(tagged_files(n))
    centres = dict(zip(GENRES, np.random.default_rng(1).standard_normal(len(GENRES)).tolist(), strict=True))
    make_rows(
        home, iter(tagged), vectors=True, tags=tagged.__getitem__, centre=lambda stat: centres[tagged[stat].genres[0]]
    )
    library = Library(home)
    library.like(*np.linspace(1, n, LIKES + 2, dtype=int)[1:-1].tolist())
    library.similar(1)  # builds the index
    seeds = list(tagged)[:: max(1, n // SEEDS)][:SEEDS]
    (home / "listed.m3u8").write_text("#EXTM3U\n" + "".join(f"{stat.path}\n" for stat in seeds), encoding="utf-8")
    (home / "folder.txt").write_text(str(Path(seeds[1].path).parents[1]), encoding="utf-8")
    with (home / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["artist", "title", "rating"])
        for tags in list(tagged.values())[:: max(2, n // IMPORTED)][:IMPORTED]:
            table.writerow([tags.artists[0], tags.title, 5])


def seconds_until_shown(command: list[str]) -> float:
    """Seconds until a command writes to its terminal; -1 if it does not within five. The command is then ended."""
    import pty  # not on Windows

    near, far = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=far,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    shown = time.perf_counter() - start if select.select([near], [], [], SILENCE)[0] else -1.0
    process.terminate()
    process.wait()
    os.close(near)
    os.close(far)
    return shown


def measure(home: Path, tracks: int, chosen: list[str], rounds: int) -> Iterator[Result]:
    """The results of the chosen commands, each after its rounds."""
    starts = statistics.median(run(START).seconds for _ in range(max(3, rounds)))
    with tempfile.TemporaryDirectory() as scratch:
        places = {
            "a": 1 + tracks // 3, "b": 1 + tracks // 2, "scratch": scratch, "ratings": home / "ratings.csv",
            "listed": home / "listed.m3u8", "folder": (home / "folder.txt").read_text(encoding="utf-8"),
        }  # fmt: skip
        for name in chosen:
            command = recsys(home, *(part.format(**places) for part in COMMANDS[name].split()))
            found: list[Run] = []
            while len(found) < rounds and not (found and found[0].seconds > LONG):
                if name == NO_INDEX:
                    delete_index(Library(home).settings.index_path)
                found.append(run(command, allowed=ALLOWED))
            seconds = statistics.median(each.seconds for each in found)
            if seconds > 1 and name == NO_INDEX:
                delete_index(Library(home).settings.index_path)
            shown = seconds_until_shown(command) if seconds > 1 and sys.platform != "win32" else None
            if name == NO_INDEX:  # the command that was ended has stored none, and the next one would build it
                Library(home).similar(1)
            yield Result(name, tracks, seconds, seconds / starts, max(each.peak_mb for each in found), shown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--only", default="", metavar="REGEX", help="commands whose name matches")
    parser.add_argument("--library", type=Path, metavar="FOLDER", help="keep the libraries here for the next run")
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
            for result in measure(home, n, chosen, options.rounds):
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
    shown = "" if result.shown is None else "nothing" if result.shown < 0 else f"{result.shown:.1f} s"
    return f"| {result.command} | {result.seconds:.2f} | {result.starts:.1f} | {result.mb:.0f} | {shown} | {growth} |"


if __name__ == "__main__":
    sys.exit(main())
