import json
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled import GENRES, make_examples

from recsys.domain.tracks import UNKNOWN
from recsys.errors import InvalidRequest, ModelError, NotFound
from recsys.genre import model_store
from recsys.genre.algorithms import ALGORITHMS
from recsys.genre.folds import assign_folds, nested_probabilities
from recsys.genre.trained_model import TrainedModel, find_label_issues
from recsys.genre.training import train
from recsys.genre.training_set import TrainingSet, drop_rare_genres


def trained(algorithm: str = "logistic", features: str = "embedding", **options: object) -> TrainedModel:
    return train(
        "mine", make_examples(**options), algorithm=algorithm, features=features, feature_version=1
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_learns_is_stored_and_says_the_same(algorithm: str, tmp_path: Path) -> None:
    model = trained(algorithm, "descriptors")
    fresh = make_examples(seed=0, artists=2)
    again = model_store.load(model_store.save(model, tmp_path), 1)
    np.testing.assert_allclose(again.probabilities(fresh.vectors), model.probabilities(fresh.vectors), atol=1e-6)
    said = [prediction.genres for prediction in again.predict(fresh.vectors)]
    assert [next(iter(genres)) for genres in said] == list(fresh.genres)
    assert all(abs(sum(genres.values()) - 1) < 1e-6 for genres in said)
    assert str(again) == "mine 1"


def test_no_artist_is_judged_by_a_model_that_has_heard_it() -> None:
    examples = make_examples()
    folds = assign_folds(examples)
    for group in set(examples.groups):
        assert len({int(f) for f, g in zip(folds, examples.groups, strict=True) if g == group}) == 1
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}


def test_labels_that_mean_nothing_score_like_chance() -> None:
    examples = make_examples(artists=8)
    rng = np.random.default_rng(1)
    artists = sorted(set(examples.groups))
    lot = dict(zip(artists, rng.permutation([GENRES[i % 3] for i in range(len(artists))]), strict=True))
    shuffled = replace(examples, genres=tuple(str(lot[group]) for group in examples.groups))
    model = train("noise", shuffled, algorithm="svm", features="all", feature_version=1)
    right = model.answers.probabilities.argmax(axis=1) == model.answers.truth
    assert right.mean() < 0.6  # it knows every artist by heart, but is never asked about one that it has heard


def test_a_wrong_label_is_the_first_suspect() -> None:
    examples = make_examples()
    wrong = tuple("metal" if i == 0 else genre for i, genre in enumerate(examples.genres))
    model = train("mine", replace(examples, genres=wrong), algorithm="blend", features="all", feature_version=1)
    path, given, said, p_given, p_said = find_label_issues(model)[0]
    assert (path, given, said) == ("/music/0.mp3", "metal", "folk")
    assert p_said > p_given


def test_the_doubtful_is_unknown_and_the_best_guess_stays_visible() -> None:
    model, whole = trained(), make_examples().vectors
    vectors = whole * np.linspace(0, 0.2, len(whole), dtype=np.float32)[:, None]  # from nothing to a hint
    middle = float(np.median(model.probabilities(vectors).max(axis=1)))
    said = replace(model, fusion=model.fusion._replace(threshold=middle)).predict(vectors)
    assert {p.genre == UNKNOWN for p in said} == {True, False}
    for prediction in said:
        best = next(iter(prediction.genres))
        assert prediction.probability == prediction.genres[best] == max(prediction.genres.values())
        assert prediction.genre == (best if prediction.probability >= middle else UNKNOWN)


def test_genres_with_too_little_are_left_out_and_why() -> None:
    examples = make_examples()
    few = tuple("polka" if i < 3 else g for i, g in enumerate(examples.genres))
    kept, dropped = drop_rare_genres(replace(examples, genres=few))
    assert dropped == {"polka": "3 of the 5 tracks it takes"}
    assert set(kept.genres) == set(GENRES)
    one_artist = replace(
        examples, groups=tuple("x" if g == "jazz" else a for g, a in zip(examples.genres, examples.groups, strict=True))
    )
    assert drop_rare_genres(one_artist)[1] == {"jazz": "all 20 tracks are of one artist"}
    with pytest.raises(NotFound, match="two genres or more"):
        drop_rare_genres(replace(examples, genres=("folk",) * len(examples.genres)))


def test_the_fingerprint_knows_sounds_and_labels_alone() -> None:
    examples = make_examples()
    turned = examples.subset(list(range(len(examples.genres)))[::-1])
    assert replace(turned, paths=("elsewhere",) * len(turned.paths)).fingerprint() == examples.fingerprint()
    assert replace(examples, genres=(*examples.genres[1:], "jazz")).fingerprint() != examples.fingerprint()


def test_unknown_algorithms_and_features_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="--algorithm must be one of blend, svm"):
        trained("oracle")
    with pytest.raises(InvalidRequest, match="--features must be one of"):
        trained("svm", "smell")


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    for name in ("../up", "a/b", "", "default", ".hidden", "x" * 70):
        with pytest.raises(InvalidRequest):
            model_store.model_path(tmp_path, name)


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("owned",))


def test_a_model_of_unknown_origin_runs_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from skops.io import dumps

    path = model_store.save(trained(), tmp_path)
    facts, answers = (zipfile.ZipFile(path).read(name) for name in ("model.json", "answers.npz"))
    bad: dict[str, bytes] = {
        "pickle": pickle.dumps(_Evil()),
        "a function": dumps([np.save]),
        "another class": dumps([_Evil]),
        "nothing": b"",
    }
    for what, members in bad.items():
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", facts)
            archive.writestr("answers.npz", answers)
            archive.writestr("members.skops", members)
        with pytest.raises(ModelError) as refused:
            model_store.load(path, 1)
        assert "\n" not in str(refused.value), what
    assert "owned" not in capsys.readouterr().out


def test_a_tree_that_leads_nowhere_is_not_walked(tmp_path: Path) -> None:
    for algorithm in ("forest", "boosting"):
        model = trained(algorithm, "descriptors")
        last = model.members[0].estimator
        if algorithm == "forest":
            last.estimators_[0].tree_.children_left[0] = 10**6
        else:
            last[-1]._predictors[0][0].nodes["left"][0] = 0
        path = model_store.save(model, tmp_path)
        with pytest.raises(ModelError, match="a tree leads nowhere"):
            model_store.load(path, 1)


def test_models_of_a_compatible_feature_version_are_of_use(tmp_path: Path) -> None:
    assert model_store.load(model_store.save(trained(), tmp_path), 2).feature_version == 1


def test_damaged_and_foreign_models_are_refused_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = model_store.save(trained(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(model_store, "COMPATIBLE_VERSIONS", ())
        with pytest.raises(ModelError, match=r"features of version 1, this library has version 2; train it again"):
            model_store.load(path, 2)
    with pytest.raises(NotFound, match="no genre model 'other'"):
        model_store.load(tmp_path / "other.zip", 1)
    whole = path.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError, match="train it again or delete it"):
            model_store.load(path, 1)
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as archive:
        facts, members = json.loads(archive.read("model.json")), archive.read("members.skops")
        answers = archive.read("answers.npz")
    fusion = facts["fusion"]
    for change in (
        {"format": 9},
        {"fusion": {}},
        {"fusion": fusion | {"temperatures": [0.0]}},
        {"tried": [{"name": 1}]},
        {"members": [["noses"]]},
    ):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", json.dumps(facts | change))
            archive.writestr("answers.npz", answers)
            archive.writestr("members.skops", members)
        with pytest.raises(ModelError, match="is damaged"):
            model_store.load(path, 1)


def test_the_tutorials_baseline_learns_from_some_tracks_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.genre import training
    from recsys.genre.algorithms import EnsembleMember

    sizes: list[int] = []
    real = EnsembleMember.fit

    def counted(self: EnsembleMember, vectors: np.ndarray, genres: np.ndarray) -> EnsembleMember:
        if self.groups == ("recipe",):
            sizes.append(len(vectors))
        return real(self, vectors, genres)

    monkeypatch.setattr(EnsembleMember, "fit", counted)
    monkeypatch.setattr(training, "_TUTORIAL_TRACKS", 20)
    heard: list[int] = []
    examples = make_examples()
    model = train(
        "mine", examples, algorithm="logistic", features="embedding", feature_version=1,
        progress=lambda done, fits: heard.append(done),
    )  # fmt: skip
    assert sizes == [20] * 5
    assert heard == sorted(heard)
    assert set(heard) == set(range(12))
    again = train("mine", examples, algorithm="logistic", features="embedding", feature_version=1)
    np.testing.assert_allclose(again.baselines[training.TUTORIAL_BASELINE], model.baselines[training.TUTORIAL_BASELINE])


def telltale() -> TrainingSet:
    """Each artist has one genre by lot, and vectors that name the artist and say nothing else."""
    examples = make_examples(artists=12, tracks=4)
    rng = np.random.default_rng(3)
    artists = sorted(set(examples.groups))
    lot = dict(zip(artists, rng.permutation([GENRES[i % 3] for i in range(len(artists))]), strict=True))
    voices = {artist: rng.standard_normal(examples.vectors.shape[1]) for artist in artists}
    vectors = np.array([voices[group] for group in examples.groups], np.float32)
    return replace(examples, vectors=vectors, genres=tuple(str(lot[group]) for group in examples.groups))


def test_who_knows_the_artist_alone_is_judged_at_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.genre import tuning
    from recsys.genre.training import tune

    monkeypatch.setattr(tuning, "CANDIDATES", 3)
    trained = train("mine", telltale(), algorithm="logistic", features="all", feature_version=1)
    tuned = tune("mine", telltale(), feature_version=1)
    for model in (trained, tuned):
        for said in (model.answers.probabilities, *model.baselines.values()):
            assert (said.argmax(axis=1) == model.answers.truth).mean() < 0.5


def test_the_fusion_of_a_fold_has_not_heard_it() -> None:
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 3, 200), np.arange(200) % 5
    good, groups = 3 * np.eye(3)[truth] + rng.standard_normal((200, 3)), np.arange(200)
    probabilities, thresholds = nested_probabilities([good], truth, folds, groups)
    for fold in range(5):
        lies = np.where(folds == fold, (truth + 1) % 3, truth)  # what is true of a fold changes nothing for it
        there = folds == fold
        changed, levels = nested_probabilities([good], lies, folds, groups)
        np.testing.assert_array_equal(changed[there], probabilities[there])
        np.testing.assert_array_equal(levels[there], thresholds[there])
        assert not np.allclose(changed[~there], probabilities[~there])
