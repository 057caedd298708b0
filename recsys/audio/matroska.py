"""The audio frames of a Matroska or WebM file, for the audio hash.

A file is a tree of elements, each with an id, a size and data (RFC 8794, RFC 9559). The frames are in blocks, with a
few bytes of header and, if a block has several frames, their sizes; these and the clusters around them are written anew
when a file is remultiplexed, and the frames are not. Of the tracks only what defines the samples is used: codec, sample
rate and channels. Tags, attachments (covers), chapters and indexes are not.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from recsys.audio.regions import InvalidStructure, Regions, read_at

_OPENED = {0x18538067, 0x1F43B675, 0xA0}
"""Segment, cluster and group of blocks, whose elements are read as if they stood outside of them."""
_TRACKS, _TRACK = 0x1654AE6B, 0xAE
_BLOCKS = {0xA3, 0xA1}
_NUMBER, _TYPE, _CODEC, _AUDIO, _RATE, _CHANNELS, _DEPTH = 0xD7, 0x83, 0x86, 0xE1, 0xB5, 0x9F, 0x6264
_AUDIO_TYPE = b"\x02"
_MAX_TRACKS = 1 << 20  # bytes of the element that describes the tracks
_HEAD = 64  # bytes: id and size of an element, and the header of a block with one frame
_MAX_LACING = 1 << 16  # bytes: the sizes of 256 frames
_XIPH, _FIXED, _EBML = 1, 2, 3  # how the sizes of the frames of a block are written


def matroska(file: BinaryIO, start: int, end: int) -> Regions:
    """Properties of the audio tracks, and their frames; all bytes after damage."""
    numbers: set[int] = set()
    position = start
    while position < end:
        head = read_at(file, position, _HEAD)
        try:
            name, size, data = _element(head)
            number, after = _number(head, data) if name in _BLOCKS else (0, 0)
        except ValueError:
            yield position, end - position
            return
        if name in _OPENED:
            position += data
            continue
        if size is None:
            raise InvalidStructure
        if name == _TRACKS:
            for track, properties in _audio_tracks(read_at(file, position + data, min(size, _MAX_TRACKS))):
                numbers.add(track)
                yield properties
        elif number in numbers:
            header = _block_header(file, position + data, head[data:], after - data)
            yield position + data + header, min(size, end - position - data) - header
        position += data + size


def _element(head: bytes, at: int = 0) -> tuple[int, int | None, int]:
    """Id and size of an element, None if it is unknown, and the position of its data. Raises ValueError."""
    if at >= len(head) or not 1 <= (length := 9 - head[at].bit_length()) <= 4:
        raise ValueError
    name = int.from_bytes(head[at : at + length], "big")
    size, after = _number(head, at + length)
    unknown = size == (1 << 7 * (after - at - length)) - 1
    return name, None if unknown else size, after


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and the position after it. Raises ValueError."""
    if at >= len(data) or not data[at]:
        raise ValueError
    length = 9 - data[at].bit_length()
    if at + length > len(data):
        raise ValueError
    value = int.from_bytes(data[at : at + length], "big")
    return value & (1 << 7 * length) - 1, at + length


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Id and data of each element; what is damaged is left out."""
    position = 0
    while position < len(data):
        try:
            name, size, begin = _element(data, position)
        except ValueError:
            return
        if size is None:
            return
        yield name, data[begin : begin + size]
        position = begin + size


def _audio_tracks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and properties of each audio track."""
    for name, track in _elements(data):
        fields = dict(_elements(track)) if name == _TRACK else {}
        if fields.get(_TYPE, b"").lstrip(b"\0") != _AUDIO_TYPE:
            continue
        audio = dict(_elements(fields.get(_AUDIO, b"")))
        codec = fields.get(_CODEC, b"").rstrip(b"\0")
        depth = int.from_bytes(audio.get(_DEPTH, b""), "big") if codec.startswith(b"A_PCM") else 0
        channels = int.from_bytes(audio.get(_CHANNELS, b"\1"), "big")
        properties = repr((codec, _float(audio.get(_RATE, b"")), channels, depth))
        yield int.from_bytes(fields.get(_NUMBER, b""), "big"), properties.encode()


def _float(data: bytes) -> float:
    """A sample rate, which may be written with 4 or 8 bytes."""
    if len(data) not in (4, 8):
        return 8000.0  # the default
    value: float = struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    return value


def _block_header(file: BinaryIO, start: int, head: bytes, after_number: int) -> int:
    """Length of the header of a block at ``start`` with the first bytes ``head``."""
    position = after_number + 3  # after the time and the flags
    lacing = head[position - 1] >> 1 & 3 if position <= len(head) else 0
    if not lacing:
        return position
    data = read_at(file, start, _MAX_LACING)
    if position >= len(data):
        return position
    frames = data[position] + 1
    position += 1
    try:
        if lacing == _XIPH:
            for _ in range(frames - 1):
                while data[position] == 255:
                    position += 1
                position += 1
        elif lacing == _EBML:
            for _ in range(frames - 1):
                _, position = _number(data, position)
    except (IndexError, ValueError):
        raise InvalidStructure from None
    return position
