"""The waveform of a file in few numbers: the largest absolute sample of each of equal stretches of time.

A file of up to twenty minutes is decoded once from its start to its end. Of a longer one only the start of each stretch
is decoded, as much as makes twenty minutes together, so that no file takes longer than that.
"""

import os

import numpy as np
import numpy.typing as npt

from recsys.audio.decode import open_source
from recsys.audio.source import Source, read_finite
from recsys.domain.arrays import FloatArray

STRETCHES = 2000
_MAX_SECONDS = 1200
_BLOCK = 50  # stretches that are decoded at once

Peaks = npt.NDArray[np.uint8]


def read_peaks(path: str | os.PathLike[str]) -> Peaks:
    """Peaks (n,), n at most 2000, in 1/255 of full scale, rounded up; what is beyond full scale is 255.

    Raises UnreadableAudio if the file cannot be decoded.
    """
    with open_source(path) as source:
        n = min(STRETCHES, source.n_samples)
        edges = np.linspace(0, source.n_samples, n + 1).astype(np.int64)
        if source.info.duration <= _MAX_SECONDS:
            peaks = np.concatenate([_block(source, edges[i : i + _BLOCK + 1]) for i in range(0, n, _BLOCK)])
        else:
            size = max(1, _MAX_SECONDS * source.info.sample_rate // n)
            peaks = np.array([_amplitudes(source, int(start), size).max(initial=0) for start in edges[:-1]])
    return np.asarray(np.ceil(np.minimum(peaks, 1) * 255), np.uint8)


def pool_peaks(peaks: Peaks, n: int) -> FloatArray:
    """Peaks as ``n`` numbers from 0 to 1, each the largest of its stretch.

    >>> pool_peaks(np.array([0, 51, 255, 0], np.uint8), 2).tolist()
    [0.20000000298023224, 1.0]
    """
    starts = np.arange(n) * peaks.size // n
    pooled = np.maximum.reduceat(peaks, starts)
    return (pooled / np.float32(255)).astype(np.float32)


def _block(source: Source, edges: npt.NDArray[np.int64]) -> FloatArray:
    """The peaks of adjacent stretches."""
    y = _amplitudes(source, int(edges[0]), int(edges[-1] - edges[0]))
    if y.size == 0:
        return np.zeros(edges.size - 1, np.float32)
    return np.maximum.reduceat(y, np.minimum(edges[:-1] - edges[0], y.size - 1))


def _amplitudes(source: Source, start: int, count: int) -> FloatArray:
    """The largest absolute value of all channels, (n,)."""
    y = read_finite(source, start, count)
    return np.asarray(np.abs(y).max(axis=0, initial=0))
