"""Weights of ratings: by strength, number of plays and age."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from recsys.domain.tracks import Rating

HALF_LIFE = 730.0
"""Days after which the weight of a rating is halved."""
MIN_AGE_FACTOR = 0.25
"""The smallest factor for age: a like of ten years ago still counts."""

_DAY = 86400.0


def weights(ratings: Mapping[int, Rating], now: datetime) -> dict[int, float]:
    """Weight of each rating.

    The weight is the strength, times 1 + log10(1 + plays) for likes, times 2^(-age / ``HALF_LIFE``) but at least
    ``MIN_AGE_FACTOR``. Nine plays double a like and ninety-nine treble it: a habit is stronger evidence than one play,
    but not a hundred times stronger. Plays before a dislike do not strengthen it. A rating with a time in the future,
    or without a known time, has age 0.

    Parameters
    ----------
    ratings : mapping of int to Rating
        By track id.
    now : datetime
        The time at which ages are computed.

    Returns
    -------
    dict of int to float
        Positive weights in the order of ``ratings``; the sign of a rating is its ``value``.

    Examples
    --------
    >>> then = datetime(2024, 1, 1, tzinfo=UTC)
    >>> at = then.isoformat()
    >>> weights({1: Rating(1, rated_at=at), 2: Rating(1, 0.5, 9, at), 3: Rating(-1, 0.5, 9, at)}, then)
    {1: 1.0, 2: 1.0, 3: 0.5}
    """
    return {
        i: rating.strength * _play_weight(rating) * _freshness(rating.rated_at, now) for i, rating in ratings.items()
    }


def _play_weight(rating: Rating) -> float:
    return 1 + math.log10(1 + rating.plays) if rating.value > 0 else 1.0


def _freshness(at: str, now: datetime) -> float:
    try:
        rated_at = datetime.fromisoformat(at)
    except ValueError:
        return 1.0
    rated_at = rated_at if rated_at.tzinfo else rated_at.replace(tzinfo=UTC)
    days = max(0.0, (now - rated_at).total_seconds() / _DAY)
    return max(MIN_AGE_FACTOR, math.exp2(-days / HALF_LIFE))
