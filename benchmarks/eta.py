#!/usr/bin/env python3
"""Is the time left honest? A mixed folder is ingested, and every promise is held against what came.

    benchmarks/eta.py FOLDER... [--jobs 1] [--every 15]

FOLDERs should be mixed as real libraries are: formats, lengths, files that are broken, files that are there twice. The
error of a promise is (elapsed + promised left) / (true total) - 1; the issue is how large it gets after a minute.
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

    promises: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as home:
        service = Library(load_settings({}, home=home, jobs=arguments.jobs))
        start = time.perf_counter()

        def note(progress: Progress) -> None:
            if progress.eta is not None:
                promises.append((time.perf_counter() - start, progress.eta))

        summary = service.ingest(arguments.folders, on_progress=note)
        total = time.perf_counter() - start
    print(f"\n{summary.scanned} files ({summary.new} listened to, {summary.duplicates} twice there, {summary.failed} "
          f"broken) in {total:.0f} s, {arguments.jobs} process(es)\n")  # fmt: skip
    print("| after s | left, as promised | left in truth | error of the total |")
    print("|---|---|---|---|")
    due = 0.0
    for elapsed, left in promises:
        if elapsed >= due:
            print(f"| {elapsed:.0f} | {left:.0f} | {total - elapsed:.0f} | {(elapsed + left) / total - 1:+.1%} |")
            due = elapsed + arguments.every
    later = [abs((elapsed + left) / total - 1) for elapsed, left in promises if elapsed >= AFTER]
    remaining = [abs(left / (total - elapsed) - 1) for elapsed, left in promises if AFTER <= elapsed <= 0.9 * total]
    if not later:
        print("\nit was over before the first minute; give it more music")
        return 1
    print(f"\nafter the first minute, {len(later)} promises: the total was off by {max(later):.1%} at most; the time "
          f"left itself, up to nine tenths of the way, by {max(remaining, default=0):.1%}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
