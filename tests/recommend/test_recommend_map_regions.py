"""Names of regions at their limits: points in single cells of the grid, whose labels follow by hand."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from recsys.domain.arrays import FloatArray
from recsys.domain.maps import MapLabelRecord
from recsys.recommend.map_labels import _centre, _density, label_regions

CELL = 2 / 64


def at(row: int, column: int, n: int) -> FloatArray:
    """``n`` points at the centre of a cell."""
    return np.tile(np.array([(row + 0.5) * CELL - 1, (column + 0.5) * CELL - 1], np.float32), (n, 1))


def labels(*regions: tuple[FloatArray, int]) -> list[MapLabelRecord]:
    points = np.vstack([region for region, _ in regions])
    numbers = np.concatenate([np.full(len(region), number, np.uint16) for region, number in regions])
    return list(label_regions(points, numbers, [f"genre {i}" for i in range(1 + int(numbers.max()))]))


def summary(*regions: tuple[FloatArray, int]) -> list[tuple[str, int]]:
    return [(label["text"], label["tracks"]) for label in labels(*regions)]


def test_density_is_smoothed_around_the_cell_of_a_point() -> None:
    for point, cell in (((-1, 1), (0, 63)), ((0, -0.5), (32, 16)), ((0.99, -0.99), (63, 0)), ((0.03, 0.04), (32, 33))):
        grid = np.zeros((64, 64))
        grid[cell] = 2
        found = _density(np.array([point, point], np.float32))
        np.testing.assert_allclose(found, gaussian_filter(grid, 1.5, mode="constant"))
    assert _centre(0, 63) == (-1 + CELL / 2, 1 - CELL / 2)
    assert _centre(32, 33) == (CELL / 2, 1.5 * CELL)


def test_a_label_is_at_the_centre_of_its_cell() -> None:
    [label] = labels((at(20, 40, 5), 0))
    assert label == {"x": -0.359, "y": 0.266, "text": "genre 0", "tracks": 5}


@pytest.mark.parametrize(("others", "least"), [(0, 3), (400, 3), (996, 4)])
def test_a_region_has_enough_tracks(others: int, least: int) -> None:
    rest = (np.random.default_rng(0).uniform(-1, 0, (others, 2)).astype(np.float32), 0) if others else (at(5, 5, 3), 0)
    assert ("genre 1", least) in summary(rest, (at(50, 50, least), 1))
    assert "genre 1" not in dict(summary(rest, (at(50, 50, least - 1), 1)))


def test_a_genre_of_few_tracks_does_not_end_the_search() -> None:
    assert summary((at(5, 5, 2), 0), (at(50, 50, 5), 1)) == [("genre 1", 5)]


def test_labels_are_far_apart() -> None:
    assert summary((at(20, 20, 9), 0), (at(20, 27, 6), 1)) == [("genre 0", 9)]
    assert summary((at(20, 20, 9), 0), (at(20, 28, 6), 1)) == [("genre 0", 9), ("genre 1", 6)]
    assert summary((at(20, 20, 9), 0), (at(27, 20, 6), 1)) == [("genre 0", 9)]
    assert summary((at(20, 20, 9), 0), (at(24, 25, 6), 1), (at(40, 20, 5), 2)) == [("genre 0", 9), ("genre 2", 5)]
    assert summary((at(20, 20, 9), 0), (at(25, 25, 6), 1)) == [("genre 0", 9), ("genre 1", 6)]


def test_of_equally_dense_regions_the_first_genre_has_the_label() -> None:
    assert summary((at(20, 20, 6), 1), (at(27, 20, 6), 0)) == [("genre 0", 6)]
    assert summary((at(20, 20, 6), 0), (at(27, 20, 6), 1)) == [("genre 0", 6)]


def test_peaks_of_one_genre_are_apart() -> None:
    assert summary((at(20, 20, 9), 0), (at(20, 32, 5), 0)) == [("genre 0", 9), ("genre 0", 5)]


def test_a_genre_has_three_labels_and_the_next_genre_still_has_one() -> None:
    places = [(8, 8, 9), (8, 40, 8), (40, 8, 7), (40, 40, 6)]
    regions = [(at(row, column, n), 1) for row, column, n in places]
    found = summary(*regions, (at(56, 56, 5), 0))
    assert found == [("genre 1", 9), ("genre 1", 8), ("genre 1", 7), ("genre 0", 5)]


def test_a_map_has_24_labels_of_the_densest_regions() -> None:
    regions = [(at(6 + 10 * (i // 5), 6 + 10 * (i % 5), 30 - i), i) for i in range(25)]
    assert summary(*regions) == [(f"genre {i}", 30 - i) for i in range(24)]
    assert len(summary(*regions[:24])) == 24


def test_tracks_are_counted_within_the_radius() -> None:
    centre = at(30, 30, 20)
    near = centre[:2] + np.array([[0.149, 0], [0, -0.149]], np.float32)
    far = centre[:2] + np.array([[0.151, 0], [0.11, 0.11]], np.float32)
    assert summary((np.vstack([centre, near, far]), 0)) == [("genre 0", 22)]


@pytest.mark.parametrize(("others", "has_label"), [(27, True), (28, False)])
def test_a_quarter_of_a_region_is_of_its_genre(others: int, has_label: bool) -> None:
    """The other genre is around it, at a distance that the smoothing does not reach at once."""
    angles = np.linspace(0, 2 * np.pi, others, endpoint=False)
    ring = at(30, 30, 1) + 0.14 * np.column_stack([np.cos(angles), np.sin(angles)])
    found = dict(summary((at(30, 30, 9), 1), (ring.astype(np.float32), 0)))
    assert ("genre 1" in found) == has_label


def test_a_region_is_named_where_its_genre_dominates() -> None:
    """Of two peaks at a small distance, that whose genre is the larger share has the name, not the denser one."""
    mixed = [(at(20, 20, 10), 0), (at(20, 20, 10), 1)]
    assert summary(*mixed, (at(20, 26, 7), 2)) == [("genre 2", 7)]
    assert ("genre 0", 10) in summary(*mixed, (at(20, 26, 4), 2))


def test_labels_of_a_fixed_map() -> None:
    """Golden values, with regions that overlap: each weight, limit and order has a part in them."""
    rng = np.random.default_rng(4)
    numbers = rng.integers(0, 6, 600).astype(np.uint16)
    centres = rng.uniform(-0.9, 0.9, (6, 3, 2))
    points = centres[numbers, rng.integers(0, 3, 600)] + 0.12 * rng.standard_normal((600, 2))
    found = label_regions(np.clip(points, -1, 1).astype(np.float32), numbers, list("abcdef"))
    assert [(each["text"], each["x"], each["y"], each["tracks"]) for each in found] == [
        ("f", -0.703, 0.328, 23), ("b", -0.109, 0.484, 23), ("e", -0.641, -0.328, 20), ("f", 0.734, -0.641, 20),
        ("e", 0.578, 0.047, 19), ("d", -0.359, 0.172, 19), ("a", -0.016, -0.484, 19), ("a", 0.891, -0.078, 18),
        ("f", 0.891, -0.953, 15), ("d", -0.328, 0.453, 13), ("b", -0.141, 0.984, 12), ("b", -0.172, -0.859, 12),
        ("c", 0.234, -0.672, 10), ("c", 0.172, 0.516, 8), ("a", 0.859, 0.172, 7), ("c", 0.391, -0.453, 7),
        ("d", 0.266, 0.266, 4), ("e", -0.453, 0.672, 4),
    ]  # fmt: skip
