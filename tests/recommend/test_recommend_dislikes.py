"""What dislikes and seeds with a minus exclude, against the rule that their modules state."""

import math

import numpy as np
import pytest
from synthetic_library import unit

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NearestIndex
from recsys.recommend.dislikes import n_close_neighbours, near_dislikes
from recsys.recommend.minus_seeds import MinusSeeds, direction

IDS = np.arange(1, 145) * 3
VECTORS = unit(np.random.default_rng(0).standard_normal((144, 3)))
INDEX = NearestIndex.build(IDS, VECTORS)


def neighbours(row: int, k: int) -> list[int]:
    """The ``k`` nearest others of a track, by similarity."""
    [found], _ = INDEX.search(VECTORS[[row]], len(IDS))
    return [i for i in found.tolist() if i != IDS[row]][:k]


@pytest.mark.parametrize(("tracks", "n"), [(0, 10), (120, 10), (121, 11), (143, 11), (144, 12), (1_000_000, 1000)])
def test_neighbours_of_a_dislike_grow_with_the_root_of_the_library(tracks: int, n: int) -> None:
    assert n_close_neighbours(tracks) == n


def expected(likes: FloatArray, rows: list[int], weights: list[float], margin: float) -> set[int]:
    """By the rule: among the nearest of a dislike, 12 or fewer, and not nearer to a like by a margin."""
    found = set()
    for row, weight in zip(rows, weights, strict=True):
        for i in neighbours(row, math.ceil(12 * weight)):
            vector = VECTORS[i // 3 - 1]
            if vector @ VECTORS[row] > margin * max(0.0, float((likes @ vector).max())):
                found.add(i)
    return found


@pytest.mark.parametrize(("named", "margin"), [(True, 0.85), (False, 0.75)])
@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [0.5, 0.25, 1.0], [0.3, 0.7, 0.05]])
def test_dislikes_exclude_their_nearest_tracks_that_are_not_nearer_to_a_like(
    named: bool, margin: float, weights: list[float]
) -> None:
    total = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rows, likes = rng.choice(144, 3, replace=False).tolist(), unit(rng.standard_normal((4, 3)))
        found = near_dislikes(
            INDEX, IDS, VECTORS, (VECTORS @ likes.T).max(axis=1), IDS[rows], np.array(weights), named=named
        )
        others = ~np.isin(IDS, IDS[rows])
        wanted = expected(likes, rows, weights, margin)
        assert set(IDS[found & others].tolist()) == wanted - set(IDS[rows].tolist())
        total += len(wanted)
    assert total > 60


def test_a_dislike_far_from_the_likes_excludes_none_of_their_tracks() -> None:
    row = int(VECTORS[:, 0].argmax())
    near = VECTORS[:, 0] < 0  # all have a negative cosine with the dislike or a larger one with the like
    like = -np.eye(1, 3, dtype=np.float32)
    rows = np.flatnonzero(near & (VECTORS @ VECTORS[row] < 0))
    none = near_dislikes(INDEX, IDS[rows], VECTORS[rows], VECTORS[rows] @ like[0], IDS[[row]], np.ones(1), named=False)
    assert none.tolist() == [False] * len(rows)


@pytest.mark.parametrize(("n_tracks", "n_dislikes"), [(5, 0), (0, 2), (0, 0)])
def test_nothing_is_excluded_without_tracks_or_dislikes(n_tracks: int, n_dislikes: int) -> None:
    cosines: FloatArray = np.ones(n_tracks, np.float32)
    weights: DoubleArray = np.ones(n_dislikes)
    dislikes: IdArray = IDS[100 : 100 + n_dislikes]
    found = near_dislikes(INDEX, IDS[:n_tracks], VECTORS[:n_tracks], cosines, dislikes, weights, named=True)
    assert found.tolist() == [False] * n_tracks


def test_minus_seeds_are_directions_with_their_nearest_tracks() -> None:
    one, two = VECTORS[:1], VECTORS[1:4]
    found = MinusSeeds.find(INDEX, [(each, INDEX.local_density(each)) for each in (one, two)])
    np.testing.assert_allclose(found.directions, [one[0], two.sum(axis=0) / np.linalg.norm(two.sum(axis=0))], atol=1e-6)
    assert found.cosines(VECTORS[:5]) == pytest.approx(VECTORS[:5] @ found.directions.T)
    assert found.neighbours[0].tolist() == [3, *neighbours(0, 12)]
    assert len(found.neighbours[1]) == 15
    [nearest], _ = INDEX.search(two, 15, densities=INDEX.local_density(two), mean_of_queries=True)
    assert found.neighbours[1].tolist() == nearest.tolist()


def test_direction_of_a_mean_has_length_one_and_that_of_nothing_is_zero() -> None:
    assert direction(np.array([[3.0, 0, 0], [0, 4.0, 0]], np.float32)).tolist() == pytest.approx([0.6, 0.8, 0])
    assert direction(np.array([[1.0, 0], [-1.0, 0]], np.float32)).tolist() == [0, 0]
    assert direction(np.array([[1e-6, 0]], np.float32)).tolist() == pytest.approx([1, 0])


@pytest.mark.parametrize(
    ("cosine", "plus", "is_neighbour", "left_out"),
    [
        (0.5, 0.49, False, True),
        (0.5, 0.5, False, False),
        (0.5, 0.5, True, True),
        (0.5, 0.58, True, True),  # more than 0.85 of it
        (0.5, 0.59, True, False),
        (0.5, 0.59, False, False),
        (0.01, -0.5, False, True),
        (-0.01, -0.5, False, False),
        (-0.01, -0.5, True, False),
        (0.0, 0.0, False, False),
        (0.0, 0.0, True, False),
    ],
)
def test_minus_seed_leaves_out_what_is_nearer_to_it(
    cosine: float, plus: float, is_neighbour: bool, left_out: bool
) -> None:
    vector = np.array([[cosine, math.sqrt(1 - cosine**2)]], np.float32)
    other = np.array([0, -1.0], np.float32)  # another minus seed is far away
    for order in ([0, 1], [1, 0]):
        seeds = MinusSeeds(
            np.stack([np.eye(1, 2, dtype=np.float32)[0], other])[order],
            tuple([np.array([7] if is_neighbour else [8]), np.array([], np.int64)][i] for i in order),
        )
        assert seeds.near(np.array([7]), vector, np.array([plus], np.float32)).tolist() == [left_out]


def test_minus_seeds_without_their_neighbours_are_an_error() -> None:
    seeds = MinusSeeds(VECTORS[:2], (IDS[:3],))
    with pytest.raises(ValueError, match="zip"):
        seeds.near(IDS, VECTORS, np.ones(len(IDS), np.float32))


def test_track_that_is_unrelated_to_a_dislike_and_to_the_likes_stays() -> None:
    index = NearestIndex.build(np.arange(1, 4), np.eye(3, dtype=np.float32))
    vectors = unit(np.array([[0.0, 1, 0], [0.01, 1, 0]]))
    cosines = np.array([0, -0.5], np.float32)
    found = near_dislikes(index, np.array([2, 3]), vectors, cosines, np.array([1]), np.ones(1), named=True)
    assert found.tolist() == [False, True]
