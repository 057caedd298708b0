"""The candidates of a playlist, and the amounts by which a choice violates the constraints."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.requests import Quota
from recsys.recommend.constraints import PlaylistConstraints

TOLERATED_SECONDS = 30.0  # by which the duration of a playlist may differ from the requested one
QUOTA_TOLERANCE = 0.999  # tracks by which a share may be missed, because a share is rarely a whole number of tracks


@dataclass(frozen=True, slots=True)
class Candidates:
    """n tracks that a playlist is chosen from.

    Attributes
    ----------
    scores : (n,)
        Preference scores, in about [-1, 1].
    vectors : (n, d)
        Similarity vectors.
    seconds : (n,)
        Durations.
    interests, version_groups : (n,)
        Number of the interest that each track belongs to, and of the group of its versions.
    artists : (n,) or (n, a)
        Numbers of the artists; negative and unique where there is none.
    albums : (n,)
        Number of the album; negative and unique where there is none.
    quotas : (q, n)
        Whether each track counts for each quota.
    fixed : int
        The first ``fixed`` tracks are in every playlist. They count for the limits, which never exclude them.
    """

    scores: DoubleArray
    vectors: FloatArray
    seconds: DoubleArray
    interests: IdArray
    version_groups: IdArray
    artists: IdArray
    albums: IdArray
    quotas: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"
    fixed: int = 0


class Violation(NamedTuple):
    """The amounts by which a playlist violates the constraints.

    ``tracks`` are missing, ``seconds`` are missing (negative if the playlist is too long), and ``quotas`` has the
    number of tracks that each quota lacks (negative if there are too many).
    """

    tracks: int
    seconds: float
    quotas: tuple[float, ...]

    def is_less_than(self, other: "Violation") -> bool:
        """Whether the violation is smaller; the length counts before the quotas."""
        return self.weight < other.weight

    @property
    def weight(self) -> tuple[float, float, float]:
        """The key by which violations are compared: tracks, then seconds, then the sum over the quotas."""
        return self.tracks, abs(self.seconds), sum(map(abs, self.quotas))

    @property
    def is_satisfied(self) -> bool:
        """Whether no constraint is violated."""
        return not (self.tracks or self.seconds or any(self.quotas))


def constraint_violation(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> Violation:
    """The amounts by which the ``chosen`` candidates violate the constraints."""
    length = float(candidates.seconds[chosen].sum())
    seconds = 0.0 if constraints.seconds is None else _excess(constraints.seconds - length, TOLERATED_SECONDS)
    quotas = []
    for quota, members in zip(constraints.quotas, candidates.quotas, strict=True):
        missing = quota_target(quota, len(chosen)) - int(members[chosen].sum())
        quotas.append(_excess(missing, quota_tolerance(quota)))
    return Violation(max(0, (constraints.n or 0) - len(chosen)), seconds, tuple(quotas))


def quota_target(quota: Quota, n: int) -> float:
    """The number of tracks that a quota requests of a playlist of ``n`` tracks."""
    return float(quota.count or 0) if quota.share is None else quota.share * n


def quota_tolerance(quota: Quota) -> float:
    """The number of tracks by which a quota may be missed."""
    return 0.0 if quota.share is None else QUOTA_TOLERANCE


def _excess(amount: float, tolerance: float) -> float:
    return amount if abs(amount) > tolerance else 0.0
