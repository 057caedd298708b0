"""Estimators of unknown origin: nothing but what :mod:`recsys.genre.algorithms` and tuning make is ever asked.

skops makes no type that it does not trust, but believes what lies in the types: compiled code walks trees and counts
votes without looking where it treads, and a parameter can start a thousand threads. So types are checked exactly,
every attribute must be a plain value, and what compiled code follows must lead somewhere.
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
#: Attributes that are no plain values, and the type of each; None where it has a check of its own.
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
#: What these attributes must be where an estimator has them: one thread, silent, no caller's own function.
_FIXED: dict[str, tuple[Any, ...]] = {
    "n_jobs": (None,), "verbose": (False, 0), "memory": (None,), "transform_input": (None,), "_preprocessor": (None,),
    "kernel": ("rbf",), "kernel_params": (None,), "weights": ("distance",), "algorithm": ("brute",),
    "metric": ("minkowski",), "effective_metric_": ("euclidean",), "effective_metric_params_": ({},),
    "_fit_method": ("brute",), "_tree": (None,), "outputs_2d_": (False,), "n_outputs_": (1,),
    "known_categories": (None,),
}  # fmt: skip
_MAX_STEPS = 4


def check_schema(text: bytes) -> None:
    """Refuse a skops schema whose trees answer several questions at once: making them reads past their end."""
    todo = [json.loads(text)]
    while todo:
        node = todo.pop()
        if isinstance(node, dict) and node.get("__loader__") == "TreeNode":
            answers = node["__reduce__"]["args"]["content"][2]
            if (answers["__loader__"], answers["content"]) != ("JsonNode", "1"):
                raise ValueError("a tree has several outputs")
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def check_estimator(estimator: Any, classes: int) -> None:
    """Refuse what is no fitted classifier of ours for so many classes: one, or a pipeline that ends in one.

    Raises
    ------
    ValueError
        What is wrong with it. Whatever parses a crafted estimator may raise anything else.
    """
    steps = [estimator]
    if type(estimator) is Pipeline:
        _check_fixed({key: value for key, value in vars(estimator).items() if key != "steps"})
        if type(estimator.steps) is not list or not 1 <= len(estimator.steps) <= _MAX_STEPS:
            raise ValueError("a pipeline has no steps, or too many")
        steps = [step for _, step in estimator.steps]
    for i, step in enumerate(steps):
        if type(step) not in (_CLASSIFIERS if i == len(steps) - 1 else _TRANSFORMERS):
            raise ValueError(f"{type(step).__name__} is no part of a genre model")
        _check_parts(step)
        if type(step.n_features_in_) is not int:  # it is how scikit-learn knows what fits
            raise ValueError("an estimator does not say what it takes")
    last = steps[-1]
    if type(last.classes_) is not np.ndarray or last.classes_.tolist() != list(range(classes)):
        raise ValueError("its genres are not those of its members")
    if type(last) is RandomForestClassifier:
        _check_forest(last)
    elif type(last) is HistGradientBoostingClassifier:
        _check_boosting(last)
    elif type(last) is KNeighborsClassifier:
        _check_neighbours(last)


def _check_parts(step: Any) -> None:
    """All attributes of an estimator are plain, but for those that are known to be none."""
    parts = _PARTS.get(type(step), {})
    _check_fixed({key: value for key, value in vars(step).items() if key not in parts})
    for key, wanted in parts.items():
        kinds = wanted if isinstance(wanted, tuple) else (wanted,)
        if wanted is not None and type(getattr(step, key, None)) not in kinds:
            raise ValueError(f"{key} of {type(step).__name__} is something else")


def _check_fixed(values: dict[str, Any]) -> None:
    for key, value in values.items():
        if not _is_plain(value):
            raise ValueError(f"{key} is no plain value")
        if key in _FIXED and value not in _FIXED[key]:
            raise ValueError(f"{key} is {value!r}")


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
    for one in forest.estimators_:
        if type(one) is not DecisionTreeClassifier:
            raise ValueError(f"{type(one).__name__} is no tree")
        _check_parts(one)
        tree = one.tree_
        if not one.n_features_in_ == tree.n_features == forest.n_features_in_ or tree.n_outputs != 1:
            raise ValueError("a tree takes what its forest does not")
        if not 0 < tree.node_count <= tree.capacity:  # or its arrays end elsewhere than it says
            raise ValueError("a tree counts nodes that it has not")
        left, right = tree.children_left, tree.children_right
        _check_steps(left, right, tree.feature, (left == -1) & (right == -1), forest.n_features_in_)


def _check_boosting(boosting: HistGradientBoostingClassifier) -> None:
    if type(boosting._predictors) is not list:
        raise ValueError("boosting has no trees")
    _check_fixed(vars(boosting._bin_mapper))
    for predictor in (one for row in boosting._predictors for one in row):
        if type(predictor) is not TreePredictor:
            raise ValueError(f"{type(predictor).__name__} is no tree")
        nodes = predictor.nodes
        if type(nodes) is not np.ndarray or nodes.dtype != PREDICTOR_RECORD_DTYPE or nodes.ndim != 1 or not len(nodes):
            raise ValueError("a tree has no nodes")
        if nodes["is_categorical"].any():
            raise ValueError("a tree asks for categories")
        left, right, feature = (nodes[name].astype(np.int64) for name in ("left", "right", "feature_idx"))
        _check_steps(left, right, feature, nodes["is_leaf"].astype(bool), boosting.n_features_in_)


def _check_steps(left: IdArray, right: IdArray, feature: IdArray, leaf: "np.ndarray[Any, Any]", features: int) -> None:
    """Every step must lead on, and to a node that is there."""
    here = np.arange(len(left))
    steps = [(child > here) & (child < len(left)) for child in (left, right)]
    if not (leaf | (steps[0] & steps[1] & (feature >= 0) & (feature < features))).all():
        raise ValueError("a tree leads nowhere")


def _check_neighbours(neighbours: KNeighborsClassifier) -> None:
    """Votes are counted in compiled code: each for a class that there is, and as many as there are neighbours."""
    votes, known = neighbours._y, neighbours._fit_X
    if type(votes) is not np.ndarray or type(known) is not np.ndarray or votes.dtype.kind != "i":
        raise ValueError("neighbours have no votes")
    if votes.ndim != 1 or known.ndim != 2 or len(votes) != len(known) or neighbours.n_samples_fit_ != len(known):
        raise ValueError("neighbours and their votes do not agree")
    if known.shape[1] != neighbours.n_features_in_ or not 1 <= neighbours.n_neighbors <= len(known):
        raise ValueError("neighbours are not where they should be")
    if votes.min() < 0 or votes.max() >= len(neighbours.classes_):
        raise ValueError("a neighbour votes for a genre that there is not")
