"""The byte ranges of the audio data in each container, without what tagging programs rewrite.

A parser takes an open file and the range of bytes in which the container is, and yields the offset and length of each
range of audio data. Parts that define how the data is decoded (the format chunk of a WAV) are among them; tag blocks,
offsets, page numbers and padding are not.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple

from recsys.audio.sniff import before_trailers

_MAX_PARTS = 100_000  # chunks in one file; a damaged file may seem to have an unlimited number
_CONTINUED, _FIRST_PAGE = 1, 2  # flags of an Ogg page
_ASF_DATA = b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
_W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"  # of the GUIDs of chunks, after four letters

Regions = Iterator[tuple[int, int] | bytes]
"""Offset and length in bytes of each range of audio data; or bytes that represent a property of the audio."""


class InvalidStructure(Exception):
    """A file does not follow the structure of its container."""


def whole_range(file: BinaryIO, start: int, end: int) -> Regions:
    """Frames between tags at the start and tags at the end."""
    yield start, before_trailers(file, start, end) - start


def flac(file: BinaryIO, start: int, end: int) -> Regions:
    """STREAMINFO and the frames."""
    position = start + 4
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 4)
        if len(head) < 4 or head[0] & 0x7F == 127:
            raise InvalidStructure
        length = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == 0:
            yield position + 4, length
        position += 4 + length
        if head[0] & 0x80:
            yield from whole_range(file, position, end)
            return
    raise InvalidStructure


class _Page(NamedTuple):
    """A page of an Ogg file; without a serial number the bytes after damage."""

    serial: bytes
    is_first: bool
    is_continued: bool
    lacing: bytes
    start: int
    size: int


def _pages(file: BinaryIO, start: int, end: int) -> Iterator[_Page]:
    position = start
    while position < end:
        head = read_at(file, position, 27)
        if len(head) < 27 or head[:4] != b"OggS":
            yield _Page(b"", False, False, b"", position, end - position)
            return
        lacing = read_at(file, position + 27, head[26])
        body, size = position + 27 + len(lacing), sum(lacing)
        yield _Page(head[14:18], bool(head[5] & _FIRST_PAGE), bool(head[5] & _CONTINUED), lacing, body, size)
        position = body + size


def ogg(file: BinaryIO, start: int, end: int) -> Regions:
    """Packets without the page headers; a packet ends with a segment shorter than 255 bytes."""
    counts: dict[bytes, int] = {}  # completed packets of each logical stream
    for page in _pages(file, start, end):
        count = 0 if page.is_first else counts.get(page.serial, 0)
        if count > 1 or not page.serial:
            yield page.start, page.size
        else:
            body = page.start
            for length, ends in _packets(page.lacing):
                yield from _header_packet(file, count, body, length)
                body += length
                count += ends
        counts[page.serial] = count


def ogg_flac(file: BinaryIO, start: int, end: int) -> Regions:
    """The first packet, which has STREAMINFO, and the frames; between them are comments and pictures."""
    in_header: dict[bytes, bool] = {}
    for page in _pages(file, start, end):
        if page.is_first:
            in_header[page.serial] = True
            yield page.start, 7
            yield page.start + 9, page.size - 9  # without the number of comments and pictures
            continue
        # The frames begin on a page of their own, and each begins with the sync code.
        if in_header.get(page.serial) and not page.is_continued and read_at(file, page.start, 1) == b"\xff":
            in_header[page.serial] = False
        if not in_header.get(page.serial):
            yield page.start, page.size


def _packets(lacing: bytes) -> Iterator[tuple[int, bool]]:
    """Length of each packet, or part of one, in a page, and whether it ends in that page."""
    size = 0
    for value in lacing:
        size += value
        if value < 255:
            yield size, True
            size = 0
    if size:
        yield size, False


def _header_packet(file: BinaryIO, number: int, start: int, length: int) -> Regions:
    """Hashed ranges of a header packet: all except the comments (packet 1) and the gain in an Opus head (packet 0)."""
    if number == 0 and read_at(file, start, 8) == b"OpusHead":
        yield start, 16
        yield start + 18, length - 18
    elif number != 1:
        yield start, length


def mp4(file: BinaryIO, start: int, end: int) -> Regions:
    """The media data."""
    position = start
    for _ in range(_MAX_PARTS):
        if position >= end:
            return
        head = read_at(file, position, 16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - position
        if len(head) < 8 or size < header:
            raise InvalidStructure
        if head[4:8] == b"mdat":
            yield position + header, min(size, end - position) - header
        position += size
    raise InvalidStructure


def wav(file: BinaryIO, start: int, end: int) -> Regions:
    """The format and data chunks."""
    return _chunks(file, start, end, "little", (b"fmt ", b"data"))


def aiff(file: BinaryIO, start: int, end: int) -> Regions:
    """The common and sound data chunks."""
    return _chunks(file, start, end, "big", (b"COMM", b"SSND"))


def _chunks(
    file: BinaryIO, start: int, end: int, order: Literal["little", "big"], wanted: tuple[bytes, ...]
) -> Regions:
    position = start + 12
    long = end  # data length of an RF64 file, whose data chunk has the length 0xFFFFFFFF
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 8)
        if len(head) < 8:
            return
        name, size = head[:4], int.from_bytes(head[4:], order)
        if name == b"ds64":
            long = int.from_bytes(read_at(file, position + 16, 8), order)
        elif name == b"data" and size == 0xFFFFFFFF:
            size = long
        if name in wanted:
            yield position + 8, min(size, end - position - 8)
        position += 8 + size + size % 2
    raise InvalidStructure


def asf(file: BinaryIO, start: int, end: int) -> Regions:
    """The data object."""
    position = start
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 24)
        size = int.from_bytes(head[16:24], "little")
        if head[:16] == _ASF_DATA:
            yield position + 24, min(size, end - position) - 24
            return
        if len(head) < 24 or size < 24:
            break
        position += size
    raise InvalidStructure


def caf(file: BinaryIO, start: int, end: int) -> Regions:
    """The description and the data, without its count of edits."""
    position, has_data = start + 8, False
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 12)
        if len(head) < 12:
            break
        name, size = head[:4], int.from_bytes(head[4:], "big", signed=True)
        position += 12
        if size == -1:  # up to the end of the file
            size = end - position
        if size < 0:
            raise InvalidStructure
        if name == b"desc":
            yield position, size
        elif name == b"data":
            has_data = True
            yield position + 4, min(size, end - position) - 4
        position += size
    if not has_data:
        raise InvalidStructure


def au(file: BinaryIO, start: int, end: int) -> Regions:
    """Encoding, sample rate and channels, and the data, without the annotation between them."""
    head = read_at(file, start, 24)
    order: Literal["little", "big"] = "little" if head[:4] == b"dns." else "big"
    offset, size = int.from_bytes(head[4:8], order), int.from_bytes(head[8:12], order)
    if len(head) < 24 or not 24 <= offset <= end - start:
        raise InvalidStructure
    rest = end - start - offset
    yield start + 12, 12
    yield start + offset, min(size, rest) if size else rest  # without a size: 0xFFFFFFFF, or 0


def w64(file: BinaryIO, start: int, end: int) -> Regions:
    """The format and data chunks."""
    position, has_data = start + 40, False
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 24)
        if len(head) < 24:
            break
        size = int.from_bytes(head[16:], "little")
        if size < 24:  # never written: the data goes up to the end
            size = end - position
        if head[4:16] == _W64_TAIL and head[:4] in (b"fmt ", b"data"):
            has_data |= head[:4] == b"data"
            yield position + 24, min(size, end - position) - 24
        position += size + -size % 8
    if not has_data:
        raise InvalidStructure


def dsf(file: BinaryIO, start: int, end: int) -> Regions:
    """The format and data chunks; a tag may follow them."""
    position = start + 28
    for name in (b"fmt ", b"data"):
        head = read_at(file, position, 12)
        size = int.from_bytes(head[4:], "little")
        if head[:4] != name or size < 12:
            raise InvalidStructure
        yield position + 12, min(size, end - position) - 12
        position += size


def dff(file: BinaryIO, start: int, end: int) -> Regions:
    """The properties and the data, without comments and titles."""
    position, has_data = start + 16, False
    for _ in range(_MAX_PARTS):
        head = read_at(file, position, 12)
        if len(head) < 12:
            break
        size = int.from_bytes(head[4:], "big")
        if head[:4] in (b"PROP", b"DSD ", b"DST "):
            has_data |= head[:4] != b"PROP"
            yield position + 12, min(size, end - position - 12)
        position += 12 + size + size % 2
    if not has_data:
        raise InvalidStructure


def atrac(file: BinaryIO, start: int, end: int) -> Regions:
    """All after the tag at the start, which has the form of ID3v2 with the letters "ea3"."""
    head = read_at(file, start, 10)
    if head[:3] == b"ea3" and len(head) == 10:
        start += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
    yield from whole_range(file, start, end)


def read_at(file: BinaryIO, position: int, length: int) -> bytes:
    """Up to ``length`` bytes; none at a position outside of the file."""
    if not 0 <= position < os.fstat(file.fileno()).st_size:  # offsets computed from length fields may be out of range
        return b""
    file.seek(position)
    return file.read(length)
