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
from recsys.genre.trained_model import Answers, Tried

_LONGEST = 10_000  # letters of a text
_LARGEST = 10**9  # number that counts something
_HOTTEST = 1e9  # temperature
_ROUNDED = 1e-6  # by how much a sum of probabilities may be over


def checked(said: Any) -> dict[str, Any]:
    """The facts of a parsed model.json, in the types of :class:`~recsys.genre.trained_model.TrainedModel`."""
    if type(said) is not dict:
        raise ValueError("model.json lacks entries")
    genres = tuple(_text(genre) for genre in _list(said["genres"]))
    if len(genres) < 2 or len(set(genres)) != len(genres) or not all(genres):
        raise ValueError("its genres are not two or more")
    datetime.fromisoformat(_text(said["made"]))
    if said["grouped_by"] not in ("artist", "album", "track"):
        raise ValueError("its groups are neither artists nor albums")
    if not re.fullmatch("[0-9a-f]{64}", _text(said["fingerprint"])):
        raise ValueError("its fingerprint is none")
    members = tuple(tuple(_list(groups)) for groups in _list(said["members"]))
    if not members or not all(groups and set(groups) <= set(FEATURES["all"]) for groups in members):
        raise ValueError("its members see groups of features that there are not")
    texts = {key: _text(said[key]) for key in ("made", "algorithm", "features", "labels", "source", "fingerprint")}
    counts = {key: _count(said[key]) for key in ("version", "feature_version", "tracks")}
    return texts | counts | {
        "accuracy": _number(said["accuracy"], 0, 1), "genres": genres, "grouped_by": said["grouped_by"],
        "members": members,
        "fusion": _fusion(said["fusion"], len(members)), "tried": tuple(map(_tried, _list(said["tried"]))),
    }  # fmt: skip


def checked_answers(said: Mapping[str, Any], classes: int) -> Answers:
    """The answers of which the texts are lists, and the numbers lists or arrays."""
    paths, groups = (tuple(_text(one) for one in _list(said[key])) for key in ("paths", "groups"))
    n = len(paths)
    truth, folds = (_whole(said[key], n) for key in ("truth", "folds"))
    if not n or len(groups) != n or not (truth.min() >= 0 and truth.max() < classes):
        raise ValueError("its answers do not agree")
    if np.unique(folds).tolist() != list(range(int(folds.max()) + 1)):
        raise ValueError("its folds are not those of a training")
    thresholds = np.asarray(said["thresholds"], np.float64)
    if thresholds.shape != (n,) or not ((thresholds >= 0) & (thresholds <= 1 + _ROUNDED)).all():
        raise ValueError("its thresholds are no probabilities")
    return Answers(paths, truth, groups, folds, checked_shares(said["probabilities"], n, classes), thresholds)


def checked_shares(said: Any, n: int, classes: int) -> DoubleArray:
    """Probabilities (n, c), of which each row has a sum of one."""
    found = np.asarray(said, np.float64)
    if found.shape != (n, classes):
        raise ValueError("its answers do not agree")
    if not ((found >= 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("its answers are no probabilities")
    return found


def _whole(said: Any, n: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    found = np.asarray(said)
    if found.shape != (n,) or found.dtype.kind not in "iu":
        raise ValueError("its answers do not agree")
    return found.astype(np.int64)


def _fusion(said: Any, members: int) -> Fusion:
    temperatures = tuple(map(_temperature, _list(said["temperatures"])))
    weight, temperature = _list(said["collective"])
    if len(temperatures) != members:
        raise ValueError("its temperatures do not agree")
    return Fusion(
        temperatures,
        _temperature(said["temperature"]),
        Collective(_number(weight, 0, 100), _temperature(temperature)),
        _number(said["threshold"], 0, 1 + _ROUNDED),
    )


def _tried(said: Any) -> Tried:
    wanted: dict[str, Callable[[Any], Any]] = {
        "name": _text, "tracks": _count, "accuracy": lambda share: _number(share, 0, 1),
        "log_loss": lambda loss: math.inf if loss is None else _number(loss, -_ROUNDED),
        "seconds": lambda seconds: _number(seconds, 0), "chosen": _flag,
        "failed": _text,
    }  # fmt: skip
    found = Tried(**{key: read(said[key]) for key, read in wanted.items()})
    if math.isinf(found.log_loss) != bool(found.failed):
        raise ValueError("what was tried has no loss")
    return found


def _list(said: Any) -> list[Any]:
    if type(said) is not list:
        raise ValueError("a list is something else")
    return said


def _text(said: Any) -> str:
    if type(said) is not str or len(said) > _LONGEST:
        raise ValueError("a text is something else")
    return said


def _flag(said: Any) -> bool:
    if type(said) is not bool:
        raise ValueError("a flag is something else")
    return said


def _count(said: Any) -> int:
    if type(said) is not int or not 0 <= said <= _LARGEST:
        raise ValueError("a number is something else")
    return said


def _number(said: Any, least: float, most: float = _HOTTEST) -> float:
    if type(said) not in (int, float) or not least <= said <= most:  # and so no NaN
        raise ValueError("a number is something else")
    return float(said)


def _temperature(said: Any) -> float:
    return _number(said, 1e-9)
