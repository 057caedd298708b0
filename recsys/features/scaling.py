"""Normalised vectors: every dimension centred and scaled by a frozen reference corpus.

The constants were fitted once (``scripts/fit_reference.py``) and are shipped and versioned with the feature set, so
a worker can normalise on its own, vectors of two libraries compare, and adding a track never moves the others.
"""

from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.errors import FeatureMismatch
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

REFERENCE_FILE = "reference.npz"
CLIP_SIGMA = 8.0  # standard deviations; beyond it lies no music, only accidents


class Reference(NamedTuple):
    """Mean and standard deviation (D,) of the reference corpus, and on how many tracks they stand."""

    mean: FloatArray
    std: FloatArray
    tracks: int


@cache
def reference() -> Reference:
    """The shipped reference.

    Raises
    ------
    FeatureMismatch
        It was fitted for another feature version or other dimensions.
    """
    with resources.files("recsys.features").joinpath("data", REFERENCE_FILE).open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        version, names = int(stored["version"]), tuple(stored["names"].tolist())
        fitted = Reference(stored["mean"], stored["std"], int(stored["tracks"]))
    if version != FEATURE_VERSION or names != tuple(dimension.name for dimension in DIMENSIONS):
        raise FeatureMismatch(
            f"the reference scaler is of feature version {version}, this program computes {FEATURE_VERSION}; "
            "run scripts/fit_reference.py"
        )
    return fitted


def fit(vectors: FloatArray) -> Reference:
    """Mean and deviation (D,) of raw ``vectors`` (n, D); a dimension that never varies gets deviation 1."""
    std = vectors.std(axis=0, dtype=np.float64)
    std = np.where(std > 1e-9, std, 1.0)
    return Reference(vectors.mean(axis=0, dtype=np.float64).astype(np.float32), std.astype(np.float32), len(vectors))


def normalise(vectors: FloatArray) -> FloatArray:
    """Raw vector (D,) or vectors (n, D) in reference deviations from the reference mean, within ±8, float32.

    Raises
    ------
    FeatureMismatch
        The vectors do not have as many dimensions as the feature set.
    """
    if vectors.shape[-1] != len(DIMENSIONS):
        raise FeatureMismatch(
            f"a vector of feature version {FEATURE_VERSION} has {len(DIMENSIONS)} dimensions, "
            f"not {vectors.shape[-1]}; analyse the track again"
        )
    fitted = reference()
    scaled = (vectors.astype(np.float32) - fitted.mean) / fitted.std
    limited: FloatArray = np.clip(scaled, -CLIP_SIGMA, CLIP_SIGMA).astype(np.float32)
    return limited


def denormalise(normalised: FloatArray) -> FloatArray:
    """Raw features (D,) or (n, D) again, but for what was cut off at ±8 deviations."""
    fitted = reference()
    back: FloatArray = (normalised * fitted.std + fitted.mean).astype(np.float32)
    return back
