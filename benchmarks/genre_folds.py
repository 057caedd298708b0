#!/usr/bin/env python3
"""How much does the split matter, and what do the tracks of an artist say of each other?

    benchmarks/genre_folds.py HOME LABELS.csv [--splits 6]

The blend of ``recsys genre train`` and its peers, five folds by artist, split in several ways: accuracy of each track
by itself and of an artist's tracks heard together. No artist that is judged was learned from.
"""

import argparse
import sys
from pathlib import Path

from measure import ROOT

sys.path.insert(0, str(ROOT))

import numpy as np

from recsys.app.context import Library
from recsys.app.training_data import examples_of
from recsys.config import load_settings
from recsys.genre.algorithms import BLOG, Member, recipe
from recsys.genre.collective import numbered
from recsys.genre.folds import folds_of, honest, out_of_fold
from recsys.genre.training_set import usable

CONTENDERS = {
    "blend": recipe("blend", "all"),
    "logistic regression on both embeddings and tags": recipe("logistic", "embedding"),
    "SVM on both embeddings and tags": recipe("svm", "embedding"),
    "logistic regression on the tags": [Member(("tags",), recipe("logistic", "embedding")[0].estimator)],
    "random forest on everything": recipe("forest", "all"),
    "SVM on the descriptors": recipe("svm", "descriptors"),
    "SVM on MFCC, chroma and tonnetz means": [BLOG],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--splits", type=int, default=6)
    arguments = parser.parse_args()
    with Library(load_settings({}, home=arguments.home)).open() as catalogue:
        examples, _ = usable(examples_of(catalogue, str(arguments.labels)))
    genres = sorted(set(examples.genres))
    truth, groups = np.searchsorted(genres, examples.genres), numbered(examples.groups)
    print(f"{len(truth)} tracks, {len(genres)} genres, {groups.max() + 1} {examples.grouped_by}s; "
          f"{arguments.splits} splits into five folds by {examples.grouped_by}: mean (least to most)\n")  # fmt: skip
    print(f"| | each track alone | the tracks of one {examples.grouped_by} together |\n|---|---|---|")
    for name, members in CONTENDERS.items():
        scores = []
        for seed in range(arguments.splits):
            folds = folds_of(examples, seed)
            logits = out_of_fold(members, examples.vectors, truth, folds)
            said = [honest(logits, truth, folds, groups, together=together)[0] for together in (False, True)]
            scores.append([float((one.argmax(axis=1) == truth).mean()) for one in said])
        columns = np.array(scores).T
        cells = [f"{column.mean():.3f} ({column.min():.3f} to {column.max():.3f})" for column in columns]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
