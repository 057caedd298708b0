"""Training a genre model on labels of one's own, and what it says of tracks whose artist it has not heard.

Tracks are split into folds by group (artist; album where no artist is known), stratified by genre. What is kept of
each track is what a model said that was trained without its group: the scores, the calibration, the threshold and the
suspects all come from these out-of-fold answers. A track of several genres is learned as an example of each, and an
answer is right if it is one of them: of its labels, the one that is most probable out of fold counts. A group is
whole in its fold, so its tracks are heard together there,
as they are in a library; but there, the others of a track's artist may be such that the model has learned from, and
their opinions surer than they deserve: no score here says what that costs. The first fold is the test set; the model
that is used in the end has learned from all.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.errors import NotFound
from recsys.genre.algorithms import TUTORIAL_MEMBERS, EnsembleMember, build_ensemble
from recsys.genre.collective import group_ids
from recsys.genre.folds import assign_folds, fit_then_logits, nested_probabilities, out_of_fold
from recsys.genre.fusion import Fusion, fit_fusion, mean_log_probabilities
from recsys.genre.model import softmax
from recsys.genre.trained_model import OutOfFold, TrainedModel, Trial
from recsys.genre.training_set import TrainingSet
from recsys.genre.tuning import DEFAULT_ENSEMBLE, search

PER_TRACK = "the same, each track by itself"
TUTORIAL_BASELINE = "MFCC, chroma and tonnetz means with an SVM"
BEFORE_TUNING = "before tuning"
REJECTED_BY_TUNING = "what tuning found"
TUNED = "tuned"
_TUTORIAL_TRACKS = 5000  # its kernel machine learns no more from more, but takes minutes
_MIN_GROUPS = 3  # that a search can be judged by


class _CrossValidation:
    """Examples with what every training of them needs: genres, truth (n,), groups (n,), folds (n,)."""

    def __init__(self, training_set: TrainingSet, seed: int) -> None:
        self.training_set, self.vectors = training_set, training_set.vectors
        self.genres = training_set.classes
        self.truth: IdArray = training_set.y()
        self.groups = group_ids(training_set.groups)
        self.tracks = training_set.tracks()
        self.folds = assign_folds(training_set, seed)
        self.count = int(self.folds.max()) + 1

    def out_of_fold_logits(
        self,
        members: Sequence[EnsembleMember],
        progress: Callable[[int], None] = lambda _done: None,
        *,
        most: int | None = None,
    ) -> list[DoubleArray]:
        """Out-of-fold logits (n, c) of each member."""
        return out_of_fold(members, self.vectors, self.truth, self.folds, progress, max_tracks=most)

    def count_correct(self, logits: Sequence[DoubleArray]) -> IdArray:
        """One row (m,) of each of m tracks: of its labels, that which these logits (n, c) make most probable."""
        said = np.mean([np.log(softmax(part) + 1e-12) for part in logits], axis=0)
        own = said[np.arange(len(said)), self.truth]
        order = np.lexsort((-own, self.tracks))
        _, first = np.unique(self.tracks[order], return_index=True)
        return np.sort(order[first])

    def nested_probabilities(
        self, logits: Sequence[DoubleArray], rows: IdArray, *, together: bool = True
    ) -> tuple[DoubleArray, DoubleArray]:
        """What they come to for one row of each track: probabilities (m, c) and thresholds (m,)."""
        some = [part[rows] for part in logits]
        return nested_probabilities(some, self.truth[rows], self.folds[rows], self.groups[rows], together=together)

    def fusion(self, logits: Sequence[DoubleArray]) -> Fusion:
        """How logits (n, c) become probabilities."""
        rows = self.count_correct(logits)
        return fit_fusion([part[rows] for part in logits], self.truth[rows], self.groups[rows])

    def true_class_probabilities(self, probabilities: DoubleArray, rows: IdArray) -> DoubleArray:
        """Probabilities (m, c) of others: where the best guess is another label of the track, it changes places."""
        found, best = probabilities.copy(), probabilities.argmax(axis=1)
        labels = set(zip(self.tracks.tolist(), self.truth.tolist(), strict=True))
        for i, row in enumerate(rows):
            if (int(self.tracks[row]), int(best[i])) in labels:
                pair = [best[i], self.truth[row]]
                found[i, pair] = found[i, pair[::-1]]
        return found

    def majority(self) -> DoubleArray:
        """The shares (n, c) of the genres in the other folds."""
        rest = [self.truth[self.folds != fold] for fold in range(self.count)]
        shares = np.stack([np.bincount(rows, minlength=len(self.genres)) / len(rows) for rows in rest])
        return np.asarray(shares[self.folds])

    def model(
        self,
        name: str,
        version: int,
        feature_version: int,
        algorithm: str,
        features: str,
        members: Sequence[EnsembleMember],
        out_of_fold: Sequence[DoubleArray],
        judged: Sequence[DoubleArray],
        baselines: Mapping[str, DoubleArray],
        tried: Sequence[Trial] = (),
        progress: Callable[[int], None] = lambda _done: None,
    ) -> TrainedModel:
        """Members fitted to all; fused by their logits ``out_of_fold``, scored by those ``judged``.

        ``progress`` hears how many folds of the tutorial's baseline are done, which learns from some tracks alone.
        """
        examples, rows = self.training_set, self.count_correct(judged)
        probabilities, thresholds = self.nested_probabilities(judged, rows)
        fitted = tuple(member.fit(self.vectors, self.truth) for member in members)
        whole = examples.subset(rows)
        answers = OutOfFold(whole.paths, self.truth[rows], whole.groups, self.folds[rows], probabilities, thresholds)
        tutorial = self.nested_probabilities(
            self.out_of_fold_logits([TUTORIAL_MEMBERS], progress, most=_TUTORIAL_TRACKS), rows, together=False
        )[0]
        beside = {
            PER_TRACK: self.nested_probabilities(judged, rows, together=False)[0],
            **{name: said if len(said) == len(rows) else said[rows] for name, said in baselines.items()},
            "majority": self.majority()[rows],
            TUTORIAL_BASELINE: tutorial,
        }
        beside = {name: self.true_class_probabilities(said, rows) for name, said in beside.items()}
        return TrainedModel(
            name, version, datetime.now(UTC).isoformat(timespec="seconds"), tuple(self.genres), algorithm, features,
            feature_version, examples.labels, examples.source, examples.group_kind, examples.fingerprint(),
            fitted, self.fusion(out_of_fold), answers, beside, tuple(tried),
        )  # fmt: skip


def train(
    name: str,
    training_set: TrainingSet,
    *,
    algorithm: str,
    features: str,
    feature_version: int,
    version: int = 1,
    seed: int = 0,
    others: Mapping[str, DoubleArray] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> TrainedModel:
    """Train on examples that are usable; ``progress`` hears how many of the fits are done.

    ``others`` are probabilities (n, c) that somebody else gives the same tracks, kept as baselines.

    Raises
    ------
    InvalidRequest
    """
    members = build_ensemble(algorithm, features)
    course = _CrossValidation(training_set, seed)
    fits = 2 * course.count + 1
    logits = course.out_of_fold_logits(members, lambda done: progress(done, fits))
    model = course.model(
        name, version, feature_version, algorithm, features, members, logits, logits, others or {},
        progress=lambda done: progress(course.count + done, fits),
    )  # fmt: skip
    progress(fits, fits)
    return model


def tune(
    name: str,
    training_set: TrainingSet,
    *,
    feature_version: int,
    seconds: float = math.inf,
    jobs: int = 1,
    version: int = 1,
    seed: int = 0,
    others: Mapping[str, DoubleArray] | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> TrainedModel:
    """Search for a better model within some seconds (:func:`~recsys.genre.tuning.search`), and judge the search.

    It is run once for each fold on the others: the scores are those of models that were chosen and fitted without the
    fold. The blend that everyone gets is kept where nothing is surely better, or its log loss in these folds is less;
    to take the lower of two losses and report it on the same folds flatters a little.

    Raises
    ------
    NotFound
        There are fewer than three groups: without one, a search has nothing to judge by.
    """
    if (count := len(set(training_set.groups))) < _MIN_GROUPS:
        raise NotFound(
            f"tuning needs tracks of {_MIN_GROUPS} {training_set.group_kind}s or more, and these are of {count}; "
            f"recsys genre train learns from them"
        )
    course = _CrossValidation(training_set, seed)
    vectors, truth, folds = course.vectors, course.truth, course.folds
    end, searches = time.monotonic() + seconds, course.count + 1
    stages = searches + 1  # the last of them fits what is kept
    nested = np.zeros((len(truth), len(course.genres)))

    def hear(fold: int) -> Callable[[float], None]:
        return lambda share: progress((fold + share) / stages)

    for fold in range(course.count):
        rest, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found = search(
            vectors[rest], truth[rest], folds[rest], course.groups[rest], seed=seed + fold, jobs=jobs,
            seconds=(end - time.monotonic()) / (searches - fold),
            progress=hear(fold),
        )  # fmt: skip
        said = [fit_then_logits(m, vectors[rest], truth[rest], vectors[test], nested.shape[1]) for m in found.members]
        nested[test] = mean_log_probabilities(said, found.temperatures)
    found = search(
        vectors, truth, folds, course.groups, seed=seed + searches, jobs=jobs, seconds=end - time.monotonic(),
        progress=hear(searches - 1),
    )  # fmt: skip
    plain = build_ensemble("blend", "embedding")
    untuned = found.plain
    judged = [(course.count_correct(logits), logits) for logits in ([nested], untuned)]
    made = [course.nested_probabilities(logits, rows)[0] for rows, logits in judged]
    losses = [
        -np.log(said[np.arange(len(rows)), truth[rows]] + 1e-12).mean()
        for said, (rows, _) in zip(made, judged, strict=True)
    ]
    better = losses[0] <= losses[1] and len(found.members) > len(plain)
    baselines = {**(others or {}), BEFORE_TUNING if better else REJECTED_BY_TUNING: made[1 if better else 0]}
    if better:
        model = course.model(
            name, version, feature_version, TUNED, "all", found.members, found.logits, [nested], baselines, found.trials
        )
    else:
        tried = [one._replace(chosen=one.name == DEFAULT_ENSEMBLE) for one in found.trials]
        model = course.model(
            name, version, feature_version, "blend", "embedding", plain, untuned, untuned, baselines, tried
        )
    progress(1.0)
    return model
