#!/usr/bin/env python3
"""How the genre is followed along a track: agreement with the whole track, and what is cut in, against a change's cost.

    benchmarks/segments.py FILE.csv [--clips 100] [--changes 0 1 2 3 4]

The csv has the columns path (relative to it) and genre. The default model says the genre of whole clips as ingest
does; this is the truth here, right or wrong. Each clip is then followed along: which share of its time is named so, in
how many stretches? Then 12, 18, 24 or 30 s of a clip of another genre are cut into 48 s of another: which share of
the windows is named as the clip that they come from? The right number of stretches is 1 and 3.
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

from recsys.app.classification import PATCHES, WINDOW
from recsys.audio.excerpts import read_excerpts, read_whole
from recsys.audio.windows import tile_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioWindows, GenrePrediction, Window
from recsys.features.analysis import analyse
from recsys.features.schema import GROUPS
from recsys.genre import segments
from recsys.genre.model import predict

LEAST = 50.0  # seconds of a clip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="FILE.csv")
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--changes", type=float, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    with arguments.labels.open(encoding="utf-8", newline="") as file:
        paths = [arguments.labels.resolve().parent / row["path"] for row in csv.DictReader(file)]
    chance = random.Random(0)
    chance.shuffle(paths)
    clips, genres = [], []
    for path in paths[: arguments.clips]:
        whole = read_whole(path)
        if len(whole.windows[0].y) >= LEAST * whole.sr:
            clips.append(whole)
            genres.append(predict(analyse(read_excerpts(path)).vector[None, GROUPS["tags"]])[0].genre)
    alone: list[Judged] = [
        (along(clip, clip.windows[0].y), partial(constant, genre)) for clip, genre in zip(clips, genres, strict=True)
    ]
    cut: list[Judged] = []
    while len(cut) < len(clips):
        a, b = chance.sample(range(len(clips)), 2)
        if genres[a] != genres[b]:
            sr, start, seconds = clips[a].sr, 24 + 6 * chance.random(), chance.choice([12, 18, 24, 30])
            y, other = clips[a].windows[0].y[: 48 * clips[a].sr], clips[b].windows[0].y[: seconds * sr]
            y = np.concatenate([y[: int(start * sr)], other, y[int(start * sr) :]])
            truth = partial(inserted, start, start + seconds, genres[b], genres[a])
            cut.append((along(clips[a], y), truth))
    print(f"{len(clips)} clips\n\n| cost of a change | clip: right | segments | cut in: right | segments |")
    print("|---|---|---|---|---|")
    for change in arguments.changes:
        segments.SWITCH_PENALTY = change
        cells = [f"{number:.3f} | {count:.2f}" for number, count in (scored(alone), scored(cut))]
        print(f"| {change:g} | {' | '.join(cells)} |", flush=True)
    return 0


Judged = tuple[tuple[list[tuple[float, float]], list[GenrePrediction]], Callable[[float], str]]


def constant(genre: str, _: float) -> str:
    return genre


def inserted(start: float, end: float, inside: str, outside: str, t: float) -> str:
    return inside if start <= t < end else outside


def along(clip: AudioWindows, y: FloatArray) -> tuple[list[tuple[float, float]], list[GenrePrediction]]:
    """Stretches, and what is said of their windows."""
    places = tile_windows(0, len(y) / clip.sr, seconds=WINDOW, max_windows=1000)
    windows = [y[round(p.begin * clip.sr) : round(p.end * clip.sr)] for p in places]
    heard = [
        analyse(AudioWindows(clip.info, clip.sr, (Window(0, w),), 0, 0), patches_per_window=PATCHES) for w in windows
    ]
    tags = np.stack([analysis.vector[GROUPS["tags"]] for analysis in heard])
    return [(p.segment_start, p.segment_end) for p in places], predict(tags)


def scored(tracks: Sequence[Judged]) -> tuple[float, float]:
    """The share of windows with the right genre, and stretches a track."""
    right, count = [], []
    for (bounds, said), truth in tracks:
        found = segments.find_segments(bounds, said)
        middles = [(start + end) / 2 for start, end in bounds]
        names = [next(s.genre for s in found if s.start <= t < s.end) for t in middles]
        right.append(np.mean([name == truth(t) for name, t in zip(names, middles, strict=True)]))
        count.append(len(found))
    return float(np.mean(right)), float(np.mean(count))


if __name__ == "__main__":
    sys.exit(main())
