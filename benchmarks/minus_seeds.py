#!/usr/bin/env python3
"""Seeds with a minus: what leaves a list of ten, and what it costs, for several rules.

    benchmarks/minus_seeds.py HOME... [--queries 400]

A query is a track of the library in HOME, with its list of the ten most similar tracks, two of an artist. The minus
seed is drawn from that list: a listener likes the list but for one track. The columns are means over the queries:

stay    share of the ten nearest neighbours of the minus seed that were in the list, which stay
minus   change of the mean similarity of the list with the minus seed
plus    change of the mean similarity of the list with the seed; its standard error
others  share of the tracks that are less than half as similar to the minus seed as to the seed, which stay
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from recsys import Library, Track
from recsys.domain.arrays import FloatArray
from recsys.metadata.names import track_artist_keys
from recsys.nearest import NearestIndex
from recsys.recommend.dislikes import n_close_neighbours
from recsys.recommend.minus_seeds import MinusSeeds

N, PER_ARTIST = 10, 2


def rules(
    index: NearestIndex, vectors: FloatArray, matrix: FloatArray, p: int, m: int
) -> Iterator[tuple[str, FloatArray]]:
    """Each rule, and the scores (n,) by which it ranks all tracks; -inf for those that it leaves out."""
    plus, minus, ids = matrix[p], matrix[m], index.ids
    yield "no minus", plus
    for weight in (0.15, 0.25, 0.4, 0.6, 0.8):
        yield f"Rocchio {weight}", plus - weight * np.maximum(minus, 0)
    yield "orthogonal", vectors @ (vectors[p] - (vectors[p] @ vectors[m]) * vectors[m])
    for factor in (1, 4):
        yield f"penalty {factor} where nearer", plus - factor * np.maximum(minus - plus, 0)
    for margin in (1, 0.85):
        yield f"left out, margin {margin}", np.where(minus > margin * np.maximum(plus, 0), -np.inf, plus)
    close = np.zeros(len(ids), np.bool_)
    close[np.argsort(-minus)[: n_close_neighbours(len(ids)) + 1]] = True
    for margin in (1, 0.85, 0.75):
        left_out = close & (minus > margin * np.maximum(plus, 0))
        yield f"left out if close, margin {margin}", np.where(left_out, -np.inf, plus)
        if margin < 1:
            left_out |= minus > np.maximum(plus, 0)
            yield f"the same, or if nearer, {margin}", np.where(left_out, -np.inf, plus)
    found = MinusSeeds.find(index, [(vectors[[m]], index.densities(ids[[m]]))])
    yield "shipped", np.where(found.near(ids, vectors, vectors @ vectors[p]), -np.inf, plus)


def ranked(scores: FloatArray, excluded: set[int], artists: list[tuple[str, ...]]) -> list[int]:
    """The rows of the best tracks, with the limit of artists."""
    found: list[int] = []
    counts: dict[str, int] = {}
    for i in np.argsort(-scores, kind="stable").tolist():
        if len(found) == N or not np.isfinite(scores[i]):
            break
        if i in excluded or any(counts.get(artist, 0) >= PER_ARTIST for artist in artists[i]):
            continue
        counts.update({artist: counts.get(artist, 0) + 1 for artist in artists[i]})
        found.append(i)
    return found


def share(rows: list[int], kept: list[int]) -> float:
    """The share of some rows that are in a list; NaN of none."""
    return float(np.isin(rows, kept).mean()) if rows else np.nan


def measure(home: Path, queries: int) -> None:
    """Print the table of one library."""
    library = Library(home)
    tracks: dict[int, Track] = {track.id: track for track in library.tracks()}
    found = library.vectors(list(tracks), kind="similarity")
    index = NearestIndex.build(np.asarray(found.ids), found.vectors)
    vectors, densities = index.vectors(index.ids), index.densities(index.ids)
    matrix = index.similarities(vectors, vectors, densities=densities, other_densities=densities)
    artists = [tuple(track_artist_keys(tracks[i])) for i in index.ids.tolist()]
    rng = np.random.default_rng(0)
    rows: dict[str, list[tuple[float, ...]]] = {}
    for p in rng.permutation(len(artists))[:queries].tolist():
        m = int(rng.choice(ranked(matrix[p], {p}, artists)))
        before = ranked(matrix[p], {p, m}, artists)
        nearest = [i for i in np.argsort(-matrix[m]).tolist() if i not in (p, m)][:N]
        near = [i for i in before if i in nearest]
        others = [i for i in before if matrix[m, i] < matrix[p, i] / 2]
        for name, scores in rules(index, vectors, matrix, p, m):
            after = ranked(scores, {p, m}, artists)
            minus, plus = (matrix[q][after].mean() - matrix[q][before].mean() for q in (m, p))
            rows.setdefault(name, []).append((share(near, after), minus, plus, share(others, after)))
    print(f"\n{home.name}: {len(artists)} tracks, {min(queries, len(artists))} queries")
    print(f"{'':36}{'stay':>7}{'minus':>8}{'plus':>8}{'error':>7}{'others':>8}")
    for name, values in rows.items():
        stay, minus, plus, others = np.nanmean(values, axis=0)
        error = np.std([value[2] for value in values]) / np.sqrt(len(values))
        print(f"{name:36}{stay:7.2f}{minus:8.3f}{plus:8.3f}{error:7.3f}{others:8.3f}")


def main() -> None:
    """Measure each library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--queries", type=int, default=400)
    arguments = parser.parse_args()
    for home in arguments.homes:
        measure(home, arguments.queries)


if __name__ == "__main__":
    main()
