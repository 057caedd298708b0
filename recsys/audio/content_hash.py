"""Audio hash: identifies a recording by its encoded audio data, independent of tags, file name and folder.

Each supported container has a parser that yields the byte ranges of its audio data; these are hashed in order. Parts
that tagging programs rewrite (tag blocks, offsets, page numbers, padding) are excluded; parts that define how the data
is decoded (such as the format chunk of a WAV) are included. If the structure is invalid, all bytes of the file are
hashed; if the container is unknown, the decoded samples are.

=======================  ============================================================================
Container                Hashed bytes
=======================  ============================================================================
MP3, AAC, APE, WavPack   all except ID3v2 tags at the start and APEv2, ID3v1, Lyrics3 at the end
FLAC                     STREAMINFO and the frames
Ogg                      all packets except comments; no page headers
MP4                      the media data (``mdat``)
WAV, AIFF                format and data chunks
ASF (WMA)                the data object
=======================  ============================================================================
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

import numpy as np

from recsys.audio.decode import open_source
from recsys.audio.downmix import downmix
from recsys.audio.files import open_file, printable_name
from recsys.audio.sniff import before_trailers, sniff
from recsys.audio.source import read_finite
from recsys.errors import UnreadableAudio

_BLOCK = 1 << 20
_MAX_PARTS = 100_000  # chunks in one file; a damaged file may seem to have an unlimited number
_FIRST_PAGE = 2  # flag of an Ogg page
_ASF_DATA = b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"

Regions = Iterator[tuple[int, int]]
"""Offset and length in bytes of each range of audio data."""


class _InvalidStructure(Exception):
    """A file does not follow the structure of its container."""


def hash_audio(path: str | os.PathLike[str]) -> str:
    """Audio hash of a file: 32 hexadecimal digits (BLAKE2b, 128 bits).

    Raises UnreadableAudio if the file cannot be opened or read.
    """
    with open_file(path) as file:
        try:
            kind, offset = sniff(file)
            end = file.seek(0, os.SEEK_END)
            parser = _PARSERS.get(kind or "")
            if parser is not None:
                return _hash(file, kind or "", parser(file, offset, end)) or _hash(file, "bytes", iter([(0, end)]))
            return _hash_samples(path) or _hash(file, "bytes", iter([(0, end)]))
        except OSError as error:
            raise UnreadableAudio(f"{printable_name(path)} cannot be read: {error.strerror}") from error


def _hash(file: BinaryIO, kind: str, regions: Regions) -> str:
    """Hash of the byte ranges; the empty string if they have no bytes or the structure is invalid."""
    digest = hashlib.blake2b(kind.encode(), digest_size=16)
    total = 0
    try:
        for start, length in regions:
            file.seek(start)
            while length > 0 and (block := file.read(min(length, _BLOCK))):
                digest.update(block)
                length -= len(block)
                total += len(block)
    except _InvalidStructure:
        return ""
    return digest.hexdigest() if total else ""


def _hash_samples(path: str | os.PathLike[str]) -> str:
    """Hash of the decoded samples; the empty string if the file cannot be decoded."""
    digest = hashlib.blake2b(b"samples", digest_size=16)
    try:
        with open_source(path) as source:
            digest.update(repr((source.info.sample_rate, source.info.channels)).encode())
            step = 10 * source.info.sample_rate
            for start in range(0, source.n_samples, step):
                y = downmix(read_finite(source, start, min(step, source.n_samples - start)))
                digest.update(np.round(y * 2**15).astype("<i4").tobytes())
    except UnreadableAudio:
        return ""
    return digest.hexdigest()


def _whole_range(file: BinaryIO, start: int, end: int) -> Regions:
    """Frames between tags at the start and tags at the end."""
    yield start, before_trailers(file, start, end) - start


def _flac(file: BinaryIO, start: int, end: int) -> Regions:
    position = start + 4
    for _ in range(_MAX_PARTS):
        head = _at(file, position, 4)
        if len(head) < 4 or head[0] & 0x7F == 127:
            raise _InvalidStructure
        length = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == 0:
            yield position + 4, length
        position += 4 + length
        if head[0] & 0x80:
            yield from _whole_range(file, position, end)
            return
    raise _InvalidStructure


def _ogg(file: BinaryIO, start: int, end: int) -> Regions:
    """Packets without the page headers; a packet ends with a segment shorter than 255 bytes."""
    counts: dict[bytes, int] = {}  # completed packets of each logical stream
    position = start
    while position < end:
        head = _at(file, position, 27)
        if len(head) < 27 or head[:4] != b"OggS":
            yield position, end - position  # damaged or truncated: all remaining bytes
            return
        lacing = _at(file, position + 27, head[26])
        body = position + 27 + len(lacing)
        size = sum(lacing)
        serial = head[14:18]
        count = 0 if head[5] & _FIRST_PAGE else counts.get(serial, 0)
        if count > 1:
            yield body, size
        else:
            for length, ends in _packets(lacing):
                yield from _header_packet(file, count, body, length)
                body += length
                count += ends
        counts[serial] = count
        position += 27 + len(lacing) + size


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
    if number == 0 and _at(file, start, 8) == b"OpusHead":
        yield start, 16
        yield start + 18, length - 18
    elif number != 1:
        yield start, length


def _mp4(file: BinaryIO, start: int, end: int) -> Regions:
    position = start
    for _ in range(_MAX_PARTS):
        if position >= end:
            return
        head = _at(file, position, 16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - position
        if len(head) < 8 or size < header:
            raise _InvalidStructure
        if head[4:8] == b"mdat":
            yield position + header, min(size, end - position) - header
        position += size
    raise _InvalidStructure


def _wav(file: BinaryIO, start: int, end: int) -> Regions:
    return _chunks(file, start, end, "little", (b"fmt ", b"data"))


def _aiff(file: BinaryIO, start: int, end: int) -> Regions:
    return _chunks(file, start, end, "big", (b"COMM", b"SSND"))


def _chunks(
    file: BinaryIO, start: int, end: int, order: Literal["little", "big"], wanted: tuple[bytes, ...]
) -> Regions:
    position = start + 12
    long = end  # data length of an RF64 file, whose data chunk has the length 0xFFFFFFFF
    for _ in range(_MAX_PARTS):
        head = _at(file, position, 8)
        if len(head) < 8:
            return
        name, size = head[:4], int.from_bytes(head[4:], order)
        if name == b"ds64":
            long = int.from_bytes(_at(file, position + 16, 8), order)
        elif name == b"data" and size == 0xFFFFFFFF:
            size = long
        if name in wanted:
            yield position + 8, min(size, end - position - 8)
        position += 8 + size + size % 2
    raise _InvalidStructure


def _asf(file: BinaryIO, start: int, end: int) -> Regions:
    position = start
    for _ in range(_MAX_PARTS):
        head = _at(file, position, 24)
        size = int.from_bytes(head[16:24], "little")
        if head[:16] == _ASF_DATA:
            yield position + 24, min(size, end - position) - 24
            return
        if len(head) < 24 or size < 24:
            break
        position += size
    raise _InvalidStructure


def _at(file: BinaryIO, position: int, length: int) -> bytes:
    if not 0 <= position < os.fstat(file.fileno()).st_size:  # offsets computed from length fields may be out of range
        return b""
    file.seek(position)
    return file.read(length)


_PARSERS: dict[str, Callable[[BinaryIO, int, int], Regions]] = {
    "mp3": _whole_range,
    "aac": _whole_range,
    "ape": _whole_range,
    "wavpack": _whole_range,
    "tta": _whole_range,
    "musepack": _whole_range,
    "flac": _flac,
    "ogg": _ogg,
    "opus": _ogg,
    "mp4": _mp4,
    "wav": _wav,
    "aiff": _aiff,
    "asf": _asf,
}
