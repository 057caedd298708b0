"""The similarity vector: what of a track's features counts when two sounds are compared.

``similarity_vectors`` maps normalised features (n, D) to unit vectors (n, d) by the shipped projection
(:mod:`recsys.recommend.projection`, imported only when it is needed: most questions find an index ready). Their inner
product is the cosine similarity of two sounds.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray

_CHUNK = 4096  # tracks at a time: bounds the memory


def similarity_vectors(normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) from normalised features (n, D); their inner products are cosines.

    Raises
    ------
    FeatureMismatch
        The features do not have as many dimensions as the projection was learned for.
    """
    from recsys.recommend.projection import projection

    shipped = projection()
    vectors = np.empty((len(normalised), shipped.dimension), np.float32)
    for start in range(0, len(normalised), _CHUNK) or [0]:
        chunk = slice(start, start + _CHUNK)
        vectors[chunk] = shipped.components(normalised[chunk]).sum(axis=1)
    return vectors


def contributions(one: FloatArray, others: FloatArray) -> dict[str, DoubleArray]:
    """What each feature group gives to the cosines of one track (D,) with others (n, D); they sum to the cosine.

    The part of a group is the mean of what the cosine would lose if the group were taken from either vector.
    """
    from recsys.recommend.projection import VIEWS, projection

    [seed], pieces = projection().components(one[None]), projection().components(others)
    halves = (pieces @ seed.sum(axis=0) + (seed @ pieces.sum(axis=1).T).T) / 2
    given: dict[str, DoubleArray] = {}
    for group, part in zip(VIEWS.values(), halves.T, strict=True):
        given[group] = given.get(group, np.zeros(len(others))) + part
    return given
