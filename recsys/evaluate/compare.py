"""Comparison of two scorecards: the difference of every similarity metric."""

import json
from pathlib import Path
from typing import Any

from recsys.errors import Hint, InvalidRequest
from recsys.evaluate.scorecard import FORMAT, METRICS
from recsys.evaluate.similarity_models import SYSTEM

_READABLE_FORMATS = (1, FORMAT)
_RENAMED_METRICS = {"never": "never_recommended"}  # from format 1 to 2
_SPLIT = ("tracks", "queries", "genres", "artists", "labels")


def read_scorecard(path: Path) -> dict[str, Any]:
    """Read a scorecard from a JSON file.

    Raises
    ------
    InvalidRequest
        If the file cannot be read, is not JSON, or is not a scorecard of a known format.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _invalid(f"{path} is not JSON", path) from error
    if not _is_scorecard(record):
        raise _invalid(f"{path} is not a scorecard of format {FORMAT}", path)
    return _with_new_names(record)


def _is_scorecard(record: Any) -> bool:
    if not isinstance(record, dict) or record.get("format") not in _READABLE_FORMATS:
        return False
    similarity = record.get("similarity")
    return isinstance(similarity, dict) and all(isinstance(scores, dict) for scores in similarity.values())


def _with_new_names(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the present names of metrics."""
    similarity = {
        method: {_RENAMED_METRICS.get(name, name): score for name, score in scores.items()}
        for method, scores in record["similarity"].items()
    }
    return {**record, "similarity": similarity}


def _invalid(message: str, path: Path) -> InvalidRequest:
    return InvalidRequest(message, hint=Hint.MAKE_SCORECARD, hint_values={"file": "before.json"})


def compare_scorecards(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Compare the similarity of recsys in two scorecards.

    Returns
    -------
    dict
        "metrics": old value, new value and difference of each metric that both have. "caution": why they are not
        comparable, or None.
    """
    new_scores, old_scores = new["similarity"][SYSTEM], old["similarity"].get(SYSTEM, {})
    metrics = {}
    for name in METRICS:
        if name in new_scores and name in old_scores:
            before, after = old_scores[name]["mean"], new_scores[name]["mean"]
            metrics[name] = {"old": before, "new": after, "difference": after - before}
    return {"metrics": metrics, "caution": _caution(new, old)}


def _caution(new: dict[str, Any], old: dict[str, Any]) -> str | None:
    """Why the two are not comparable: they are of different music or labels. None if they are."""
    differing = [f"{name} {old.get(name)} → {new[name]}" for name in _SPLIT if old.get(name) != new[name]]
    return f"not the same music or labels: {', '.join(differing)}" if differing else None
