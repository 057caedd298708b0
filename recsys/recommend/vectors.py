"""Similarity vectors of tracks.

``similarity_vectors`` maps normalised features (n, D) to unit vectors (n, d) by the shipped projection
(:mod:`recsys.recommend.projection`, which is imported only when it is needed: most queries use a stored index). Their
inner product is the cosine similarity of two tracks.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray

_CHUNK = 512  # tracks at a time: their arrays stay in the cache of the processor


def similarity_vectors(normalised: FloatArray) -> FloatArray:
    """Unit vectors whose inner products are cosine similarities.

    Parameters
    ----------
    normalised : (n, D)
        Normalised features.

    Returns
    -------
    (n, d)

    Raises
    ------
    FeatureMismatch
        The features do not have the dimensions that the projection was fitted to.

    Examples
    --------
    >>> from recsys.features.schema import DIMENSIONS
    >>> vectors = similarity_vectors(np.ones((1, len(DIMENSIONS)), np.float32))
    >>> round(float(vectors[0] @ vectors[0]), 4)
    1.0
    """
    from recsys.recommend.projection import projection

    shipped = projection()
    vectors = np.empty((len(normalised), shipped.dimension), np.float32)
    for start in range(0, len(normalised), _CHUNK) or [0]:
        chunk = slice(start, start + _CHUNK)
        vectors[chunk] = shipped.components(normalised[chunk]).sum(axis=1)
    return vectors


def contributions(one: FloatArray, others: FloatArray) -> dict[str, DoubleArray]:
    """Contribution of each feature group to the cosines of one track with others.

    The contribution of a group is the mean of the losses of the cosine if the group is removed from either vector.

    Parameters
    ----------
    one : (D,)
        Normalised features of the track.
    others : (n, D)

    Returns
    -------
    dict of str to (n,)
        Their sum is the cosine.

    Raises
    ------
    FeatureMismatch
        The features do not have the dimensions that the projection was fitted to.
    """
    from recsys.recommend.projection import VIEWS, projection

    [seed], components = projection().components(one[None]), projection().components(others)
    halves = (components @ seed.sum(axis=0) + (seed @ components.sum(axis=1).T).T) / 2
    by_group: dict[str, DoubleArray] = {}
    for group, part in zip(VIEWS.values(), halves.T, strict=True):
        by_group[group] = by_group.get(group, np.zeros(len(others))) + part
    return by_group
