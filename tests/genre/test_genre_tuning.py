from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import GENRES, make_training_set, vectors_of
from sklearn.linear_model import LogisticRegression

from recsys.errors import Hint, NotFound
from recsys.features.schema import DIMENSIONS
from recsys.genre import model_store, tuning
from recsys.genre.algorithms import build_ensemble
from recsys.genre.calibration import fit_temperature
from recsys.genre.collective import group_ids
from recsys.genre.folds import assign_folds, out_of_fold
from recsys.genre.fusion import mean_log_probabilities
from recsys.genre.members import EnsembleMember
from recsys.genre.trained_model import Trial
from recsys.genre.training import TUNED, train, tune
from recsys.genre.training_set import TrainingSet
from recsys.genre.tuning import (
    DEFAULT_ENSEMBLE,
    Candidate,
    Evaluated,
    SearchResult,
    evaluate,
    fused_logits,
    log_losses,
    sample_candidate,
    search,
    select_ensemble,
)


@pytest.fixture(autouse=True)
def few_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "CANDIDATES", 6)


def make_data(artists: int = 5, tracks: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    examples = make_training_set(artists, tracks)
    return (
        vectors_of(examples),
        np.searchsorted(GENRES, examples.genres),
        assign_folds(examples),
        group_ids(examples.groups),
    )


def test_every_kind_of_candidate_can_be_fitted() -> None:
    vectors, truth, *_ = make_data()
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(200):
        candidate = sample_candidate(rng)
        kind = candidate.name.partition(":")[0].partition(" on ")[0]
        if kind not in kinds:
            (member,) = candidate.members
            assert member.fit(vectors, truth).logits(vectors).shape == (len(truth), 3)
        kinds.add(kind)
    assert kinds == {"logistic", "svm (RBF)", "svm (linear)", "forest", "boosting", "knn"}


def test_same_seed_returns_the_same_and_the_default_ensemble_is_chosen() -> None:
    shares: list[float] = []
    found = search(*make_data(), seed=3, progress=shares.append)
    again = search(*make_data(), seed=3)
    assert [t._replace(seconds=0) for t in found.trials] == [t._replace(seconds=0) for t in again.trials]
    assert found.trials[0].tracks == 60
    assert DEFAULT_ENSEMBLE in {t.name for t in found.trials if t.chosen}
    assert len({t.name for t in found.trials}) == len(found.trials)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_without_time_the_default_ensemble_is_returned() -> None:
    found = search(*make_data(), seconds=0.0)
    assert [t.name for t in found.trials] == [DEFAULT_ENSEMBLE]
    assert [logits.shape for logits in found.logits] == [(60, 3)] * len(found.members)


def test_candidates_are_first_evaluated_on_few_tracks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MIN_TRACKS", 20)
    monkeypatch.setattr(tuning, "MIN_TRACKS_PER_GENRE", 5)
    found = search(*make_data(artists=10, tracks=6), seed=1)
    sizes = sorted({t.tracks for t in found.trials})
    first, second, last = ({t.name for t in found.trials if t.tracks == size} for size in sizes)
    assert sizes[-1] == 180
    assert len(first) == 6
    assert last - {DEFAULT_ENSEMBLE} <= second < first
    assert DEFAULT_ENSEMBLE in last


def test_search_is_cross_validated_by_artist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def recorded(
        vectors: np.ndarray, truth: np.ndarray, folds: np.ndarray, groups: np.ndarray, **options: Any
    ) -> SearchResult:
        sizes.append(len(vectors))
        assert len(set(folds.tolist())) == (4 if len(vectors) < 60 else 5)
        return search(vectors, truth, folds, groups, **options)

    monkeypatch.setattr("recsys.genre.training.search", recorded)
    examples = make_training_set(spread=6.0)
    model = tune("mine", examples, feature_version=1)
    assert len(sizes) == 6
    assert sum(sizes) == 5 * 60
    assert model.trials
    assert (model.algorithm == TUNED) == (len({t.name for t in model.trials if t.chosen}) > 1)
    again = model_store.load(model_store.save(model, tmp_path), 1)
    assert again.trials == model.trials
    np.testing.assert_allclose(again.probabilities(examples.vectors), model.probabilities(examples.vectors), atol=1e-6)


def random_tracks(*artists: tuple[str, int, int]) -> TrainingSet:
    """Random vectors, for each (genre, number of artists, tracks of each artist)."""
    rows = [(genre, f"{genre} {a}") for genre, count, tracks in artists for a in range(count) for _ in range(tracks)]
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((len(rows), len(DIMENSIONS))).astype(np.float32)
    paths = tuple(map(str, range(len(rows))))
    genres, groups = zip(*rows, strict=True)
    return TrainingSet(vectors, genres, groups, paths, tuple(range(len(rows))), "labels of a test")


@pytest.mark.parametrize(
    "artists",
    [
        (("folk", 2, 5), ("jazz", 8, 3)),
        (("folk", 8, 3), ("jazz", 2, 5)),
        (("folk", 1, 60), ("folk2", 1, 3), ("jazz", 2, 5)),
        (("folk", 2, 3), ("jazz", 1, 5)),
    ],
)
def test_few_artists_can_be_tuned(artists: tuple[tuple[str, int, int], ...]) -> None:
    examples = random_tracks(*artists)
    examples = replace(examples, genres=tuple("folk" if g == "folk2" else g for g in examples.genres))
    model = tune("mine", examples, feature_version=1)
    assert np.isfinite(model.out_of_fold.probabilities).all()


def test_two_artists_cannot_be_tuned() -> None:
    examples = random_tracks(("folk", 2, 10))
    half = replace(examples, genres=tuple(("folk", "jazz")[i % 2] for i in range(20)))
    with pytest.raises(
        NotFound, match=r"^tuning needs tracks of at least 3 artists, got 2; train a model without"
    ) as error:
        tune("mine", half, feature_version=1)
    assert (error.value.hint, error.value.hint_values) == (Hint.TRAIN_GENRE_MODEL, {"name": "mine"})
    model = train("mine", half, algorithm="blend", features="all", feature_version=1)
    assert model.out_of_fold.probabilities.shape == (20, 2)


def test_logits_are_class_frequencies_if_nothing_can_be_fitted() -> None:
    examples = random_tracks(("folk", 1, 6), ("jazz", 1, 6))
    truth = np.repeat([0, 1], 6)
    (logits,) = out_of_fold(build_ensemble("logistic", "embedding"), examples.vectors, truth, truth)
    np.testing.assert_allclose(np.exp(logits), np.eye(2)[1 - truth], atol=1e-9)
    (logits,) = out_of_fold(build_ensemble("logistic", "embedding"), examples.vectors, truth, np.zeros(12, np.int64))
    assert np.ptp(logits) == 0


def test_no_fold_is_empty_if_one_artist_has_most_tracks() -> None:
    for n in (10, 100, 1000):
        examples = random_tracks(("folk", 1, n), ("jazz", 1, n), ("metal", 4, 2))
        folds = assign_folds(examples)
        assert set(folds.tolist()) == set(range(folds.max() + 1))
        assert folds.max() >= 1


def test_candidate_that_cannot_be_fitted_is_a_failed_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def sample_broken(_rng: np.random.Generator) -> Candidate:
        return Candidate("broken", (EnsembleMember(("tags",), LogisticRegression(C=-1.0)),))

    monkeypatch.setattr(tuning, "sample_candidate", sample_broken)
    found = search(*make_data())
    trial = found.trials[-1]
    assert (trial.name, trial.log_loss, trial.chosen) == ("broken", np.inf, False)
    assert trial.failed == "ValueError: C must be positive, got -1.0"
    assert [t.name for t in found.trials if t.chosen] == [DEFAULT_ENSEMBLE]


def test_boosting_is_fitted_to_many_tracks_with_a_class_of_one() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 10_050)
    truth[0] = 2
    vectors = rng.standard_normal((len(truth), len(DIMENSIONS))).astype(np.float32)
    (member,) = build_ensemble("boosting", "embedding")
    member.estimator.set_params(histgradientboostingclassifier__max_iter=1)
    assert EnsembleMember(("tags",), member.estimator).fit(vectors, truth).logits(vectors[:2]).shape == (2, 3)


def evaluated(name: str, logits: list[np.ndarray], members: tuple[EnsembleMember, ...], truth: np.ndarray) -> Evaluated:
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    loss = float(log_losses(mean_log_probabilities(logits, temperatures), truth).mean())
    return Evaluated(Candidate(name, members), tuple(logits), temperatures, Trial(name, len(truth), loss, 0.0, 0.0))


def test_ensemble_is_selected_by_the_mean_over_members() -> None:
    rng = np.random.default_rng(0)
    truth, members = rng.integers(0, 4, 300), tuple(build_ensemble("blend", "all"))
    correct, shared = np.eye(4)[truth], rng.standard_normal((300, 4))
    similar = [correct + shared + 0.1 * rng.standard_normal((300, 4)) for _ in members]
    default = evaluated(DEFAULT_ENSEMBLE, similar, members, truth)
    other = evaluated("other", [correct + rng.standard_normal((300, 4))], members[:1], truth)
    chosen = select_ensemble([default, other], truth, np.arange(300))
    fused = mean_log_probabilities(
        [p for each in chosen for p in each.logits], [t for each in chosen for t in each.temperatures]
    )
    np.testing.assert_array_equal(fused_logits(chosen), fused)
    assert [each.candidate.name for each in chosen] == [DEFAULT_ENSEMBLE, "other"]
    # A gain on one artist alone is not significant.
    assert select_ensemble([default, other], truth, np.zeros(300, np.int64)) == [default]


def test_without_time_the_default_ensemble_is_evaluated_once_and_reports_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tuning, "MIN_TRACKS", 20)
    monkeypatch.setattr(tuning, "MIN_TRACKS_PER_GENRE", 5)
    runs: list[int] = []

    def counted(members: Any, vectors: np.ndarray, *arguments: Any, **options: Any) -> list[np.ndarray]:
        runs.append(len(vectors))
        return out_of_fold(members, vectors, *arguments, **options)

    monkeypatch.setattr(tuning, "out_of_fold", counted)
    shares: list[float] = []
    search(*make_data(artists=10, tracks=6), seconds=0.0, progress=shares.append)
    assert runs == [180]  # three rungs, one run
    assert len(set(shares)) >= 5
    monkeypatch.setattr("recsys.genre.training.out_of_fold", counted)
    runs.clear()
    shares.clear()
    tune("mine", make_training_set(), feature_version=1, seconds=0.0, progress=shares.append)
    assert runs == [48] * 5 + [60] + [60]  # the last is the tutorial baseline
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_candidate_that_exceeds_the_time_is_dropped_between_fits() -> None:
    vectors, truth, folds, _ = make_data()
    slow = Candidate("slow", tuple(build_ensemble("logistic", "embedding")))
    assert evaluate(slow, vectors, truth, folds, seconds=-1.0) is None
    assert isinstance(evaluate(slow, vectors, truth, folds, seconds=np.inf), Evaluated)
