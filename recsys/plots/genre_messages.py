"""Sentences about the scorecard of a genre model, for the terminal and the HTML page."""

from collections.abc import Mapping
from typing import Any

Card = Mapping[str, Any]  # the record of recsys.genre.scores.scorecard

NO_IMPROVEMENT = "no candidate was significantly better than the default ensemble, which is kept"
FIRST_FOLD = "one of the folds above, as a single split into training and test set"


def rejection_message(card: Card) -> str:
    """When the model predicts "unknown", and how many predictions that rejects in cross-validation."""
    scores, threshold = card["scores"], card["threshold"]
    # The most probable of c genres has a probability of at least 1 / c.
    if threshold <= 1 / len(card["genres"]):
        rule = "no prediction is rejected"
    else:
        rule = f"a genre below a probability of {threshold:.2f} is unknown"
    accuracy = scores["accuracy_answered"]
    result = "nothing predicted" if accuracy is None else f"{scores['answered']:.0%} predicted, {accuracy:.3f} correct"
    return f"{rule}; in cross-validation, each fold with the threshold of the others: {result}"


def context_message(card: Card) -> str:
    """The weight of the same-artist context."""
    group, weight = card["split"]["by"], card["same_artist_weight"]
    return f"predictions use the other tracks of the {group}, with a weight of {weight:g}"


def tuning_kept_default(card: Card) -> bool:
    """Whether the model was tuned and no candidate was better than the default ensemble."""
    return bool(card["trials"]) and card["algorithm"] != "tuned"
