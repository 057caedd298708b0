import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import ENERGY_CURVES
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend import ordering
from recsys.recommend.energy import energies, target_curve
from recsys.recommend.ordering import Ordering, order_tracks
from recsys.recommend.route import OrderingProblem
from recsys.recommend.transitions import (
    FEATURE_SCALES,
    UNKNOWN,
    WEIGHTS,
    TransitionFeatures,
    fifths,
    order_smoothness,
    transition_costs,
    transition_features,
)

ONE = np.ones((2, 1), np.float32)
DRIVES = ("loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2")
KEYS = ("C major", "A minor", "F# minor", "Eb major", None)


def random_tracks(n: int, seed: int = 0) -> tuple[list[Track], FloatArray, TrackEdges]:
    """Random tracks, two for each artist, one in five without tempo and key."""
    rng = np.random.default_rng(seed)
    tracks = [
        make_track(i, bpm=float(rng.uniform(60, 180)) if i % 5 else None, key=KEYS[i % 5], artist=f"artist {i // 2}")
        for i in range(n)
    ]
    windows = rng.standard_normal((2, n, len(DIMENSIONS))).astype(np.float16)
    overall = rng.standard_normal((n, len(DIMENSIONS))).astype(np.float32)
    overall[:, [index_of(name) for name in DRIVES]] *= 3.5  # spreads the energies as in a library
    return tracks, unit(rng.standard_normal((n, 5)).astype(np.float32)), TrackEdges(windows[0], windows[1], overall)


def ordering_of(n: int = 30, seed: int = 0, **options: Any) -> Ordering:
    return order_tracks(*random_tracks(n, seed), rng=np.random.default_rng(0), **options)


def step(one: dict[str, Any], other: dict[str, Any]) -> TransitionFeatures:
    return transition_features([make_track(1, **one), make_track(2, **other)], ONE, None)


@pytest.mark.parametrize(
    ("one", "other", "octaves"), [(60, 120, 0), (100, 100 * 2**0.5, 0.5), (100, 100 * 2**1.25, 0.25), (90, 90, 0)]
)
def test_half_and_double_time_are_the_same_tempo(one: float, other: float, octaves: float) -> None:
    features = step({"bpm": one}, {"bpm": other})
    assert features["tempo"] == pytest.approx(np.array([[0, octaves], [octaves, 0]]))
    assert transition_costs(features)[0, 1] == pytest.approx(WEIGHTS["tempo"] * octaves / FEATURE_SCALES["tempo"])
    assert order_smoothness(features, np.arange(2)).tempo_jump == pytest.approx(100 * (2**octaves - 1))


@pytest.mark.parametrize(("probability", "octaves"), [(0.3, 0.0), (0.1, math.log2(1.5)), (None, math.log2(1.5))])
def test_probable_alternative_counts_like_the_tempo(probability: float | None, octaves: float) -> None:
    one = {"bpm": 120.0, "bpm_alternative": 80.0, "bpm_alternative_probability": probability}
    features = step(one, {"bpm": 80.0})
    assert features["tempo"] == pytest.approx(
        np.array([[0, min(octaves, 1 - octaves)], [min(octaves, 1 - octaves), 0]])
    )


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("C major", "A minor", 0), ("C major", "G major", 1), ("C major", "F major", 1), ("C major", "F# major", 6),
        ("D minor", "Eb minor", 5), ("B minor", "E major", 2),
    ],
)  # fmt: skip
def test_key_distance_is_on_the_circle_of_fifths(one: str, other: str, steps: int) -> None:
    features = step({"key": one}, {"key": other})
    assert features["key"][0, 1] == features["key"][1, 0] == steps
    assert order_smoothness(features, np.arange(2)).key_clashes == (steps > 1)


def test_positions_on_the_circle_of_fifths() -> None:
    assert [fifths(key) for key in ("C major", "G major", "D minor", "Bb major")] == [0, 1, 11, 10]


def test_unknown_values_cost_a_random_step_and_have_no_score() -> None:
    assert 2.5 < UNKNOWN["key"] < 3  # random keys are three fifths apart on average, and those of music a little less
    features = step({"bpm": None}, {"key": None})
    costs = transition_costs(features)
    expected = sum(WEIGHTS[name] * UNKNOWN[name] / FEATURE_SCALES[name] for name in UNKNOWN)
    assert costs[0, 1] == costs[1, 0] == pytest.approx(expected)
    found_order = order_smoothness(features, np.arange(2))
    assert (
        found_order.tempo_jump
        is found_order.key_clashes
        is found_order.loudness_jump
        is found_order.timbre_jump
        is None
    )
    assert found_order.distance == 0.0


def test_edge_features_compare_an_end_with_the_next_start() -> None:
    windows = np.zeros((2, 2, len(DIMENSIONS)), np.float16)
    starts, ends = windows
    level, mfcc = index_of("loudness_lufs"), index_of("mfcc_3_mean")
    ends[0, level], starts[1, level] = -20, -14
    ends[1, mfcc] = 60
    edges = TrackEdges(starts, ends, np.zeros((2, len(DIMENSIONS)), np.float32))
    features = transition_features([make_track(1), make_track(2)], ONE, edges)
    assert features["loudness"].tolist() == [[20, 6], [0, 14]]
    assert features["timbre"][0, 1] == 0.0
    assert features["timbre"][1, 0] > 0.0
    costs = transition_costs(features)
    assert costs[0, 1] != costs[1, 0]
    assert costs.diagonal().tolist() == [0, 0]
    assert order_smoothness(features, np.array([0, 1])).loudness_jump == 6
    assert order_smoothness(features, np.array([1, 0])).timbre_jump == pytest.approx(features["timbre"][1, 0])


def test_points_on_an_arc_are_ordered_along_it() -> None:
    angles = np.array([0.0, 0.9, 0.3, 1.2, 0.6, 1.5])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found_order = order_tracks([make_track(i) for i in range(6)], vectors, first=0, rng=np.random.default_rng(0))
    assert found_order.positions == (0, 2, 4, 1, 3, 5)
    assert found_order.unmet_constraints == ()
    assert found_order.energies == ()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_short_lists_are_ordered(n: int) -> None:
    for energy in (None, *ENERGY_CURVES):
        assert sorted(ordering_of(n, energy=energy, min_gap=2).positions) == list(range(n))
    if n > 1:
        assert ordering_of(n, first=1, last=0).positions[0] == 1


def test_order_is_smoother_than_chance_in_every_feature() -> None:
    tracks, vectors, edges = random_tracks(40)
    features, rng = transition_features(tracks, vectors, edges), np.random.default_rng(0)
    smoothness = order_tracks(tracks, vectors, edges, rng=rng).smoothness
    random_orders = [order_smoothness(features, rng.permutation(40)) for _ in range(20)]
    chance = np.mean(np.array(random_orders, float), axis=0)
    for name, value, random_value in zip(smoothness._fields, smoothness, chance, strict=True):
        assert value is not None
        assert value < random_value, name


def test_fixed_ends_and_artist_gap_hold() -> None:
    found_order = ordering_of(first=4, last=9, min_gap=6)
    assert (found_order.positions[0], found_order.positions[-1]) == (4, 9)
    assert found_order.unmet_constraints == ()
    where = {track: place for place, track in enumerate(found_order.positions)}
    assert all(abs(where[i] - where[i + 1]) >= 6 for i in range(0, 30, 2))


def test_impossible_artist_gap_is_reported() -> None:
    tracks = [make_track(i, artist="Bach" if i < 8 else f"artist {i}") for i in range(10)]
    vectors = unit(np.random.default_rng(0).standard_normal((10, 4)).astype(np.float32))
    found_order = order_tracks(tracks, vectors, min_gap=2, rng=np.random.default_rng(0))
    assert found_order.unmet_constraints == (
        UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", {"n_close": 5, "n_tracks": 10}),
    )
    unknown_artists = [make_track(i, artist=None) for i in range(10)]
    assert order_tracks(unknown_artists, vectors, min_gap=5, rng=np.random.default_rng(0)).unmet_constraints == ()


@pytest.mark.parametrize("energy", ["rising", "falling", "arc"])
def test_energies_follow_the_curve(energy: Any) -> None:
    found_order = ordering_of(40, energy=energy)
    target = target_curve(np.array(found_order.energies), energy)
    assert np.corrcoef(target, found_order.energies)[0, 1] > 0.8
    assert list(found_order.energies) == energies(random_tracks(40)[2].overall)[list(found_order.positions)].tolist()


def test_flat_curve_reduces_energy_jumps() -> None:
    of_track = energies(random_tracks(40)[2].overall)
    jumps = {
        energy: np.abs(np.diff(of_track[list(ordering_of(40, energy=energy).positions)])).mean()
        for energy in (None, "flat")
    }
    assert jumps["flat"] < 0.7 * jumps[None]
    assert ordering_of(40).energies == ()


def test_order_is_deterministic() -> None:
    assert ordering_of(energy="arc", min_gap=3) == ordering_of(energy="arc", min_gap=3)


def test_invalid_arguments_raise() -> None:
    tracks, vectors, edges = random_tracks(4)
    with pytest.raises(ValueError, match="first and last"):
        order_tracks(tracks, vectors, edges, first=1, last=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="needs the edges"):
        order_tracks(tracks, vectors, energy="rising", rng=np.random.default_rng(0))


@pytest.mark.parametrize("edges", [False, True])
def test_short_lists_have_the_optimal_order(edges: bool) -> None:
    for seed in range(8):
        tracks, vectors, known = random_tracks(6, seed)
        costs = transition_costs(transition_features(tracks, vectors, known if edges else None))
        found_order = order_tracks(tracks, vectors, known if edges else None, rng=np.random.default_rng(seed)).positions
        best = min(sum(costs[a, b] for a, b in itertools.pairwise(p)) for p in itertools.permutations(range(6)))
        assert sum(costs[a, b] for a, b in itertools.pairwise(found_order)) == pytest.approx(best)


def problem_of(monkeypatch: pytest.MonkeyPatch, n: int = 8, **options: Any) -> OrderingProblem:
    problems: list[OrderingProblem] = []

    def solve(problem: OrderingProblem, rng: np.random.Generator) -> IdArray:
        problems.append(problem)
        return np.arange(len(problem))

    monkeypatch.setattr(ordering, "solve", solve)
    ordering_of(n, **options)
    return problems[0]


def usual_steps(n: int = 8) -> DoubleArray:
    return transition_costs(transition_features(*random_tracks(n)))


def test_steps_cost_what_transitions_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(monkeypatch, first=2, last=5, min_gap=3)
    assert problem.steps == pytest.approx(usual_steps())
    assert problem.position_costs is None
    assert (problem.first, problem.last, problem.min_gap) == (2, 5, 3)
    assert problem.groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert problem_of(monkeypatch).min_gap == 0


def test_step_between_blocks_costs_a_thousand_unless_one_fits_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [0, 0, 1, 1, -1, 2, -1, 0]
    problem = problem_of(monkeypatch, blocks=np.array(blocks))
    changes = [[1000.0 * (one != other and min(one, other) >= 0) for other in blocks] for one in blocks]
    assert problem.steps - usual_steps() == pytest.approx(np.array(changes))


def test_flat_curve_costs_eight_times_the_difference_of_the_energies(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(monkeypatch, energy="flat")
    energy = energies(random_tracks(8)[2].overall)
    assert problem.steps - usual_steps() == pytest.approx(2 / 0.25 * np.abs(energy[:, None] - energy))
    assert problem.position_costs is None


@pytest.mark.parametrize("energy", ["rising", "falling", "arc"])
def test_curve_costs_twenty_times_the_distance_from_the_target(monkeypatch: pytest.MonkeyPatch, energy: Any) -> None:
    problem = problem_of(monkeypatch, energy=energy)
    of_tracks = energies(random_tracks(8)[2].overall)
    target = target_curve(of_tracks, energy)
    assert problem.position_costs == pytest.approx(np.abs(of_tracks[:, None] - target) * 20)
    assert problem.steps == pytest.approx(usual_steps())


def test_gap_is_dropped_where_no_artist_has_two_tracks(monkeypatch: pytest.MonkeyPatch) -> None:
    tracks, vectors, _ = random_tracks(3)
    names = [("a", "b"), ("c",), ("d",)]
    problems: list[OrderingProblem] = []

    def solve(problem: OrderingProblem, rng: np.random.Generator) -> IdArray:
        problems.append(problem)
        return np.arange(3)

    monkeypatch.setattr(ordering, "solve", solve)
    for last in ("d", "a"):
        named = [
            replace(track, artist="; ".join(each), artists=each)
            for track, each in zip(tracks, [*names[:2], (last,)], strict=True)
        ]
        order_tracks(named, vectors, min_gap=4, rng=np.random.default_rng(0))
    assert [problem.min_gap for problem in problems] == [0, 4]
    assert problems[1].groups.shape == (3, 2)


@pytest.mark.parametrize(
    ("groups", "gap", "wanted", "got", "n_close"),
    [
        ([0, 1, 2, 0], 3, None, None, 0),
        ([0, 1, 2, 0], 4, 3, 2, 1),
        ([0, 1, 0, 1, 0], 3, 2, 1, 3),
        ([0, 0, 1, 1], 2, 1, 0, 2),
        ([0, 0, 1, 1], 1, None, None, 0),
        ([0, 1, 0, 2, 3, 0], 3, 2, 1, 1),
        ([[0, 1], [2, -1], [1, 0], [3, -2]], 3, 2, 1, 1),
        ([[0, 1], [0, -1], [1, -2], [3, -3]], 3, 2, 0, 2),
        ([[0, -3], [1, -1], [2, -2], [1, 0]], 3, 2, 1, 1),
    ],
)
def test_distances_below_the_gap_are_counted(
    groups: Any, gap: int, wanted: int | None, got: int | None, n_close: int
) -> None:
    n = len(groups)
    problem = OrderingProblem(np.zeros((n, n)), None, np.array(groups), gap)
    order = np.roll(np.arange(n), 1)  # the groups are in the order of the playlist
    found = ordering._unmet_constraints(replace(problem, groups=np.roll(problem.groups, -1, axis=0)), order)
    details = {"n_close": n_close, "n_tracks": n}
    expected = [UnmetConstraint("min_artist_gap", wanted, got, "too_few_other_artists", details)] if n_close else []
    assert found == expected


def test_result_is_in_playing_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "solve", lambda problem, rng: np.array([2, 0, 1]))
    tracks, vectors, edges = random_tracks(3)
    found = ordering_of(3, energy="rising")
    assert found.positions == (2, 0, 1)
    assert found.energies == pytest.approx(energies(edges.overall)[[2, 0, 1]])
    assert found.smoothness == order_smoothness(transition_features(tracks, vectors, edges), np.array([2, 0, 1]))


def test_one_track_may_be_first_and_last() -> None:
    assert ordering_of(1, first=0, last=0).positions == (0,)
    with pytest.raises(ValueError, match="track 0 cannot be first and last"):
        ordering_of(2, first=0, last=0)
