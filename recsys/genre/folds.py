"""Cross-validation by group, stratified by genre: out-of-fold logits and nested probabilities.

A group is the tracks of one artist; of one album where the artist is unknown. No group is split between folds, neither
when members are fitted nor when their fusion is, so every prediction is for an artist that the model was not trained
on.
"""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.dimensions import SomeRows, Vectors
from recsys.genre.fusion import fit_fusion
from recsys.genre.members import EnsembleMember
from recsys.genre.training_set import TrainingSet

FOLDS = 5
FOLD_TRACKS = 16_000  # a member is fitted to at most these in a fold: scores are those of a model of 16,000 labels
MODEL_TRACKS = 100_000  # the final model is fitted to at most these
FUSION_TRACKS = 20_000  # a fusion, which has a handful of parameters, is fitted to at most these
_MIN_SHARE = 0.1  # of the mean size of a class: the least rows of a class in a sample, if it has as many
_TINY = 1e-12


def assign_folds(training_set: TrainingSet, seed: int = 0) -> IdArray:
    """The fold (n,) of each row: no group is split, and genres are spread as evenly as that allows.

    There are at least two folds, at most :data:`FOLDS`, and none is empty.
    """
    genres, groups = training_set.y(), np.array(training_set.groups)
    splits = StratifiedGroupKFold(min(FOLDS, len(set(training_set.groups))), shuffle=True, random_state=seed)
    folds = np.zeros(len(genres), np.int64)
    for fold, (_, test) in enumerate(splits.split(genres, genres, groups)):
        folds[test] = fold
    folds = np.unique(folds, return_inverse=True)[1]  # a very large group can leave folds empty
    return folds if folds.max() else (groups != groups[0]).astype(np.int64)


def out_of_fold(
    members: Sequence[EnsembleMember],
    vectors: Vectors,
    truth: IdArray,
    folds: IdArray,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    max_tracks: int | None = None,
) -> list[DoubleArray]:
    """The logits of each member for each row, fitted without the row's fold.

    Parameters
    ----------
    members
        Not fitted.
    vectors : (n, D)
        Normalised.
    truth : (n,)
        The correct class of each row.
    folds : (n,)
        Numbers from 0 on.
    progress
        Called with the number of finished folds.
    max_tracks
        Fit to this many rows, see :func:`sample_rows`.

    Returns
    -------
    list of (n, c)
        Where the other folds have fewer than two classes, see :func:`fit_then_logits`.
    """
    classes, count = int(truth.max()) + 1, int(folds.max()) + 1
    logits = [np.zeros((len(truth), classes)) for _ in members]
    for fold in range(count):
        progress(fold)
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if max_tracks is not None and len(train) > max_tracks:
            train = train[sample_rows(truth[train], max_tracks, seed=fold)]
        examples, others = vectors[train], SomeRows(vectors, test)
        for member, found in zip(members, logits, strict=True):
            found[test] = fit_then_logits(member, examples, truth[train], others, classes)
        del examples  # before those of the next fold are copied
    progress(count)
    return logits


def sample_rows(truth: IdArray, n: int, *, seed: int = 0) -> IdArray:
    """Row numbers of a sample of ``n`` rows, stratified by class; all rows if there are at most ``n``.

    A class has at least a tenth of the mean size of a class in the sample, if it has as many rows, and at least one.
    The others are in proportion to the rest of their rows.

    Examples
    --------
    >>> classes = np.repeat([0, 1], [9990, 10])
    >>> np.bincount(classes[sample_rows(classes, 200)])
    array([190,  10])
    """
    if len(truth) <= n:
        return np.arange(len(truth))
    counts = np.bincount(truth)
    shuffled = np.random.default_rng(seed).permutation(len(truth))
    by_class = shuffled[np.argsort(truth[shuffled], kind="stable")]
    rank = np.arange(len(truth)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = rank < max(1, round(_MIN_SHARE * n / len(counts)))
    others = by_class[~kept]
    wanted = max(0, n - int(kept.sum()))
    evenly = np.linspace(0, len(others), wanted, endpoint=False).astype(np.int64)
    return np.sort(np.concatenate([by_class[kept], others[evenly]]))


def sample_groups(groups: IdArray, n: int, *, seed: int = 0) -> IdArray:
    """Row numbers of a sample of whole groups with at most ``n`` rows, but at least one group; all rows if they fit.

    Examples
    --------
    >>> sample_groups(np.array([0, 0, 1, 1, 2, 2]), 4)
    array([0, 1, 4, 5])
    """
    if len(groups) <= n:
        return np.arange(len(groups))
    _, groups = np.unique(groups, return_inverse=True)
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    count = max(1, int(np.searchsorted(np.cumsum(sizes[order]), n, side="right")))
    return np.flatnonzero(np.isin(groups, order[:count]))


def fit_then_logits(
    member: EnsembleMember, vectors: Vectors, truth: IdArray, test_vectors: Vectors | SomeRows, classes: int
) -> DoubleArray:
    """Fit a member to vectors (n, D) of the classes ``truth`` (n,); its logits (m, c) of ``test_vectors`` (m, D).

    If ``truth`` has fewer than two classes, nothing can be fitted: the logits are the log frequencies of the classes,
    all equal if there are no rows.
    """
    counts = np.bincount(truth, minlength=classes)
    if np.count_nonzero(counts) < 2:
        return np.tile(np.log(counts / max(1, len(truth)) + _TINY), (len(test_vectors), 1))
    return logits_for_all_classes(member.fit(vectors, truth), test_vectors, classes)


def logits_for_all_classes(member: EnsembleMember, vectors: Vectors | SomeRows, classes: int) -> DoubleArray:
    """Logits (n, c) over all classes; one that the training folds lack gets the lowest logit of the row."""
    logits = member.logits(vectors)
    columns = np.asarray(member.estimator.classes_, np.int64)
    full = np.repeat(logits.min(axis=1, keepdims=True), classes, axis=1)
    full[:, columns] = logits
    return full


def nested_probabilities(
    logits: Sequence[DoubleArray], truth: IdArray, folds: IdArray, groups: IdArray, *, context: bool = True
) -> tuple[DoubleArray, DoubleArray]:
    """Probabilities (n, c) and thresholds (n,) from out-of-fold logits, with each fold's fusion fitted to the others.

    Parameters
    ----------
    logits : sequence of (n, c)
        Of each member, see :func:`out_of_fold`.
    truth, folds, groups : (n,)
        Class, fold and group of each row.
    context
        Whether tracks are combined with the others of their group.
    """
    probabilities, thresholds = np.zeros_like(logits[0]), np.zeros(len(truth))
    for fold in np.unique(folds):
        train, test = np.flatnonzero(folds != fold), folds == fold
        train = train[sample_groups(groups[train], FUSION_TRACKS)]
        fusion = fit_fusion([part[train] for part in logits], truth[train], groups[train] if context else None)
        probabilities[test] = fusion.probabilities([part[test] for part in logits], groups[test] if context else None)
        thresholds[test] = fusion.threshold
    return probabilities, thresholds
