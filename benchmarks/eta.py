#!/usr/bin/env python3
"""Accuracy of the estimated time left: a mixed folder is ingested, and every estimate is compared with the result.

    benchmarks/eta.py FOLDER... [--jobs 1] [--every 15]

FOLDERs should be mixed as real libraries are: formats, durations, broken files, duplicates. The error of an estimate is
(elapsed + estimated time left) / (actual total) - 1; the result is the largest error after the first minute.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from measure import ROOT

sys.path.insert(0, str(ROOT))

AFTER = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between two lines")
    arguments = parser.parse_args()

    from recsys.app.library import Library
    from recsys.config import load_settings
    from recsys.domain.results import Progress

    estimates: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as home:
        service = Library(load_settings({}, home=home, jobs=arguments.jobs))
        start = time.perf_counter()

        def record(progress: Progress) -> None:
            if progress.eta is not None:
                estimates.append((time.perf_counter() - start, progress.eta))

        summary = service.ingest(arguments.folders, on_progress=record)
        total = time.perf_counter() - start
    print(f"\n{summary.scanned} files ({summary.new} analysed, {summary.duplicates} duplicates, {summary.failed} "
          f"broken) in {total:.0f} s, {arguments.jobs} process(es)\n")  # fmt: skip
    print("| after s | time left, estimated | time left, actual | error of the total |")
    print("|---|---|---|---|")
    next_line = 0.0
    for elapsed, left in estimates:
        if elapsed >= next_line:
            print(f"| {elapsed:.0f} | {left:.0f} | {total - elapsed:.0f} | {(elapsed + left) / total - 1:+.1%} |")
            next_line = elapsed + arguments.every
    later = [abs((elapsed + left) / total - 1) for elapsed, left in estimates if elapsed >= AFTER]
    remaining = [abs(left / (total - elapsed) - 1) for elapsed, left in estimates if AFTER <= elapsed <= 0.9 * total]
    if not later:
        print("\nthe ingest took less than a minute; use more music")
        return 1
    print(f"\nafter the first minute, {len(later)} estimates: the largest error of the total is {max(later):.1%}; "
          f"of the time left, in the first nine tenths, {max(remaining, default=0):.1%}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
