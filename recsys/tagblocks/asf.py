"""Tags of ASF files (WMA). Names are in lower case; the title and author of the content description are among them."""

from collections.abc import Iterator
from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Fields, read_at, utf16

_DESCRIPTION = bytes.fromhex("3326b2758e66cf11a6d900aa0062ce6c")
_EXTENDED_DESCRIPTION = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
_EXTENSION = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
_METADATA = bytes.fromhex("eacbf8c5af5b77488467aa8c44fa4cca")
_METADATA_LIBRARY = bytes.fromhex("941c23449894d149a1411d134e457054")
_GUID, _HEADER = 16, 24  # bytes of an identifier, and with the size behind it
_TEXT, _BYTES, _BOOLEAN, _DWORD, _QWORD, _WORD = range(6)
_DESCRIPTION_NAMES = ("title", "author", "copyright", "description", "rating")


def read_asf(file: BinaryIO, start: int) -> Fields:
    """The tags of the header object, with the values of a name in the order of mutagen: those of the library last."""
    end = start + int.from_bytes(read_at(file, start + _GUID, 8), "little")
    objects = list(_objects(file, start + 30, end))
    for identifier, position, size in tuple(objects):
        if identifier == _EXTENSION:
            objects += _objects(file, position + 22, position + size)
    fields = Fields()
    for wanted, add in _READERS.items():
        for identifier, position, size in objects:
            if identifier == wanted:
                add(fields, read_at(file, position, size))
    return fields


def _objects(file: BinaryIO, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Identifier, position and size of the content of every object."""
    for _ in range(MAX_PARTS):
        head = read_at(file, position, _HEADER)
        size = int.from_bytes(head[_GUID:], "little")
        if len(head) < _HEADER or size < _HEADER or position >= end:
            return
        yield head[:_GUID], position + _HEADER, min(size - _HEADER, MAX_BLOCK)
        position += size


def _add_description(fields: Fields, data: bytes) -> None:
    """The lengths of five texts, then the texts."""
    position = 10
    for i, name in enumerate(_DESCRIPTION_NAMES):
        length = _number(data[2 * i : 2 * i + 2])
        fields.add(name, _text(data[position : position + length]))
        position += length


def _add_extended(fields: Fields, data: bytes) -> None:
    """A count, then for each attribute the length of the name, the name, type, the length of the value, the value."""
    position = 2
    for _ in range(_number(data[:2])):
        length = _number(data[position : position + 2])
        name = _text(data[position + 2 : position + 2 + length])
        position += 2 + length
        kind, size = _number(data[position : position + 2]), _number(data[position + 2 : position + 4])
        _add(fields, name, kind, data[position + 4 : position + 4 + size])
        position += 4 + size


def _add_metadata(fields: Fields, data: bytes) -> None:
    """A count, then for each attribute language, stream, length of the name, type, size of the value, name, value."""
    position = 2
    for _ in range(_number(data[:2])):
        head = data[position : position + 12]
        length, kind, size = _number(head[4:6]), _number(head[6:8]), _number(head[8:12])
        position += 12
        name = _text(data[position : position + length])
        _add(fields, name, kind, data[position + length : position + length + size])
        position += length + size


def _add(fields: Fields, name: str, kind: int, value: bytes) -> None:
    if kind == _TEXT:
        fields.add(name.lower(), _text(value))
    elif kind in (_BOOLEAN, _DWORD, _QWORD, _WORD):
        zero_based = name.lower() == "wm/track"  # unlike WM/TrackNumber
        fields.add(name.lower(), str(_number(value) + zero_based))


def _text(data: bytes) -> str:
    return utf16(data[:MAX_TEXT], "le").partition("\0")[0]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


_READERS = {
    _DESCRIPTION: _add_description,
    _EXTENDED_DESCRIPTION: _add_extended,
    _METADATA: _add_metadata,
    _METADATA_LIBRARY: _add_metadata,
}
