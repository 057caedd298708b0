"""Chained Ogg files: logical streams that follow one another, as in recordings of web radio and concatenated files.

All links of a chain are decoded, as one recording with the sample rate and the channels of the first link: a link at
another rate is resampled, and each channel of a link with another number of channels is the mean of its channels.
Streams that run beside one another (video, a skeleton) belong to one link (RFC 3533).
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import BinaryIO

import numpy as np
import soxr

from recsys.audio.downmix import match_channels
from recsys.audio.source import Source
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

_FIRST_PAGES = (b"OggS\0\x02", b"OggS\0\x06")  # first page of a logical stream; the second if it is also the last
_BLOCK = 1 << 20
_MAX_PAGE = 27 + 255 + 255 * 255
_MAX_LINKS = 4096
_MAX_OPEN = 4
_MARGIN = 0.05  # seconds before and after a range that are resampled with it

Open = Callable[[], Source]
"""Opens one link and measures it."""


def ogg_links(file: BinaryIO, begin: int, end: int) -> list[tuple[int, int]]:
    """Start and end in bytes of the links of an Ogg file from ``begin`` to ``end``; one if it is not chained."""
    starts = [begin]
    after = begin  # the end of the first pages that were found last
    for position in _first_pages(file, begin, end):
        if position < after:
            continue
        length = _page_length(file, position)
        if not length:
            continue
        if position > after and position > begin and len(starts) < _MAX_LINKS:
            starts.append(position)
        after = position + length
    return list(zip(starts, [*starts[1:], end], strict=True))


class ChainedSource:
    """Links as one source; see ``recsys.audio.source.Source``. A link that cannot be decoded is left out.

    Raises UnreadableAudio if no link can be decoded.
    """

    def __init__(self, links: Sequence[Open]) -> None:
        self._links: list[Open] = []
        self._open: OrderedDict[int, Source] = OrderedDict()
        lengths: list[int] = []
        first: Source | None = None
        error: UnreadableAudio | None = None
        for link in links:
            try:
                source = link()
            except UnreadableAudio as reason:
                error = error or reason
                continue
            first = first or source
            lengths.append(round(source.n_samples * first.info.sample_rate / source.info.sample_rate))
            self._keep(len(self._links), source)
            self._links.append(link)
        if first is None:
            raise error or UnreadableAudio("no stream")
        self._starts = [0, *accumulate(lengths)]
        self.n_samples = self._starts[-1]
        self.layout = first.layout
        rate = first.info.sample_rate
        self.info = AudioInfo(self.n_samples / rate, rate, first.info.channels, first.info.codec)

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n); fewer at the end."""
        parts = [np.empty((self.info.channels, 0), np.float32)]
        end = min(start + count, self.n_samples)
        for number, begin in enumerate(self._starts[:-1]):
            first, last = max(start, begin), min(end, self._starts[number + 1])
            if first < last:
                y = self._read_link(number, first - begin, last - first)
                parts.append(match_channels(y, self.info.channels))
        return np.concatenate(parts, axis=1)

    def _read_link(self, number: int, start: int, count: int) -> FloatArray:
        """Samples of a link at the rate of the chain; silence where it has fewer than when it was measured."""
        source = self._source(number)
        rate, its_rate = self.info.sample_rate, source.info.sample_rate
        if rate == its_rate:
            y = source.read(start, count)
        else:
            # Both positions are whole samples at the common divisor of the rates, so that blocks join without a jump.
            divisor = math.gcd(rate, its_rate)
            step, its_step = rate // divisor, its_rate // divisor
            first = max(0, start - round(_MARGIN * rate)) // step
            last = -(-(start + count + round(_MARGIN * rate)) // step)
            its_y = source.read(first * its_step, (last - first) * its_step)
            skip = start - first * step
            y = np.ascontiguousarray(soxr.resample(its_y.T, its_rate, rate, quality="HQ").T)[:, skip : skip + count]
        return np.pad(y, ((0, 0), (0, count - y.shape[1])))

    def _source(self, number: int) -> Source:
        if number not in self._open:
            self._keep(number, self._links[number]())
        self._open.move_to_end(number)
        return self._open[number]

    def _keep(self, number: int, source: Source) -> None:
        self._open[number] = source
        if len(self._open) > _MAX_OPEN:
            self._open.popitem(last=False)[1].close()

    def measure(self) -> None:
        """The links are measured."""

    def close(self) -> None:
        """Close all links."""
        while self._open:
            self._open.popitem()[1].close()


def _first_pages(file: BinaryIO, begin: int, end: int) -> list[int]:
    """Offsets, in order, at which the first page of a logical stream may start."""
    found: list[int] = []
    size = len(_FIRST_PAGES[0])
    base, tail = begin, b""
    file.seek(begin)
    while base < end and (block := file.read(min(_BLOCK, end - base))):
        data = tail + block
        for magic in _FIRST_PAGES:
            at = -1
            while (at := data.find(magic, at + 1)) >= 0:
                found.append(base - len(tail) + at)
        base += len(block)
        tail = data[1 - size :]
    return sorted(found)


def _page_length(file: BinaryIO, position: int) -> int:
    """Length in bytes of the page at ``position``; 0 if its checksum is wrong."""
    file.seek(position)
    head = file.read(27)
    lacing = file.read(head[26]) if len(head) == 27 else b""
    body = file.read(sum(lacing))
    page = head[:22] + bytes(4) + head[26:] + lacing + body
    if len(head) < 27 or len(page) != 27 + head[26] + sum(lacing):
        return 0
    checksum = 0
    for byte in page:
        checksum = (checksum << 8 & 0xFFFFFFFF) ^ _CRC[checksum >> 24 ^ byte]
    return len(page) if checksum.to_bytes(4, "little") == head[22:26] else 0


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


_CRC = _crc_table()
