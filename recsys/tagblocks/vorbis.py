"""Vorbis comments in FLAC and Ogg files (Vorbis, Opus, Speex, FLAC); names are in lower case."""

from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Fields, read_at, utf8

_COMMENTS = 4  # type of a metadata block of FLAC
_AUDIO = {  # how the first packet of a stream begins, and the bytes before the comments in the second
    b"\x01vorbis": 7,
    b"OpusHead": 8,
    b"Speex   ": 0,
    b"\x7fFLAC": 4,
}
_PAGE = 27  # bytes of the fixed part of its header
_FIRST_PAGE = 2  # flag


def read_flac(file: BinaryIO, start: int) -> list[Fields]:
    """The comment blocks of a FLAC stream; there should be one, and the first counts."""
    found = []
    position = start + 4
    for _ in range(MAX_PARTS):
        head = read_at(file, position, 4)
        if len(head) < 4 or head[0] & 0x7F == 0x7F:
            break
        length = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == _COMMENTS:
            # The count and the lengths in the comments limit them; the length of the block is too short in some files.
            found.append(_read_comments(read_at(file, position + 4, length + MAX_TEXT)))
        if head[0] & 0x80:
            break
        position += 4 + length
    return found


def read_ogg(file: BinaryIO, start: int) -> Fields:
    """The comments of the first audio stream of the first link; other streams, such as video, are skipped."""
    serial, skipped = b"", 0
    data = bytearray()
    position = start
    for _ in range(MAX_PARTS):
        head = read_at(file, position, _PAGE + 255)
        if len(head) < _PAGE or head[:4] != b"OggS":
            break
        lacing = head[_PAGE : _PAGE + head[26]]
        body = position + _PAGE + len(lacing)
        if head[5] & _FIRST_PAGE and not serial:
            magic = read_at(file, body, 8)
            found = [size for beginning, size in _AUDIO.items() if magic.startswith(beginning)]
            if found:
                serial, skipped = head[14:18], found[0]
        elif serial and head[14:18] == serial:
            size, complete = _first_packet(lacing)
            data += read_at(file, body, size)
            if complete or len(data) > MAX_BLOCK:
                break
        position = body + sum(lacing)
    return _read_comments(bytes(data[skipped:]))


def _first_packet(lacing: bytes) -> tuple[int, bool]:
    """Bytes of the first packet in a page, and whether it ends there, which a segment of less than 255 bytes shows."""
    size = 0
    for value in lacing:
        size += value
        if value < 255:
            return size, True
    return size, False


def _read_comments(data: bytes) -> Fields:
    """The name of the program that wrote them, then a count, then each NAME=value with its length before it."""
    fields = Fields()
    position = 4 + int.from_bytes(data[:4], "little")
    count = int.from_bytes(data[position : position + 4], "little")
    position += 4
    for _ in range(min(count, MAX_PARTS)):
        if position + 4 > len(data):
            break
        size = int.from_bytes(data[position : position + 4], "little")
        name, separator, text = data[position + 4 : position + 4 + min(size, MAX_TEXT)].partition(b"=")
        if separator:
            fields.add(name.decode("latin-1").lower(), utf8(text))
        position += 4 + size
    return fields
