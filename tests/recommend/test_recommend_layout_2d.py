"""Two dimensions for many: known axes, points between their neighbours, and a UMAP that notes what it is asked."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.errors import InvalidRequest
from recsys.recommend import layout_2d
from recsys.recommend.layout_2d import place_by_neighbours, principal_components, project_2d, resolve_projection


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_the_axes_of_most_variance_are_found() -> None:
    rng = np.random.default_rng(0)
    known = np.column_stack([3 * rng.standard_normal(9000), rng.standard_normal(9000)])
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0][:, :2]
    points, shares = principal_components((known @ turn.T + 5).astype(np.float32))
    for found, axis in zip(points.T, known.T, strict=True):
        assert abs(np.corrcoef(found, axis)[0, 1]) > 0.999
    assert shares == pytest.approx((0.9, 0.1), abs=0.01)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-3)


@given(st.integers(1, 40), st.integers(0, 9))
def test_any_number_of_vectors_has_points(n: int, seed: int) -> None:
    vectors = unit(n, seed=seed)
    laid = project_2d(vectors, "pca")
    assert laid.points.shape == (n, 2)
    assert laid.shares is not None
    assert 0 <= laid.shares[1] <= laid.shares[0] <= sum(laid.shares) <= 1 + 1e-9
    np.testing.assert_array_equal(laid.points, project_2d(vectors, "pca").points)


def test_the_same_vector_many_times_is_one_point() -> None:
    laid = project_2d(np.repeat(unit(1), 5, axis=0), "pca")
    np.testing.assert_allclose(laid.points, 0, atol=1e-6)
    assert laid.shares == (0, 0)


@pytest.mark.parametrize(("there", "wish", "way"), [(False, None, "pca"), (True, None, "umap"), (True, "pca", "pca")])
def test_umap_where_it_is_installed(there: bool, wish: str | None, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_2d, "_has_umap", lambda: there)
    assert resolve_projection(wish) == way


def test_wishes_that_cannot_be_met_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_2d, "_has_umap", lambda: False)
    with pytest.raises(InvalidRequest, match=r"pip install 'recsys\[umap\]'"):
        resolve_projection("umap")
    with pytest.raises(InvalidRequest, match="must be pca or umap, not 'tsne'"):
        resolve_projection("tsne")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What UMAP was asked for; it lays every vector at its first two numbers."""
    found: list[dict[str, Any]] = []

    class UMAP:
        def __init__(self, **options: Any) -> None:
            self.options = options

        def fit_transform(self, vectors: FloatArray) -> FloatArray:
            found.append(self.options | {"n": len(vectors)})
            return vectors[:, :2]

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=UMAP))
    return found


def test_few_vectors_have_no_neighbourhoods(asked: list[dict[str, Any]]) -> None:
    assert project_2d(unit(layout_2d.MIN_TRACKS - 1), "umap").projection == "pca"
    assert asked == []
    laid = project_2d(unit(layout_2d.MIN_TRACKS), "umap")
    assert (laid.projection, laid.shares) == ("umap", None)
    assert asked[0]["n_neighbors"] < asked[0]["n"] == layout_2d.MIN_TRACKS
    assert asked[0]["random_state"] == 0  # the same picture every time


def test_of_many_vectors_some_are_laid_out_and_the_others_among_them(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_2d, "MAX_FIT_TRACKS", 400)
    monkeypatch.setattr(layout_2d, "_CHUNK", 150)
    vectors = unit(1000, d=3)
    points = project_2d(vectors, "umap").points
    assert asked[0]["n"] == 400
    assert np.abs(points - vectors[:, :2]).max() < 0.3
    assert (points == vectors[:, :2]).all(axis=1).sum() == 400


def test_a_point_lies_between_its_nearest() -> None:
    vectors = np.eye(4, dtype=np.float32)
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    points = place_by_neighbours(corners, np.vstack([vectors, vectors[2]]), np.arange(4))
    np.testing.assert_array_equal(points[:4], corners)
    np.testing.assert_allclose(points[4], corners[2], atol=0.05)
