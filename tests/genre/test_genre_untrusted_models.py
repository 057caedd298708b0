"""Model files of unknown origin: whatever is wrong with one is a ModelError in one line."""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import make_examples
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from recsys.errors import ModelError
from recsys.genre import model_store
from recsys.genre.algorithms import EnsembleMember
from recsys.genre.trained_model import TrainedModel
from recsys.genre.training import train


@cache
def model(algorithm: str = "logistic") -> TrainedModel:
    return train("mine", make_examples(), algorithm=algorithm, features="descriptors", feature_version=1)


def estimator(algorithm: str) -> Any:
    return copy.deepcopy(model(algorithm).members[0].estimator)


def refused(estimator: Any, folder: Path) -> str:
    crafted = replace(model(), members=(EnsembleMember(model().members[0].groups, estimator),))
    path = model_store.save(crafted, folder)
    with pytest.raises(ModelError) as error:
        model_store.load(path, 1)
    assert "\n" not in str(error.value)
    return str(error.value)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    facts = json.loads(parts["model.json"])
    change(facts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"model.json": json.dumps(facts).encode()}).items():
            archive.writestr(name, data)


N = float("nan")
FIELDS: dict[str, Any] = {
    "made": [5, None, "yesterday"],
    "version": ["x", True, -1, 1.5, 10**400],
    "genres": [[{}, {}, {}], ["a", "a", "b"], ["a"], "abc", ["a", "b", "c", "d"]],
    "labels": [5, ["a"]],
    "source": [5, None],
    "algorithm": [{}],
    "features": [[]],
    "feature_version": ["1"],
    "grouped_by": [["x"], "planet"],
    "fingerprint": [[1], "zz"],
    "members": [[], [[["a"]]], [["noses"]], [["learned"]], [[]], [["timbre"], ["timbre"]], {"a": 1}],
    "fusion": [
        {},
        [],
        {"temperatures": [1.0], "temperature": N, "collective": [0.0, 1.0], "threshold": 0.1},
        {"temperatures": [0.0], "temperature": 1.0, "collective": [0.0, 1.0], "threshold": 0.1},
        {"temperatures": [1.0], "temperature": 1.0, "collective": [1e308, 1.0], "threshold": 0.1},
        {"temperatures": [1.0], "temperature": 1.0, "collective": [0.0, 1.0], "threshold": N},
    ],
    "tried": [
        5,
        [{"name": 1}],
        [{"name": "a", "tracks": 1, "log_loss": N, "accuracy": 1, "seconds": 1, "chosen": True, "failed": ""}],
        [{"name": "a", "tracks": 1, "log_loss": None, "accuracy": 1, "seconds": 1, "chosen": True, "failed": ""}],
    ],
    "tracks": [59, "60", -1],
    "accuracy": [N, 2, None],
}


@pytest.mark.parametrize(("field", "values"), FIELDS.items(), ids=FIELDS)
def test_every_field_has_its_type_and_its_range(field: str, values: list[Any], tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    whole = path.read_bytes()
    for value in values:
        path.write_bytes(whole)
        rewritten(path, lambda facts, value=value: facts.update({field: value}))
        with pytest.raises(ModelError, match="is damaged") as error:
            model_store.load(path, 1)
        assert "\n" not in str(error.value)


def test_what_a_file_says_of_itself_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    rewritten(path, lambda facts: facts.update(format="\x1b[31m\n"))
    with pytest.raises(ModelError) as error:
        model_store.load(path, 1)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "made",
    [
        lambda: DummyClassifier().fit(*taught()),
        lambda: BaggingClassifier(LogisticRegression(), n_estimators=2).fit(*taught()),
        lambda: make_pipeline(FunctionTransformer(np.exp), LogisticRegression()).fit(*taught()),
        lambda: make_pipeline(make_pipeline(LogisticRegression())).fit(*taught()),
        lambda: LogisticRegression(),
        lambda: LogisticRegression().fit(taught()[0], taught()[1] % 2),
        lambda: LogisticRegression().fit(taught()[0][:, :5], taught()[1]),
        lambda: 5,
        lambda: [LogisticRegression()],
    ],
)
def test_only_what_we_train_is_asked(made: Callable[[], Any], tmp_path: Path) -> None:
    assert "is damaged" in refused(made(), tmp_path) or "no model of recsys" in refused(made(), tmp_path)


def taught() -> tuple[Any, Any]:
    examples = make_examples()
    return model().members[0].columns(examples.vectors), np.unique(examples.genres, return_inverse=True)[1]


def test_no_parameter_starts_threads_or_talks(tmp_path: Path) -> None:
    for key, value in (("n_jobs", 10_000), ("verbose", 3)):
        forest = estimator("forest")
        setattr(forest, key, value)
        assert key in refused(forest, tmp_path)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    logistic = estimator("logistic")
    logistic.coef_[:] = N
    assert "is damaged" in refused(logistic, tmp_path)


def test_every_tree_is_walked_before_it_is_asked(tmp_path: Path) -> None:
    for which in (0, -1):
        for node, child in ((0, -2), (0, 0), (0, -1), (1, 0), (0, 10**6)):
            forest = estimator("forest")
            forest.estimators_[which].tree_.children_left[node] = child
            assert "a tree leads nowhere" in refused(forest, tmp_path), (which, node, child)
    forest = estimator("forest")
    leaf = int(np.flatnonzero(forest.estimators_[0].tree_.children_left == -1)[0])
    forest.estimators_[0].tree_.children_left[leaf] = forest.estimators_[0].tree_.children_right[leaf] = -2
    assert "a tree leads nowhere" in refused(forest, tmp_path)
    forest = estimator("forest")
    forest.n_features_in_ += 1
    assert "takes what its forest does not" in refused(forest, tmp_path)
    boosting = estimator("boosting")
    trees = [tree for row in boosting[-1]._predictors for tree in row if len(tree.nodes) > 1]
    trees[-1].nodes["right"][0] = 0
    assert "a tree leads nowhere" in refused(boosting, tmp_path)
    boosting = estimator("boosting")
    boosting[-1]._predictors[0][0].nodes = boosting[-1]._predictors[0][0].nodes[:0]
    assert "a tree has no nodes" in refused(boosting, tmp_path)
    boosting = estimator("boosting")
    del boosting[-1].n_features_in_
    assert "is damaged" in refused(boosting, tmp_path)


def test_neighbours_vote_for_genres_that_there_are(tmp_path: Path) -> None:
    for votes in (np.full(60, 10**6), np.full(60, -1), np.zeros(59, np.int64), np.zeros(60)):
        knn = estimator("knn")
        knn[-1]._y = votes
        assert "is damaged" in refused(knn, tmp_path)
    knn = estimator("knn")
    knn[-1].n_neighbors = 10**6
    assert "is damaged" in refused(knn, tmp_path)


def test_a_tree_of_several_outputs_is_never_made(tmp_path: Path) -> None:
    path = model_store.save(model("forest"), tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(io.BytesIO(parts["members.skops"])) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(inside["schema.json"])
    found = 0
    todo: list[Any] = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, dict) and node.get("__loader__") == "TreeNode":
            node["__reduce__"]["args"]["content"][2]["content"] = "1000000000"
            found += 1
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    assert found == 400
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (inside | {"schema.json": json.dumps(schema).encode()}).items():
            archive.writestr(name, data)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"members.skops": packed.getvalue()}).items():
            archive.writestr(name, data)
    with pytest.raises(ModelError, match="several outputs"):
        model_store.load(path, 1)


def with_answers(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"answers.npz": data}).items():
            archive.writestr(name, part)


def test_answers_are_checked_where_they_are_read_and_to_predict_they_are_not(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive, np.load(io.BytesIO(archive.read("answers.npz"))) as file:
        arrays = {name: file[name] for name in file.files}
    text = json.loads(arrays["texts"].tobytes())
    changes: list[dict[str, Any]] = [
        {"truth": np.full(60, 99)},
        {"truth": np.full(60, 0.5)},
        {"folds": np.full(60, -1)},
        {"folds": np.array(["x"] * 60)},
        {"probabilities": np.full((60, 3), N)},
        {"probabilities": np.full((60, 2), 0.5)},
        {"thresholds": np.full(60, 7.0)},
        {"thresholds": np.array([{}] * 60, object)},
        {"baselines": np.zeros((1, 60, 3))},
        {"texts": np.frombuffer(json.dumps(text | {"groups": [1] * 60}).encode(), np.uint8)},
        {"texts": np.frombuffer(json.dumps(text | {"paths": []}).encode(), np.uint8)},
        {"texts": np.frombuffer(b"\xff", np.uint8)},
    ]
    files = [b"", b"no archive"]
    for change in changes:
        packed = io.BytesIO()
        np.savez(packed, **(arrays | change))
        files.append(packed.getvalue())
    for data in files:
        path.write_bytes(whole)
        with_answers(path, data)
        with pytest.raises(ModelError, match="is damaged"):
            model_store.load(path, 1)
        assert model_store.load(path, 1, with_out_of_fold=False).answers.paths == ()
        assert model_store.read_metadata(path)["tracks"] == 60
    with pytest.raises(ValueError, match="no whole model"):
        model_store.save(model_store.load(path, 1, with_out_of_fold=False), tmp_path)


def test_the_facts_are_small_however_many_tracks_there_are(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("model.json").file_size < 5000
    again = model_store.load(path, 1)
    np.testing.assert_allclose(again.answers.probabilities, model().answers.probabilities, atol=1e-6)
    assert list(again.baselines) == list(model().baselines)
    right = model().answers.probabilities.argmax(axis=1) == model().answers.truth
    assert model_store.read_metadata(path)["accuracy"] == right.mean()
