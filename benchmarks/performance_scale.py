#!/usr/bin/env python3
"""Time and memory of deriving the groups of one performance, against the number of tracks.

    benchmarks/performance_scale.py [--tracks 10000 100000] [--copies 0.03]

Tracks are made up: keys are spread as those of real music, lengths are those of songs, and a share of the tracks are
copies of others. A full derivation, then one after a hundred new tracks, then one without a change, on one core. What
reading the vectors from a database takes is not included.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

for thread_variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[thread_variable] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.windows import place_windows
from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.catalogue import AudioChecks, StoredPerformances, WindowFeatures
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS
from recsys.recommend.fingerprint import COLUMNS
from recsys.recommend.performance_update import update_performances

_BATCH = 2000
NEW = 100


class Tracks:
    """Made-up tracks as a store of performances; features are computed from the number of the music."""

    def __init__(self, n: int, copies: float, rng: np.random.Generator) -> None:
        self.music = np.where(rng.random(n) < copies, rng.integers(0, n, n), np.arange(n))
        self.seconds = np.clip(rng.normal(230, 70, n), 40, 900)[self.music]
        self.revision, self.changed = 1, np.arange(n)
        self.state = (0, 0)
        self.checks: AudioChecks = {}
        self.stored: StoredPerformances | None = None

    def vector_revision(self) -> int:
        return self.revision

    def performance_state(self) -> tuple[int, int]:
        return self.state

    def stored_performances(self) -> StoredPerformances:
        assert self.stored is not None
        return self.stored

    def vectors_with_starts(
        self, *, since: int = 0
    ) -> Iterator[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
        for start in range(0, len(self.changed), _BATCH):
            ids = self.changed[start : start + _BATCH]
            vectors = np.zeros((len(ids), len(DIMENSIONS)), np.float32)
            for row, i in zip(vectors, ids.tolist(), strict=True):
                row[COLUMNS] = np.random.default_rng(int(self.music[i])).standard_normal(len(COLUMNS))
            starts = [self._starts(i) for i in ids.tolist()]
            yield ids + 1, vectors, starts, self.seconds[ids]

    def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
        found = {}
        for track_id in ids:
            i = track_id - 1
            rng, starts = np.random.default_rng(int(self.music[i])), self._starts(i)
            windows = np.zeros((len(starts), len(DIMENSIONS)), np.float32)
            values = rng.standard_normal((len(starts), len(COLUMNS)))
            windows[:, COLUMNS] = reference().mean[COLUMNS] + values * reference().std[COLUMNS]
            found[track_id] = WindowFeatures(windows.astype(np.float16), starts, float(self.seconds[i]), 120.0)
        return found

    def audio_checks(self) -> AudioChecks:
        return self.checks

    def store_performances(
        self, rows: StoredPerformances, checks: AudioChecks, *, revision: int, rule: int, replace: bool = False
    ) -> None:
        self.checks = {**self.checks, **checks}
        if replace or self.stored is None:
            self.stored = rows
        else:
            old, kept = self.stored, ~np.isin(self.stored.ids, rows.ids)
            self.stored = StoredPerformances(
                np.concatenate([old.ids[kept], rows.ids]),
                np.concatenate([old.groups[kept], rows.groups]),
                np.concatenate([old.seconds[kept], rows.seconds]),
                np.concatenate([old.keys[kept], rows.keys]),
            )
        self.state = revision, rule

    def add(self, n: int, rng: np.random.Generator) -> None:
        """More tracks, half of which are copies."""
        old = len(self.music)
        self.changed = np.arange(old, old + n)
        self.music = np.append(self.music, np.where(rng.random(n) < 0.5, rng.integers(0, old, n), self.changed))
        self.seconds = np.append(self.seconds, self.seconds[np.minimum(self.music[old:], old - 1)])
        self.revision += 1

    def _starts(self, i: int) -> tuple[float, ...]:
        return tuple(start for start, _ in place_windows(0.0, float(self.seconds[i]), count=5, seconds=6.0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, nargs="+", default=[10_000, 100_000], metavar="N")
    parser.add_argument("--copies", type=float, default=0.03, metavar="SHARE")
    arguments = parser.parse_args()
    print("| tracks | all, s | 100 new, s | no change, s | groups | peak MB |\n|---|---|---|---|---|---|")
    for n in arguments.tracks:
        rng = np.random.default_rng(0)
        tracks = Tracks(n, arguments.copies, rng)
        times = []
        for step in range(3):
            if step == 1:
                tracks.add(NEW, rng)
            start = time.process_time()
            update_performances(tracks)
            times.append(time.process_time() - start)
        _, sizes = np.unique(tracks.stored_performances().groups, return_counts=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = [f"{n:,}", *(f"{seconds:.2f}" for seconds in times), f"{(sizes > 1).sum():,}", f"{peak:.0f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
