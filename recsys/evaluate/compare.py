"""Two scorecards side by side: what has become better or worse since."""

import json
from pathlib import Path
from typing import Any

from recsys.errors import InvalidRequest
from recsys.evaluate.scorecard import FORMAT, METRICS
from recsys.evaluate.similarity_models import SYSTEM

_SPLIT = ("tracks", "queries", "genres", "artists", "labels")


def read_scorecard(path: Path) -> dict[str, Any]:
    """A record that ``recsys evaluate --json`` printed.

    Raises
    ------
    InvalidRequest
        There is none, or it is something else.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path} is no JSON; make one: recsys evaluate --json > {path.name}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT or "similarity" not in record:
        raise InvalidRequest(f"{path} is no scorecard of this version; make one: recsys evaluate --json > {path.name}")
    return record


def compare_scorecards(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """For each metric of similarity that both have: old, new and difference; and a caution, or None."""
    mine, theirs = new["similarity"][SYSTEM], old["similarity"].get(SYSTEM, {})
    metrics = {}
    for name in METRICS:
        if name in mine and name in theirs:
            before, now = theirs[name]["mean"], mine[name]["mean"]
            metrics[name] = {"old": before, "new": now, "difference": now - before}
    return {"metrics": metrics, "caution": _warnings(new, old)}


def _warnings(new: dict[str, Any], old: dict[str, Any]) -> str | None:
    """Why the two must not be compared without a word; None where they may."""
    differing = [f"{name} {old.get(name)} → {new[name]}" for name in _SPLIT if old.get(name) != new[name]]
    return f"not the same music or labels: {', '.join(differing)}" if differing else None
