#!/usr/bin/env python3
"""Fuzz the reading of audio files: no crash, no hang, bounded memory, and a reason of one line for each refusal.

    scripts/fuzz.py [--files 20000] [--seed 0] [--first 0] [--jobs 2] [--keep DIR]

Valid files of every container are mutated at random and read as ingest reads them (tags, audio hash, windows of
samples), in the worker processes of ingest, with a time limit for each file and a memory limit for each process. A
finding is a file that ends its process, exceeds a limit, or is refused by an unexpected exception; it is printed, and
copied with --keep. The exit code is 1 if there are findings.
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

from fuzzing import MutatedFile, ReadOutcome, finding, keep, make_seeds, mutated, read_file

from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure

TIME_LIMIT = 20.0
MEMORY = 4 << 30  # address space of a worker, of which libraries map a large part


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder to which files with findings are copied")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # workers inherit it
    started = time.monotonic()
    table: dict[str, list[ReadOutcome]] = defaultdict(list)
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = make_seeds(folder)
        numbers = iter(range(arguments.first, arguments.first + arguments.files))
        with BoundedExecutor(ProcessPool(arguments.jobs, file_timeout=TIME_LIMIT), arguments.jobs) as executor:
            exhausted = False
            while not exhausted or executor.in_flight:
                while not exhausted and executor.can_accept:
                    number = next(numbers, None)
                    if number is None:
                        exhausted = True
                        break
                    file = mutated(seeds, arguments.seed, number)
                    path = folder / f"{number}.{file.suffix}"
                    path.write_bytes(file.data)
                    executor.submit(Job(read_file, str(path), (number, file)))
                for job, result in executor.results(timeout=1.0) if executor.in_flight else ():
                    number, file = job.context
                    outcome = _outcome(result)
                    table[file.format].append(outcome)
                    if problem := finding(outcome):
                        findings.append(_describe(arguments.seed, number, file, problem))
                        print(findings[-1], flush=True)
                        if arguments.keep:
                            keep(file, arguments.keep, f"{arguments.seed}-{number}", Path(job.path))
                    Path(job.path).unlink()
    _print_table(table)
    n = sum(map(len, table.values()))
    print(f"\n{n} files, seed {arguments.seed}, {time.monotonic() - started:.0f} s: {len(findings)} findings")
    return 1 if findings else 0


def _outcome(result: ReadOutcome | AnalysisFailure) -> ReadOutcome:
    return ReadOutcome("worker", result.reason, TIME_LIMIT, 0.0) if isinstance(result, AnalysisFailure) else result


def _describe(seed: int, number: int, file: MutatedFile, problem: str) -> str:
    return f"finding: seed {seed}, file {number}, {file.format}, {'+'.join(file.kinds)}: {problem}"


def _print_table(table: dict[str, list[ReadOutcome]]) -> None:
    print("\n| container | files | read | refused | where | findings | slowest s | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for format, outcomes in sorted(table.items()):
        stages = Counter(outcome.stage for outcome in outcomes)
        read, found = stages.pop("read", 0), sum(finding(outcome) is not None for outcome in outcomes)
        where = ", ".join(f"{stage} {n}" for stage, n in stages.most_common())
        slowest, peak = max(o.seconds for o in outcomes), max(o.peak_mb for o in outcomes)
        print(
            f"| {format} | {len(outcomes)} | {read} | {len(outcomes) - read} | {where} | {found} | "
            f"{slowest:.2f} | {peak:.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
