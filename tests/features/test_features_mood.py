"""Valence and arousal: range, plausibility for metal and ambient music, and errors."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from recsys.errors import FeatureMismatch, Hint, ModelError
from recsys.features.mood import mood_map, predict_mood, valence_arousal
from recsys.features.scaling import denormalise, reference
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

TAGS = (*MSD_TAGS, *MTT_TAGS)


def track(**probabilities: float) -> np.ndarray:
    """The mean of the reference corpus, with other probabilities of some tags."""
    vector = reference().mean.copy()
    for i, tag in enumerate(TAGS):
        if (name := tag.lower().replace(" ", "_").replace("-", "_")) in probabilities:
            vector[GROUPS["tags"].start + i] = probabilities[name]
    return vector


def test_valence_and_arousal_of_any_vector_are_in_range() -> None:
    vectors = np.random.default_rng(0).normal(0, 100, (20, len(DIMENSIONS))).astype(np.float32)
    numbers = valence_arousal(vectors)
    assert numbers.shape == (20, 2)
    assert ((numbers >= 0) & (numbers <= 1)).all()


def test_metal_has_higher_arousal_and_lower_valence_than_ambient_music() -> None:
    metal = track(metal=0.9, heavy_metal=0.9, loud=0.8, hard_rock=0.7, rock=0.9, fast=0.5)
    ambient = track(ambient=0.9, chillout=0.8, quiet=0.7, slow=0.8, new_age=0.6, soft=0.6)
    (metal_valence, metal_arousal), (ambient_valence, ambient_arousal) = valence_arousal(np.stack([metal, ambient]))
    assert metal_arousal > ambient_arousal
    assert metal_valence < ambient_valence


def test_mood_of_a_track_is_independent_of_its_batch() -> None:
    vectors = denormalise(np.random.default_rng(1).standard_normal((5, len(DIMENSIONS))).astype(np.float32))
    np.testing.assert_allclose(valence_arousal(vectors)[2:3], valence_arousal(vectors[2:3]), atol=1e-9)
    assert predict_mood(vectors)[2] == pytest.approx(tuple(valence_arousal(vectors)[2]))


def test_mood_is_independent_of_loudness() -> None:
    louder = track()
    louder[GROUPS["dynamics"]] += 6
    np.testing.assert_array_equal(valence_arousal(louder[None]), valence_arousal(track()[None]))


def test_mood_of_no_tracks_is_empty() -> None:
    assert predict_mood(np.empty((0, len(DIMENSIONS)), np.float32)) == []


def test_vectors_of_another_shape_are_refused() -> None:
    with pytest.raises(FeatureMismatch, match=r"^raw feature vectors must have the shape \(n, 931\), got \(2, 12\)$"):
        valence_arousal(np.zeros((2, 12), np.float32))


def test_damaged_model_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    with zipfile.ZipFile(tmp_path / "data" / "mood.npz", "w"):
        pass
    monkeypatch.setattr("recsys.features.mood.resources.files", lambda _: tmp_path)
    mood_map.cache_clear()
    try:
        with pytest.raises(ModelError, match=r"^cannot read the mood model mood\.npz: ") as caught:
            mood_map()
        assert caught.value.hint is Hint.REINSTALL
    finally:
        mood_map.cache_clear()
