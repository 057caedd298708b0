import itertools
import math
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit

from recsys.domain.arrays import FloatArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import ENERGY_CURVES
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.energy import energies, target_curve
from recsys.recommend.ordering import Ordering, order_tracks
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


def scattered(n: int, seed: int = 0) -> tuple[list[Track], FloatArray, TrackEdges]:
    """Tracks of all kinds, two to an artist, one in five without tempo and key."""
    rng = np.random.default_rng(seed)
    tracks = [
        make_track(i, bpm=float(rng.uniform(60, 180)) if i % 5 else None, key=KEYS[i % 5], artist=f"artist {i // 2}")
        for i in range(n)
    ]
    windows = rng.standard_normal((2, n, len(DIMENSIONS))).astype(np.float16)
    whole = rng.standard_normal((n, len(DIMENSIONS))).astype(np.float32)
    whole[:, [index_of(name) for name in DRIVES]] *= 3.5  # the energies spread as in a library: arousal is alike
    return tracks, unit(rng.standard_normal((n, 5)).astype(np.float32)), TrackEdges(windows[0], windows[1], whole)


def played(n: int = 30, seed: int = 0, **wish: Any) -> Ordering:
    return order_tracks(*scattered(n, seed), rng=np.random.default_rng(0), **wish)


def step(one: dict[str, Any], other: dict[str, Any]) -> TransitionFeatures:
    return transition_features([make_track(1, **one), make_track(2, **other)], ONE, None)


@pytest.mark.parametrize(
    ("one", "other", "octaves"), [(60, 120, 0), (100, 100 * 2**0.5, 0.5), (100, 100 * 2**1.25, 0.25), (90, 90, 0)]
)
def test_half_and_double_time_are_the_same_tempo(one: float, other: float, octaves: float) -> None:
    parts = step({"bpm": one}, {"bpm": other})
    assert parts["tempo"] == pytest.approx(np.array([[0, octaves], [octaves, 0]]))
    assert transition_costs(parts)[0, 1] == pytest.approx(WEIGHTS["tempo"] * octaves / FEATURE_SCALES["tempo"])
    assert order_smoothness(parts, np.arange(2)).tempo_jump == pytest.approx(100 * (2**octaves - 1))


@pytest.mark.parametrize(("probability", "octaves"), [(0.3, 0.0), (0.1, math.log2(1.5)), (None, math.log2(1.5))])
def test_a_probable_alternative_is_as_near_as_the_tempo(probability: float | None, octaves: float) -> None:
    one = {"bpm": 120.0, "bpm_alternative": 80.0, "bpm_alternative_probability": probability}
    parts = step(one, {"bpm": 80.0})
    assert parts["tempo"] == pytest.approx(np.array([[0, min(octaves, 1 - octaves)], [min(octaves, 1 - octaves), 0]]))


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("C major", "A minor", 0), ("C major", "G major", 1), ("C major", "F major", 1), ("C major", "F# major", 6),
        ("D minor", "Eb minor", 5), ("B minor", "E major", 2),
    ],
)  # fmt: skip
def test_keys_lie_on_the_circle_of_fifths(one: str, other: str, steps: int) -> None:
    parts = step({"key": one}, {"key": other})
    assert parts["key"][0, 1] == parts["key"][1, 0] == steps
    assert order_smoothness(parts, np.arange(2)).key_clashes == (steps > 1)


def test_neighbours_in_fifths_share_all_notes_but_one() -> None:
    assert [fifths(key) for key in ("C major", "G major", "D minor", "Bb major")] == [0, 1, 11, 10]


def test_what_is_unknown_costs_what_a_random_step_does_and_counts_for_no_score() -> None:
    parts = step({"bpm": None}, {"key": None})
    costs = transition_costs(parts)
    expected = sum(WEIGHTS[name] * UNKNOWN[name] / FEATURE_SCALES[name] for name in UNKNOWN)
    assert costs[0, 1] == costs[1, 0] == pytest.approx(expected)
    found = order_smoothness(parts, np.arange(2))
    assert found.tempo_jump is found.key_clashes is found.loudness_jump is found.timbre_jump is None
    assert found.distance == 0.0


def test_the_end_of_one_meets_the_beginning_of_the_next() -> None:
    windows = np.zeros((2, 2, len(DIMENSIONS)), np.float16)
    beginnings, ends = windows
    level, mfcc = index_of("loudness_lufs"), index_of("mfcc_3_mean")
    ends[0, level], beginnings[1, level] = -20, -14
    ends[1, mfcc] = 60
    edges = TrackEdges(beginnings, ends, np.zeros((2, len(DIMENSIONS)), np.float32))
    parts = transition_features([make_track(1), make_track(2)], ONE, edges)
    assert parts["loudness"].tolist() == [[20, 6], [0, 14]]
    assert parts["timbre"][0, 1] == 0.0
    assert parts["timbre"][1, 0] > 0.0
    costs = transition_costs(parts)
    assert costs[0, 1] != costs[1, 0]
    assert costs.diagonal().tolist() == [0, 0]
    assert order_smoothness(parts, np.array([0, 1])).loudness_jump == 6
    assert order_smoothness(parts, np.array([1, 0])).timbre_jump == pytest.approx(parts["timbre"][1, 0])


def test_points_on_an_arc_are_walked_along_it() -> None:
    angles = np.array([0.0, 0.9, 0.3, 1.2, 0.6, 1.5])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = order_tracks([make_track(i) for i in range(6)], vectors, first=0, rng=np.random.default_rng(0))
    assert found.positions == (0, 2, 4, 1, 3, 5)
    assert found.unmet_constraints == ()
    assert found.energies == ()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_short_lists(n: int) -> None:
    for energy in (None, *ENERGY_CURVES):
        assert sorted(played(n, energy=energy, min_gap=2).positions) == list(range(n))
    if n > 1:
        assert played(n, first=1, last=0).positions[0] == 1


def test_smoother_than_chance_in_every_way() -> None:
    tracks, vectors, edges = scattered(40)
    parts, rng = transition_features(tracks, vectors, edges), np.random.default_rng(0)
    ours = order_tracks(tracks, vectors, edges, rng=rng).smoothness
    chance = np.mean([np.array(order_smoothness(parts, rng.permutation(40)), float) for _ in range(20)], axis=0)
    for name, mine, theirs in zip(ours._fields, ours, chance, strict=True):
        assert mine is not None
        assert mine < theirs, name


def test_the_ends_are_kept_and_artists_are_apart() -> None:
    found = played(first=4, last=9, min_gap=6)
    assert (found.positions[0], found.positions[-1]) == (4, 9)
    assert found.unmet_constraints == ()
    where = {track: place for place, track in enumerate(found.positions)}
    assert all(abs(where[i] - where[i + 1]) >= 6 for i in range(0, 30, 2))


def test_one_artist_cannot_be_apart_from_itself_and_that_is_said() -> None:
    tracks = [make_track(i, artist="Bach" if i < 8 else f"artist {i}") for i in range(10)]
    vectors = unit(np.random.default_rng(0).standard_normal((10, 4)).astype(np.float32))
    found = order_tracks(tracks, vectors, min_gap=2, rng=np.random.default_rng(0))
    assert found.unmet_constraints == (
        UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", {"n_close": 5, "n_tracks": 10}),
    )
    nobody = [make_track(i, artist=None) for i in range(10)]
    assert order_tracks(nobody, vectors, min_gap=5, rng=np.random.default_rng(0)).unmet_constraints == ()


@pytest.mark.parametrize("energy", ["rising", "falling", "arc"])
def test_the_energy_has_the_wished_shape(energy: Any) -> None:
    found = played(40, energy=energy)
    goal = target_curve(np.array(found.energies), energy)
    assert np.corrcoef(goal, found.energies)[0, 1] > 0.8
    assert list(found.energies) == energies(scattered(40)[2].overall)[list(found.positions)].tolist()


def test_a_flat_list_has_no_jumps_of_energy() -> None:
    of_track = energies(scattered(40)[2].overall)
    jumps = {
        energy: np.abs(np.diff(of_track[list(played(40, energy=energy).positions)])).mean() for energy in (None, "flat")
    }
    assert jumps["flat"] < 0.7 * jumps[None]
    assert played(40).energies == ()


def test_the_same_seed_is_the_same_order() -> None:
    assert played(energy="arc", min_gap=3) == played(energy="arc", min_gap=3)


def test_wishes_that_make_no_sense_are_errors() -> None:
    tracks, vectors, edges = scattered(4)
    with pytest.raises(ValueError, match="first and last"):
        order_tracks(tracks, vectors, edges, first=1, last=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="needs the edges"):
        order_tracks(tracks, vectors, energy="rising", rng=np.random.default_rng(0))


@pytest.mark.parametrize("edges", [False, True])
def test_lists_of_a_few_tracks_are_the_best_of_all_orders(edges: bool) -> None:
    for seed in range(8):
        tracks, vectors, known = scattered(6, seed)
        costs = transition_costs(transition_features(tracks, vectors, known if edges else None))
        found = order_tracks(tracks, vectors, known if edges else None, rng=np.random.default_rng(seed)).positions
        best = min(sum(costs[a, b] for a, b in itertools.pairwise(p)) for p in itertools.permutations(range(6)))
        assert sum(costs[a, b] for a, b in itertools.pairwise(found)) == pytest.approx(best)
