#!/usr/bin/env python3
"""Genre segments against the switch penalty: agreement with the whole clip, and with a clip that is inserted.

    benchmarks/segments.py FILE.csv [--clips 100] [--changes 0 1 2 3 4]

The CSV file has the columns path (relative to it) and genre. The reference is the default model's prediction for the
whole clip, as in an ingest, whether correct or not. First column: the share of windows of a clip with its genre, and
the number of segments. Then 12, 18, 24 or 30 s of a clip are inserted into 48 s of a clip of another genre: the share
of windows with the genre of their clip, and the number of segments. The correct numbers of segments are 1 and 3.
"""

import argparse
import csv
import os
import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.excerpts import read_excerpts, read_whole
from recsys.audio.windows import tile_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioWindows, GenrePrediction, Window
from recsys.features.analysis import analyse
from recsys.features.schema import GROUPS
from recsys.genre import segments
from recsys.genre.model import predict
from recsys.ingest.whole_files import PATCHES, WINDOW

MIN_SECONDS = 50.0  # of a clip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="FILE.csv")
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--changes", type=float, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    with arguments.labels.open(encoding="utf-8", newline="") as file:
        paths = [arguments.labels.resolve().parent / row["path"] for row in csv.DictReader(file)]
    rng = random.Random(0)
    rng.shuffle(paths)
    clips, genres = [], []
    for path in paths[: arguments.clips]:
        whole = read_whole(path)
        if len(whole.windows[0].y) >= MIN_SECONDS * whole.sr:
            clips.append(whole)
            genres.append(predict(analyse(read_excerpts(path)).vector[None, GROUPS["tags"]])[0].genre)
    whole_clips: list[Labelled] = [
        (predict_windows(clip, clip.windows[0].y), partial(constant, genre))
        for clip, genre in zip(clips, genres, strict=True)
    ]
    with_insert: list[Labelled] = []
    while len(with_insert) < len(clips):
        a, b = rng.sample(range(len(clips)), 2)
        if genres[a] != genres[b]:
            sr, start, seconds = clips[a].sr, 24 + 6 * rng.random(), rng.choice([12, 18, 24, 30])
            y, other = clips[a].windows[0].y[: 48 * clips[a].sr], clips[b].windows[0].y[: seconds * sr]
            y = np.concatenate([y[: int(start * sr)], other, y[int(start * sr) :]])
            truth = partial(inserted, start, start + seconds, genres[b], genres[a])
            with_insert.append((predict_windows(clips[a], y), truth))
    print(f"{len(clips)} clips\n\n| switch penalty | clip: correct | segments | inserted: correct | segments |")
    print("|---|---|---|---|---|")
    for penalty in arguments.changes:
        segments.SWITCH_PENALTY = penalty
        cells = [f"{number:.3f} | {count:.2f}" for number, count in (score(whole_clips), score(with_insert))]
        print(f"| {penalty:g} | {' | '.join(cells)} |", flush=True)
    return 0


Labelled = tuple[tuple[list[tuple[float, float]], list[GenrePrediction]], Callable[[float], str]]


def constant(genre: str, _: float) -> str:
    return genre


def inserted(start: float, end: float, inside: str, outside: str, t: float) -> str:
    return inside if start <= t < end else outside


def predict_windows(clip: AudioWindows, y: FloatArray) -> tuple[list[tuple[float, float]], list[GenrePrediction]]:
    """The bounds of windows that cover a clip, and the predictions for them."""
    placed = tile_windows(0, len(y) / clip.sr, seconds=WINDOW, max_windows=1000)
    windows = [y[round(p.begin * clip.sr) : round(p.end * clip.sr)] for p in placed]
    analyses = [
        analyse(AudioWindows(clip.info, clip.sr, (Window(0, w),), 0, 0), patches_per_window=PATCHES) for w in windows
    ]
    tags = np.stack([analysis.vector[GROUPS["tags"]] for analysis in analyses])
    return [(p.segment_start, p.segment_end) for p in placed], predict(tags)


def score(tracks: Sequence[Labelled]) -> tuple[float, float]:
    """The share of windows with the correct genre, and the number of segments per clip."""
    correct, count = [], []
    for (bounds, predictions), truth in tracks:
        found = segments.find_segments(bounds, predictions)
        middles = [(start + end) / 2 for start, end in bounds]
        names = [next(s.genre for s in found if s.start <= t < s.end) for t in middles]
        correct.append(np.mean([name == truth(t) for name, t in zip(names, middles, strict=True)]))
        count.append(len(found))
    return float(np.mean(correct)), float(np.mean(count))


if __name__ == "__main__":
    sys.exit(main())
