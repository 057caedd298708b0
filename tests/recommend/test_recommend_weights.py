from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.tracks import Rating
from recsys.recommend.weights import HALF_LIFE, MIN_AGE_FACTOR, weights

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="microseconds")


def weight(rating: Rating) -> float:
    return weights({7: rating}, NOW)[7]


def test_new_manual_like_has_weight_one() -> None:
    assert weight(Rating(1, rated_at=ago(0))) == 1.0


def test_age_halves_the_weight_down_to_a_minimum() -> None:
    assert weight(Rating(1, rated_at=ago(HALF_LIFE))) == pytest.approx(0.5)
    assert weight(Rating(1, rated_at=ago(20 * HALF_LIFE))) == MIN_AGE_FACTOR
    assert weight(Rating(-1, rated_at=ago(HALF_LIFE))) == pytest.approx(0.5)


def test_plays_raise_likes_logarithmically() -> None:
    assert [weight(Rating(1, plays=plays, rated_at=ago(0))) for plays in (0, 9, 99)] == [1.0, 2.0, 3.0]
    assert weight(Rating(-1, plays=99, rated_at=ago(0))) == 1.0


def test_unknown_and_future_times_have_age_zero() -> None:
    for at in ("", "yesterday", ago(-10), "2024-05-01", "2024-05-01T12:00:00"):
        assert weight(Rating(1, 0.5, rated_at=at)) == pytest.approx(0.5, rel=1e-3)


def test_weights_keep_ids_and_order() -> None:
    assert list(weights({5: Rating(1), 2: Rating(-1), 9: Rating(1)}, NOW)) == [5, 2, 9]
    assert weights({}, NOW) == {}


RATINGS = st.builds(Rating, st.sampled_from([1, -1]), st.floats(1e-6, 1.0), st.integers(0, 10**9),
                     st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat))  # fmt: skip


@given(RATINGS, RATINGS)
def test_weight_is_monotonic(one: Rating, other: Rating) -> None:
    assert 0 < weight(one) < 11
    stronger = one._replace(strength=max(one.strength, other.strength), plays=max(one.plays, other.plays))
    assert weight(stronger._replace(rated_at=max(one.rated_at, other.rated_at))) >= weight(one)


def test_half_life_is_two_years_and_old_ratings_keep_a_quarter() -> None:
    assert weight(Rating(1, rated_at=ago(730))) == pytest.approx(0.5, abs=1e-9)
    assert weight(Rating(1, rated_at=ago(365))) == pytest.approx(0.5**0.5, abs=1e-9)
    assert weight(Rating(1, rated_at=ago(1460))) == pytest.approx(0.25, abs=1e-9)
    assert weight(Rating(1, rated_at=ago(1500))) == 0.25
    assert weight(Rating(1, 0.5, 9, ago(730))) == pytest.approx(0.5, abs=1e-9)
