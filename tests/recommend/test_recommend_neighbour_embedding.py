"""The embedding against what is known: exact repulsion of all pairs, and clusters that stay apart."""

import numpy as np
import pytest

from recsys.domain.arrays import FloatArray
from recsys.recommend import repulsion
from recsys.recommend.neighbour_embedding import embed, neighbour_graph
from recsys.recommend.repulsion import Repulsion


def exact_repulsion(points: FloatArray) -> FloatArray:
    difference = points[:, None].astype(np.float64) - points[None]
    cauchy = 1 / (1 + (difference**2).sum(axis=2))
    total = cauchy.sum() - len(points)
    return (((cauchy**2)[:, :, None] * difference).sum(axis=1) / total).astype(np.float32)


@pytest.mark.parametrize("n", [30, 90])
@pytest.mark.parametrize("spread", [0.5, 3.0, 10.0])
def test_repulsion_is_that_of_all_pairs(n: int, spread: float, monkeypatch: pytest.MonkeyPatch) -> None:
    points = (np.random.default_rng(0).standard_normal((n, 2)) * spread).astype(np.float32)
    points -= points.mean(axis=0)
    expected = exact_repulsion(points)
    np.testing.assert_allclose(Repulsion()(points), expected, atol=1e-6)
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 0)
    np.testing.assert_allclose(Repulsion()(points), expected, atol=0.12 * np.abs(expected).max())


def test_grid_follows_the_extent_of_the_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repulsion, "EXACT_LIMIT", 0)
    monkeypatch.setattr(repulsion, "MAX_NODES", 100)
    one, rng = Repulsion(), np.random.default_rng(0)
    for spread in (1.0, 10.0, 1000.0, 1.0):
        points = (rng.standard_normal((50, 2)) * spread).astype(np.float32)
        forces = one(points)
        np.testing.assert_array_equal(forces, Repulsion()(points))
        assert np.isfinite(forces).all()


def test_graph_is_symmetric_and_sums_to_one() -> None:
    graph = neighbour_graph(np.array([[1, 2], [0, -1], [0, 1]]))
    dense = graph.toarray()
    np.testing.assert_allclose(dense, dense.T)
    assert dense.sum() == pytest.approx(1)
    assert dense[0, 1] == pytest.approx(2 / 10)
    assert dense[1, 2] == pytest.approx(1 / 10)


def test_separate_groups_stay_apart_and_the_result_is_deterministic() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(4), 50)
    neighbours = np.array(
        [rng.choice(np.flatnonzero((group == g) & (np.arange(200) != i)), 10) for i, g in enumerate(group)]
    )
    graph = neighbour_graph(neighbours)
    start = (rng.standard_normal((200, 2)) * 1e-4).astype(np.float32)
    steps: list[int] = []
    points = embed(graph, start, iterations=200, exaggerated=50, on_iteration=steps.append)
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :5]
    assert (group[nearest] == group[:, None]).mean() > 0.98
    assert steps == list(range(1, 201))
    np.testing.assert_array_equal(points, embed(graph, start, iterations=200, exaggerated=50))
