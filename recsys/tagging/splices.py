"""Changes of a file as splices: ranges of bytes that are replaced by other bytes.

Whatever no splice covers stays byte for byte. The inverse of a change is a list of splices of the changed file, has
about as many bytes as the change itself, and restores the file exactly.
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, NamedTuple

_BLOCK = 1 << 20
_ENCODING = b"\x01"  # first byte of encoded splices
_HEAD = struct.Struct(">QQQ")  # bytes since the previous splice, replaced bytes, new bytes


class Splice(NamedTuple):
    """The bytes from ``start`` to ``end`` of a file are replaced by ``data``; they may be none."""

    start: int
    end: int
    data: bytes

    @property
    def growth(self) -> int:
        """By how many bytes the file grows; negative where it becomes shorter."""
        return len(self.data) - (self.end - self.start)


def growth(splices: Iterable[Splice]) -> int:
    """By how many bytes a file grows."""
    return sum(splice.growth for splice in splices)


def in_order(splices: Iterable[Splice]) -> list[Splice]:
    """Splices in the order of the file, adjacent ones joined.

    Raises
    ------
    ValueError
        Two splices overlap.
    """
    ordered: list[Splice] = []
    for splice in sorted(splices, key=lambda splice: splice[:2]):  # stable: insertions at one place keep their order
        if ordered and splice.start <= ordered[-1].end:
            last = ordered[-1]
            if splice.start < last.end:
                raise ValueError("two changes of a file overlap")
            ordered[-1] = Splice(last.start, splice.end, last.data + splice.data)
        else:
            ordered.append(splice)
    return ordered


def apply_to_bytes(data: bytes, splices: Iterable[Splice], offset: int = 0) -> bytes:
    """Bytes after splices whose positions are those of a file that has ``data`` at ``offset``."""
    parts, position = [], 0
    for splice in in_order(splices):
        parts += [data[position : splice.start - offset], splice.data]
        position = splice.end - offset
    return b"".join((*parts, data[position:]))


def apply_splices(source: BinaryIO, write: Callable[[bytes], object], splices: Sequence[Splice]) -> None:
    """Write ``source`` with splices, which are in order."""
    position = 0
    for start, end, data in splices:
        _copy(source, write, position, start)
        write(data)
        position = end
    _copy(source, write, position, source.seek(0, os.SEEK_END))


def _copy(source: BinaryIO, write: Callable[[bytes], object], start: int, end: int) -> None:
    source.seek(start)
    while start < end and (block := source.read(min(end - start, _BLOCK))):
        write(block)
        start += len(block)


def inverse(source: BinaryIO, splices: Sequence[Splice]) -> list[Splice]:
    """Splices of the changed file that restore ``source``; ``splices`` are in order."""
    restoring, shift = [], 0
    for start, end, data in splices:
        source.seek(start)
        restoring.append(Splice(start + shift, start + shift + len(data), source.read(end - start)))
        shift += len(data) - (end - start)
    return restoring


def encode_splices(splices: Sequence[Splice]) -> bytes:
    """Splices in order as bytes to store."""
    heads, position = [], 0
    for start, end, data in splices:
        heads.append(_HEAD.pack(start - position, end - start, len(data)))
        position = end
    count = struct.pack(">Q", len(splices))
    return _ENCODING + zlib.compress(b"".join((count, *heads, *(splice.data for splice in splices))), 9)


def decode_splices(encoded: bytes) -> list[Splice]:
    """What :func:`encode_splices` has encoded.

    Raises
    ------
    ValueError
        The bytes have another encoding.
    """
    if encoded[:1] != _ENCODING:
        raise ValueError("unknown encoding of splices")
    try:
        raw = zlib.decompress(encoded[1:])
        (count,) = struct.unpack_from(">Q", raw)
        splices, position, data = [], 0, 8 + count * _HEAD.size
        for number in range(count):
            gap, replaced, length = _HEAD.unpack_from(raw, 8 + number * _HEAD.size)
            start = position + gap
            splices.append(Splice(start, position := start + replaced, raw[data : data + length]))
            data += length
    except (zlib.error, struct.error) as error:
        raise ValueError(f"damaged splices ({error})") from error
    return splices
