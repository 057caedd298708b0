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
from recsys.errors import NothingFound
from recsys.genre.algorithms import BLOG, Member, recipe
from recsys.genre.collective import numbered
from recsys.genre.folds import folds_of, honest, out_of_fold, taught
from recsys.genre.fusion import Fusion, fit_fusion, joined
from recsys.genre.model import softmax
from recsys.genre.trained_model import Answers, TrainedModel, Tried
from recsys.genre.training_set import Examples
from recsys.genre.tuning import EVERYONE, search

ALONE = "the same, each track by itself"
TUTORIAL = "MFCC, chroma and tonnetz means with an SVM"
UNTUNED = "before tuning"
UNHELPFUL = "what tuning found"
TUNED = "tuned"
_TUTORIAL_TRACKS = 5000  # its kernel machine learns no more from more, but takes minutes
_FEWEST_GROUPS = 3  # that a search can be judged by


class _Course:
    """Examples with what every training of them needs: genres, truth (n,), groups (n,), folds (n,)."""

    def __init__(self, examples: Examples, seed: int) -> None:
        self.examples, self.vectors = examples, examples.vectors
        self.genres = examples.kinds
        self.truth: IdArray = examples.truth()
        self.groups = numbered(examples.groups)
        self.tracks = examples.tracks()
        self.folds = folds_of(examples, seed)
        self.count = int(self.folds.max()) + 1

    def said(
        self,
        members: Sequence[Member],
        progress: Callable[[int], None] = lambda _done: None,
        *,
        most: int | None = None,
    ) -> list[DoubleArray]:
        """Out-of-fold logits (n, c) of each member."""
        return out_of_fold(members, self.vectors, self.truth, self.folds, progress, most=most)

    def counted(self, logits: Sequence[DoubleArray]) -> IdArray:
        """One row (m,) of each of m tracks: of its labels, that which these logits (n, c) make most probable."""
        said = np.mean([np.log(softmax(part) + 1e-12) for part in logits], axis=0)
        own = said[np.arange(len(said)), self.truth]
        order = np.lexsort((-own, self.tracks))
        _, first = np.unique(self.tracks[order], return_index=True)
        return np.sort(order[first])

    def honest(
        self, logits: Sequence[DoubleArray], rows: IdArray, *, together: bool = True
    ) -> tuple[DoubleArray, DoubleArray]:
        """What they come to for one row of each track: probabilities (m, c) and thresholds (m,)."""
        some = [part[rows] for part in logits]
        return honest(some, self.truth[rows], self.folds[rows], self.groups[rows], together=together)

    def fusion(self, logits: Sequence[DoubleArray]) -> Fusion:
        """How logits (n, c) become probabilities."""
        rows = self.counted(logits)
        return fit_fusion([part[rows] for part in logits], self.truth[rows], self.groups[rows])

    def credited(self, probabilities: DoubleArray, rows: IdArray) -> DoubleArray:
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
        members: Sequence[Member],
        out_of_fold: Sequence[DoubleArray],
        judged: Sequence[DoubleArray],
        baselines: Mapping[str, DoubleArray],
        tried: Sequence[Tried] = (),
        progress: Callable[[int], None] = lambda _done: None,
    ) -> TrainedModel:
        """Members fitted to all; fused by their logits ``out_of_fold``, scored by those ``judged``.

        ``progress`` hears how many folds of the tutorial's baseline are done, which learns from some tracks alone.
        """
        examples, rows = self.examples, self.counted(judged)
        probabilities, thresholds = self.honest(judged, rows)
        fitted = tuple(member.fitted(self.vectors, self.truth) for member in members)
        whole = examples.only(rows)
        answers = Answers(whole.paths, self.truth[rows], whole.groups, self.folds[rows], probabilities, thresholds)
        tutorial = self.honest(self.said([BLOG], progress, most=_TUTORIAL_TRACKS), rows, together=False)[0]
        beside = {
            ALONE: self.honest(judged, rows, together=False)[0],
            **{name: said if len(said) == len(rows) else said[rows] for name, said in baselines.items()},
            "majority": self.majority()[rows],
            TUTORIAL: tutorial,
        }
        beside = {name: self.credited(said, rows) for name, said in beside.items()}
        return TrainedModel(
            name, version, datetime.now(UTC).isoformat(timespec="seconds"), tuple(self.genres), algorithm, features,
            feature_version, examples.labels, examples.source, examples.grouped_by, examples.fingerprint(),
            fitted, self.fusion(out_of_fold), answers, beside, tuple(tried),
        )  # fmt: skip


def train(
    name: str,
    examples: Examples,
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
    UsageError
    """
    members = recipe(algorithm, features)
    course = _Course(examples, seed)
    fits = 2 * course.count + 1
    logits = course.said(members, lambda done: progress(done, fits))
    model = course.model(
        name, version, feature_version, algorithm, features, members, logits, logits, others or {},
        progress=lambda done: progress(course.count + done, fits),
    )  # fmt: skip
    progress(fits, fits)
    return model


def tune(
    name: str,
    examples: Examples,
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
    NothingFound
        There are fewer than three groups: without one, a search has nothing to judge by.
    """
    if (count := len(set(examples.groups))) < _FEWEST_GROUPS:
        raise NothingFound(
            f"tuning needs tracks of {_FEWEST_GROUPS} {examples.grouped_by}s or more, and these are of {count}; "
            f"recsys genre train learns from them"
        )
    course = _Course(examples, seed)
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
        said = [taught(m, vectors[rest], truth[rest], vectors[test], nested.shape[1]) for m in found.members]
        nested[test] = joined(said, found.temperatures)
    found = search(
        vectors, truth, folds, course.groups, seed=seed + searches, jobs=jobs, seconds=end - time.monotonic(),
        progress=hear(searches - 1),
    )  # fmt: skip
    plain = recipe("blend", "embedding")
    untuned = found.plain
    judged = [(course.counted(logits), logits) for logits in ([nested], untuned)]
    made = [course.honest(logits, rows)[0] for rows, logits in judged]
    losses = [
        -np.log(said[np.arange(len(rows)), truth[rows]] + 1e-12).mean()
        for said, (rows, _) in zip(made, judged, strict=True)
    ]
    better = losses[0] <= losses[1] and len(found.members) > len(plain)
    baselines = {**(others or {}), UNTUNED if better else UNHELPFUL: made[1 if better else 0]}
    if better:
        model = course.model(
            name, version, feature_version, TUNED, "all", found.members, found.logits, [nested], baselines, found.tried
        )
    else:
        tried = [one._replace(chosen=one.name == EVERYONE) for one in found.tried]
        model = course.model(
            name, version, feature_version, "blend", "embedding", plain, untuned, untuned, baselines, tried
        )
    progress(1.0)
    return model
