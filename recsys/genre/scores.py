"""The scorecard of a genre model, from its out-of-fold predictions.

Accuracy and balanced accuracy; precision, recall and F1 of each genre, their macro and weighted means; confusion matrix
(rows are labels); expected calibration error; and accuracy against coverage, which rises if uncertain predictions are
rejected. 95 % intervals are by bootstrap over groups: the tracks of an artist are drawn together.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import calibration_error, reliability
from recsys.genre.trained_model import TrainedModel

BOOTSTRAP_SAMPLES = 1000
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)


def scorecard(model: TrainedModel) -> dict[str, Any]:
    """The record of a model: metadata, the split, out-of-fold scores, those of the first fold, baselines and trials."""
    predicted = model.out_of_fold
    first_fold = predicted.folds == 0
    groups = np.array(predicted.groups)
    return {
        "name": model.name,
        "version": model.version,
        "made": model.trained_at,
        "algorithm": model.algorithm,
        "features": model.features,
        "feature_version": model.feature_version,
        "labels": model.source,
        "fingerprint": model.fingerprint,
        "genres": list(model.genres),
        "same_artist_weight": model.fusion.collective.weight,
        "threshold": model.fusion.threshold,
        "split": {
            "by": model.group_kind,
            "folds": int(predicted.folds.max()) + 1,
            "groups": len(set(predicted.groups)),
            "groups_by_kind": Counter(group.split(" ", 1)[0] for group in predicted.groups),
            "tracks": len(predicted.truth),
            "test": int(first_fold.sum()),
        },
        "scores": classification_scores(
            predicted.truth, predicted.probabilities, predicted.groups, model.genres, predicted.thresholds
        ),
        "first_fold": classification_scores(
            predicted.truth[first_fold], predicted.probabilities[first_fold], groups[first_fold].tolist(), model.genres
        ),
        "baselines": {
            name: classification_scores(predicted.truth, probabilities, predicted.groups, model.genres)
            for name, probabilities in model.baselines.items()
        },
        "trials": [trial.to_dict() for trial in model.trials],
    }


def classification_scores(
    truth: IdArray,
    probabilities: DoubleArray,
    groups: Sequence[str],
    genres: Sequence[str],
    thresholds: DoubleArray | None = None,
) -> dict[str, Any]:
    """All scores of predictions, as plain values.

    Parameters
    ----------
    truth : (n,)
        The correct class of each track.
    probabilities : (n, c)
    groups : sequence of str, n
        Drawn together by the bootstrap.
    genres : sequence of str, c
    thresholds : (n,), optional
        Probabilities below which a prediction is rejected; adds "answered", the share that is not, and
        "accuracy_answered", their accuracy (None if all are rejected). All other scores ignore the thresholds.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    correct = predicted == truth
    labels = np.arange(len(genres))
    by_genre = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    means = {
        kind: precision_recall_fscore_support(truth, predicted, labels=labels, average=kind, zero_division=0)[:3]
        for kind in ("macro", "weighted")
    }
    found: dict[str, Any] = {
        "tracks": len(truth),
        **_with_intervals(truth, predicted, groups, len(genres)),
        "calibration_error": calibration_error(confidence, correct),
        "log_loss": float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean()),
        "genres": {
            genre: dict(zip(("precision", "recall", "f1"), map(float, row), strict=True)) | {"tracks": int(tracks)}
            for genre, *row, tracks in zip(genres, *by_genre, strict=True)
        },
        "means": {k: dict(zip(("precision", "recall", "f1"), map(float, v), strict=True)) for k, v in means.items()},
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "reliability": reliability(confidence, correct),
        "coverage": _coverage(confidence, correct),
    }
    if thresholds is not None:
        answered = confidence >= thresholds
        found["answered"] = float(answered.mean())
        found["accuracy_answered"] = float(correct[answered].mean()) if answered.any() else None
    return found


def _accuracy(confusion: DoubleArray) -> float:
    return float(np.trace(confusion) / confusion.sum())


def _balanced_accuracy(confusion: DoubleArray) -> float:
    tracks = confusion.sum(axis=1)
    labelled = tracks > 0
    return float(np.mean(np.diag(confusion)[labelled] / tracks[labelled]))


def _macro_f1(confusion: DoubleArray) -> float:
    tracks = confusion.sum(axis=1)
    labelled = tracks > 0
    return float(np.mean((2 * np.diag(confusion) / (tracks + confusion.sum(axis=0)).clip(min=1))[labelled]))


_METRICS: dict[str, Callable[[DoubleArray], float]] = {
    "accuracy": _accuracy, "balanced_accuracy": _balanced_accuracy, "f1_macro": _macro_f1,
}  # fmt: skip


def _with_intervals(
    truth: IdArray, predicted: IdArray, groups: Sequence[str], classes: int
) -> dict[str, dict[str, float]]:
    """Each of :data:`_METRICS` with its 95 % bootstrap interval over groups.

    Every metric is a function of the confusion matrix, and that of a sample is the sum of those of its groups.
    """
    rng = np.random.default_rng(0)
    _, number = np.unique(np.asarray(groups), return_inverse=True)
    count = int(number.max()) + 1
    cells = (np.ones(len(truth)), (number, truth * classes + predicted))
    by_group = csr_array(cells, shape=(count, classes * classes))
    samples: dict[str, list[float]] = {name: [] for name in _METRICS}
    for _ in range(BOOTSTRAP_SAMPLES):
        drawn = np.bincount(rng.integers(0, count, count), minlength=count)
        confusion = (drawn @ by_group).reshape(classes, classes)
        for name, metric in _METRICS.items():
            samples[name].append(metric(confusion))
    whole = by_group.sum(axis=0).reshape(classes, classes)
    found = {}
    for name, metric in _METRICS.items():
        low, high = np.percentile(samples[name], [2.5, 97.5])
        found[name] = {"mean": metric(whole), "low": float(low), "high": float(high)}
    return found


def _coverage(confidence: DoubleArray, correct: Any) -> list[dict[str, float]]:
    """Accuracy of the most confident predictions, for each share of :data:`COVERAGES`."""
    order = np.argsort(-confidence, kind="stable")
    found = []
    for share in COVERAGES:
        kept = order[: max(1, round(share * len(order)))]
        found.append(
            {"coverage": share, "accuracy": float(correct[kept].mean()), "probability": float(confidence[kept].min())}
        )
    return found
