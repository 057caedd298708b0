"""What a list is chosen from, and by how much a list misses what is wished."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.requests import Quota
from recsys.recommend.constraints import PlaylistConstraints

TOLERATED_SECONDS = 30.0  # seconds that a list may be longer or shorter than wished


@dataclass(frozen=True, slots=True)
class Candidates:
    """n tracks to choose from, with what counts: numbers (n,), the same for what belongs together.

    ``scores`` (n,) in about [-1, 1]; ``vectors`` (n, d); ``seconds`` (n,); ``interests``, ``version_groups``, and
    ``artists`` and ``albums``, which are negative where none is named; ``quotas`` (q, n) whether a track counts for
    each quota. The first ``fixed`` tracks stand in every list: the caps count them, but never keep them out.
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
    """What a list lacks: tracks, seconds (negative where it is too long), and tracks of each quota, likewise."""

    tracks: int
    seconds: float
    quotas: tuple[float, ...]

    def is_less_than(self, other: "Violation") -> bool:
        """Whether clearly less is lacking, the length counting most."""
        return self.weight < other.weight

    @property
    def weight(self) -> tuple[float, float, float]:
        """What to compare it by."""
        return self.tracks, abs(self.seconds), sum(map(abs, self.quotas))

    @property
    def is_satisfied(self) -> bool:
        """Nothing is lacking."""
        return not (self.tracks or self.seconds or any(self.quotas))


def constraint_violation(candidates: Candidates, constraints: PlaylistConstraints, chosen: list[int]) -> Violation:
    """By how much a list misses what is wished."""
    length = float(candidates.seconds[chosen].sum())
    short = 0.0 if constraints.seconds is None else _excess(constraints.seconds - length, TOLERATED_SECONDS)
    violation = []
    for quota, members in zip(constraints.quotas, candidates.quotas, strict=True):
        violation.append(
            _excess(_target_count(quota, len(chosen)) - int(members[chosen].sum()), 0 if quota.count else UNCONSTRAINED)
        )
    return Violation(max(0, (constraints.n or 0) - len(chosen)), short, tuple(violation))


UNCONSTRAINED = 0.999  # tracks by which a share may be missed: there are no half tracks


def _target_count(quota: Quota, n: int) -> float:
    return float(quota.count or 0) if quota.share is None else quota.share * n


def _excess(amount: float, tolerated: float) -> float:
    return amount if abs(amount) > tolerated else 0.0
