"""What a model's file says of it, of unknown origin: every field has its type and its range, or is refused.

All functions raise ValueError, TypeError or LookupError for invalid values.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from recsys.domain.arrays import DoubleArray
from recsys.genre.algorithms import FEATURES
from recsys.genre.collective import Collective
from recsys.genre.fusion import Fusion
from recsys.genre.trained_model import OutOfFold, Trial

_MAX_LENGTH = 10_000  # letters of a text
_MAX_COUNT = 10**9  # number that counts something
_MAX_TEMPERATURE = 1e9  # temperature
_SUM_TOLERANCE = 1e-6  # by how much a sum of probabilities may be over


def validate_metadata(raw: Any) -> dict[str, Any]:
    """The facts of a parsed model.json, in the types of :class:`~recsys.genre.trained_model.TrainedModel`."""
    if type(raw) is not dict:
        raise ValueError("model.json lacks entries")
    genres = tuple(_text(genre) for genre in _list(raw["genres"]))
    if len(genres) < 2 or len(set(genres)) != len(genres) or not all(genres):
        raise ValueError("its genres are not two or more")
    datetime.fromisoformat(_text(raw["made"]))
    if raw["grouped_by"] not in ("artist", "album", "track"):
        raise ValueError("its groups are neither artists nor albums")
    if not re.fullmatch("[0-9a-f]{64}", _text(raw["fingerprint"])):
        raise ValueError("its fingerprint is none")
    members = tuple(tuple(_list(groups)) for groups in _list(raw["members"]))
    if not members or not all(groups and set(groups) <= set(FEATURES["all"]) for groups in members):
        raise ValueError("its members see groups of features that there are not")
    texts = {key: _text(raw[key]) for key in ("made", "algorithm", "features", "labels", "source", "fingerprint")}
    counts = {key: _count(raw[key]) for key in ("version", "feature_version", "tracks")}
    return texts | counts | {
        "accuracy": _number(raw["accuracy"], 0, 1), "genres": genres, "grouped_by": raw["grouped_by"],
        "members": members,
        "fusion": _fusion(raw["fusion"], len(members)), "tried": tuple(map(_trial, _list(raw["tried"]))),
    }  # fmt: skip


def validate_predictions(raw: Mapping[str, Any], classes: int) -> OutOfFold:
    """The answers of which the texts are lists, and the numbers lists or arrays."""
    paths, groups = (tuple(_text(one) for one in _list(raw[key])) for key in ("paths", "groups"))
    n = len(paths)
    truth, folds = (_integers(raw[key], n) for key in ("truth", "folds"))
    if not n or len(groups) != n or not (truth.min() >= 0 and truth.max() < classes):
        raise ValueError("its answers do not agree")
    if np.unique(folds).tolist() != list(range(int(folds.max()) + 1)):
        raise ValueError("its folds are not those of a training")
    thresholds = np.asarray(raw["thresholds"], np.float64)
    if thresholds.shape != (n,) or not ((thresholds >= 0) & (thresholds <= 1 + _SUM_TOLERANCE)).all():
        raise ValueError("its thresholds are no probabilities")
    return OutOfFold(paths, truth, groups, folds, validate_probabilities(raw["probabilities"], n, classes), thresholds)


def validate_probabilities(raw: Any, n: int, classes: int) -> DoubleArray:
    """Probabilities (n, c), of which each row has a sum of one."""
    found = np.asarray(raw, np.float64)
    if found.shape != (n, classes):
        raise ValueError("its answers do not agree")
    if not ((found >= 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("its answers are no probabilities")
    return found


def _integers(raw: Any, n: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    found = np.asarray(raw)
    if found.shape != (n,) or found.dtype.kind not in "iu":
        raise ValueError("its answers do not agree")
    return found.astype(np.int64)


def _fusion(raw: Any, members: int) -> Fusion:
    temperatures = tuple(map(_temperature, _list(raw["temperatures"])))
    weight, temperature = _list(raw["collective"])
    if len(temperatures) != members:
        raise ValueError("its temperatures do not agree")
    return Fusion(
        temperatures,
        _temperature(raw["temperature"]),
        Collective(_number(weight, 0, 100), _temperature(temperature)),
        _number(raw["threshold"], 0, 1 + _SUM_TOLERANCE),
    )


def _trial(raw: Any) -> Trial:
    wanted: dict[str, Callable[[Any], Any]] = {
        "name": _text, "tracks": _count, "accuracy": lambda share: _number(share, 0, 1),
        "log_loss": lambda loss: math.inf if loss is None else _number(loss, -_SUM_TOLERANCE),
        "seconds": lambda seconds: _number(seconds, 0), "chosen": _flag,
        "failed": _text,
    }  # fmt: skip
    found = Trial(**{key: read(raw[key]) for key, read in wanted.items()})
    if math.isinf(found.log_loss) != bool(found.failed):
        raise ValueError("what was tried has no loss")
    return found


def _list(raw: Any) -> list[Any]:
    if type(raw) is not list:
        raise ValueError("a list is something else")
    return raw


def _text(raw: Any) -> str:
    if type(raw) is not str or len(raw) > _MAX_LENGTH:
        raise ValueError("a text is something else")
    return raw


def _flag(raw: Any) -> bool:
    if type(raw) is not bool:
        raise ValueError("a flag is something else")
    return raw


def _count(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw <= _MAX_COUNT:
        raise ValueError("a number is something else")
    return raw


def _number(raw: Any, low: float, high: float = _MAX_TEMPERATURE) -> float:
    if type(raw) not in (int, float) or not low <= raw <= high:  # and so no NaN
        raise ValueError("a number is something else")
    return float(raw)


def _temperature(raw: Any) -> float:
    return _number(raw, 1e-9)
