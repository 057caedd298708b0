import json
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import GENRES, make_training_set, vectors_of

from recsys.domain.tracks import UNKNOWN
from recsys.errors import Hint, InvalidRequest, ModelError, NotFound
from recsys.genre import model_store
from recsys.genre.algorithms import ALGORITHMS
from recsys.genre.folds import assign_folds, nested_probabilities, sample_groups
from recsys.genre.members import LinearClassifier
from recsys.genre.trained_model import TrainedModel, find_label_issues
from recsys.genre.training import train
from recsys.genre.training_set import TrainingSet, drop_rare_genres


def trained(algorithm: str = "logistic", features: str = "embedding") -> TrainedModel:
    return train("mine", make_training_set(), algorithm=algorithm, features=features, feature_version=1)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_loaded_model_of_every_algorithm_predicts_the_same(algorithm: str, tmp_path: Path) -> None:
    model = trained(algorithm, "descriptors")
    fresh = make_training_set(seed=0, artists=2)
    again = model_store.load(model_store.save(model, tmp_path), 1)
    np.testing.assert_allclose(again.probabilities(fresh.vectors), model.probabilities(fresh.vectors), atol=1e-6)
    predicted = [prediction.genres for prediction in again.predict(vectors_of(fresh))]
    assert [next(iter(genres)) for genres in predicted] == list(fresh.genres)
    assert all(abs(sum(genres.values()) - 1) < 1e-6 for genres in predicted)
    assert str(again) == "mine 1"


@pytest.mark.parametrize("genres", [GENRES, GENRES[:2]], ids=len)
def test_logistic_regressions_predict_the_same_without_scikit_learn(genres: tuple[str, ...], tmp_path: Path) -> None:
    every = make_training_set()
    examples = every.subset([row for row, genre in enumerate(every.genres) if genre in genres])
    model = train("mine", examples, algorithm="blend", features="embedding", feature_version=1)
    path = model_store.save(model, tmp_path)
    again = model_store.load(path, 1)
    assert {type(member.estimator) for member in again.members} == {LinearClassifier}
    np.testing.assert_allclose(again.probabilities(every.vectors), model.probabilities(every.vectors), atol=1e-12)
    code = "import sys, pathlib; from recsys.genre.model_store import load; load(pathlib.Path(sys.argv[1]), 1); "
    code += "print({'sklearn', 'skops', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["set()"]
    without = model_store.load(path, 1, with_baselines=False)
    assert without.baselines == {}
    assert without.out_of_fold.paths == model.out_of_fold.paths


def test_a_sample_of_groups_has_whole_groups() -> None:
    groups = np.repeat(np.arange(100), 5)
    rows = sample_groups(groups, 203)
    assert np.bincount(groups[rows], minlength=100).tolist().count(5) == 40
    assert len(rows) == 200
    assert len(sample_groups(np.zeros(9, int), 3)) == 9


def test_folds_do_not_split_artists() -> None:
    examples = make_training_set()
    folds = assign_folds(examples)
    for group in set(examples.groups):
        assert len({int(f) for f, g in zip(folds, examples.groups, strict=True) if g == group}) == 1
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}


def test_random_labels_score_like_chance() -> None:
    examples = make_training_set(artists=8)
    rng = np.random.default_rng(1)
    artists = sorted(set(examples.groups))
    random = dict(zip(artists, rng.permutation([GENRES[i % 3] for i in range(len(artists))]), strict=True))
    shuffled = replace(examples, genres=tuple(str(random[group]) for group in examples.groups))
    model = train("noise", shuffled, algorithm="svm", features="all", feature_version=1)
    correct = model.out_of_fold.probabilities.argmax(axis=1) == model.out_of_fold.truth
    assert correct.mean() < 0.6  # the model can memorise artists, but its scores are of artists it was not fitted to


def test_wrong_label_is_the_first_label_issue() -> None:
    examples = make_training_set()
    wrong = tuple("metal" if i == 0 else genre for i, genre in enumerate(examples.genres))
    model = train("mine", replace(examples, genres=wrong), algorithm="blend", features="all", feature_version=1)
    path, label, predicted, label_probability, predicted_probability = find_label_issues(model)[0]
    assert (path, label, predicted) == ("/music/0.mp3", "metal", "folk")
    assert predicted_probability > label_probability


def test_uncertain_prediction_is_unknown_and_keeps_its_genres() -> None:
    model, full = trained(), vectors_of(make_training_set())
    vectors = full * np.linspace(0, 0.2, len(full), dtype=np.float32)[:, None]  # from no evidence to weak evidence
    middle = float(np.median(model.probabilities(vectors).max(axis=1)))
    predictions = replace(model, fusion=model.fusion._replace(threshold=middle)).predict(vectors)
    assert {p.genre == UNKNOWN for p in predictions} == {True, False}
    for prediction in predictions:
        best = next(iter(prediction.genres))
        assert prediction.probability == prediction.genres[best] == max(prediction.genres.values())
        assert prediction.genre == (best if prediction.probability >= middle else UNKNOWN)


def test_rare_genres_are_dropped_with_a_reason() -> None:
    examples = make_training_set()
    few = tuple("polka" if i < 3 else g for i, g in enumerate(examples.genres))
    kept, dropped = drop_rare_genres(replace(examples, genres=few))
    assert dropped == {"polka": "3 of at least 5 tracks"}
    assert set(kept.genres) == set(GENRES)
    one_artist = replace(
        examples, groups=tuple("x" if g == "jazz" else a for g, a in zip(examples.genres, examples.groups, strict=True))
    )
    assert drop_rare_genres(one_artist)[1] == {"jazz": "all 20 tracks are of one artist"}
    with pytest.raises(NotFound, match="a genre model needs at least two genres, labelled by labels of a test"):
        drop_rare_genres(replace(examples, genres=("folk",) * len(examples.genres)))


def test_fingerprint_depends_on_vectors_and_labels_only() -> None:
    examples = make_training_set()
    reversed_rows = examples.subset(list(range(len(examples.genres)))[::-1])
    assert replace(reversed_rows, paths=("elsewhere",) * len(examples.paths)).fingerprint() == examples.fingerprint()
    assert replace(examples, genres=(*examples.genres[1:], "jazz")).fingerprint() != examples.fingerprint()


def test_unknown_algorithms_and_features_are_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"^algorithm must be one of blend, svm, .*, got 'oracle'$") as error:
        trained("oracle")
    assert error.value.field == "algorithm"
    with pytest.raises(InvalidRequest, match=r"^features must be one of descriptors, embedding, all, got 'smell'$"):
        trained("svm", "smell")


def test_invalid_model_names_are_refused(tmp_path: Path) -> None:
    for name in ("../up", "a/b", "", "default", ".hidden", "x" * 70):
        with pytest.raises(InvalidRequest, match=r"^invalid model name|ships with recsys"):
            model_store.model_path(tmp_path, name)


class _Malicious:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("owned",))


def test_loading_a_crafted_model_runs_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from skops.io import dumps

    path = model_store.save(trained(), tmp_path)
    metadata, predictions = (zipfile.ZipFile(path).read(name) for name in ("model.json", "answers.npz"))
    crafted: dict[str, bytes] = {
        "pickle": pickle.dumps(_Malicious()),
        "a function": dumps([np.save]),
        "another class": dumps([_Malicious]),
        "nothing": b"",
    }
    for case, members in crafted.items():
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", metadata)
            archive.writestr("answers.npz", predictions)
            archive.writestr("members.skops", members)
        with pytest.raises(ModelError) as error:
            model_store.load(path, 1)
        assert "\n" not in str(error.value), case
    assert "owned" not in capsys.readouterr().out


def test_tree_with_an_invalid_child_is_refused(tmp_path: Path) -> None:
    for algorithm in ("forest", "boosting"):
        model = trained(algorithm, "descriptors")
        last = model.members[0].estimator
        if algorithm == "forest":
            last.estimators_[0].tree_.children_left[0] = 10**6
        else:
            last[-1]._predictors[0][0].nodes["left"][0] = 0
        path = model_store.save(model, tmp_path)
        with pytest.raises(ModelError, match="a node whose child or feature does not exist"):
            model_store.load(path, 1)


def test_model_of_a_compatible_feature_version_is_loaded(tmp_path: Path) -> None:
    assert model_store.load(model_store.save(trained(), tmp_path), 2).feature_version == 1


def test_damaged_and_incompatible_models_are_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model_store.save(trained(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(model_store, "COMPATIBLE_VERSIONS", ())
        with pytest.raises(ModelError, match=r"features of version 1, this library has version 2") as old:
            model_store.load(path, 2)
        assert (old.value.hint, old.value.hint_values) == (Hint.TRAIN_GENRE_MODEL, {"name": "mine"})
    with pytest.raises(NotFound, match="there is no genre model 'other'") as missing:
        model_store.load(tmp_path / "other.zip", 1)
    assert missing.value.hint == Hint.LIST_GENRE_MODELS
    data = path.read_bytes()
    for size in (0, 10, len(data) // 2, len(data) - 30):
        path.write_bytes(data[:size])
        with pytest.raises(ModelError, match=r"mine.zip is damaged"):
            model_store.load(path, 1)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        metadata, members = json.loads(archive.read("model.json")), archive.read("members.skops")
        predictions = archive.read("answers.npz")
    fusion = metadata["fusion"]
    changes: list[dict[str, Any]] = [
        {"format": 9},
        {"fusion": {}},
        {"fusion": fusion | {"temperatures": [0.0]}},
        {"tried": [{"name": 1}]},
        {"members": [["noses"]]},
    ]
    for change in changes:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", json.dumps(metadata | change))
            archive.writestr("answers.npz", predictions)
            archive.writestr("members.skops", members)
        with pytest.raises(ModelError, match="is damaged"):
            model_store.load(path, 1)


def test_tutorial_baseline_is_fitted_to_a_sample_and_counts_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.genre import training
    from recsys.genre.algorithms import TUTORIAL_MEMBER
    from recsys.genre.members import EnsembleMember

    sizes: list[int] = []
    fit = EnsembleMember.fit

    def counted(self: EnsembleMember, vectors: np.ndarray, genres: np.ndarray) -> EnsembleMember:
        if self.groups == TUTORIAL_MEMBER.groups:
            sizes.append(len(vectors))
        return fit(self, vectors, genres)

    monkeypatch.setattr(EnsembleMember, "fit", counted)
    monkeypatch.setattr(training, "TUTORIAL_TRACKS", 20)
    reported: list[int] = []
    examples = make_training_set()
    model = train(
        "mine", examples, algorithm="logistic", features="embedding", feature_version=1,
        progress=lambda done, fits: reported.append(done),
    )  # fmt: skip
    assert sizes == [20] * 5
    assert reported == sorted(reported)
    assert set(reported) == set(range(12))
    again = train("mine", examples, algorithm="logistic", features="embedding", feature_version=1)
    np.testing.assert_allclose(again.baselines[training.TUTORIAL_BASELINE], model.baselines[training.TUTORIAL_BASELINE])


def artist_vectors() -> TrainingSet:
    """Each artist has one random genre, and vectors that identify the artist and have no other information."""
    examples = make_training_set(artists=12, tracks=4)
    rng = np.random.default_rng(3)
    artists = sorted(set(examples.groups))
    random = dict(zip(artists, rng.permutation([GENRES[i % 3] for i in range(len(artists))]), strict=True))
    own = {artist: rng.standard_normal(vectors_of(examples).shape[1]) for artist in artists}
    vectors = np.array([own[group] for group in examples.groups], np.float32)
    return replace(examples, vectors=vectors, genres=tuple(str(random[group]) for group in examples.groups))


def test_memorised_artists_score_at_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.genre import tuning
    from recsys.genre.training import tune

    monkeypatch.setattr(tuning, "CANDIDATES", 3)
    trained = train("mine", artist_vectors(), algorithm="logistic", features="all", feature_version=1)
    tuned = tune("mine", artist_vectors(), feature_version=1)
    for model in (trained, tuned):
        for probabilities in (model.out_of_fold.probabilities, *model.baselines.values()):
            assert (probabilities.argmax(axis=1) == model.out_of_fold.truth).mean() < 0.5


def test_fusion_of_a_fold_is_fitted_without_it() -> None:
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 3, 200), np.arange(200) % 5
    logits, groups = 3 * np.eye(3)[truth] + rng.standard_normal((200, 3)), np.arange(200)
    probabilities, thresholds = nested_probabilities([logits], truth, folds, groups)
    for fold in range(5):
        in_fold = folds == fold
        wrong = np.where(in_fold, (truth + 1) % 3, truth)  # must change all folds but this one
        changed, changed_thresholds = nested_probabilities([logits], wrong, folds, groups)
        np.testing.assert_array_equal(changed[in_fold], probabilities[in_fold])
        np.testing.assert_array_equal(changed_thresholds[in_fold], thresholds[in_fold])
        assert not np.allclose(changed[~in_fold], probabilities[~in_fold])
