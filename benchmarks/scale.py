#!/usr/bin/env python3
"""Cost of 10 thousand, 1 million and 100 million tracks, computed from measured unit costs.

    benchmarks/scale.py FOLDER [--files 40] [--rows 2000] [--index 10000 100000 1000000] [--hnsw-up-to 100000] [--json]

Measured: seconds of one core to analyse files of FOLDER; bytes and seconds to store synthetic tracks with vectors of
the real lengths in the real tables (SQLite, and PostgreSQL if RECSYS_TEST_POSTGRES names a server whose
``recsys_scale`` schema may be dropped); the other work of the parent process for a track; and nearest-neighbour
indexes on clustered random vectors. Computed from these: hours, disk, memory, machines. Simulated: how many workers one
parent keeps busy. See docs/scale.md.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ingest import files_of
from measure import ROOT
from scale_model import Units, code_bytes, simulate, sums

sys.path.insert(0, str(ROOT))

SIZES = (10_000, 1_000_000, 100_000_000)
WORKERS = (1, 2, 8, 32, 64, 128, 256, 512, 1024)
QUERIES = 100
NEAREST = 10


# Analysis


def analysis_cost(files: list[str]) -> tuple[list[float], float]:
    """Seconds of one core for each file, after a first file that pays for imports; and mean bytes of a file."""
    from recsys.ingest.worker import AnalysisFailure, analyse_file, identify_file

    seconds, sizes = [], []
    for path in [files[0], *files]:
        start = time.process_time()
        failed = isinstance(identify_file(path), AnalysisFailure) or isinstance(analyse_file(path), AnalysisFailure)
        if not failed:
            seconds.append(time.process_time() - start)
            sizes.append(Path(path).stat().st_size)
    if len(seconds) < 2:
        raise SystemExit("none of these files can be analysed")
    return seconds[1:], float(np.mean(sizes[1:]))


# Storage


def analysis_result(number: int) -> Any:
    """A result of random numbers with the lengths of a real one; like real vectors, it does not compress."""
    from recsys.domain.audio import Analysis, AnalysisResult, GenrePrediction, Key, Tempo
    from recsys.features.schema import DIMENSIONS

    rng = np.random.default_rng(number)
    vector = rng.standard_normal(len(DIMENSIONS)).astype(np.float32)
    windows = rng.standard_normal((5, len(DIMENSIONS))).astype(np.float16)
    genres = {f"genre {i}": float(p) for i, p in enumerate(rng.dirichlet(np.ones(10)))}
    starts = tuple(float(s) for s in np.linspace(20, 200, 5))
    analysis = Analysis(_version(), vector, windows, starts, Tempo(120.0, 0.8, 0.6), Key(9, "minor", 0.7), -14.5)
    return AnalysisResult(analysis, vector, GenrePrediction("genre 0", genres["genre 0"], genres, "default"))


def identity(path: str) -> Any:
    """A different recording for each path, with tags of usual lengths."""
    from recsys.domain.audio import AudioInfo, Identity, Tags

    name = Path(path).stem
    tags = Tags(title=f"A title of usual length {name}", artists=(f"An artist {name[:-2]}",),
                album=f"Some album {name[:-1]}", track_number=7, year=1999)  # fmt: skip
    return Identity(name.rjust(64, "0"), AudioInfo(240.0, 44100, 2, "mp3"), tags)


class SynchronousExecutor(Executor):
    """Runs each call when it is submitted, so that the rest of the time of an ingest is that of the parent process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args))
        return future


def store(url: str, n: int) -> float:
    """Seconds per track to store ``n`` of them in batches; the results are computed beforehand."""
    from recsys.database.catalogue import Catalogue
    from recsys.domain.audio import FileStat, IngestRecord
    from recsys.ingest.pipeline import BATCH

    spent = 0.0
    with Catalogue.open(url, feature_version=_version()) as catalogue:
        for first in range(0, n, BATCH):
            paths = [f"/music/Some artist/Some album/{i:08d}.mp3" for i in range(first, min(first + BATCH, n))]
            entries = [
                IngestRecord(
                    FileStat(path, 9_000_000, 1_700_000_000_000_000_000),
                    identity(path),
                    analysis_result(int(Path(path).stem)),
                )
                for path in paths
            ]
            start = time.perf_counter()
            catalogue.store(entries)
            spent += time.perf_counter() - start
    return spent / n


def parent_cost(n: int) -> float:
    """Seconds per track of an ingest whose workers take no time: scanning, submitting, querying, writing."""
    from recsys.config import Settings
    from recsys.database.catalogue import Catalogue
    from recsys.ingest.pipeline import ingest

    with tempfile.TemporaryDirectory() as folder:
        music = Path(folder, "music")
        music.mkdir()
        for i in range(n):
            (music / f"{i:08d}.mp3").touch()
        settings = Settings(home=Path(folder), database=f"sqlite:///{folder}/library.db", jobs=16)
        result = analysis_result(0)
        with Catalogue.open(settings.database, feature_version=_version()) as catalogue:
            start = time.perf_counter()
            ingest(
                [music], catalogue, settings, executor=SynchronousExecutor, identify=identity, analyse=lambda _: result
            )
            return (time.perf_counter() - start) / n


def disk(n: int) -> tuple[float, float, float]:
    """Bytes per track in SQLite, bytes of its windows among them, and seconds per track to store it."""
    import sqlite3

    with tempfile.TemporaryDirectory() as folder:
        seconds = store(f"sqlite:///{folder}/library.db", n)
        connection = sqlite3.connect(f"{folder}/library.db")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (windows,) = connection.execute("SELECT sum(length(windows) + length(starts)) FROM vector").fetchone()
        connection.close()
        return Path(folder, "library.db").stat().st_size / n, windows / n, seconds


def postgres(n: int) -> float | None:
    """Seconds per track to store it in PostgreSQL, in a separate schema; None without a server."""
    url = os.environ.get("RECSYS_TEST_POSTGRES")
    if not url:
        return None
    import psycopg

    schema = "recsys_scale"
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            return store(f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}", n)
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def _version() -> int:
    from recsys.features.version import FEATURE_VERSION

    return FEATURE_VERSION


# Search


def clustered_vectors(n: int, dimension: int, seed: int) -> np.ndarray:
    """Unit vectors (n, d) around 1,000 random centres."""
    styles = np.random.default_rng(1).standard_normal((1000, dimension)).astype(np.float32)
    rng = np.random.default_rng(seed)
    vectors = styles[rng.integers(0, 1000, n)] + rng.standard_normal((n, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def indexes(n: int, dimension: int, hnsw_up_to: int) -> list[dict[str, Any]]:
    """Build seconds, bytes per track, query milliseconds and recall@10 of each kind of index."""
    import faiss

    faiss.omp_set_num_threads(1)
    vectors, queries = clustered_vectors(n, dimension, 2), clustered_vectors(QUERIES, dimension, 3)
    cells = 2 ** int(np.log2(4 * np.sqrt(n)))
    probes = max(8, cells // 64)
    code = code_bytes(dimension)
    kinds: dict[str, tuple[str, Callable[[Any], None]]] = {
        "flat": ("Flat", lambda _: None),
        f"IVF{cells}, nprobe {probes}": (f"IVF{cells},Flat", partial(_set, "nprobe", probes)),
        f"IVF{cells}, PQ of {code} bytes, nprobe {probes}": (f"IVF{cells},PQ{code}", partial(_set, "nprobe", probes)),
    }
    if n <= hnsw_up_to:
        kinds["HNSW32, efSearch 64"] = ("HNSW32,Flat", lambda index: _set("efSearch", 64, index.hnsw))
    truth: np.ndarray | None = None
    table = []
    for name, (recipe, prepare) in kinds.items():
        index = faiss.index_factory(dimension, recipe, faiss.METRIC_INNER_PRODUCT)
        if "PQ" in recipe:
            faiss.downcast_index(index).do_polysemous_training = False  # takes a minute, for a filter that is not used
        start = time.perf_counter()
        index.train(vectors[: 64 * cells])
        index.add(vectors)
        build = time.perf_counter() - start
        prepare(index)
        times, found = [], []
        for query in queries:
            start = time.perf_counter()
            found.append(index.search(query[None], NEAREST)[1][0])
            times.append(time.perf_counter() - start)
        truth = np.array(found) if truth is None else truth
        hits = [len(np.intersect1d(a, b)) / NEAREST for a, b in zip(found, truth, strict=True)]
        size = len(faiss.serialize_index(index)) / n
        milliseconds = float(np.median(times)) * 1e3
        table.append(
            {
                "tracks": n,
                "index": name,
                "build_s": build,
                "bytes": size,
                "ms": milliseconds,
                "recall": float(np.mean(hits)),
            }
        )
    return table


def _set(name: str, value: int, target: Any) -> None:
    setattr(target, name, value)


# Output


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--index", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--hnsw-up-to", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    from recsys.features.schema import DIMENSIONS
    from recsys.recommend.projection import projection

    dimension = projection().dimension
    seconds, size = analysis_cost(files_of(options.folder, options.files))
    row, windows, write = disk(options.rows)
    parent = max(parent_cost(options.rows) - write, 0.0)
    units = Units(seconds, parent, write, size, row, windows, dimension, len(DIMENSIONS))
    postgres_write = postgres(options.rows)
    found = [line for n in options.index for line in indexes(n, dimension, options.hnsw_up_to)]
    flat = max((line for line in found if line["index"] == "flat"), key=lambda line: line["tracks"])
    totals = [sums(units, n, 1e6 * flat["ms"] / flat["tracks"]) for n in SIZES]
    speeds = {n: simulate(units, n, max(5000, 40 * n)) for n in WORKERS}
    if options.json:
        report: dict[str, Any] = {"units": {**asdict(units), "mean": units.mean, "ceiling": units.ceiling}}
        report |= {"postgres_write": postgres_write, "indexes": found, "sums": [asdict(total) for total in totals]}
        report |= {"simulated": speeds}
        print(json.dumps(report, indent=2))
        return
    _print_units(units, postgres_write)
    _print_indexes(found)
    _print_sums(totals)
    _print_simulation(units, speeds)


def _print_units(units: Units, postgres_write: float | None) -> None:
    p10, p90 = np.percentile(units.analysis, [10, 90])
    print("### Measured\n\n| unit | |\n|---|---|")
    print(f"| analysis, seconds of one core per track (10 % to 90 %) | {units.mean:.3f} ({p10:.3f} to {p90:.3f}) |")
    print(f"| a file, MB | {units.file / 1e6:.1f} |")
    print(f"| the catalogue, bytes per track (of which windows) | {units.row:,.0f} ({units.windows:,.0f}) |")
    print(f"| one writer, SQLite, tracks per second | {1 / units.write:,.0f} |")
    rate = f"{1 / postgres_write:,.0f}" if postgres_write else "not measured"
    print(f"| one writer, PostgreSQL, tracks per second | {rate} |")
    print(f"| the parent process (scan, submit, query, write), tracks per second | {units.ceiling:,.0f} |")


def _print_indexes(found: list[dict[str, Any]]) -> None:
    print("\n### Measured: indexes\n\n| tracks | index | build, s | bytes per track | query, ms | recall@10 |")
    print("|---|---|---|---|---|---|")
    for line in found:
        print("| {tracks:,} | {index} | {build_s:.1f} | {bytes:.0f} | {ms:.2f} | {recall:.3f} |".format(**line))


def _print_sums(totals: list[Any]) -> None:
    print("\n### Computed\n\n| | " + " | ".join(f"{total.tracks:,} tracks" for total in totals) + " |")
    print("|---" * (len(totals) + 1) + "|")
    lines: dict[str, Callable[[Any], str]] = {
        "analysis, hours of one core": lambda t: f"{t.core_hours:,.1f}",
        "cores to finish in a day / a week": lambda t: f"{t.cores_day:,} / {t.cores_week:,}",
        "parents to finish in a day / a week": lambda t: f"{t.parents_day} / {t.parents_week}",
        "gigabit links to send all files in a day": lambda t: f"{t.ship_links_day:.3g}",
        "database (without windows), GB": lambda t: f"{t.disk / 1e9:,.2f} ({t.disk_without_windows / 1e9:,.2f})",
        "flat index, GB / ms a query": lambda t: f"{t.flat / 1e9:,.3f} / {t.flat_ms:,.2g}",
        "HNSW32 index, GB": lambda t: f"{t.hnsw / 1e9:,.3f}",
        "IVF-PQ index, GB": lambda t: f"{t.ivf_pq / 1e9:,.4f}",
        "building, all vectors at once, GB": lambda t: f"{t.build / 1e9:,.2f}",
    }
    for name, format_total in lines.items():
        print(f"| {name} | " + " | ".join(map(format_total, totals)) + " |")


def _print_simulation(units: Units, speeds: dict[int, float]) -> None:
    print("\n### Simulated: one parent\n\n| workers | tracks per second | of their capacity |\n|---|---|---|")
    for workers, speed in speeds.items():
        print(f"| {workers:,} | {speed:,.1f} | {100 * speed * units.mean / workers:.0f} % |")


if __name__ == "__main__":
    main()
