#!/usr/bin/env python3
"""How well the map of a library keeps neighbours, beside principal components and UMAP; processor time and memory.

    benchmarks/library_map.py HOME... [--only recsys pca umap] [--k 15]
    pip install umap-learn                      # optional; left out if it is not installed

Each layout gets the similarity vectors of all analysed tracks and runs in a process of its own on one thread. *Kept*
is the mean share of the k nearest tracks (by cosine) that are among the k nearest points; *trust* is the
trustworthiness of Venna & Kaski (2001), 1 if no point has a neighbour that is far away in the library. Both are means
over up to 2,000 tracks. The row "recsys, grown" has half of the tracks placed between the others, which were arranged
before. Seconds of processor time include the search for neighbours and, for UMAP, its compilation; memory is the peak
of the process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from measure import ROOT

sys.path[:0] = [str(ROOT)]

import recsys
from recsys.domain.arrays import FloatArray
from recsys.nearest import NearestIndex
from recsys.recommend.layout_2d import principal_components
from recsys.recommend.map_layout import make_layout

METHODS = ("pca", "umap", "recsys", "recsys, grown")
SAMPLE, CHUNK = 2000, 100
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def layout_of(method: str, vectors: FloatArray) -> FloatArray:
    if method == "pca":
        return principal_components(vectors)[0]
    if method == "umap":
        from umap import UMAP

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            umap = UMAP(n_neighbors=15, min_dist=0.15, metric="cosine", random_state=0, n_jobs=1)
            return np.asarray(umap.fit_transform(vectors), np.float32)
    ids = np.arange(len(vectors))
    if method == "recsys":
        return make_layout(NearestIndex.build(ids, vectors)).points
    first = np.sort(np.random.default_rng(0).permutation(ids)[: -(-(len(ids) + 1) // 2)])
    former = make_layout(NearestIndex.build(first, vectors[first]))
    return make_layout(NearestIndex.build(ids, vectors), former).points


def scores(vectors: FloatArray, points: FloatArray, k: int) -> tuple[float, float]:
    """The share of kept neighbours, and the trustworthiness."""
    n = len(vectors)
    k = min(k, (n - 1) // 2)
    sample = np.arange(n) if n <= SAMPLE else np.random.default_rng(0).choice(n, SAMPLE, replace=False)
    kept, penalty = 0, 0.0
    for start in range(0, len(sample), CHUNK):
        rows = sample[start : start + CHUNK]
        far = -(vectors[rows] @ vectors.T)
        near = ((points[rows, None].astype(np.float64) - points[None]) ** 2).sum(axis=2)
        far[np.arange(len(rows)), rows] = near[np.arange(len(rows)), rows] = np.inf
        truth, shown = (np.argpartition(each, k, axis=1)[:, :k] for each in (far, near))
        for own, expected, found in zip(far, truth, shown, strict=True):
            kept += len(np.intersect1d(expected, found))
            ranks = (own[None] < own[found][:, None]).sum(axis=1) + 1
            penalty += float(np.maximum(ranks - k, 0).sum())
    return kept / (k * len(sample)), 1 - 2 * penalty / (len(sample) * k * (2 * n - 3 * k - 1))


def measure(home: str, method: str, k: int) -> None:
    with recsys.Library(home) as library:
        vectors = library.vectors(kind="similarity").vectors
    start = time.process_time()
    points = layout_of(method, vectors)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10 if sys.platform != "darwin" else 1 << 20)
    kept, trust = scores(vectors, points, k)
    print(json.dumps({"tracks": len(vectors), "kept": kept, "trust": trust, "seconds": seconds, "MB": memory}))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("homes", nargs="+", metavar="HOME")
    parser.add_argument("--only", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--k", type=int, default=15)
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.homes[0], options.measure, options.k)
        return
    print("| library | tracks | layout | kept | trust | seconds | MB |\n|---|---|---|---|---|---|---|")
    for home in options.homes:
        for method in options.only:
            command = [sys.executable, __file__, home, "--measure", method, "--k", str(options.k)]
            run = subprocess.run(command, env={**os.environ, **THREADS}, capture_output=True, text=True, check=False)
            if run.returncode:
                print(f"| {Path(home).name} | | {method} | {run.stderr.strip().splitlines()[-1]} | | | |", flush=True)
                continue
            row = json.loads(run.stdout.splitlines()[-1])
            print(
                f"| {Path(home).name} | {row['tracks']:,} | {method} | {row['kept']:.3f} | {row['trust']:.3f} | "
                f"{row['seconds']:.1f} | {row['MB']:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
