"""Geodesics on the unit sphere of similarity vectors.

A vector is (d,), of length one; the distance of two vectors is the angle between them in radians, whose cosine is their
inner product. The shortest path between two tracks is the arc of the great circle through both. Hardly any track is
near it: in so many dimensions all tracks are far from it, and from each other. The *arc position* of a track is the
angle from the start of the arc to the point of the great circle that is nearest to the track.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray


def angular_distance(one: DoubleArray, other: DoubleArray) -> DoubleArray:
    """Angles in radians between vectors.

    Parameters
    ----------
    one : (n, d) or (d,)
    other : (m, d) or (d,)

    Returns
    -------
    (n, m), (m,) or scalar
        In [0, π].

    Examples
    --------
    >>> angular_distance(np.array([1.0, 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]])).round(4)
    array([1.5708, 0.    ])
    """
    angles: DoubleArray = np.arccos(np.clip(one @ other.T, -1.0, 1.0))
    return angles


def slerp(a: DoubleArray, b: DoubleArray, shares: DoubleArray) -> DoubleArray:
    """Spherical linear interpolation between two vectors.

    Parameters
    ----------
    a, b : (d,)
    shares : (k,)
        Shares of the arc from ``a`` (0) to ``b`` (1).

    Returns
    -------
    (k, d)

    Examples
    --------
    >>> slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.5]))
    array([[0.70710678, 0.70710678]])
    """
    along = (shares * float(angular_distance(a, b)))[:, None]
    points: DoubleArray = np.cos(along) * a + np.sin(along) * _tangent(a, b)
    return points


def arc_position(a: DoubleArray, b: DoubleArray, vectors: DoubleArray) -> DoubleArray:
    """Arc positions of vectors on the great circle from ``a`` to ``b``.

    Parameters
    ----------
    a, b : (d,)
    vectors : (n, d)

    Returns
    -------
    (n,)
        In radians, from -π to π; the position of ``a`` is 0.

    Examples
    --------
    >>> arc_position(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.eye(2)).round(4)
    array([0.    , 1.5708])
    """
    along: DoubleArray = np.arctan2(vectors @ _tangent(a, b), vectors @ a)
    return along


def _tangent(a: DoubleArray, b: DoubleArray) -> DoubleArray:
    """The tangent (d,) at ``a`` in the direction of ``b``; any tangent if the vectors are the same or opposite."""
    ahead = b - (a @ b) * a
    if np.linalg.norm(ahead) < 1e-6:
        ahead = np.eye(len(a))[np.abs(a).argmin()]
        ahead = ahead - (a @ ahead) * a
    direction: DoubleArray = ahead / np.linalg.norm(ahead)
    return direction
