#!/usr/bin/env python3
"""Speed of predicting the genres of a whole library: the command, including the database, on a synthetic library.

    benchmarks/predict.py [--tracks 100000] [--rounds 3]

Features are random numbers; the models are trained on random labels of 2,000 tracks in ten genres, which takes the same
time as true ones. The last rate is of the model alone, on vectors in memory.
"""

import argparse
import csv
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bulk_library import make_files, make_rows
from measure import ROOT, recsys, run

sys.path.insert(0, str(ROOT))

import numpy as np

from recsys.app.library import Library
from recsys.config import load_settings
from recsys.features.schema import DIMENSIONS

GENRES = 10
LABELLED = 2000
ALGORITHMS = ("blend", "logistic", "svm", "forest", "boosting", "knn")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--algorithms", nargs="+", default=ALGORITHMS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        music, home = Path(scratch) / "music", Path(scratch) / "home"
        home.mkdir()
        make_rows(home, make_files(music, arguments.tracks), vectors=True)
        labels = write_labels(Path(scratch) / "labels.csv", home)
        print(f"\n{arguments.tracks} tracks, one core, median of {arguments.rounds}\n")
        print("| model | recsys genre predict, s | tracks per second | the model alone, tracks per second | peak MB |")
        print("|---|---|---|---|---|")
        for algorithm in arguments.algorithms:
            run(recsys(home, "genre", "train", algorithm, "--labels", labels, "--algorithm", algorithm), cores=2)
            runs = []
            for _ in range(arguments.rounds):
                run(recsys(home, "genre", "predict", "default"), allowed=(0, 1))
                runs.append(run(recsys(home, "genre", "predict", algorithm)))
            seconds = statistics.median(r.seconds for r in runs)
            print(f"| {algorithm} | {seconds:.1f} | {arguments.tracks / seconds:,.0f} | "
                  f"{model_rate(home, algorithm):,.0f} | {max(r.peak_mb for r in runs):.0f} |", flush=True)  # fmt: skip
    return 0


def write_labels(path: Path, home: Path) -> Path:
    """Write labels by artist, as most real labels are."""
    tracks = Library(load_settings({}, home=home)).tracks(limit=LABELLED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "genre"))
        writer.writerows((track.path, f"genre {int(str(track.artist).split()[-1]) % GENRES}") for track in tracks)
    return path


def model_rate(home: Path, name: str) -> float:
    """Tracks per second of a model, with vectors in memory and nothing written."""
    predict = Library(load_settings({}, home=home)).genre_models.predictor(name)
    vectors = np.random.default_rng(0).standard_normal((8192, len(DIMENSIONS)), np.float32)
    start = time.perf_counter()
    predict(vectors, vectors)
    return len(vectors) / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
