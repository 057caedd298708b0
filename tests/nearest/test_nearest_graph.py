"""Neighbours of all vectors: exact with one cell, nearly exact with many, the penalty of hubs included."""

import numpy as np
import pytest
from test_nearest_ivf import clusters

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NearestIndex, graph, ivf
from recsys.nearest.graph import neighbours_of_all
from recsys.nearest.ivf import overlap


@pytest.mark.parametrize("n", [2, 5, 1500])
def test_neighbours_in_one_cell_are_those_of_the_exact_search(n: int) -> None:
    vectors = clusters(n)
    index = NearestIndex.build(np.arange(n) * 3 + 1, vectors)
    found = index.neighbour_rows(100)
    assert found.shape == (n, min(100, n - 1))
    scores = vectors @ vectors.T - index.hubness_penalties(index.ids)
    np.fill_diagonal(scores, -np.inf)
    nearest_first = -np.sort(-scores, axis=1)[:, :100]
    np.testing.assert_allclose(np.take_along_axis(scores, found, axis=1), nearest_first[:, : n - 1], atol=1e-5)


def test_neighbours_over_many_cells_are_nearly_those_of_the_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 1000)
    monkeypatch.setattr(graph, "COMPARED_CELLS", 20)
    index = NearestIndex.build(np.arange(3000) * 2, clusters(3000))
    assert index.cells[0] > 100
    done: list[int] = []
    found = index.neighbour_rows(10, on_progress=done.append)
    truth, _ = index.search(index.vectors(index.ids), 11, exact=True)
    assert overlap(index.ids[found], truth) > 0.95
    assert not (found == np.arange(3000)[:, None]).any()
    assert done == sorted(done)
    assert done[-1] == 3000


def test_recent_and_removed_vectors_have_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.nearest.index.REBUILD_LIMIT", 100)
    vectors = clusters(500)
    index = NearestIndex.build(np.arange(490), vectors[:490])
    index.add(np.arange(490, 500), vectors[490:])
    index.remove(np.array([3]))
    found = index.neighbour_rows(5)
    truth, _ = index.search(index.vectors(index.ids), 6, exact=True)
    assert found.max() < len(index) == 499
    assert overlap(index.ids[found], truth) == 1


def unit(n: int, d: int, seed: int) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def by_definition(
    vectors: FloatArray, penalties: FloatArray, centroids: FloatArray, k: int, around: int
) -> list[list[int]]:
    """The best of the vectors in the own cell and in those whose centroids are nearest to its centroid."""
    cell = np.argmax(vectors @ centroids.T, axis=1)
    found = []
    for row, own in enumerate(cell):
        cells = {own, *np.argsort(-(centroids @ centroids[own]), kind="stable")[:around].tolist()}
        scores = vectors @ vectors[row] - penalties
        others = [other for other in np.argsort(-scores, kind="stable") if other != row and cell[other] in cells][:k]
        found.append([int(other) for other in others] + [-1] * (k - len(others)))
    return found


@pytest.mark.parametrize("k", [1, 4, 30, 79])
@pytest.mark.parametrize(("cells", "around"), [(1, 1), (2, 1), (2, 2), (15, 1), (15, 3), (15, 64), (70, 2)])
def test_neighbours_are_the_best_of_the_nearest_cells(
    monkeypatch: pytest.MonkeyPatch, cells: int, around: int, k: int
) -> None:
    monkeypatch.setattr(graph, "COMPARED_CELLS", around)
    monkeypatch.setattr(graph, "_CHUNK", 7)
    vectors, centroids = unit(80, 5, 0), 0.5 + unit(cells, 5, 1)  # the nearest centroid may be another one
    penalties = np.random.default_rng(2).uniform(0, 0.4, 80).astype(np.float32)
    done: list[int] = []
    found = neighbours_of_all(vectors, penalties, centroids, k, on_progress=done.append)
    assert found.tolist() == by_definition(vectors, penalties, centroids, k, around)
    sizes = np.bincount(np.argmax(vectors @ centroids.T, axis=1), minlength=cells)
    assert done == np.cumsum([min(7, size - start) for size in sizes for start in range(0, size, 7)]).tolist()


def test_cells_around_a_cell_are_64_with_itself() -> None:
    vectors = unit(70, 8, 3)
    found: IdArray = neighbours_of_all(vectors, np.zeros(70, np.float32), vectors, 99)
    assert found.shape == (70, 69)
    assert ((found >= 0).sum(axis=1) == 63).all()


@pytest.mark.parametrize("n", [0, 1])
def test_one_vector_has_no_neighbours(n: int) -> None:
    index = NearestIndex.build(np.arange(n), unit(n, 4, 0))
    assert index.neighbour_rows(5).shape == (n, 0)
