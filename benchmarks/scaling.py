#!/usr/bin/env python3
"""Speed-up by more processes, and the overhead of a cluster: whole commands on the same files, alternately.

    benchmarks/scaling.py FOLDER [--files 120] [--most 2] [--rounds 3]

N local worker processes on N cores, and a Dask cluster of N single-threaded workers on N cores of this machine: with
shared files, and with files sent to the workers. The cluster runs before the command starts; the scheduler, its workers
and the program that writes share the N cores, so the figures include the overhead of Dask.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest import files_of, seconds_of
from measure import recsys, run


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a Dask scheduler with workers on the first cores, one on each."""
    from distributed import LocalCluster

    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:workers]))
    try:
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as running:
            yield running.scheduler_address
    finally:
        os.sched_setaffinity(0, before)


def seconds(files: list[str], n: int, *options: object) -> float:
    with tempfile.TemporaryDirectory() as home:
        return run(recsys(home, "--quiet", "ingest", "--jobs", n, *options, *files), cores=n, allowed=(0, 4)).seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=120)
    parser.add_argument("--most", type=int, default=2, help="the largest number of workers")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    files = files_of(arguments.folder, arguments.files)
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(arguments.rounds):
        for n in range(1, arguments.most + 1):
            found["processes of this machine", n].append(seconds(files, n))
            with cluster(n) as address:
                on_cluster = ("--executor", "dask", "--scheduler", address)
                found["Dask, files on a shared path", n].append(seconds(files, n, *on_cluster))
                found["Dask, files sent", n].append(seconds(files, n, *on_cluster, "--send-files"))
    print(f"\n{len(files)} files, {seconds_of(files) / 60:.0f} minutes of music, median of {arguments.rounds} rounds\n")
    print("| | workers | seconds | tracks per minute | times one process |")
    print("|---|---|---|---|---|")
    base = statistics.median(found["processes of this machine", 1])
    for (name, n), measured in sorted(found.items(), key=lambda item: (item[0][0][0] != "p", item[0])):
        median = statistics.median(measured)
        print(f"| {name} | {n} | {median:.1f} | {60 * len(files) / median:.0f} | {base / median:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
