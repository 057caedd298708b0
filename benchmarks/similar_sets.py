#!/usr/bin/env python3
"""Similar artists and albums: the rank at which the other half of a set is found, for several distances of sets.

    benchmarks/similar_sets.py HOME... [--splits 5] [--least 4]

The tracks of each artist (and of each album) with at least ``--least`` are split into two halves at random. The halves
of all sets are the candidates; each first half is a query, and its rank is that of the second half of the same set. The
columns are the mean reciprocal rank with its standard error over the sets, and the share at the first rank.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from recsys import Library
from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NearestIndex
from recsys.recommend.similar_sets import nearest_sets

RIDGE = 0.05  # of the variances of a Gaussian, since most sets have fewer tracks than dimensions


def directions(vectors: FloatArray, sets: list[IdArray]) -> FloatArray:
    """Unit vectors of the means of sets."""
    means = np.stack([vectors[rows].mean(axis=0) for rows in sets])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def gaussian(vectors: FloatArray, one: list[IdArray], other: list[IdArray]) -> DoubleArray:
    """Minus the symmetric divergence of Gaussians with diagonal covariances, shrunk to that of the library."""
    common = vectors.var(axis=0)

    def fit(sets: list[IdArray]) -> tuple[DoubleArray, DoubleArray]:
        means = np.stack([vectors[rows].mean(axis=0) for rows in sets])
        n = np.array([[len(rows)] for rows in sets])
        variances = (n * np.stack([vectors[rows].var(axis=0) for rows in sets]) + 4 * common) / (n + 4)
        return means, variances + RIDGE * common

    (m1, v1), (m2, v2) = fit(one), fit(other)
    squares = (m1[:, None] - m2) ** 2
    return -((v1[:, None] / v2 + v2 / v1[:, None] - 2) + squares * (1 / v1[:, None] + 1 / v2)).sum(axis=2)


def shipped(queries: FloatArray, others: FloatArray) -> FloatArray:
    """Similarities (n, n) of :func:`recsys.recommend.similar_sets.nearest_sets`."""
    scores = np.full((len(queries), len(others)), -2.0, np.float32)
    for row, query in zip(scores, queries, strict=True):
        found, similarities = nearest_sets(query, others)
        row[found] = similarities
    return scores


def reciprocal_ranks(scores: DoubleArray) -> DoubleArray:
    """Of the diagonal among each row."""
    return 1 / (1 + (scores > scores.diagonal()[:, None]).sum(axis=1))


def measure(home: Path, splits: int, least: int) -> None:
    """Print the tables of one library."""
    library = Library(home)
    tracks = {track.id: track for track in library.tracks()}
    found = library.vectors(list(tracks), kind="similarity")
    index = NearestIndex.build(np.asarray(found.ids), found.vectors)
    vectors, densities = index.vectors(index.ids), index.densities(index.ids)
    row_of = {i: row for row, i in enumerate(index.ids.tolist())}
    for kind in ("artists", "albums"):
        groups: dict[int, list[int]] = {}
        for i, track in tracks.items():
            for key in track.artist_ids if kind == "artists" else filter(None, [track.album_id]):
                if i in row_of:
                    groups.setdefault(key, []).append(row_of[i])
        sets = [np.array(rows) for rows in groups.values() if len(rows) >= least]
        if len(sets) < 5:
            continue
        rng = np.random.default_rng(0)
        ranks: dict[str, list[DoubleArray]] = {}
        for _ in range(splits):
            halves = [np.array_split(rng.permutation(rows), 2) for rows in sets]
            one, other = [half[0] for half in halves], [half[1] for half in halves]
            matrix = index.similarities(vectors, vectors, densities=densities, other_densities=densities)
            best = np.array([[(matrix[np.ix_(a, b)].max(1).mean() + matrix[np.ix_(a, b)].max(0).mean()) / 2
                              for b in other] for a in one])  # fmt: skip
            pairs = np.array([[matrix[np.ix_(a, b)].mean() for b in other] for a in one])
            means = directions(vectors, one) @ directions(vectors, other).T
            density = [np.sort(means, axis=a)[:, -5:] if a else np.sort(means, axis=a)[-5:] for a in (0, 1)]
            for name, scores in (
                ("direction of the mean, cosine", means),
                ("the same, hubs corrected (shipped)", shipped(directions(vectors, one), directions(vectors, other))),
                ("the same, both sides", means - (density[0].mean(axis=0) + density[1].mean(axis=1)[:, None]) / 2),
                ("mean of all pairs, hubs corrected", pairs),
                ("mean of best matches, hubs corrected", best),
                ("Gaussian, diagonal", gaussian(vectors, one, other)),
            ):
                ranks.setdefault(name, []).append(reciprocal_ranks(scores.astype(np.float64)))
        print(f"\n{home.name}: {len(sets)} {kind}, {splits} splits")
        for name, values in ranks.items():
            per_set = np.mean(values, axis=0)
            error = per_set.std(ddof=1) / np.sqrt(len(per_set))
            print(f"{name:40}{per_set.mean():7.3f} ± {error:.3f}{np.mean(np.array(values) == 1):7.2f}")


def main() -> None:
    """Measure each library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--least", type=int, default=4)
    arguments = parser.parse_args()
    for home in arguments.homes:
        measure(home, arguments.splits, arguments.least)


if __name__ == "__main__":
    main()
