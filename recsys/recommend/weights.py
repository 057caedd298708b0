"""How much each like and dislike counts: by its strength, how often the track was played, how long ago it was said."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from recsys.domain.tracks import Rating

HALF_LIFE = 730.0
"""Days after which an opinion counts half."""
FLOOR = 0.25
"""What age leaves of it at least: what was loved ten years ago is still no stranger."""

_DAY = 86400.0


def weights(ratings: Mapping[int, Rating], now: datetime) -> dict[int, float]:
    """What each opinion weighs beside the others; its sign is ``value``.

    The strength, times 1 + log10(1 + plays) for likes (nine plays double it, ninety-nine treble it: a habit tells more
    than an hour, but not a hundred times more), times 2^(-age / ``HALF_LIFE``) but no less than ``FLOOR``. A dislike is
    not made stronger by the plays before it was said. What is of the future, or of no known time, is new.

    Parameters
    ----------
    ratings : mapping of track id to :class:`recsys.domain.tracks.Rating`
    now : the moment at which they are weighed

    Returns
    -------
    dict of track id to weight, positive, in the order of ``ratings``

    Examples
    --------
    >>> then = datetime(2024, 1, 1, tzinfo=UTC)
    >>> at = then.isoformat()
    >>> weights({1: Rating(1, rated_at=at), 2: Rating(1, 0.5, 9, at), 3: Rating(-1, 0.5, 9, at)}, then)
    {1: 1.0, 2: 1.0, 3: 0.5}
    """
    return {i: rating.strength * _play_weight(rating) * _freshness(rating.rated_at, now) for i, rating in ratings.items()}


def _play_weight(rating: Rating) -> float:
    return 1 + math.log10(1 + rating.plays) if rating.value > 0 else 1.0


def _freshness(at: str, now: datetime) -> float:
    try:
        said = datetime.fromisoformat(at)
    except ValueError:
        return 1.0
    said = said if said.tzinfo else said.replace(tzinfo=UTC)
    days = max(0.0, (now - said).total_seconds() / _DAY)
    return max(FLOOR, math.exp2(-days / HALF_LIFE))
