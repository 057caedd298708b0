#!/usr/bin/env python3
"""Quality and CPU time of the analysis against the number of windows and of patches between them.

    benchmarks/windows.py FOLDER [--settings 5x1+0 5x1+1 5x1+2 9x1+0 ...] [--tracks N]

FOLDER holds full songs with artists and albums in their tags; the shipped similarity should not be fitted to them.
``5x1+2`` is five windows of six seconds with one patch of both networks in each, and two patches of the MSD network in
each gap. Every setting analyses every file on one core; CPU milliseconds are the median per song, of decoding and of
analysis. Quality as in scripts/score_peers.py, for the MSD embedding alone (cosine) and for recsys as shipped.
"""

import argparse
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

from score_peers import fixed, score
from similarity_corpora import Corpus

from recsys.audio.excerpts import read_excerpts
from recsys.audio.identity import identify
from recsys.domain.audio import FileStat
from recsys.domain.tracks import Track
from recsys.errors import AudioError
from recsys.evaluate.similarity_models import baselines
from recsys.features.analysis import analyse
from recsys.features.scaling import normalise
from recsys.ingest.scan import scan
from recsys.metadata.labels import labels_from_tags
from recsys.recommend.vectors import similarity_vectors

MSD = "MusiCNN MSD embedding, cosine"


def read_track(number: int, path: str) -> Track:
    """The track of a file, with the tags that the labels need."""
    found = identify(path)
    tags = found.tags
    return Track(
        id=number, path=path, artist=tags.artist, title=tags.title or Path(path).stem, album=tags.album, genre=None,
        genre_probability=None, tagged_genre=None, duration=found.info.duration, bpm=None, key=None,
        album_artist=tags.album_artist,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--settings", nargs="+", default=["3x1+0", "5x1+0", "5x2+0", "5x1+1", "5x1+2", "9x1+0"])
    parser.add_argument("--tracks", type=int, metavar="N", help="an evenly spaced sample of N files")
    arguments = parser.parse_args()
    files = [found.path for found in scan(arguments.folder, ()) if isinstance(found, FileStat)]
    files = files[:: max(1, len(files) // arguments.tracks)] if arguments.tracks else files
    tracks = []
    for number, path in enumerate(sorted(files)):
        try:
            analyse(read_excerpts(path, count=1))
            tracks.append(read_track(number, path))
        except AudioError:
            continue
    labelled = labels_from_tags(tracks)
    artists, albums = (np.array([n or "" for n in names], object) for names in (labelled.artists, labelled.albums))
    print(f"{len(tracks)} songs\n\n| windows x patches + between | decode ms | analyse ms |", end="")
    print(" MSD album | artist | MAP | recsys album | artist | MAP |\n|---" + "|---" * 8 + "|", flush=True)
    for setting in arguments.settings:
        windows, _, between = setting.partition("+")
        count, patches = map(int, windows.split("x"))
        decoding, analysing, vectors = [], [], []
        for track in tracks:
            start = time.process_time()
            excerpts = read_excerpts(track.path, count=count, patches_per_gap=int(between))
            read = time.process_time()
            vectors.append(normalise(analyse(excerpts, patches_per_window=patches).vector))
            decoding.append(1000 * (read - start))
            analysing.append(1000 * (time.process_time() - read))
        corpus = Corpus("songs", np.stack(vectors), artists, albums, [frozenset() for _ in tracks])
        cells = []
        for method in (fixed(lambda x: baselines(x)[MSD]), fixed(similarity_vectors, corrected=True)):
            found = score(corpus, method)
            cells += [f"{np.mean(found[metric][0]):.3f}" for metric in ("album", "artist", "MAP")]
        times = f"{statistics.median(decoding):.0f} | {statistics.median(analysing):.0f}"
        print(f"| {setting} | {times} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
