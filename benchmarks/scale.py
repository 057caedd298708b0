#!/usr/bin/env python3
"""What 10 thousand, 1 million and 100 million tracks cost: units measured here, the rest worked out from them.

    benchmarks/scale.py FOLDER [--files 40] [--rows 4000] [--vectors 10000 100000 1000000] [--json]

Measured: listening (seconds of a core for a track, and how they spread), what the program that writes spends on a
track, rows (bytes and seconds), scanning, and indexes of faiss over made-up vectors of the product's length. Computed:
everything said of 10 thousand, 1 million and 100 million. A simulation of many workers and one writer says where that
one is too slow: events in a heap, listening times drawn from those measured, batches and a bounded number of jobs in
flight as in recsys.ingest.pipeline. docs/scale.md explains the tables that this prints.
"""

import argparse
import heapq
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ingest import files_of
from measure import ROOT
from synthetic_library import make_rows, path_of

sys.path.insert(0, str(ROOT))

SIZES = (10_000, 1_000_000, 100_000_000)
CORES = 16  # of a machine in the tables
DAY = 86_400


@dataclass
class Units:
    """What one track costs. Seconds are those of one core; ``heard`` are seconds of single tracks."""

    heard: list[float]
    parent_seconds: float
    write_seconds: float
    row_bytes: float
    scan_seconds: float
    file_bytes: float

    @property
    def listen(self) -> float:
        return statistics.mean(self.heard)


@dataclass
class Index:
    """An index of faiss over ``n`` vectors; ``recall`` at 10 against exact search."""

    kind: str
    n: int
    build_seconds: float
    bytes_each: float
    search_ms: float
    recall: float


# Measured


def measure_units(folder: Path, files: int, rows: int) -> Units:
    from recsys.config import load_settings
    from recsys.ingest.scan import scan
    from recsys.service import Service
    from recsys.types import FileStat

    paths = files_of(folder, files)
    heard = hear_each(paths)
    with tempfile.TemporaryDirectory() as home:
        service = Service(load_settings({}, home=home, jobs=1))
        service.ingest(paths[:1])  # what is paid once
        before = time.process_time()
        service.ingest(paths)
        parent = (time.process_time() - before) / (len(paths) - 1)
    with tempfile.TemporaryDirectory() as home:
        # Empty libraries cost something too; what a track adds is the difference.
        made = (FileStat(f"/music/{path_of(i)}", 30_000_000, 1_700_000_000_000_000_000 + i) for i in range(rows))
        make_rows(Path(home), iter([next(made)]), vectors=True)
        empty = database_bytes(Path(home))
        start = time.perf_counter()
        make_rows(Path(home), made, vectors=True)
        write = (time.perf_counter() - start) / rows
        row = (database_bytes(Path(home)) - empty) / rows
    list(scan(folder))  # once, so that the system has seen the folder
    start = time.perf_counter()
    n = sum(1 for _ in range(20) for _ in scan(folder))
    scanned = (time.perf_counter() - start) / max(1, n)
    size = statistics.mean(Path(path).stat().st_size for path in paths)
    return Units(heard, parent, write, row, scanned, size)


def hear_each(paths: list[str]) -> list[float]:
    """Seconds that a worker spends on each file, the first aside, which pays for what is loaded once."""
    from recsys.ingest.worker import analyse_file, identify_file

    seconds = []
    for path in [paths[0], *paths]:
        start = time.perf_counter()
        identify_file(path)
        analyse_file(path)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def database_bytes(home: Path) -> int:
    return sum(path.stat().st_size for path in home.glob("library.db*"))


def make_vectors(n: int, d: int, rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
    """Unit vectors (n, d) around a few thousand centres: styles, albums."""
    x = centres[rng.integers(len(centres), size=n)] + 0.6 * rng.standard_normal((n, d), dtype=np.float32) / d**0.5
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def measure_indexes(sizes: list[int]) -> Iterator[Index]:
    import faiss

    from recsys.recommend.vectors import projection

    d = projection().shape[1]
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((3000, d), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    faiss.omp_set_num_threads(2)
    queries = make_vectors(200, d, rng, centres)
    codes = next(m for m in range(d // 3, 0, -1) if d % m == 0)
    for n in sizes:
        x = make_vectors(n, d, rng, centres)
        lists = 2 ** round(np.log2(4 * n**0.5))
        truth: Any = None
        for kind in ("Flat", f"IVF{lists},Flat", f"IVF{lists},PQ{codes}x8"):
            start = time.perf_counter()
            index = faiss.index_factory(d, kind, faiss.METRIC_INNER_PRODUCT)
            index.train(x[: 64 * lists])
            index.add(x)
            built = time.perf_counter() - start
            if kind != "Flat":
                index.nprobe = max(8, lists // 64)
            faiss.omp_set_num_threads(1)
            index.search(queries[:5], 10)
            start = time.perf_counter()
            found = np.concatenate([index.search(query[None], 10)[1] for query in queries])
            ms = 1000 * (time.perf_counter() - start) / len(queries)
            faiss.omp_set_num_threads(2)
            truth = found if truth is None else truth
            recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, truth, strict=True)])
            yield Index(kind, n, built, len(faiss.serialize_index(index)) / n, ms, float(recall))


# Simulated


def simulate(units: Units, workers: int, tracks: int, seed: int = 0) -> float:
    """Tracks a second of so many workers and one program that hands out, takes back and writes."""
    from recsys.ingest.executors import IN_FLIGHT
    from recsys.ingest.pipeline import BATCH

    rng = np.random.default_rng(seed)
    services = rng.choice(units.heard, size=tracks)
    free = [0.0] * workers  # when each worker is done
    finished: list[float] = []  # results that wait for the program
    clock, handed, taken = 0.0, 0, 0
    while taken < tracks:
        while handed < tracks and handed - taken < IN_FLIGHT * workers:
            begin = max(clock, heapq.heappop(free))
            heapq.heappush(free, begin + services[handed])
            heapq.heappush(finished, begin + services[handed])
            handed += 1
        clock = max(clock, heapq.heappop(finished)) + units.parent_seconds
        taken += 1
        if taken % BATCH == 0:
            clock += BATCH * units.write_seconds
    return tracks / clock


# Told


def tables(units: Units, indexes: list[Index]) -> Iterator[str]:
    yield "### Measured here\n"
    yield "| unit | value |"
    yield "|---|---|"
    spread = np.percentile(units.heard, [10, 90])
    yield f"| listening to a track, one core | {units.listen:.3f} s ({spread[0]:.3f} to {spread[1]:.3f}) |"
    yield f"| the program that hands out and takes back, a track | {1000 * units.parent_seconds:.2f} ms |"
    yield f"| writing a track, SQLite | {1000 * units.write_seconds:.2f} ms |"
    yield f"| rows of a track, with raw, normalised and window vectors | {units.row_bytes / 1000:.1f} kB |"
    yield f"| scanning a file, cached | {1e6 * units.scan_seconds:.0f} µs |"
    yield f"| a file of these | {units.file_bytes / 1e6:.1f} MB |"
    yield "\n| index | vectors | built in s, 2 threads | bytes a vector | search ms, 1 thread | recall@10 |"
    yield "|---|---|---|---|---|---|"
    for i in indexes:
        yield (
            f"| {i.kind} | {i.n:,} | {i.build_seconds:.1f} | {i.bytes_each:.0f} | {i.search_ms:.2f} | {i.recall:.3f} |"
        )
    yield "\n### Computed from it\n"
    yield f"| tracks | {' | '.join(f'{n:,}' for n in SIZES)} |"
    yield f"|---|{'---|' * len(SIZES)}"
    for name, values in computed(units, indexes).items():
        yield f"| {name} | {' | '.join(values)} |"
    yield "\n### Simulated: one writer, many workers\n"
    yield "| workers | tracks a second | of what they could do | days for 100 million |"
    yield "|---|---|---|---|"
    for workers in (1, 2, 8, 16, 64, 256, 1024, 4096):
        speed = simulate(units, workers, max(4000, 12 * workers))
        could = workers / units.listen
        yield f"| {workers} | {speed:.0f} | {speed / could:.0%} | {SIZES[-1] / speed / DAY:.1f} |"


def computed(units: Units, indexes: list[Index]) -> dict[str, list[str]]:
    flat = next(i for i in indexes if i.kind == "Flat")
    largest = max(i.n for i in indexes)
    coded = next(i for i in indexes if i.n == largest and "PQ" in i.kind)
    flat_ms = max((i for i in indexes if i.kind == "Flat"), key=lambda i: i.n)
    return {
        "core hours of listening": [f"{n * units.listen / 3600:,.1f}" for n in SIZES],
        f"hours on one machine of {CORES} cores": [f"{n * units.listen / 3600 / CORES:,.1f}" for n in SIZES],
        "such machines to be done in a day": [f"{-(-n * units.listen // (DAY * CORES)):,.0f}" for n in SIZES],
        "hours that one writer needs": [
            f"{n * (units.parent_seconds + units.write_seconds) / 3600:,.1f}" for n in SIZES
        ],
        "database": [size(n * units.row_bytes) for n in SIZES],
        "exact index, memory and file": [size(n * flat.bytes_each) for n in SIZES],
        "exact search, one thread": [f"{flat_ms.search_ms * n / flat_ms.n:,.1f} ms" for n in SIZES],
        f"index of codes ({coded.kind.partition(',')[2]})": [size(n * coded.bytes_each) for n in SIZES],
        "scanning again, cached": [f"{n * units.scan_seconds:,.1f} s" for n in SIZES],
        "sent with --ship": [size(n * units.file_bytes) for n in SIZES],
        f"network for {CORES} cores with --ship": [
            f"{8 * units.file_bytes * CORES / units.listen / 1e9:.1f} Gbit/s"
        ] * len(SIZES),
    }  # fmt: skip


def size(n: float) -> str:
    """ "1.7 TB"."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if n >= unit:
            return f"{n / unit:,.1f} {name}"
    return f"{n / 1e3:.1f} kB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--vectors", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    units = measure_units(arguments.folder, arguments.files, arguments.rows)
    indexes = list(measure_indexes(arguments.vectors))
    if arguments.json:
        print(json.dumps({"units": asdict(units), "indexes": [asdict(index) for index in indexes]}, indent=2))
    else:
        print("\n".join(tables(units, indexes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
