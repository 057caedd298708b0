"""Softmax regression on sets of labels: what a set teaches, and what it leaves open."""

import numpy as np
import pytest

from recsys.genre.partial import fit_partial, restricted


def three_clouds() -> tuple[np.ndarray, np.ndarray]:
    """Features (90, 2) around three corners, and their class."""
    rng, truth = np.random.default_rng(0), np.repeat([0, 1, 2], 30)
    corners = np.array([[2.0, 0], [-2, 2], [-2, -2]])
    return corners[truth] + 0.3 * rng.standard_normal((90, 2)), truth


def fit(features: np.ndarray, allowed: np.ndarray, among: np.ndarray | None = None, **changed: float) -> np.ndarray:
    """Logits (n, c) of what was learned from nothing but the sets."""
    offset, weight = np.zeros(allowed.shape), np.ones(len(allowed))
    among = np.ones_like(allowed) if among is None else among
    penalties = {"penalty": 0.01, "bias_penalty": 0.01} | changed
    _, weights, bias = fit_partial(features, offset, allowed, among, weight, **penalties)
    return features @ weights.T + bias


def test_sets_that_overlap_tell_the_classes_apart() -> None:
    features, truth = three_clouds()
    allowed = np.eye(3, dtype=bool)[truth]
    rows = np.arange(90) % 3 > 0  # of two tracks in three it is said that one of two classes is right
    allowed[rows, (truth[rows] + 1 + np.arange(90)[rows] % 2) % 3] = True
    assert (fit(features, allowed).argmax(axis=1) == truth).all()


def test_a_corpus_says_nothing_of_classes_that_it_does_not_have() -> None:
    features, truth = three_clouds()
    features, truth = features[truth < 2], truth[truth < 2]
    allowed = np.eye(3, dtype=bool)[truth]
    among = np.tile([True, True, False], (len(truth), 1))
    logits = fit(features, allowed, among)
    assert (logits[:, :2].argmax(axis=1) == truth).all()
    np.testing.assert_allclose(logits[:, 2], 0, atol=1e-9)


def test_a_penalty_without_end_leaves_the_offset() -> None:
    features, truth = three_clouds()
    allowed, offset = np.eye(3, dtype=bool)[truth], np.eye(3)[truth]
    scale, weights, bias = fit_partial(
        features, offset, allowed, np.ones_like(allowed), np.ones(90), penalty=1e6, bias_penalty=1e6
    )
    assert scale > 1
    assert max(abs(weights).max(), abs(bias).max()) < 1e-5


def test_shares_are_of_the_allowed_alone() -> None:
    total, shares = restricted(np.log([[1.0, 3.0, 96.0]]), np.array([[True, True, False]]))
    np.testing.assert_allclose(np.exp(total), 4)
    np.testing.assert_allclose(shares, [[0.25, 0.75, 0]])


def test_labels_that_contradict_themselves_are_refused() -> None:
    features, truth = three_clouds()
    allowed = np.eye(3, dtype=bool)[truth]
    with pytest.raises(ValueError, match="allowed class"):
        fit(features, np.zeros_like(allowed))
    with pytest.raises(ValueError, match="allowed class"):
        fit(features, allowed, ~allowed)
