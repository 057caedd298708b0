"""The map of a library: a point for every track, similar tracks close together, stable as tracks are added.

A layout is made once, by :mod:`recsys.recommend.neighbour_embedding`. Tracks that are added later are placed between
their neighbours, and the other points stay where they are. When the library has doubled, a new layout begins from the
former one and is rotated and mirrored to match it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.layout_2d import principal_components
from recsys.recommend.neighbour_embedding import embed, neighbour_graph

LAYOUT_VERSION = 1  # raised when stored layouts cannot be used any more
NEIGHBOURS = 15
ITERATIONS, EXAGGERATED = 250, 50
GROWTH = 2.0  # size of the library relative to that at the last layout, from which a new one is made
MIN_TRACKS = 8  # fewer have no neighbourhoods; they are placed by principal components

_PLACING_NEIGHBOURS = 10
_MIN_KNOWN_SHARE = 0.1  # of the tracks that have a point, for a new layout to begin from them
_FINGERPRINT = 4  # random projections of a vector that differ if it has changed
_TOLERANCE = 1e-3
_START = 1e-4  # deviation of the points that a new layout begins from, as usual for t-SNE

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]
OnProgress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class MapLayout:
    """Points of the tracks of a library.

    Parameters
    ----------
    ids : (n,)
        In rising order.
    points : (n, 2)
        In [-1, 1].
    fingerprints : (n, 4)
        Of the vectors that the points are of.
    arranged : (n,)
        Whether a point is of the last layout, and not placed between its neighbours since.
    unit : float
        Length of the unit of the embedding on this map.
    """

    ids: IdArray
    points: FloatArray
    fingerprints: FloatArray
    arranged: BoolArray
    unit: float


def make_layout(
    index: NearestIndex,
    former: MapLayout | None = None,
    *,
    anew: bool = False,
    on_progress: OnProgress = lambda _: None,
) -> MapLayout:
    """The layout of all tracks of an index that is not empty.

    Parameters
    ----------
    index : NearestIndex
    former : MapLayout or None
        Points of the tracks that it has stay, unless their vectors changed.
    anew : bool
        Make a new layout, which begins from the former one.
    on_progress : callable
        Called with the share of the work that is done, in [0, 1].

    Returns
    -------
    MapLayout
        ``former`` itself if nothing changed. The same for the same vectors and former layout.

    Raises
    ------
    IndexCorrupt
        The index does not match its checksums.
    """
    ids = index.ids
    vectors = index.vectors(ids)
    fingerprints = _fingerprints(vectors)
    points, known, arranged, unit = np.zeros((len(ids), 2), np.float32), np.zeros(len(ids), bool), None, 1.0
    if former is not None and len(former.ids):
        position = np.minimum(np.searchsorted(former.ids, ids), len(former.ids) - 1)
        same = np.abs(former.fingerprints[position] - fingerprints).max(axis=1) < _TOLERANCE
        known = (former.ids[position] == ids) & same
        arranged, unit = known & former.arranged[position], former.unit
        points[known] = former.points[position[known]]
        if not anew and known.all() and len(ids) == len(former.ids):
            return former
    if known.any() and arranged is not None:
        fixed = points[known]
        points[~known] = _place(index, ids[known], fixed, vectors[~known], unit)
        if not anew and len(ids) < GROWTH * max(int(arranged.sum()), 1):
            return MapLayout(ids, points, fingerprints, arranged, unit)
    begin = points if known.sum() > max(MIN_TRACKS, _MIN_KNOWN_SHARE * len(ids)) else None
    new = _arrange(index, ids, vectors, None if begin is None else begin / np.float32(unit), on_progress)
    if begin is not None:
        new = _aligned(new, begin, known)
    largest = max(float(np.abs(new).max()), 1e-9)
    new = new / np.float32(largest)
    return MapLayout(ids, new, fingerprints, np.ones(len(ids), bool), 1 / largest)


def _fingerprints(vectors: FloatArray) -> FloatArray:
    axes = np.random.default_rng(0).standard_normal((vectors.shape[1], _FINGERPRINT)).astype(np.float32)
    return vectors @ axes


def _arrange(
    index: NearestIndex, ids: IdArray, vectors: FloatArray, begin: FloatArray | None, on_progress: OnProgress
) -> FloatArray:
    """A new layout, in the unit of the embedding."""
    n = len(ids)
    coarse, _ = principal_components(vectors)
    if n < MIN_TRACKS:
        return coarse
    graph = neighbour_graph(index.neighbour_rows(NEIGHBOURS, on_progress=lambda done: on_progress(0.4 * done / n)))
    exaggerated = EXAGGERATED if begin is None else 0
    iterations = ITERATIONS - EXAGGERATED + exaggerated
    if begin is None:
        deviation = max(float(coarse.std(axis=0).max()), 1e-9)
        jitter = np.random.default_rng(0).standard_normal((n, 2)) * 0.01  # parts vectors that are equal
        begin = ((coarse / deviation + jitter) * _START).astype(np.float32)
    return embed(
        graph, begin, iterations=iterations, exaggerated=exaggerated,
        on_iteration=lambda done: on_progress(0.4 + 0.6 * done / iterations),
    )  # fmt: skip


def _place(
    index: NearestIndex, known_ids: IdArray, known_points: FloatArray, vectors: FloatArray, unit: float
) -> FloatArray:
    """Points (m, 2) for vectors (m, d), each where its nearest neighbours with a point are densest.

    The mean of all neighbours would often be in a gap between two of their regions. So the neighbour that is closest to
    the others is found, and then the mean is weighted by closeness to it.
    """
    if not len(vectors):
        return np.empty((0, 2), np.float32)
    found, similarities = index.search(vectors, _PLACING_NEIGHBOURS, allowed=known_ids)
    valid = found != NO_ID
    near = known_points[np.searchsorted(known_ids, np.where(valid, found, known_ids[0]))] / np.float32(unit)
    weights = np.where(valid, np.maximum(similarities, 1e-3), 0).astype(np.float64)
    distances = ((near[:, :, None] - near[:, None]) ** 2).sum(axis=3)
    closeness: DoubleArray = weights[:, None] / (1 + distances)
    central = (closeness.sum(axis=2) * valid).argmax(axis=1)
    chosen = np.take_along_axis(closeness, central[:, None, None], axis=1)[:, 0]
    chosen /= chosen.sum(axis=1, keepdims=True)
    jitter = (
        np.random.default_rng(0).standard_normal((len(vectors), 2)) * 0.1
    )  # the tracks of an album are not one point
    placed = (np.einsum("mk,mkd->md", chosen, near) + jitter) * unit
    points: FloatArray = np.clip(placed, -1, 1).astype(np.float32)
    return points


def _aligned(points: FloatArray, former: FloatArray, known: BoolArray) -> FloatArray:
    """The points, rotated and perhaps mirrored so that the known ones match their former points best (Procrustes)."""
    new, old = points[known].astype(np.float64), former[known].astype(np.float64)
    left, _, right = np.linalg.svd((new - new.mean(axis=0)).T @ old)  # a shift of the former ones adds nothing
    rotated: FloatArray = (points @ (left @ right)).astype(np.float32)
    return rotated
