import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.genre.collective import Collective, cluster_robust_gain, fit_collective, group_ids


def opinions(artists: int, tracks: int, *, noise: float, loyal: float, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Probabilities (n, 3), truth and groups: an artist keeps to a genre in a share ``loyal`` of the tracks."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(artists), tracks)
    home = rng.integers(0, 3, artists)[groups]
    truth = np.where(rng.random(len(groups)) < loyal, home, rng.integers(0, 3, len(groups)))
    evidence = 2 * np.eye(3)[truth] + noise * rng.standard_normal((len(groups), 3))
    shares = np.exp(evidence * 2 / noise**2)  # as sure as they may be
    return shares / shares.sum(axis=1, keepdims=True), truth, groups


def test_the_others_of_an_artist_help_where_artists_keep_to_a_genre() -> None:
    said, truth, groups = opinions(60, 4, noise=2.0, loyal=1.0)
    found = fit_collective(said, truth, groups)
    assert found.weight > 0
    fresh, known, theirs = opinions(60, 4, noise=2.0, loyal=1.0, seed=1)
    together = found.combine(fresh, theirs)
    assert (together.argmax(axis=1) == known).mean() > (fresh.argmax(axis=1) == known).mean() + 0.1


def test_where_artists_change_genre_they_count_nothing() -> None:
    assert fit_collective(*opinions(100, 4, noise=1.0, loyal=0.0)) == Collective()


def test_too_few_teach_nothing() -> None:
    assert fit_collective(*opinions(4, 4, noise=1.0, loyal=1.0)) == Collective()
    said, truth, _ = opinions(60, 4, noise=1.0, loyal=1.0)
    assert fit_collective(said, truth, np.arange(len(truth))) == Collective()


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
    st.floats(0, 1.5),
    st.floats(0.5, 3),
    st.integers(0, 2**32 - 1),
)
def test_what_comes_out_are_probabilities_in_any_order(
    groups: list[int], weight: float, temperature: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    said = rng.dirichlet(np.ones(4), len(groups))
    numbers, order = group_ids(groups), rng.permutation(len(groups))
    collective = Collective(weight, temperature)
    found = collective.combine(said, numbers)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(collective.combine(said[order], group_ids([groups[i] for i in order])), found[order])
    alone = [i for i, group in enumerate(groups) if groups.count(group) == 1]
    np.testing.assert_array_equal(found[alone], said[alone])


def test_many_others_are_no_hundred_witnesses() -> None:
    said = np.array([[0.9, 0.1]] + [[0.3, 0.7]] * 1000)
    few = Collective(0.5).combine(said[:10], np.zeros(10, np.int64))
    many = Collective(0.5).combine(said, np.zeros(1001, np.int64))
    assert many[0] == pytest.approx(few[0])


def test_one_giant_artist_does_not_speak_for_all_others() -> None:
    on = 0
    for seed in range(20):
        giant, truths, _ = opinions(1, 60, noise=1.5, loyal=1.0, seed=seed)
        pairs, theirs, groups = opinions(40, 2, noise=1.5, loyal=0.0, seed=1000 + seed)
        said, truth = np.concatenate([giant, pairs]), np.concatenate([truths, theirs])
        on += fit_collective(said, truth, np.concatenate([np.zeros(60, np.int64), groups + 1])).weight > 0
    assert on <= 5  # by one standard error, chance is one in six; it was 20


def test_the_error_of_a_gain_is_counted_in_groups() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(50), 4)
    gains = rng.standard_normal(50)[groups]
    assert cluster_robust_gain(gains, groups) == pytest.approx(cluster_robust_gain(gains[::4], groups[::4]))
    assert cluster_robust_gain(np.ones(8), np.zeros(8, np.int64)) == (1.0, np.inf)
