"""The similarity projection: from normalised features to the similarity vector, and the contribution of each view.

A track is described in four *views*. In each it is a direction: centred, mapped linearly and scaled to length one. The
influence of a view thus depends on its weight and not on the scale of its inputs, and a track with extreme values in
one view does not become a hub.

* ``embedding``: both MusiCNN embeddings, whitened by their variation within a track, an artist and an album;
* ``labels``: the genres and moods that a ridge regression predicts from tags and embeddings;
* ``tags``: the logarithms of MusiCNN's 100 tag probabilities;
* ``timbre``: the Gaussian of the MFCC (:mod:`recsys.features.gaussian`), whitened like the embedding.

The weighted directions are concatenated, reduced to at most 128 dimensions by principal components and scaled to length
one. So a vector is a sum of *components*, one for each view, and a cosine is a sum of contributions of the views.
:mod:`recsys.recommend.learning` fits the projection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.errors import FeatureMismatch
from recsys.features.gaussian import log_gaussians
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION
from recsys.recommend.version import SIMILARITY_VERSION

PROJECTION_FILE = "similarity.npz"

#: The views, in the order of their blocks, and the feature group that each belongs to.
VIEWS: Mapping[str, str] = {"embedding": "learned", "labels": "learned", "tags": "learned", "timbre": "timbre"}
TAG_FLOOR = 1e-3
"""Added to a tag probability before its logarithm: smaller outputs of MusiCNN are noise."""
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class View:
    """The linear map of one view: mean (D_v,), matrix (D_v, k)."""

    mean: DoubleArray
    matrix: DoubleArray

    def unit_directions(self, x: DoubleArray) -> DoubleArray:
        """Directions (n, k) of inputs (n, D_v), of length one: ``unit((x - mean) @ matrix)``."""
        return unit((x - self.mean) @ self.matrix)


@dataclass(frozen=True, slots=True)
class Projection:
    """The similarity projection.

    Attributes
    ----------
    views : mapping of str to View
    blocks : mapping of str to (k, d)
        The block of each view in the reduction to d dimensions.
    offset : (d,)
    labelled : tuple of str
        Audio hashes of the recordings whose labels the projection was fitted to; they are excluded from scores.
    """

    views: Mapping[str, View]
    blocks: Mapping[str, DoubleArray]
    offset: DoubleArray
    labelled: tuple[str, ...] = ()

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return len(self.offset)

    def components(self, normalised: FloatArray) -> DoubleArray:
        """Components of the unit vectors, one for each view.

        Parameters
        ----------
        normalised : (n, D)
            Normalised features.

        Returns
        -------
        (n, v, d)
            The sum over axis 1 is the unit vector.

        Raises
        ------
        FeatureMismatch
            The features do not have the dimensions of this feature version.
        """
        inputs = view_inputs(normalised)
        components = np.empty((len(normalised), len(self.views), self.dimension))
        for i, (name, view) in enumerate(self.views.items()):
            components[:, i] = view.unit_directions(inputs[name]) @ self.blocks[name] - self.offset / len(self.views)
        components /= np.maximum(np.linalg.norm(components.sum(axis=1), axis=1), _TINY)[:, None, None]
        return components

    def save(self, path: Path) -> None:
        """Write the projection as plain arrays."""
        arrays: dict[str, Any] = {"offset": self.offset}
        for name, view in self.views.items():
            arrays |= {f"{name}_mean": view.mean, f"{name}_matrix": view.matrix, f"{name}_block": self.blocks[name]}
        arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
        arrays |= {"version": SIMILARITY_VERSION, "feature_version": FEATURE_VERSION}
        np.savez_compressed(path, labelled=np.array(self.labelled, dtype=str), **arrays)


@cache
def projection() -> Projection:
    """The shipped projection.

    Raises
    ------
    FeatureMismatch
        It was fitted to another feature version.
    """
    with resources.files("recsys.recommend").joinpath("data", PROJECTION_FILE).open("rb") as file:
        stored = dict(np.load(file, allow_pickle=False))
    found = int(stored["feature_version"]), int(stored["version"])
    if found[0] not in (FEATURE_VERSION, *COMPATIBLE_VERSIONS) or found[1] != SIMILARITY_VERSION:
        raise FeatureMismatch(
            f"the similarity projection has feature and similarity version {found}, expected "
            f"{FEATURE_VERSION, SIMILARITY_VERSION}; fit it again with scripts/fit_similarity.py"
        )
    labelled = tuple(stored.pop("labelled").tolist())
    array = {name: values.astype(np.float64) for name, values in stored.items()}
    return Projection(
        {name: View(array[f"{name}_mean"], array[f"{name}_matrix"]) for name in VIEWS},
        {name: array[f"{name}_block"] for name in VIEWS},
        array["offset"],
        labelled,
    )


def view_inputs(normalised: FloatArray) -> dict[str, DoubleArray]:
    """The inputs of each view, (n, D_v), from normalised features (n, D).

    Raises
    ------
    FeatureMismatch
        The features do not have the dimensions of this feature version.
    """
    if normalised.ndim != 2 or normalised.shape[1] != len(DIMENSIONS):
        raise FeatureMismatch(
            f"normalised features must have shape (n, {len(DIMENSIONS)}), got {normalised.shape}; "
            "analyse the track again"
        )
    embedding, tags = normalised[:, GROUPS["learned"]].astype(np.float64), log_tags(normalised)
    return {
        "embedding": embedding,
        "labels": np.hstack([tags, embedding]),
        "tags": tags,
        "timbre": log_gaussians(normalised),
    }


def log_tags(normalised: FloatArray) -> DoubleArray:
    """Logarithms of the tag probabilities (n, 100) of normalised features (n, D)."""
    fitted, columns = reference(), GROUPS["tags"]
    probabilities = normalised[:, columns].astype(np.float64) * fitted.std[columns] + fitted.mean[columns]
    logarithms: DoubleArray = np.log(np.clip(probabilities, 0, 1) + TAG_FLOOR)
    return logarithms


def unit(x: DoubleArray) -> DoubleArray:
    """Rows (n, d) scaled to length one; a zero row stays zero.

    Examples
    --------
    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    rows: DoubleArray = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), _TINY)
    return rows
