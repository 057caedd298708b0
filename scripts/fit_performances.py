#!/usr/bin/env python3
"""Fit the keys by which candidates for one performance are found: directions in which files of one differ least.

    scripts/fit_performances.py CACHE [CACHE ...] [--output recsys/recommend/data/performances.npz]

The caches are made by benchmarks/performance_variants.py, which has songs and variants of them. The shipped file was
fitted to variants of 60 clips of Emotify, and to those of some 200 songs of Debian's game music, most of them cut off.
``benchmarks/performances.py`` scores keys that are fitted without the collection that is scored.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from performances import differences, read_cache

from recsys.recommend.fingerprint import KEY_FILE, fit_keys, save_keys


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("caches", nargs="+", type=Path, metavar="CACHE")
    parser.add_argument("--output", type=Path, default=ROOT / "recsys/recommend/data" / KEY_FILE)
    arguments = parser.parse_args()
    songs = [song for cache in arguments.caches for song in read_cache(cache)]
    fitted_to = differences(songs)
    matrix = fit_keys(fitted_to)
    save_keys(arguments.output, matrix)
    print(f"{arguments.output}: {matrix.shape[1]} dimensions, from {len(fitted_to)} variants of {len(songs)} songs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
