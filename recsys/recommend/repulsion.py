"""The repulsion between all pairs of points in the plane, by convolution on a grid.

Every pair of points i, j repels with (y_i - y_j) / (1 + |y_i - y_j|^2)^2, divided by the sum of 1 / (1 + |y_i - y_j|^2)
over all pairs: the repulsive half of the gradient of t-SNE. Both sums are convolutions with a smooth kernel. Points are
spread to the nodes of a regular grid with quadratic weights, the grid is convolved by FFT, and the potentials are read
back with the same weights (Linderman et al. 2019, "Fast interpolation-based t-SNE", Nature Methods 16). This takes
O(n + g log g) for g nodes instead of O(n^2). Few points are compared pair by pair.
"""

import numpy as np
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.sparse import csr_array

from recsys.domain.arrays import FloatArray

EXACT_LIMIT = 100  # points up to which comparing all pairs is faster than a grid
SPACING = 0.5  # between nodes; the kernels fall to a half at distance 1 and 0.64
MAX_NODES = 800  # on a side; a wider layout, whose parts have no neighbours in common, has a coarser grid
_BLOCK = 32  # nodes; the side of the grid is a multiple, so that its kernels are computed again only now and then
_OFFSETS = np.arange(-1, 2)


class Repulsion:
    """Computes repulsions; keeps the kernels of the last size of grid.

    Examples
    --------
    >>> forces = Repulsion()(np.array([[0, 0], [3, 0]], np.float32))
    >>> forces.round(2) + 0.0  # -3 / 100 for either, divided by 2 / 10
    array([[-0.15,  0.  ],
           [ 0.15,  0.  ]], dtype=float32)
    """

    def __init__(self) -> None:
        self._prepared: tuple[int, float] | None = None

    def _prepare(self, side: int, spacing: float) -> None:
        if self._prepared == (side, spacing):
            return
        self._prepared, self._length = (side, spacing), int(next_fast_len(2 * side, real=True))
        steps = np.arange(self._length)
        distance = np.minimum(steps, self._length - steps) * spacing
        cauchy = 1 / (1 + distance[:, None] ** 2 + distance**2)
        self._cauchy = rfft2(cauchy.astype(np.float32))
        self._squared = rfft2((cauchy * cauchy).astype(np.float32))

    def __call__(self, points: FloatArray) -> FloatArray:
        """The repulsion (n, 2) of each of the points (n, 2) by all others."""
        n = len(points)
        if n <= EXACT_LIMIT:
            return _exact_repulsion(points)
        low = points.min(axis=0)
        extent = float((points.max(axis=0) - low).max())
        spacing = SPACING
        while extent / spacing > MAX_NODES:
            spacing *= 2
        side = -(-(int(extent / spacing) + 6) // _BLOCK) * _BLOCK
        self._prepare(side, spacing)
        weights = _interpolation((points - low) / np.float32(spacing) + np.float32(1.5), side)
        charges = np.column_stack([np.ones(n, np.float32), points])
        grid = np.ascontiguousarray((weights.T @ charges).T).reshape(3, side, side)
        spectrum = rfft2(grid, s=(self._length, self._length))
        spectra = np.concatenate([spectrum * self._squared, spectrum[:1] * self._cauchy])
        potentials = irfft2(spectra, s=(self._length, self._length))[:, :side, :side].reshape(4, side * side)
        found = weights @ np.ascontiguousarray(potentials.T)
        total = float(found[:, 3].sum(dtype=np.float64)) - n  # without the pairs of a point with itself
        forces: FloatArray = (points * found[:, :1] - found[:, 1:3]) / np.float32(max(total, 1e-9))
        return forces


def _exact_repulsion(points: FloatArray) -> FloatArray:
    difference = points[:, None] - points
    cauchy = 1 / (1 + (difference**2).sum(axis=2))
    total = float(cauchy.sum(dtype=np.float64)) - len(points)
    forces: FloatArray = ((cauchy**2)[:, :, None] * difference).sum(axis=1) / np.float32(max(total, 1e-9))
    return forces


def _interpolation(scaled: FloatArray, side: int) -> csr_array:
    """The weights (n, side * side) of the nine nodes around each point, by quadratic Lagrange polynomials.

    ``scaled`` (n, 2) are the points in units of nodes.
    """
    n = len(scaled)
    nearest = np.rint(scaled)
    centre, rest = nearest.astype(np.int32), scaled - nearest
    weights = np.stack([rest * (rest - 1) / 2, 1 - rest * rest, rest * (rest + 1) / 2], axis=2)
    values = weights[:, 0, :, None] * weights[:, 1, None, :]
    offsets = (_OFFSETS[:, None] * side + _OFFSETS).ravel().astype(np.int32)
    columns = (centre[:, 0] * side + centre[:, 1])[:, None] + offsets
    starts = 9 * np.arange(n + 1, dtype=np.int32)
    return csr_array((values.ravel(), columns.ravel(), starts), shape=(n, side * side))
