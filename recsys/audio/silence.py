"""Where the music of a file begins and ends, without the silence around it.

Silence is what stays ``TOP_DB`` below the loudest stretch heard, or below ``FLOOR_DB`` re full scale, by the
RMS of stretches of 50 ms over all channels. Blocks of one second are read from both ends inwards. Work is bounded: when
``EDGE_BLOCKS`` blocks from an end are all silent, the music is looked for at ``PROBES`` places spread over the file
and its edge found by bisection, so an hour of silence costs no more than a minute of it.
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
"""Samples (c, n) from a time on, for a number of seconds; fewer at the end of the file."""


def non_silent_interval(read: Reader, duration: float, sr: int) -> tuple[float, float] | None:
    """Start and end in seconds of the music in a file of ``duration`` seconds; None where all is silent."""
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
    """RMS of each stretch of 50 ms of samples (n,) or (c, n), the last one as long as samples are left; (0,) for none.

    The energy is that of the mean channel: channels that cancel each other in a mix are as loud as they are apart.
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
    """The first loud block in the order given, found in at most ``EDGE_BLOCKS + PROBES`` and a few looks."""
    for block in blocks[:EDGE_BLOCKS]:
        if loud(block):
            return block
    rest = blocks[EDGE_BLOCKS:]
    if not rest:
        return None
    places = sorted({round(i * (len(rest) - 1) / (PROBES - 1)) for i in range(PROBES)})
    found = next((place for place in places if loud(rest[place])), None)
    if found is None:
        return None
    silent = max((place for place in places if place < found), default=-1)
    while found - silent > 1:
        middle = (silent + found) // 2
        if loud(rest[middle]):
            found = middle
        else:
            silent = middle
    return rest[found]
