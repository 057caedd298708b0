"""The map to the similarity vector: what ships, what it is a sum of, and what can be learned."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import FeatureMismatch
from recsys.features.layout import DIMENSIONS, GROUPS
from recsys.recommend import projection as module
from recsys.recommend.learning import apply, fit_projection
from recsys.recommend.projection import VIEWS, projection
from recsys.recommend.vectors import contributions, similarity_vectors
from recsys.types import FloatArray


def features(n: int, seed: int = 0, spread: float = 1.0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, len(DIMENSIONS))) * spread
    return np.clip(vectors, -8, 8).astype(np.float32)


@given(n=st.integers(0, 5), seed=st.integers(0, 99), spread=st.sampled_from([0.0, 0.1, 1.0, 30.0]))
def test_vectors_are_finite_and_of_length_one(n: int, seed: int, spread: float) -> None:
    vectors = similarity_vectors(features(n, seed, spread))
    assert vectors.shape == (n, projection().dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_vector_has_at_most_128_numbers_and_does_not_depend_on_its_company() -> None:
    assert projection().dimension <= 128
    many = features(5000)
    np.testing.assert_allclose(similarity_vectors(many)[4321], similarity_vectors(many[4321:4322])[0], atol=1e-6)


@given(seed=st.integers(0, 99))
def test_what_the_groups_give_sums_to_the_cosine(seed: int) -> None:
    x = features(4, seed)
    given_ = contributions(x[0], x[1:])
    assert set(given_) == {"timbre", "rhythm", "harmony", "dynamics", "learned"} == set(VIEWS.values())
    vectors = similarity_vectors(x)
    np.testing.assert_allclose(sum(given_.values()), vectors[1:] @ vectors[0], atol=1e-5)


def test_a_group_that_alone_differs_alone_gives_less() -> None:
    one = features(1)[0]
    other = one.copy()
    other[GROUPS["rhythm"]] *= -1
    same, differs = contributions(one, one[None]), contributions(one, other[None])
    assert differs["rhythm"][0] < 0 < same["rhythm"][0]


@pytest.mark.parametrize("shape", [(3, 7), (len(DIMENSIONS),)])
def test_other_features_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureMismatch, match="analyse the track again"):
        similarity_vectors(np.zeros(shape, np.float32))


def kinds(n: int, seed: int) -> tuple[FloatArray, list[str]]:
    """Three genres that differ in a few tags; everything else is chance."""
    x = features(n, seed)
    genres = [("jazz", "metal", "opera")[i % 3] for i in range(n)]
    for i in range(n):
        x[i, GROUPS["tags"].start + 10 * (i % 3)] += 6
    return x, genres


def test_learning_finds_what_tells_genres_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, genres = kinds(150, 1)
    learned = fit_projection(np.vstack([x, features(100, 2)]), x, genres)
    assert learned.dimension <= 128
    unseen, truth = kinds(90, 3)
    vectors = apply(learned, unseen)
    nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:6]
    assert np.mean(np.array(truth)[nearest] == np.array(truth)[:, None]) > 0.8

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


def test_two_genres_are_enough() -> None:
    x, genres = kinds(60, 1)
    two = [i for i, genre in enumerate(genres) if genre != "opera"]
    learned = fit_projection(x, x[two], [genres[i] for i in two])
    assert len(learned.kind.mean) == 2
    assert np.isfinite(apply(learned, x)).all()


class _Files:
    """Stands for importlib.resources, with another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, package: str) -> "_Files":
        return self

    def joinpath(self, *parts: str) -> Path:
        return self.folder / parts[-1]
