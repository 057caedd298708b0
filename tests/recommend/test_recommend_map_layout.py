"""Layouts of a library: neighbours kept, points that stay, and layouts that are made anew."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NearestIndex
from recsys.recommend.map_layout import MapLayout, make_layout

DIMENSION, GROUPS = 16, 12


def groups(n: int, seed: int = 0) -> tuple[FloatArray, IdArray]:
    """Unit vectors (n, d) in groups, and their groups."""
    rng, centres = np.random.default_rng(seed), np.random.default_rng(5).standard_normal((GROUPS, DIMENSION))
    group = rng.integers(0, GROUPS, n)
    vectors = centres[group] + 0.3 * rng.standard_normal((n, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), group


def index_of(vectors: FloatArray, first: int = 1) -> NearestIndex:
    return NearestIndex.build(np.arange(first, first + len(vectors)), vectors)


def share_of_own_group(points: FloatArray, group: IdArray) -> float:
    """The mean share of the five nearest points that are of the same group."""
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((group[np.argsort(distances, axis=1)[:, :5]] == group[:, None]).mean())


@given(st.integers(1, 30), st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_any_number_of_tracks_is_within_the_map(n: int, seed: int) -> None:
    layout = make_layout(index_of(groups(n, seed)[0]))
    assert layout.ids.tolist() == list(range(1, n + 1))
    assert layout.points.shape == (n, 2)
    assert np.abs(layout.points).max() <= 1
    assert np.isfinite(layout.points).all()


def test_equal_tracks_have_points() -> None:
    layout = make_layout(index_of(np.repeat(groups(1)[0], 40, axis=0)))
    assert np.isfinite(layout.points).all()


@pytest.fixture(scope="module")
def layout() -> MapLayout:
    return make_layout(index_of(groups(400)[0]))


def test_neighbours_are_kept_and_the_whole_map_is_used(layout: MapLayout) -> None:
    assert share_of_own_group(layout.points, groups(400)[1]) > 0.95
    assert np.abs(layout.points).max() == pytest.approx(1)
    np.testing.assert_array_equal(layout.points, make_layout(index_of(groups(400)[0])).points)


def test_nothing_is_computed_without_a_change(layout: MapLayout) -> None:
    assert make_layout(index_of(groups(400)[0]), layout) is layout


def test_added_tracks_are_placed_in_their_groups_and_others_stay(layout: MapLayout) -> None:
    vectors, group = groups(400)
    more, their_group = groups(60, seed=1)
    grown = make_layout(index_of(np.vstack([vectors, more])), layout)
    np.testing.assert_array_equal(grown.points[:400], layout.points)
    assert grown.arranged.tolist() == [True] * 400 + [False] * 60
    assert share_of_own_group(grown.points, np.concatenate([group, their_group])) > 0.9
    again = make_layout(index_of(np.vstack([vectors, more])), grown)
    assert again is grown


def test_removed_tracks_vanish_and_others_stay(layout: MapLayout) -> None:
    index = index_of(groups(400)[0])
    index.remove(np.arange(1, 101))
    smaller = make_layout(index, layout)
    assert smaller.ids.tolist() == list(range(101, 401))
    np.testing.assert_array_equal(smaller.points, layout.points[100:])


def test_a_track_with_another_vector_is_placed_again(layout: MapLayout) -> None:
    vectors, group = groups(400)
    target = int(np.flatnonzero(group != group[0])[0])
    vectors[0] = vectors[target]
    moved = make_layout(index_of(vectors), layout)
    np.testing.assert_array_equal(moved.points[1:], layout.points[1:])
    distances = np.linalg.norm(moved.points - moved.points[0], axis=1)
    distances[0] = np.inf
    assert group[distances.argmin()] == group[target]


def test_a_doubled_library_is_arranged_anew_and_matches_the_former_map(layout: MapLayout) -> None:
    vectors, group = groups(400)
    more, their_group = groups(500, seed=1)
    shares: list[float] = []
    doubled = make_layout(index_of(np.vstack([vectors, more])), layout, on_progress=shares.append)
    assert doubled.arranged.all()
    assert share_of_own_group(doubled.points, np.concatenate([group, their_group])) > 0.95
    centres = [
        np.array([points[group == g].mean(axis=0) for g in range(GROUPS)])
        for points in (layout.points, doubled.points[:400])
    ]
    assert np.corrcoef(centres[0].ravel(), centres[1].ravel())[0, 1] > 0.9
    assert shares[-1] == pytest.approx(1)
    assert all(a <= b for a, b in pairwise(shares))


def test_a_layout_of_another_library_is_of_no_use(layout: MapLayout) -> None:
    other, group = groups(300, seed=3)
    found = make_layout(index_of(other), layout)
    assert found.arranged.all()
    assert share_of_own_group(found.points, group) > 0.95


def test_a_layout_is_made_anew_when_asked(layout: MapLayout) -> None:
    index = index_of(np.vstack([groups(400)[0], groups(60, seed=1)[0]]))
    grown = make_layout(index, layout)
    fresh = make_layout(index, grown, anew=True)
    assert fresh.arranged.all()
    assert not np.array_equal(fresh.points[:400], layout.points)
