"""From features to the similarity vector: the map itself, how it is applied, and what each group gives to it.

A track is seen in several *views*: MusiCNN's tags, its embeddings, the Gaussian of the MFCC, rhythm, harmony and
dynamics. In each view it is a direction: centred, mapped linearly, of length one. So a view counts by its weight,
whatever its numbers, and a track that is extreme in one of them is no hub. The directions, one after the other, are
mapped linearly to the *overall* sound. Beside it stands the *kind*: how far the probabilities of a few genres, which
a logistic regression sees in tags and embeddings, lie from their mean. Both together, of length one, are the vector.

Every step after the views is a sum over them, so a vector is a sum of *pieces*, one for each view and one for the kind,
and a cosine is a sum of what the groups give to it. :mod:`recsys.recommend.learning` learns the map.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from recsys.errors import FeatureMismatch
from recsys.features.gaussian import log_gaussians
from recsys.features.layout import DIMENSIONS, GROUPS
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.vectors import SIMILARITY_VERSION
from recsys.types import DoubleArray, FloatArray

PROJECTION_FILE = "similarity.npz"

#: The views, and the feature group that each belongs to; the kind, which comes last, belongs to "learned".
VIEWS: Mapping[str, str] = {
    "tags": "learned",
    "embedding": "learned",
    "gaussian": "timbre",
    "rhythm": "rhythm",
    "harmony": "harmony",
    "dynamics": "dynamics",
}
KIND_GROUP = "learned"
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class View:
    """The map of one view: mean (D_v,), matrix (D_v, k)."""

    mean: DoubleArray
    matrix: DoubleArray

    def directions(self, x: DoubleArray) -> DoubleArray:
        """``unit((x - mean) @ matrix)``, (n, k)."""
        return unit((x - self.mean) @ self.matrix)


@dataclass(frozen=True, slots=True)
class Kind:
    """Logistic regression of g genres on tags and embeddings: weights (500, g), bias (g,), mean probabilities (g,)."""

    weights: DoubleArray
    bias: DoubleArray
    mean: DoubleArray
    scale: float

    def leaning(self, x: DoubleArray) -> DoubleArray:
        """How far the probabilities of x (n, 500) lie from their mean, times ``scale``, (n, g)."""
        logits = x @ self.weights + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        leaning: DoubleArray = self.scale * (odds / odds.sum(axis=1, keepdims=True) - self.mean)
        return leaning


@dataclass(frozen=True, slots=True)
class Projection:
    """The whole map: a view and its block (k, m) of the overall map each, its offset (m,), and the kind.

    ``labelled`` are the payloads of the recordings whose genres it learned from: no score of them counts.
    """

    views: Mapping[str, View]
    blocks: Mapping[str, DoubleArray]
    offset: DoubleArray
    kind: Kind
    labelled: tuple[str, ...] = ()

    @property
    def dimension(self) -> int:
        """Length d of a vector: m numbers of the overall sound, g of the kind."""
        return len(self.offset) + len(self.kind.mean)

    def pieces(self, normalised: FloatArray) -> DoubleArray:
        """What each view and, last, the kind add to the unit vectors: (n, v + 1, d), their sum over axis 1."""
        seen = view_features(normalised)
        m = len(self.offset)
        pieces = np.zeros((len(normalised), len(self.views) + 1, self.dimension))
        for i, (name, view) in enumerate(self.views.items()):
            pieces[:, i, :m] = view.directions(seen[name]) @ self.blocks[name] - self.offset / len(self.views)
        pieces /= np.maximum(np.linalg.norm(pieces.sum(axis=1), axis=1), _TINY)[:, None, None]
        pieces[:, -1, m:] = self.kind.leaning(kind_features(normalised))
        pieces /= np.maximum(np.linalg.norm(pieces.sum(axis=1), axis=1), _TINY)[:, None, None]
        return pieces

    def save(self, path: Path) -> None:
        """Write the map as plain arrays."""
        arrays: dict[str, Any] = {"offset": self.offset}
        for name, view in self.views.items():
            arrays |= {f"{name}_mean": view.mean, f"{name}_matrix": view.matrix, f"{name}_block": self.blocks[name]}
        kind = self.kind
        arrays |= {"kind_weights": kind.weights, "kind_bias": kind.bias, "kind_mean": kind.mean}
        arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
        arrays |= {"kind_scale": kind.scale, "version": SIMILARITY_VERSION, "feature_version": FEATURE_VERSION}
        np.savez_compressed(path, labelled=np.array(self.labelled, dtype=str), **arrays)


@cache
def projection() -> Projection:
    """The shipped map.

    Raises
    ------
    FeatureMismatch
        It was learned for another feature version.
    """
    with resources.files("recsys.recommend").joinpath("data", PROJECTION_FILE).open("rb") as file:
        stored = dict(np.load(file, allow_pickle=False))
    found = int(stored["feature_version"]), int(stored["version"])
    if found != (FEATURE_VERSION, SIMILARITY_VERSION):
        raise FeatureMismatch(
            f"the similarity projection is of feature and similarity version {found}, this program's are "
            f"{FEATURE_VERSION, SIMILARITY_VERSION}; run scripts/fit_similarity.py"
        )
    labelled = tuple(stored.pop("labelled").tolist())
    array = {name: values.astype(np.float64) for name, values in stored.items()}
    return Projection(
        {name: View(array[f"{name}_mean"], array[f"{name}_matrix"]) for name in VIEWS},
        {name: array[f"{name}_block"] for name in VIEWS},
        array["offset"],
        Kind(array["kind_weights"], array["kind_bias"], array["kind_mean"], float(array["kind_scale"])),
        labelled,
    )


def view_features(normalised: FloatArray) -> dict[str, DoubleArray]:
    """What each view looks at, (n, D_v), from normalised features (n, D).

    Raises
    ------
    FeatureMismatch
        The features do not have the dimensions of this feature version.
    """
    if normalised.ndim != 2 or normalised.shape[1] != len(DIMENSIONS):
        raise FeatureMismatch(
            f"a normalised vector has {len(DIMENSIONS)} dimensions, not shape {normalised.shape}; "
            "analyse the track again"
        )
    groups = {name: normalised[:, where].astype(np.float64) for name, where in GROUPS.items()}
    return {
        "tags": groups["tags"],
        "embedding": groups["learned"],
        "gaussian": log_gaussians(normalised),
        "rhythm": groups["rhythm"],
        "harmony": groups["harmony"],
        "dynamics": groups["dynamics"],
    }


def kind_features(normalised: FloatArray) -> DoubleArray:
    """What the kind is seen in: tags, then embeddings, (n, 500)."""
    return np.hstack([normalised[:, GROUPS["tags"]], normalised[:, GROUPS["learned"]]]).astype(np.float64)


def unit(x: DoubleArray) -> DoubleArray:
    """Rows of length one; zero stays zero."""
    rows: DoubleArray = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), _TINY)
    return rows
