"""Ways on the sphere of similarity vectors: what lies between two sounds.

A vector is (d,), of length one; the distance of two is the angle between them in radians, whose cosine is their inner
product. The way from one sound to another is the arc of the great circle through both. Hardly any music lies near it:
in so many dimensions all tracks are far from it, and from each other. How far along a track is tells its *longitude*,
the angle from the beginning of the arc to the point of the great circle that is nearest to the track.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray


def angular_distance(one: DoubleArray, other: DoubleArray) -> DoubleArray:
    """Angles (n, m) between vectors (n, d) and vectors (m, d); of one vector (d,) with many, (m,)."""
    found: DoubleArray = np.arccos(np.clip(one @ other.T, -1.0, 1.0))
    return found


def slerp(a: DoubleArray, b: DoubleArray, shares: DoubleArray) -> DoubleArray:
    """Vectors (k, d) at these shares (k,) of the way from ``a`` to ``b``.

    Examples
    --------
    >>> slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.5]))
    array([[0.70710678, 0.70710678]])
    """
    along = (shares * float(angular_distance(a, b)))[:, None]
    points: DoubleArray = np.cos(along) * a + np.sin(along) * _tangent(a, b)
    return points


def arc_position(a: DoubleArray, b: DoubleArray, vectors: DoubleArray) -> DoubleArray:
    """How far along (n,) the great circle from ``a`` to ``b`` vectors (n, d) lie, from -π to π; ``a`` lies at 0."""
    along: DoubleArray = np.arctan2(vectors @ _tangent(a, b), vectors @ a)
    return along


def _tangent(a: DoubleArray, b: DoubleArray) -> DoubleArray:
    """The direction (d,) in which the way from ``a`` to ``b`` sets out; any where they are the same, or opposite."""
    ahead = b - (a @ b) * a
    if np.linalg.norm(ahead) < 1e-6:
        ahead = np.eye(len(a))[np.abs(a).argmin()]
        ahead = ahead - (a @ ahead) * a
    direction: DoubleArray = ahead / np.linalg.norm(ahead)
    return direction
