"""Candidates and groups of one performance at the limits of keys, lengths and numbers."""

import numpy as np
import pytest

from recsys.recommend.performance_groups import candidate_pairs, form_groups


@pytest.mark.parametrize(
    ("distance", "seconds", "are_candidates"),
    [
        (9.0, (30.0, 30.0), True),
        (9.01, (30.0, 30.0), False),
        (11.0, (29.9, 29.9), True),
        (11.0, (29.9, 40.0), True),
        (11.01, (29.9, 29.9), False),
        (11.0, (30.0, 40.0), False),
        (0.0, (100.0, 121.5), True),
        (0.0, (100.0, 121.6), False),
        (0.0, (121.5, 100.0), True),
    ],
)
def test_candidates_are_within_the_limits_of_keys_and_lengths(
    distance: float, seconds: tuple[float, float], are_candidates: bool
) -> None:
    keys = np.array([[3.0, 4.0], [3.0, 4.0 + distance]], np.float32)
    for rows in (None, np.array([0]), np.array([1])):
        pairs, distances = candidate_pairs(keys, np.array(seconds), rows)
        assert pairs.tolist() == [[0, 1]] * are_candidates
        assert distances.tolist() == pytest.approx([distance] * are_candidates)


@pytest.mark.parametrize("block", [1, 2, 512])
def test_a_track_has_its_32_nearest_candidates(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.performance_groups._BLOCK", block)
    radii = np.random.default_rng(0).permutation(np.linspace(6.5, 8.5, 40))  # from the first; more between any others
    keys = np.vstack([np.zeros(40), np.diag(radii)]).astype(np.float32)
    pairs, distances = candidate_pairs(keys, np.full(41, 60.0), np.array([0]))
    nearest = np.sort(np.argsort(radii)[:32])
    assert pairs.tolist() == [[0, i + 1] for i in nearest]
    np.testing.assert_allclose(distances, radii[nearest], rtol=1e-6)
    assert candidate_pairs(keys, np.full(41, 60.0))[0].tolist() == [[0, i] for i in range(1, 41)]  # of the others


@pytest.mark.parametrize(
    ("pairs", "positions", "groups"),
    [
        ([(0, 1)], [0, 13.5], [[0, 1]]),
        ([(0, 1)], [0, 13.51], []),
        ([(0, 1), (1, 2), (2, 3)], [0, 5, 10, 20], [[0, 1, 2]]),  # around 1, the first with two pairs
        ([(0, 1), (1, 2), (2, 3)], [0, 10, 15, 20], [[1, 2]]),  # 2 is nearer to 1 than 0 is
        ([(0, 1), (1, 2), (2, 3), (3, 4)], [0, 5, 10, 15, 20], [[0, 1, 2], [3, 4]]),  # what is left is grouped too
        (
            [(0, 1), (0, 2), (0, 3), (2, 3), (2, 4), (4, 5), (4, 6), (4, 7)],
            [5, 0, 8, 9, 20, 21, 22, 23],
            [[0, 1, 2, 3], [4, 5, 6, 7]],
        ),
        ([(0, 1), (1, 2), (2, 3), (3, 0)], [0, 7, 14, 7], [[0, 1, 3]]),  # only 0 and 2 are not near each other
        ([(1, 2), (5, 6), (6, 1)], [0, 1, 2, 0, 0, 3, 4], [[1, 2, 5, 6]]),
    ],
)
def test_a_group_is_around_the_track_with_the_most_pairs(
    pairs: list[tuple[int, int]], positions: list[float], groups: list[list[int]]
) -> None:
    keys = np.array(positions, np.float32)[:, None]
    assert form_groups(pairs, keys) == groups
    assert form_groups([(other, one) for one, other in reversed(pairs)], keys) == groups
