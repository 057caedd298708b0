#!/usr/bin/env python3
"""Hubness against the size of the library: skewness of the 10-occurrences of tracks recombined from real windows.

    benchmarks/hubs.py HOME... [--tracks 1000 10000 100000] [--corrections 0 0.4 0.6 0.8 1.0]

A synthetic track consists of five windows of the libraries in HOME: each of a real track or of one of its ten nearest,
so that the synthetic track is between real tracks, as tracks of a genre are. Embeddings and tags are the means of its
windows, the Gaussian of the MFCC is that of all their frames. No noise is added. Every track is a query. The columns
are cosine (0) and the correction of recsys at several strengths; the last is the default, which grows with the library.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from similarity_corpora import read_library_corpus

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import skewness
from recsys.features.scaling import denormalise, normalise
from recsys.features.schema import DIMENSIONS, index_of
from recsys.features.timbre import N_MFCC
from recsys.nearest import NearestIndex, hubness
from recsys.recommend.vectors import similarity_vectors

DEFAULT = hubness.csls_weight
WINDOWS, NEAR, CHUNK = 5, 10, 5000
_ROWS, _COLUMNS = np.triu_indices(N_MFCC, k=1)
_MEANS = [index_of(f"mfcc_{i}_mean") for i in range(N_MFCC)]
_DEVIATIONS = [index_of(f"mfcc_{i}_std") for i in range(N_MFCC)]
_ROOTS = [index_of(f"mfcc_cov_{i}_{j}") for i, j in zip(_ROWS, _COLUMNS, strict=True)]


def combined(windows: FloatArray) -> FloatArray:
    """Raw vectors (n, D) of tracks from raw vectors of their windows (n, w, D), as if computed from all frames."""
    found = windows.mean(axis=1)
    means = windows[:, :, _MEANS].astype(np.float64)
    products = np.zeros((*means.shape, N_MFCC))
    roots = windows[:, :, _ROOTS].astype(np.float64)
    products[:, :, _ROWS, _COLUMNS] = np.sign(roots) * roots**2
    products += products.transpose(0, 1, 3, 2)
    diagonal = np.arange(N_MFCC)
    products[:, :, diagonal, diagonal] = windows[:, :, _DEVIATIONS].astype(np.float64) ** 2
    products += means[..., :, None] * means[..., None, :]
    mean = means.mean(axis=1)
    covariance = products.mean(axis=1) - mean[:, :, None] * mean[:, None, :]
    found[:, _DEVIATIONS] = np.sqrt(np.maximum(covariance[:, diagonal, diagonal], 0))
    found[:, _ROOTS] = np.sign(covariance[:, _ROWS, _COLUMNS]) * np.sqrt(np.abs(covariance[:, _ROWS, _COLUMNS]))
    return found.astype(np.float32)


def recombined(features: FloatArray, parts: FloatArray, part_tracks: IdArray, tracks: int) -> FloatArray:
    """Similarity vectors (tracks, d) of synthetic tracks."""
    rng = np.random.default_rng(0)
    vectors = similarity_vectors(features)
    nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, : NEAR + 1]
    order = np.argsort(part_tracks, kind="stable")
    first, count = np.searchsorted(part_tracks[order], np.arange(len(features))), np.bincount(part_tracks)
    found = []
    for start in range(0, tracks, CHUNK):
        size = min(CHUNK, tracks - start)
        seeds = rng.integers(0, len(features), size)
        sources = nearest[seeds[:, None], rng.integers(0, NEAR + 1, (size, WINDOWS))]
        windows = order[first[sources] + (rng.random(sources.shape) * count[sources]).astype(int)]
        found.append(similarity_vectors(normalise(combined(denormalise(parts[windows])))))
    return np.vstack(found)


def skewness_with(vectors: FloatArray, correction: float) -> float:
    """Skewness of the 10-occurrences with every track as a query."""
    hubness.csls_weight = lambda n_tracks: correction
    ids = np.arange(len(vectors))
    index = NearestIndex.build(ids, vectors)
    found, _ = index.search(
        vectors, 11, densities=np.zeros(len(vectors), np.float32)
    )  # a density is constant for a query
    counts = np.zeros(len(vectors), np.int64)
    for query, row in enumerate(found):
        counts[row[row != query][:10]] += 1
    return skewness(counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--tracks", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--corrections", type=float, nargs="+", default=[0.0, 0.4, 0.6, 0.8, 1.0])
    arguments = parser.parse_args()
    libraries = [read_library_corpus(home) for home in arguments.homes]
    features = np.vstack([library.features for library in libraries])
    parts = np.vstack([library.parts for library in libraries if library.parts is not None])
    shifts = np.cumsum([0, *(len(library.features) for library in libraries)])
    part_tracks = np.concatenate(
        [library.part_tracks + shift for library, shift in zip(libraries, shifts, strict=False)]
    )
    assert parts.shape[1] == len(DIMENSIONS)
    print(f"{len(features)} real tracks, {len(parts)} windows\n")
    print("| tracks | " + " | ".join(f"correction {c:g}" for c in arguments.corrections) + " | default |")
    print("|---" * (len(arguments.corrections) + 2) + "|", flush=True)
    for tracks in arguments.tracks:
        vectors = recombined(features, parts, part_tracks, tracks)
        cells = [skewness_with(vectors, c) for c in (*arguments.corrections, DEFAULT(tracks))]
        print(f"| {tracks:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
