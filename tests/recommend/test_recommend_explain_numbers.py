"""Explanations whose numbers and tags are computed here, and the projection by its definition."""

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explained_tracks import explained
from test_recommend_explain import EMPTY_SAMPLE, features

from recsys.errors import FeatureMismatch
from recsys.features.gaussian import log_gaussians
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION
from recsys.recommend import projection as module
from recsys.recommend.comparison import TraitSample
from recsys.recommend.explain import explain
from recsys.recommend.projection import Projection, View, log_tags, projection, unit, view_inputs
from recsys.recommend.vectors import contributions
from recsys.recommend.version import SIMILARITY_VERSION


def test_numbers_are_means_over_the_seeds_and_words_are_of_the_nearest() -> None:
    seeds = [explained(i, bpm=100.0 + i, key="C major")._replace(features=features(i)) for i in (1, 2, 3)]
    picks = [explained(i, bpm=50.0 + i, key="A minor")._replace(features=features(i)) for i in (4, 5)]
    pairs = np.array([[0.1, 0.9], [0.5, 0.2], [0.3, 0.3]], np.float32)
    found = explain(seeds, picks, [0.25, -0.125], pairs=pairs, sample=EMPTY_SAMPLE)
    by_seed = [contributions(seed.features, np.stack([pick.features for pick in picks])) for seed in seeds]
    for i, (each, nearest, similarity) in enumerate(zip(found, (1, 0), (0.25, -0.125), strict=True)):
        means = {group: np.mean([groups[group][i] for groups in by_seed]) for group in ("learned", "timbre")}
        assert each.groups == pytest.approx(means)
        assert each.hubness_penalty == pytest.approx(similarity - sum(means.values()))
        assert each.bpm == (seeds[nearest].track.bpm, picks[i].track.bpm)
        assert each.key == ("C major", "A minor")
        assert each.text.endswith(f" (nearest to title {nearest + 1})")
    [alone] = explain(seeds[:1], picks[:1], [0.25], pairs=pairs[:1, :1], sample=EMPTY_SAMPLE)
    assert "nearest" not in alone.text


def test_four_rarest_common_tags_are_listed() -> None:
    sample = TraitSample(
        [explained(tags=dict.fromkeys(tags, 0.5)) for tags in ("abcdef", "abcdf", "abcd", "bc", "bc", "")]
    )
    one, other = explained(tags=dict.fromkeys("gfdcba", 0.5)), explained(tags=dict.fromkeys("abcdefh", 0.5))
    [found] = explain([one], [other], [0.5], pairs=np.array([[0.5]], np.float32), sample=sample)
    assert found.tags == ("f", "a", "d", "b")
    [few] = explain(
        [one], [explained(tags={"c": 0.5, "z": 0.5})], [0.5], pairs=np.array([[0.5]], np.float32), sample=sample
    )
    assert few.tags == ("c",)


def test_every_pick_has_a_similarity() -> None:
    with pytest.raises(ValueError, match="zip"):
        explain([explained()], [explained()], [0.5, 0.5], pairs=np.array([[0.5]], np.float32), sample=EMPTY_SAMPLE)


def test_two_differences_are_stated() -> None:
    low = {"loudness_lufs": -2.0, "onset_rate": -2.0, "centroid_mean": -2.0}
    one, other = explained(deviations=low), explained(deviations=dict.fromkeys(low, 2.0))
    [found] = explain([one], [other], [0.5], pairs=np.array([[0.5]], np.float32), sample=EMPTY_SAMPLE)
    assert len(found.differences) == 2


def small_projection() -> Projection:
    """Random views of five dimensions that are reduced to three."""
    rng, inputs = np.random.default_rng(0), view_inputs(features(0)[None])
    views = {
        name: View(rng.standard_normal((x.shape[1],)), rng.standard_normal((x.shape[1], 5)))
        for name, x in inputs.items()
    }
    blocks = {name: rng.standard_normal((5, 3)) for name in inputs}
    return Projection(views, blocks, rng.standard_normal(3), ("abc",))


def test_components_are_those_of_the_views_and_sum_to_a_unit_vector() -> None:
    found, x = small_projection(), np.stack([features(i) for i in range(4)])
    inputs = view_inputs(x)
    expected = []
    for name, view in found.views.items():
        mapped = (inputs[name] - view.mean) @ view.matrix
        directions = mapped / np.sqrt((mapped**2).sum(axis=1, keepdims=True))
        expected.append(directions @ found.blocks[name] - found.offset / 4)
    lengths = np.linalg.norm(sum(expected), axis=1)
    components = found.components(x)
    assert found.dimension == 3
    assert components == pytest.approx(np.stack([each / lengths[:, None] for each in expected], axis=1))
    assert np.linalg.norm(components.sum(axis=1), axis=1) == pytest.approx(np.ones(4))


def test_inputs_of_the_views() -> None:
    x = np.stack([features(i) for i in range(3)])
    found, columns, fitted = view_inputs(x), GROUPS["tags"], reference()
    probabilities = np.clip(x[:, columns].astype(float) * fitted.std[columns] + fitted.mean[columns], 0, 1)
    assert (probabilities == 0).any()
    tags = np.log(probabilities + 0.001)
    assert list(found) == ["embedding", "labels", "tags", "timbre"] == list(module.VIEWS)
    assert found["tags"] == pytest.approx(tags)
    assert log_tags(30 * x).max() == pytest.approx(np.log(1.001))
    assert np.array_equal(found["embedding"], x[:, GROUPS["learned"]].astype(float))
    assert np.array_equal(found["labels"], np.hstack([found["tags"], found["embedding"]]))
    assert np.array_equal(found["timbre"], log_gaussians(x))


@pytest.mark.parametrize("shape", [(3, len(DIMENSIONS) - 1), (3, len(DIMENSIONS) + 1), (len(DIMENSIONS),), (1, 1, 1)])
def test_inputs_of_another_shape_raise(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureMismatch, match="must have shape"):
        view_inputs(np.zeros(shape, np.float32))


def test_unit_rows_have_length_one_unless_they_are_zero() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [1e-6, 0.0], [1e-10, 0.0]])
    assert unit(rows) == pytest.approx(np.array([[0.6, 0.8], [0, 0], [1, 0], [0.1, 0]]))
    found = small_projection()
    opposite = Projection(found.views, {name: 0 * block for name, block in found.blocks.items()}, np.zeros(3))
    assert opposite.components(features(0)[None]).tolist() == [[[0.0] * 3] * 4]
    tiny = Projection(found.views, {name: 1e-6 * block for name, block in found.blocks.items()}, np.zeros(3))
    assert np.linalg.norm(tiny.components(features(0)[None]).sum(axis=1)) == pytest.approx(1)


def test_saved_projection_is_read_and_its_versions_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = small_projection()
    path = tmp_path / module.PROJECTION_FILE
    saved.save(path)
    stored: dict[str, Any] = dict(np.load(path))
    assert stored["offset"].dtype == np.float32
    monkeypatch.setattr(resources, "files", lambda _: _Folder(tmp_path))
    try:
        projection.cache_clear()
        found = projection()
        assert (found.labelled, str(found.offset.dtype), list(found.views)) == (("abc",), "float64", list(saved.views))
        x = np.stack([features(1)])
        assert found.components(x) == pytest.approx(saved.components(x), abs=1e-4)
        versions = [
            (FEATURE_VERSION, SIMILARITY_VERSION, True),
            *((each, SIMILARITY_VERSION, True) for each in COMPATIBLE_VERSIONS),
        ]
        versions += [(FEATURE_VERSION + 1, SIMILARITY_VERSION, False), (FEATURE_VERSION, SIMILARITY_VERSION + 1, False)]
        versions += [(-1, -1, False)]
        for feature_version, version, is_valid in versions:
            np.savez(path, **{**stored, "feature_version": feature_version, "version": version})
            projection.cache_clear()
            if is_valid:
                assert projection().dimension == 3
                continue
            with pytest.raises(FeatureMismatch, match="fit it again"):
                projection()
        np.savez(path, **{**stored, "offset": np.array([{}], object)})
        projection.cache_clear()
        with pytest.raises(ValueError, match="allow_pickle"):  # a file that runs code is not read
            projection()
    finally:
        projection.cache_clear()


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def joinpath(self, *parts: str) -> Path:
        return self.folder / parts[-1]
