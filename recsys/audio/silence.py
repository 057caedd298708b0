"""Leading and trailing silence: the interval of a file that contains its music.

A frame of 50 ms is silent if its RMS over all channels is ``TOP_DB`` below that of the loudest frame of the first,
middle and last block, or below ``FLOOR_DB`` re full scale. Blocks of one second are read from both ends inwards. The
number of blocks is bounded: if ``EDGE_BLOCKS`` blocks from an end are all silent, ``PROBES`` blocks spread over the
file are read, and the edge is found by bisection, so an hour of silence costs no more than a minute of it.
"""

from collections.abc import Callable

import numpy as np

from recsys.domain.arrays import FloatArray

TOP_DB = 60.0
FLOOR_DB = -80.0
BLOCK = 1.0
FRAME_SECONDS = 0.05
EDGE_BLOCKS = 8
PROBES = 48

Reader = Callable[[float, float], FloatArray]
"""Function of start and length in seconds that returns samples (c, n); fewer at the end of the file."""


def non_silent_interval(read: Reader, duration: float, sr: int) -> tuple[float, float] | None:
    """Interval of a file without leading and trailing silence.

    Parameters
    ----------
    read : callable
        Reads samples (c, n) at ``sr`` Hz.
    duration : float
        Length of the file in seconds.
    sr : int
        Sample rate in Hz.

    Returns
    -------
    tuple of float or None
        Start and end in seconds, to 50 ms; None if all blocks that were read are silent.

    Examples
    --------
    >>> y = np.concatenate([np.zeros(2000), np.ones(3000), np.zeros(1000)]).astype(np.float32)[None]
    >>> def read(start, seconds):
    ...     return y[:, round(1000 * start) : round(1000 * (start + seconds))]
    >>> non_silent_interval(read, duration=6.0, sr=1000)
    (2.0, 5.0)
    """
    blocks = max(1, int(np.ceil(duration / BLOCK - 1e-6)))
    levels: dict[int, FloatArray] = {}

    def level(block: int) -> FloatArray:
        if block not in levels:
            levels[block] = frame_rms(read(block * BLOCK, BLOCK), sr)
        return levels[block]

    loudest = max(float(level(block).max(initial=0)) for block in {0, blocks // 2, blocks - 1})
    threshold = max(loudest * 10 ** (-TOP_DB / 20), 10 ** (FLOOR_DB / 20))

    def loud(block: int) -> bool:
        return bool((level(block) >= threshold).any())

    first = _first_loud(loud, range(blocks))
    last = _first_loud(loud, range(blocks - 1, -1, -1))
    if first is None or last is None or last < first:
        return None
    begins = np.flatnonzero(level(first) >= threshold)
    ends = np.flatnonzero(level(last) >= threshold)
    start = first * BLOCK + float(begins[0]) * FRAME_SECONDS
    return start, min(duration, last * BLOCK + float(ends[-1] + 1) * FRAME_SECONDS)


def frame_rms(y: FloatArray, sr: int) -> FloatArray:
    """RMS (f,) of the frames of 50 ms of samples (n,) or (c, n); the last frame may be shorter.

    The mean square is averaged over the channels, so that channels that cancel each other in a mix are not silent.

    >>> frame_rms(np.array([0.5] * 50 + [-1.0] * 20, np.float32), 1000)
    array([0.5, 1. ], dtype=float32)
    """
    channels = np.atleast_2d(y)
    power = np.einsum("ij,ij->j", channels, channels) / np.float32(len(channels))
    size = max(1, round(FRAME_SECONDS * sr))
    starts = np.arange(0, power.size, size)
    if not starts.size:
        return np.empty(0, np.float32)
    sums = np.add.reduceat(power, starts, dtype=np.float64)
    lengths = np.diff(np.append(starts, power.size))
    return np.sqrt(sums / lengths).astype(np.float32)


def _first_loud(loud: Callable[[int], bool], blocks: range) -> int | None:
    """The first loud block in the given order, found by at most ``EDGE_BLOCKS + PROBES`` reads and a bisection."""
    for block in blocks[:EDGE_BLOCKS]:
        if loud(block):
            return block
    rest = blocks[EDGE_BLOCKS:]
    if not rest:
        return None
    probes = sorted({round(i * (len(rest) - 1) / (PROBES - 1)) for i in range(PROBES)})
    found = next((probe for probe in probes if loud(rest[probe])), None)
    if found is None:
        return None
    silent = max((probe for probe in probes if probe < found), default=-1)
    while found - silent > 1:
        middle = (silent + found) // 2
        if loud(rest[middle]):
            found = middle
        else:
            silent = middle
    return rest[found]
