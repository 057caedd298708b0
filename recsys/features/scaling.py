"""Normalisation: every feature dimension centred and scaled by a frozen reference corpus.

The constants are fitted once (``scripts/fit_reference.py``) and versioned with the feature set. So a worker process can
normalise without the library, vectors of two libraries are comparable, and a new track does not change other vectors.
"""

from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.errors import FeatureMismatch, Hint
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

REFERENCE_FILE = "reference.npz"
CLIP_SIGMA = 8.0  # standard deviations; larger values are artefacts, not music


class Reference(NamedTuple):
    """Mean and standard deviation (D,) of the reference corpus, and its number of tracks."""

    mean: FloatArray
    std: FloatArray
    tracks: int


@cache
def reference() -> Reference:
    """The constants of the reference corpus, read from their data file.

    Returns
    -------
    Reference

    Raises
    ------
    FeatureMismatch
        The file was fitted for another feature version or other dimensions.

    Examples
    --------
    >>> reference().mean.shape
    (931,)
    """
    with resources.files("recsys.features").joinpath("data", REFERENCE_FILE).open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        version, names = int(stored["version"]), tuple(stored["names"].tolist())
        fitted = Reference(stored["mean"], stored["std"], int(stored["tracks"]))
    if version != FEATURE_VERSION or names != tuple(dimension.name for dimension in DIMENSIONS):
        # In development: run scripts/fit_reference.py.
        raise FeatureMismatch(
            f"{REFERENCE_FILE} was fitted for other features: it has version {version} and {len(names)} dimensions, "
            f"but this program computes version {FEATURE_VERSION} with {len(DIMENSIONS)}",
            hint=Hint.REINSTALL,
        )
    return fitted


def fit(vectors: FloatArray) -> Reference:
    """Fit the constants to a corpus.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
        Raw vectors.

    Returns
    -------
    Reference
        Mean and standard deviation of each dimension; the deviation of a constant dimension is 1.

    Examples
    --------
    >>> fitted = fit(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    >>> fitted.mean.tolist(), fitted.std.tolist(), fitted.tracks
    ([2.0, 5.0], [1.0, 1.0], 2)
    """
    std = vectors.std(axis=0, dtype=np.float64)
    std = np.where(std > 1e-9, std, 1.0)
    return Reference(vectors.mean(axis=0, dtype=np.float64).astype(np.float32), std.astype(np.float32), len(vectors))


def normalise(vectors: FloatArray) -> FloatArray:
    """Normalise raw vectors by the reference corpus.

    Parameters
    ----------
    vectors : ndarray of shape (D,) or (n, D)
        Raw vectors.

    Returns
    -------
    ndarray of the same shape, float32
        Standard deviations from the mean of the reference corpus, clipped to ±8.

    Raises
    ------
    FeatureMismatch
        The vectors do not have D dimensions.

    Examples
    --------
    >>> normalise(reference().mean + 2 * reference().std).round(3)[:3]
    array([2., 2., 2.], dtype=float32)
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
    """Inverse of :func:`normalise`, except for values clipped to ±8 standard deviations.

    Parameters
    ----------
    normalised : ndarray of shape (D,) or (n, D)

    Returns
    -------
    ndarray of the same shape, float32

    Examples
    --------
    >>> bool((denormalise(np.zeros(931, np.float32)) == reference().mean).all())
    True
    """
    fitted = reference()
    raw: FloatArray = (normalised * fitted.std + fitted.mean).astype(np.float32)
    return raw
