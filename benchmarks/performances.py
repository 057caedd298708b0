#!/usr/bin/env python3
"""Recognition of one performance in several files: how many are found, and how many pairs are grouped falsely.

    benchmarks/performances.py NAME=CACHE[,CACHE ...] ... [--libraries HOME ...] [--shipped]

The caches are made by benchmarks/performance_variants.py; caches after one name are one collection. Keys are fitted to
the other collections, with ``--shipped`` they are those of the package. Found are pairs of a song and a variant that is
the same performance; false are pairs with a variant that is not, pairs of songs of the caches, and pairs of tracks of
the libraries, of which those that are grouped are printed, to check by ear. "By windows" is the decision before audio
is compared. Then the margins: the largest difference in harmony of the same performance in which nothing is cut off and
the smallest of another, and the lowest and highest coherence of pairs whose audio is compared.
"""

import argparse
import ast
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

for thread_variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[thread_variable] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.app.context import LibraryContext
from recsys.audio.coherence import MIN_COHERENCE, align
from recsys.config import settings_for
from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.errors import AudioError
from recsys.features.scaling import normalise
from recsys.recommend.fingerprint import COLUMNS, Fingerprint, fingerprint, fit_keys, key_matrix
from recsys.recommend.performances import (
    KEY_DISTANCE,
    LARGEST_DIFFERENCE,
    MAX_UNEQUAL,
    SHORT_KEY_DISTANCE,
    SHORTEST_CUT,
    Evidence,
    compare,
    is_same,
    needs_audio,
)


@dataclass(frozen=True)
class Rendering:
    """One analysed file: what it is a variant of is the first of its song, with which its audio is coherent."""

    kind: str
    same: bool
    name: str
    path: str
    coherence: float
    scaled: FloatArray
    fingerprint: Fingerprint


Song = list[Rendering]


def read_cache(folder: Path) -> Iterator[Song]:
    """The songs of a cache, each with its variants."""
    for cached in sorted(folder.glob("[0-9][0-9][0-9][0-9].npz")):
        stored = np.load(cached)
        rows = ast.literal_eval(str(stored["rows"][0]))
        path = Path(ast.literal_eval(str(stored["names"][0]))["path"])
        ends = np.cumsum(stored["counts"])
        scaled = normalise(stored["raw"])[:, COLUMNS]
        song = []
        for i, row in enumerate(rows):
            here = slice(int(ends[i] - stored["counts"][i]), int(ends[i]))
            found = fingerprint(stored["windows"][here], stored["starts"][here].tolist(), row["duration"], row["bpm"])
            coherence = row["coherence"]
            song.append(Rendering(row["kind"], row["same"], path.name, str(path), coherence, scaled[i], found))
        yield song


def differences(songs: Sequence[Song]) -> DoubleArray:
    """Differences (n, c) of files of one performance, that keys are fitted to."""
    return np.array([one.scaled - song[0].scaled for song in songs for one in song[1:] if one.same], np.float64)


def distance(one: Rendering, other: Rendering, matrix: DoubleArray) -> float:
    """The distance between the keys of two files."""
    return float(np.linalg.norm((one.scaled - other.scaled) @ matrix))


def score(name: str, songs: Sequence[Song], matrix: DoubleArray) -> None:
    """Print the shares of a collection."""
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    by_windows: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    unequal: dict[bool, list[float]] = defaultdict(list)
    coherent: dict[bool, list[float]] = defaultdict(list)
    for song in songs:
        for one in song[1:]:
            evidence = compare(song[0].fingerprint, one.fingerprint)
            kind = ("same: " if one.same else "other: ") + ("cut" if one.same and is_cut(evidence) else one.kind)
            if one.same and one.fingerprint.duration < SHORTEST_CUT and is_cut(evidence):
                kind = f"same: cut, shorter than {SHORTEST_CUT:g} s"
            key_distance = distance(song[0], one, matrix)
            total[kind] += 1
            by_windows[kind] += is_same(evidence, key_distance)
            found[kind] += decide(evidence, key_distance, one.coherence)
            if needs_audio(evidence, key_distance):
                compared[kind] += 1
                coherent[one.same].append(one.coherence)
            if np.isfinite(evidence.unequal) and (not one.same or not is_cut(evidence)):
                unequal[one.same].append(evidence.unequal)
    print(
        f"\n{name}: {len(songs)} songs\n\n| pairs | grouped | of | by windows | audio compared |\n|---|---|---|---|---|"
    )
    for kind in sorted(total):
        print(f"| {kind} | {found[kind]} | {total[kind]} | {by_windows[kind]} | {compared[kind]} |")
    pairs = [(a[0], b[0]) for a, b in combinations(songs, 2)]
    decided = [(a, b, grouped(a.fingerprint, b.fingerprint, distance(a, b, matrix), a.path, b.path)) for a, b in pairs]
    wrong = [(a.name, b.name) for a, b, decision in decided if decision.same]
    n_compared, n_by_windows = (
        sum(row) for row in zip(*((d.compared, d.by_windows) for *_, d in decided), strict=True)
    )
    print(f"| other: another song | {len(wrong)} | {len(pairs)} | {n_by_windows} | {n_compared} |")
    for pair in wrong:
        print(*pair, sep=" | ", file=sys.stderr)
    same, other = unequal[True], unequal[False]
    if same and other:
        print(f"\nlargest difference where nothing is cut off {max(same):.3f}, smallest of others {min(other):.3f}")
    if coherent[True] and coherent[False]:
        print(f"lowest coherence {min(coherent[True]):.3f}, highest of others {max(coherent[False]):.3f}")


def is_cut(evidence: Evidence) -> bool:
    """Whether windows are not at the same positions."""
    return evidence.unequal >= MAX_UNEQUAL


def decide(evidence: Evidence, key_distance: float, coherence: float) -> bool:
    """The decision of an ingest."""
    return coherence >= MIN_COHERENCE if needs_audio(evidence, key_distance) else is_same(evidence, key_distance)


class Decision(NamedTuple):
    """Whether a pair is grouped, also by windows alone, and whether its audio had to be compared."""

    same: bool
    by_windows: bool
    compared: bool


def grouped(one: Fingerprint, other: Fingerprint, key_distance: float, path: str, other_path: str) -> Decision:
    """The whole decision, with the limits that candidates have; the audio is read if it is needed."""
    limit = SHORT_KEY_DISTANCE if min(one.duration, other.duration) < SHORTEST_CUT else KEY_DISTANCE
    if key_distance > limit or abs(one.duration - other.duration) > LARGEST_DIFFERENCE:
        return Decision(False, False, False)
    evidence = compare(one, other)
    by_windows = is_same(evidence, key_distance)
    if not needs_audio(evidence, key_distance):
        return Decision(by_windows, by_windows, False)
    try:
        return Decision(align(path, other_path).coherence >= MIN_COHERENCE, by_windows, True)
    except AudioError:
        return Decision(by_windows, by_windows, True)


def score_libraries(homes: Sequence[Path], matrix: DoubleArray) -> None:
    """Print the pairs of tracks of some libraries together that are grouped."""
    names: list[str] = []
    scaled: list[FloatArray] = []
    prints: list[Fingerprint] = []
    for home in homes:
        with LibraryContext(settings_for(home)).open() as catalogue:
            for ids, vectors, _, _ in catalogue.vectors_with_starts():
                windows = catalogue.window_features(ids.tolist())
                tracks = catalogue.tracks_by_id(ids.tolist())
                scaled.append(vectors[:, COLUMNS])
                prints += [fingerprint(*windows[i]) for i in ids.tolist()]
                names += [tracks[i].path for i in ids.tolist()]
    keys = np.concatenate(scaled) @ matrix
    pairs = candidates = compared = 0
    print("\n| grouped tracks | |\n|---|---|")
    for i, key in enumerate(keys):
        near = np.linalg.norm(keys[i + 1 :] - key, axis=1)
        pairs += len(near)
        for j in (i + 1 + np.flatnonzero(near <= SHORT_KEY_DISTANCE)).tolist():
            candidates += 1
            decision = grouped(prints[i], prints[j], float(near[j - i - 1]), names[i], names[j])
            compared += decision.compared
            if decision.same:
                print(f"| {names[i]} | {names[j]} |")
    print(
        f"\n{pairs} pairs of {len(names)} tracks; {candidates} have similar keys, the audio of {compared} is compared"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="+", metavar="NAME=CACHE")
    parser.add_argument("--libraries", nargs="*", type=Path, default=[], metavar="HOME")
    parser.add_argument("--shipped", action="store_true", help="use the keys of the package")
    arguments = parser.parse_args()
    collections: dict[str, list[Song]] = {}
    for given in arguments.collections:
        name, _, folders = given.partition("=")
        collections[name] = [song for folder in folders.split(",") for song in read_cache(Path(folder))]
    shipped: Any = key_matrix().astype(np.float64)
    for name, songs in collections.items():
        others = [song for other, of_other in collections.items() if other != name for song in of_other]
        score(name, songs, shipped if arguments.shipped or not others else fit_keys(differences(others)))
    if arguments.libraries:
        score_libraries(arguments.libraries, shipped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
