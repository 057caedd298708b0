"""Checks of estimators read from files of unknown origin, before they predict.

Only the estimators that :mod:`recsys.genre.algorithms` and tuning construct are accepted. skops creates trusted types
only, but does not check their contents: compiled code follows the nodes of trees and counts votes without bounds
checks, and a parameter can start a thousand threads. So types are compared exactly, every attribute must be a plain
value, and every index that compiled code uses must be in range.

All functions raise ValueError for an estimator that is refused; a crafted one can also cause any other exception.
"""

import json
from typing import Any

import numpy as np
from sklearn._loss.loss import HalfBinomialLoss, HalfMultinomialLoss
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from recsys.domain.arrays import IdArray

_TRANSFORMERS = (StandardScaler, PCA, Nystroem)
_CLASSIFIERS = (LinearSVC, LogisticRegression, RandomForestClassifier, HistGradientBoostingClassifier,
                KNeighborsClassifier)  # fmt: skip
#: Attributes that are not plain values, and the type of each; None where a function below checks it.
_PARTS: dict[type, dict[str, type | tuple[type, ...] | None]] = {
    RandomForestClassifier: {
        "estimator": DecisionTreeClassifier, "estimator_": DecisionTreeClassifier, "estimators_": None,
    },
    DecisionTreeClassifier: {"tree_": Tree},
    HistGradientBoostingClassifier: {
        "_label_encoder": LabelEncoder, "_feature_subsample_rng": np.random.Generator, "_bin_mapper": _BinMapper,
        "_loss": (HalfBinomialLoss, HalfMultinomialLoss), "_predictors": None,
    },
}  # fmt: skip
#: Allowed values of attributes, where an estimator has them: one thread, no output, no callable.
_FIXED: dict[str, tuple[Any, ...]] = {
    "n_jobs": (None,), "verbose": (False, 0), "memory": (None,), "transform_input": (None,), "_preprocessor": (None,),
    "kernel": ("rbf",), "kernel_params": (None,), "weights": ("distance",), "algorithm": ("brute",),
    "metric": ("minkowski",), "effective_metric_": ("euclidean",), "effective_metric_params_": ({},),
    "_fit_method": ("brute",), "_tree": (None,), "outputs_2d_": (False,), "n_outputs_": (1,),
    "known_categories": (None,),
}  # fmt: skip
_MAX_STEPS = 4


def check_schema(text: bytes) -> None:
    """Refuse a skops schema that has a tree with several outputs: creating it reads past the end of its arrays."""
    todo = [json.loads(text)]
    while todo:
        node = todo.pop()
        if isinstance(node, dict) and node.get("__loader__") == "TreeNode":
            n_outputs = node["__reduce__"]["args"]["content"][2]
            if (n_outputs["__loader__"], n_outputs["content"]) != ("JsonNode", "1"):
                raise ValueError("a tree has several outputs")
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def check_estimator(estimator: Any, classes: int) -> None:
    """Refuse anything but a fitted classifier of recsys for this number of classes, or a pipeline that ends in one."""
    steps = [estimator]
    if type(estimator) is Pipeline:
        _check_fixed({key: value for key, value in vars(estimator).items() if key != "steps"})
        if type(estimator.steps) is not list or not 1 <= len(estimator.steps) <= _MAX_STEPS:
            raise ValueError(f"a pipeline must have 1 to {_MAX_STEPS} steps")
        steps = [step for _, step in estimator.steps]
    for i, step in enumerate(steps):
        if type(step) not in (_CLASSIFIERS if i == len(steps) - 1 else _TRANSFORMERS):
            raise ValueError(f"{type(step).__name__} is not part of a genre model")
        _check_parts(step)
        if type(step.n_features_in_) is not int:  # scikit-learn compares the width of its input with it
            raise ValueError("n_features_in_ of an estimator is not an integer")
    last = steps[-1]
    if type(last.classes_) is not np.ndarray or last.classes_.tolist() != list(range(classes)):
        raise ValueError("the genres of a member differ from those of the model")
    if type(last) is RandomForestClassifier:
        _check_forest(last)
    elif type(last) is HistGradientBoostingClassifier:
        _check_boosting(last)
    elif type(last) is KNeighborsClassifier:
        _check_neighbours(last)


def _check_parts(step: Any) -> None:
    """Refuse an attribute that is neither a plain value nor of the type in ``_PARTS``."""
    parts = _PARTS.get(type(step), {})
    _check_fixed({key: value for key, value in vars(step).items() if key not in parts})
    for key, expected in parts.items():
        kinds = expected if isinstance(expected, tuple) else (expected,)
        if expected is not None and type(found := getattr(step, key, None)) not in kinds:
            raise ValueError(f"{key} of {type(step).__name__} has the type {type(found).__name__}")


def _check_fixed(values: dict[str, Any]) -> None:
    for key, value in values.items():
        if not _is_plain(value):
            raise ValueError(f"{key} is not a plain value")
        if key in _FIXED and value not in _FIXED[key]:
            raise ValueError(f"{key} must not be {value!r}")


def _is_plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return not value
    if type(value) is np.ndarray:
        return value.dtype.kind in "biuf"
    return value is None or type(value) in (bool, int, float, str) or isinstance(value, np.number)


def _check_forest(forest: RandomForestClassifier) -> None:
    if type(forest.estimators_) is not list or not forest.estimators_:
        raise ValueError("a forest has no trees")
    for member in forest.estimators_:
        if type(member) is not DecisionTreeClassifier:
            raise ValueError(f"{type(member).__name__} is not a tree")
        _check_parts(member)
        tree = member.tree_
        if not member.n_features_in_ == tree.n_features == forest.n_features_in_ or tree.n_outputs != 1:
            raise ValueError("a tree and its forest have different numbers of features")
        if not 0 < tree.node_count <= tree.capacity:  # the arrays have ``capacity`` rows
            raise ValueError("a tree has more nodes than its arrays have rows")
        left, right = tree.children_left, tree.children_right
        _check_children(left, right, tree.feature, (left == -1) & (right == -1), forest.n_features_in_)


def _check_boosting(boosting: HistGradientBoostingClassifier) -> None:
    if type(boosting._predictors) is not list:
        raise ValueError("boosting has no trees")
    _check_fixed(vars(boosting._bin_mapper))
    for predictor in (tree for row in boosting._predictors for tree in row):
        if type(predictor) is not TreePredictor:
            raise ValueError(f"{type(predictor).__name__} is not a tree")
        nodes = predictor.nodes
        if type(nodes) is not np.ndarray or nodes.dtype != PREDICTOR_RECORD_DTYPE or nodes.ndim != 1 or not len(nodes):
            raise ValueError("a tree has no nodes")
        if nodes["is_categorical"].any():
            raise ValueError("a tree splits on categories")
        left, right, feature = (nodes[name].astype(np.int64) for name in ("left", "right", "feature_idx"))
        _check_children(left, right, feature, nodes["is_leaf"].astype(bool), boosting.n_features_in_)


def _check_children(
    left: IdArray, right: IdArray, feature: IdArray, leaf: "np.ndarray[Any, Any]", features: int
) -> None:
    """Every child must be a later node of the tree, so that no walk leaves it or loops; every feature must exist."""
    node = np.arange(len(left))
    valid = [(child > node) & (child < len(left)) for child in (left, right)]
    if not (leaf | (valid[0] & valid[1] & (feature >= 0) & (feature < features))).all():
        raise ValueError("a tree has a node whose child or feature does not exist")


def _check_neighbours(neighbours: KNeighborsClassifier) -> None:
    """Compiled code counts the votes: there must be one for each stored track, for a class that exists."""
    votes, samples = neighbours._y, neighbours._fit_X
    if type(votes) is not np.ndarray or type(samples) is not np.ndarray or votes.dtype.kind != "i":
        raise ValueError("nearest neighbours have no integer votes")
    if votes.ndim != 1 or samples.ndim != 2 or len(votes) != len(samples) or neighbours.n_samples_fit_ != len(samples):
        raise ValueError("nearest neighbours and their votes have different lengths")
    if samples.shape[1] != neighbours.n_features_in_ or not 1 <= neighbours.n_neighbors <= len(samples):
        raise ValueError("nearest neighbours have the wrong width, or n_neighbors is out of range")
    if votes.min() < 0 or votes.max() >= len(neighbours.classes_):
        raise ValueError("a nearest neighbour votes for a genre that does not exist")
