"""Repulsion on a grid against the same sums over all nodes, and the embedding against its definition."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.recommend import neighbour_embedding, repulsion
from recsys.recommend.neighbour_embedding import embed, neighbour_graph
from recsys.recommend.repulsion import Repulsion, _interpolation


def normal(n: int, spread: float = 1.0, seed: int = 0) -> FloatArray:
    return (np.random.default_rng(seed).standard_normal((n, 2)) * spread).astype(np.float32)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(1.5, 29.5, width=32), st.floats(1.5, 29.5, width=32)), min_size=1, max_size=9))
def test_interpolation_is_exact_for_every_quadratic_function(points: list[tuple[float, float]]) -> None:
    at = np.array(points, np.float32)
    weights = _interpolation(at, 32)
    assert weights.shape == (len(at), 32 * 32)
    assert weights.nnz == 9 * len(at)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(32.0), np.arange(32.0), indexing="ij"))
    functions: list[Callable[[DoubleArray, DoubleArray], DoubleArray]] = [
        lambda x, y: np.ones_like(x),
        lambda x, y: x - 2 * y,
        lambda x, y: x * x - x * y,
        lambda x, y: (x * x + 3) * (y * y - 5 * y),
    ]
    for function in functions:
        expected = function(at[:, 0].astype(np.float64), at[:, 1].astype(np.float64))
        np.testing.assert_allclose(weights @ function(x, y), expected, rtol=1e-4, atol=0.5)


def by_all_nodes(points: FloatArray, spacing: float, side: int) -> DoubleArray:
    """The sums over all pairs of nodes, without FFT."""
    low = points.min(axis=0)
    weights = _interpolation((points - low) / np.float32(spacing) + np.float32(1.5), side).toarray().astype(np.float64)
    used = np.flatnonzero(weights.any(axis=0))
    nodes = np.column_stack(np.divmod(used, side)) * spacing
    cauchy = 1 / (1 + ((nodes[:, None] - nodes[None]) ** 2).sum(axis=2))
    pairs = weights[:, used] @ cauchy @ weights[:, used].T
    squares = weights[:, used] @ cauchy**2 @ weights[:, used].T
    return np.asarray((points * squares.sum(axis=1)[:, None] - squares @ points) / (pairs.sum() - len(points)))


@pytest.mark.parametrize("extent", [1.0, 12.9, 13.0, 13.4, 16.9, 40.0])
def test_the_grid_has_the_sums_over_all_pairs_of_nodes(extent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 0)
    points = np.random.default_rng(0).uniform(0, extent, (30, 2)).astype(np.float32)
    points[0], points[1] = 0, extent
    points -= np.array([extent / 2, extent / 3], np.float32)
    expected = by_all_nodes(points, 0.5, 200)
    np.testing.assert_allclose(Repulsion()(points), expected, atol=2e-3 * np.abs(expected).max())


def test_the_sum_over_all_pairs_may_be_less_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 0)
    points = np.array([[0, 0], [0.5, 1.5]], np.float32)
    np.testing.assert_allclose(Repulsion()(points), by_all_nodes(points, 0.5, 32), rtol=1e-3)


def test_the_spacing_doubles_where_the_grid_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 0)
    assert repulsion.MAX_NODES == 800
    monkeypatch.setattr(repulsion, "MAX_NODES", 50)
    one = Repulsion()
    for extent, spacing in ((25.0, 0.5), (25.5, 1.0), (50.0, 1.0), (50.5, 2.0)):
        points = np.array([[0, 0], [extent, 1], [extent - 1, 0]], np.float32)
        expected = by_all_nodes(points, spacing, 80)
        np.testing.assert_allclose(one(points), expected, atol=2e-3 * np.abs(expected).max())


def test_a_hundred_points_are_compared_pair_by_pair() -> None:
    for n, is_exact in ((100, True), (101, False)):
        points = normal(n)
        difference = points[:, None].astype(np.float64) - points
        cauchy = 1 / (1 + (difference**2).sum(axis=2))
        exact = ((cauchy**2)[:, :, None] * difference).sum(axis=1) / (cauchy.sum() - n)
        deviation = np.abs(Repulsion()(points) - exact).max() / np.abs(exact).max()
        assert (deviation < 1e-5) == is_exact
    assert Repulsion()(np.zeros((1, 2), np.float32)).tolist() == [[0.0, 0.0]]
    apart = Repulsion()(np.array([[0, 0], [1000, 0]], np.float32))
    np.testing.assert_allclose(apart, [[-5e-4, 0], [5e-4, 0]], rtol=1e-3)


def by_definition(weights: DoubleArray, points: DoubleArray, iterations: int, exaggerated: int, least: float) -> object:
    """Gradient descent of t-SNE with momentum and gains, pair by pair."""
    n = len(points)
    velocity, gains = np.zeros((n, 2)), np.ones((n, 2))
    for iteration in range(iterations):
        factor = 12.0 if iteration < exaggerated else 1.0
        difference = points[:, None] - points
        cauchy = 1 / (1 + (difference**2).sum(axis=2))
        attraction = (weights * cauchy)[:, :, None] * difference
        repelled = ((cauchy**2)[:, :, None] * difference).sum(axis=1) / (cauchy.sum() - n)
        force = repelled - factor * attraction.sum(axis=1)
        gains = np.maximum(np.where(np.sign(force) == np.sign(velocity), gains + 0.2, gains * 0.8), least)
        velocity = 0.8 * velocity + max(n / factor, 50.0) * gains * force
        points = points + velocity
        points = points - points.mean(axis=0)
    return points


@pytest.mark.parametrize(
    ("n", "iterations", "exaggerated", "least"),
    [(12, 1, 0, 0.01), (12, 12, 4, 0.01), (90, 8, 3, 0.01), (90, 8, 3, 0.7), (700, 2, 1, 0.01)],
)
def test_points_move_as_defined(
    n: int, iterations: int, exaggerated: int, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 1000)
    if least != 0.01:  # otherwise the least gain of the module
        monkeypatch.setattr(neighbour_embedding, "_MIN_GAIN", np.float32(least))
    rng = np.random.default_rng(0)
    graph = neighbour_graph(np.array([rng.choice(np.delete(np.arange(n), i), 3, replace=False) for i in range(n)]))
    start = normal(n, 0.5, seed=1) + np.float32(0.25)
    expected = by_definition(
        graph.toarray().astype(np.float64), start.astype(np.float64), iterations, exaggerated, least
    )
    found = embed(graph, start, iterations=iterations, exaggerated=exaggerated)
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-3, atol=1e-3 * np.abs(np.asarray(expected)).max())


def test_no_iteration_is_exaggerated_by_default() -> None:
    graph, start = neighbour_graph(np.array([[1], [2], [0], [2]])), normal(4)
    np.testing.assert_array_equal(embed(graph, start, iterations=3), embed(graph, start, iterations=3, exaggerated=0))
