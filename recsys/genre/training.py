"""Training a genre model on a user's labels, with cross-validated scores.

Tracks are split into folds by group (artist; album where the artist is unknown), stratified by genre. For every track
the prediction of a model fitted without its group is kept: scores, calibration, threshold and label issues all come
from these out-of-fold predictions. The first fold is the test set of a single split; the final model is fitted to all
tracks. Of many labels a sample stratified by genre is fitted to, at most 16,000 in a fold and 100,000 in the final
model; all are predicted and scored, by models of fewer labels than the final one, so that scores are too low if at all.

A track with several genres is one row for each of them, and a prediction is correct if it is any of them: the label
that is most probable out of fold represents the track.

Groups are not split, so out-of-fold predictions use the other tracks of the artist, as predictions in a library do. In
a library, however, the model can have been trained on those other tracks, so that their probabilities are too high; no
score here measures the effect.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.errors import Hint, NotFound
from recsys.genre.algorithms import TUTORIAL_MEMBER, build_ensemble
from recsys.genre.collective import group_ids
from recsys.genre.dimensions import SomeDimensions
from recsys.genre.folds import (
    FOLD_TRACKS,
    FUSION_TRACKS,
    MODEL_TRACKS,
    assign_folds,
    fit_then_logits,
    nested_probabilities,
    out_of_fold,
    sample_groups,
    sample_rows,
)
from recsys.genre.fusion import Fusion, fit_fusion, mean_log_probabilities
from recsys.genre.members import EnsembleMember
from recsys.genre.model import softmax
from recsys.genre.trained_model import OutOfFold, TrainedModel, Trial
from recsys.genre.training_set import TrainingSet
from recsys.genre.tuning import DEFAULT_ENSEMBLE, search

#: Names of baselines, stored in model files.
PER_TRACK = "the same, each track by itself"
TUTORIAL_BASELINE = "MFCC, chroma and tonnetz means with an SVM"
BEFORE_TUNING = "before tuning"
REJECTED_BY_TUNING = "what tuning found"
TUNED = "tuned"
TUTORIAL_TRACKS = 5000  # more take minutes to fit and do not raise the accuracy of the tutorial's SVM
_MIN_GROUPS = 3  # to cross-validate a search


class _CrossValidation:
    """A training set with what every fit needs: genres, truth (n,), groups (n,), folds (n,)."""

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
        max_tracks: int = FOLD_TRACKS,
    ) -> list[DoubleArray]:
        """Out-of-fold logits (n, c) of each member."""
        return out_of_fold(members, self.vectors, self.truth, self.folds, progress, max_tracks=max_tracks)

    def row_per_track(self, logits: Sequence[DoubleArray]) -> IdArray:
        """One row (m,) of each of m tracks: of its labels, the one that these logits (n, c) make most probable."""
        every = np.arange(len(self.truth))
        of_label = np.mean([np.log(softmax(part)[every, self.truth] + 1e-12) for part in logits], axis=0)
        order = np.lexsort((-of_label, self.tracks))
        _, first = np.unique(self.tracks[order], return_index=True)
        return np.sort(order[first])

    def nested_probabilities(
        self, logits: Sequence[DoubleArray], rows: IdArray, *, context: bool = True
    ) -> tuple[DoubleArray, DoubleArray]:
        """Nested probabilities (m, c) and thresholds (m,) for one row of each track."""
        parts = [part[rows] for part in logits]
        return nested_probabilities(parts, self.truth[rows], self.folds[rows], self.groups[rows], context=context)

    def fusion(self, logits: Sequence[DoubleArray]) -> Fusion:
        """The fusion fitted to out-of-fold logits (n, c) of each member."""
        rows = self.row_per_track(logits)
        rows = rows[sample_groups(self.groups[rows], FUSION_TRACKS)]
        return fit_fusion([part[rows] for part in logits], self.truth[rows], self.groups[rows])

    def credit_other_labels(self, probabilities: DoubleArray, rows: IdArray) -> DoubleArray:
        """Probabilities (m, c) of a baseline, with any label of a track counted as correct.

        Where the most probable genre is another label of the track, its probability and that of the row's label are
        exchanged.
        """
        found, best = probabilities.copy(), probabilities.argmax(axis=1)
        labels = set(zip(self.tracks.tolist(), self.truth.tolist(), strict=True))
        for i, row in enumerate(rows):
            if (int(self.tracks[row]), int(best[i])) in labels:
                pair = [best[i], self.truth[row]]
                found[i, pair] = found[i, pair[::-1]]
        return found

    def class_frequencies(self) -> DoubleArray:
        """The frequencies (n, c) of the genres in the other folds."""
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
        fusion_logits: Sequence[DoubleArray],
        scored_logits: Sequence[DoubleArray],
        baselines: Mapping[str, DoubleArray],
        trials: Sequence[Trial] = (),
        progress: Callable[[int], None] = lambda _done: None,
    ) -> TrainedModel:
        """The model of members fitted to all rows, with the scores of cross-validation.

        Parameters
        ----------
        members
            Not fitted.
        fusion_logits, scored_logits : sequence of (n, c)
            Out-of-fold logits to fit the fusion to, and to keep predictions of. They differ after tuning, where the
            latter are of members that were chosen without the fold.
        baselines : mapping of str to (n, c) or (m, c)
        progress
            Called with the number of finished folds of the tutorial baseline.
        """
        vectors, truth = self.vectors, self.truth
        if len(truth) > MODEL_TRACKS:  # else they are not copied
            sample = sample_rows(truth, MODEL_TRACKS)
            vectors, truth = vectors[sample], truth[sample]
        fitted = tuple(member.fit(vectors, truth) for member in members)
        del vectors
        if isinstance(self.vectors, SomeDimensions):  # a fifth of a gigabyte, and all that follows needs less
            self.vectors.forget_all_but(TUTORIAL_MEMBER.dimensions())
        rows = self.row_per_track(scored_logits)
        probabilities, thresholds = self.nested_probabilities(scored_logits, rows)
        paths, groups = self.training_set.paths, self.training_set.groups
        predictions = OutOfFold(
            tuple(paths[i] for i in rows), self.truth[rows], tuple(groups[i] for i in rows), self.folds[rows],
            probabilities, thresholds,
        )  # fmt: skip
        tutorial = self.nested_probabilities(
            self.out_of_fold_logits([TUTORIAL_MEMBER], progress, max_tracks=TUTORIAL_TRACKS), rows, context=False
        )[0]
        others = {
            PER_TRACK: self.nested_probabilities(scored_logits, rows, context=False)[0],
            **{name: found if len(found) == len(rows) else found[rows] for name, found in baselines.items()},
            "majority": self.class_frequencies()[rows],
            TUTORIAL_BASELINE: tutorial,
        }
        examples = self.training_set
        return TrainedModel(
            name, version, datetime.now(UTC).isoformat(timespec="seconds"), tuple(self.genres), algorithm, features,
            feature_version, examples.labels, examples.source, examples.group_kind, examples.fingerprint(), fitted,
            self.fusion(fusion_logits), predictions,
            {name: self.credit_other_labels(found, rows) for name, found in others.items()}, tuple(trials),
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
    """Train a model and cross-validate it.

    Parameters
    ----------
    name, version
        Of the model.
    training_set
        At least two groups, see :func:`recsys.genre.training_set.drop_rare_genres`.
    algorithm, features
        See :func:`recsys.genre.algorithms.build_ensemble`.
    feature_version
        Version of the features of the training set.
    seed
        Of the folds.
    others : mapping of str to (n, c)
        Probabilities for the same rows by other methods, kept as baselines.
    progress
        Called with the number of finished fits, and the number of all.

    Raises
    ------
    InvalidRequest
        If ``algorithm`` or ``features`` is unknown.
    """
    members = build_ensemble(algorithm, features)
    validation = _CrossValidation(training_set, seed)
    fits = 2 * validation.count + 1
    logits = validation.out_of_fold_logits(members, lambda done: progress(done, fits))
    model = validation.model(
        name, version, feature_version, algorithm, features, members, logits, logits, others or {},
        progress=lambda done: progress(validation.count + done, fits),
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
    """Search for a better model (:func:`recsys.genre.tuning.search`), and cross-validate the search.

    The search is run once for each fold, on the other folds: the scores are of members that were chosen and fitted
    without the fold. The default ensemble is kept if no candidate is significantly better, or if its log loss in these
    folds is lower; choosing the lower of two losses and reporting it on the same folds is slightly optimistic.

    Parameters
    ----------
    seconds
        Time budget of all searches.
    jobs
        Number of candidates that are evaluated in parallel.
    seed
        Of the folds and the candidates.
    progress
        Called with the finished share, in [0, 1].
    name, training_set, feature_version, version, others
        See :func:`train`.

    Raises
    ------
    NotFound
        If there are fewer than three groups: a search without one of them has nothing to validate on.
    """
    if (count := len(set(training_set.groups))) < _MIN_GROUPS:
        kind = training_set.group_kind
        raise NotFound(
            f"tuning needs tracks of at least {_MIN_GROUPS} {kind}s, got {count}; train a model without tuning instead",
            hint=Hint.TRAIN_GENRE_MODEL,
            hint_values={"name": name},
        )
    validation = _CrossValidation(training_set, seed)
    vectors, truth, folds = validation.vectors, validation.truth, validation.folds
    deadline, searches = time.monotonic() + seconds, validation.count + 1
    stages = searches + 1  # the last fits the final model
    nested = np.zeros((len(truth), len(validation.genres)))

    def stage_progress(stage: int) -> Callable[[float], None]:
        return lambda share: progress((stage + share) / stages)

    for fold in range(validation.count):
        rest, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found = search(
            vectors[rest], truth[rest], folds[rest], validation.groups[rest], seed=seed + fold, jobs=jobs,
            seconds=(deadline - time.monotonic()) / (searches - fold), progress=stage_progress(fold),
        )  # fmt: skip
        logits = [fit_then_logits(m, vectors[rest], truth[rest], vectors[test], nested.shape[1]) for m in found.members]
        nested[test] = mean_log_probabilities(logits, found.temperatures)
    found = search(
        vectors, truth, folds, validation.groups, seed=seed + searches, jobs=jobs,
        seconds=deadline - time.monotonic(), progress=stage_progress(searches - 1),
    )  # fmt: skip
    default, default_logits = build_ensemble("blend", "embedding"), found.default_logits
    losses, probabilities = [], []
    for parts in ([nested], default_logits):
        rows = validation.row_per_track(parts)
        probabilities.append(validation.nested_probabilities(parts, rows)[0])
        losses.append(-np.log(probabilities[-1][np.arange(len(rows)), truth[rows]] + 1e-12).mean())
    better = losses[0] <= losses[1] and len(found.members) > len(default)
    baselines = {**(others or {}), BEFORE_TUNING if better else REJECTED_BY_TUNING: probabilities[1 if better else 0]}
    if better:
        model = validation.model(
            name, version, feature_version, TUNED, "all", found.members, found.logits, [nested], baselines, found.trials
        )
    else:
        trials = [trial._replace(chosen=trial.name == DEFAULT_ENSEMBLE) for trial in found.trials]
        model = validation.model(
            name, version, feature_version, "blend", "embedding", default, default_logits, default_logits, baselines,
            trials,
        )  # fmt: skip
    progress(1.0)
    return model
