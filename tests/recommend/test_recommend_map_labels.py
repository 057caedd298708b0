"""Names of regions on maps whose regions are known."""

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.domain.maps import NO_GENRE
from recsys.recommend.map_labels import MAX_LABELS, label_regions


def cloud(x: float, y: float, n: int, seed: int) -> FloatArray:
    return (np.array([x, y]) + 0.04 * np.random.default_rng(seed).standard_normal((n, 2))).astype(np.float32)


def test_each_region_has_its_name_and_the_largest_is_the_first() -> None:
    points = np.vstack([cloud(-0.5, -0.5, 100, 0), cloud(0.5, 0.5, 60, 1), cloud(0.5, -0.5, 50, 2)])
    numbers = np.repeat(np.array([1, 0, 1], np.uint16), [100, 60, 50])
    labels = label_regions(points, numbers, ["folk", "jazz"])
    assert [label["text"] for label in labels] == ["jazz", "folk", "jazz"]
    for label, centre in zip(labels, [(-0.5, -0.5), (0.5, 0.5), (0.5, -0.5)], strict=True):
        assert np.hypot(label["x"] - centre[0], label["y"] - centre[1]) < 0.08
    assert labels[0]["tracks"] >= 95


def test_a_genre_that_is_rare_where_it_is_has_no_name() -> None:
    points = np.vstack([cloud(0, 0, 200, 0), cloud(0, 0, 20, 1)])
    numbers = np.repeat(np.array([0, 1], np.uint16), [200, 20])
    assert [label["text"] for label in label_regions(points, numbers, ["rock", "polka"])] == ["rock"]


def test_labels_are_few_and_far_apart() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (5000, 2)).astype(np.float32)
    numbers = (np.floor((points[:, 0] + 1) * 4) * 8 + np.floor((points[:, 1] + 1) * 4)).astype(np.uint16)
    labels = label_regions(points, numbers, [f"genre {i}" for i in range(64)])
    assert 8 <= len(labels) <= MAX_LABELS
    places = np.array([[label["x"], label["y"]] for label in labels])
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert distances[~np.eye(len(labels), dtype=bool)].min() >= 0.22


def test_tracks_without_a_genre_have_no_names() -> None:
    assert label_regions(cloud(0, 0, 30, 0), np.full(30, NO_GENRE, np.uint16), []) == ()
