#!/usr/bin/env python3
"""Throw broken files at the reader: no crash, no hang, no balloon, and one clear line for each.

    scripts/fuzz.py [--files 20000] [--seed 0] [--first 0] [--jobs 2] [--keep DIR]

Valid files of every container that can be written here are cut, flipped, spliced and inflated, and sent through what
ingest does before it computes (tags, payload hash, windows of samples), in ingest's own worker processes, with a limit
of time for each file and of memory for each process. A finding is a file that ends its process, hangs, or is refused by
an exception that nobody foresaw; it is named, and kept with --keep. Exit code 1 if there is any.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzzing import Broken, Heard, broken, complaint, keep, listen, make_seeds

from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure

TIME_LIMIT = 20.0
MEMORY = 4 << 30  # address space of a worker: libraries map a good part of it


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder for files that make trouble")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # workers inherit it
    started = time.monotonic()
    table: dict[str, list[Heard]] = defaultdict(list)
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = make_seeds(folder)
        numbers = iter(range(arguments.first, arguments.first + arguments.files))
        with BoundedExecutor(ProcessPool(arguments.jobs, time_limit=TIME_LIMIT), arguments.jobs) as crew:
            exhausted = False
            while not exhausted or crew.in_flight:
                while not exhausted and crew.can_accept:
                    number = next(numbers, None)
                    if number is None:
                        exhausted = True
                        break
                    file = broken(seeds, arguments.seed, number)
                    path = folder / f"{number}.{file.suffix}"
                    path.write_bytes(file.data)
                    crew.submit(Job(listen, str(path), (number, file)))
                for job, result in crew.results(timeout=1.0) if crew.in_flight else ():
                    number, file = job.context
                    heard = _heard(result)
                    table[file.format].append(heard)
                    if wrong := complaint(heard):
                        findings.append(_finding(arguments.seed, number, file, wrong))
                        print(findings[-1], flush=True)
                        if arguments.keep:
                            keep(file, arguments.keep, f"{arguments.seed}-{number}", Path(job.path))
                    Path(job.path).unlink()
    _show(table)
    n = sum(map(len, table.values()))
    print(f"\n{n} files, seed {arguments.seed}, {time.monotonic() - started:.0f} s: {len(findings)} findings")
    return 1 if findings else 0


def _heard(result: Heard | AnalysisFailure) -> Heard:
    return Heard("worker", result.reason, TIME_LIMIT, 0.0) if isinstance(result, AnalysisFailure) else result


def _finding(seed: int, number: int, file: Broken, wrong: str) -> str:
    return f"finding: seed {seed}, file {number}, {file.format}, {'+'.join(file.kinds)}: {wrong}"


def _show(table: dict[str, list[Heard]]) -> None:
    print("\n| container | files | read | refused | where | findings | slowest s | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for format, outcomes in sorted(table.items()):
        stages = Counter(heard.stage for heard in outcomes)
        read, found = stages.pop("read", 0), sum(complaint(heard) is not None for heard in outcomes)
        where = ", ".join(f"{stage} {n}" for stage, n in stages.most_common())
        slowest, peak = max(h.seconds for h in outcomes), max(h.peak_mb for h in outcomes)
        print(
            f"| {format} | {len(outcomes)} | {read} | {len(outcomes) - read} | {where} | {found} | "
            f"{slowest:.2f} | {peak:.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
