"""Genre of a track from its MusiCNN tags: the default model, ready to use.

The model is linear: log tag probabilities in, softmax over :data:`GENRES` out. It looks at the 50 MSD tags
only: trained on Emotify alone, the 50 MTT tags lift its accuracy from 0.736 to 0.760, but so do the labels of
GTZAN (0.752), which come without them. "soul" stands for soul and R&B, "hip hop" for rap too. It was trained
by ``scripts/train_genre.py``, which tells how, and lies beside this module as ``data/default.npz``: plain
arrays, nothing pickled.
"""

import os
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from recsys.errors import ModelError
from recsys.features.tagnames import MSD_TAGS
from recsys.types import DoubleArray, FloatArray, GenrePrediction

GENRES: tuple[str, ...] = (
    "blues", "classical", "country", "disco", "electronic", "folk", "hip hop",
    "jazz", "metal", "pop", "reggae", "rock", "soul",
)  # fmt: skip
FLOOR = 0.005
"""Added to a tag probability before its logarithm: below it MusiCNN's numbers are noise."""

_ARRAYS = ("name", "version", "genres", "tags", "weights", "bias", "trained_on")
_DEFAULT = Path(__file__).parent / "data" / "default.npz"


@dataclass(frozen=True, slots=True)
class GenreModel:
    """A linear classifier: ``softmax(weights @ tag_features(tags) + bias)``.

    ``weights`` (g, 50) and ``bias`` (g,) belong to ``genres``; ``name`` and ``version`` say which model it
    is, ``trained_on`` which tracks no score of it may count.
    """

    name: str
    version: int
    genres: tuple[str, ...]
    weights: DoubleArray
    bias: DoubleArray
    trained_on: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def probabilities(self, tags: FloatArray) -> DoubleArray:
        """Probability of each genre, (n, g), from tags (n, 50 or more)."""
        return softmax(tag_features(tags) @ self.weights.T + self.bias)


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
    >>> from recsys.features.tagnames import MSD_TAGS
    >>> tags = np.full((1, 100), 0.01, np.float32)
    >>> tags[0, MSD_TAGS.index("jazz")] = 0.9
    >>> predict(tags)[0].genre
    'jazz'
    """
    model = default_model()
    return [_prediction(model, row) for row in model.probabilities(tags)]


def tag_features(tags: FloatArray) -> DoubleArray:
    """What the model sees of tags (n, 50 or more): log of the MSD tag probabilities, (n, 50)."""
    tags = np.asarray(tags, dtype=np.float64)
    if tags.ndim != 2 or tags.shape[1] < len(MSD_TAGS):
        raise ValueError(f"tags must be (n, {len(MSD_TAGS)} or more), but are {tags.shape}")
    msd = tags[:, : len(MSD_TAGS)]
    if not ((msd >= 0) & (msd <= 1)).all():
        raise ValueError("tags must be probabilities between 0 and 1")
    return np.asarray(np.log(msd + FLOOR))


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
        tags=np.array(MSD_TAGS),
        weights=model.weights.astype(np.float32),
        bias=model.bias.astype(np.float32),
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
    if tuple(arrays["tags"]) != MSD_TAGS:
        raise ModelError(f"the genre model {path} was made for other tags; train it again")
    weights, bias = (arrays[name].astype(np.float64) for name in ("weights", "bias"))
    if weights.shape != (len(genres), len(MSD_TAGS)) or bias.shape != (len(genres),):
        raise ModelError(f"the genre model {path} has weights {weights.shape} for {len(genres)} genres")
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise ModelError(f"the genre model {path} holds numbers that are not finite")
    trained_on = tuple(str(name) for name in arrays["trained_on"])
    return GenreModel(str(arrays["name"]), int(arrays["version"]), genres, weights, bias, trained_on)


def _prediction(model: GenreModel, probabilities: DoubleArray) -> GenrePrediction:
    order = np.argsort(-probabilities, kind="stable")
    genres = {model.genres[i]: float(probabilities[i]) for i in order}
    best = next(iter(genres))
    return GenrePrediction(best, genres[best], genres, str(model))
