"""Tags before and after the audio, which any container may have: ID3v2 and APE in front; ID3v1, APE and ID3v2 behind.

Lyrics3 blocks between them are skipped. Names in ID3v1 are "title", "artist", "album", "year", "comment", "track" and
"genre"; those of APE are in lower case.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Block, Fields, Kind, read_at, utf8
from recsys.tagblocks.id3v2 import HEADER, read_id3v2, tag_size

ID3V1_SIZE = 128
LONGEST_END = ID3V1_SIZE + 3  # bytes that show whether there is an ID3v1 tag
_ID3V1_TEXTS = (("title", 3, 30), ("artist", 33, 30), ("album", 63, 30), ("year", 93, 4), ("comment", 97, 30))
_NO_GENRE = 255
_APE = b"APETAGEX"
_APE_SIZE = 32  # of the header and the footer
_APE_HAS_HEADER, _APE_IS_HEADER = 1 << 31, 1 << 29
_LYRICS_LIMIT = 5100 + 20  # bytes of Lyrics3 version 1, which does not state its size
_SEARCHED = 1 << 16  # bytes
_MAX_TAGS = 20  # at each end


def leading_blocks(file: BinaryIO) -> list[Block]:
    """The ID3v2 and APE tags at the start of a file."""
    blocks, position = [], 0
    for _ in range(_MAX_TAGS):
        if size := tag_size(file, position):
            blocks.append(Block(Kind.ID3V2, read_id3v2(file, position)))
        elif (head := read_at(file, position, _APE_SIZE))[:8] == _APE and _ape_flags(head) & _APE_IS_HEADER:
            size = _APE_SIZE + _ape_size(head)
            blocks.append(Block(Kind.APE, _read_ape(read_at(file, position + _APE_SIZE, size - 2 * _APE_SIZE))))
        else:
            break
        position += size
    return blocks


def hidden_blocks(file: BinaryIO) -> list[Block]:
    """The first ID3v2 tag after other bytes at the start of a file, as TagLib searches it before the first frame."""
    data = read_at(file, 0, _SEARCHED)
    position = -1
    for _ in range(_MAX_TAGS):
        position = data.find(b"ID3", position + 1)
        if position < 0:
            break
        if fields := read_id3v2(file, position):
            return [Block(Kind.ID3V2, fields)]
    return []


def trailing_blocks(file: BinaryIO) -> list[Block]:
    """The ID3v1, APE and ID3v2 tags at the end of a file, the last one first."""
    return list(_trailing(file, file.seek(0, os.SEEK_END)))


def ends_with_id3v1(tail: bytes) -> bool:
    """Whether the last ``LONGEST_END`` bytes of a file, or all of a shorter one, end with an ID3v1 tag.

    The header of an APE tag of that length, ``APETAGEX``, has "TAG" where that of ID3v1 starts.
    """
    return (
        tail[-ID3V1_SIZE:].startswith(b"TAG") and len(tail) >= ID3V1_SIZE and not tail[-LONGEST_END:].startswith(_APE)
    )


def _trailing(file: BinaryIO, end: int) -> Iterator[Block]:
    for _ in range(_MAX_TAGS):
        start = max(0, end - LONGEST_END)
        tail = read_at(file, start, end - start)
        if ends_with_id3v1(tail):
            yield Block(Kind.ID3V1, _read_id3v1(tail[-ID3V1_SIZE:]))
            end -= ID3V1_SIZE
        elif tail[-_APE_SIZE:][:8] == _APE and not _ape_flags(tail[-_APE_SIZE:]) & _APE_IS_HEADER:
            footer = tail[-_APE_SIZE:]
            size = max(_APE_SIZE, _ape_size(footer))
            yield Block(Kind.APE, _read_ape(read_at(file, max(0, end - size), size - _APE_SIZE)))
            end -= size + (_APE_SIZE if _ape_flags(footer) & _APE_HAS_HEADER else 0)
        elif tail[-9:] == b"LYRICS200" and tail[-15:-9].isdigit():
            end -= 15 + int(tail[-15:-9])
        elif tail[-9:] == b"LYRICSEND":
            start = max(0, end - _LYRICS_LIMIT)
            found = read_at(file, start, end - start).rfind(b"LYRICSBEGIN")
            if found < 0:
                return
            end = start + found
        elif tail[-HEADER:][:3] == b"3DI":
            start = end - 2 * HEADER - int("".join(f"{byte & 0x7F:07b}" for byte in tail[-4:]), 2)
            if start < 0 or start + tag_size(file, start) != end:
                return
            yield Block(Kind.ID3V2, read_id3v2(file, start))
            end = start
        else:
            return


def _read_id3v1(data: bytes) -> Fields:
    """Texts end at the first NUL, or are padded by spaces. In version 1.1 the last byte of the comment is the track."""
    fields = Fields()
    for name, start, length in _ID3V1_TEXTS:
        fields.add(name, data[start : start + length].partition(b"\0")[0].rstrip(b" "))
    if data[125] == 0 and data[126]:
        fields.add("track", str(data[126]))
    if data[127] != _NO_GENRE:
        fields.add("genre", str(data[127]))
    return fields


def _ape_size(footer: bytes) -> int:
    return int.from_bytes(footer[12:16], "little")


def _ape_flags(footer: bytes) -> int:
    """Version 1 has no flags."""
    return int.from_bytes(footer[20:24], "little") if int.from_bytes(footer[8:12], "little") >= 2000 else 0


def _read_ape(data: bytes) -> Fields:
    """Items: size, flags, name, NUL, value. Values of one name are separated by NUL; binary items are left."""
    fields = Fields()
    position = 0
    for _ in range(MAX_PARTS):
        size = int.from_bytes(data[position : position + 4], "little")
        flags = int.from_bytes(data[position + 4 : position + 8], "little")
        name_end = data.find(b"\0", position + 8, position + 8 + 256)
        if name_end < 0 or size > MAX_BLOCK:
            break
        name = data[position + 8 : name_end].decode("latin-1").lower()
        if flags >> 1 & 3 == 0:
            for part in data[name_end + 1 : name_end + 1 + min(size, MAX_TEXT)].split(b"\0"):
                fields.add(name, utf8(part))
        position = name_end + 1 + size
    return fields
