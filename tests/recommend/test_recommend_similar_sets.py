"""Similarity of sets of tracks, on directions whose order is known."""

import numpy as np
from synthetic_library import unit

from recsys.recommend.similar_sets import best_pairs, nearest_sets, set_directions


def test_a_set_is_the_direction_of_the_sum_of_its_tracks() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.standard_normal((50, 8)))
    rows, sets = rng.integers(0, 50, 200), rng.integers(0, 12, 200)
    found = set_directions(vectors, rows, sets, 13)
    for number in range(12):
        expected = vectors[rows[sets == number]].sum(axis=0)
        np.testing.assert_allclose(found[number], expected / np.linalg.norm(expected), atol=1e-6)
    assert not found[12].any()  # a set without tracks


def test_sets_are_ranked_by_cosine_and_hubs_come_later() -> None:
    rng = np.random.default_rng(1)
    around = unit(np.eye(1, 16) + 0.5 * rng.standard_normal((300, 16)))
    query = around[0]
    hub = unit(around.mean(axis=0)[None])
    others = np.vstack([around[1:], hub])
    rows, similarities = nearest_sets(query, others)
    assert len(rows) == 200
    assert (np.diff(similarities) <= 0).all()
    by_cosine = np.argsort(-(others @ query)).tolist()
    assert rows.tolist().index(299) > by_cosine.index(299)
    assert nearest_sets(query, np.vstack([query[None], others]))[0][0] == 0  # the same set is the nearest


def test_best_pairs_have_each_track_once() -> None:
    one = unit(np.random.default_rng(2).standard_normal((5, 6)))
    pairs = best_pairs(one, one[::-1], 9)
    assert sorted(pairs) == [(i, 4 - i) for i in range(5)]
    assert best_pairs(one, one[:1], 3) == [(0, 0)]


def test_best_pairs_are_the_most_similar_of_those_without_their_tracks() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(-2, 3, (40, 3)).astype(np.float32), rng.integers(-2, 3, (30, 3)).astype(np.float32)
    cosines, expected = one @ other.T, list[tuple[int, int]]()
    for _, row, column in sorted((-cosines[i, j], i, j) for i in range(40) for j in range(30)):
        if all(row != a and column != b for a, b in expected):
            expected.append((row, column))
    assert best_pairs(one, other, 50) == expected
