"""Two-dimensional layouts of similarity vectors, in which similar tracks are close together.

Two projections: principal components, which preserve large distances, take no time and have the same axes in every
plot; and UMAP (McInnes, Healy & Melville 2018), which preserves neighbourhoods and needs the package ``umap-learn``.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.errors import Hint, InvalidRequest

PROJECTIONS = ("pca", "umap")
MIN_TRACKS = 16  # least number of vectors for UMAP; fewer have no neighbourhoods
MAX_FIT_TRACKS = 10_000  # most vectors that UMAP fits, in 40 s; others are placed between their nearest of these
_NEIGHBOURS = 3
_CHUNK = 1024


class Layout2D(NamedTuple):
    """Points (n, 2), their projection, and for principal components the share of the variance on each axis."""

    points: FloatArray
    projection: str
    shares: tuple[float, float] | None = None


def resolve_projection(requested: str | None) -> str:
    """The projection to use: the requested one; by default UMAP if it is installed, else principal components.

    Raises
    ------
    InvalidRequest
        The projection is unknown, or UMAP is not installed.
    """
    has_umap = _has_umap()
    if requested is None:
        return "umap" if has_umap else "pca"
    if requested not in PROJECTIONS:
        raise InvalidRequest(f"must be {' or '.join(PROJECTIONS)}", field="projection", value=requested)
    if requested == "umap" and not has_umap:
        raise InvalidRequest(
            "'umap' needs the package umap-learn, which is not installed; 'pca' needs no other package",
            field="projection",
            hint=Hint.INSTALL_EXTRA,
            hint_values={"extra": "umap"},
        )
    return requested


def _has_umap() -> bool:
    """Whether ``umap-learn`` is installed, by its name on PyPI: another package and any folder may be called umap."""
    try:
        version("umap-learn")
    except PackageNotFoundError:
        return False
    return True


def project_2d(vectors: FloatArray, projection: str) -> Layout2D:
    """Project unit vectors to two dimensions.

    Parameters
    ----------
    vectors : (n, d)
        Of length one, n at least 1.
    projection : {"pca", "umap"}
        Fewer than :data:`MIN_TRACKS` vectors are projected to principal components in any case.

    Returns
    -------
    Layout2D
        The same for the same vectors in the same order.

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
    """Coordinates on the two axes of largest variance.

    Parameters
    ----------
    vectors : (n, d)

    Returns
    -------
    points : (n, 2)
    shares : tuple of float
        Share of the variance on each axis. The sign of an axis makes its largest entry positive.

    Examples
    --------
    >>> points, shares = principal_components(np.array([[0, 0], [2, 0], [4, 0]], np.float32))
    >>> points[:, 0].tolist(), shares
    ([-2.0, 0.0, 2.0], (1.0, 0.0))
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    dimension = vectors.shape[1]
    scatter = np.zeros((dimension, dimension))
    for start in range(0, len(vectors), _CHUNK):
        centred = vectors[start : start + _CHUNK].astype(np.float64) - mean
        scatter += centred.T @ centred
    variances, axes = np.linalg.eigh(scatter)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    total = max(float(variances.sum()), 1e-12)
    points = (vectors @ axes.astype(np.float32) - (mean @ axes).astype(np.float32)).astype(np.float32)
    return points, (float(variances[0]) / total, float(variances[1]) / total)


def _by_umap(vectors: FloatArray) -> FloatArray:
    import warnings

    from umap import UMAP

    n = len(vectors)
    fitted_rows = np.arange(n)
    if n > MAX_FIT_TRACKS:
        fitted_rows = np.sort(np.random.default_rng(0).choice(n, MAX_FIT_TRACKS, replace=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from numba, and about a random initialisation
        umap = UMAP(n_neighbors=MIN_TRACKS - 1, min_dist=0.15, random_state=0, n_jobs=1)
        points = np.asarray(umap.fit_transform(vectors[fitted_rows]), np.float32)
    return points if len(fitted_rows) == n else place_by_neighbours(points, vectors, fitted_rows)


def place_by_neighbours(positions: FloatArray, vectors: FloatArray, fitted_rows: IdArray) -> FloatArray:
    """Place vectors between their nearest neighbours among those that have a place.

    Parameters
    ----------
    positions : (m, 2)
        Points of the fitted rows.
    vectors : (n, d)
    fitted_rows : (m,)
        Rows of ``vectors`` that ``positions`` belong to.

    Returns
    -------
    (n, 2)
    """
    points = np.empty((len(vectors), 2), np.float32)
    for start in range(0, len(vectors), _CHUNK):
        similarities = vectors[start : start + _CHUNK] @ vectors[fitted_rows].T
        near = np.argpartition(-similarities, min(_NEIGHBOURS, len(fitted_rows)) - 1, axis=1)[:, :_NEIGHBOURS]
        weights: DoubleArray = 1 / (1.01 - np.take_along_axis(similarities, near, axis=1).astype(np.float64))
        weights /= weights.sum(axis=1, keepdims=True)
        points[start : start + _CHUNK] = np.einsum("nk,nkd->nd", weights, positions[near])
    points[fitted_rows] = positions
    return points
