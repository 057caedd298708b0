"""Genre models as files: ``NAME.zip`` in a folder, with ``model.json``, ``answers.npz`` and ``members.skops``.

``answers.npz`` has the out-of-fold predictions and baselines as arrays, ``members.skops`` the estimators as plain
arrays and the names of their types, ``model.json`` everything else. Reading creates only the types of :data:`TRUSTED`,
so a file of unknown origin runs no code; nothing is pickled. Estimators must be of the kinds that recsys trains
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
from typing import IO, Any

import numpy as np

from recsys.atomic import atomic_write
from recsys.domain.arrays import DoubleArray
from recsys.errors import Hint, InvalidRequest, ModelError, NotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import COMPATIBLE_VERSIONS
from recsys.genre import DEFAULT_MODEL
from recsys.genre.members import EnsembleMember, LinearClassifier, read_linear_members
from recsys.genre.model_metadata import validate_metadata, validate_predictions, validate_probabilities
from recsys.genre.trained_model import NO_OUT_OF_FOLD, OutOfFold, TrainedModel

SUFFIX = ".zip"
FORMAT = 3
#: Types of scikit-learn that are trusted beyond those that skops trusts by default; creating one only stores arrays.
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
_MAX_BYTES = 2**31  # of the unpacked files
#: Attribute of :class:`TrainedModel`: key in model.json, where the two differ.
_STORED_KEYS = {"trained_at": "made", "trials": "tried", "group_kind": "grouped_by"}
#: Exceptions of zipfile and json for an invalid file.
_INVALID = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def model_path(folder: Path, name: str) -> Path:
    """The file of the model of this name.

    Raises
    ------
    InvalidRequest
        If the name is not a valid file name, or is that of the default model.
    """
    if name == DEFAULT_MODEL:
        raise InvalidRequest(f"{DEFAULT_MODEL} is the model that ships with recsys; choose another name")
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"invalid model name {name!r}: use at most 64 letters, digits, dots, dashes and underscores, the first a "
            "letter or digit"
        )
    return folder / f"{name}{SUFFIX}"


def save(model: TrainedModel, folder: Path) -> Path:
    """Write a model with its out-of-fold predictions; atomically replaces the model of the same name.

    Raises
    ------
    ValueError
        If the model was loaded without its out-of-fold predictions.
    """
    from skops.io import dumps

    if not model.out_of_fold.paths:
        raise ValueError("the model was loaded without its out-of-fold predictions and cannot be saved")
    path = model_path(folder, model.name)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", json.dumps(_record(model), indent=1))
        with archive.open(zipfile.ZipInfo("answers.npz"), "w", force_zip64=True) as file_of_arrays:
            _pack_out_of_fold(model, file_of_arrays)
        archive.writestr("members.skops", dumps([_estimator(member) for member in model.members]))
    return path


def _estimator(member: EnsembleMember) -> Any:
    return member.estimator.estimator() if isinstance(member.estimator, LinearClassifier) else member.estimator


def list_models(folder: Path) -> list[str]:
    """The names of the models in a folder, sorted."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def read_metadata(path: Path) -> dict[str, Any]:
    """The metadata of ``model.json``, with the number of tracks and the accuracy; reads nothing else of the file.

    Raises
    ------
    NotFound
        If there is no such file.
    ModelError
        If it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _metadata(_member(archive, path, "model.json"), path) | {"name": path.name.removesuffix(SUFFIX)}
    except FileNotFoundError:
        raise NotFound(f"there is no genre model {path.stem!r}", hint=Hint.LIST_GENRE_MODELS) from None
    except _INVALID as error:
        raise _corrupt_error(path, error) from error


def load(
    path: Path,
    feature_version: int,
    *,
    with_out_of_fold: bool = True,
    with_members: bool = True,
    with_baselines: bool = True,
) -> TrainedModel:
    """Read a model.

    Parameters
    ----------
    path
        See :func:`model_path`.
    feature_version
        Version of the features that it is to predict from.
    with_out_of_fold
        Whether to read the out-of-fold predictions and baselines; predicting needs neither.
    with_members
        Whether to read the estimators; without them the model cannot predict.
    with_baselines
        Whether to read the baselines with the out-of-fold predictions.

    Raises
    ------
    NotFound
        If there is no such file.
    ModelError
        If it is damaged, contains other types than models do, or was trained on features of an incompatible version.
    """
    metadata = read_metadata(path)
    if metadata["feature_version"] not in (feature_version, *COMPATIBLE_VERSIONS):
        raise ModelError(
            f"the genre model {path.stem} was trained on features of version {metadata['feature_version']}, this "
            f"library has version {feature_version}",
            hint=Hint.TRAIN_GENRE_MODEL,
            hint_values={"name": path.stem},
        )
    with zipfile.ZipFile(path) as archive:
        data = _member(archive, path, "members.skops") if with_members else None
        packed = _member(archive, path, "answers.npz") if with_out_of_fold else None
    try:
        predictions, baselines = NO_OUT_OF_FOLD, dict[str, DoubleArray]()
        if packed is not None:
            predictions, baselines = _unpack_out_of_fold(packed, metadata, path, with_baselines=with_baselines)
        if data is None:
            return _model(metadata, predictions, baselines, ())
        return _try_prediction(_model(metadata, predictions, baselines, _members(data, metadata, path)))
    except ModelError:
        raise
    except Exception as error:  # parsing a crafted file can raise anything, even tokenize.TokenError
        raise _corrupt_error(path, error) from error


def _members(data: bytes, metadata: dict[str, Any], path: Path) -> tuple[EnsembleMember, ...]:
    """The estimators of members.skops, after all checks."""
    _check_size(zipfile.ZipFile(io.BytesIO(data)), path)
    if linear := read_linear_members(data, metadata["members"], len(metadata["genres"])):
        return linear
    from skops.io import get_untrusted_types, loads

    from recsys.genre.estimator_checks import check_estimator, check_schema

    untrusted = sorted(set(get_untrusted_types(data=data)) - set(TRUSTED))
    if untrusted:
        raise ModelError(f"the genre model {path} contains the untrusted type {untrusted[0]!r}; it is not read")
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        check_schema(inside.read("schema.json"))
    estimators = loads(data, trusted=list(TRUSTED))
    for estimator in estimators:
        check_estimator(estimator, len(metadata["genres"]))
    return tuple(EnsembleMember(groups, e) for groups, e in zip(metadata["members"], estimators, strict=True))


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
    """Return the model if it can predict; an error here is better than one halfway through a library."""
    probabilities = model.probabilities(np.zeros((1, len(DIMENSIONS)), np.float32))
    if probabilities.shape != (1, len(model.genres)) or not np.isfinite(probabilities).all():
        raise ValueError("it does not predict finite probabilities")
    return model


def _corrupt_error(path: Path, error: Exception) -> ModelError:
    reason = "".join(c if c.isprintable() else " " for c in str(error) or type(error).__name__)
    return ModelError(
        f"the genre model {path} is damaged ({reason})",
        hint=Hint.TRAIN_GENRE_MODEL,
        hint_values={"name": path.stem},
    )


def _record(model: TrainedModel) -> dict[str, Any]:
    """The contents of model.json: no arrays, but the number of tracks and the out-of-fold accuracy."""
    plain = {_STORED_KEYS.get(field.name, field.name): getattr(model, field.name) for field in fields(model)}
    del plain["out_of_fold"], plain["baselines"]
    correct = model.out_of_fold.probabilities.argmax(axis=1) == model.out_of_fold.truth
    plain |= {"tracks": len(correct), "accuracy": float(correct.mean())}
    plain["members"] = [list(member.groups) for member in model.members]
    plain["fusion"] = model.fusion._asdict() | {"collective": list(model.fusion.collective)}
    plain["tried"] = [trial.to_dict() for trial in model.trials]
    return {"format": FORMAT, **plain}


def _pack_out_of_fold(model: TrainedModel, file: IO[bytes]) -> None:
    """answers.npz: probabilities as float32, and all strings as JSON in one array of bytes.

    An array of strings would be as wide as its longest string. Each array is compressed by itself, so that baselines
    are not unpacked where they are not needed.
    """
    predictions = model.out_of_fold
    texts = {"paths": predictions.paths, "groups": predictions.groups, "baselines": list(model.baselines)}
    baselines = np.array([rows.astype(np.float32) for rows in model.baselines.values()], np.float32)
    np.savez_compressed(
        file, texts=np.frombuffer(json.dumps(texts).encode(), np.uint8), truth=predictions.truth,
        folds=predictions.folds, probabilities=predictions.probabilities.astype(np.float32),
        thresholds=predictions.thresholds, baselines=baselines,
    )  # fmt: skip


def _unpack_out_of_fold(
    data: bytes, metadata: dict[str, Any], path: Path, *, with_baselines: bool
) -> tuple[OutOfFold, dict[str, DoubleArray]]:
    """Out-of-fold predictions and baselines from answers.npz."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_size(archive, path)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        texts = json.loads(arrays["texts"].tobytes())
        numbers = {key: arrays[key] for key in ("truth", "folds", "probabilities", "thresholds")}
        baselines = arrays["baselines"] if with_baselines else []
    names, classes = texts["baselines"] if with_baselines else [], len(metadata["genres"])
    predictions = validate_predictions(numbers | {"paths": texts["paths"], "groups": texts["groups"]}, classes)
    n = len(predictions.paths)
    if n != metadata["tracks"] or not all(type(name) is str for name in names):
        raise ValueError(f"it has predictions for {n} tracks, not {metadata['tracks']}, or a baseline without a name")
    rows = [validate_probabilities(raw, n, classes) for raw in baselines]
    return predictions, dict(zip(names, rows, strict=True))


def _metadata(text: bytes, path: Path) -> dict[str, Any]:
    """The validated metadata of model.json."""
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict) or "format" not in raw:
            raise ValueError("model.json has no format")
        if raw["format"] != FORMAT:
            raise ValueError(f"its format is {raw['format']}, this version of recsys reads {FORMAT}")
        return validate_metadata(raw)
    except KeyError as error:
        raise _corrupt_error(path, ValueError(f"model.json lacks {error}")) from error
    except _INVALID as error:
        raise _corrupt_error(path, error) from error


def _model(
    metadata: dict[str, Any],
    predictions: OutOfFold,
    baselines: dict[str, DoubleArray],
    members: tuple[EnsembleMember, ...],
) -> TrainedModel:
    arrays: dict[str, Any] = {"members": members, "out_of_fold": predictions, "baselines": baselines}
    names = {field.name for field in fields(TrainedModel)} - set(arrays)
    return TrainedModel(**{name: metadata[_STORED_KEYS.get(name, name)] for name in names}, **arrays)
