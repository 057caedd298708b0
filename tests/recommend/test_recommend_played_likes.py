"""Plays imply weak likes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.listeners import PlayCount
from recsys.recommend.played_likes import MAX_STRENGTH, MIN_PLAYS, PLAYS, played_likes

COUNTS = st.dictionaries(st.integers(1, 99), st.builds(PlayCount, st.integers(0, 10_000), st.integers(0, 100)))


def test_few_plays_are_no_like_and_skips_take_plays_away() -> None:
    counts = {
        1: PlayCount(MIN_PLAYS - 1),
        2: PlayCount(MIN_PLAYS),
        3: PlayCount(MIN_PLAYS, 1),
        4: PlayCount(MIN_PLAYS + 1, 1),
        5: PlayCount(0, 9),
    }
    found = played_likes(counts, 0)
    assert found.keys() == {2, 4}
    assert found[2] == found[4]


def test_the_time_of_a_weak_like_is_that_of_the_last_play() -> None:
    [rating] = played_likes({1: PlayCount(9, 0, "2026-05-01T20:15:00+00:00")}, 0).values()
    assert (rating.value, rating.rated_at, rating.source) == (1, "2026-05-01T20:15:00+00:00", PLAYS)


def test_the_strength_grows_to_half_a_like() -> None:
    found = [rating.strength for rating in played_likes({i: PlayCount(10**i - 1) for i in range(1, 6)}, 0).values()]
    assert found == pytest.approx([0.25, 0.5, 0.5, 0.5, 0.5])


@given(counts=COUNTS, rated=st.floats(0.01, 20))
def test_all_plays_together_weigh_at_most_as_much_as_the_likes(counts: dict[int, PlayCount], rated: float) -> None:
    alone, beside = played_likes(counts, 0), played_likes(counts, rated)
    assert alone.keys() == beside.keys()
    assert sum(rating.strength for rating in beside.values()) <= rated + 1e-9
    assert all(0 < beside[i].strength <= alone[i].strength <= MAX_STRENGTH for i in alone)


def test_five_plays_more_than_skips_are_a_like() -> None:
    found = played_likes({1: PlayCount(4), 2: PlayCount(5), 3: PlayCount(12, 8), 4: PlayCount(12, 7)}, 0)
    assert {i: rating.strength for i, rating in found.items()} == pytest.approx(dict.fromkeys((2, 4), 0.1945378))
    assert found[2] == (1, found[2].strength, 0, "", "plays", None, False)


def test_the_strengths_are_as_large_as_those_of_the_likes_in_sum() -> None:
    counts = {1: PlayCount(9), 2: PlayCount(99)}  # 0.25 and 0.5
    for rated, strengths in ((0.0, [0.25, 0.5]), (0.3, [0.1, 0.2]), (0.75, [0.25, 0.5]), (3.0, [0.25, 0.5])):
        assert [rating.strength for rating in played_likes(counts, rated).values()] == pytest.approx(strengths)
    assert played_likes({}, 2.0) == {}
