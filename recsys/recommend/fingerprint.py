"""Fingerprints: the stored features of a performance, the same in every file of it.

Harmony and rhythm are used alone: another codec, bit rate, sample rate or gain changes them little, while loudness and
the upper spectrum change much. They are scaled by the reference corpus.

A fingerprint has the features of each window, the bounds of the music that the windows were placed in, and the tempo. A
*key* is a short vector for the whole track: files of one performance have keys at a small Euclidean distance. It is a
linear map, whitened by the differences between files of one performance, that keeps the directions in which these
differ least (``scripts/fit_performances.py``).
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.audio.windows import COUNT, EDGE_MARGIN, SECONDS
from recsys.domain.arrays import DoubleArray, FloatArray, HalfArray, IdArray
from recsys.errors import FeatureMismatch
from recsys.features.scaling import normalise
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION

KEY_FILE = "performances.npz"
_CONTIGUOUS = 1e-3  # seconds between windows
_TOLERANCE = 0.1  # seconds: edges of music are found to 50 ms


def _columns() -> IdArray:
    """Chroma and tonnetz, and rhythm without the tempo and its confidences, which are compared as numbers."""
    left_out = {"tempo_log2", "tempo_confidence", "pulse_clarity"}
    names = [
        i
        for i, dimension in enumerate(DIMENSIONS)
        if (dimension.group == "harmony" and not dimension.name.startswith("key_"))
        or (dimension.group == "rhythm" and dimension.name not in left_out)
    ]
    return np.array(names, np.int64)


COLUMNS = _columns()
"""The dimensions of the feature vector that a fingerprint has."""
N_HARMONY = int((GROUPS["harmony"].stop > COLUMNS).sum())
"""How many of them, from the first on, describe harmony; the rest describe rhythm."""


class Fingerprint(NamedTuple):
    """The performance in one file.

    Attributes
    ----------
    windows : (w, c)
        Scaled harmony and rhythm of each window.
    starts : (w,)
        Their starts in seconds.
    begin, end : float
        The music without leading and trailing silence, in seconds.
    bpm : float
        0 without a pulse.
    """

    windows: FloatArray
    starts: DoubleArray
    begin: float
    end: float
    bpm: float

    @property
    def duration(self) -> float:
        """Seconds of music."""
        return self.end - self.begin

    @property
    def is_contiguous(self) -> bool:
        """Whether the windows follow one another from the start, as in short music, whose end is not known exactly."""
        return bool((np.diff(self.starts) <= SECONDS + _CONTIGUOUS).all()) and len(self.starts) <= COUNT


def fingerprint(windows: HalfArray, starts: Sequence[float], duration: float, bpm: float) -> Fingerprint:
    """The fingerprint of stored features.

    Parameters
    ----------
    windows : (w, D)
        Raw features of each window.
    starts : sequence of float, length w
        Their starts in seconds.
    duration : float
        Length of the file in seconds, with silence.
    bpm : float
        Tempo; 0 without a pulse.
    """
    at = np.array(starts, np.float64)
    return Fingerprint(normalise(windows.astype(np.float32))[:, COLUMNS], at, *music_bounds(at, duration), bpm)


def music_bounds(starts: DoubleArray, duration: float) -> tuple[float, float]:
    """Start and end of the music, from where :func:`recsys.audio.windows.place_windows` put the windows.

    Music of less than ``COUNT`` windows may end in a window that is not full; its end is then not known, and the end
    of the window or of the file is returned.

    Examples
    --------
    >>> from recsys.audio.windows import place_windows
    >>> starts = [start for start, _ in place_windows(2.0, 102.0, count=5, seconds=6.0)]
    >>> [round(bound, 3) for bound in music_bounds(np.array(starts), 110.0)]
    [2.0, 102.0]
    """
    first, last = float(starts[0]), float(starts[-1]) + SECONDS
    step = (last - SECONDS - first) / (len(starts) - 1) if len(starts) > 1 else 0.0
    if len(starts) == COUNT and step > SECONDS + _CONTIGUOUS:
        length = (last - first) / (1 - 2 * EDGE_MARGIN)
        margin = EDGE_MARGIN * length
        # Without margins, the windows reach from end to end, and their steps are short.
        without = COUNT * SECONDS / (1 - 2 * EDGE_MARGIN)
        is_long = step > (without - SECONDS) / (COUNT - 1)
        if is_long or (first >= margin - _TOLERANCE and duration >= last + margin - _TOLERANCE):
            return first - margin, last + margin
        return first, last
    return first, min(max(duration, first + 1.0), last)


@cache
def key_matrix() -> FloatArray:
    """The shipped matrix (c, k) of keys.

    Raises
    ------
    FeatureMismatch
        It was fitted to another feature version.
    """
    with resources.files("recsys.recommend").joinpath("data", KEY_FILE).open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        version, matrix = int(stored["feature_version"]), np.asarray(stored["matrix"], np.float32)
    if version not in (FEATURE_VERSION, *COMPATIBLE_VERSIONS) or len(matrix) != len(COLUMNS):
        raise FeatureMismatch(
            f"{KEY_FILE} was fitted to feature version {version}, not {FEATURE_VERSION}; "
            "fit it again with scripts/fit_performances.py"
        )
    return matrix


def keys_of(normalised: FloatArray) -> FloatArray:
    """Keys (n, k) of normalised features (n, D) of whole tracks.

    Raises
    ------
    FeatureMismatch
        The features have another version or other dimensions.
    """
    if normalised.ndim != 2 or normalised.shape[1] != len(DIMENSIONS):
        raise FeatureMismatch(
            f"normalised features must have shape (n, {len(DIMENSIONS)}), got {normalised.shape}; "
            "analyse the track again"
        )
    keys: FloatArray = normalised[:, COLUMNS] @ key_matrix()
    return keys


def fit_keys(differences: DoubleArray, *, ridge: float = 0.1, dimensions: int = 64) -> DoubleArray:
    """The matrix (c, k) of keys: the directions in which files of one performance differ least, whitened.

    Parameters
    ----------
    differences : (n, c)
        Scaled features of files minus those of another file of the same performance.
    ridge : float
        Added to the variances: differences that are smaller than the accuracy of features are noise.
    dimensions : int
        How many directions to keep.
    """
    covariance = differences.T @ differences / len(differences)
    values, vectors = np.linalg.eigh(covariance + ridge * np.eye(len(covariance)))
    matrix: DoubleArray = (vectors / np.sqrt(values))[:, :dimensions]
    return matrix


def save_keys(path: Path, matrix: DoubleArray) -> None:
    """Write the matrix of keys as plain arrays."""
    np.savez_compressed(path, matrix=matrix.astype(np.float32), feature_version=FEATURE_VERSION)
