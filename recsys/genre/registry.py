"""Genre models as files: ``NAME.zip`` in a folder, with ``model.json`` and ``members.skops``.

``model.json`` says everything but the estimators, which skops writes as plain arrays and the names of their types. Only
the types of :data:`TRUSTED` are made when a file is read, so a file of unknown origin runs no code; nothing is pickled.
"""

import io
import json
import re
import zipfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from recsys.errors import ModelError, NothingFound, UsageError
from recsys.genre.algorithms import FEATURES, Member
from recsys.genre.chosen import DEFAULT
from recsys.genre.collective import Collective
from recsys.genre.fusion import Fusion
from recsys.genre.trained import Answers, TrainedModel, Tried
from recsys.render.files import replacing
from recsys.types import IdArray

SUFFIX = ".zip"
FORMAT = 2
#: Types beyond those that skops trusts by itself; all are of scikit-learn and compute, no more.
TRUSTED = (
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LARGEST = 2**31  # bytes of what a file unpacks to
#: What zipfile and json raise where a file is not what they expect.
_WRONG = (AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error)


def path_of(folder: Path, name: str) -> Path:
    """Where the model of this name lies.

    Raises
    ------
    UsageError
        It is no name for a file, or is taken by the model that ships.
    """
    if name == DEFAULT:
        raise UsageError(f"{DEFAULT} is the model that ships with recsys; choose another name")
    if not _NAME.fullmatch(name):
        raise UsageError(f"a model's name has letters, digits, dots and dashes, 64 at most; {name!r} has others")
    return folder / f"{name}{SUFFIX}"


def save(model: TrainedModel, folder: Path) -> Path:
    """Write a model in the place of the one of its name, at once or not at all."""
    from skops.io import dumps

    path = path_of(folder, model.name)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", json.dumps(_record(model), indent=1))
        archive.writestr("members.skops", dumps([member.estimator for member in model.members]))
    return path


def names(folder: Path) -> list[str]:
    """The models of a folder."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def describe(path: Path) -> dict[str, Any]:
    """What ``model.json`` says; no estimator is read.

    Raises
    ------
    NothingFound, ModelError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _facts(_member(archive, path, "model.json"), path) | {"name": path.name.removesuffix(SUFFIX)}
    except FileNotFoundError:
        raise NothingFound(f"there is no genre model {path.stem!r}; see: recsys genre models") from None
    except _WRONG as error:
        raise _damaged(path, error) from error


def load(path: Path, feature_version: int) -> TrainedModel:
    """Read a model for features of this version.

    Raises
    ------
    NothingFound
        There is none.
    ModelError
        It is damaged, holds what no model holds, or learned from features of another version.
    """
    from skops.io import get_untrusted_types, loads

    facts = describe(path)
    if facts["feature_version"] != feature_version:
        raise ModelError(
            f"the genre model {path.stem} has learned from features of version {facts['feature_version']}, this "
            f"library has version {feature_version}; train it again: recsys genre train {path.stem}"
        )
    with zipfile.ZipFile(path) as archive:
        data = _member(archive, path, "members.skops")
    try:
        _check_size(zipfile.ZipFile(io.BytesIO(data)), path)
        strange = sorted(set(get_untrusted_types(data=data)) - set(TRUSTED))
        if strange:
            raise ModelError(
                f"the genre model {path} holds {strange[0]}, which no model of recsys does; it is not read"
            )
        estimators = loads(data, trusted=list(TRUSTED))
        for estimator in estimators:
            _check_trees(estimator)
        return _model(facts, estimators)
    except ModelError:
        raise
    except Exception as error:  # whatever parses a crafted file may raise anything: tokenize.TokenError was one
        raise _damaged(path, error) from error


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> bytes:
    try:
        _check_size(archive, path)
        return archive.read(name)
    except _WRONG as error:
        raise _damaged(path, error) from error


def _check_size(archive: zipfile.ZipFile, path: Path) -> None:
    if sum(member.file_size for member in archive.infolist()) > _LARGEST:
        raise ModelError(f"the genre model {path} unpacks to more than 2 GB; it is not read")


def _check_trees(estimator: Any) -> None:
    """Trees are walked by compiled code that believes them: every step must lead on, and to a node that is there."""
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    for one in getattr(last, "estimators_", ()):
        tree = one.tree_
        left, right, feature = tree.children_left, tree.children_right, tree.feature
        _check_steps(left, right, feature, left < 0, last.n_features_in_)
    for row in getattr(last, "_predictors", ()):
        for predictor in row:
            nodes = predictor.nodes
            if nodes["is_categorical"].any():
                raise ValueError("a tree asks for categories")
            left, right, feature = (nodes[name].astype(np.int64) for name in ("left", "right", "feature_idx"))
            _check_steps(left, right, feature, nodes["is_leaf"].astype(bool), last.n_features_in_)


def _check_steps(left: IdArray, right: IdArray, feature: IdArray, leaf: "np.ndarray[Any, Any]", features: int) -> None:
    here = np.arange(len(left))
    steps = [(child > here) & (child < len(left)) for child in (left, right)]
    if not (leaf | (steps[0] & steps[1] & (feature >= 0) & (feature < features))).all():
        raise ValueError("a tree leads nowhere")


def _damaged(path: Path, error: Exception) -> ModelError:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ModelError(f"the genre model {path} is damaged ({said}); train it again or delete it")


def _record(model: TrainedModel) -> dict[str, Any]:
    plain = {field.name: getattr(model, field.name) for field in fields(model)}
    plain["members"] = [list(member.groups) for member in model.members]
    answers = asdict(model.answers)
    plain["answers"] = {key: v.tolist() if isinstance(v, np.ndarray) else list(v) for key, v in answers.items()}
    plain["fusion"] = model.fusion._asdict() | {"collective": list(model.fusion.collective)}
    plain["tried"] = [one._asdict() for one in model.tried]
    plain["baselines"] = {name: said.tolist() for name, said in model.baselines.items()}
    return {"format": FORMAT, **plain}


def _facts(text: bytes, path: Path) -> dict[str, Any]:
    """What is said of a model, with all that a model needs."""
    try:
        facts = json.loads(text)
        wanted = {field.name for field in fields(TrainedModel)} | {"format"}
        if not isinstance(facts, dict) or not wanted <= set(facts):
            raise ValueError("model.json lacks entries")
        if facts["format"] != FORMAT:
            raise ValueError(f"its format is {facts['format']}, this recsys reads {FORMAT}")
        if not set().union(*facts["members"]) <= set(FEATURES["all"]):
            raise ValueError("its members see groups of features that there are not")
        answers = facts["answers"]
        n, c = len(answers["truth"]), len(facts["genres"])
        if np.shape(answers["probabilities"]) != (n, c) or {len(answers[key]) for key in answers} != {n}:
            raise ValueError("its answers do not agree")
        if any(np.shape(said) != (n, c) for said in facts["baselines"].values()):
            raise ValueError("its baselines do not agree")
        facts["fusion"] = _fusion(facts["fusion"], len(facts["members"]))
        facts["tried"] = tuple(Tried(**one) for one in facts["tried"])
        return facts
    except _WRONG as error:
        raise _damaged(path, error) from error


def _fusion(said: dict[str, Any], members: int) -> Fusion:
    temperatures = tuple(map(float, said["temperatures"]))
    weight, temperature = map(float, said["collective"])
    if len(temperatures) != members or min(*temperatures, temperature, float(said["temperature"])) <= 0:
        raise ValueError("its temperatures do not agree")
    return Fusion(temperatures, float(said["temperature"]), Collective(weight, temperature), float(said["threshold"]))


def _model(facts: dict[str, Any], estimators: Any) -> TrainedModel:
    groups = facts["members"]
    members = tuple(Member(tuple(names), one) for names, one in zip(groups, estimators, strict=True))
    said = facts["answers"]
    answers = Answers(
        tuple(said["paths"]), np.array(said["truth"], np.int64), tuple(said["groups"]),
        np.array(said["folds"], np.int64), np.array(said["probabilities"], np.float64),
        np.array(said["thresholds"], np.float64),
    )  # fmt: skip
    known = {field.name: facts[field.name] for field in fields(TrainedModel)}
    known |= {"members": members, "answers": answers}
    known |= {"baselines": {name: np.array(rows, np.float64) for name, rows in facts["baselines"].items()}}
    known |= {"genres": tuple(facts["genres"])}
    return TrainedModel(**known)
