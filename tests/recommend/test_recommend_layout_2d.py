"""Two-dimensional layouts: known axes, points between their neighbours, and a UMAP that records its calls."""

import sys
import warnings
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import Hint, InvalidRequest
from recsys.recommend import layout_2d
from recsys.recommend.layout_2d import place_by_neighbours, principal_components, project_2d, resolve_projection


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_principal_components_are_the_axes_of_largest_variance() -> None:
    rng = np.random.default_rng(0)
    known = np.column_stack([3 * rng.standard_normal(9000), rng.standard_normal(9000)])
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0][:, :2]
    points, shares = principal_components((known @ rotation.T + 5).astype(np.float32))
    for found, axis in zip(points.T, known.T, strict=True):
        assert abs(np.corrcoef(found, axis)[0, 1]) > 0.999
    assert shares == pytest.approx((0.9, 0.1), abs=0.01)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-3)


@given(st.integers(1, 40), st.integers(0, 9))
def test_any_number_of_vectors_is_projected(n: int, seed: int) -> None:
    vectors = unit(n, seed=seed)
    layout = project_2d(vectors, "pca")
    assert layout.points.shape == (n, 2)
    assert layout.shares is not None
    assert 0 <= layout.shares[1] <= layout.shares[0] <= sum(layout.shares) <= 1 + 1e-9
    np.testing.assert_array_equal(layout.points, project_2d(vectors, "pca").points)


def test_equal_vectors_are_one_point() -> None:
    layout = project_2d(np.repeat(unit(1), 5, axis=0), "pca")
    np.testing.assert_allclose(layout.points, 0, atol=1e-6)
    assert layout.shares == (0, 0)


@pytest.mark.parametrize(
    ("has_umap", "requested", "projection"), [(False, None, "pca"), (True, None, "umap"), (True, "pca", "pca")]
)
def test_default_projection_is_umap_if_installed(
    has_umap: bool, requested: str | None, projection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_2d, "_has_umap", lambda: has_umap)
    assert resolve_projection(requested) == projection


def test_unavailable_or_unknown_projection_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_2d, "_has_umap", lambda: False)
    with pytest.raises(InvalidRequest, match="projection 'umap' needs the package umap-learn") as caught:
        resolve_projection("umap")
    assert (caught.value.hint, caught.value.hint_values) == (Hint.INSTALL_EXTRA, {"extra": "umap"})
    with pytest.raises(InvalidRequest, match="projection must be pca or umap, got 'tsne'"):
        resolve_projection("tsne")


@pytest.fixture
def umap_calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of a UMAP that maps every vector to its first two dimensions."""
    found: list[dict[str, Any]] = []

    class UMAP:
        def __init__(self, **options: Any) -> None:
            self.options = options

        def fit_transform(self, vectors: FloatArray) -> FloatArray:
            found.append(self.options | {"n": len(vectors)})
            warnings.warn("as numba does", stacklevel=1)
            return vectors[:, :2]

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=UMAP))
    return found


def test_few_vectors_are_projected_by_pca(umap_calls: list[dict[str, Any]]) -> None:
    assert project_2d(unit(layout_2d.MIN_TRACKS - 1), "umap").projection == "pca"
    assert umap_calls == []
    layout = project_2d(unit(layout_2d.MIN_TRACKS), "umap")
    assert (layout.projection, layout.shares) == ("umap", None)
    options = {"n_neighbors": 15, "min_dist": 0.15, "random_state": 0, "n_jobs": 1}  # which make it deterministic
    assert umap_calls == [{**options, "n": 16}]


def test_umap_fits_a_sample_and_places_the_rest(
    umap_calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_2d, "MAX_FIT_TRACKS", 400)
    monkeypatch.setattr(layout_2d, "_CHUNK", 150)
    vectors = unit(1000, d=3)
    points = project_2d(vectors, "umap").points
    assert umap_calls[0]["n"] == 400
    assert np.abs(points - vectors[:, :2]).max() < 0.3
    assert (points == vectors[:, :2]).all(axis=1).sum() == 400


def test_vector_is_placed_between_its_neighbours() -> None:
    vectors = np.eye(4, dtype=np.float32)
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    points = place_by_neighbours(corners, np.vstack([vectors, vectors[2]]), np.arange(4))
    np.testing.assert_array_equal(points[:4], corners)
    np.testing.assert_allclose(points[4], corners[2], atol=0.05)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_shares_of_the_variance_do_not_depend_on_the_scale(scale: float) -> None:
    points = np.array([[2, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]], np.float32) * np.float32(scale)
    assert principal_components(points)[1] == pytest.approx((0.8, 0.2))


def test_points_are_the_centred_coordinates_on_the_axes() -> None:
    """The axes are (0, 0.8, 0.6) and (1, 0, 0), each with its largest entry positive."""
    along = np.array([[5, 0], [-5, 0], [0, 2], [0, -2], [0, 0]], np.float32)
    vectors = np.column_stack([along[:, 1] + 3, 0.8 * along[:, 0] - 1, 0.6 * along[:, 0] + 2]).astype(np.float32)
    points, shares = principal_components(vectors)
    np.testing.assert_allclose(points, along, atol=1e-5)
    assert shares == pytest.approx((50 / 58, 8 / 58))
    mirrored, _ = principal_components(vectors * np.array([1, 1, -1], np.float32))
    np.testing.assert_allclose(mirrored, along, atol=1e-5)
    second, _ = principal_components(vectors[:, [1, 2, 0]] * np.array([-1, -1, -1], np.float32))
    np.testing.assert_allclose(second, -along, atol=1e-5)


def test_a_variance_of_next_to_nothing_is_a_small_share() -> None:
    """So that rounding errors of equal vectors are not axes."""
    points = np.array([[1, 0], [-1, 0]], np.float32) * np.float32(2.0**-21)
    assert principal_components(points)[1] == pytest.approx((2 * 2.0**-42 / 1e-12, 0.0))


def test_a_vector_is_placed_by_its_three_nearest_and_their_similarities() -> None:
    similarities = np.array([0.9, 0.5, 0.2, 0.1, -0.3], np.float32)
    positions = np.array([[0, 0], [1, 0], [0, 1], [8, 8], [9, 9]], np.float32)
    vectors = np.vstack([similarities, np.eye(5, dtype=np.float32)])
    weights = 1 / (1.01 - similarities[:3].astype(np.float64))
    order = np.array([3, 0, 4, 2, 1])  # of those that are fitted
    points = place_by_neighbours(positions[order], vectors, order + 1)
    np.testing.assert_allclose(points[0], weights @ positions[:3] / weights.sum(), rtol=1e-5)
    np.testing.assert_array_equal(points[1:], positions)
    two = place_by_neighbours(positions[:2], vectors, np.array([1, 2]))  # fewer than three
    np.testing.assert_allclose(two[0], weights[:2] @ positions[:2] / weights[:2].sum(), rtol=1e-5)


def test_vectors_are_placed_by_their_nearest_among_many() -> None:
    vectors, positions = unit(300), np.random.default_rng(1).standard_normal((260, 2)).astype(np.float32)
    points = place_by_neighbours(positions, vectors, np.arange(260))
    similarities = (vectors @ vectors[:260].T).astype(np.float64)
    for row in range(260, 300):
        near = np.argsort(-similarities[row])[:3]
        weights = 1 / (1.01 - similarities[row, near])
        np.testing.assert_allclose(points[row], weights @ positions[near] / weights.sum(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("n", [10_000, 10_001])
def test_umap_fits_at_most_ten_thousand_vectors(
    n: int, umap_calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[IdArray] = []

    def place(positions: FloatArray, vectors: FloatArray, fitted_rows: IdArray) -> FloatArray:
        placed.append(fitted_rows)
        assert len(positions) == len(fitted_rows)
        return vectors[:, :2]

    monkeypatch.setattr(layout_2d, "place_by_neighbours", place)
    assert len(project_2d(np.zeros((n, 2), np.float32), "umap").points) == n
    assert umap_calls[0]["n"] == 10_000
    if n == 10_000:
        assert placed == []
    else:
        expected = np.sort(np.random.default_rng(0).choice(n, 10_000, replace=False))
        np.testing.assert_array_equal(placed[0], expected)


def test_umap_is_installed_if_its_package_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(name: str) -> str:
        if name != "umap-learn":
            raise PackageNotFoundError(name)
        return "0.5"

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(layout_2d, "version", installed)
    assert resolve_projection(None) == resolve_projection("umap") == "umap"
    monkeypatch.setattr(layout_2d, "version", missing)
    assert resolve_projection(None) == "pca"
