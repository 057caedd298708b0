#!/usr/bin/env python3
"""The index and other libraries: time to build, open, query (also with a filter) and add; and recall.

    benchmarks/nearest.py HOME... [--tracks 100000 1000000] [--noise 0.5] [--only recsys "faiss flat"] [--json]
    pip install hnswlib usearch voyager         # optional; a library that is not installed is left out

The rows are all tracks of the libraries in HOME, and copies of them with noise added to their features. Every index
contains the same rows, similarity vectors with the hubness penalty as one more dimension, and is queried one row at a
time on one thread; building and adding can use all cores. recsys gets only the vectors and computes the penalties
itself, as part of building. The search width of graphs (ef) is doubled until recall is 99 per cent of the ten nearest.
The filter allows the copies of one original in a hundred, similar to a genre: close together and, for most queries, far
away.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measure import ROOT

sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import faiss
from similarity_corpora import read_library_corpus

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NearestIndex
from recsys.recommend.vectors import similarity_vectors

K, QUERIES, ADDED = 10, 500, 1000
ENOUGH, WIDEST = 0.99, 512
M, EF_CONSTRUCTION = 16, 100
CORES = os.cpu_count() or 1


class Recsys:
    """The index of recsys."""

    name, width = "recsys", 0

    def build(self, rows: FloatArray) -> None:
        self.index = NearestIndex.build(np.arange(len(rows)), np.ascontiguousarray(rows[:, :-1]))

    def save(self, path: Path) -> None:
        self.index.save(path, {})

    def open(self, path: Path) -> None:
        self.index, _ = NearestIndex.load(path)

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        self.index.add(ids, np.ascontiguousarray(rows[:, :-1]))

    def search(self, row: FloatArray, allowed: IdArray | None = None) -> IdArray:
        return self.index.search(row[:, :-1], K, densities=np.zeros(1, np.float32), allowed=allowed)[0][0]

    def __str__(self) -> str:
        cells, probes = self.index.cells
        return "recsys: exact" if cells == 1 else f"recsys: {cells} cells, {probes} probed"


class Faiss:
    """An index of faiss as a factory makes it."""

    def __init__(self, name: str, recipe: str, width: int = 0) -> None:
        self.name, self._recipe, self.width = name, recipe, width

    def build(self, rows: FloatArray) -> None:
        faiss.omp_set_num_threads(CORES)
        cells = int(4 * np.sqrt(len(rows)))
        recipe = self._recipe.replace("CELLS", str(cells))
        self.index = faiss.index_factory(rows.shape[1], recipe, faiss.METRIC_INNER_PRODUCT)
        if "HNSW" in recipe:
            self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.train(rows[np.random.default_rng(0).permutation(len(rows))[: 39 * cells]])
        self.index.add(rows)
        faiss.omp_set_num_threads(1)

    def save(self, path: Path) -> None:
        faiss.write_index(self.index, str(path))

    def open(self, path: Path) -> None:
        self.index = faiss.read_index(str(path))

    def add(self, _: IdArray, rows: FloatArray) -> None:
        self.index.add(rows)

    def search(self, row: FloatArray, allowed: IdArray | None = None) -> IdArray:
        options: dict[str, Any] = {}
        if allowed is not None:
            bits = np.zeros(self.index.ntotal, bool)
            bits[allowed] = True
            options["sel"] = faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
        if "IVF" in self._recipe:
            parameters = faiss.SearchParametersIVF(nprobe=self.width, **options)
        elif "HNSW" in self._recipe:
            parameters = faiss.SearchParametersHNSW(efSearch=self.width, **options)
        else:
            parameters = faiss.SearchParameters(**options)
        return self.index.search(row, K, params=parameters)[1][0]

    def __str__(self) -> str:
        return self.name + (f", {'nprobe' if 'IVF' in self._recipe else 'efSearch'} {self.width}" if self.width else "")


class Hnswlib:
    """hnswlib."""

    name, width = "hnswlib", 16

    def build(self, rows: FloatArray) -> None:
        self.index = self._new(rows.shape[1])
        self.index.init_index(len(rows) + ADDED, M=M, ef_construction=EF_CONSTRUCTION)
        self.index.add_items(rows, np.arange(len(rows)), num_threads=CORES)

    def _new(self, dimension: int) -> Any:
        import hnswlib

        return hnswlib.Index("ip", dimension)

    def save(self, path: Path) -> None:
        self.index.save_index(str(path))

    def open(self, path: Path) -> None:
        self.index = self._new(self.index.dim)
        self.index.load_index(str(path), self.index.max_elements)

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        self.index.resize_index(max(self.index.max_elements, int(ids.max()) + 1))
        self.index.add_items(rows, ids, num_threads=CORES)

    def search(self, row: FloatArray, allowed: IdArray | None = None) -> IdArray:
        self.index.set_ef(self.width)
        chosen = None if allowed is None else set(allowed.tolist()).__contains__
        return self.index.knn_query(row, K, num_threads=1, filter=chosen)[0][0].astype(np.int64)

    def __str__(self) -> str:
        return f"hnswlib, ef {self.width}"


class Usearch:
    """usearch; it filters nothing from Python."""

    name, width, filters = "usearch", 16, False

    def build(self, rows: FloatArray) -> None:
        from usearch.index import Index

        self.index = Index(ndim=rows.shape[1], metric="ip", dtype="f32", connectivity=M, expansion_add=EF_CONSTRUCTION)
        self.index.add(np.arange(len(rows)), rows, threads=CORES)

    def save(self, path: Path) -> None:
        self.index.save(str(path))

    def open(self, path: Path) -> None:
        from usearch.index import Index

        self.index = Index.restore(str(path))

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        self.index.add(ids, rows, threads=CORES)

    def search(self, row: FloatArray) -> IdArray:
        self.index.expansion_search = self.width
        return np.asarray(self.index.search(row[0], K).keys).astype(np.int64)

    def __str__(self) -> str:
        return f"usearch, expansion_search {self.width}"


class Voyager:
    """voyager; it filters nothing."""

    name, width, filters = "voyager", 16, False

    def build(self, rows: FloatArray) -> None:
        import voyager

        self.index = voyager.Index(
            voyager.Space.InnerProduct, rows.shape[1], M=M, ef_construction=EF_CONSTRUCTION, max_elements=len(rows)
        )
        self.index.add_items(rows, np.arange(len(rows)), num_threads=CORES)

    def save(self, path: Path) -> None:
        self.index.save(str(path))

    def open(self, path: Path) -> None:
        import voyager

        self.index = voyager.Index.load(str(path))

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        self.index.add_items(rows, ids, num_threads=CORES)

    def search(self, row: FloatArray) -> IdArray:
        return self.index.query(row[0], K, query_ef=self.width)[0].astype(np.int64)

    def __str__(self) -> str:
        return f"voyager, query_ef {self.width}"


CONTENDERS: dict[str, Callable[[], Any]] = {
    "recsys": Recsys,
    "faiss flat": lambda: Faiss("faiss flat", "Flat"),
    "faiss IVF": lambda: Faiss("faiss IVF", "IVFCELLS,Flat", 1),
    "faiss HNSW": lambda: Faiss("faiss HNSW", f"HNSW{M},Flat", 16),
    "hnswlib": Hnswlib,
    "usearch": Usearch,
    "voyager": Voyager,
}


def measure(
    contender: Any, rows: FloatArray, late: FloatArray, queries: FloatArray, allowed: IdArray
) -> dict[str, Any]:
    """One line of the table; the last of ``queries`` (q, d + 1) numbers is 1."""
    truth = faiss.knn(queries, rows, K, metric=faiss.METRIC_INNER_PRODUCT)[1]
    filtered = allowed[faiss.knn(queries, rows[allowed], K, metric=faiss.METRIC_INNER_PRODUCT)[1]]
    _, build_s = timed(lambda: contender.build(rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        _, save_s = timed(lambda: contender.save(path))
        size = path.stat().st_size
        _, open_s = timed(lambda: contender.open(path))
        results, ms = search(contender, queries)
        while recall(results, truth) < ENOUGH and 0 < contender.width < WIDEST:
            contender.width *= 2
            results, ms = search(contender, queries)
        line: dict[str, Any] = {
            "index": str(contender), "tracks": len(rows), "build_s": build_s, "save_s": save_s, "mb": size / 1e6,
            "open_ms": 1e3 * open_s, "ms": ms, "recall": recall(results, truth),
        }  # fmt: skip
        if getattr(contender, "filters", True):
            results, line["filter_ms"] = search(contender, queries, allowed)
            line["filter_recall"] = recall(results, filtered)
        _, line["add_s"] = timed(lambda: contender.add(np.arange(len(rows), len(rows) + len(late)), late))
        _, again = timed(lambda: contender.save(path))
        line["add_s"] += again
    return line


def search(contender: Any, queries: FloatArray, *allowed: IdArray) -> tuple[list[IdArray], float]:
    """The results of single queries, and their median milliseconds."""
    for query in queries[:20]:  # warm up
        contender.search(query[None], *allowed)
    results, seconds = [], []
    for query in queries:
        result, elapsed = timed(partial(contender.search, query[None], *allowed))
        results.append(result)
        seconds.append(elapsed)
    return results, 1e3 * statistics.median(seconds)


def recall(found: list[IdArray], truth: IdArray) -> float:
    """Share of the true neighbours that were found."""
    return float(np.mean([np.isin(right, row).mean() for row, right in zip(found, truth, strict=True)]))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result of a call, and its wall seconds."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def copies(features: FloatArray, tracks: int, noise: float) -> FloatArray:
    """Similarity vectors (tracks, d) of the features (n, D) and of copies of them with noise added."""
    rng = np.random.default_rng(0)
    found = [similarity_vectors(features)]
    left = tracks - len(features)
    while left > 0:
        chosen = features[rng.integers(0, len(features), min(left, 5000))]
        found.append(similarity_vectors(chosen + noise * rng.standard_normal(chosen.shape).astype(np.float32)))
        left -= len(chosen)
    return np.vstack(found)


def library(features: FloatArray, tracks: int, noise: float) -> tuple[FloatArray, FloatArray, FloatArray, IdArray]:
    """Rows (n, d + 1) of the tracks, rows to add later, queries, and the ids that the filter allows."""
    vectors = copies(features, tracks + ADDED, noise)
    index = NearestIndex.build(np.arange(tracks), vectors[:tracks])
    rows = np.column_stack([vectors[:tracks], -index.hubness_penalties(np.arange(tracks))])
    late = np.column_stack([vectors[tracks:], -index.hubness_weight * index.local_density(vectors[tracks:])])
    rng = np.random.default_rng(1)
    queries = rows[rng.choice(tracks, QUERIES, replace=False)].copy()
    queries[:, -1] = 1
    originals = vectors[rng.choice(len(features), max(1, len(features) // 100), replace=False)]
    distance = -(vectors[:tracks] @ originals.T).max(axis=1)
    return rows, late, queries, np.sort(np.argpartition(distance, tracks // 100)[: tracks // 100])


def lines(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Every line of the table."""
    features = np.vstack([read_library_corpus(home).features for home in options.homes])
    for tracks in options.tracks:
        data = library(features, tracks, options.noise)
        for name in options.only or CONTENDERS:
            try:
                yield measure(CONTENDERS[name](), *data)
            except ModuleNotFoundError as error:
                print(f"{name} is left out: {error}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--tracks", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--noise", type=float, default=0.5)
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--json", action="store_true", help="one line of JSON each instead of a table")
    options = parser.parse_args()
    if not options.json:
        columns = ("tracks", "index", "build, s", "MB", "open, ms", "query, ms", "recall@10",
                   "with a filter, ms", "recall@10", "add 1,000 and write, s")  # fmt: skip
        print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for line in lines(options):
        if options.json:
            print(json.dumps(line), flush=True)
        else:
            filtered = f"{line['filter_ms']:.2f} | {line['filter_recall']:.3f}" if "filter_ms" in line else "none | "
            print(
                "| {tracks:,} | {index} | {build_s:.1f} | {mb:.0f} | {open_ms:.0f} | {ms:.2f} | {recall:.3f} |".format(
                    **line
                ),
                f"{filtered} | {line['add_s']:.2f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
