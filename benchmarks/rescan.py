#!/usr/bin/env python3
"""Time of ingesting an unchanged library again.

    benchmarks/rescan.py [--files 100000] [--rounds 5]

The library is synthetic: empty files in folders of twelve, with the rows of an ingest. The lower bound is a walk of the
same folders with os.scandir and a stat of each file.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bulk_library import make_files, make_rows
from measure import ROOT, Run, recsys, run

sys.path.insert(0, str(ROOT))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        music, home = Path(scratch) / "music", Path(scratch) / "home"
        home.mkdir()
        make_rows(home, make_files(music, arguments.files))
        run(recsys(home, "--quiet", "ingest", music))  # the first scan fills the caches of the system
        floors, runs = [], []
        for _ in range(arguments.rounds):
            floors.append(walk(music, arguments.files))
            runs.append(run(recsys(home, "--quiet", "ingest", music)))
    show(arguments.files, floors, runs)
    return 0


def walk(folder: Path, expected: int) -> float:
    start = time.perf_counter()
    seen, rest = 0, [str(folder)]
    while rest:
        with os.scandir(rest.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    rest.append(entry.path)
                else:
                    entry.stat()
                    seen += 1
    if seen != expected:
        raise SystemExit(f"found {seen} files, not {expected}")
    return time.perf_counter() - start


def show(files: int, floors: list[float], runs: list[Run]) -> None:
    seconds = [r.seconds for r in runs]
    print(f"\n{files} unchanged files, one core, {len(runs)} rounds\n")
    print("| | median s | minimum | maximum | peak MB |")
    print("|---|---|---|---|---|")
    print(f"| recsys ingest, again | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} | "
          f"{max(r.peak_mb for r in runs):.0f} |")  # fmt: skip
    print(f"| os.scandir and stat only | {statistics.median(floors):.2f} | {min(floors):.2f} | "
          f"{max(floors):.2f} | |")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
