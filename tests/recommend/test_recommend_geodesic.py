import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import unit

from recsys.recommend.geodesic import angular_distance, arc_position, slerp


def pair(d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    a, b = unit(np.random.default_rng(seed).standard_normal((2, d)))
    return a.astype(np.float64), b.astype(np.float64)


@given(d=st.integers(2, 12), seed=st.integers(0, 200), k=st.integers(0, 9))
def test_slerp_divides_the_arc_into_equal_parts(d: int, seed: int, k: int) -> None:
    a, b = pair(d, seed)
    points = slerp(a, b, np.arange(1, k + 1) / (k + 1))
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(k), abs=1e-6)
    points_and_ends = np.vstack([a, points, b])
    steps = angular_distance(points_and_ends, points_and_ends).diagonal(1)
    assert steps == pytest.approx(np.full(k + 1, float(angular_distance(a, b)) / (k + 1)), abs=1e-3)
    assert arc_position(a, b, points) == pytest.approx(np.cumsum(steps)[:-1], abs=1e-3)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_slerp_between_equal_or_opposite_vectors_is_valid(sign: float) -> None:
    a = np.array([0.6, 0.8, 0.0])
    points = slerp(a, sign * a, np.array([0.25, 0.5, 0.75]))
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(3))
    assert angular_distance(a, points) == pytest.approx(np.array([0.25, 0.5, 0.75]) * np.arccos(sign), abs=1e-6)


def test_arc_position_is_the_angle_along_the_circle() -> None:
    a, b = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    vectors = np.array([a, b, -a, [0, -1, 0], [0.5, 0.5, 0.707]])
    assert arc_position(a, b, vectors) == pytest.approx(np.pi * np.array([0, 0.5, 1, -0.5, 0.25]))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_points_between_equal_or_opposite_vectors_are_on_a_great_circle(sign: float) -> None:
    """Of opposite vectors any circle is one through both: that in the direction of the axis farthest from them."""
    a = np.array([0.6, 0.0, 0.8])
    expected = np.array([[0.6, 0, 0.8], [0, 0 if sign > 0 else 1, 0], sign * a])
    if sign > 0:
        expected[1] = a
    assert slerp(a, sign * a, np.array([0, 0.5, 1])) == pytest.approx(expected, abs=1e-6)
    assert arc_position(a, sign * a, np.array([[0, 1.0, 0], a, [0, -1.0, 0]])) == pytest.approx(
        np.array([np.pi / 2, 0, -np.pi / 2]), abs=1e-6
    )


def test_the_tangent_at_equal_vectors_is_at_right_angles() -> None:
    a = np.array([0.48, 0.6, 0.64])
    assert arc_position(a, a, np.array([[1.0, 0, 0]])) == pytest.approx(
        np.arctan2(np.sqrt(1 - 0.48**2), 0.48) * np.ones(1)
    )


def test_vectors_that_are_nearly_equal_still_have_a_direction() -> None:
    a, b = np.array([1.0, 0, 0]), np.array([1.0, 0, 2e-6])
    assert arc_position(a, b, np.array([[0, 0, 1.0], [0, 1.0, 0]])) == pytest.approx(np.array([np.pi / 2, 0]), abs=1e-5)


def test_angles_of_vectors_that_are_too_long_by_rounding() -> None:
    long = np.array([1.0 + 1e-9, 0])
    assert angular_distance(long, np.array([long, -long])).tolist() == [0.0, np.pi]
