#!/usr/bin/env python3
"""Effect of the split into folds, and of the same-artist context, on the accuracy of genre models.

    benchmarks/genre_folds.py HOME LABELS.csv [--splits 6]

The default ensemble of ``recsys genre train`` and other classifiers, in several splits into five folds by artist:
accuracy of each track by itself, and with the other tracks of its artist. No artist is in both training and test set.
"""

import argparse
import sys
from pathlib import Path

from measure import ROOT

sys.path.insert(0, str(ROOT))

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.training_data import load_training_set
from recsys.config import load_settings
from recsys.genre.algorithms import TUTORIAL_MEMBER, build_ensemble
from recsys.genre.collective import group_ids
from recsys.genre.folds import assign_folds, nested_probabilities, out_of_fold
from recsys.genre.members import EnsembleMember
from recsys.genre.training_set import drop_rare_genres

CONTENDERS = {
    "blend": build_ensemble("blend", "all"),
    "logistic regression on both embeddings and tags": build_ensemble("logistic", "embedding"),
    "SVM on both embeddings and tags": build_ensemble("svm", "embedding"),
    "logistic regression on the tags": [
        EnsembleMember(("tags",), build_ensemble("logistic", "embedding")[0].estimator)
    ],
    "random forest on everything": build_ensemble("forest", "all"),
    "SVM on the descriptors": build_ensemble("svm", "descriptors"),
    "SVM on MFCC, chroma and tonnetz means": [TUTORIAL_MEMBER],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--splits", type=int, default=6)
    arguments = parser.parse_args()
    with LibraryContext(load_settings({}, home=arguments.home)).open() as catalogue:
        examples, _ = drop_rare_genres(load_training_set(catalogue, str(arguments.labels)))
    genres = sorted(set(examples.genres))
    truth, groups = np.searchsorted(genres, examples.genres), group_ids(examples.groups)
    print(f"{len(truth)} tracks, {len(genres)} genres, {groups.max() + 1} {examples.group_kind}s; "
          f"{arguments.splits} splits into five folds by {examples.group_kind}: mean (range)\n")  # fmt: skip
    print(f"| | each track by itself | with the other tracks of the {examples.group_kind} |\n|---|---|---|")
    for name, members in CONTENDERS.items():
        scores = []
        for seed in range(arguments.splits):
            folds = assign_folds(examples, seed)
            logits = out_of_fold(members, examples.vectors, truth, folds)
            probabilities = [
                nested_probabilities(logits, truth, folds, groups, context=context)[0] for context in (False, True)
            ]
            scores.append([float((each.argmax(axis=1) == truth).mean()) for each in probabilities])
        columns = np.array(scores).T
        cells = [f"{column.mean():.3f} ({column.min():.3f} to {column.max():.3f})" for column in columns]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
