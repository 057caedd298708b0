"""Costs and smoothness of transitions, against their definitions with the numbers written out."""

import math
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit

from recsys.domain.catalogue import TrackEdges
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.transitions import (
    Smoothness,
    fifths,
    order_smoothness,
    transition_costs,
    transition_features,
)

MAJOR = ("C", "G", "D", "A", "E", "B", "F#", "C#", "Ab", "Eb", "Bb", "F")  # in the order of the circle of fifths
MINOR = ("A", "E", "B", "F#", "C#", "Ab", "Eb", "Bb", "F", "C", "G", "D")


def features_of(*tracks: dict[str, Any]) -> dict[str, Any]:
    vectors = np.ones((len(tracks), 1), np.float32)
    return transition_features([make_track(i, **fields) for i, fields in enumerate(tracks)], vectors, None)


@pytest.mark.parametrize(("mode", "tonics"), [("major", MAJOR), ("minor", MINOR)])
def test_keys_follow_one_another_by_fifths(mode: str, tonics: tuple[str, ...]) -> None:
    assert [fifths(f"{tonic} {mode}") for tonic in tonics] == list(range(12))


@pytest.mark.parametrize(
    ("name", "value", "cost"),
    [
        ("sound", 0.5, 2.0 * 0.5 / 0.25), ("timbre", 0.5, 0.7 * 0.5 / 0.65), ("loudness", 3.0, 0.5 * 3 / 5.6),
        ("tempo", 0.25, 0.25 / 0.147), ("key", 3.0, 3 / 1.77),
        ("tempo", math.nan, 0.245 / 0.147), ("key", math.nan, 2.77 / 1.77),
    ],
)  # fmt: skip
def test_each_feature_has_its_weight_and_its_standard_deviation(name: str, value: float, cost: float) -> None:
    steps = {each: np.zeros((2, 2)) for each in ("sound", "timbre", "loudness", "tempo", "key")}
    steps[name] = np.full((2, 2), value)
    assert transition_costs(steps) == pytest.approx(np.array([[0, cost], [cost, 0]]))


def test_costs_of_the_features_add_up() -> None:
    steps = {name: np.full((2, 2), 1.0) for name in ("sound", "tempo", "key")}
    assert transition_costs(steps)[0, 1] == pytest.approx(2 / 0.25 + 1 / 0.147 + 1 / 1.77)


def test_sound_is_one_minus_the_cosine() -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((4, 3)))
    found = transition_features([make_track(i) for i in range(4)], vectors, None)
    assert set(found) == {"sound", "tempo", "key"}
    assert found["sound"] == pytest.approx(1 - vectors @ vectors.T, abs=1e-6)


def test_timbre_is_the_root_mean_square_over_nineteen_dimensions() -> None:
    rng = np.random.default_rng(0)
    first, last = rng.normal(0, 3, (2, 4, len(DIMENSIONS))).astype(np.float16)
    edges = TrackEdges(first, last, np.zeros((4, len(DIMENSIONS)), np.float32))
    found = transition_features([make_track(i) for i in range(4)], np.ones((4, 1), np.float32), edges)
    names = [*(f"mfcc_{i}_mean" for i in range(1, 13)), *(f"contrast_{i}_mean" for i in range(7))]
    columns = [index_of(name) for name in names]
    std = reference().std[columns].astype(float)
    for i in range(4):
        for j in range(4):
            jump = (last[i, columns].astype(float) - first[j, columns]) / std
            assert found["timbre"][i, j] == pytest.approx(np.sqrt((jump**2).mean()), rel=1e-5)
            level = index_of("loudness_lufs")
            assert found["loudness"][i, j] == pytest.approx(abs(float(last[i, level]) - float(first[j, level])))


@pytest.mark.parametrize(
    ("one", "other", "octaves"),
    [
        ((120, None, None), (150, None, None), math.log2(1.25)),
        ((120, 75, 0.2), (150, None, None), 0.0),  # half of the tempo
        ((120, 75, 0.199), (150, None, None), math.log2(1.25)),
        ((150, None, None), (120, 75, 0.9), 0.0),
        ((100, 130, 0.9), (140, 66, 0.9), math.log2(66 * 2 / 130)),
        ((100, 130, 0.9), (102, 160, 0.9), math.log2(1.02)),
        ((None, None, None), (150, None, None), math.nan),
        ((None, None, None), (150, 75, 0.9), math.nan),
    ],
)
def test_tempi_are_compared_with_probable_alternatives(one: Any, other: Any, octaves: float) -> None:
    names = ("bpm", "bpm_alternative", "bpm_alternative_probability")
    found = features_of(*(dict(zip(names, each, strict=True)) for each in (one, other)))["tempo"]
    assert [found[0, 1], found[1, 0]] == pytest.approx([octaves] * 2, abs=1e-9, nan_ok=True)


def test_smoothness_is_the_mean_over_the_known_steps_of_the_order() -> None:
    nan = math.nan
    steps = {
        "sound": np.array([[0, 0.1, 0.9], [0.9, 0, 0.4], [0.2, 0.9, 0]]),
        "tempo": np.array([[0, 0.5, 0.1], [0.5, 0, nan], [0.1, nan, 0]]),
        "key": np.array([[0, 1.0, 3.0], [1.0, 0, 2.0], [3.0, 2.0, 0]]),
        "loudness": np.array([[0, 4.0, 9.0], [9.0, 0, 5.0], [1.0, 9.0, 0]]),
        "timbre": np.array([[0, 0.5, 0.9], [0.9, 0, 0.75], [0.3, 0.9, 0]]),
    }
    found = order_smoothness(steps, np.array([0, 1, 2]))
    assert found == pytest.approx(Smoothness(100 * (2**0.5 - 1), 0.5, 0.25, 4.5, 0.625))
    assert order_smoothness(steps, np.array([2, 0])) == pytest.approx(Smoothness(100 * (2**0.1 - 1), 1, 0.2, 1, 0.3))
    assert order_smoothness(steps, np.array([1])) == Smoothness(None, None, None, None, None)
    unknown = {"sound": steps["sound"], "tempo": np.full((3, 3), nan), "key": np.full((3, 3), nan)}
    found = order_smoothness(unknown, np.array([0, 1, 2]))
    assert found._replace(distance=None) == Smoothness(None, None, None, None, None)
    assert found.distance == pytest.approx(0.25)
