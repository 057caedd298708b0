#!/usr/bin/env python3
"""From which similarity on are tracks alike? scripts/measure_floor.py HOME[=FILE.csv] ... [--allmusic4q D]

Of every library (a home with its library.db; FILE.csv has the columns path and genre, else the files' tags count) and
of the numbers in D (../shared/data/allmusic4q) all pairs of tracks are sorted by their similarity. For each twentieth
of them: how many times as often as in all pairs both are of one genre (the same artist does not count), by one artist,
and of one album. ``recsys.recommend.taste.CHANCE_SHARE`` is about the share of the pairs from which on no column is
below 1, ``HIGHEST_FLOOR`` the highest similarity there. The last line of each says both.
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
from recsys.recommend.taste import CHANCE_SHARE
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
        show(folder, *of_library(Path(folder), Path(table) if table else None))
    if options.allmusic4q:
        show("AllMusic 4Q", *of_numbers(options.allmusic4q))
    return 0


def of_library(home: Path, table: Path | None) -> tuple[np.ndarray, dict[str, Names]]:
    """Vectors of the library of a home, and its labels."""
    with LibraryContext(load_settings({}, home=home)).open() as catalogue:
        ids = catalogue.ids().tolist()
        tracks = list(catalogue.tracks_by_id(ids).values())
        labels = labels_from_table(tracks, table) if table else labels_from_tags(tracks)
        vectors = similarity_vectors(catalogue.vectors_by_id(ids))
    return vectors, {"genre": list(labels.genres), "artist": list(labels.artists), "album": list(labels.albums)}


def of_numbers(folder: Path) -> tuple[np.ndarray, dict[str, Names]]:
    """Vectors of the clips of AllMusic 4Q, and their labels; a clip of several genres has none."""
    features = np.load(folder / "features.npz")
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    known = [rows[str(name)] for name in features["id"]]
    vectors = similarity_vectors(normalise(features["raw"].astype(np.float32)))
    return vectors, {"genre": [row["genre"] or None for row in known], "artist": [row["artist"] for row in known]}


def show(name: str, vectors: np.ndarray, labels: dict[str, Names]) -> None:
    """Print the table of one collection."""
    one, other = np.triu_indices(len(vectors), 1)
    ids = np.arange(1, len(vectors) + 1)
    index = NearestIndex.build(ids, vectors)
    densities = index.densities(ids)
    pairs = index.similarities(vectors, vectors, densities=densities, other_densities=densities)[one, other]
    lifts = {}
    by_one_artist = equal(labels["artist"], one, other)
    for kind, names in labels.items():
        count = known(names, one, other)
        if kind == "genre":
            count &= ~by_one_artist
        lifts[kind] = equal(names, one, other), count
    bounds = np.quantile(pairs, np.linspace(0, 1, PARTS + 1))
    print(f"\n{name}: {len(vectors)} tracks; random pairs have the similarity {pairs.mean():.3f} ± {pairs.std():.3f}")
    print(f"| pairs below | similarity from | {' | '.join(lifts)} |\n|---|---|{'---|' * len(lifts)}")
    last = 0.0
    for part in range(PARTS):
        inside = (pairs >= bounds[part]) & (pairs <= bounds[part + 1])
        row = [lift(*lifts[kind], inside) for kind in lifts]
        last = (part + 1) / PARTS if min(row, default=1.0) < 1 else last
        print(f"| {part / PARTS:.2f} | {bounds[part]:.2f} | {' | '.join(f'{value:.2f}' for value in row)} |")
    floor = np.quantile(pairs, CHANCE_SHARE)
    print(f"all above 1 from {last:.2f} on; the floor at {CHANCE_SHARE:.2f} is a similarity of {floor:.2f}")


def equal(names: Names, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pairs have the same name, both known."""
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    codes = np.array([numbers[name] for name in names])
    return known(names, one, other) & (codes[one] == codes[other])


def known(names: Names, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pairs have a name on both sides."""
    there = np.array([name is not None for name in names])
    return there[one] & there[other]


def lift(same: np.ndarray, count: np.ndarray, inside: np.ndarray) -> float:
    """How many times as often as in all pairs that count, pairs inside are the same."""
    everywhere = same[count].mean() if count.any() else 0.0
    here = count & inside
    return float(same[here].mean() / everywhere) if everywhere and here.any() else 1.0


if __name__ == "__main__":
    sys.exit(main())
