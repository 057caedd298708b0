"""Valence and arousal: numbers in [0, 1] that follow what is known of some music."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from recsys.errors import FeatureMismatch, ModelError
from recsys.features import mood
from recsys.features.mood import mood_map, predict_mood, valence_arousal
from recsys.features.scaling import denormalise, reference
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

TAGS = (*MSD_TAGS, *MTT_TAGS)


def track(**probabilities: float) -> np.ndarray:
    """The reference track, but for the probabilities of some tags."""
    vector = reference().mean.copy()
    for i, tag in enumerate(TAGS):
        if (name := tag.lower().replace(" ", "_").replace("-", "_")) in probabilities:
            vector[GROUPS["tags"].start + i] = probabilities[name]
    return vector


def test_numbers_are_in_range_whatever_the_vector() -> None:
    vectors = np.random.default_rng(0).normal(0, 100, (20, len(DIMENSIONS))).astype(np.float32)
    numbers = valence_arousal(vectors)
    assert numbers.shape == (20, 2)
    assert ((numbers >= 0) & (numbers <= 1)).all()


def test_metal_is_more_aroused_and_less_pleasant_than_quiet_ambient_music() -> None:
    metal = track(metal=0.9, heavy_metal=0.9, loud=0.8, hard_rock=0.7, rock=0.9, fast=0.5)
    ambient = track(ambient=0.9, chillout=0.8, quiet=0.7, slow=0.8, new_age=0.6, soft=0.6)
    (sharp, loud), (mild, calm) = valence_arousal(np.stack([metal, ambient]))
    assert loud > calm
    assert sharp < mild


def test_a_track_alone_has_the_numbers_that_it_has_among_others() -> None:
    vectors = denormalise(np.random.default_rng(1).standard_normal((5, len(DIMENSIONS))).astype(np.float32))
    np.testing.assert_allclose(valence_arousal(vectors)[2:3], valence_arousal(vectors[2:3]), atol=1e-9)
    assert predict_mood(vectors)[2] == pytest.approx(tuple(valence_arousal(vectors)[2]))


def test_loudness_changes_nothing() -> None:
    louder = track()
    louder[GROUPS["dynamics"]] += 6
    np.testing.assert_array_equal(valence_arousal(louder[None]), valence_arousal(track()[None]))


def test_no_tracks_have_no_moods() -> None:
    assert predict_mood(np.empty((0, len(DIMENSIONS)), np.float32)) == []


def test_other_vectors_are_refused() -> None:
    with pytest.raises(FeatureMismatch, match=r"\(2, 12\)"):
        valence_arousal(np.zeros((2, 12), np.float32))


def test_a_damaged_map_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    with zipfile.ZipFile(tmp_path / "data" / "mood.npz", "w"):
        pass
    monkeypatch.setattr(mood.resources, "files", lambda _: tmp_path)
    mood_map.cache_clear()
    try:
        with pytest.raises(ModelError, match=r"mood\.npz"):
            mood_map()
    finally:
        mood_map.cache_clear()
