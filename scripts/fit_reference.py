#!/usr/bin/env python3
"""Fit the constants of the normalisation: mean and standard deviation of every feature over a reference corpus.

    scripts/fit_reference.py FOLDER... [--jobs 2] [--output recsys/features/data/reference.npz]

The file in the repository was made from the 274 Emotify clips and about 450 tracks of game music from Debian packages
(ufoai-music, warzone2100-music, wesnoth-1.16-music, supertux-data, supertuxkart-data, widelands-data and others). All
tracks have the same weight. Run it again after every change of the feature version.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.excerpts import read_excerpts
from recsys.audio.formats import SUFFIXES
from recsys.domain.arrays import FloatArray
from recsys.errors import AudioError
from recsys.features.analysis import analyse
from recsys.features.scaling import REFERENCE_FILE, fit
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION


def raw_vector(path: Path) -> FloatArray | str:
    """Raw vector of one file, or the reason why it cannot be analysed."""
    try:
        return analyse(read_excerpts(path)).vector
    except AudioError as error:
        return f"{path}: {error}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=ROOT / "recsys/features/data" / REFERENCE_FILE)
    arguments = parser.parse_args()
    files = sorted(p for folder in arguments.folders for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        parser.error(f"no audio file under {', '.join(map(str, arguments.folders))}")
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(raw_vector, files, chunksize=4))
    for reason in (result for result in results if isinstance(result, str)):
        print(f"left out {reason}", file=sys.stderr)
    fitted = fit(np.stack([result for result in results if not isinstance(result, str)]))
    names = np.array([dimension.name for dimension in DIMENSIONS])
    np.savez(
        arguments.output,
        version=FEATURE_VERSION,
        names=names,
        tracks=fitted.tracks,
        mean=fitted.mean,
        std=fitted.std,
    )
    print(f"{arguments.output}: {len(names)} dimensions from {fitted.tracks} tracks, feature version {FEATURE_VERSION}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
