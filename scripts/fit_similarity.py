#!/usr/bin/env python3
"""Fit the similarity projection that is part of recsys, to labelled collections and libraries together.

    scripts/fit_similarity.py DATA HOME [HOME ...] [--output recsys/recommend/data/similarity.npz]

DATA has ``allmusic4q/``, ``gtzan/`` and ``emotify/index.csv``. Every HOME is a folder made by ``recsys --home HOME
ingest ...`` with the current feature version: one has the Emotify clips, others have full songs with artists and albums
in their tags. The shipped file was fitted to these three collections and 431 tracks of Debian's game music.
``scripts/score_peers.py`` scores it on unseen artists and on unseen collections.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from similarity_corpora import read_corpora

from recsys.recommend.learning import fit_projection
from recsys.recommend.projection import PROJECTION_FILE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--output", type=Path, default=ROOT / "recsys/recommend/data" / PROJECTION_FILE)
    arguments = parser.parse_args()
    corpora = read_corpora(arguments.data, arguments.homes)
    fitted = fit_projection([corpus.collection() for corpus in corpora.values()])
    labelled = sorted(audio_hash for corpus in corpora.values() for audio_hash in corpus.audio_hashes)
    fitted = replace(fitted, labelled=tuple(labelled))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    fitted.save(arguments.output)
    sizes = ", ".join(f"{len(corpus.features)} of {name}" for name, corpus in corpora.items())
    print(f"{arguments.output}: {fitted.dimension} dimensions, from {sizes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
