"""The similarity vector: what of a track's features counts when two sounds are compared.

``similarity_vectors`` maps normalised features (n, D) to unit vectors (n, d) by the shipped projection, learned as
:mod:`recsys.recommend.projection` describes. Their inner product is the cosine similarity of two sounds.
"""

from functools import cache
from importlib import resources

import numpy as np

from recsys.errors import FeatureMismatch
from recsys.features.version import FEATURE_VERSION
from recsys.types import FloatArray

#: Raised whenever :func:`similarity_vectors` would give other numbers; indexes of another version are rebuilt.
SIMILARITY_VERSION = 1
PROJECTION_FILE = "similarity.npz"


@cache
def projection() -> FloatArray:
    """The shipped matrix (D, d).

    Raises
    ------
    FeatureMismatch
        It was learned for another feature version.
    """
    with resources.files("recsys.recommend").joinpath("data", PROJECTION_FILE).open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        version, matrix = int(stored["feature_version"]), stored["matrix"]
    if version != FEATURE_VERSION:
        raise FeatureMismatch(
            f"the similarity projection is of feature version {version}, this program computes {FEATURE_VERSION}; "
            "run scripts/fit_similarity.py"
        )
    return np.ascontiguousarray(matrix, dtype=np.float32)


def similarity_vectors(normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) from normalised features (n, D); their inner products are cosines.

    Raises
    ------
    FeatureMismatch
        The features do not have as many dimensions as the projection was learned for.
    """
    matrix = projection()
    if normalised.ndim != 2 or normalised.shape[1] != len(matrix):
        raise FeatureMismatch(
            f"a normalised vector has {len(matrix)} dimensions, not shape {normalised.shape}; analyse the track again"
        )
    vectors = normalised @ matrix
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
