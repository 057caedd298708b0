#!/usr/bin/env python3
"""Do hubs grow with the library? Skew of the 10-occurrences among real tracks and noisy copies of them.

    benchmarks/hubs.py HOME... [--tracks 20000] [--noise 0.5 1.0] [--corrections 0.4 0.5 0.7 1.0]

All tracks of the libraries in HOME, and copies of them with noise added to their features, as many as it takes; every
track is a query. Copies gather round their original, which so is a hub by construction. The rows are cosine, and
recsys's correction at several strengths; the one that ships is marked.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from fit_similarity import read_library

from recsys import nearest
from recsys.evaluate.metrics import skewness
from recsys.recommend.vectors import similarity_vectors
from recsys.types import FloatArray

SHIPPED = nearest.CORRECTION


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
    nearest.CORRECTION = correction
    ids = np.arange(len(vectors))
    found, _ = nearest.NearestIndex.build(ids, vectors).search(vectors, 11)
    counts = np.zeros(len(vectors), np.int64)
    for query, row in enumerate(found):
        counts[row[row != query][:10]] += 1
    return skewness(counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--tracks", type=int, default=20_000)
    parser.add_argument("--noise", type=float, nargs="+", default=[0.5, 1.0])
    parser.add_argument("--corrections", type=float, nargs="+", default=[0.4, 0.5, 0.7, 1.0])
    arguments = parser.parse_args()
    features = np.vstack([read_library(home)[1] for home in arguments.homes])
    libraries = [copies(features, arguments.tracks, noise) for noise in arguments.noise]
    print(f"{len(features)} real tracks and copies of them, {arguments.tracks} in all\n")
    print(f"| | {' | '.join(f'noise {noise:g}' for noise in arguments.noise)} |\n|---|{'---|' * len(libraries)}")
    for correction in [0.0, *arguments.corrections]:
        name = f"CSLS {correction:g}{' (ships)' * (correction == SHIPPED)}" if correction else "cosine"
        scores = " | ".join(f"{skew(vectors, correction):.2f}" for vectors in libraries)
        print(f"| {name} | {scores} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
