"""A trained genre model: what it says of tracks, and what was said of those it learned from, unheard."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.tracks import UNKNOWN
from recsys.genre.algorithms import EnsembleMember
from recsys.genre.fusion import Fusion


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What was said of n tracks by models without their group: probabilities (n, c), fold and threshold of each."""

    paths: tuple[str, ...]
    truth: IdArray
    groups: tuple[str, ...]
    folds: IdArray
    probabilities: DoubleArray
    thresholds: DoubleArray


#: Those of a model that was read to predict alone.
NO_OUT_OF_FOLD = OutOfFold((), np.empty(0, np.int64), (), np.empty(0, np.int64), np.empty((0, 0)), np.empty(0))


class Trial(NamedTuple):
    """What tuning found of a candidate in folds by group: on how many tracks, log loss, accuracy; if it was chosen.

    ``failed`` says why it could not be fitted; its log loss is infinite then.
    """

    name: str
    tracks: int
    log_loss: float
    accuracy: float
    seconds: float
    chosen: bool = False
    failed: str = ""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A genre model of a user's own; see :mod:`recsys.genre.model_store` for its file.

    ``labels`` is where its labels are from as one types it, ``source`` in words. ``baselines`` are what others said of
    the same tracks by name, each (n, c), with the same folds; ``tried`` what tuning tried.
    """

    name: str
    version: int
    made: str
    genres: tuple[str, ...]
    algorithm: str
    features: str
    feature_version: int
    labels: str
    source: str
    grouped_by: str
    fingerprint: str
    members: tuple[EnsembleMember, ...]
    fusion: Fusion
    answers: OutOfFold
    baselines: dict[str, DoubleArray]
    tried: tuple[Trial, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def probabilities(self, vectors: FloatArray, groups: IdArray | None = None) -> DoubleArray:
        """Probability of each genre, (n, c), of normalised vectors (n, D); ``groups`` (n,) are heard together."""
        return self.fusion.probabilities([member.logits(vectors) for member in self.members], groups)

    def predict(self, vectors: FloatArray, groups: IdArray | None = None) -> list[GenrePrediction]:
        """Genre of n tracks; "unknown" where the best guess, which stands first of its genres, is too doubtful."""
        return self.to_predictions(self.probabilities(vectors, groups))

    def to_predictions(self, probabilities: DoubleArray) -> list[GenrePrediction]:
        """What :meth:`predict` says where these are the probabilities (n, c)."""
        found, name = [], str(self)
        for order, row in zip(np.argsort(-probabilities, kind="stable"), probabilities.tolist(), strict=True):
            genres = {self.genres[i]: row[i] for i in order}
            best = self.genres[order[0]]
            told = best if genres[best] >= self.fusion.threshold else UNKNOWN
            found.append(GenrePrediction(told, genres[best], genres, name))
        return found


class Comparison(NamedTuple):
    """The accuracy of two models on the tracks that both were judged on, without their artist, by the same label."""

    tracks: int
    before: float
    since: float


def compare(before: TrainedModel, since: TrainedModel, labels: Mapping[str, Collection[str]]) -> Comparison | None:
    """How two models did on the tracks that both have learned from, each without the artist of the track.

    ``labels`` are those of each path, in small letters; of several, any that is guessed is right. None where less
    than half of the tracks are the same.
    """
    old, new = _out_of_fold_guesses(before), _out_of_fold_guesses(since)
    same = [path for path in new if path in old and path in labels]
    if 2 * len(same) < max(len(old), len(new)):
        return None
    right = [np.mean([guesses[path] in labels[path] for path in same]) for guesses in (old, new)]
    return Comparison(len(same), float(right[0]), float(right[1]))


def _out_of_fold_guesses(model: TrainedModel) -> dict[str, str]:
    """The best guess, in small letters, by path."""
    best = model.answers.probabilities.argmax(axis=1).tolist()
    return {path: model.genres[i].casefold() for path, i in zip(model.answers.paths, best, strict=True)}


def find_label_issues(model: TrainedModel) -> list[tuple[str, str, str, float, float]]:
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
