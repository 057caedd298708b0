"""A *source*: an open audio file, of which ranges of samples are read by seeking."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo

_MAX_AMPLITUDE = 32.0  # full scale is 1; float files may exceed it, but 30 dB above it is damage


class Source(Protocol):
    """An open file. Positions are samples at the sample rate of the file; ``read`` returns fewer at its end."""

    info: AudioInfo
    n_samples: int
    layout: tuple[str, ...]
    """Names of the channels in order, in the abbreviations of FFmpeg: FL, FR, FC, LFE, BL, SL …"""

    def read(self, start: int, count: int) -> FloatArray:
        """Samples (channels, n) from ``start`` to ``start + count``."""

    def measure(self) -> None:
        """Set ``n_samples`` and the duration to what can be decoded, where the header of the file differs from it."""

    def close(self) -> None:
        """Close the file."""


def read_finite(source: Source, start: int, count: int) -> FloatArray:
    """``source.read`` with NaN and infinities replaced by 0, and clipped to ±32 times full scale."""
    channels = source.read(max(0, start), count)
    loudest = max(channels.max(initial=0), -channels.min(initial=0))
    if loudest <= _MAX_AMPLITUDE:  # false for NaN
        return channels
    return np.clip(np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0), -_MAX_AMPLITUDE, _MAX_AMPLITUDE)


def block_size(source: Source) -> int:
    """Samples in 100 ms, the resolution at which the end of a file is searched."""
    return max(1, source.info.sample_rate // 10)


def has_end(source: Source) -> bool:
    """Whether the last samples that the header announces can be read."""
    n = source.n_samples
    block = min(n, block_size(source))
    return bool(source.read(n - block, block).shape[1] > block // 2)


def find_end(source: Source) -> int:
    """Number of samples that can be decoded, by bisection: the last that the header announces cannot."""
    block = block_size(source)
    low, high = 0, source.n_samples
    while high - low > block:
        middle = (low + high) // 2
        if source.read(middle, block).shape[1] > block // 2:
            low = middle
        else:
            high = middle
    while n := source.read(low, block).shape[1]:
        low += n
    return low


def resize(source: Source, n_samples: int) -> None:
    """Set the number of samples of a source, and its duration."""
    source.n_samples = n_samples
    source.info = replace(source.info, duration=n_samples / max(1, source.info.sample_rate))
