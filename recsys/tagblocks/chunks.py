"""Text in the chunks of WAV, AIFF, CAF, DSF and DSDIFF files, and in the header of AU files.

Names are those of the chunks ("INAM", "NAME"); in CAF and AU files the names of the entries, in lower case.
"""

from collections.abc import Iterator
from typing import BinaryIO, Literal

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Block, Fields, Kind, read_at, utf8
from recsys.tagblocks.id3v2 import read_id3v2

Order = Literal["little", "big"]
_UNKNOWN_SIZE = 0xFFFFFFFF
_BEXT_DATE = 320  # offset of the date in the chunk of the European Broadcasting Union
_AIFF_TEXTS = (b"NAME", b"AUTH", b"ANNO", b"(c) ")
_DIIN_TEXTS = (b"DIAR", b"DITI")


def read_wav(file: BinaryIO, start: int) -> list[Block]:
    """ID3, LIST INFO and bext, in this order."""
    blocks = []
    for name, position, size in _chunks(file, start + 12, "little"):
        if name.upper() == b"ID3 ":
            blocks.append(Block(Kind.ID3V2, read_id3v2(file, position)))
        elif name == b"LIST" and read_at(file, position, 4) == b"INFO":
            blocks.append(Block(Kind.INFO, _read_info(read_at(file, position + 4, size - 4))))
        elif name == b"bext":
            fields = Fields()
            fields.add("date", _text(read_at(file, position + _BEXT_DATE, 10)))
            blocks.append(Block(Kind.BEXT, fields))
    order = (Kind.ID3V2, Kind.INFO, Kind.BEXT)
    return sorted(blocks, key=lambda block: order.index(block.kind))


def _read_info(data: bytes) -> Fields:
    fields = Fields()
    position = 0
    for _ in range(MAX_PARTS):
        head = data[position : position + 8]
        if len(head) < 8:
            break
        size = int.from_bytes(head[4:], "little")
        text = data[position + 8 : position + 8 + min(size, MAX_TEXT)]
        fields.add(head[:4].decode("latin-1").upper(), _text(text))
        position += 8 + size
        if size % 2 and data[position : position + 1] == b"\0":  # some programs write no padding
            position += 1
    return fields


def read_aiff(file: BinaryIO, start: int) -> list[Block]:
    """ID3, and the texts NAME, AUTH, ANNO and (c)."""
    texts = Fields()
    blocks = []
    for name, position, size in _chunks(file, start + 12, "big"):
        if name.upper() == b"ID3 ":
            blocks.append(Block(Kind.ID3V2, read_id3v2(file, position)))
        elif name in _AIFF_TEXTS:
            texts.add(name.decode(), _text(read_at(file, position, min(size, MAX_TEXT))))
    return [*blocks, Block(Kind.AIFF, texts)]


def read_dsdiff(file: BinaryIO, start: int) -> list[Block]:
    """ID3, and the artist and title of the edited master (DIIN)."""
    blocks = []
    texts = Fields()
    for name, position, size in _chunks(file, start + 16, "big", 8):
        if name == b"ID3 ":
            blocks.append(Block(Kind.ID3V2, read_id3v2(file, position)))
        elif name == b"DIIN":
            for inner, at, _ in _chunks(file, position, "big", 8, position + size):
                if inner in _DIIN_TEXTS:
                    length = int.from_bytes(read_at(file, at, 4), "big")
                    texts.add(inner.decode(), _text(read_at(file, at + 4, min(length, MAX_TEXT))))
    return [*blocks, Block(Kind.DIIN, texts)]


def read_dsf(file: BinaryIO, start: int) -> list[Block]:
    """ID3 at the offset that the header states."""
    position = int.from_bytes(read_at(file, start + 20, 8), "little")
    return [Block(Kind.ID3V2, read_id3v2(file, start + position))] if position else []


def read_caf(file: BinaryIO, start: int) -> Fields:
    """The entries of the info chunk: a count, then name and value in turn, each ended by NUL."""
    fields = Fields()
    position = start + 8
    for _ in range(MAX_PARTS):
        head = read_at(file, position, 12)
        size = int.from_bytes(head[4:], "big", signed=True)
        if len(head) < 12 or size < 0:
            break
        if head[:4] == b"info":
            texts = read_at(file, position + 16, min(size - 4, MAX_BLOCK)).split(b"\0")
            for name, text in zip(texts[::2], texts[1::2], strict=False):
                fields.add(name.decode("latin-1").lower(), utf8(text[:MAX_TEXT]))
        position += 12 + size
    return fields


def read_au(file: BinaryIO, start: int) -> Fields:
    """The annotation between header and audio, with lines name=value as FFmpeg writes them."""
    fields = Fields()
    size = int.from_bytes(read_at(file, start + 4, 4), "big") - 24
    for line in read_at(file, start + 24, min(size, MAX_TEXT)).split(b"\0")[0].splitlines():
        name, separator, text = line.partition(b"=")
        if separator:
            fields.add(name.decode("latin-1").strip().lower(), utf8(text))
    return fields


def _chunks(
    file: BinaryIO, position: int, order: Order, width: int = 4, end: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Name, position and size of every chunk. Sizes have ``width`` bytes; those of RF64 files are in a chunk ds64."""
    long = 0
    for _ in range(MAX_PARTS):
        head = read_at(file, position, 4 + width)
        if len(head) < 4 + width or (end is not None and position >= end):
            return
        name, size = head[:4], int.from_bytes(head[4:], order)
        position += 4 + width
        if name == b"ds64":
            long = int.from_bytes(read_at(file, position + 8, 8), order)
        elif name == b"data" and size == _UNKNOWN_SIZE:
            size = long or size
        yield name, position, size
        position += size
        if size % 2 and read_at(file, position, 1) in (b"\0", b""):  # some programs write no padding
            position += 1


def _text(data: bytes) -> bytes:
    return data.partition(b"\0")[0].strip(b" ")
