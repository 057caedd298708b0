"""Linear discriminant analysis: agreement with scikit-learn, soft labels, invalid input."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from recsys.genre.discriminant import fit_discriminant


def three_clusters(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    labels = np.repeat(np.arange(3), n)
    centres = np.array([[0.0, 0, 0], [2, 1, 0], [0, 2, 2]])
    mixing = np.array([[1.0, 0.5, 0], [0, 1, 0.3], [0, 0, 1]])
    return centres[labels] + rng.normal(size=(3 * n, 3)) @ mixing, labels


def test_without_shrinkage_it_agrees_with_scikit_learn() -> None:
    x, y = three_clusters()
    weights, bias = fit_discriminant(x, np.eye(3)[y], shrinkage=1e-9)
    expected = LinearDiscriminantAnalysis(solver="lsqr", priors=[1 / 3] * 3).fit(x, y)
    np.testing.assert_array_equal((x @ weights.T + bias).argmax(axis=1), expected.predict(x))


def test_full_shrinkage_is_the_nearest_mean_of_standardised_features() -> None:
    x, y = three_clusters()
    weights, bias = fit_discriminant(x, np.eye(3)[y], shrinkage=1.0)
    means = np.array([x[y == c].mean(axis=0) for c in range(3)])
    spread = np.sqrt(np.mean((x - means[y]) ** 2, axis=0))
    distances = (((x[:, None] - means) / spread) ** 2).sum(axis=2)
    np.testing.assert_array_equal((x @ weights.T + bias).argmax(axis=1), distances.argmin(axis=1))


def test_scale_of_a_feature_does_not_change_logits() -> None:
    x, y = three_clusters()
    scale = np.array([1e-3, 1.0, 1e4])
    logits = [(z @ w.T + b) for z in (x, x * scale) for w, b in [fit_discriminant(z, np.eye(3)[y])]]
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-6)


def test_weight_two_equals_a_repeated_row() -> None:
    x, y = three_clusters()
    labels = np.eye(3)[y]
    repeated = fit_discriminant(np.concatenate([x, x[:10]]), np.concatenate([labels, labels[:10]]))
    labels[:10] *= 2
    for one, other in zip(fit_discriminant(x, labels), repeated, strict=True):
        np.testing.assert_allclose(one, other)


def test_class_of_half_weights_is_between_its_two_clusters() -> None:
    x, y = three_clusters()
    labels = np.hstack([np.eye(3)[y], np.isin(y, [0, 1])[:, None] * 0.5])
    weights, bias = fit_discriminant(x, labels)
    middle = (x[y == 0].mean(axis=0) + x[y == 1].mean(axis=0)) / 2
    assert (middle @ weights.T + bias).argmax() == 3


@pytest.mark.parametrize(
    ("features", "labels", "shrinkage", "reason"),
    [
        (np.eye(3), np.eye(2), 0.5, "must have the same number of rows"),
        (np.eye(2), np.array([[1.0, 0], [1, 0]]), 0.5, "class 1 has no track"),
        (np.ones((4, 2)), np.eye(2)[[0, 0, 1, 1]], 0.5, "feature 0 is constant within every class"),
        (np.eye(2), np.eye(2), 0.0, "shrinkage"),
    ],
)
def test_invalid_input_is_refused(features: np.ndarray, labels: np.ndarray, shrinkage: float, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        fit_discriminant(features, labels, shrinkage=shrinkage)
