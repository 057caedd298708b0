"""Neighbours of all vectors: exact with one cell, nearly exact with many, the penalty of hubs included."""

import numpy as np
import pytest
from test_nearest_ivf import clusters

from recsys.nearest import NearestIndex, graph, ivf
from recsys.nearest.ivf import overlap


@pytest.mark.parametrize("n", [2, 5, 600])
def test_neighbours_in_one_cell_are_those_of_the_exact_search(n: int) -> None:
    vectors = clusters(n)
    index = NearestIndex.build(np.arange(n) * 3 + 1, vectors)
    found = index.neighbour_rows(10)
    truth, _ = index.search(vectors, 11, exact=True)
    assert found.shape == (n, min(10, n - 1))
    for row, (neighbours, expected) in enumerate(zip(index.ids[found], truth, strict=True)):
        assert set(neighbours) == {i for i in expected.tolist() if i != index.ids[row]}


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
