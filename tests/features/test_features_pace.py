"""Pace of lively and calm tags, and its effect on the tempo."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signals import clicks

from recsys.features.pace import AROUSING_TAGS, CALM_TAGS, pace
from recsys.features.spectrum import Spectrum
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.features.tempo import estimate_tempo


def tags(*high: int) -> np.ndarray:
    probabilities = np.full(100, 0.02, np.float32)
    probabilities[list(high)] = 0.6
    return probabilities


def test_tag_indices_match_the_tag_names() -> None:
    names = [*MSD_TAGS, *MTT_TAGS]
    assert [names[i] for i in AROUSING_TAGS[:2]] == ["metal", "hard rock"]
    assert [names[i] for i in CALM_TAGS[-2:]] == ["ambient", "solo"]


def test_pace_of_lively_tags_is_above_and_of_calm_tags_below_the_mean() -> None:
    assert pace(tags(*CALM_TAGS)) < -1 < pace(tags()) < 1 < pace(tags(*AROUSING_TAGS))


@given(st.lists(st.floats(0, 1, width=32), min_size=100, max_size=100))
def test_pace_of_any_tags_is_in_range(probabilities: list[float]) -> None:
    assert -3 <= pace(np.array(probabilities, np.float32)) <= 3


@pytest.mark.parametrize("bpm", [70, 90, 170])
def test_higher_pace_never_gives_a_slower_tempo(bpm: float) -> None:
    spectra = [Spectrum(clicks(bpm, 20.0))]
    found = [estimate_tempo(spectra, step).bpm for step in (-3.0, -1.0, 0.0, 1.0, 3.0)]
    assert all(slower <= 1.02 * faster for slower, faster in pairwise(found))


@settings(max_examples=10, deadline=None)
@given(st.floats(-3, 3))
def test_probabilities_are_valid_for_any_pace(step: float) -> None:
    tempo = estimate_tempo([Spectrum(clicks(120, 10.0))], step)
    assert 0 < tempo.confidence <= 1
    assert tempo.alternative_probability is not None
    assert tempo.confidence + tempo.alternative_probability <= 1 + 1e-9
