import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from songs import make_track, unit

from recsys.recommend.sequence import KEY_WEIGHT, TEMPO_WEIGHT, smooth_order, step_costs
from recsys.types import FloatArray, Track


def cost(order: list[int], tracks: list[Track], vectors: FloatArray) -> float:
    costs = step_costs(tracks, vectors)
    return float(sum(costs[a, b] for a, b in itertools.pairwise(order)))


def scattered(n: int, seed: int = 0) -> tuple[list[Track], FloatArray]:
    rng = np.random.default_rng(seed)
    keys = ("C major", "A minor", "F# minor", "Eb major", None)
    tracks = [
        make_track(i, bpm=float(rng.uniform(60, 180)) if i % 5 else None, key=keys[i % len(keys)]) for i in range(n)
    ]
    return tracks, unit(rng.standard_normal((n, 5)).astype(np.float32))


def test_points_on_an_arc_are_walked_along_it() -> None:
    angles = np.array([0.0, 0.9, 0.3, 1.2, 0.6, 1.5])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert smooth_order([make_track(i) for i in range(6)], vectors) == [0, 2, 4, 1, 3, 5]


@given(n=st.integers(0, 7), seed=st.integers(0, 50))
def test_short_lists_are_near_the_best_of_all_orders(n: int, seed: int) -> None:
    tracks, vectors = scattered(n, seed)
    order = smooth_order(tracks, vectors)
    assert sorted(order) == list(range(n))
    if n:
        assert order[0] == 0
        best = min(cost([0, *rest], tracks, vectors) for rest in itertools.permutations(range(1, n)))
        assert cost(order, tracks, vectors) <= 1.25 * best + 1e-6


def test_no_stretch_turned_round_makes_it_smoother() -> None:
    tracks, vectors = scattered(30)
    order = smooth_order(tracks, vectors)
    least = cost(order, tracks, vectors)
    for i in range(1, 30):
        for j in range(i + 1, 31):
            turned = order[:i] + order[i:j][::-1] + order[j:]
            assert cost(turned, tracks, vectors) >= least - 1e-9


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"bpm": 60.0}, {"bpm": 120.0}, 0.0),
        ({"bpm": 100.0}, {"bpm": 100 * 2**0.5}, TEMPO_WEIGHT),
        ({"bpm": 100.0}, {"bpm": 100 * 2**1.25}, TEMPO_WEIGHT / 2),
        ({"key": "C major"}, {"key": "A minor"}, 0.0),
        ({"key": "C major"}, {"key": "G major"}, KEY_WEIGHT / 6),
        ({"key": "C major"}, {"key": "F major"}, KEY_WEIGHT / 6),
        ({"key": "C major"}, {"key": "F# major"}, KEY_WEIGHT),
        ({"key": "D minor"}, {"key": "Eb minor"}, KEY_WEIGHT * 5 / 6),
        ({"key": None}, {"bpm": None}, 0.0),
    ],
)
def test_tempo_and_key_cost_what_they_should(one: dict[str, object], other: dict[str, object], expected: float) -> None:
    costs = step_costs([make_track(1, **one), make_track(2, **other)], np.ones((2, 1), np.float32))
    assert costs[0, 1] == costs[1, 0] == pytest.approx(expected)
