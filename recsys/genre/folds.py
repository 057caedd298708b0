"""Answers to tracks whose artist has not been heard: cross-validation by groups, stratified by genre.

No group (an artist's tracks; an album's where no artist is known) is torn apart, neither when members are fitted nor
when their fusion is.
"""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.genre.algorithms import EnsembleMember
from recsys.genre.fusion import fit_fusion
from recsys.genre.training_set import TrainingSet

FOLDS = 5
_TINY = 1e-12


def assign_folds(training_set: TrainingSet, seed: int = 0) -> IdArray:
    """The fold (n,) of each example: no group lies in two; the genres are spread as evenly as that allows.

    There are two folds at least, and none is empty.
    """
    genres, groups = training_set.y(), np.array(training_set.groups)
    splits = StratifiedGroupKFold(min(FOLDS, len(set(training_set.groups))), shuffle=True, random_state=seed)
    found = np.zeros(len(genres), np.int64)
    for fold, (_, test) in enumerate(splits.split(training_set.vectors, genres, groups)):
        found[test] = fold
    found = np.unique(found, return_inverse=True)[1]  # beside a giant group a fold may have stayed empty
    return found if found.max() else (groups != groups[0]).astype(np.int64)


def out_of_fold(
    members: Sequence[EnsembleMember],
    vectors: FloatArray,
    truth: IdArray,
    folds: IdArray,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    max_tracks: int | None = None,
) -> list[DoubleArray]:
    """The logits (n, c) of each member for each row, fitted without the row's fold.

    Where the other folds have fewer than two classes, nothing can be fitted: their shares are all that can be said.
    Of more than ``max_tracks`` rows to learn from, so many are drawn, always the same.
    """
    classes, count = int(truth.max()) + 1, int(folds.max()) + 1
    logits = [np.zeros((len(truth), classes)) for _ in members]
    for fold in range(count):
        progress(fold)
        rest, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if max_tracks is not None and len(rest) > max_tracks:
            rest = np.sort(np.random.default_rng(fold).permutation(rest)[:max_tracks])
        for member, said in zip(members, logits, strict=True):
            said[test] = fit_then_logits(member, vectors[rest], truth[rest], vectors[test], classes)
    progress(count)
    return logits


def fit_then_logits(
    member: EnsembleMember, vectors: FloatArray, truth: IdArray, asked: FloatArray, classes: int
) -> DoubleArray:
    """What a member says of the vectors ``asked`` (m, D) that has learned from (n, D) with truth (n,): logits (m, c).

    Of fewer than two classes it says their shares; of no rows, that all are alike.
    """
    counts = np.bincount(truth, minlength=classes)
    if np.count_nonzero(counts) < 2:
        return np.tile(np.log(counts / max(1, len(truth)) + _TINY), (len(asked), 1))
    return logits_for_all_classes(member.fit(vectors, truth), asked, classes)


def logits_for_all_classes(member: EnsembleMember, vectors: FloatArray, classes: int) -> DoubleArray:
    """Logits (n, c) over all classes, also where a fold has lacked one: as unlikely as the least likely."""
    said = member.logits(vectors)
    known = np.asarray(member.estimator.classes_, np.int64)
    full = np.repeat(said.min(axis=1, keepdims=True), classes, axis=1)
    full[:, known] = said
    return full


def nested_probabilities(
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
