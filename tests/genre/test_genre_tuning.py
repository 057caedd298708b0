from dataclasses import replace

import numpy as np
import pytest
from labelled import GENRES, make_examples
from sklearn.linear_model import LogisticRegression

from recsys.errors import NotFound
from recsys.features.schema import DIMENSIONS
from recsys.genre import model_store, tuning
from recsys.genre.algorithms import EnsembleMember, build_ensemble
from recsys.genre.calibration import fit_temperature
from recsys.genre.collective import group_ids
from recsys.genre.folds import assign_folds, out_of_fold
from recsys.genre.fusion import mean_log_probabilities
from recsys.genre.trained_model import Trial
from recsys.genre.training import TUNED, train, tune
from recsys.genre.training_set import TrainingSet
from recsys.genre.tuning import DEFAULT_ENSEMBLE, Candidate, sample_candidate, search


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "CANDIDATES", 6)


def lesson(**options: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    examples = make_examples(**options)
    return (
        examples.vectors,
        np.searchsorted(GENRES, examples.genres),
        assign_folds(examples),
        group_ids(examples.groups),
    )


def test_every_candidate_that_can_be_drawn_can_be_trained() -> None:
    vectors, truth, *_ = lesson()
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


def test_the_same_seed_finds_the_same_and_what_everyone_gets_is_always_among_it() -> None:
    shares: list[float] = []
    found = search(*lesson(), seed=3, progress=shares.append)
    again = search(*lesson(), seed=3)
    assert [one._replace(seconds=0) for one in found.trials] == [one._replace(seconds=0) for one in again.trials]
    assert found.trials[0].tracks == 60
    assert DEFAULT_ENSEMBLE in {one.name for one in found.trials if one.chosen}
    assert len({one.name for one in found.trials}) == len(found.trials)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_no_time_at_all_leaves_what_everyone_gets() -> None:
    found = search(*lesson(), seconds=0.0)
    assert [one.name for one in found.trials] == [DEFAULT_ENSEMBLE]
    assert [said.shape for said in found.logits] == [(60, 3)] * len(found.members)


def test_many_tracks_are_first_tried_on_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "_MIN_TRACKS", 20)
    monkeypatch.setattr(tuning, "_MIN_TRACKS_PER_GENRE", 5)
    found = search(*lesson(artists=10, tracks=6), seed=1)
    sizes = sorted({one.tracks for one in found.trials})
    first, second, last = ({one.name for one in found.trials if one.tracks == size} for size in sizes)
    assert sizes[-1] == 180
    assert len(first) == 6
    assert last - {DEFAULT_ENSEMBLE} <= second < first
    assert DEFAULT_ENSEMBLE in last


def test_a_tuned_model_is_judged_by_searches_that_have_not_heard_the_artist(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    heard: list[int] = []
    real = search

    def watched(vectors, truth, folds, groups, **options):  # type: ignore[no-untyped-def]
        heard.append(len(vectors))
        assert len(set(folds.tolist())) == (4 if len(vectors) < 60 else 5)
        return real(vectors, truth, folds, groups, **options)

    monkeypatch.setattr("recsys.genre.training.search", watched)
    examples = make_examples(spread=6.0)
    model = tune("mine", examples, feature_version=1)
    assert len(heard) == 6
    assert sum(heard) == 5 * 60
    assert model.tried
    assert (model.algorithm == TUNED) == (len({t.name for t in model.tried if t.chosen}) > 1)
    again = model_store.load(model_store.save(model, tmp_path), 1)
    assert again.tried == model.tried
    np.testing.assert_allclose(again.probabilities(examples.vectors), model.probabilities(examples.vectors), atol=1e-6)


def small(*artists: tuple[str, int, int]) -> TrainingSet:
    """Tracks of artists, each with genre, number of artists and tracks of each."""
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
def test_few_artists_are_tuned_all_the_same(artists: tuple[tuple[str, int, int], ...]) -> None:
    examples = small(*artists)
    examples = replace(examples, genres=tuple("folk" if g == "folk2" else g for g in examples.genres))
    model = tune("mine", examples, feature_version=1)
    assert np.isfinite(model.answers.probabilities).all()


def test_two_artists_are_too_few_to_tune_and_it_is_said() -> None:
    examples = small(("folk", 2, 10))
    half = replace(examples, genres=tuple(("folk", "jazz")[i % 2] for i in range(20)))
    with pytest.raises(NotFound, match="3 artists or more, and these are of 2; recsys genre train"):
        tune("mine", half, feature_version=1)
    model = train("mine", half, algorithm="blend", features="all", feature_version=1)
    assert model.answers.probabilities.shape == (20, 2)


def test_what_cannot_be_learned_from_says_the_shares_of_the_others() -> None:
    examples = small(("folk", 1, 6), ("jazz", 1, 6))
    truth = np.repeat([0, 1], 6)
    (said,) = out_of_fold(build_ensemble("logistic", "embedding"), examples.vectors, truth, truth)
    np.testing.assert_allclose(np.exp(said), np.eye(2)[1 - truth], atol=1e-9)
    (said,) = out_of_fold(build_ensemble("logistic", "embedding"), examples.vectors, truth, np.zeros(12, np.int64))
    assert np.ptp(said) == 0


def test_no_fold_is_empty_beside_a_giant_artist() -> None:
    for giant in (10, 100, 1000):
        examples = small(("folk", 1, giant), ("jazz", 1, giant), ("metal", 4, 2))
        folds = assign_folds(examples)
        assert set(folds.tolist()) == set(range(folds.max() + 1))
        assert folds.max() >= 1


def test_a_candidate_that_fails_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(_rng: np.random.Generator) -> Candidate:
        return Candidate("broken", (EnsembleMember(("tags",), LogisticRegression(C=-1.0)),))

    monkeypatch.setattr(tuning, "sample_candidate", breaking)
    found = search(*lesson())
    row = found.trials[-1]
    assert (row.name, row.log_loss, row.chosen) == ("broken", np.inf, False)
    assert "InvalidParameterError" in row.failed
    assert [one.name for one in found.trials if one.chosen] == [DEFAULT_ENSEMBLE]


def test_boosting_learns_from_many_tracks_of_which_one_is_alone() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 10_050)
    truth[0] = 2
    vectors = rng.standard_normal((len(truth), len(DIMENSIONS))).astype(np.float32)
    (member,) = build_ensemble("boosting", "embedding")
    member.estimator.set_params(histgradientboostingclassifier__max_iter=1)
    assert EnsembleMember(("tags",), member.estimator).fit(vectors, truth).logits(vectors[:2]).shape == (2, 3)


def judged(
    name: str, logits: list[np.ndarray], members: tuple[EnsembleMember, ...], truth: np.ndarray
) -> tuning._Evaluated:
    temperatures = tuple(fit_temperature(part, truth) for part in logits)
    loss = float(tuning._losses(mean_log_probabilities(logits, temperatures), truth).mean())
    tried = Trial(name, len(truth), loss, 0.0, 0.0)
    return tuning._Evaluated(Candidate(name, members), tuple(logits), temperatures, tried)


def test_what_is_judged_is_what_is_fused() -> None:
    rng = np.random.default_rng(0)
    truth, members = rng.integers(0, 4, 300), tuple(build_ensemble("blend", "all"))
    right, shared = np.eye(4)[truth], rng.standard_normal((300, 4))
    alike = [right + shared + 0.1 * rng.standard_normal((300, 4)) for _ in members]
    blend = judged(DEFAULT_ENSEMBLE, alike, members, truth)
    other = judged("other", [right + rng.standard_normal((300, 4))], members[:1], truth)
    chosen = tuning._select_ensemble([blend, other], truth, np.arange(300))
    fused = mean_log_probabilities(
        [p for one in chosen for p in one.logits], [t for one in chosen for t in one.temperatures]
    )
    np.testing.assert_array_equal(tuning._fused(chosen), fused)
    assert [one.candidate.name for one in chosen] == [DEFAULT_ENSEMBLE, "other"]
    # one artist's worth of luck is none
    assert tuning._select_ensemble([blend, other], truth, np.zeros(300, np.int64)) == [blend]


def test_without_time_the_blend_is_run_once_in_each_search_and_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "_MIN_TRACKS", 20)
    monkeypatch.setattr(tuning, "_MIN_TRACKS_PER_GENRE", 5)
    runs: list[int] = []
    real = out_of_fold

    def counted(members, vectors, *rest, **options):  # type: ignore[no-untyped-def]
        runs.append(len(vectors))
        return real(members, vectors, *rest, **options)

    monkeypatch.setattr(tuning, "out_of_fold", counted)
    shares: list[float] = []
    search(*lesson(artists=10, tracks=6), seconds=0.0, progress=shares.append)
    assert runs == [180]  # three rungs, one run
    assert len(set(shares)) >= 5
    monkeypatch.setattr("recsys.genre.training.out_of_fold", counted)
    runs.clear()
    shares.clear()
    tune("mine", make_examples(), feature_version=1, seconds=0.0, progress=shares.append)
    assert runs == [48] * 5 + [60] + [60]  # the last is a baseline's
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_candidate_that_takes_too_long_is_given_up_between_its_fits() -> None:
    vectors, truth, folds, _ = lesson()
    slow = Candidate("slow", tuple(build_ensemble("logistic", "embedding")))
    assert tuning._evaluate(slow, vectors, truth, folds, seconds=-1.0) is None
    assert isinstance(tuning._evaluate(slow, vectors, truth, folds, seconds=np.inf), tuning._Evaluated)
