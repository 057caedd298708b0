"""Genre models as files: ``NAME.zip`` in a folder, with ``model.json``, ``answers.npz`` and ``members.skops``.

``model.json`` says everything but answers and baselines, which are arrays, and the estimators, which skops writes as
plain arrays and the names of their types. Only the types of :data:`TRUSTED` are made when a file is read, so a file of
unknown origin runs no code; nothing is pickled. Estimators must be of the kinds that recsys trains
(:mod:`recsys.genre.estimator_checks`), metadata must be valid (:mod:`recsys.genre.model_metadata`), and each model
must predict a zero vector before it is returned; anything else is a ModelError.
"""

import io
import json
import re
import zipfile
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from recsys.atomic import atomic_write
from recsys.errors import InvalidRequest, ModelError, NotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import COMPATIBLE_VERSIONS
from recsys.genre import DEFAULT_MODEL
from recsys.genre.algorithms import EnsembleMember
from recsys.genre.estimator_checks import check_estimator, check_schema
from recsys.genre.model_metadata import validate_metadata, validate_predictions, validate_probabilities
from recsys.genre.trained_model import NO_OUT_OF_FOLD, TrainedModel

SUFFIX = ".zip"
FORMAT = 3
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
_MAX_BYTES = 2**31  # bytes of what a file unpacks to
#: What zipfile and json raise where a file is not what they expect.
_INVALID = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def model_path(folder: Path, name: str) -> Path:
    """Where the model of this name lies.

    Raises
    ------
    InvalidRequest
        It is no name for a file, or is taken by the model that ships.
    """
    if name == DEFAULT_MODEL:
        raise InvalidRequest(f"{DEFAULT_MODEL} is the model that ships with recsys; choose another name")
    if not _NAME.fullmatch(name):
        raise InvalidRequest(f"a model's name has letters, digits, dots and dashes, 64 at most; {name!r} has others")
    return folder / f"{name}{SUFFIX}"


def save(model: TrainedModel, folder: Path) -> Path:
    """Write a model, with its answers, in the place of the one of its name, at once or not at all."""
    from skops.io import dumps

    if not model.answers.paths:
        raise ValueError("a model without its answers is no whole model")
    path = model_path(folder, model.name)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", json.dumps(_record(model), indent=1))
        archive.writestr("answers.npz", _pack_out_of_fold(model))
        archive.writestr("members.skops", dumps([member.estimator for member in model.members]))
    return path


def list_models(folder: Path) -> list[str]:
    """The models of a folder."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def read_metadata(path: Path) -> dict[str, Any]:
    """What ``model.json`` says, how many tracks and how many of them right among it; nothing else is read.

    Raises
    ------
    NotFound, ModelError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _metadata(_member(archive, path, "model.json"), path) | {"name": path.name.removesuffix(SUFFIX)}
    except FileNotFoundError:
        raise NotFound(f"there is no genre model {path.stem!r}; see: recsys genre models") from None
    except _INVALID as error:
        raise _corrupt_error(path, error) from error


def load(path: Path, feature_version: int, *, with_out_of_fold: bool = True) -> TrainedModel:
    """Read a model for features of this version; unless ``with_out_of_fold``, with no answers or baselines, to predict
    alone.

    Raises
    ------
    NotFound
        There is none.
    ModelError
        It is damaged, holds what no model holds, or learned from features of another version.
    """
    from skops.io import get_untrusted_types, loads

    facts = read_metadata(path)
    if facts["feature_version"] not in (feature_version, *COMPATIBLE_VERSIONS):
        raise ModelError(
            f"the genre model {path.stem} has learned from features of version {facts['feature_version']}, this "
            f"library has version {feature_version}; train it again: recsys genre train {path.stem}"
        )
    with zipfile.ZipFile(path) as archive:
        data = _member(archive, path, "members.skops")
        packed = _member(archive, path, "answers.npz") if with_out_of_fold else None
    try:
        facts |= (
            {"answers": NO_OUT_OF_FOLD, "baselines": {}} if packed is None else _unpack_out_of_fold(packed, facts, path)
        )
        _check_size(zipfile.ZipFile(io.BytesIO(data)), path)
        strange = sorted(set(get_untrusted_types(data=data)) - set(TRUSTED))
        if strange:
            raise ModelError(
                f"the genre model {path} holds {strange[0]!r}, which no model of recsys does; it is not read"
            )
        with zipfile.ZipFile(io.BytesIO(data)) as inside:
            check_schema(inside.read("schema.json"))
        estimators = loads(data, trusted=list(TRUSTED))
        for estimator in estimators:
            check_estimator(estimator, len(facts["genres"]))
        return _try_prediction(_model(facts, estimators))
    except ModelError:
        raise
    except Exception as error:  # whatever parses a crafted file may raise anything: tokenize.TokenError was one
        raise _corrupt_error(path, error) from error


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> bytes:
    try:
        _check_size(archive, path)
        return archive.read(name)
    except _INVALID as error:
        raise _corrupt_error(path, error) from error


def _check_size(archive: zipfile.ZipFile, path: Path) -> None:
    if sum(member.file_size for member in archive.infolist()) > _MAX_BYTES:
        raise ModelError(f"the genre model {path} unpacks to more than 2 GB; it is not read")


def _try_prediction(model: TrainedModel) -> TrainedModel:
    """A model that has answered once: what cannot is found out here, not in a library half named."""
    raw = model.probabilities(np.zeros((1, len(DIMENSIONS)), np.float32))
    if raw.shape != (1, len(model.genres)) or not np.isfinite(raw).all():
        raise ValueError("it does not answer")
    return model


def _corrupt_error(path: Path, error: Exception) -> ModelError:
    raw = "".join(letter if letter.isprintable() else " " for letter in str(error) or type(error).__name__)
    return ModelError(f"the genre model {path} is damaged ({raw}); train it again or delete it")


def _record(model: TrainedModel) -> dict[str, Any]:
    """What model.json says: all but answers and baselines, of which it has their number and how many are right."""
    plain = {field.name: getattr(model, field.name) for field in fields(model)}
    del plain["answers"], plain["baselines"]
    right = model.answers.probabilities.argmax(axis=1) == model.answers.truth
    plain |= {"tracks": len(right), "accuracy": float(right.mean())}
    plain["members"] = [list(member.groups) for member in model.members]
    plain["fusion"] = model.fusion._asdict() | {"collective": list(model.fusion.collective)}
    plain["tried"] = [one._asdict() | {"log_loss": None if one.failed else one.log_loss} for one in model.tried]
    return {"format": FORMAT, **plain}


def _pack_out_of_fold(model: TrainedModel) -> bytes:
    """answers.npz: probabilities as float32, all texts in one array of bytes (an array of texts is as wide as one)."""
    raw, packed = model.answers, io.BytesIO()
    texts = {"paths": raw.paths, "groups": raw.groups, "baselines": list(model.baselines)}
    baselines = np.array([rows.astype(np.float32) for rows in model.baselines.values()], np.float32)
    np.savez(
        packed, texts=np.frombuffer(json.dumps(texts).encode(), np.uint8), truth=raw.truth, folds=raw.folds,
        probabilities=raw.probabilities.astype(np.float32), thresholds=raw.thresholds, baselines=baselines,
    )  # fmt: skip
    return packed.getvalue()


def _unpack_out_of_fold(data: bytes, facts: dict[str, Any], path: Path) -> dict[str, Any]:
    """Answers and baselines of a model."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_size(archive, path)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        texts = json.loads(arrays["texts"].tobytes())
        numbers = {key: arrays[key] for key in ("truth", "folds", "probabilities", "thresholds")}
        rest = arrays["baselines"]
    names, classes = texts["baselines"], len(facts["genres"])
    answers = validate_predictions(numbers | {"paths": texts["paths"], "groups": texts["groups"]}, classes)
    if len(answers.paths) != facts["tracks"] or not all(type(name) is str for name in names):
        raise ValueError("its answers do not agree")
    rows = [validate_probabilities(raw, len(answers.paths), classes) for raw in rest]
    return {"answers": answers, "baselines": dict(zip(names, rows, strict=True))}


def _metadata(text: bytes, path: Path) -> dict[str, Any]:
    """What is said of a model, with all that a model needs, checked."""
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict) or "format" not in raw:
            raise ValueError("model.json lacks entries")
        if raw["format"] != FORMAT:
            raise ValueError(f"its format is {raw['format']}, this recsys reads {FORMAT}")
        return validate_metadata(raw)
    except KeyError as error:
        raise _corrupt_error(path, ValueError(f"model.json lacks {error}")) from error
    except _INVALID as error:
        raise _corrupt_error(path, error) from error


def _model(facts: dict[str, Any], estimators: Any) -> TrainedModel:
    members = tuple(EnsembleMember(names, one) for names, one in zip(facts["members"], estimators, strict=True))
    wanted = {field.name for field in fields(TrainedModel)}
    return TrainedModel(**{key: fact for key, fact in facts.items() if key in wanted} | {"members": members})
