"""Genre of a track from its MusiCNN tags: the default model, ready to use.

The model is linear: tag probabilities and their logarithms in, softmax over :data:`GENRES` out. It has two sets of
weights: over all 100 tags, which is what a track of a library has, and over the 50 MSD tags where there are no others,
as in taggrams. Below a probability of ``threshold`` the genre is "unknown", and the best guess stands first of the
genres. "hip hop" stands for rap too. It was trained by ``scripts/train_genre.py``, whose docstring has the
method, and lies beside this module as ``data/default.npz``: plain arrays, nothing pickled.
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
from recsys.errors import ModelError
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

GENRES: tuple[str, ...] = (
    "blues", "classical", "country", "disco", "electronic", "folk", "hip hop", "jazz", "latin", "metal", "new age",
    "pop", "R&B/soul", "reggae", "rock", "soundtrack/stage", "world",
)  # fmt: skip
FLOOR = 0.005
"""Added to a tag probability before its logarithm: below it MusiCNN's numbers are noise."""

_TAGS = (*MSD_TAGS, *MTT_TAGS)
_ARRAYS = ("name", "version", "genres", "tags", "weights", "bias", "msd_weights", "msd_bias", "threshold", "trained_on")
_DEFAULT = Path(__file__).parent / "data" / "default.npz"


@dataclass(frozen=True, slots=True)
class GenreModel:
    """A linear classifier: ``softmax(weights @ tag_features(tags) + bias)``.

    ``weights`` (g, 200) and ``bias`` (g,) belong to ``genres``, ``msd_weights`` (g, 100) and ``msd_bias`` (g,) are
    for MSD's tags alone; a best guess below ``threshold`` is not named. ``name`` and ``version`` say which model
    it is, ``trained_on`` which tracks no score of it may count.
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
        """Probability of each genre, (n, g), from tags (n, 100), or (n, 50) of MSD's alone."""
        features = tag_features(tags)
        whole = features.shape[1] == 2 * len(_TAGS)
        weights, bias = (self.weights, self.bias) if whole else (self.msd_weights, self.msd_bias)
        return softmax(features @ weights.T + bias)

    def predict(self, tags: FloatArray) -> list[GenrePrediction]:
        """Genre of each of n tracks; "unknown" where the best guess is below the threshold."""
        return [_prediction(self, row) for row in self.probabilities(tags)]


def predict(tags: FloatArray) -> list[GenrePrediction]:
    """Genre of n tracks by the default model.

    Parameters
    ----------
    tags
        MusiCNN's tag probabilities (n, 100) in [0, 1], mean over a track, MSD's 50 before MTT's; MSD's alone
        will do.

    Raises
    ------
    ModelError
        The model file is missing, damaged, or made for other tags.
    ValueError
        ``tags`` has another shape or holds something else than probabilities.

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
    """What the model gets of tags (n, t), t = 100, or 50 of MSD's alone: (n, 2t), logarithms before probabilities."""
    tags = np.asarray(tags, dtype=np.float64)
    if tags.ndim != 2 or tags.shape[1] not in (len(MSD_TAGS), len(_TAGS)):
        raise ValueError(f"tags must be (n, {len(_TAGS)}) or (n, {len(MSD_TAGS)}), but are {tags.shape}")
    if not ((tags >= 0) & (tags <= 1)).all():
        raise ValueError("tags must be probabilities between 0 and 1")
    return np.concatenate([np.log(tags + FLOOR), tags], axis=1)


def softmax(logits: DoubleArray) -> DoubleArray:
    """Probabilities over the last axis."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


@cache
def default_model() -> GenreModel:
    """The model that ships with recsys."""
    return load(_DEFAULT)


def save(model: GenreModel, path: str | os.PathLike[str]) -> None:
    """Write a model as plain arrays, with the names of the tags it was made for."""
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
        The file is missing, damaged, or made for other tags.
    """
    path = os.fspath(path)
    try:
        # Opened here: np.load leaves a damaged file open.
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise ModelError(f"there is no genre model at {path}; install recsys again") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"the genre model {path} is damaged ({error}); install recsys again") from error
    genres = tuple(str(genre) for genre in arrays["genres"])
    if tuple(arrays["tags"]) != _TAGS:
        raise ModelError(f"the genre model {path} was made for other tags; train it again")
    numbers = {name: arrays[name].astype(np.float64) for name in ("weights", "bias", "msd_weights", "msd_bias")}
    for prefix, width in (("", len(_TAGS)), ("msd_", len(MSD_TAGS))):
        weights, bias = numbers[f"{prefix}weights"], numbers[f"{prefix}bias"]
        if weights.shape != (len(genres), 2 * width) or bias.shape != (len(genres),):
            raise ModelError(f"the genre model {path} has weights {weights.shape} for {len(genres)} genres")
    if not all(np.isfinite(each).all() for each in numbers.values()):
        raise ModelError(f"the genre model {path} holds numbers that are not finite")
    trained_on = tuple(str(name) for name in arrays["trained_on"])
    name, version, threshold = str(arrays["name"]), int(arrays["version"]), float(arrays["threshold"])
    return GenreModel(name, version, genres, **numbers, threshold=threshold, trained_on=trained_on)


def _prediction(model: GenreModel, probabilities: DoubleArray) -> GenrePrediction:
    order = np.argsort(-probabilities, kind="stable")
    genres = {model.genres[i]: float(probabilities[i]) for i in order}
    best = next(iter(genres))
    told = best if genres[best] >= model.threshold else UNKNOWN
    return GenrePrediction(told, genres[best], genres, str(model))
