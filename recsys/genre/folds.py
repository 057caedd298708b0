"""Answers to tracks whose artist has not been heard: cross-validation by groups, stratified by genre.

No group (an artist's tracks; an album's where no artist is known) is torn apart, neither when members are fitted nor
when their fusion is.
"""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from recsys.genre.algorithms import Member
from recsys.genre.examples import Examples
from recsys.genre.fusion import fit_fusion
from recsys.types import DoubleArray, FloatArray, IdArray

FOLDS = 5


def folds_of(examples: Examples, seed: int = 0) -> IdArray:
    """The fold (n,) of each example: no group lies in two; the genres are spread as evenly as that allows."""
    genres, groups = examples.truth(), np.array(examples.groups)
    splits = StratifiedGroupKFold(min(FOLDS, len(set(examples.groups))), shuffle=True, random_state=seed)
    found = np.zeros(len(genres), np.int64)
    for fold, (_, test) in enumerate(splits.split(examples.vectors, genres, groups)):
        found[test] = fold
    return found


def out_of_fold(
    members: Sequence[Member],
    vectors: FloatArray,
    truth: IdArray,
    folds: IdArray,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[DoubleArray]:
    """The logits (n, c) of each member for each row, fitted without the row's fold."""
    classes, count = int(truth.max()) + 1, int(folds.max()) + 1
    logits = [np.zeros((len(truth), classes)) for _ in members]
    for fold in range(count):
        progress(fold)
        rest, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        for member, said in zip(members, logits, strict=True):
            said[test] = said_by(member.fitted(vectors[rest], truth[rest]), vectors[test], classes)
    progress(count)
    return logits


def said_by(member: Member, vectors: FloatArray, classes: int) -> DoubleArray:
    """Logits (n, c) over all classes, also where a fold has lacked one: as unlikely as the least likely."""
    said = member.logits(vectors)
    known = np.asarray(member.estimator.classes_, np.int64)
    full = np.repeat(said.min(axis=1, keepdims=True), classes, axis=1)
    full[:, known] = said
    return full


def honest(
    logits: Sequence[DoubleArray], truth: IdArray, folds: IdArray, groups: IdArray, *, together: bool = True
) -> tuple[DoubleArray, DoubleArray]:
    """Probabilities (n, c) and thresholds (n,) of out-of-fold logits: each fold's fusion is learned from the others.

    ``groups`` (n,) are heard together, unless ``together`` is not.
    """
    probabilities, thresholds = np.zeros_like(logits[0]), np.zeros(len(truth))
    for fold in np.unique(folds):
        others, test = folds != fold, folds == fold
        fusion = fit_fusion([said[others] for said in logits], truth[others], groups[others])
        probabilities[test] = fusion.probabilities([said[test] for said in logits], groups[test] if together else None)
        thresholds[test] = fusion.threshold
    return probabilities, thresholds
