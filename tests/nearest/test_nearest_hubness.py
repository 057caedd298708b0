import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.nearest import hubness


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_weight_and_neighbours_grow_with_the_library(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert 0.4 <= hubness.csls_weight(few) <= hubness.csls_weight(many) <= 0.8
    assert 10 <= hubness.density_neighbours(few) <= hubness.density_neighbours(many) <= 50


def test_weight_and_neighbours_of_known_sizes() -> None:
    assert [round(hubness.csls_weight(n), 6) for n in (0, 10, 1000, 10_000, 100_000, 10**7)] == [
        0.4,
        0.4,
        0.4,
        0.45,
        0.5,
        0.5,
    ]
    assert [hubness.density_neighbours(n) for n in (0, 200, 400, 1000, 10**6)] == [10, 10, 20, 50, 50]


def test_similarity_is_corrected_by_the_difference_of_the_densities() -> None:
    cosines = np.array([[0.5, 0.5, 0.5], [1.0, -1.0, 0.0]], np.float32)
    query, densities = np.array([0.5, 0.25], np.float32), np.array([0.5, 0.75, 0.0], np.float32)
    found = hubness.similarities(cosines, query, densities, 0.4)
    np.testing.assert_allclose(found, [[0.5, 0.4, 0.7], [0.9, -1.0, 0.1]], atol=1e-6)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 12), st.integers(0, 99))
def test_density_is_the_mean_cosine_of_the_nearest_without_copies(sizes: list[int], k: int, seed: int) -> None:
    n = sum(sizes)
    vectors = np.repeat(unit(n // 2 + 1, seed=seed), 2, axis=0)[:n]  # two copies of each
    neighbour_cells = np.tile(np.arange(len(sizes)), (len(sizes), 1))
    found = hubness.densities(vectors, np.array(sizes), neighbour_cells, k)
    for i, vector in enumerate(vectors):
        cosines = np.sort([cosine for cosine in vectors @ vector if cosine < hubness.DUPLICATE_COSINE])[-k:]
        np.testing.assert_allclose(found[i], cosines.mean() if len(cosines) else 0, atol=1e-6)


def test_small_cells_widen_the_search() -> None:
    vectors, sizes = unit(3000, 4), np.full(60, 50)  # random cells: a density from few of them is too low
    neighbour_cells = (np.arange(60)[:, None] + np.arange(60)) % 60
    exact = hubness.densities(vectors, np.array([3000]), np.array([[0]]), 10)
    errors = []
    for oversampling in (1, 60, 300):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hubness, "MIN_OVERSAMPLING", oversampling)
            errors.append(np.abs(hubness.densities(vectors, sizes, neighbour_cells, 10) - exact).max())
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-6


@pytest.mark.parametrize("size", [1, 8, 10, 13, 50])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_density_is_measured_in_as_many_cells_as_have_enough_vectors(size: int, k: int) -> None:
    """40 for each neighbour, in at least four cells: 8 are exactly in five cells of 8."""
    sizes = np.where(np.arange(30) % 7 == 3, 0, size)
    vectors, cell = unit(int(sizes.sum()), 8), np.repeat(np.arange(30), sizes)
    orders = [np.random.default_rng(own).permutation(30) for own in range(30)]
    around = np.array([[own, *order[order != own]] for own, order in enumerate(orders)])
    found = hubness.densities(vectors, sizes, around, k)
    for row, vector in enumerate(vectors):
        cells, counted = list[int](), 0
        for each in around[cell[row]].tolist():
            if len(cells) < 4 or counted < 40 * k:
                cells.append(each)
                counted += sizes[each]
        cosines = np.sort(np.delete(vectors @ vector, row)[np.isin(np.delete(cell, row), cells)])[-k:]
        assert found[row] == pytest.approx(cosines.mean() if len(cosines) else 0, abs=1e-6)


def test_cells_of_many_vectors_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, sizes, around = unit(60), np.array([25, 35]), np.array([[0, 1], [1, 0]])
    whole = hubness.densities(vectors, sizes, around, 4)
    monkeypatch.setattr(hubness, "_CHUNK", 10)
    np.testing.assert_allclose(hubness.densities(vectors, sizes, around, 4), whole, atol=1e-6)


@pytest.mark.parametrize(
    ("cosines", "k", "mean"),
    [
        ([0.5, 0.25, 0.125], 1, 0.5),
        ([0.5, 0.25, 0.125], 2, 0.375),
        ([0.25, 0.5, 0.75], 9, 0.5),
        ([0.9995, 0.25, 0.998], 1, 0.998),  # a copy does not count
        ([1.0, 1.0, 0.25], 3, 0.25),
        ([1.0, 0.9991], 2, 0.0),
        ([-0.5, -0.25], 1, -0.25),
    ],
)
def test_mean_of_the_nearest_is_without_copies(cosines: list[float], k: int, mean: float) -> None:
    assert hubness.mean_of_nearest(np.array([cosines], np.float32), k) == pytest.approx([mean])
    assert hubness.mean_of_nearest(np.empty((2, 0), np.float32), k).tolist() == [0, 0]


def test_copies_are_those_of_the_limit_and_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubness, "DUPLICATE_COSINE", 0.75)
    assert hubness.mean_of_nearest(np.array([[0.75, 0.5]], np.float32), 1).tolist() == [0.5]
