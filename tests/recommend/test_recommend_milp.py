"""Choices of the integer program against the best of all choices, and the rows of the program."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import optimize
from test_recommend_choose import gap_is_feasible

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.domain.requests import Quota
from recsys.recommend import milp
from recsys.recommend.artists import disjoint
from recsys.recommend.candidates import Candidates
from recsys.recommend.constraints import PlaylistConstraints

ONE_INTEREST = np.ones(1)


def candidates_of(n: int, **fields: Any) -> Candidates:
    """Candidates without a limit in common, each a minute long."""
    numbers = np.arange(n)
    given: dict[str, Any] = {
        "scores": np.zeros(n), "vectors": np.eye(n, dtype=np.float32), "seconds": np.full(n, 60.0),
        "interests": np.zeros(n, np.int64), "version_groups": numbers, "artists": numbers, "albums": numbers,
        "quotas": np.zeros((0, n), bool), **fields,
    }  # fmt: skip
    arrays: dict[str, Any] = {name: value if name == "fixed" else np.asarray(value) for name, value in given.items()}
    return Candidates(**arrays)


def solved(
    candidates: Candidates, gains: Sequence[float], shares: DoubleArray = ONE_INTEREST, **constraints: Any
) -> list[int]:
    given = {"max_per_artist": 0, "max_per_album": 0, **constraints}
    return milp.solve_milp(candidates, PlaylistConstraints(**given), shares, np.array(gains, float))


def test_no_candidates_have_no_choice() -> None:
    assert solved(candidates_of(0), [], n=3) == []


def test_the_candidates_with_the_largest_gain_are_chosen() -> None:
    assert solved(candidates_of(5), [0.1, 0.5, -0.9, 0.3, 0.2], n=2) == [1, 3]
    assert solved(candidates_of(5), [0.1, 0.5, -0.9, 0.3, 0.2], n=5) == [0, 1, 2, 3, 4]
    assert solved(candidates_of(3), [0.1, 0.1, 0.1], n=9) == [0, 1, 2]
    assert solved(candidates_of(3), [0.3, 0.2, 0.1], n=0) == []


@pytest.mark.parametrize("field", ["artists", "albums"])
def test_limits_are_hard(field: str) -> None:
    of = candidates_of(6, **{field: [0, 0, 0, 1, 1, -1]})
    name = {"artists": "max_per_artist", "albums": "max_per_album"}[field]
    gains = [6, 5, 4, 3, 2, 1]
    for limit, n, chosen in ((0, 4, [0, 1, 2, 3]), (1, 4, [0, 3, 5]), (2, 4, [0, 1, 3, 4]), (3, 6, [0, 1, 2, 3, 4, 5])):
        assert solved(of, gains, ONE_INTEREST, n=n, **{name: limit}) == chosen


def test_one_version_of_a_work_is_chosen() -> None:
    assert solved(candidates_of(4, version_groups=[7, 7, 3, 7]), [1, 3, 0, 2], n=3) == [1, 2]


def test_fixed_tracks_are_chosen_even_against_their_limit() -> None:
    of = candidates_of(5, fixed=2, artists=[0, 0, 0, 1, 2])
    assert solved(of, [0, 0, 9, 1, 2], n=3, max_per_artist=1) == [0, 1, 4]
    assert solved(of, [0, 0, 9, 1, 2], n=3, max_per_artist=3) == [0, 1, 2]
    assert solved(of, [0, 0, 9, 1, 2], n=1) == [0, 1]
    assert solved(candidates_of(4, fixed=2, version_groups=[0, 0, 0, 1]), [0, 0, 9, 1], n=4) == [0, 1, 3]


@pytest.mark.parametrize(
    ("seconds", "durations", "gains", "chosen"),
    [
        (330, [100, 200, 400], [1, 1, 9], [0, 1]),  # 300 is 30 too short
        (331, [100, 200, 400], [1, 1, 9], [0, 1]),
        (270, [100, 200, 400], [1, 1, 9], [0, 1]),  # 300 is 30 too long
        (360, [100, 200, 400], [1, 1, 1], [2]),  # 400 is 40 too long, 300 is 60 too short
        (5, [100, 200, 400], [1, 1, 9], [0]),  # one track at least
        (200, [100, 200, 102], [1, 9, 1], [1]),
        (200, [100, 200, 102], [1, 0, 1], [0, 2]),
        (300, [300, 290, 310], [1, 2, 3], [2]),
    ],
)
def test_length_in_seconds(seconds: float, durations: list[float], gains: list[float], chosen: list[int]) -> None:
    assert solved(candidates_of(3, seconds=np.array(durations, float)), gains, seconds=float(seconds)) == chosen


def test_gain_of_a_second_decides_if_the_length_is_given() -> None:
    """Two tracks of 100 seconds with gain 0.8 are not better than one of 200 with 0.9."""
    assert solved(candidates_of(3, seconds=[100.0, 100.0, 200.0]), [0.8, 0.8, 0.9], seconds=200.0) == [2]
    assert solved(candidates_of(3, seconds=[100.0, 100.0, 200.0]), [0.9, 0.9, 0.8], seconds=200.0) == [0, 1]


@pytest.mark.parametrize(
    ("quota", "n", "chosen"),
    [
        (Quota("a", count=0), 3, [3, 4, 5]), (Quota("a", count=1), 3, [0, 3, 4]), (Quota("a", count=3), 3, [0, 1, 2]),
        (Quota("a", count=9), 4, [0, 1, 2, 3]), (Quota("a", share=0.0), 3, [3, 4, 5]),
        (Quota("a", share=1.0), 3, [0, 1, 2]), (Quota("a", share=0.5), 4, [0, 1, 3, 4]),
        (Quota("a", share=0.3), 4, [0, 1, 3, 4]), (Quota("a", share=0.2), 4, [0, 3, 4, 5]),
    ],
)  # fmt: skip
def test_quotas_are_met(quota: Quota, n: int, chosen: list[int]) -> None:
    """The members have the largest gains; of a share, the other side is 0.999 tracks away at most."""
    of = candidates_of(6, quotas=[[True] * 3 + [False] * 3])
    gains = [6, 5, 4, 3, 2, 1] if quota.count != 3 else [1, 2, 3, 4, 5, 6]
    found = solved(of, gains, n=n, quotas=(quota,))
    assert found == chosen


def test_length_is_more_than_quotas_and_quotas_are_more_than_interests() -> None:
    members = candidates_of(4, quotas=[[True, False, False, False]])
    assert solved(members, [0, 1, 2, 3], n=3, quotas=(Quota("a", count=3),)) == [0, 2, 3]
    assert len(solved(members, [0, 1, 2, 3], n=3, quotas=(Quota("a", share=1.0),))) == 3
    interests = candidates_of(4, quotas=[[True, True, False, False]], interests=[0, 0, 1, 1])
    assert solved(interests, [1, 2, 3, 4], np.array([0.0, 1.0]), n=2, quotas=(Quota("a", count=2),)) == [0, 1]
    long = candidates_of(3, seconds=[600.0, 60.0, 60.0], quotas=[[True, False, False]])
    assert solved(long, [0, 1, 2], seconds=120.0, quotas=(Quota("a", count=1),)) == [1, 2]


@pytest.mark.parametrize(
    ("shares", "chosen"),
    [
        ([1.0, 0.0], [0, 1, 2, 3]), ([0.5, 0.5], [0, 1, 2, 4]), ([0.4, 0.6], [0, 1, 4, 5]), ([0.0, 1.0], [0, 1, 4, 5]),
        ([0.4, 0.5], [0, 1, 2, 4]), ([0.4, 0.51], [0, 1, 4, 5]),
    ],
)  # fmt: skip
def test_interests_have_half_of_their_share_at_least(shares: list[float], chosen: list[int]) -> None:
    of = candidates_of(8, interests=[0] * 4 + [1] * 4)
    assert solved(of, [9, 8, 7, 6, 5, 4, 3, 2], np.array([*shares, 0.9]), n=4) == chosen


def best_choice(artists: IdArray, gains: Any, n: int, gap: int, limit: int, fixed: int) -> tuple[int, float] | None:
    """Length and gain of the best choice of all; None if the fixed tracks fit in none."""
    best = None
    for size in range(n + 1):
        for some in itertools.combinations(range(len(gains)), size):
            if set(range(fixed)) - set(some):
                continue
            of = artists[list(some)].tolist()
            if limit and any(of.count(a) > max(limit, artists[:fixed].tolist().count(a)) for a in of if a >= 0):
                continue
            if gap_is_feasible(of, gap):
                key = (size, float(gains[list(some)].sum()))
                best = key if best is None else max(best, key)
    return best


@pytest.mark.parametrize("gap", [1, 2, 3, 4])
@pytest.mark.parametrize("limit", [0, 2, 3])
def test_artist_gap_is_satisfied_by_the_longest_and_best_choice(gap: int, limit: int) -> None:
    for seed in range(7):
        rng = np.random.default_rng(seed)
        n = 7
        artists = rng.integers(0, 2 + seed % 3, n)
        gains = rng.permutation(n) + 1.0
        fixed = seed % 2
        length = 4 + seed % 4
        found = solved(
            candidates_of(n, artists=artists, fixed=fixed), gains.tolist(), n=length, min_artist_gap=gap,
            max_per_artist=limit,
        )  # fmt: skip
        best = best_choice(artists, gains, length, gap, limit, fixed)
        assert best is not None
        assert gap_is_feasible(artists[found].tolist(), gap)
        assert len(found) == best[0]
        assert gains[found].sum() == pytest.approx(best[1])


def test_fixed_tracks_that_violate_the_gap_have_no_solution() -> None:
    assert solved(candidates_of(3, artists=[0, 0, 1], fixed=2), [1, 1, 1], n=3, min_artist_gap=2) == []
    assert solved(candidates_of(3, artists=[0, 0, 1], fixed=2), [1, 1, 1], n=3, min_artist_gap=1) == [0, 1, 2]


def test_gap_in_a_playlist_of_some_minutes() -> None:
    """Six minutes are six tracks of a minute: four by one artist do not fit with one other between them."""
    of = candidates_of(8, artists=[0, 0, 0, 0, 1, 2, 3, 4])
    found = solved(of, [9, 8, 7, 6, 4, 3, 2, 1], seconds=360.0, min_artist_gap=1)
    assert gap_is_feasible(of.artists[found].tolist(), 1)
    assert found == [0, 1, 2, 4, 5, 6]


def test_worst_candidate_is_better_than_none_and_a_little_worse_than_the_second() -> None:
    """The gain of a second is that above the smallest gain plus 0.05."""
    assert solved(candidates_of(2, seconds=[110.0, 40.0]), [0.5, 0.0], seconds=130.0) == [0, 1]
    of = candidates_of(4, seconds=[100.0, 100.0, 190.0, 1000.0])
    assert solved(of, [0.3, 0.3, 0.33, 0.0], seconds=200.0) == [2]
    assert solved(of, [0.3, 0.3, 0.31, 0.0], seconds=200.0) == [0, 1]


def has_room(artists: IdArray, chosen: list[int], gap: int) -> bool:
    """The condition of the module for tracks by several artists, of which disjoint ones are counted."""
    rows = {int(a): np.flatnonzero((artists == a).any(axis=1)) for a in np.unique(artists[artists >= 0])}
    for m in range(2, len(artists) + 1):
        groups = [some for some in rows.values() if len(some) >= m]
        full = [len(set(some.tolist()) & set(chosen)) >= m for some in groups]
        n_apart = sum(flag for flag, apart in zip(full, disjoint(groups), strict=True) if apart)
        if any(full) and (m - 1) * (gap + 1) + max(n_apart, 1) > len(chosen):
            return False
    return True


@pytest.mark.parametrize("gap", [1, 2])
def test_tracks_by_several_artists_have_room_for_each(gap: int) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        artists = np.array([rng.permutation(3)[:2] for _ in range(7)])
        artists[:, 1] = np.where(rng.random(7) < 0.4, -1 - np.arange(7), artists[:, 1])  # some have one artist
        gains = rng.permutation(7) + 1.0
        found = solved(candidates_of(7, artists=artists), gains.tolist(), n=5, min_artist_gap=gap)
        choices = [list(some) for size in range(6) for some in itertools.combinations(range(7), size)]
        valid = [some for some in choices if has_room(artists, some, gap)]
        best = max((len(some), float(gains[some].sum())) for some in valid)
        assert has_room(artists, found, gap)
        assert (len(found), float(gains[found].sum())) == best


def test_second_program_may_end_within_a_thousandth_of_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """The violation is the smallest; the last thousandth of the gain is not worth the time."""
    options: list[dict[str, float]] = []
    solve = optimize.milp

    def counted(*arguments: Any, **given: Any) -> Any:
        options.append(dict(given["options"]))
        return solve(*arguments, **given)

    monkeypatch.setattr(optimize, "milp", counted)
    assert solved(candidates_of(3), [1, 2, 3], n=2) == [1, 2]
    assert options == [{"node_limit": 2000, "mip_rel_gap": gap} for gap in (0.0, 0.001)]


def test_candidates_of_other_quotas_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        solved(candidates_of(3, quotas=[[True, True, False]]), [1, 2, 3], n=2)
