"""By how much a choice violates the constraints: amounts at the limits of the tolerances."""

from typing import Any

import numpy as np
import pytest

from recsys.domain.requests import Quota
from recsys.recommend.candidates import (
    Candidates,
    Violation,
    constraint_violation,
    quota_target,
    quota_tolerance,
)
from recsys.recommend.constraints import PlaylistConstraints


def make_candidates(seconds: list[float], *quotas: list[bool]) -> Candidates:
    n, numbers = len(seconds), np.arange(len(seconds))
    members = np.array(quotas, bool).reshape(len(quotas), n)
    return Candidates(
        np.zeros(n), np.eye(n, dtype=np.float32), np.array(seconds), numbers * 0, numbers, numbers, numbers, members
    )


def violation(chosen: list[int], durations: list[float], *quotas: list[bool], **fields: Any) -> Violation:
    return constraint_violation(make_candidates(durations, *quotas), PlaylistConstraints(**fields), chosen)


@pytest.mark.parametrize(("n", "missing"), [(None, 0), (0, 0), (1, 0), (2, 0), (3, 1), (9, 7)])
def test_missing_tracks_are_counted(n: int | None, missing: int) -> None:
    assert violation([0, 2], [100.0] * 3, n=n) == (missing, 0.0, ())
    assert violation([], [100.0] * 3, n=n) == (n or 0, 0.0, ())


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [(330.0, 0), (330.5, 30.5), (300.0, 0), (270.0, 0), (269.5, -30.5), (100.0, -200.0), (900.0, 600.0), (None, 0)],
)
def test_length_may_differ_by_half_a_minute(wanted: float | None, seconds: float) -> None:
    assert violation([0, 2], [100.0, 50.0, 200.0], seconds=wanted) == (0, seconds, ())


@pytest.mark.parametrize(("count", "missing"), [(0, -2.0), (1, -1.0), (2, 0.0), (3, 1.0)])
def test_count_of_a_quota_is_exact(count: int, missing: float) -> None:
    found = violation([0, 1, 2], [1.0] * 4, [True, True, False, True], quotas=(Quota("a", count=count),))
    assert found == (0, 0.0, (missing,))


@pytest.mark.parametrize(
    ("share", "missing"), [(0.4, -2.0), (0.5, -1.0), (0.501, 0.0), (0.6, 0.0), (0.699, 0.0), (0.7, 1.0), (1.0, 4.0)]
)
def test_share_of_a_quota_may_be_missed_by_less_than_a_track(share: float, missing: float) -> None:
    """Six of ten tracks are members."""
    members = [[i < 6 for i in range(12)], [False] * 12]
    quotas = (Quota("a", share=share), Quota("b", count=1))
    found = violation(list(range(10)), [1.0] * 12, *members, quotas=quotas, n=11)
    assert found.tracks == 1
    assert found.quotas == pytest.approx((missing, 1.0))


def test_targets_and_tolerances_of_quotas() -> None:
    assert [quota_target(Quota("a", count=count), 10) for count in (0, 3)] == [0.0, 3.0]
    assert [quota_target(Quota("a", share=share), 10) for share in (0.0, 0.25)] == [0.0, 2.5]
    assert [quota_tolerance(quota) for quota in (Quota("a", count=3), Quota("a", share=0.25))] == [0.0, 0.999]


def test_violations_are_compared_by_tracks_then_seconds_then_quotas() -> None:
    rising = [
        Violation(0, 0.0, (0.0,)), Violation(0, 0.0, (0.5, -0.6)), Violation(0, -31.0, ()), Violation(0, 32.0, (-1.0,)),
        Violation(1, 0.0, ()),
    ]  # fmt: skip
    assert rising[1].weight == pytest.approx((0, 0, 1.1))
    assert rising[3].weight == (0, 32.0, 1.0)
    for i, one in enumerate(rising):
        assert one.is_satisfied == (i == 0)
        assert [one.is_less_than(other) for other in rising] == [i < j for j in range(len(rising))]
    assert not Violation(0, 0.0, (0.0, -1.0)).is_satisfied


def test_defaults_of_constraints_fix_no_seed_and_include_none() -> None:
    found = PlaylistConstraints()
    assert (found.include_seeds, found.seed, make_candidates([1.0]).fixed) == (False, 0, 0)


def test_candidates_of_other_quotas_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        violation([0], [1.0], [True], quotas=())
    with pytest.raises(ValueError, match="zip"):
        violation([0], [1.0], quotas=(Quota("a", count=1),))
