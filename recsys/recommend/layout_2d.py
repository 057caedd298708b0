"""Similarity vectors laid out in the plane, to be looked at: what lies close together sounds alike.

Two ways: principal components, which keep the large distances, are made in no time and mean the same from one picture
to the next; and UMAP (McInnes, Healy & Melville 2018), which keeps neighbourhoods, if the package ``umap-learn`` is
there.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.errors import InvalidRequest

PROJECTIONS = ("pca", "umap")
MIN_TRACKS = 16  # vectors that UMAP is asked to lay out; fewer have no neighbourhoods
MAX_FIT_TRACKS = 10_000  # vectors that UMAP lays out, in 40 s; others are put among their nearest of these
_NEIGHBOURS = 3
_CHUNK = 1024


class Layout2D(NamedTuple):
    """Points (n, 2), how they were found, and, of principal components, which share of the variance each holds."""

    points: FloatArray
    projection: str
    shares: tuple[float, float] | None = None


def resolve_projection(requested: str | None) -> str:
    """The way that was asked for; of nothing, UMAP where it is installed.

    Raises
    ------
    InvalidRequest
    """
    there = _has_umap()
    if requested is None:
        return "umap" if there else "pca"
    if requested not in PROJECTIONS:
        raise InvalidRequest(f"--projection must be {' or '.join(PROJECTIONS)}, not {requested!r}")
    if requested == "umap" and not there:
        raise InvalidRequest("UMAP is not installed; pip install 'recsys[umap]', or take --projection pca")
    return requested


def _has_umap() -> bool:
    """By its name on PyPI: a folder may be called umap, and so is another package."""
    try:
        version("umap-learn")
    except PackageNotFoundError:
        return False
    return True


def project_2d(vectors: FloatArray, projection: str) -> Layout2D:
    """Points in the plane for unit vectors; fewer than :data:`MIN_TRACKS` get principal components in any case.

    Parameters
    ----------
    vectors
        (n, d) of length one, n at least 1.
    projection
        "pca" or "umap". The same vectors in the same order give the same points.

    Examples
    --------
    >>> project_2d(np.eye(3, dtype=np.float32), "pca").points.shape
    (3, 2)
    """
    if projection == "umap" and len(vectors) >= MIN_TRACKS:
        return Layout2D(_by_umap(vectors), "umap")
    points, shares = principal_components(vectors)
    return Layout2D(points, "pca", shares)


def principal_components(vectors: FloatArray) -> tuple[FloatArray, tuple[float, float]]:
    """Coordinates (n, 2) of vectors (n, d) on the two axes of most variance, and the share of it on each.

    Of each axis that direction is positive in which its largest number points.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    dimension = vectors.shape[1]
    scatter = np.zeros((dimension, dimension))
    for start in range(0, len(vectors), _CHUNK):
        centred = vectors[start : start + _CHUNK].astype(np.float64) - mean
        scatter += centred.T @ centred
    values, axes = np.linalg.eigh(scatter)
    values, axes = np.maximum(values[::-1], 0), axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    total = max(float(values.sum()), 1e-12)
    points = (vectors @ axes.astype(np.float32) - (mean @ axes).astype(np.float32)).astype(np.float32)
    return points, (float(values[0]) / total, float(values[1]) / total)


def _by_umap(vectors: FloatArray) -> FloatArray:
    import warnings

    from umap import UMAP

    n = len(vectors)
    chosen = np.arange(n)
    if n > MAX_FIT_TRACKS:
        chosen = np.sort(np.random.default_rng(0).choice(n, MAX_FIT_TRACKS, replace=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numba, and of a start that has to be drawn by lot
        umap = UMAP(n_neighbors=min(15, len(chosen) - 1), min_dist=0.15, random_state=0, n_jobs=1)
        laid = np.asarray(umap.fit_transform(vectors[chosen]), np.float32)
    return laid if len(chosen) == n else place_by_neighbours(laid, vectors, chosen)


def place_by_neighbours(positions: FloatArray, vectors: FloatArray, chosen: IdArray) -> FloatArray:
    """Points (n, 2) of all vectors (n, d): ``positions`` of the chosen rows, the others between their nearest of
    these.
    """
    points = np.empty((len(vectors), 2), np.float32)
    for start in range(0, len(vectors), _CHUNK):
        similarities = vectors[start : start + _CHUNK] @ vectors[chosen].T
        near = np.argpartition(-similarities, min(_NEIGHBOURS, len(chosen)) - 1, axis=1)[:, :_NEIGHBOURS]
        weights: DoubleArray = 1 / (1.01 - np.take_along_axis(similarities, near, axis=1).astype(np.float64))
        weights /= weights.sum(axis=1, keepdims=True)
        points[start : start + _CHUNK] = np.einsum("nk,nkd->nd", weights, positions[near])
    points[chosen] = positions
    return points
