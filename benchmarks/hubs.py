#!/usr/bin/env python3
"""Do hubs grow with the library? Skew of the 10-occurrences among real tracks and noisy copies of them.

    benchmarks/hubs.py HOME... [--tracks 1000 10000 100000] [--noise 0.5 1.0] [--corrections 0 0.4 0.6 0.8 1.0]

All tracks of the libraries in HOME, and copies of them with noise added to their features, as many as it takes; every
track is a query. Copies gather round their original, which so is a hub by construction. The rows are cosine, and
recsys's correction at several strengths; the last is the one that ships, which grows with the library.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from fit_similarity import read_library

from recsys.evaluate.metrics import skewness
from recsys.nearest import NearestIndex, hubs
from recsys.recommend.vectors import similarity_vectors
from recsys.types import FloatArray

SHIPPED = hubs.correction


def copies(features: FloatArray, tracks: int, noise: float) -> FloatArray:
    """Similarity vectors (tracks, d) of the features and of noisy copies."""
    rng = np.random.default_rng(0)
    found = [similarity_vectors(features)]
    left = tracks - len(features)
    while left > 0:
        chosen = features[rng.integers(0, len(features), min(left, 5000))]
        found.append(similarity_vectors(chosen + noise * rng.standard_normal(chosen.shape).astype(np.float32)))
        left -= len(chosen)
    return np.vstack(found)


def skew(vectors: FloatArray, correction: float) -> float:
    """Skew of the 10-occurrences, every track a query."""
    hubs.correction = lambda _: correction
    ids = np.arange(len(vectors))
    index = NearestIndex.build(ids, vectors)
    found, _ = index.search(vectors, 11, densities=np.zeros(len(vectors), np.float32))  # they change no order
    counts = np.zeros(len(vectors), np.int64)
    for query, row in enumerate(found):
        counts[row[row != query][:10]] += 1
    return skewness(counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--tracks", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--noise", type=float, nargs="+", default=[0.5, 1.0])
    parser.add_argument("--corrections", type=float, nargs="+", default=[0.0, 0.4, 0.6, 0.8, 1.0])
    arguments = parser.parse_args()
    features = np.vstack([read_library(home)[1] for home in arguments.homes])
    print(f"{len(features)} real tracks and copies of them; cosine is correction 0\n")
    names = [f"{c:g}" for c in arguments.corrections]
    print(f"| tracks, noise | {' | '.join(names)} | ships |\n|---|{'---|' * (len(names) + 1)}")
    for tracks in arguments.tracks:
        for noise in arguments.noise:
            vectors = copies(features, tracks, noise)
            strengths = [*arguments.corrections, SHIPPED(len(vectors))]
            scores = " | ".join(f"{skew(vectors, strength):.2f}" for strength in strengths)
            print(f"| {len(vectors)}, {noise:g} | {scores} (at {strengths[-1]:.2f}) |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
