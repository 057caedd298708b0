import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_synthetic_tracks, make_track

from recsys.domain.tracks import Track
from recsys.recommend.pool import MIN_LIKES, _artist_specificity
from recsys.recommend.user_model import (
    CHANCE_SHARE,
    MAX_FLOOR,
    MAX_INTERESTS,
    UserModel,
    chance_floor,
    find_interests,
    fit_preference_model,
)

TRACKS = make_synthetic_tracks()  # 1..20 jazz, 21..40 metal, 41..60 folk, 61..80 techno
ALL = TRACKS.index.vectors(TRACKS.ids)


def vectors(*ids: int) -> np.ndarray:
    return TRACKS.index.vectors(np.array(ids, np.int64))


def fit(likes: tuple[int, ...], weights: np.ndarray | None = None, artist_specificity: float = 1.0) -> UserModel:
    return fit_preference_model(
        vectors(*likes),
        np.ones(len(likes)) if weights is None else weights,
        ALL,
        floor=0.2,
        artist_specificity=artist_specificity,
    )


def best_genres(fitted: UserModel, n: int = 20) -> list[str]:
    return TRACKS.genres(TRACKS.ids[np.argsort(-fitted.scores(ALL))][:n].tolist())


def test_likes_of_two_genres_are_two_interests() -> None:
    fitted = fit((1, 2, 3, 21, 22))
    assert [len(interest.members) for interest in fitted.interests] == [3, 2]
    assert [interest.share for interest in fitted.interests] == pytest.approx([0.6, 0.4])
    assert {model.medoid for model in fitted.interests} <= {0, 1, 2, 3, 4}
    assert set(best_genres(fitted, 30)) == {"jazz", "metal"}
    interests, cosines = fitted.interests_of(vectors(5, 25)), fitted.nearest_cosines(vectors(5, 25))
    assert interests.tolist() == [0, 1]
    assert (cosines > 0.8).all()


def test_weight_raises_share_and_scores() -> None:
    weighted = fit((1, 21), weights=np.array([1.0, 0.2]))
    assert [interest.share for interest in weighted.interests] == pytest.approx([1 / 1.2, 0.2 / 1.2])
    assert weighted.scores(vectors(5)) > weighted.scores(vectors(25))


def test_score_of_one_like_and_a_background_of_one_track() -> None:
    """At right angles their kernel is exp(-3); the noise of both is 0.1, so the system has two equations."""
    like, other = np.eye(2, dtype=np.float32)
    fitted = fit_preference_model(like[None], np.ones(1), other[None], floor=0.2)
    between = math.exp(-3)
    weights = np.linalg.solve([[1.1, between], [between, 1.1]], [1, 0])
    [at_the_like, halfway] = fitted.scores(np.array([[1, 0], [0.5, math.sqrt(0.75)]], np.float32))
    assert at_the_like == pytest.approx(weights @ [1, between])
    assert halfway == pytest.approx(weights @ [math.exp(-1.5), math.exp(3 * (math.sqrt(0.75) - 1))])


def test_similar_likes_reinforce_each_other() -> None:
    margins = [model.scores(vectors(10)) - model.scores(vectors(30)) for model in (fit((1, 21)), fit((1, 2, 3, 21)))]
    assert margins[1] > margins[0]


@given(st.lists(st.integers(1, 80), min_size=1, max_size=40, unique=True), st.integers(0, 2**32 - 1))
def test_interests_partition_the_likes(likes: list[int], seed: int) -> None:
    weights = np.random.default_rng(seed).uniform(0.05, 1, len(likes))
    found = find_interests(vectors(*likes), weights, 0.2)
    assert sorted(i for model in found for i in model.members) == list(range(len(likes)))
    assert sum(model.share for model in found) == pytest.approx(1)
    assert len(found) <= MAX_INTERESTS
    assert all(model.medoid in model.members for model in found)
    assert [model.share for model in found] == sorted((model.share for model in found), reverse=True)


def test_floor_is_a_quantile_of_random_pairs() -> None:
    cosines = ALL @ ALL.T
    floor = chance_floor(cosines)
    pairs = cosines[np.triu_indices(len(cosines), 1)]
    assert np.mean(pairs < floor) <= CHANCE_SHARE  # a quarter of the pairs are of model kind, and near
    assert floor == MAX_FLOOR
    dissimilar = vectors(1, 21, 41, 61, 62)
    assert chance_floor(dissimilar @ dissimilar.T) < MAX_FLOOR
    assert chance_floor(cosines[:4, :4]) == -1


def test_single_like_counts_less_without_artist_specificity() -> None:
    likes = (1, 2, 3, 4, 21)
    margins = [
        model.scores(vectors(10)) / model.scores(vectors(30))
        for model in (fit(likes), fit(likes, artist_specificity=0.0))
    ]
    assert margins[1] > margins[0]


def test_artist_specificity_is_the_share_of_likes_that_share_an_artist() -> None:
    def likes(*artists: str) -> list[Track]:
        return [make_track(i, artist=artist) for i, artist in enumerate(artists, 1)]

    assert _artist_specificity(likes(*"abcd"[: MIN_LIKES - 1])) == 1.0  # too few to tell
    assert _artist_specificity(likes("a", "b", "c", "d", "e", "f")) == 0.0
    assert _artist_specificity(likes("a", "a", "b", "b", "c", "d")) == pytest.approx(1 / 3)
    assert _artist_specificity(likes("a", "a", "a", "b", "b", "b")) == 1.0
