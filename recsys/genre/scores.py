"""How good a genre model is, by answers on tracks whose artist it has not heard.

Accuracy, balanced accuracy; precision, recall and F1 of each genre, their macro and weighted means; confusion matrix
(rows the truth); expected calibration error; and how accuracy rises where the doubtful are left unanswered.
95 % intervals by bootstrap over groups: all tracks of an artist come or stay away together.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.genre.calibration import calibration_error, reliability
from recsys.genre.trained_model import TrainedModel

SAMPLES = 1000
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)


def scorecard(model: TrainedModel) -> dict[str, Any]:
    """What a model is, its split, its scores on tracks of artists it has not heard, the first fold's, baselines."""
    predicted = model.answers
    held = predicted.folds == 0
    groups = np.array(predicted.groups)
    return {
        "name": model.name,
        "version": model.version,
        "made": model.made,
        "algorithm": model.algorithm,
        "features": model.features,
        "feature_version": model.feature_version,
        "labels": model.source,
        "fingerprint": model.fingerprint,
        "genres": list(model.genres),
        "company": model.fusion.collective.weight,
        "threshold": model.fusion.threshold,
        "split": {
            "by": model.grouped_by,
            "folds": int(predicted.folds.max()) + 1,
            "groups": len(set(predicted.groups)),
            "tracks_by": Counter(group.split(" ", 1)[0] for group in predicted.groups),
            "tracks": len(predicted.truth),
            "test": int(held.sum()),
        },
        "scores": classification_scores(
            predicted.truth, predicted.probabilities, predicted.groups, model.genres, predicted.thresholds
        ),
        "test": classification_scores(
            predicted.truth[held], predicted.probabilities[held], groups[held].tolist(), model.genres
        ),
        "baselines": {
            name: classification_scores(predicted.truth, probabilities, predicted.groups, model.genres)
            for name, probabilities in model.baselines.items()
        },
        "tried": [
            one._asdict() | {"log_loss": None if one.failed else one.log_loss} for one in model.tried
        ],  # JSON has no infinity
    }


def classification_scores(
    truth: IdArray,
    probabilities: DoubleArray,
    groups: Sequence[str],
    genres: Sequence[str],
    thresholds: DoubleArray | None = None,
) -> dict[str, Any]:
    """All scores of answers (n, c) to tracks whose genre is ``truth`` (n,), as plain values.

    ``thresholds`` (n,) are the probabilities below which nothing is said; what is said in spite of them counts in all
    scores but "answered" and "accuracy_answered".
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = predicted == truth
    labels = np.arange(len(genres))
    kinds = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    means = {
        kind: precision_recall_fscore_support(truth, predicted, labels=labels, average=kind, zero_division=0)[:3]
        for kind in ("macro", "weighted")
    }
    found: dict[str, Any] = {
        "tracks": len(truth),
        "accuracy": _with_interval(truth, predicted, groups, _accuracy),
        "balanced_accuracy": _with_interval(truth, predicted, groups, _balanced),
        "f1_macro": _with_interval(truth, predicted, groups, _f1),
        "calibration_error": calibration_error(sure, right),
        "log_loss": float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean()),
        "genres": {
            genre: dict(zip(("precision", "recall", "f1"), map(float, row), strict=True)) | {"tracks": int(tracks)}
            for genre, *row, tracks in zip(genres, *kinds, strict=True)
        },
        "means": {k: dict(zip(("precision", "recall", "f1"), map(float, v), strict=True)) for k, v in means.items()},
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "reliability": reliability(sure, right),
        "coverage": _coverage(sure, right),
    }
    if thresholds is not None:
        told = sure >= thresholds
        found["answered"] = float(told.mean())
        found["accuracy_answered"] = float(right[told].mean()) if told.any() else None
    return found


def _accuracy(truth: IdArray, predicted: IdArray) -> float:
    return float((truth == predicted).mean())


def _balanced(truth: IdArray, predicted: IdArray) -> float:
    return float(np.mean([(predicted[truth == genre] == genre).mean() for genre in np.unique(truth)]))


def _f1(truth: IdArray, predicted: IdArray) -> float:
    scores = []
    for genre in np.unique(truth):
        hits = float(((truth == genre) & (predicted == genre)).sum())
        scores.append(2 * hits / float((truth == genre).sum() + (predicted == genre).sum()))
    return float(np.mean(scores))


def _with_interval(truth: IdArray, predicted: IdArray, groups: Sequence[str], metric: Any) -> dict[str, float]:
    rng = np.random.default_rng(0)
    _, number = np.unique(np.asarray(groups), return_inverse=True)
    rows = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    drawn = []
    for _ in range(SAMPLES):
        chosen = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        drawn.append(metric(truth[chosen], predicted[chosen]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"mean": metric(truth, predicted), "low": float(low), "high": float(high)}


def _coverage(sure: DoubleArray, right: Any) -> list[dict[str, float]]:
    """Accuracy of the surest shares of all answers."""
    order = np.argsort(-sure, kind="stable")
    found = []
    for share in COVERAGES:
        kept = order[: max(1, round(share * len(order)))]
        found.append({"coverage": share, "accuracy": float(right[kept].mean()), "probability": float(sure[kept].min())})
    return found
