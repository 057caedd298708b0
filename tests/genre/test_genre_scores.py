import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.genre import scores
from recsys.genre.calibration import calibration_error, choose_rejection_threshold, fit_temperature
from recsys.genre.model import softmax
from recsys.genre.scores import classification_scores


def test_scores_of_four_tracks_are_as_computed_by_hand() -> None:
    truth = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    found = classification_scores(truth, probabilities, ["a", "b", "c", "d"], ["jazz", "folk"], np.full(4, 0.65))
    assert found["accuracy"]["mean"] == 0.75
    assert found["balanced_accuracy"]["mean"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["confusion"] == [[2, 1], [0, 1]]
    assert found["genres"]["jazz"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "tracks": 3})
    assert found["f1_macro"]["mean"] == pytest.approx(found["means"]["macro"]["f1"])
    assert found["coverage"][-1] == {"coverage": 0.5, "accuracy": 1.0, "probability": 0.8}
    assert found["answered"] == 0.75
    assert found["accuracy_answered"] == pytest.approx(2 / 3)
    assert found["accuracy"]["low"] <= 0.75 <= found["accuracy"]["high"]


def test_interval_is_wider_for_fewer_artists() -> None:
    truth = np.zeros(100, np.int64)
    probabilities = np.eye(2)[np.arange(100) // 10 % 2]
    single = classification_scores(truth, probabilities, [str(i) for i in range(100)], ["a", "b"])["accuracy"]
    artists = classification_scores(truth, probabilities, [str(i // 10) for i in range(100)], ["a", "b"])["accuracy"]
    assert artists["high"] - artists["low"] > 2 * (single["high"] - single["low"])


def test_temperature_corrects_overconfidence() -> None:
    rng = np.random.default_rng(0)
    calibrated = rng.standard_normal((4000, 3)) * 2
    truth = np.array([rng.choice(3, p=row) for row in softmax(calibrated)])
    assert fit_temperature(calibrated * 5, truth) == pytest.approx(5, rel=0.1)
    assert fit_temperature(calibrated, truth) == pytest.approx(1, rel=0.1)
    overconfident = softmax(calibrated * 5)
    correct = overconfident.argmax(axis=1) == truth
    assert calibration_error(softmax(calibrated).max(axis=1), correct) < 0.03
    assert calibration_error(overconfident.max(axis=1), correct) > 0.03


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40, unique_by=lambda pair: pair[0]))
def test_rejection_threshold_has_the_largest_gain(predictions: list[tuple[float, bool]]) -> None:
    probabilities = np.array([p for p, _ in predictions])
    correct = np.array([c for _, c in predictions])

    def gain(threshold: float) -> float:
        kept = probabilities >= threshold
        return float(correct[kept].sum() - 0.5 * (~correct[kept]).sum())

    chosen = gain(choose_rejection_threshold(probabilities, correct))
    assert chosen >= max(gain(t) for t in probabilities)


def test_a_sample_has_the_shares_of_the_classes_and_every_class() -> None:
    from recsys.genre.folds import sample_rows

    truth = np.repeat([0, 1, 2], [70_000, 29_998, 2])
    rows = sample_rows(truth, 3000)
    counts = np.bincount(truth[rows])
    assert len(rows) == len(set(rows.tolist())) == 3000
    assert counts[2] == 2
    assert abs(counts[0] - 2100) < 50
    np.testing.assert_array_equal(sample_rows(truth[:50], 50), np.arange(50))


def test_intervals_are_those_of_resampled_tracks() -> None:
    rng = np.random.default_rng(3)
    truth, predicted = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    groups = [f"artist {number}" for number in rng.integers(0, 9, 60)]
    found = scores._with_intervals(truth, predicted, groups, 4)
    _, number = np.unique(groups, return_inverse=True)
    draws = np.random.default_rng(0)
    accuracies = []
    for _ in range(scores.BOOTSTRAP_SAMPLES):
        drawn = np.concatenate([np.flatnonzero(number == i) for i in draws.integers(0, 9, 9)])
        accuracies.append((truth[drawn] == predicted[drawn]).mean())
    low, high = np.percentile(accuracies, [2.5, 97.5])
    assert found["accuracy"] == pytest.approx({"mean": (truth == predicted).mean(), "low": low, "high": high})
