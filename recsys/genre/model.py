"""Genre of a track from its MusiCNN tags: the default model, ready to use.

The model is linear: tag probabilities and their logarithms in, softmax over :data:`GENRES` out. It has two sets of
weights: over all 100 tags, which the tracks of a library have, and over the 50 MSD tags for input that has no others,
such as taggrams. Below a probability of ``threshold`` the genre is "unknown"; the most probable genre is still the
first of ``genres``. "hip hop" includes rap. ``scripts/train_genre.py`` trains the model, and its docstring describes
the method; the file is ``data/default.npz`` beside this module: plain arrays, nothing pickled.
"""

import os
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.tracks import UNKNOWN
from recsys.errors import Hint, ModelError
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

GENRES: tuple[str, ...] = (
    "blues", "classical", "country", "disco", "electronic", "folk", "hip hop", "jazz", "latin", "metal", "new age",
    "pop", "R&B/soul", "reggae", "rock", "soundtrack/stage", "world",
)  # fmt: skip
FLOOR = 0.005
"""Added to a tag probability before its logarithm: smaller probabilities of MusiCNN are noise."""

_TAGS = (*MSD_TAGS, *MTT_TAGS)
_ARRAYS = ("name", "version", "genres", "tags", "weights", "bias", "msd_weights", "msd_bias", "threshold", "trained_on")
_DEFAULT = Path(__file__).parent / "data" / "default.npz"


@dataclass(frozen=True, slots=True)
class GenreModel:
    """A linear classifier: ``softmax(weights @ tag_features(tags) + bias)``.

    Parameters
    ----------
    name, version
        Which model it is.
    genres : tuple of str
        The g classes.
    weights, bias : (g, 200), (g,)
        For all 100 tags.
    msd_weights, msd_bias : (g, 100), (g,)
        For the 50 MSD tags alone.
    threshold : float in [0, 1]
        Probability below which the genre is "unknown".
    trained_on : tuple of str
        Names of the training tracks, which scores of the model must exclude.
    """

    name: str
    version: int
    genres: tuple[str, ...]
    weights: DoubleArray
    bias: DoubleArray
    msd_weights: DoubleArray
    msd_bias: DoubleArray
    threshold: float = 0.0
    trained_on: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def probabilities(self, tags: FloatArray) -> DoubleArray:
        """Probability (n, g) of each genre from tag probabilities (n, 100), or (n, 50) of the MSD tags alone."""
        features = tag_features(tags)
        all_tags = features.shape[1] == 2 * len(_TAGS)
        weights, bias = (self.weights, self.bias) if all_tags else (self.msd_weights, self.msd_bias)
        return softmax(features @ weights.T + bias)

    def predict(self, tags: FloatArray) -> list[GenrePrediction]:
        """Genre of each of n tracks; "unknown" where its probability is below the threshold."""
        return [_prediction(self, row) for row in self.probabilities(tags)]


def predict(tags: FloatArray) -> list[GenrePrediction]:
    """Genre of n tracks by the default model.

    Parameters
    ----------
    tags : (n, 100) or (n, 50), in [0, 1]
        MusiCNN's tag probabilities, mean over a track, the 50 MSD tags before the 50 MTT tags; or the MSD tags alone.

    Raises
    ------
    ModelError
        If the model file is missing, damaged, or trained on other tags.
    ValueError
        If ``tags`` has another shape or a value outside [0, 1].

    Examples
    --------
    >>> from recsys.features.tag_names import MSD_TAGS
    >>> tags = np.full((1, 100), 0.01, np.float32)
    >>> tags[0, MSD_TAGS.index("jazz")] = 0.9
    >>> predict(tags)[0].genre
    'jazz'
    """
    return default_model().predict(tags)


def tag_features(tags: FloatArray) -> DoubleArray:
    """The input of the model: logarithms, then probabilities.

    Parameters
    ----------
    tags : (n, t), in [0, 1]
        t is 100, or 50 for the MSD tags alone.

    Returns
    -------
    (n, 2t)

    Raises
    ------
    ValueError
        If ``tags`` has another shape or a value outside [0, 1].

    Examples
    --------
    >>> tag_features(np.zeros((3, 50))).shape
    (3, 100)
    """
    tags = np.asarray(tags, dtype=np.float64)
    if tags.ndim != 2 or tags.shape[1] not in (len(MSD_TAGS), len(_TAGS)):
        raise ValueError(f"tags must have the shape (n, {len(_TAGS)}) or (n, {len(MSD_TAGS)}), got {tags.shape}")
    if not ((tags >= 0) & (tags <= 1)).all():
        raise ValueError("tags must be probabilities between 0 and 1")
    return np.concatenate([np.log(tags + FLOOR), tags], axis=1)


def softmax(logits: DoubleArray) -> DoubleArray:
    """Probabilities over the last axis.

    Examples
    --------
    >>> softmax(np.zeros((1, 2)))
    array([[0.5, 0.5]])
    """
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


@cache
def default_model() -> GenreModel:
    """The model that ships with recsys."""
    return load(_DEFAULT)


def save(model: GenreModel, path: str | os.PathLike[str]) -> None:
    """Write a model as plain arrays, with the names of its tags."""
    np.savez_compressed(
        path,
        name=np.array(model.name),
        version=np.array(model.version),
        genres=np.array(model.genres),
        tags=np.array(_TAGS),
        weights=model.weights.astype(np.float32),
        bias=model.bias.astype(np.float32),
        msd_weights=model.msd_weights.astype(np.float32),
        msd_bias=model.msd_bias.astype(np.float32),
        threshold=np.array(model.threshold),
        trained_on=np.array(model.trained_on),
    )


def load(path: str | os.PathLike[str]) -> GenreModel:
    """Read a model that :func:`save` wrote.

    Raises
    ------
    ModelError
        If the file is missing, damaged, or of a model trained on other tags.
    """
    path = os.fspath(path)
    try:
        # Opened here because np.load leaves a damaged file open.
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise ModelError(f"there is no genre model at {path}", hint=Hint.REINSTALL) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"the genre model {path} is damaged ({error})", hint=Hint.REINSTALL) from error
    genres = tuple(str(genre) for genre in arrays["genres"])
    if tuple(arrays["tags"]) != _TAGS:
        raise ModelError(f"the genre model {path} was trained on other tags; train it again")
    numbers = {name: arrays[name].astype(np.float64) for name in ("weights", "bias", "msd_weights", "msd_bias")}
    for prefix, width in (("", len(_TAGS)), ("msd_", len(MSD_TAGS))):
        weights, bias = numbers[f"{prefix}weights"], numbers[f"{prefix}bias"]
        if weights.shape != (len(genres), 2 * width) or bias.shape != (len(genres),):
            raise ModelError(f"the genre model {path} has weights {weights.shape} for {len(genres)} genres")
    if not all(np.isfinite(each).all() for each in numbers.values()):
        raise ModelError(f"the genre model {path} has weights that are not finite")
    trained_on = tuple(str(name) for name in arrays["trained_on"])
    name, version, threshold = str(arrays["name"]), int(arrays["version"]), float(arrays["threshold"])
    return GenreModel(name, version, genres, **numbers, threshold=threshold, trained_on=trained_on)


def _prediction(model: GenreModel, probabilities: DoubleArray) -> GenrePrediction:
    order = np.argsort(-probabilities, kind="stable")
    genres = {model.genres[i]: float(probabilities[i]) for i in order}
    best = next(iter(genres))
    genre = best if genres[best] >= model.threshold else UNKNOWN
    return GenrePrediction(genre, genres[best], genres, str(model))
