"""Validation of the metadata and out-of-fold predictions in a model file of unknown origin.

Every field is checked for its type and range. All functions raise ValueError, TypeError or LookupError for an invalid
or missing value.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.genre.collective import Collective
from recsys.genre.dimensions import FEATURES
from recsys.genre.fusion import Fusion
from recsys.genre.trained_model import OutOfFold, Trial

_MAX_LENGTH = 10_000  # characters of a string
_MAX_COUNT = 10**9
_MAX_NUMBER = 1e9
_TOLERANCE = 1e-6  # rounding error of a probability


def validate_metadata(raw: Any) -> dict[str, Any]:
    """The metadata of a parsed model.json, in the types of :class:`~recsys.genre.trained_model.TrainedModel`.

    The keys are those of the file.
    """
    if type(raw) is not dict:
        raise ValueError("model.json is not an object")
    genres = tuple(_text(genre) for genre in _list(raw["genres"]))
    if len(genres) < 2 or len(set(genres)) != len(genres) or not all(genres):
        raise ValueError("it must have two or more different genres")
    datetime.fromisoformat(_text(raw["made"]))
    if raw["grouped_by"] not in ("artist", "album", "track"):
        raise ValueError("its groups are not artists, albums or tracks")
    if not re.fullmatch("[0-9a-f]{64}", _text(raw["fingerprint"])):
        raise ValueError("its fingerprint is not a SHA-256 digest")
    members = tuple(tuple(_list(groups)) for groups in _list(raw["members"]))
    if not members or not all(groups and set(groups) <= set(FEATURES["all"]) for groups in members):
        raise ValueError("its members use unknown groups of features")
    texts = {key: _text(raw[key]) for key in ("made", "algorithm", "features", "labels", "source", "fingerprint")}
    counts = {key: _count(raw[key]) for key in ("version", "feature_version", "tracks")}
    return texts | counts | {
        "accuracy": _number(raw["accuracy"], 0, 1), "genres": genres, "grouped_by": raw["grouped_by"],
        "members": members,
        "fusion": _fusion(raw["fusion"], len(members)), "tried": tuple(map(_trial, _list(raw["tried"]))),
    }  # fmt: skip


def validate_predictions(raw: Mapping[str, Any], classes: int) -> OutOfFold:
    """Out-of-fold predictions from lists of strings, and lists or arrays of numbers."""
    paths, groups = (tuple(map(_text, _list(raw[key]))) for key in ("paths", "groups"))
    n = len(paths)
    truth, folds = (_integers(raw[key], n) for key in ("truth", "folds"))
    if not n or len(groups) != n or not (truth.min() >= 0 and truth.max() < classes):
        raise ValueError("its out-of-fold predictions have different lengths or unknown genres")
    if np.unique(folds).tolist() != list(range(int(folds.max()) + 1)):
        raise ValueError("its folds are not numbered from 0 without gaps")
    thresholds = np.asarray(raw["thresholds"], np.float64)
    if thresholds.shape != (n,) or not ((thresholds >= 0) & (thresholds <= 1 + _TOLERANCE)).all():
        raise ValueError("its thresholds are not probabilities")
    return OutOfFold(paths, truth, groups, folds, validate_probabilities(raw["probabilities"], n, classes), thresholds)


def validate_probabilities(raw: Any, n: int, classes: int) -> DoubleArray:
    """Probabilities (n, c) whose rows sum to 1."""
    probabilities = np.asarray(raw, np.float64)
    if probabilities.shape != (n, classes):
        raise ValueError(f"its probabilities have the shape {probabilities.shape}, not {(n, classes)}")
    if not ((probabilities >= 0).all() and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("its probabilities are negative or do not sum to 1")
    return probabilities


def _integers(raw: Any, n: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    numbers = np.asarray(raw)
    if numbers.shape != (n,) or numbers.dtype.kind not in "iu":
        raise ValueError(f"its folds or genres are not {n} integers")
    return numbers.astype(np.int64)


def _fusion(raw: Any, members: int) -> Fusion:
    temperatures = tuple(map(_temperature, _list(raw["temperatures"])))
    weight, temperature = _list(raw["collective"])
    if len(temperatures) != members:
        raise ValueError("it must have one temperature for each member")
    return Fusion(
        temperatures,
        _temperature(raw["temperature"]),
        Collective(_number(weight, 0, 100), _temperature(temperature)),
        _number(raw["threshold"], 0, 1 + _TOLERANCE),
    )


def _trial(raw: Any) -> Trial:
    readers: dict[str, Callable[[Any], Any]] = {
        "name": _text, "tracks": _count, "accuracy": lambda share: _number(share, 0, 1),
        "log_loss": lambda loss: math.inf if loss is None else _number(loss, -_TOLERANCE),
        "seconds": lambda seconds: _number(seconds, 0), "chosen": _flag,
        "failed": _text,
    }  # fmt: skip
    trial = Trial(**{key: read(raw[key]) for key, read in readers.items()})
    if math.isinf(trial.log_loss) != bool(trial.failed):
        raise ValueError("a trial of its tuning has no log loss")
    return trial


def _list(raw: Any) -> list[Any]:
    if type(raw) is not list:
        raise ValueError(f"expected a list, got {type(raw).__name__}")
    return raw


def _text(raw: Any) -> str:
    if type(raw) is not str or len(raw) > _MAX_LENGTH:
        raise ValueError(f"expected a string of at most {_MAX_LENGTH} characters, got {type(raw).__name__}")
    return raw


def _flag(raw: Any) -> bool:
    if type(raw) is not bool:
        raise ValueError(f"expected true or false, got {type(raw).__name__}")
    return raw


def _count(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw <= _MAX_COUNT:
        raise ValueError(f"expected an integer from 0 to {_MAX_COUNT}")
    return raw


def _number(raw: Any, low: float, high: float = _MAX_NUMBER) -> float:
    if type(raw) not in (int, float) or not low <= raw <= high:  # refuses NaN as well
        raise ValueError(f"expected a number from {low:g} to {high:g}")
    return float(raw)


def _temperature(raw: Any) -> float:
    return _number(raw, 1e-9)
