"""Softmax regression with partial labels."""

import numpy as np
import pytest

from recsys.genre.partial import fit_partial, restricted


def three_clusters() -> tuple[np.ndarray, np.ndarray]:
    """Features (90, 2) around three centres, and their class."""
    rng, truth = np.random.default_rng(0), np.repeat([0, 1, 2], 30)
    centres = np.array([[2.0, 0], [-2, 2], [-2, -2]])
    return centres[truth] + 0.3 * rng.standard_normal((90, 2)), truth


def fit(features: np.ndarray, allowed: np.ndarray, among: np.ndarray | None = None, **changed: float) -> np.ndarray:
    """Logits (n, c) of a model fitted without an offset."""
    offset, weight = np.zeros(allowed.shape), np.ones(len(allowed))
    among = np.ones_like(allowed) if among is None else among
    penalties = {"penalty": 0.01, "bias_penalty": 0.01} | changed
    _, weights, bias = fit_partial(features, offset, allowed, among, weight, **penalties)
    return features @ weights.T + bias


def test_overlapping_labels_separate_the_classes() -> None:
    features, truth = three_clusters()
    allowed = np.eye(3, dtype=bool)[truth]
    rows = np.arange(90) % 3 > 0  # two rows in three have two allowed classes
    allowed[rows, (truth[rows] + 1 + np.arange(90)[rows] % 2) % 3] = True
    assert (fit(features, allowed).argmax(axis=1) == truth).all()


def test_class_that_no_label_is_chosen_from_keeps_logit_zero() -> None:
    features, truth = three_clusters()
    features, truth = features[truth < 2], truth[truth < 2]
    allowed = np.eye(3, dtype=bool)[truth]
    among = np.tile([True, True, False], (len(truth), 1))
    logits = fit(features, allowed, among)
    assert (logits[:, :2].argmax(axis=1) == truth).all()
    np.testing.assert_allclose(logits[:, 2], 0, atol=1e-9)


def test_large_penalty_leaves_the_offset() -> None:
    features, truth = three_clusters()
    allowed, offset = np.eye(3, dtype=bool)[truth], np.eye(3)[truth]
    scale, weights, bias = fit_partial(
        features, offset, allowed, np.ones_like(allowed), np.ones(90), penalty=1e6, bias_penalty=1e6
    )
    assert scale > 1
    assert max(abs(weights).max(), abs(bias).max()) < 1e-5


def test_restricted_softmax_is_over_allowed_classes() -> None:
    total, shares = restricted(np.log([[1.0, 3.0, 96.0]]), np.array([[True, True, False]]))
    np.testing.assert_allclose(np.exp(total), 4)
    np.testing.assert_allclose(shares, [[0.25, 0.75, 0]])


def test_contradictory_labels_are_refused() -> None:
    features, truth = three_clusters()
    allowed = np.eye(3, dtype=bool)[truth]
    with pytest.raises(ValueError, match="allowed class"):
        fit(features, np.zeros_like(allowed))
    with pytest.raises(ValueError, match="allowed class"):
        fit(features, allowed, ~allowed)
