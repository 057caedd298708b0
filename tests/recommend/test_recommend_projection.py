"""The similarity projection: the shipped one, its contributions, and its fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.errors import FeatureMismatch
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.recommend import projection as module
from recsys.recommend.learning import WEIGHTS, Collection, LabelSet, apply, fit_projection
from recsys.recommend.projection import VIEWS, Projection, projection
from recsys.recommend.vectors import contributions, similarity_vectors


def features(n: int, seed: int = 0, spread: float = 1.0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, len(DIMENSIONS))) * spread
    return np.clip(vectors, -8, 8).astype(np.float32)


@given(n=st.integers(0, 5), seed=st.integers(0, 99), spread=st.sampled_from([0.0, 0.1, 1.0, 30.0]))
def test_vectors_are_finite_and_of_length_one(n: int, seed: int, spread: float) -> None:
    vectors = similarity_vectors(features(n, seed, spread))
    assert vectors.shape == (n, projection().dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vector_has_at_most_128_dimensions_and_is_independent_of_others() -> None:
    assert projection().dimension <= 128
    many = features(5000)
    np.testing.assert_allclose(similarity_vectors(many)[4321], similarity_vectors(many[4321:4322])[0], atol=1e-6)


@given(seed=st.integers(0, 99))
def test_contributions_sum_to_the_cosine(seed: int) -> None:
    x = features(4, seed)
    by_group = contributions(x[0], x[1:])
    assert set(by_group) == {"timbre", "learned"} == set(VIEWS.values())
    vectors = similarity_vectors(x)
    np.testing.assert_allclose(sum(by_group.values()), vectors[1:] @ vectors[0], atol=1e-5)


def test_only_the_changed_group_contributes_less() -> None:
    one, unrelated = features(2)
    other = one.copy()
    other[GROUPS["timbre"]] = unrelated[GROUPS["timbre"]]
    same, differs = contributions(one, one[None]), contributions(one, other[None])
    assert differs["timbre"][0] < same["timbre"][0] / 2
    assert differs["learned"][0] > same["learned"][0] / 2


@given(seed=st.integers(0, 99))
def test_unused_features_do_not_change_the_vector(seed: int) -> None:
    """Loudness differs between masterings, tempo by octaves: neither is part of the similarity."""
    x = features(2, seed)
    changed = x.copy()
    for group in ("rhythm", "harmony", "dynamics"):
        changed[:, GROUPS[group]] = features(2, seed + 1)[:, GROUPS[group]]
    np.testing.assert_array_equal(similarity_vectors(x), similarity_vectors(changed))


@pytest.mark.parametrize("shape", [(3, 7), (len(DIMENSIONS),)])
def test_features_of_another_shape_raise(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureMismatch, match="analyse the track again"):
        similarity_vectors(np.zeros(shape, np.float32))


#: All other features are random here, and would outweigh the labels at their usual weight.
LABEL_WEIGHTS = {**WEIGHTS, "labels": 100.0}


def genre_features(
    n: int, seed: int, genres: tuple[str, ...] = ("jazz", "metal", "opera")
) -> tuple[FloatArray, list[str]]:
    """Genres that differ in a few tags; all other features are random."""
    x = features(n, seed)
    genres_of_tracks = [genres[i % len(genres)] for i in range(n)]
    for i in range(n):
        start = GROUPS["tags"].start + 10 * (i % len(genres))
        x[i, start : start + 10] += 6
    return x, genres_of_tracks


def labelled(x: FloatArray, genres: list[str], **fields: Any) -> Collection:
    present = np.array([[genre == name for name in sorted(set(genres))] for genre in genres], float)
    return Collection(x, (LabelSet(present, 1.0),), **fields)


def precision(learned: Projection, x: FloatArray, truth: list[str]) -> float:
    vectors = apply(learned, x)
    nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:6]
    return float(np.mean(np.array(truth)[nearest] == np.array(truth)[:, None]))


def test_fitted_projection_separates_genres_and_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learned = fit_projection([labelled(*genre_features(150, 1)), Collection(features(100, 2))], weights=LABEL_WEIGHTS)
    assert learned.dimension <= 128
    unseen, truth = genre_features(90, 3)
    vectors = apply(learned, unseen)
    assert precision(learned, unseen, truth) > 0.8

    learned.save(tmp_path / module.PROJECTION_FILE)
    projection.cache_clear()
    monkeypatch.setattr(module, "resources", _Files(tmp_path))
    try:
        np.testing.assert_allclose(apply(projection(), unseen), vectors, atol=1e-5)
        monkeypatch.setattr(module, "SIMILARITY_VERSION", 99)
        projection.cache_clear()
        with pytest.raises(FeatureMismatch, match="fit_similarity"):
            projection()
    finally:
        projection.cache_clear()


def test_labels_are_fitted_within_their_collection() -> None:
    one, other = genre_features(120, 1, ("jazz", "metal")), genre_features(120, 2, ("opera", "jazz"))
    learned = fit_projection([labelled(*one), labelled(*other)], weights=LABEL_WEIGHTS)
    assert precision(learned, *genre_features(60, 4, ("jazz", "metal"))) > 0.8


def test_tags_only_collection_affects_labels_only() -> None:
    x, genres = genre_features(120, 1)
    fitted_ = fit_projection([Collection(features(100, 2)), labelled(x, genres, tags_only=True)], weights=LABEL_WEIGHTS)
    assert fitted_.views["embedding"].mean == pytest.approx(
        features(100, 2)[:, GROUPS["learned"]].mean(axis=0), abs=1e-5
    )
    assert precision(fitted_, *genre_features(90, 3)) > 0.8


def test_variation_within_tracks_lowers_the_weight() -> None:
    """A dimension of the embedding that differs between the windows of one track counts less."""
    x, genres = genre_features(100, 1)
    column = GROUPS["learned"].start + 7
    parts, part_tracks = np.repeat(x, 4, axis=0), np.repeat(np.arange(100), 4)
    parts += 0.1 * features(400, 5)
    parts[:, column] += 5 * np.tile([1.0, -1.0, 1.0, -1.0], 100)
    equal_parts = np.repeat(x, 4, axis=0) + 0.1 * features(400, 5)
    plain = fit_projection([labelled(x, genres, parts=equal_parts, part_tracks=part_tracks)])
    noisy = fit_projection([labelled(x, genres, parts=parts.astype(np.float32), part_tracks=part_tracks)])
    dimension = column - GROUPS["learned"].start
    sizes = [np.abs(fitted.views["embedding"].matrix[dimension]).sum() / np.abs(fitted.views["embedding"].matrix).sum()
             for fitted in (plain, noisy)]  # fmt: skip
    assert sizes[1] < sizes[0] / 2


def test_classes_with_one_track_have_no_effect() -> None:
    x, genres = genre_features(60, 1)
    with_classes = fit_projection([labelled(x, genres, classes=([str(i) for i in range(60)],))])
    without = fit_projection([labelled(x, genres)])
    np.testing.assert_allclose(apply(with_classes, x), apply(without, x), atol=1e-5)


class _Files:
    """Replaces importlib.resources, with another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, package: str) -> "_Files":
        return self

    def joinpath(self, *parts: str) -> Path:
        return self.folder / parts[-1]
