"""Explanations: exact sums, and sentences that say what is so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from songs import make_track

from recsys.features.layout import DIMENSIONS
from recsys.recommend.explain import Heard, explain
from recsys.recommend.vectors import similarity_vectors
from recsys.types import FloatArray


def features(seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(len(DIMENSIONS)).astype(np.float32)


def heard(number: int, *tags: str, like: FloatArray | None = None, **facts: object) -> Heard:
    return Heard(make_track(number, **facts), features(number) if like is None else like, tags)


@given(seeds=st.integers(1, 3), picks=st.integers(1, 4), start=st.integers(0, 50))
def test_groups_and_hubs_sum_to_the_similarity(seeds: int, picks: int, start: int) -> None:
    asked = [heard(start + i) for i in range(seeds)]
    found = [heard(start + 10 + i) for i in range(picks)]
    cosines = similarity_vectors(np.stack([f.features for f in found])) @ similarity_vectors(
        np.stack([s.features for s in asked])
    ).mean(axis=0)
    similarities = [float(cosine) - 0.05 for cosine in cosines]
    for why, similarity in zip(explain(asked, found, similarities), similarities, strict=True):
        assert sum(why.groups.values()) + why.hubs == pytest.approx(similarity, abs=1e-5)
        assert why.hubs == pytest.approx(-0.05, abs=1e-5)


def test_the_same_sound_is_alike_in_everything_that_counts() -> None:
    one = heard(1, "piano", "calm", "jazz", bpm=120.0, key="C major")
    [why] = explain([one], [heard(2, "jazz", "piano", like=one.features, bpm=121.0, key="C major")], [1.0])
    assert why.tags == ("piano", "jazz")
    assert why.text.startswith("alike in kind of music")
    assert "both piano and jazz; same tempo (121 BPM); same key (C major)" in why.text
    assert all(value >= 0 for value in why.groups.values())


@pytest.mark.parametrize(
    ("bpm", "key", "said"),
    [
        (60.0, "A minor", "half the tempo (60 and 120 BPM); relative keys (A minor and C major)"),
        (243.0, "G major", "twice the tempo (243 and 120 BPM); neighbouring keys (G major and C major)"),
        (100.0, "F# major", "slower (100 and 120 BPM); keys apart (F# major and C major)"),
        (150.0, "D minor", "faster (150 and 120 BPM); neighbouring keys (D minor and C major)"),
    ],
)
def test_tempo_and_key_side_by_side(bpm: float, key: str, said: str) -> None:
    one = heard(1, bpm=120.0, key="C major")
    [why] = explain([one], [heard(2, like=one.features, bpm=bpm, key=key)], [1.0])
    assert why.text.endswith(said)
    assert (why.bpm, why.key) == ((120.0, bpm), ("C major", key))


def test_what_is_unknown_is_not_told() -> None:
    one = heard(1, bpm=None, key=None)
    [why] = explain([one], [heard(2, like=one.features)], [1.0])
    assert "BPM" not in why.text
    assert "key" not in why.text
    assert explain([one], [], []) == []


def test_a_group_that_speaks_against_it_is_named() -> None:
    one = heard(1)
    [opposite] = explain([one], [heard(3, like=-one.features)], [-0.5])
    assert "hardly alike" in opposite.text


def test_with_several_seeds_the_sentence_is_about_the_nearest() -> None:
    near, far = heard(1, title="near", bpm=100.0), heard(2, title="far", bpm=50.0)
    [why] = explain([far, near], [heard(3, like=near.features, bpm=100.0)], [0.6])
    assert "nearest to near" in why.text
    assert "same tempo" in why.text
