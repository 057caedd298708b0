"""Tag blocks as values: a block has a kind, and the values of each of its names.

A value is ``str`` where its encoding is certain (UTF-8 that is valid, UTF-16), else ``bytes``: text that a tag marks as
Latin-1, or that has no mark, can be in any encoding, and only all texts of a file together show in which one.

Readers never raise on damaged blocks, and return what stands before the damage. Sizes and counts are limited.
"""

from enum import StrEnum
from typing import BinaryIO, NamedTuple

Value = str | bytes
"""Text, or the bytes of a text of unknown encoding."""

MAX_TEXT = 1 << 16
"""Bytes of one text that are read; lyrics and covers in text fields are longer."""
MAX_BLOCK = 1 << 25
"""Bytes of one block that are read at once."""
MAX_PARTS = 100_000
"""Chunks, frames or elements in one file; a damaged file may seem to have an unlimited number."""
_MAX_NAMES = 1000
_MAX_VALUES = 100  # of one name
_MAX_POSITION = 1 << 62  # positions computed from length fields may exceed what a file object accepts


class Kind(StrEnum):
    """The format of a tag block."""

    ID3V2 = "id3v2"
    ID3V1 = "id3v1"
    APE = "ape"
    VORBIS = "vorbis"
    ILST = "ilst"
    MDTA = "mdta"
    UDTA = "udta"
    ASF = "asf"
    MATROSKA = "matroska"
    INFO = "info"
    BEXT = "bext"
    AIFF = "aiff"
    CAF = "caf"
    AU = "au"
    DIIN = "diin"


class Fields(dict[str, list[Value]]):
    """The values of each name."""

    def add(self, name: str, value: Value) -> None:
        """Append a value that is not empty, within the limits on the counts of names and values."""
        if value and (name in self or len(self) < _MAX_NAMES) and len(self.get(name, ())) < _MAX_VALUES:
            self.setdefault(name, []).append(value)


class Block(NamedTuple):
    """One tag block of a file."""

    kind: Kind
    fields: Fields


def read_at(file: BinaryIO, position: int, length: int) -> bytes:
    """Up to ``length`` bytes from ``position`` on; none where the position is not in the file."""
    if not 0 <= position < _MAX_POSITION or length <= 0:
        return b""
    file.seek(position)
    return file.read(min(length, MAX_BLOCK))


def utf8(data: bytes) -> Value:
    """Text that should be UTF-8; the bytes if it is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def utf16(data: bytes, order: str) -> str:
    """UTF-16 text ("le" or "be") without its byte order mark; code units that are invalid become U+FFFD."""
    return data[: len(data) & ~1].decode(f"utf-16-{order}", "replace").removeprefix("\ufeff")
