"""The fit of the projection: each step against its definition, on small inputs."""

import numpy as np
import pytest

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.features.schema import DIMENSIONS
from recsys.recommend import learning
from recsys.recommend.learning import (
    Collection,
    LabelSet,
    ViewConfig,
    _label_view,
    _whitened_view,
    _within_class_covariances,
    _within_class_deviations,
    apply,
    fit_projection,
    principal,
)
from recsys.recommend.projection import VIEWS, View


def normal(n: int, d: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def test_principal_components_of_known_variances() -> None:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    x = corners * [1.0, 4.0, 2.0] + [5.0, 0.0, -3.0]  # variances 1, 16, 4
    view = principal(x, 2)
    assert view.mean.tolist() == [5.0, 0.0, -3.0]
    np.testing.assert_allclose(np.abs(view.matrix), [[0, 0], [1, 0], [0, 1]], atol=1e-12)
    flat = principal(x, 9, flatten=0.5)
    expected = np.array([[0, 0, 2], [1, 0, 0], [0, np.sqrt(2), 0]])
    np.testing.assert_allclose(np.abs(flat.matrix), expected, atol=1e-12)


def test_components_without_variance_are_left_out() -> None:
    x = 1e3 * normal(20, 2).astype(np.float64)
    flat = np.column_stack([x, x[:, 0] * 2, np.zeros(20), x[:, 1] * 1e-3])
    assert principal(flat, 9).matrix.shape == (5, 2)
    assert principal(np.full((4, 3), 2.0), 9).matrix.shape == (3, 0)
    assert principal(np.column_stack([x[:, 0], x[:, 1] * 1e-3]), 9).matrix.shape == (2, 2)
    assert principal(np.column_stack([x[:, 0], x[:, 1] * 1e-6]), 9).matrix.shape == (2, 1)


def test_deviations_within_classes_are_unbiased_and_large_classes_count_as_eight() -> None:
    x = np.arange(24.0).reshape(12, 2) ** 2
    classes = np.array([0, 2, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3])  # two of 0, none of 1, one of 2, nine of 3
    nine = x[3:]
    expected = np.vstack(
        [
            (x[[0, 2]] - x[[0, 2]].mean(axis=0)) * np.sqrt(2),
            (nine - nine.mean(axis=0)) * np.sqrt(9 / 8) * np.sqrt(8 / 9),
        ]
    )
    np.testing.assert_allclose(_within_class_deviations(x, classes), expected)
    eight = _within_class_deviations(x[4:], classes[4:])
    np.testing.assert_allclose(eight, (x[4:] - x[4:].mean(axis=0)) * np.sqrt(8 / 7))
    assert _within_class_deviations(np.empty((0, 2)), np.empty(0, np.int64)).shape == (0, 2)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The input of every view is the features themselves, of few dimensions."""
    monkeypatch.setattr(learning, "view_inputs", lambda x: dict.fromkeys(VIEWS, x.astype(np.float64)))


def deviations(x: FloatArray, classes: str) -> DoubleArray:
    numbers = np.array([ord(each) for each in classes if each != "-"]) - ord("a")
    return _within_class_deviations(x.astype(np.float64)[[each != "-" for each in classes]], numbers)


@pytest.mark.usefixtures("plain")
def test_covariances_are_within_tracks_and_within_each_kind_of_class_over_all_collections() -> None:
    one, other, lone, parts = normal(6, 3), normal(4, 3, 1), normal(3, 3, 2), normal(5, 3, 3)
    artists, albums, others = "aabb-c", "a-a-bb", "bb-b"
    collections = [
        Collection(one, classes=(spelled(artists), spelled(albums))),
        Collection(other, classes=(spelled(others),), parts=parts, part_tracks=np.array([0, 0, 1, 1, 1])),
        Collection(lone),
    ]
    expected = [
        _within_class_deviations(parts.astype(np.float64), np.array([0, 0, 1, 1, 1])),
        np.vstack([deviations(one, artists), deviations(other, others)]),
        deviations(one, albums),
    ]
    found = _within_class_covariances("timbre", collections)
    assert len(found) == 3
    for covariance, rows in zip(found, expected, strict=True):
        np.testing.assert_allclose(covariance, rows.T @ rows / len(rows))
    assert _within_class_covariances("timbre", [Collection(lone)]) == []
    assert _within_class_covariances("timbre", [Collection(lone, classes=(list("abc"),))]) == []
    assert _within_class_covariances("timbre", []) == []


def spelled(classes: str) -> list[str]:
    return [each.replace("-", "") for each in classes]


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("shrinkage", [0.25, 1.0])
def test_a_view_is_whitened_by_the_mean_covariance_within_classes(shrinkage: float) -> None:
    x = normal(8, 3) * np.array([1, 3, 0.5], np.float32) + np.float32(4)
    collection = Collection(x, classes=(spelled("aabbccdd"), spelled("abababcc")))
    total = sum(c * 3 / np.trace(c) for c in _within_class_covariances("timbre", [collection]))
    covariance = np.asarray(total) / 2  # each of the two has a trace of 3
    inverse = np.linalg.inv((1 - shrinkage) * covariance + shrinkage * np.eye(3))
    rows = x.astype(np.float64)
    view = _whitened_view("timbre", rows, [collection], ViewConfig(9, shrinkage, 0.0))
    np.testing.assert_allclose(view.mean, rows.mean(axis=0))
    np.testing.assert_allclose(
        view.matrix @ view.matrix.T, inverse, atol=1e-12
    )  # inner products are those of the whitened rows
    equal = _whitened_view("timbre", rows, [collection], ViewConfig(9, shrinkage, 1.0))
    directions = (rows - equal.mean) @ equal.matrix
    variances = directions.T @ directions / len(rows)
    np.testing.assert_allclose(variances, np.eye(3) * variances[0, 0], atol=1e-9)
    largest = _whitened_view("timbre", rows, [collection], ViewConfig(1, shrinkage, 0.0))
    assert largest.matrix.shape == (3, 1)


@pytest.mark.usefixtures("plain")
def test_without_classes_a_view_is_whitened_by_nothing() -> None:
    x = normal(8, 3).astype(np.float64)
    view = _whitened_view("timbre", x, [Collection(normal(8, 3))], ViewConfig(9, 0.25, 0.0))
    np.testing.assert_allclose(view.matrix @ view.matrix.T, np.eye(3) / 0.25, atol=1e-12)


def predictions(view: View, joint: DoubleArray) -> DoubleArray:
    """Inner products of the rows in the view of labels."""
    directions = (joint - view.mean) @ view.matrix
    return np.asarray(directions @ directions.T)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("tags_only", [False, True])
def test_labels_are_predicted_by_ridge_regression_of_rarer_labels_with_more_weight(tags_only: bool) -> None:
    """The inputs are 50 tags and 2 embeddings; of a collection of tags only, the embeddings are not known."""
    x, other = normal(70, 52), normal(10, 52, 1)
    rng = np.random.default_rng(2)
    genres, moods = (rng.random((70, k)) < share for k, share in ((4, 0.3), (2, 0.6)))
    sets = (LabelSet(genres.astype(float), 2.0), LabelSet(moods.astype(float), 0.5))
    collections = [Collection(other), Collection(x, labels=sets, tags_only=tags_only)]
    joint = np.vstack([other, x]).astype(np.float64) * 3 + 1
    view = _label_view(collections, joint, 0.5)

    standard = (x - joint.mean(axis=0)) / joint.std(axis=0)
    if tags_only:
        standard[:, 50:] = 0
    standard -= standard.mean(axis=0)
    expected = np.zeros((80, 80))
    for present, weight in sets:
        target = present / np.sqrt(present.mean(axis=0))
        ridge = np.vstack([standard, np.sqrt(0.5 * 70) * np.eye(52)])
        zeros = np.zeros((52, target.shape[1]))
        coefficients = np.linalg.lstsq(ridge, np.vstack([target - target.mean(axis=0), zeros]), rcond=None)[0]
        size = np.mean(np.sum((standard @ coefficients) ** 2, axis=1))
        predicted = (joint - joint.mean(axis=0)) / joint.std(axis=0) @ coefficients
        expected += weight * predicted @ predicted.T / size
    np.testing.assert_allclose(view.mean, joint.mean(axis=0))
    np.testing.assert_allclose(predictions(view, joint), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.usefixtures("plain")
def test_a_label_that_no_track_has_changes_nothing() -> None:
    x = normal(20, 3)
    present = (np.random.default_rng(0).random((20, 2)) < 0.5).astype(float)
    joint = x.astype(np.float64)
    with_, without = (
        _label_view([Collection(x, labels=(LabelSet(each, 1.0),))], joint, 0.5)
        for each in (np.column_stack([present, np.zeros(20)]), present)
    )
    np.testing.assert_allclose(predictions(with_, joint), predictions(without, joint), atol=1e-9)
    nothing = _label_view(
        [Collection(x, labels=(LabelSet(present, 1.0), LabelSet(np.zeros((20, 1)), 1.0)))], joint, 0.5
    )
    np.testing.assert_allclose(predictions(nothing, joint), predictions(without, joint), atol=1e-9)


def test_the_shipped_weights_and_sizes_decide_the_cosines() -> None:
    """Golden numbers, as a fit has no simpler definition than its steps above: they change with each weight, share and
    number of components, and then the shipped projection has to be fitted again (SIMILARITY_VERSION)."""
    n = 260
    rng = np.random.default_rng(3)
    x = np.clip(rng.standard_normal((n, len(DIMENSIONS))), -8, 8).astype(np.float32)
    labels = (LabelSet((rng.random((n, 120)) < 0.2).astype(float), 1.0),)
    artists = [str(i) for i in rng.integers(0, 60, n)]
    learned = fit_projection([Collection(x, labels, (artists,))])
    assert {name: view.matrix.shape[1] for name, view in learned.views.items()} == {
        "embedding": 100, "labels": 96, "tags": 100, "timbre": 231,
    }  # fmt: skip
    assert learned.dimension == 128
    vectors = apply(learned, x[:4])
    assert (vectors @ vectors.T)[np.triu_indices(4, 1)].tolist() == pytest.approx(
        [0.002815, 0.088512, 0.018434, 0.085854, 0.044466, -0.002703], abs=1e-5
    )
