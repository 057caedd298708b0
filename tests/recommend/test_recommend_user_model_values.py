"""User models against their definition: scores, floors, and interests by brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.recommend.user_model import Interest, UserModel, chance_floor, find_interests, fit_preference_model


def unit(n: int, d: int = 4, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def kernel(one: FloatArray, other: FloatArray) -> DoubleArray:
    return np.asarray(np.exp(3 * (one.astype(np.float64) @ other.T.astype(np.float64) - 1)))


@pytest.mark.parametrize("artist_specificity", [0.0, 0.25, 1.0])
def test_scores_are_those_of_kernel_ridge_regression(artist_specificity: float) -> None:
    """With a weighted square error and a penalty of the norm: noise 0.1 for artists, up to 0.5 for kinds of music."""
    likes, background, weights = unit(3), unit(5, seed=1), np.array([1.0, 0.5, 0.2])
    model = fit_preference_model(likes, weights, background, floor=0.2, artist_specificity=artist_specificity)
    anchors = np.vstack([likes, background])
    more = 0.4 * (1 - artist_specificity)
    noise = [*(0.1 / weights + more), *[(0.1 + more) / (1.7 / 5)] * 5]
    coefficients = np.linalg.solve(kernel(anchors, anchors) + np.diag(noise), [1.0] * 3 + [0.0] * 5)
    queries = unit(600, seed=2)
    np.testing.assert_allclose(model.scores(queries), kernel(queries, anchors) @ coefficients, rtol=1e-4, atol=1e-6)
    assert (model.artist_specificity, model.floor) == (artist_specificity, 0.2)
    np.testing.assert_array_equal(model.likes, likes)
    np.testing.assert_allclose(model.nearest_cosines(queries), (queries @ likes.T).max(axis=1))


def test_likes_stand_for_artists_by_default() -> None:
    likes, background = unit(3), unit(5, seed=1)
    default = fit_preference_model(likes, np.ones(3), background, floor=0.2)
    specific = fit_preference_model(likes, np.ones(3), background, floor=0.2, artist_specificity=1.0)
    np.testing.assert_array_equal(default.dual_coefficients, specific.dual_coefficients)


def test_a_vector_has_the_interest_of_its_nearest_like() -> None:
    likes = np.eye(4, dtype=np.float32)
    interests = (Interest(2, (0, 2), 0.5), Interest(3, (3,), 0.3), Interest(1, (1,), 0.2))
    model = UserModel(likes, likes, interests, likes, np.ones(4), 1.0, 0.2)
    assert model.interests_of(likes).tolist() == [0, 2, 0, 1]
    assert model.interests_of(np.array([[0.1, 0.2, 0.9, 0.3], [0, 0.6, 0.5, 0.6001]], np.float32)).tolist() == [0, 1]


@pytest.mark.parametrize(("n", "is_enough"), [(19, False), (20, True)])
def test_the_floor_is_not_reached_by_four_fifths_of_the_pairs(n: int, is_enough: bool) -> None:
    similarities = np.full((n, n), 1.0, np.float32)  # of a track with itself, which is no pair
    upper = np.triu_indices(n, 1)
    similarities[upper] = np.random.default_rng(0).permutation(np.linspace(-0.9, 0.4, len(upper[0])))
    pairs = np.sort(similarities[upper])
    assert chance_floor(similarities) == (pairs[int(0.8 * len(pairs))] if is_enough else -1.0)
    similarities[upper] += np.float32(0.3)
    assert chance_floor(similarities) == (0.33 if is_enough else -1.0)


def by_ward(likes: FloatArray, threshold: float) -> list[tuple[int, ...]]:
    """Merge the pair of clusters that adds least to the sum of squares, while their mean cosine is high enough or there
    are more than twelve."""
    points = likes.astype(np.float64)
    groups: list[tuple[int, ...]] = [(i,) for i in range(len(likes))]

    def spread(group: tuple[int, ...]) -> float:
        return float(((points[list(group)] - points[list(group)].mean(axis=0)) ** 2).sum())

    def cosine(one: tuple[int, ...], other: tuple[int, ...]) -> float:
        return float((points[list(one)] @ points[list(other)].T).mean())

    while True:
        pairs = [(a, b) for i, a in enumerate(groups) for b in groups[i + 1 :]
                 if len(groups) > 12 or cosine(a, b) >= threshold]  # fmt: skip
        if not pairs:
            return sorted(groups)
        one, other = min(pairs, key=lambda pair: spread(pair[0] + pair[1]) - spread(pair[0]) - spread(pair[1]))
        groups = [group for group in groups if group not in (one, other)] + [tuple(sorted(one + other))]


@settings(max_examples=25)
@given(st.integers(1, 20), st.integers(0, 999), st.sampled_from([-1.0, 0.0, 0.3, 0.6, 0.9, 1.1]))
def test_interests_are_clusters_of_ward_with_their_shares_and_medoids(n: int, seed: int, threshold: float) -> None:
    likes, weights = unit(n, seed=seed), np.random.default_rng(seed).uniform(0.1, 1, n)
    found = find_interests(likes, weights, threshold)
    assert sorted(interest.members for interest in found) == by_ward(likes, threshold)
    for interest in found:
        members = list(interest.members)
        assert interest.share == pytest.approx(weights[members].sum() / weights.sum())
        centrality = [sum(weights[j] * float(likes[i] @ likes[j]) for j in members) for i in members]
        assert centrality[members.index(interest.medoid)] == pytest.approx(max(centrality), rel=1e-5)
    assert [each.share for each in found] == sorted((each.share for each in found), reverse=True)


def test_interests_of_one_share_are_in_the_order_of_their_medoids() -> None:
    likes = np.eye(5, dtype=np.float32)[[3, 1, 4, 0, 2]]
    assert [each.medoid for each in find_interests(likes, np.ones(5), 0.5)] == [0, 1, 2, 3, 4]
    assert [each.medoid for each in find_interests(likes, np.array([1, 1, 3, 1, 2.0]), 0.5)] == [2, 4, 0, 1, 3]


def test_clusters_of_exactly_the_floor_are_one_interest() -> None:
    likes = np.array([[1, 0], [0, 1]], np.float32)
    assert [each.members for each in find_interests(likes, np.ones(2), 0.0)] == [(0, 1)]
    assert len(find_interests(likes, np.ones(2), math.nextafter(0.0, 1.0))) == 2


def test_there_are_at_most_twelve_interests() -> None:
    for n in (12, 13):
        assert len(find_interests(np.eye(n, dtype=np.float32), np.ones(n), 0.5)) == 12
