"""Logistic regression without copies: the same model as scikit-learn's."""

import numpy as np
import pytest
from labelled import make_training_set
from sklearn.linear_model import LogisticRegression

from recsys.domain.arrays import FloatArray, IdArray
from recsys.features.schema import DIMENSIONS
from recsys.genre.algorithms import build_ensemble
from recsys.genre.dimensions import SomeDimensions
from recsys.genre.logistic import fit_logistic


def correlated(classes: int) -> tuple[FloatArray, IdArray]:
    """400 vectors of 30 correlated dimensions of very different sizes, and their classes, the last of them rare."""
    rng = np.random.default_rng(0)
    vectors = (rng.standard_normal((400, 5)) @ rng.standard_normal((5, 30)) + 0.1 * rng.standard_normal((400, 30))) * 9
    ranked = np.argsort(np.argsort(vectors[:, 0] + 5 * rng.standard_normal(400)))
    return (vectors + 3).astype(np.float32), np.minimum(ranked // 190, classes - 1)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_probabilities_are_those_of_scikit_learn(classes: int, class_weight: str | None) -> None:
    vectors, truth = correlated(classes)
    names = np.array(["a", "b", "c"])[truth]
    exact = LogisticRegression(C=0.01, class_weight=class_weight, solver="newton-cg", tol=1e-8, max_iter=5000)
    exact.fit(vectors.astype(np.float64), names)
    ours = LogisticRegression(C=0.01, class_weight=class_weight)
    fit_logistic(ours, vectors, names)
    assert ours.classes_.tolist() == exact.classes_.tolist()
    assert ours.coef_.shape == exact.coef_.shape
    assert ours.predict_proba(vectors) == pytest.approx(exact.predict_proba(vectors), abs=3e-3)


def test_constant_dimensions_get_no_weight() -> None:
    vectors, truth = correlated(3)
    vectors[:, 7] = 4
    ours = LogisticRegression()
    fit_logistic(ours, vectors, truth)
    assert ours.coef_[:, 7] == pytest.approx(0, abs=5e-3)  # single precision
    assert np.isfinite(ours.coef_).all()


def test_only_a_positive_penalty_is_accepted() -> None:
    vectors, truth = correlated(2)
    with pytest.raises(ValueError, match="C must be positive, got -1"):
        fit_logistic(LogisticRegression(C=-1.0), vectors, truth)


def test_a_member_fits_the_same_model_to_some_dimensions() -> None:
    examples = make_training_set()
    assert not isinstance(examples.vectors, SomeDimensions)
    for member in build_ensemble("blend", "all"):
        kept = np.union1d(member.dimensions(), [0, 3, len(DIMENSIONS) - 1])
        some = SomeDimensions(examples.vectors[:, kept], kept)
        whole = member.fit(examples.vectors, examples.y())
        part = member.fit(some, examples.y())
        assert part.logits(some[[1, 4]]) == pytest.approx(whole.logits(examples.vectors[[1, 4]]), abs=2e-3)
