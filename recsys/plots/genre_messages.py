"""What the scores of a genre model say, in sentences: the same in a terminal and on a page."""

from collections.abc import Mapping
from typing import Any

Card = Mapping[str, Any]  # what recsys.genre.scores.scored says of a model

NO_IMPROVEMENT = "nothing was surely better than the blend that everyone gets, which is kept"
FIRST_FOLD = "one of the folds above by itself: what a single split into training and test set would have told"


def rejection_message(card: Card) -> str:
    """When the model says "unknown", and what that was worth in the folds."""
    scores, threshold = card["scores"], card["threshold"]
    # The best of c genres has a probability of 1 / c or more.
    always = threshold <= 1 / len(card["genres"])
    now = "it always answers" if always else f"below a probability of {threshold:.2f} it says unknown"
    right = scores["accuracy_answered"]
    told = "nothing answered" if right is None else f"{scores['answered']:.0%} answered, {right:.3f} of them right"
    return f"{now}; in the folds, each with the threshold that the others chose: {told}"


def context_message(card: Card) -> str:
    """How much tracks of one artist say of each other; nothing where they do not."""
    by = card["split"]["by"]
    return f"the tracks of one {by} are heard together, the others at a weight of {card['company']:g}"


def tuning_kept_default(card: Card) -> bool:
    """Whether tuning has found nothing."""
    return bool(card["tried"]) and card["algorithm"] != "tuned"
