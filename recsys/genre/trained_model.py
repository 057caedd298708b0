"""A trained genre model and its out-of-fold predictions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.tracks import UNKNOWN
from recsys.genre.dimensions import Vectors
from recsys.genre.fusion import Fusion
from recsys.genre.members import EnsembleMember


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Predictions for n training tracks, each by a model fitted without the group of the track.

    Parameters
    ----------
    paths : tuple of str, n
    truth : (n,)
        Number of the labelled genre.
    groups : tuple of str, n
        Name of the artist, album or track.
    folds : (n,)
        Numbers from 0 on.
    probabilities : (n, c)
    thresholds : (n,), in [0, 1]
        Probability below which the genre is "unknown", fitted without the fold of the track.
    """

    paths: tuple[str, ...]
    truth: IdArray
    groups: tuple[str, ...]
    folds: IdArray
    probabilities: DoubleArray
    thresholds: DoubleArray


#: Of a model that was loaded to predict only.
NO_OUT_OF_FOLD = OutOfFold((), np.empty(0, np.int64), (), np.empty(0, np.int64), np.empty((0, 0)), np.empty(0))


class Trial(NamedTuple):
    """A candidate of tuning, cross-validated by group on ``tracks`` tracks.

    ``failed`` is the reason why it could not be fitted, else ""; its log loss is infinite then.
    """

    name: str
    tracks: int
    log_loss: float
    accuracy: float
    seconds: float
    chosen: bool = False
    failed: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The trial as JSON, which has no infinity: the log loss of a failed trial is None."""
        return self._asdict() | {"log_loss": None if self.failed else self.log_loss}


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A genre model trained on a user's labels; :mod:`recsys.genre.model_store` describes its file.

    Parameters
    ----------
    name, version
        Which model it is.
    trained_at : str
        ISO 8601 time.
    genres : tuple of str
        The c classes.
    algorithm, features : str
        See :mod:`recsys.genre.algorithms`.
    feature_version : int
        Version of the features that it was trained on.
    labels, source : str
        Where its labels are from: as an argument ("tags", "folders" or the path of a CSV file) and as a description.
    group_kind : str
        What most groups are: "artist", "album" or "track".
    fingerprint : str
        Of the training set, see :meth:`recsys.genre.training_set.TrainingSet.fingerprint`.
    members, fusion
        The fitted ensemble.
    out_of_fold : OutOfFold
        Cross-validated predictions for the training tracks.
    baselines : dict of str to (n, c)
        Probabilities for the same tracks by other methods, in the same folds.
    trials : tuple of Trial
        Candidates of tuning; empty if the model was not tuned.
    """

    name: str
    version: int
    trained_at: str
    genres: tuple[str, ...]
    algorithm: str
    features: str
    feature_version: int
    labels: str
    source: str
    group_kind: str
    fingerprint: str
    members: tuple[EnsembleMember, ...]
    fusion: Fusion
    out_of_fold: OutOfFold
    baselines: dict[str, DoubleArray]
    trials: tuple[Trial, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def probabilities(self, vectors: Vectors, groups: IdArray | None = None) -> DoubleArray:
        """Probability (n, c) of each genre.

        Parameters
        ----------
        vectors : (n, D)
            Normalised.
        groups : (n,), optional
            Numbers from 0 on; tracks of one group, such as an artist, are combined. None: each track by itself.
        """
        return self.fusion.probabilities([member.logits(vectors) for member in self.members], groups)

    def predict(self, vectors: FloatArray, groups: IdArray | None = None) -> list[GenrePrediction]:
        """Genre of each of n tracks; "unknown" where the probability of the first of its genres is too low."""
        return self.to_predictions(self.probabilities(vectors, groups))

    def to_predictions(self, probabilities: DoubleArray) -> list[GenrePrediction]:
        """Predictions from the probabilities (n, c) of :meth:`probabilities`."""
        predictions, name = [], str(self)
        for order, row in zip(np.argsort(-probabilities, kind="stable"), probabilities.tolist(), strict=True):
            genres = {self.genres[i]: row[i] for i in order}
            best = self.genres[order[0]]
            genre = best if genres[best] >= self.fusion.threshold else UNKNOWN
            predictions.append(GenrePrediction(genre, genres[best], genres, name))
        return predictions


class Comparison(NamedTuple):
    """Out-of-fold accuracy of two models on the ``tracks`` tracks that both were trained on, by the same labels."""

    tracks: int
    before: float
    since: float


def compare(before: TrainedModel, since: TrainedModel, labels: Mapping[str, Collection[str]]) -> Comparison | None:
    """Out-of-fold accuracy of two models on the tracks that both were trained on.

    Parameters
    ----------
    before, since
        The older and the newer model.
    labels
        Current labels of each path, in lower case; a prediction is correct if it is one of them.

    Returns
    -------
    Comparison or None
        None if the models share less than half of the tracks of the larger training set.
    """
    old, new = _out_of_fold_genres(before), _out_of_fold_genres(since)
    shared = [path for path in new if path in old and path in labels]
    if 2 * len(shared) < max(len(old), len(new)):
        return None
    accuracies = [np.mean([predicted[path] in labels[path] for path in shared]) for predicted in (old, new)]
    return Comparison(len(shared), float(accuracies[0]), float(accuracies[1]))


def _out_of_fold_genres(model: TrainedModel) -> dict[str, str]:
    """The most probable genre, in lower case, by path."""
    best = model.out_of_fold.probabilities.argmax(axis=1).tolist()
    return {path: model.genres[i].casefold() for path, i in zip(model.out_of_fold.paths, best, strict=True)}


def find_label_issues(model: TrainedModel, limit: int | None = None) -> list[tuple[str, str, str, float, float]]:
    """Training tracks whose out-of-fold prediction differs from their label (cleanlab: label issues).

    Returns
    -------
    list of (path, label, predicted, label probability, predicted probability)
        The largest ratio of the two probabilities first.
    """
    found = model.out_of_fold
    rows: Any = np.arange(len(found.truth))
    label_probability = found.probabilities[rows, found.truth]
    best = found.probabilities.argmax(axis=1)
    best_probability = found.probabilities[rows, best]
    log_ratio = np.log(best_probability + 1e-12) - np.log(label_probability + 1e-12)
    order = np.argsort(-log_ratio, kind="stable")
    order = order[best[order] != found.truth[order]][:limit]
    return [
        (
            found.paths[i], model.genres[found.truth[i]], model.genres[best[i]], float(label_probability[i]),
            float(best_probability[i]),
        )
        for i in order
    ]  # fmt: skip
