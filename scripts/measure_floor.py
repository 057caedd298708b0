#!/usr/bin/env python3
"""Measure the similarity of random pairs: scripts/measure_floor.py HOME[=FILE.csv] ... [--allmusic4q D]

For every library (a home with its library.db; FILE.csv has the columns path and genre, otherwise labels are from the
tags of the files) and for the features in the folder D of AllMusic 4Q, all pairs of tracks are sorted by similarity.
For each twentieth of the pairs, the table has the lift of pairs of one genre (by different artists), of one artist and
of one album: their share relative to all pairs. ``CHANCE_SHARE`` of ``recsys.recommend.user_model`` is about the share
of pairs from which on no lift is below 1, and ``MAX_FLOOR`` the largest similarity there. The last line of each table
has both.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from recsys.app.context import LibraryContext
from recsys.config import load_settings
from recsys.features.scaling import normalise
from recsys.metadata.labels import labels_from_table, labels_from_tags
from recsys.nearest import NearestIndex
from recsys.recommend.user_model import CHANCE_SHARE
from recsys.recommend.vectors import similarity_vectors

PARTS = 20
Names = list[str | None]


def main() -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("homes", nargs="*", metavar="HOME[=FILE.csv]")
    parser.add_argument("--allmusic4q", type=Path, metavar="D")
    options = parser.parse_args()
    for home in options.homes:
        folder, _, table = home.partition("=")
        print_table(folder, *read_library(Path(folder), Path(table) if table else None))
    if options.allmusic4q:
        print_table("AllMusic 4Q", *read_features(options.allmusic4q))
    return 0


def read_library(home: Path, table: Path | None) -> tuple[np.ndarray, dict[str, Names]]:
    """Vectors of the library of a home, and its labels."""
    with LibraryContext(load_settings({}, home=home)).open() as catalogue:
        ids = catalogue.ids().tolist()
        tracks = list(catalogue.tracks_by_id(ids).values())
        labels = labels_from_table(tracks, table) if table else labels_from_tags(tracks)
        vectors = similarity_vectors(catalogue.vectors_by_id(ids))
    return vectors, {"genre": list(labels.genres), "artist": list(labels.artists), "album": list(labels.albums)}


def read_features(folder: Path) -> tuple[np.ndarray, dict[str, Names]]:
    """Vectors of the clips of AllMusic 4Q, and their labels; a clip with several genres has none."""
    features = np.load(folder / "features.npz")
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    known = [rows[str(name)] for name in features["id"]]
    vectors = similarity_vectors(normalise(features["raw"].astype(np.float32)))
    return vectors, {"genre": [row["genre"] or None for row in known], "artist": [row["artist"] for row in known]}


def print_table(name: str, vectors: np.ndarray, labels: dict[str, Names]) -> None:
    """Print the table of one collection."""
    one, other = np.triu_indices(len(vectors), 1)
    ids = np.arange(1, len(vectors) + 1)
    index = NearestIndex.build(ids, vectors)
    densities = index.densities(ids)
    pairs = index.similarities(vectors, vectors, densities=densities, other_densities=densities)[one, other]
    lifts = {}
    same_artist = equal(labels["artist"], one, other)
    for label, names in labels.items():
        counted_pairs = known(names, one, other)
        if label == "genre":
            counted_pairs &= ~same_artist
        lifts[label] = equal(names, one, other), counted_pairs
    bounds = np.quantile(pairs, np.linspace(0, 1, PARTS + 1))
    print(f"\n{name}: {len(vectors)} tracks; random pairs have the similarity {pairs.mean():.3f} ± {pairs.std():.3f}")
    print(f"| pairs below | similarity from | {' | '.join(lifts)} |\n|---|---|{'---|' * len(lifts)}")
    threshold = 0.0
    for part in range(PARTS):
        in_part = (pairs >= bounds[part]) & (pairs <= bounds[part + 1])
        row = [lift(*lifts[label], in_part) for label in lifts]
        threshold = (part + 1) / PARTS if min(row, default=1.0) < 1 else threshold
        print(f"| {part / PARTS:.2f} | {bounds[part]:.2f} | {' | '.join(f'{value:.2f}' for value in row)} |")
    floor = np.quantile(pairs, CHANCE_SHARE)
    print(f"all above 1 from {threshold:.2f} on; the floor at {CHANCE_SHARE:.2f} is a similarity of {floor:.2f}")


def equal(names: Names, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pairs have the same name, both known."""
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    codes = np.array([numbers[name] for name in names])
    return known(names, one, other) & (codes[one] == codes[other])


def known(names: Names, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pairs have a name on both sides."""
    is_known = np.array([name is not None for name in names])
    return is_known[one] & is_known[other]


def lift(same: np.ndarray, counted_pairs: np.ndarray, in_part: np.ndarray) -> float:
    """Share of equal pairs in a part of the pairs, relative to all pairs that count."""
    overall = same[counted_pairs].mean() if counted_pairs.any() else 0.0
    counted = counted_pairs & in_part
    return float(same[counted].mean() / overall) if overall and counted.any() else 1.0


if __name__ == "__main__":
    sys.exit(main())
