"""Model files of unknown origin: every defect is a ModelError with a message of one line."""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import make_training_set
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from recsys.errors import ModelError
from recsys.genre import model_store
from recsys.genre.members import EnsembleMember
from recsys.genre.trained_model import TrainedModel
from recsys.genre.training import train


@cache
def model(algorithm: str = "logistic") -> TrainedModel:
    return train("mine", make_training_set(), algorithm=algorithm, features="descriptors", feature_version=1)


def estimator(algorithm: str) -> Any:
    return copy.deepcopy(model(algorithm).members[0].estimator)


def load_error(estimator: Any, folder: Path) -> str:
    """The message of the error from loading a model with this estimator."""
    crafted = replace(model(), members=(EnsembleMember(model().members[0].groups, estimator),))
    path = model_store.save(crafted, folder)
    with pytest.raises(ModelError) as error:
        model_store.load(path, 1)
    assert "\n" not in str(error.value)
    return str(error.value)


def rewrite_metadata(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(parts["model.json"])
    change(metadata)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"model.json": json.dumps(metadata).encode()}).items():
            archive.writestr(name, data)


NAN = float("nan")
INVALID_NODE = "a tree has a node whose child or feature does not exist"
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
        {"temperatures": [1.0], "temperature": NAN, "collective": [0.0, 1.0], "threshold": 0.1},
        {"temperatures": [0.0], "temperature": 1.0, "collective": [0.0, 1.0], "threshold": 0.1},
        {"temperatures": [1.0], "temperature": 1.0, "collective": [1e308, 1.0], "threshold": 0.1},
        {"temperatures": [1.0], "temperature": 1.0, "collective": [0.0, 1.0], "threshold": NAN},
    ],
    "tried": [
        5,
        [{"name": 1}],
        [{"name": "a", "tracks": 1, "log_loss": NAN, "accuracy": 1, "seconds": 1, "chosen": True, "failed": ""}],
        [{"name": "a", "tracks": 1, "log_loss": None, "accuracy": 1, "seconds": 1, "chosen": True, "failed": ""}],
    ],
    "tracks": [59, "60", -1],
    "accuracy": [NAN, 2, None],
}


@pytest.mark.parametrize(("field", "values"), FIELDS.items(), ids=FIELDS)
def test_invalid_metadata_is_refused(field: str, values: list[Any], tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    data = path.read_bytes()
    for value in values:
        path.write_bytes(data)
        rewrite_metadata(path, partial(dict.update, **{field: value}))
        with pytest.raises(ModelError, match="is damaged") as error:
            model_store.load(path, 1)
        assert "\n" not in str(error.value)


def test_control_characters_are_removed_from_messages(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    rewrite_metadata(path, lambda metadata: metadata.update(format="\x1b[31m\n"))
    with pytest.raises(ModelError) as error:
        model_store.load(path, 1)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DummyClassifier().fit(*fit_arguments()), "DummyClassifier is not part of a genre model"),
        (
            lambda: BaggingClassifier(LogisticRegression(), n_estimators=2).fit(*fit_arguments()),
            "BaggingClassifier is not part",
        ),
        (
            lambda: make_pipeline(FunctionTransformer(np.exp), LogisticRegression()).fit(*fit_arguments()),
            "FunctionTransformer is not part",
        ),
        (lambda: make_pipeline(make_pipeline(LogisticRegression())).fit(*fit_arguments()), "Pipeline is not part"),
        (lambda: LogisticRegression(), "no attribute 'n_features_in_'"),
        (lambda: LogisticRegression().fit(fit_arguments()[0], fit_arguments()[1] % 2), "genres of a member differ"),
        (lambda: LogisticRegression().fit(fit_arguments()[0][:, :5], fit_arguments()[1]), "expecting 5 features"),
        (lambda: 5, "int is not part of a genre model"),
        (lambda: [LogisticRegression()], "list is not part of a genre model"),
    ],
)
def test_other_estimators_are_refused(make: Callable[[], Any], message: str, tmp_path: Path) -> None:
    assert message in load_error(make(), tmp_path)


def fit_arguments() -> tuple[Any, Any]:
    examples = make_training_set()
    return model().members[0].columns(examples.vectors), np.unique(examples.genres, return_inverse=True)[1]


def test_threads_and_output_are_refused(tmp_path: Path) -> None:
    for key, value in (("n_jobs", 10_000), ("verbose", 3)):
        forest = estimator("forest")
        setattr(forest, key, value)
        assert f"{key} must not be {value}" in load_error(forest, tmp_path)


def test_coefficients_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    logistic = estimator("logistic")
    logistic.coef_[:] = NAN
    assert "is damaged" in load_error(logistic, tmp_path)


def test_trees_with_invalid_nodes_are_refused(tmp_path: Path) -> None:
    for which in (0, -1):
        for node, child in ((0, -2), (0, 0), (0, -1), (1, 0), (0, 10**6)):
            forest = estimator("forest")
            forest.estimators_[which].tree_.children_left[node] = child
            assert INVALID_NODE in load_error(forest, tmp_path), (which, node, child)
    forest = estimator("forest")
    leaf = int(np.flatnonzero(forest.estimators_[0].tree_.children_left == -1)[0])
    forest.estimators_[0].tree_.children_left[leaf] = forest.estimators_[0].tree_.children_right[leaf] = -2
    assert INVALID_NODE in load_error(forest, tmp_path)
    forest = estimator("forest")
    forest.n_features_in_ += 1
    assert "a tree and its forest have different numbers of features" in load_error(forest, tmp_path)
    boosting = estimator("boosting")
    trees = [tree for row in boosting[-1]._predictors for tree in row if len(tree.nodes) > 1]
    trees[-1].nodes["right"][0] = 0
    assert INVALID_NODE in load_error(boosting, tmp_path)
    boosting = estimator("boosting")
    boosting[-1]._predictors[0][0].nodes = boosting[-1]._predictors[0][0].nodes[:0]
    assert "a tree has no nodes" in load_error(boosting, tmp_path)
    boosting = estimator("boosting")
    del boosting[-1].n_features_in_
    assert "is damaged" in load_error(boosting, tmp_path)


def test_invalid_votes_of_nearest_neighbours_are_refused(tmp_path: Path) -> None:
    for votes in (np.full(60, 10**6), np.full(60, -1), np.zeros(59, np.int64), np.zeros(60)):
        knn = estimator("knn")
        knn[-1]._y = votes
        assert "is damaged" in load_error(knn, tmp_path)
    knn = estimator("knn")
    knn[-1].n_neighbors = 10**6
    assert "is damaged" in load_error(knn, tmp_path)


def test_tree_with_several_outputs_is_refused(tmp_path: Path) -> None:
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


def replace_predictions(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"answers.npz": data}).items():
            archive.writestr(name, part)


def test_invalid_predictions_are_refused_and_not_read_to_predict(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive, np.load(io.BytesIO(archive.read("answers.npz"))) as file:
        arrays = {name: file[name] for name in file.files}
    text = json.loads(arrays["texts"].tobytes())
    changes: list[dict[str, Any]] = [
        {"truth": np.full(60, 99)},
        {"truth": np.full(60, 0.5)},
        {"folds": np.full(60, -1)},
        {"folds": np.array(["x"] * 60)},
        {"probabilities": np.full((60, 3), NAN)},
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
    for packed_file in files:
        path.write_bytes(data)
        replace_predictions(path, packed_file)
        with pytest.raises(ModelError, match="is damaged"):
            model_store.load(path, 1)
        assert model_store.load(path, 1, with_out_of_fold=False).out_of_fold.paths == ()
        assert model_store.read_metadata(path)["tracks"] == 60
    with pytest.raises(ValueError, match="without its out-of-fold predictions and cannot be saved"):
        model_store.save(model_store.load(path, 1, with_out_of_fold=False), tmp_path)


def test_metadata_has_no_arrays(tmp_path: Path) -> None:
    path = model_store.save(model(), tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("model.json").file_size < 5000
    again = model_store.load(path, 1)
    np.testing.assert_allclose(again.out_of_fold.probabilities, model().out_of_fold.probabilities, atol=1e-6)
    assert list(again.baselines) == list(model().baselines)
    correct = model().out_of_fold.probabilities.argmax(axis=1) == model().out_of_fold.truth
    assert model_store.read_metadata(path)["accuracy"] == correct.mean()
