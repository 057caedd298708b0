#!/usr/bin/env python3
"""Learn the similarity projection that ships with recsys, from libraries that recsys itself has ingested.

    scripts/fit_similarity.py --labels FILE.csv HOME [HOME ...] [--output recsys/recommend/data/similarity.npz]

Every HOME is a folder made by ``recsys --home HOME ingest ...`` at the present feature version; all their tracks
are the reference corpus. The csv has the columns path (relative to the csv, or absolute), genre and artist; the
tracks it names are the labelled part. The shipped file was made from the 274 Emotify clips (labelled) and about 450
tracks of game music from Debian's packages. ``scripts/score_peers.py`` measures it, artists apart.
"""

import argparse
import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.identity import identify
from recsys.config import load_settings
from recsys.features.version import FEATURE_VERSION
from recsys.library.catalogue import Catalogue
from recsys.recommend.learning import fit_projection
from recsys.recommend.projection import PROJECTION_FILE
from recsys.types import FloatArray


def read_labels(path: Path) -> dict[str, str]:
    """Genre by absolute path."""
    with path.open(encoding="utf-8", newline="") as file:
        return {str((path.parent / row["path"]).resolve()): row["genre"] for row in csv.DictReader(file)}


def read_library(home: Path) -> tuple[list[str], FloatArray]:
    """Real paths (n) and normalised vectors (n, D) of everything analysed in a library."""
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        ids, vectors = catalogue.vectors()
        tracks = catalogue.get(ids.tolist())
    return [str(Path(tracks[i].path).resolve()) for i in ids.tolist()], vectors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=ROOT / "recsys/recommend/data" / PROJECTION_FILE)
    arguments = parser.parse_args()
    libraries = [read_library(home) for home in arguments.homes]
    paths = [path for found, _ in libraries for path in found]
    corpus = np.vstack([vectors for _, vectors in libraries])
    labels = read_labels(arguments.labels)
    labelled = np.array([path in labels for path in paths])
    if not labelled.any():
        parser.error(f"none of the {len(paths)} tracks is named in {arguments.labels}")
    learned = fit_projection(corpus, corpus[labelled], [labels[path] for path in paths if path in labels])
    learned = replace(learned, labelled=tuple(sorted(identify(path).payload for path in paths if path in labels)))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    learned.save(arguments.output)
    print(
        f"{arguments.output}: {corpus.shape[1]} features to {learned.dimension} numbers, "
        f"from {len(corpus)} tracks, {labelled.sum()} of them labelled"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
