"""Similarity of sets of tracks, on directions whose order is known."""

import numpy as np
import pytest
from synthetic_library import unit

from recsys.domain.arrays import FloatArray
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


@pytest.mark.parametrize("n", [0, 1, 3, 6, 199, 201, 260])
def test_similarities_of_sets_are_corrected_by_their_five_nearest(n: int) -> None:
    """The two hundred sets with the largest cosines, by the cosine plus 0.4 times the difference of the densities."""
    vectors = unit(np.random.default_rng(n).standard_normal((n + 1, 12)))
    query, others = vectors[0], vectors[1:]
    cosines = others @ query

    def density(row: FloatArray) -> float:
        return float(np.mean(sorted(row[row < 0.999])[-5:])) if len(row) else 0.0

    ranked = sorted(range(n), key=lambda i: -cosines[i])[:200]
    expected = {
        i: cosines[i]
        + 0.4
        * (density(cosines) - np.sum(sorted(np.delete(others @ others[i], i))[-5:]) / max(min(5, n) - (n <= 5), 1))
        for i in ranked
    }
    rows, similarities = nearest_sets(query, others)
    assert sorted(rows.tolist()) == sorted(ranked)
    assert similarities == pytest.approx([expected[i] for i in rows.tolist()], abs=1e-5)
    assert (np.diff(similarities) <= 0).all()


def test_equal_sets_are_in_the_order_of_their_rows() -> None:
    others = unit(np.array([[1.0, 1, 0], [1, 0, 1], [1, 1, 0], [1, 0, 1], [1, 1, 0]]))
    rows, similarities = nearest_sets(np.eye(1, 3, dtype=np.float32)[0], others)
    assert rows.tolist() == sorted(rows.tolist(), key=lambda i: (-similarities[rows.tolist().index(i)], i))


def test_a_set_whose_tracks_cancel_out_has_no_direction() -> None:
    vectors = np.array([[1.0, 0], [-1.0, 0], [1e-6, 0]], np.float32)
    found = set_directions(vectors, np.array([0, 1, 2]), np.array([0, 0, 2]), 3)
    assert found.tolist() == [[0, 0], [0, 0], [1, 0]]
    assert set_directions(vectors, np.array([], int), np.array([], int), 2).tolist() == [[0, 0], [0, 0]]
