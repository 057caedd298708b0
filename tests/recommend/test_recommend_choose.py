from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.domain.requests import Quota
from recsys.recommend import choose
from recsys.recommend.candidates import TOLERATED_SECONDS, Candidates, Violation, constraint_violation
from recsys.recommend.choose import select_tracks
from recsys.recommend.constraints import PlaylistConstraints

TARGET_SHARES, ONE_INTEREST = np.array([0.6, 0.4]), np.ones(1)
NO_QUOTAS = np.zeros((0, 200), bool)


def make_candidates(n: int, seed: int, *, artists: int = 4) -> Candidates:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Candidates(
        rng.random(n), vectors, rng.integers(60, 400, n).astype(float), rng.integers(0, 2, n),
        np.where(rng.random(n) < 0.2, 0, np.arange(1, n + 1)), rng.integers(-1, artists, n), rng.integers(-1, 3, n),
        rng.random((2, n)) < 0.4,
    )  # fmt: skip


@st.composite
def random_constraints(draw: st.DrawFn) -> PlaylistConstraints:
    def quota(name: str) -> Quota:
        if draw(st.booleans()):
            return Quota(name, share=draw(st.sampled_from([0.0, 0.2, 0.3, 0.5])))
        return Quota(name, count=draw(st.integers(0, 2)))

    by_duration = draw(st.booleans())
    return PlaylistConstraints(
        n=None if by_duration else draw(st.integers(1, 6)),
        seconds=draw(st.floats(100, 1500)) if by_duration else None,
        max_per_artist=draw(st.integers(0, 3)),
        max_per_album=draw(st.integers(0, 3)),
        min_artist_gap=draw(st.integers(0, 3)),
        diversity=draw(st.floats(0, 10)),
        quotas=(quota("one"), quota("other")),
    )


def satisfies_limits(candidates: Candidates, constraints: PlaylistConstraints, chosen: tuple[int, ...]) -> bool:
    limits = (
        (candidates.version_groups, 1),
        (candidates.artists, constraints.max_per_artist),
        (candidates.albums, constraints.max_per_album),
    )
    for numbers, limit in limits:
        known = numbers[list(chosen)]
        if limit and (known >= 0).any() and np.bincount(known[known >= 0]).max() > limit:
            return False
    return gap_is_feasible(candidates.artists[list(chosen)].tolist(), constraints.min_artist_gap)


def gap_is_feasible(artists: list[int], gap: int) -> bool:
    """Whether an order with this gap exists: each position has the artist with most tracks left."""
    remaining = {artist: artists.count(artist) for artist in artists if artist >= 0}
    n_unknown = sum(artist < 0 for artist in artists)
    last: dict[int, int] = {}
    for position in range(len(artists)):
        ready = [a for a, n in remaining.items() if n and position - last.get(a, -99) > gap]
        if ready:
            artist = max(ready, key=lambda a: remaining[a])
            remaining[artist] -= 1
            last[artist] = position
        elif n_unknown:
            n_unknown -= 1
        else:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10**6), random_constraints())
def test_soft_constraints_hold_if_possible_and_limits_always(
    n: int, seed: int, constraints: PlaylistConstraints
) -> None:
    candidates = make_candidates(n, seed)
    chosen = select_tracks(candidates, constraints, TARGET_SHARES)
    assert len(set(chosen)) == len(chosen)
    assert satisfies_limits(candidates, constraints, tuple(chosen))
    if constraint_violation(candidates, constraints, chosen).is_satisfied:
        return
    for size in range(n + 1) if constraints.n is None else [constraints.n]:
        for other in combinations(range(n), size):
            if constraint_violation(candidates, constraints, list(other)).is_satisfied:
                assert not satisfies_limits(candidates, constraints, other), f"{other} satisfies all constraints"


def test_no_candidates_give_an_empty_choice() -> None:
    candidates = make_candidates(0, 0)
    assert (
        select_tracks(
            candidates, PlaylistConstraints(n=3, quotas=(Quota("a", share=0.5), Quota("b", count=1))), TARGET_SHARES
        )
        == []
    )


def test_quotas_are_relaxed_before_the_length() -> None:
    candidates = replace(make_candidates(12, 3, artists=40), quotas=np.zeros((1, 12), bool))
    constraints = PlaylistConstraints(n=6, quotas=(Quota("polka", share=0.5),), max_per_artist=0)
    violation = constraint_violation(candidates, constraints, select_tracks(candidates, constraints, TARGET_SHARES))
    assert (violation.tracks, violation.quotas) == (0, (3.0,))


def test_interests_are_represented_by_their_shares() -> None:
    candidates = replace(make_candidates(200, 1, artists=200), quotas=NO_QUOTAS)
    chosen = select_tracks(candidates, PlaylistConstraints(n=20), TARGET_SHARES)
    assert np.bincount(candidates.interests[chosen]).tolist() == [12, 8]


@pytest.fixture
def greedy_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test fails if the greedy choice does not satisfy the constraints."""

    def solve(*_: object) -> list[int]:
        raise AssertionError("the integer program is used")

    monkeypatch.setattr(choose, "solve_milp", solve)


@pytest.mark.usefixtures("greedy_only")
@pytest.mark.parametrize(
    "quotas", [(Quota("a", share=0.3), Quota("b", count=9)), (Quota("a", count=0), Quota("b", share=1.0))]
)
def test_quotas_are_met_within_the_shares_of_the_interests(quotas: tuple[Quota, ...]) -> None:
    candidates = make_candidates(200, 1, artists=200)
    chosen = select_tracks(candidates, PlaylistConstraints(n=20, quotas=quotas), TARGET_SHARES)
    assert np.bincount(candidates.interests[chosen]).tolist() == [12, 8]
    assert [int(members[chosen].sum()) for members in candidates.quotas] == [
        20 * quota.share if quota.share is not None else quota.count for quota in quotas
    ]


@pytest.mark.usefixtures("greedy_only")
@pytest.mark.parametrize(("score", "n_chosen"), [(0.1, 3), (0.9, 4)])
def test_share_that_is_no_whole_number_of_tracks_is_rounded_to_the_better_side(score: float, n_chosen: int) -> None:
    """A share of .5 of 7 tracks is 3 or 4: as few or as many as their scores deserve."""
    candidates = make_candidates(10, 4, artists=40)
    scores = np.where(np.arange(10) < 5, score, 0.5)
    candidates = replace(
        candidates, scores=scores, quotas=np.arange(10)[None] < 5, interests=np.zeros(10, np.int64),
        version_groups=np.arange(10), artists=np.arange(10), albums=np.arange(10),
    )  # fmt: skip
    chosen = select_tracks(
        candidates, PlaylistConstraints(n=7, diversity=0, quotas=(Quota("a", share=0.5),)), ONE_INTEREST
    )
    assert int(candidates.quotas[0, chosen].sum()) == n_chosen


@pytest.mark.usefixtures("greedy_only")
def test_fixed_tracks_count_for_the_quotas() -> None:
    candidates = make_candidates(10, 4, artists=40)
    candidates = replace(
        candidates, fixed=2, quotas=np.arange(10)[None] < 5, scores=np.linspace(1, 0, 10), version_groups=np.arange(10),
        interests=np.zeros(10, np.int64), artists=np.arange(10), albums=np.arange(10),
    )  # fmt: skip
    constraints = PlaylistConstraints(n=5, diversity=0, quotas=(Quota("a", count=3),))
    assert select_tracks(candidates, constraints, ONE_INTEREST) == [0, 1, 2, 5, 6]


def make_plain(scores: list[float]) -> Candidates:
    """Tracks of one interest without common artists, albums or works, at right angles to each other."""
    n = len(scores)
    return Candidates(
        np.array(scores), np.eye(n, dtype=np.float32), np.full(n, 100.0), np.zeros(n, np.int64), np.arange(n),
        np.arange(n), np.arange(n), np.zeros((0, n), bool),
    )  # fmt: skip


@pytest.mark.parametrize(("diversity", "expected"), [(0, [0, 1]), (5, [0, 1]), (10, [0, 2])])
def test_similar_track_is_chosen_if_its_score_outweighs_its_similarity(diversity: float, expected: list[int]) -> None:
    """With a diversity of 10 similarity has the weight .7: .3 · .9 - .7 · .5 is less than .3 · .5 - .7 · .2."""
    vectors = np.array([[1, 0, 0], [0.5, 0.75**0.5, 0], [0.2, 0, 0.96**0.5]], np.float32)
    candidates = replace(make_plain([1.0, 0.9, 0.5]), vectors=vectors)
    assert select_tracks(candidates, PlaylistConstraints(n=2, diversity=diversity), ONE_INTEREST) == expected


@pytest.mark.usefixtures("greedy_only")
def test_playlist_of_all_candidates_is_short_without_a_search_for_others() -> None:
    assert select_tracks(make_plain([0.1, 0.3, 0.2]), PlaylistConstraints(n=5), ONE_INTEREST) == [1, 2, 0]


def test_playlist_of_all_candidates_that_is_too_long_is_chosen_again() -> None:
    candidates = replace(make_plain([0.9, 0.8]), seconds=np.array([60.0, 200.0]))
    assert select_tracks(candidates, PlaylistConstraints(seconds=200.0), ONE_INTEREST) == [1]


@pytest.mark.usefixtures("greedy_only")
@pytest.mark.parametrize(("limit", "expected"), [(1, [0, 2]), (2, [0, 1])])
def test_fixed_tracks_count_for_the_limits(limit: int, expected: list[int]) -> None:
    candidates = replace(make_plain([0.9, 0.8, 0.7]), artists=np.array([0, 0, 1]), fixed=1)
    assert select_tracks(candidates, PlaylistConstraints(n=2, max_per_artist=limit), ONE_INTEREST) == expected


@pytest.mark.usefixtures("greedy_only")
@pytest.mark.parametrize(("seconds", "n_chosen"), [(130.0, 1), (131.0, 2), (230.0, 3)])
def test_playlist_is_long_enough_from_the_tolerated_difference_on(seconds: float, n_chosen: int) -> None:
    candidates = replace(make_plain([0.9, 0.8, 0.7, 0.6]), seconds=np.array([100.0, 60.0, 60.0, 60.0]))
    assert len(select_tracks(candidates, PlaylistConstraints(seconds=seconds), ONE_INTEREST)) == n_chosen


@pytest.mark.usefixtures("greedy_only")
@pytest.mark.parametrize(("n", "expected"), [(1, [1, 0]), (2, [2, 0]), (3, [2, 1]), (4, [3, 1])])
def test_interest_that_has_least_of_its_share_is_next(n: int, expected: list[int]) -> None:
    """With shares of .7 and .3 the third track is the first of the second interest: 3 / .7 is more than 1 / .3."""
    candidates = replace(make_plain([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), interests=np.array([0, 0, 0, 1, 1, 1]))
    chosen = select_tracks(candidates, PlaylistConstraints(n=n, diversity=0), np.array([0.7, 0.3]))
    assert np.bincount(candidates.interests[chosen], minlength=2).tolist() == expected


def test_diversity_lowers_the_mean_similarity() -> None:
    candidates = replace(make_candidates(200, 2, artists=200), quotas=NO_QUOTAS)
    scores = candidates.vectors[:, 0].astype(float)  # tracks with a high score are similar

    def mean_similarity(diversity: float) -> float:
        chosen = select_tracks(
            replace(candidates, scores=scores), PlaylistConstraints(n=20, diversity=diversity), TARGET_SHARES
        )
        return float((candidates.vectors[chosen] @ candidates.vectors[chosen].T).mean())

    assert mean_similarity(0) > mean_similarity(10) + 0.1


def test_duration_is_satisfied_by_other_choices() -> None:
    for seed in range(20):
        candidates = replace(make_candidates(60, seed, artists=60), quotas=NO_QUOTAS[:, :60])
        constraints = PlaylistConstraints(seconds=3600.0)
        assert (
            abs(candidates.seconds[select_tracks(candidates, constraints, TARGET_SHARES)].sum() - 3600)
            <= TOLERATED_SECONDS
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10**6), st.integers(1, 2), st.integers(1, 6), st.integers(0, 2))
def test_track_by_two_artists_counts_for_both(n: int, seed: int, limit: int, length: int, gap: int) -> None:
    candidates = make_candidates(n, seed)
    artists = np.sort(np.random.default_rng(seed).permuted(np.tile(np.arange(-2, 3), (n, 1)), axis=1)[:, :2], axis=1)
    candidates = replace(candidates, artists=artists, quotas=np.zeros((0, n), bool))
    chosen = select_tracks(
        candidates, PlaylistConstraints(n=length, max_per_artist=limit, min_artist_gap=gap), TARGET_SHARES
    )
    known = artists[chosen]
    assert np.bincount(known[known >= 0], minlength=1).max() <= limit
    works = candidates.version_groups

    def most(size: int) -> bool:
        for some in map(list, combinations(range(n), size)):
            found = artists[some]
            if len(set(works[some].tolist())) == size and np.bincount(found[found >= 0], minlength=1).max() <= limit:
                return True
        return False

    if not gap:
        assert len(chosen) == max(size for size in range(min(n, length) + 1) if not size or most(size))


def test_equal_violations_are_not_less_than_each_other() -> None:
    """Else two playlists of the same violation would each be better than the other."""
    assert not Violation(1, -30.0, (0.5,)).is_less_than(Violation(1, 30.0, (-0.5,)))
    assert Violation(1, 20.0, (9.0,)).is_less_than(Violation(1, 30.0, (0.5,)))
