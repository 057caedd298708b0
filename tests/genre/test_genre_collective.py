import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.genre.collective import Collective, cluster_robust_gain, fit_collective, group_ids


def predictions(artists: int, tracks: int, *, noise: float, same_genre: float, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Probabilities (n, 3), truth and groups: a share ``same_genre`` of an artist's tracks has one genre."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(artists), tracks)
    main = rng.integers(0, 3, artists)[groups]
    truth = np.where(rng.random(len(groups)) < same_genre, main, rng.integers(0, 3, len(groups)))
    evidence = 2 * np.eye(3)[truth] + noise * rng.standard_normal((len(groups), 3))
    shares = np.exp(evidence * 2 / noise**2)  # calibrated
    return shares / shares.sum(axis=1, keepdims=True), truth, groups


def test_context_raises_accuracy_if_artists_have_one_genre() -> None:
    probabilities, truth, groups = predictions(60, 4, noise=2.0, same_genre=1.0)
    found = fit_collective(probabilities, truth, groups)
    assert found.weight > 0
    test, test_truth, test_groups = predictions(60, 4, noise=2.0, same_genre=1.0, seed=1)
    combined = found.combine(test, test_groups)
    assert (combined.argmax(axis=1) == test_truth).mean() > (test.argmax(axis=1) == test_truth).mean() + 0.1


def test_weight_is_zero_if_artists_change_genre() -> None:
    assert fit_collective(*predictions(100, 4, noise=1.0, same_genre=0.0)) == Collective()


def test_weight_is_zero_for_few_artists_and_for_single_tracks() -> None:
    assert fit_collective(*predictions(4, 4, noise=1.0, same_genre=1.0)) == Collective()
    probabilities, truth, _ = predictions(60, 4, noise=1.0, same_genre=1.0)
    assert fit_collective(probabilities, truth, np.arange(len(truth))) == Collective()


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
    st.floats(0, 1.5),
    st.floats(0.5, 3),
    st.integers(0, 2**32 - 1),
)
def test_combine_returns_probabilities_independent_of_order(
    groups: list[int], weight: float, temperature: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(4), len(groups))
    numbers, order = group_ids(groups), rng.permutation(len(groups))
    collective = Collective(weight, temperature)
    found = collective.combine(probabilities, numbers)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    reordered = collective.combine(probabilities[order], group_ids([groups[i] for i in order]))
    np.testing.assert_allclose(reordered, found[order])
    alone = [i for i, group in enumerate(groups) if groups.count(group) == 1]
    np.testing.assert_array_equal(found[alone], probabilities[alone])


def test_evidence_does_not_grow_beyond_nine_other_tracks() -> None:
    probabilities = np.array([[0.9, 0.1]] + [[0.3, 0.7]] * 1000)
    few = Collective(0.5).combine(probabilities[:10], np.zeros(10, np.int64))
    many = Collective(0.5).combine(probabilities, np.zeros(1001, np.int64))
    assert many[0] == pytest.approx(few[0])


def test_one_artist_with_many_tracks_does_not_determine_the_weight() -> None:
    fitted = 0
    for seed in range(20):
        giant, giant_truth, _ = predictions(1, 60, noise=1.5, same_genre=1.0, seed=seed)
        pairs, pair_truth, groups = predictions(40, 2, noise=1.5, same_genre=0.0, seed=1000 + seed)
        probabilities, truth = np.concatenate([giant, pairs]), np.concatenate([giant_truth, pair_truth])
        fitted += fit_collective(probabilities, truth, np.concatenate([np.zeros(60, np.int64), groups + 1])).weight > 0
    assert fitted <= 5  # by one standard error, one in six is chance; without the limit on group sizes it was 20


def test_standard_error_of_a_gain_is_over_groups() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(50), 4)
    gains = rng.standard_normal(50)[groups]
    assert cluster_robust_gain(gains, groups) == pytest.approx(cluster_robust_gain(gains[::4], groups[::4]))
    assert cluster_robust_gain(np.ones(8), np.zeros(8, np.int64)) == (1.0, np.inf)
