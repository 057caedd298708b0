"""Training a genre model on labels of one's own, and what it says of tracks whose artist it has not heard.

Tracks are split into folds by group (artist; album where no artist is known), stratified by genre. What is kept of
each track is what a model said that was trained without its group: the scores, the calibration, the threshold and the
suspects all come from these out-of-fold answers. The first fold is the test set; the model that is used in the end has
learned from all.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from recsys.errors import NothingFound
from recsys.genre.algorithms import BLOG, Member, recipe
from recsys.genre.calibration import choose_threshold, fit_temperature
from recsys.genre.model import softmax
from recsys.types import DoubleArray, FloatArray, GenrePrediction, IdArray

T = TypeVar("T")

UNKNOWN = "unknown"
FOLDS = 5
FEWEST = 5  # tracks of a genre; it also needs two groups


@dataclass(frozen=True, slots=True)
class Examples:
    """Tracks to learn from: vectors (n, D), and n labels, groups (artists or albums), paths and ids."""

    vectors: FloatArray
    genres: tuple[str, ...]
    groups: tuple[str, ...]
    paths: tuple[str, ...]
    ids: tuple[int, ...]
    source: str
    grouped_by: str = "artist"

    def fingerprint(self) -> str:
        """The same for the same sounds with the same labels, in any order, wherever they lie."""
        rows = [
            hashlib.sha256(np.asarray(vector, "<f4").tobytes() + genre.encode()).digest()
            for vector, genre in zip(self.vectors, self.genres, strict=True)
        ]
        return hashlib.sha256(b"".join(sorted(rows))).hexdigest()

    def only(self, rows: Sequence[int] | IdArray) -> "Examples":
        """These rows."""

        def some(values: tuple[T, ...]) -> tuple[T, ...]:
            return tuple(values[i] for i in rows)

        return Examples(
            self.vectors[list(rows)], some(self.genres), some(self.groups), some(self.paths), some(self.ids),
            self.source, self.grouped_by,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of n tracks by models without their group: probabilities (n, c), fold and threshold of each."""

    paths: tuple[str, ...]
    truth: IdArray
    groups: tuple[str, ...]
    folds: IdArray
    probabilities: DoubleArray
    thresholds: DoubleArray


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A genre model of a user's own; see :mod:`recsys.genre.registry` for its file.

    ``baselines`` are what others said of the same tracks by name, each (n, c), with the same folds.
    """

    name: str
    version: int
    made: str
    genres: tuple[str, ...]
    algorithm: str
    features: str
    feature_version: int
    source: str
    grouped_by: str
    fingerprint: str
    members: tuple[Member, ...]
    temperatures: tuple[float, ...]
    temperature: float
    threshold: float
    answers: Answers
    baselines: dict[str, DoubleArray]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def probabilities(self, vectors: FloatArray) -> DoubleArray:
        """Probability of each genre, (n, c), of normalised vectors (n, D)."""
        logits = [member.logits(vectors) for member in self.members]
        return softmax(_joined(logits, self.temperatures) / self.temperature)

    def predict(self, vectors: FloatArray) -> list[GenrePrediction]:
        """Genre of n tracks; "unknown" where the best guess, which stands first of its genres, is too doubtful."""
        found = []
        for row in self.probabilities(vectors):
            order = np.argsort(-row, kind="stable")
            genres = {self.genres[i]: float(row[i]) for i in order}
            best = self.genres[order[0]]
            told = best if genres[best] >= self.threshold else UNKNOWN
            found.append(GenrePrediction(told, genres[best], genres, str(self)))
        return found


def usable(examples: Examples) -> tuple[Examples, dict[str, str]]:
    """The examples of genres that can be learned, and why the other genres cannot.

    Raises
    ------
    NothingFound
        Fewer than two genres can be learned.
    """
    dropped = {}
    for genre in sorted(set(examples.genres)):
        rows = [i for i, g in enumerate(examples.genres) if g == genre]
        groups = {examples.groups[i] for i in rows}
        if len(rows) < FEWEST:
            dropped[genre] = f"{len(rows)} of the {FEWEST} tracks it takes"
        elif len(groups) < 2:
            dropped[genre] = f"all {len(rows)} tracks are of one {examples.grouped_by}"
    kept = examples.only([i for i, genre in enumerate(examples.genres) if genre not in dropped])
    if len(set(kept.genres)) < 2:
        said = "; ".join(f"{genre}: {why}" for genre, why in dropped.items()) or "there is one genre alone"
        raise NothingFound(f"a genre model needs two genres or more, labelled by {examples.source} ({said})")
    return kept, dropped


def folds_of(examples: Examples, seed: int = 0) -> IdArray:
    """The fold (n,) of each example: no group lies in two; the genres are spread as evenly as that allows."""
    genres, groups = np.array(examples.genres), np.array(examples.groups)
    splits = StratifiedGroupKFold(min(FOLDS, len(set(examples.groups))), shuffle=True, random_state=seed)
    found = np.zeros(len(genres), np.int64)
    for fold, (_, test) in enumerate(splits.split(examples.vectors, genres, groups)):
        found[test] = fold
    return found


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
    """Train on examples that are :func:`usable`; ``progress`` hears how many of the fits are done.

    ``others`` are probabilities (n, c) that somebody else gives the same tracks, kept as baselines.

    Raises
    ------
    UsageError
    """
    members = recipe(algorithm, features)
    genres = sorted(set(examples.genres))
    truth = np.searchsorted(genres, examples.genres).astype(np.int64)
    folds = folds_of(examples, seed)
    fits = int(folds.max()) + 3  # of the folds, of the baseline and of all
    logits = out_of_fold(members, examples.vectors, truth, folds, lambda done: progress(done, fits))
    probabilities, thresholds = _honest(logits, truth, folds)
    temperatures, temperature, threshold = _calibrate(logits, truth)
    baselines = {
        **(others or {}),
        "majority": _majority(truth, folds),
        "MFCC, chroma and tonnetz means with an SVM": _honest(
            out_of_fold([BLOG], examples.vectors, truth, folds), truth, folds
        )[0],
    }
    progress(fits - 1, fits)
    final = tuple(member.fitted(examples.vectors, truth) for member in members)
    progress(fits, fits)
    answers = Answers(examples.paths, truth, examples.groups, folds, probabilities, thresholds)
    return TrainedModel(
        name, version, datetime.now(UTC).isoformat(timespec="seconds"), tuple(genres), algorithm, features,
        feature_version, examples.source, examples.grouped_by, examples.fingerprint(),
        final, temperatures, temperature, threshold, answers, baselines,
    )  # fmt: skip


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
            said[test] = _spread(member.fitted(vectors[rest], truth[rest]), vectors[test], classes)
    progress(count)
    return logits


def _honest(logits: Sequence[DoubleArray], truth: IdArray, folds: IdArray) -> tuple[DoubleArray, DoubleArray]:
    """Probabilities (n, c) and thresholds (n,): each fold calibrated by what was said of the others."""
    probabilities, thresholds = np.zeros_like(logits[0]), np.zeros(len(truth))
    for fold in np.unique(folds):
        others, test = folds != fold, folds == fold
        temperatures, temperature, threshold = _calibrate([said[others] for said in logits], truth[others])
        probabilities[test] = softmax(_joined([said[test] for said in logits], temperatures) / temperature)
        thresholds[test] = threshold
    return probabilities, thresholds


def _majority(truth: IdArray, folds: IdArray) -> DoubleArray:
    """The shares (n, c) of the genres in the other folds."""
    shares = {
        f: np.bincount(truth[folds != f], minlength=truth.max() + 1) / (folds != f).sum() for f in np.unique(folds)
    }
    return np.stack([shares[fold] for fold in folds])


def _spread(member: Member, vectors: FloatArray, classes: int) -> DoubleArray:
    """Logits (n, c) over all classes, also where a fold has lacked one: as unlikely as the least likely."""
    said = member.logits(vectors)
    known = np.asarray(member.estimator.classes_, np.int64)
    full = np.repeat(said.min(axis=1, keepdims=True), classes, axis=1)
    full[:, known] = said
    return full


def _joined(logits: Sequence[DoubleArray], temperatures: Sequence[float]) -> DoubleArray:
    """The mean of the members' log probabilities (n, c)."""
    said = [np.log(softmax(part / t) + 1e-12) for part, t in zip(logits, temperatures, strict=True)]
    joined: DoubleArray = np.mean(said, axis=0)
    return joined


def _calibrate(logits: Sequence[DoubleArray], truth: IdArray) -> tuple[tuple[float, ...], float, float]:
    """The temperature of each member, that of all, and the threshold."""
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    joined = _joined(logits, temperatures)
    temperature = fit_temperature(joined, truth)
    said = softmax(joined / temperature)
    return temperatures, temperature, choose_threshold(said.max(axis=1), said.argmax(axis=1) == truth)


def suspects(model: TrainedModel) -> list[tuple[str, str, str, float, float]]:
    """Path, given genre, what the model says, and the probabilities it gives to both: the most doubted label first."""
    answers = model.answers
    rows: Any = np.arange(len(answers.truth))
    given = answers.probabilities[rows, answers.truth]
    best = answers.probabilities.argmax(axis=1)
    surer = answers.probabilities[rows, best]
    doubt = np.log(surer + 1e-12) - np.log(given + 1e-12)
    order = [i for i in np.argsort(-doubt, kind="stable") if best[i] != answers.truth[i]]
    genres = model.genres
    return [
        (answers.paths[i], genres[answers.truth[i]], genres[best[i]], float(given[i]), float(surer[i])) for i in order
    ]
