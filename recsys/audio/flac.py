"""The number of samples of a FLAC file by its last frame, where its header may be wrong.

The header (STREAMINFO) declares the number of samples. It is wrong in files that were joined, or cut off while they
were written. Every frame has its own number, so that the last one gives the number of samples (RFC 9639).
"""

from typing import BinaryIO

_TAIL = 1 << 17  # bytes; a frame of 8 channels and 65,535 samples may be longer, and is not found
_BLOCK_SIZES = {1: 192, **{code: 576 << code - 2 for code in range(2, 6)}, **{n: 256 << n - 8 for n in range(8, 16)}}


def count_flac_samples(file: BinaryIO, begin: int, end: int) -> int:
    """Number of samples up to the end of the last frame of a FLAC stream; 0 if it is not found."""
    file.seek(begin)
    head = file.read(42)
    if len(head) < 42 or head[:4] != b"fLaC" or head[4] & 0x7F != 0:
        return 0
    fixed = int.from_bytes(head[8:10], "big")
    start = max(begin + 42, end - _TAIL)
    file.seek(start)
    tail = file.read(end - start)
    position = len(tail)
    while (position := tail.rfind(b"\xff", 0, position)) >= 0:
        if found := _frame(tail[position : position + 16], fixed):
            return found
    return 0


def _frame(head: bytes, fixed: int) -> int:
    """Number of the sample after a frame, by its header; 0 if it is not a valid header."""
    if len(head) < 6 or head[1] & 0xFE != 0xF8 or head[2] >> 4 == 0 or head[3] & 1:
        return 0
    size_code, rate_code = head[2] >> 4, head[2] & 15
    number, position = _coded_number(head)
    size = _BLOCK_SIZES.get(size_code, 0)
    if size_code in (6, 7):
        width = size_code - 5
        size = int.from_bytes(head[position : position + width], "big") + 1
        position += width
    position += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if not size or position >= len(head) or _crc8(head[:position]) != head[position]:
        return 0
    return (number if head[1] & 1 else number * fixed) + size


def _coded_number(head: bytes) -> tuple[int, int]:
    """The number of a frame or sample, in the coding of UTF-8 with up to 7 bytes, and the position after it."""
    first = head[4]
    if first < 0x80:
        return first, 5
    length = 8 - (first ^ 0xFF).bit_length()
    value = first & (0x7F >> length)
    for byte in head[5 : 4 + length]:
        value = value << 6 | byte & 0x3F
    return value, 4 + length


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (0x07 if value & 0x80 else 0)) & 0xFF
    return value
