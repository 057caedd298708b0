#!/usr/bin/env python3
"""Keep a few tracks as numbers, and what the similarity is worth on them, so that the tests see it when that changes.

    benchmarks/record.py --demo HOME --catalogue HOME      # choose the tracks again: libraries of both kinds of music
    benchmarks/record.py                                   # only score again, after a change that was meant

Writes ``tests/data/scorecard.npz``: normalised features (float16) of the 28 demo tracks (genre: acoustic or electronic)
and of tracks of Debian's game music whose artist has two to six in a folder, with their labels, no audio; and
``benchmarks/recorded.json``: the scores of the shipped similarity on them.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from recsys.evaluate.metrics import by_vectors, retrieval, skewness
from recsys.nearest import NearestIndex
from recsys.recommend.vectors import similarity_vectors

DATA = ROOT / "tests" / "data" / "scorecard.npz"
SCORES = ROOT / "benchmarks" / "recorded.json"


def choose(demo: Path, catalogue: Path) -> None:
    """Write the features and labels."""
    from similarity_corpora import read_library_corpus

    from recsys.config import load_settings
    from recsys.database.catalogue import Catalogue
    from recsys.features.version import FEATURE_VERSION

    corpus = read_library_corpus(demo)
    paths, features = corpus.files, corpus.features
    genres = [next(kind for kind in ("acoustic", "electronic") if kind in Path(path).stem) for path in paths]
    artists, albums = [""] * len(paths), [Path(path).parent.name for path in paths]
    with Catalogue.open(
        load_settings({}, home=catalogue).database, feature_version=FEATURE_VERSION, read_only=True
    ) as library:
        ids, others = library.vectors()
        tracks = list(library.tracks_by_id(ids.tolist()).values())
    keys = [f"{Path(t.path).parent.name}/{t.artist}" if t.artist else "" for t in tracks]
    sizes = Counter(keys)
    kept = [i for i, key in enumerate(keys) if key and 2 <= sizes[key] <= 6]
    np.savez_compressed(
        DATA,
        features=np.vstack([features, others[kept]]).astype(np.float16),
        genres=np.array(genres + [""] * len(kept)),
        artists=np.array(artists + [keys[i] for i in kept]),
        albums=np.array(albums + [Path(tracks[i].path).parent.name for i in kept]),
    )
    print(f"{DATA}: {len(paths)} + {len(kept)} tracks, {DATA.stat().st_size} bytes")


def score() -> dict[str, float]:
    """Scores of the shipped similarity on the stored tracks."""
    with np.load(DATA) as stored:
        features = stored["features"].astype(np.float32)
        genres, artists, albums = (stored[name].tolist() for name in ("genres", "artists", "albums"))
    ids = np.arange(len(features))
    index = NearestIndex.build(ids, similarity_vectors(features))
    found = retrieval(by_vectors(index.vectors(ids), index.hubness_penalties(ids)), ids, genres, artists, albums)
    scores = {
        "genre_p1": float(np.nanmean(found.precision[1])),
        "genre_p5": float(np.nanmean(found.precision[5])),
        "album_hit10": float(np.nanmean(found.album_hit)),
        "artist_r_precision": float(np.nanmean(found.artist_r_precision)),
        "skew": skewness(found.occurrences),
    }
    return {name: round(value, 4) for name, value in scores.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, metavar="HOME")
    parser.add_argument("--catalogue", type=Path, metavar="HOME")
    arguments = parser.parse_args()
    if arguments.demo and arguments.catalogue:
        choose(arguments.demo, arguments.catalogue)
    scores = score()
    SCORES.write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(scores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
