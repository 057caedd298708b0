"""Names of the regions of a map: where the tracks of a genre are dense, and more frequent than elsewhere."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.maps import NO_GENRE, MapLabelRecord

MAX_LABELS = 24
_SIDE = 64  # cells of the grid on which densities are estimated
_SMOOTHING = 1.5  # deviation of the Gaussian, in cells
_MIN_DISTANCE = 0.22  # between two labels; the map is 2 wide
_RADIUS = 0.15  # of the region whose tracks are counted
_MIN_SHARE, _MIN_TRACKS = 0.004, 3  # of the tracks, for a region to have a name
_MIN_PURITY = 0.25  # share of the genre in its region
_MAX_PER_GENRE = 3


def label_regions(
    points: FloatArray, genre_numbers: "np.ndarray[tuple[int], np.dtype[np.uint16]]", genres: Sequence[str]
) -> tuple[MapLabelRecord, ...]:
    """Labels at the densest places of genres, far enough apart; of the largest regions first.

    Parameters
    ----------
    points : (n, 2)
        In [-1, 1].
    genre_numbers : (n,)
        Index of each genre in ``genres``; 65535 is none.
    genres : sequence of str

    Examples
    --------
    >>> points = np.repeat(np.array([[-0.5, 0], [0.5, 0]], np.float32), 5, axis=0)
    >>> numbers = np.repeat(np.arange(2, dtype=np.uint16), 5)
    >>> [(label["text"], label["tracks"]) for label in label_regions(points, numbers, ["jazz", "metal"])]
    [('jazz', 5), ('metal', 5)]
    """
    least = max(_MIN_TRACKS, _MIN_SHARE * len(points))
    everything = _density(points)
    candidates: list[tuple[float, int, float, float]] = []
    for number in range(min(len(genres), NO_GENRE)):
        members = points[genre_numbers == number]
        if len(members) < least:
            continue
        density = _density(members)
        # Genres that are everywhere, such as rock, are named where they dominate.
        score = density * density / np.maximum(everything, 1e-9)
        peaks = np.argwhere((score == maximum_filter(score, size=7)) & (density > 1e-3))
        candidates += [(float(score[i, j]), number, *_centre(i, j)) for i, j in peaks]
    labels: list[MapLabelRecord] = []
    counts = np.zeros(len(genres), np.int64)
    for _, number, x, y in sorted(candidates, key=lambda each: (-each[0], each[1:])):
        if len(labels) == MAX_LABELS:
            break
        far = all((x - label["x"]) ** 2 + (y - label["y"]) ** 2 >= _MIN_DISTANCE**2 for label in labels)
        if not far or counts[number] == _MAX_PER_GENRE:
            continue
        inside = ((points - np.array([x, y], np.float32)) ** 2).sum(axis=1) <= _RADIUS**2
        tracks = int((inside & (genre_numbers == number)).sum())
        if tracks >= least and tracks >= _MIN_PURITY * inside.sum():
            counts[number] += 1
            labels.append({"x": round(x, 3), "y": round(y, 3), "text": genres[number], "tracks": tracks})
    return tuple(sorted(labels, key=lambda label: -label["tracks"]))


def _density(points: FloatArray) -> DoubleArray:
    cells = np.clip(((points + 1) * (_SIDE / 2)).astype(np.int64), 0, _SIDE - 1)
    counts = np.bincount(cells[:, 0] * _SIDE + cells[:, 1], minlength=_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    smoothed: DoubleArray = gaussian_filter(counts.astype(np.float64), _SMOOTHING, mode="constant")
    return smoothed


def _centre(row: int, column: int) -> tuple[float, float]:
    return (float(row) + 0.5) * 2 / _SIDE - 1, (float(column) + 0.5) * 2 / _SIDE - 1
