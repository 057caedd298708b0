import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.genre.calibration import calibration_error, choose_rejection_threshold, fit_temperature
from recsys.genre.model import softmax
from recsys.genre.scores import classification_scores


def test_scores_of_a_confusion_known_by_heart() -> None:
    truth = np.array([0, 0, 0, 1])
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    found = classification_scores(truth, said, ["a", "b", "c", "d"], ["jazz", "folk"], np.full(4, 0.65))
    assert found["accuracy"]["mean"] == 0.75
    assert found["balanced_accuracy"]["mean"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["confusion"] == [[2, 1], [0, 1]]
    assert found["genres"]["jazz"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "tracks": 3})
    assert found["f1_macro"]["mean"] == pytest.approx(found["means"]["macro"]["f1"])
    assert found["coverage"][-1] == {"coverage": 0.5, "accuracy": 1.0, "probability": 0.8}
    assert found["answered"] == 0.75
    assert found["accuracy_answered"] == pytest.approx(2 / 3)
    assert found["accuracy"]["low"] <= 0.75 <= found["accuracy"]["high"]


def test_an_interval_is_as_wide_as_there_are_few_artists() -> None:
    truth = np.zeros(100, np.int64)
    said = np.eye(2)[np.arange(100) // 10 % 2]
    single = classification_scores(truth, said, [str(i) for i in range(100)], ["a", "b"])["accuracy"]
    artists = classification_scores(truth, said, [str(i // 10) for i in range(100)], ["a", "b"])["accuracy"]
    assert artists["high"] - artists["low"] > 2 * (single["high"] - single["low"])


def test_a_temperature_makes_boasting_honest() -> None:
    rng = np.random.default_rng(0)
    honest = rng.standard_normal((4000, 3)) * 2
    truth = np.array([rng.choice(3, p=row) for row in softmax(honest)])
    assert fit_temperature(honest * 5, truth) == pytest.approx(5, rel=0.1)
    assert fit_temperature(honest, truth) == pytest.approx(1, rel=0.1)
    said = softmax(honest * 5)
    right = said.argmax(axis=1) == truth
    assert calibration_error(softmax(honest).max(axis=1), right) < 0.03 < calibration_error(said.max(axis=1), right)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_no_other_threshold_gains_more(answers: list[tuple[float, bool]]) -> None:
    said = np.array([p for p, _ in answers])
    right = np.array([r for _, r in answers])

    def gain(threshold: float) -> float:
        told = said >= threshold
        return float(right[told].sum() - 0.5 * (~right[told]).sum())

    chosen = gain(choose_rejection_threshold(said, right))
    distinct = len(set(said.tolist())) == len(said)
    if distinct and right.any():
        assert chosen >= max(gain(t) for t in said)
