"""Exact neighbours of all vectors: those of a comparison one by one, however wrong the estimate is."""

import numpy as np
import pytest
from test_nearest_ivf import clusters

from recsys.domain.arrays import FloatArray
from recsys.nearest import exact_neighbours, pairs


def check(vectors: FloatArray, penalties: FloatArray, k: int) -> None:
    """Compare with the products of all pairs."""
    found = exact_neighbours(vectors, penalties, k)
    scores = vectors @ vectors.T - penalties
    np.fill_diagonal(scores, -np.inf)
    assert found.rows.shape == found.scores.shape == (len(vectors), k)
    assert not (found.rows == np.arange(len(vectors))[:, None]).any()
    assert all(len(set(row)) == k for row in found.rows.tolist())
    np.testing.assert_allclose(found.scores, -np.sort(-scores, axis=1)[:, :k], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(scores, found.rows, axis=1), found.scores, atol=1e-5)


def hubs(n: int) -> FloatArray:
    return np.random.default_rng(1).uniform(0, 0.3, n).astype(np.float32)


@pytest.mark.parametrize("n", [2, 5, 600, 3000])
def test_neighbours_are_those_of_all_pairs(n: int) -> None:
    check(clusters(n), hubs(n), min(10, n - 1))


@pytest.mark.parametrize("deviations", [-3.0, 0.0, 8.0])
def test_a_wrong_estimate_changes_nothing(monkeypatch: pytest.MonkeyPatch, deviations: float) -> None:
    monkeypatch.setattr(pairs, "_DEVIATIONS", deviations)
    check(clusters(2000), hubs(2000), 10)


def test_few_pairs_are_kept_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PENDING", 1000)
    monkeypatch.setattr(pairs, "_ROWS", 100)
    monkeypatch.setattr(pairs, "_COLUMNS", 150)
    check(clusters(2000), hubs(2000), 10)


def test_copies_of_one_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PENDING", 1000)
    monkeypatch.setattr(pairs, "_ROWS", 100)
    vectors = clusters(1500)
    vectors[300:1200] = vectors[300]
    check(vectors, hubs(1500), 10)


def test_progress_rises_to_one() -> None:
    done: list[float] = []
    exact_neighbours(clusters(3000), hubs(3000), 3, on_progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1
