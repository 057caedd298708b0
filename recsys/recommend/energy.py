"""How much a track drives, and how a list rises and falls.

The energy of a track is a number in [0, 1], about the share of the reference corpus that has less. It joins what
listeners go by when they say how aroused music is (Schubert 2004, "Modeling perceived emotion with continuous musical
features"): loudness, events a second, brightness and tempo, in equal parts. All are compared with the frozen
reference, so that energies of two libraries compare. ``benchmarks/sequence.py`` holds them against tracks that were
made to be calm, tender, nostalgic, happy or energetic, and against what MusiCNN's tags say.
"""

from typing import Literal, TypeAlias, get_args

import numpy as np

from recsys.features.layout import index_of
from recsys.types import DoubleArray, FloatArray

Shape: TypeAlias = Literal["rising", "falling", "arc", "flat"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

_DRIVES = ("loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2")
_SPREAD = 2.5  # deviation of their sum in the reference corpus: they come together


def energies(normalised: FloatArray) -> DoubleArray:
    """Energy (n,) of tracks from their normalised features (n, D), in [0, 1].

    Examples
    --------
    >>> energies(np.zeros((1, len(DIMENSIONS)), np.float32))  # an average track
    array([0.5])
    """
    drive = normalised[:, [index_of(name) for name in _DRIVES]].sum(axis=1, dtype=np.float64) / _SPREAD
    share: DoubleArray = 1 / (1 + np.exp(-1.702 * drive))  # within 0.01 of the normal distribution
    return share


def wanted(energy: DoubleArray, shape: Shape) -> DoubleArray:
    """The energy (n,) at each position of a list of tracks with these energies (n,) that has a shape.

    It is what the tracks themselves have, sorted: "rising", "falling", or "arc", which rises to the middle and falls.

    Examples
    --------
    >>> wanted(np.array([0.1, 0.5, 0.2, 0.9]), "arc")
    array([0.1, 0.5, 0.9, 0.2])
    """
    rising = np.sort(energy)
    if shape == "rising":
        return rising
    if shape == "falling":
        return rising[::-1]
    return np.concatenate([rising[::2], rising[1::2][::-1]])
