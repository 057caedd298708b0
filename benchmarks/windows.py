#!/usr/bin/env python3
"""How much of a track must be heard: quality and seconds against the number of windows and MusiCNN patches.

    benchmarks/windows.py FILE.csv [--windows 1x2 3x2 5x1 5x2 8x2 ...]

The csv has the columns path (relative to it), genre, artist and album. ``5x2`` is five windows of six seconds with two
patches each. Every setting listens to every file anew on one core; CPU seconds a track are the median over files, of
decoding and of analysis. Quality as in scripts/score_peers.py: genre P@10 of both tag vectors (nothing learned), and
of the similarity projection learned without the artists asked about; the same artist never counts.
"""

import argparse
import csv
import os
import statistics
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from score_peers import Scores, of_vectors, unseen

from recsys.audio.excerpts import read_excerpts
from recsys.evaluate.spaces import unit
from recsys.features.analysis import analyse
from recsys.features.layout import GROUPS
from recsys.features.scaling import normalise


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="FILE.csv")
    parser.add_argument("--windows", nargs="+", default=["1x2", "2x2", "3x2", "4x2", "5x1", "5x2", "8x2"])
    arguments = parser.parse_args()
    folder = arguments.labels.resolve().parent
    with arguments.labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    scores = Scores(rows)
    analyse(read_excerpts(folder / rows[0]["path"]))  # filter banks, sessions and imports, once a process
    print("| windows x patches | decode s | analyse s | tags P@10 | tags album | unseen P@10 | unseen album |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for setting in arguments.windows:
        count, patches = map(int, setting.split("x"))
        decoding, analysing, vectors = [], [], []
        for row in rows:
            start = time.process_time()
            excerpts = read_excerpts(folder / row["path"], count=count)
            heard = time.process_time()
            vectors.append(normalise(analyse(excerpts, patches_per_window=patches).vector))
            decoding.append(heard - start)
            analysing.append(time.process_time() - heard)
        found = np.stack(vectors)
        _, tags, hits, _ = scores.of(of_vectors(unit(found[:, GROUPS["tags"]])), own=False)
        _, ours, our_hits, _ = scores.of(unseen(found, scores.genres, []), own=False)
        numbers = (tags, hits, ours, our_hits)
        seconds = f"{statistics.median(decoding):.3f} | {statistics.median(analysing):.3f}"
        print(f"| {setting} | {seconds} | {' | '.join(f'{n:.3f}' for n in numbers)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
