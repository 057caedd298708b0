"""ASF (WMA): attributes in the extended content description and the metadata objects, and the description.

All other attributes and objects stay as they are, and in their places. Source: Advanced Systems Format Specification
01.20.03, sections 3.10, 3.11, 4.7 and 4.8.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from recsys.tagging.blocks import CUSTOM, Entry, Item, Raw, TagBlock, TagsNotWritable
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice, growth

_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_DESCRIPTION = bytes.fromhex("3326b2758e66cf11a6d900aa0062ce6c")
_EXTENDED = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
_EXTENSION = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
_METADATA = bytes.fromhex("eacbf8c5af5b77488467aa8c44fa4cca")
_LIBRARY = bytes.fromhex("941c23449894d149a1411d134e457054")
_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_WITH_ATTRIBUTES = (_EXTENDED, _METADATA, _LIBRARY)
_KEYS = {"genre": "WM/Genre", "custom": CUSTOM, "bpm": "WM/BeatsPerMinute", "key": "WM/InitialKey"}
_FIELDS = {key: field for field, key in _KEYS.items()}
_UNICODE, _BINARY, _BOOL, _DWORD, _QWORD, _WORD = range(6)  # types of values
_WIDTHS = {_BOOL: 4, _DWORD: 4, _QWORD: 8, _WORD: 2}
_DAMAGED = "its tags are damaged (an object of ASF is longer than the one that contains it)"


class _Object(NamedTuple):
    guid: bytes
    start: int
    end: int

    @property
    def content(self) -> int:
        return self.start + 24


class _Attribute(NamedTuple):
    """An attribute at a place of the file, in the object with a number."""

    number: int
    start: int
    end: int
    name: str
    item: Item


class ASF(Layout):
    """An ASF file; its tags are one block."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__(file, start)
        head = self.read(self.start, self.start + 24)
        self.header = _Object(head[:16], self.start, self.start + int.from_bytes(head[16:], "little"))
        if self.header.guid != _HEADER or not self.start + 30 <= self.header.end <= self.size:
            raise TagsNotWritable(_DAMAGED)
        self._objects = list(self._read_objects(self.start + 30, self.header.end))
        self._extension = next((found for found in self._objects if found.guid == _EXTENSION), None)
        inner = list(self._read_objects(self._extension.content + 22, self._extension.end)) if self._extension else []
        self._inner = inner
        described = [found for found in (*self._objects, *inner) if found.guid in (_DESCRIPTION, *_WITH_ATTRIBUTES)]
        self._tags = _Tags([(found, self.read(found.start, found.end)) for found in described], self.header.end)
        self.native = [self._tags]
        self.blocks = [self._tags, *self.leading]

    def _read_objects(self, start: int, end: int) -> Iterator[_Object]:
        while start < end:
            head = self.read(start, start + 24)
            size = int.from_bytes(head[16:], "little")
            if size < 24 or start + size > end:
                raise TagsNotWritable(_DAMAGED)
            yield _Object(head[:16], start, start + size)
            start += size

    def follow(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        """The splices of sizes of the objects around, of their number, and of the size of the file."""
        changes = [splice for block, edit in edits if block is self._tags for splice in edit]
        by, splices = growth(changes), []
        if extension := self._extension:
            inside = growth(s for s in changes if extension.start < s.start < extension.end)
            sizes = struct.pack("<Q", extension.end - extension.start + inside)
            splices.append(Splice(extension.start + 16, extension.start + 24, sizes))
            data_size = struct.pack("<I", extension.end - extension.content - 22 + inside)
            splices.append(Splice(extension.content + 18, extension.content + 22, data_size))
        count = int.from_bytes(self.read(self.start + 24, self.start + 28), "little") + self._tags.added
        numbers = struct.pack("<QI", self.header.end - self.header.start + by, count)
        splices.append(Splice(self.start + 16, self.start + 28, numbers))
        for found in self._objects:
            place = found.content + 16
            size = int.from_bytes(self.read(place, place + 8), "little")
            if found.guid == _PROPERTIES and size == self.size - self.start:
                splices.append(Splice(place, place + 8, struct.pack("<Q", size + by)))
        return splices

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other attributes, all other objects in their order, and the data."""
        parts = super().remains(fields)
        for found in (*self._objects, *self._inner):
            if found.guid not in (_DESCRIPTION, *_WITH_ATTRIBUTES, _EXTENSION):
                data = self.read(found.start, found.end)
                parts.append(("ASF object", data[:40] + data[48:] if found.guid == _PROPERTIES else data))
        return [*parts, ("data", self.digest(self.header.end, self.size))]


class _Tags(TagBlock):
    """The attributes of all objects, and the description. An attribute stays in its object."""

    item_key = "type"

    def __init__(self, objects: Sequence[tuple[_Object, bytes]], header_end: int) -> None:
        super().__init__(b"", header_end)
        self._objects, self._header_end = objects, header_end
        self.added = 0  # objects that the last change has added
        self._attributes: list[_Attribute] = []
        self._ends: dict[int, int] = {}  # of the attributes of each object
        self._description: tuple[int, int, int] | None = None  # index, start and end
        for index, (found, data) in enumerate(objects):
            if found.guid == _DESCRIPTION and self._description is None:
                self._read_description(index, found, data)
            elif found.guid != _DESCRIPTION:
                self._read_attributes(index, found, data)

    def _read_description(self, index: int, found: _Object, data: bytes) -> None:
        if len(data) < 34:
            raise TagsNotWritable(_DAMAGED)
        lengths = struct.unpack("<5H", data[24:34])
        start = 34 + sum(lengths[:3])
        text = _text(data[start : start + lengths[3]])
        item = {"text": [text], "type": _UNICODE, "language": None, "stream": None}
        self._description = (index, found.start + start, found.start + start + lengths[3])
        field, items = ("comment", (item,)) if text else (None, ())
        self.entries.append(Entry(*self._description[1:], field, items))

    def _read_attributes(self, index: int, found: _Object, data: bytes) -> None:
        position = 26
        (count,) = struct.unpack("<H", data[24:26].ljust(2, b"\0"))
        for _ in range(count):
            name, end, item = _read_attribute(found.guid, data, position)
            attribute = _Attribute(index, found.start + position, found.start + end, name, item)
            field = _FIELDS.get(name)
            self._attributes.append(attribute)
            self.entries.append(Entry(attribute.start, attribute.end, field, (item,) if field else ()))
            position = end
        self._ends[index] = position

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the language and the stream of the present one."""
        first = next(iter(self.items(field)), {"language": None, "stream": None})
        return {"text": [text], "type": _UNICODE, "language": first["language"], "stream": first["stream"]}

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the attributes and the description, and of sizes and counts of their objects."""
        splices: list[tuple[int, Splice, int]] = []  # index of the object, splice, change of its number of attributes
        missing: dict[str, Raw] = {}
        extended = next((i for i, (found, _) in enumerate(self._objects) if found.guid == _EXTENDED), None)
        for field, raw in changes.items():
            if field == "comment":
                continue
            present = [each for each in self._attributes if each.name == _KEYS[field]]
            for each in present:
                new = raw if each is present[0] else []
                data = b"".join(self._render(each.number, field, item) for item in new)
                splices.append((each.number, Splice(each.start, each.end, data), len(new) - 1))
            if not present and extended is not None:
                place = self._objects[extended][0].start + self._ends[extended]
                data = b"".join(self._render(extended, field, item) for item in raw)
                splices.append((extended, Splice(place, place, data), len(raw)))
            elif not present and raw:
                missing[field] = raw
        numbers = [
            number
            for index in dict.fromkeys(index for index, _, _ in splices)
            for number in self._numbers(index, [(s, added) for i, s, added in splices if i == index])
        ]
        new_objects = [_new_extended(missing)] if missing else []
        described = self._edit_description(changes["comment"], new_objects) if "comment" in changes else []
        self.added = len(new_objects)
        added = [Splice(self._header_end, self._header_end, b"".join(new_objects))] if new_objects else []
        return [*(splice for _, splice, _ in splices), *numbers, *described, *added]

    def _render(self, index: int, field: str, item: Item) -> bytes:
        return _render_attribute(self._objects[index][0].guid, _KEYS[field], item)

    def _numbers(self, index: int, changes: Sequence[tuple[Splice, int]]) -> list[Splice]:
        """The splices of size and number of attributes of an object."""
        found, data = self._objects[index]
        count = int.from_bytes(data[24:26], "little") + sum(added for _, added in changes)
        size = len(data) + growth(splice for splice, _ in changes)
        return [
            Splice(found.start + 16, found.start + 24, struct.pack("<Q", size)),
            Splice(found.content, found.content + 2, _number(count)),
        ]

    def _edit_description(self, raw: Raw, new_objects: list[bytes]) -> list[Splice]:
        text = (raw[0]["text"][0] + "\0").encode("utf-16-le", "surrogatepass") if raw else b""
        if self._description is None:
            content = bytes(6) + _number(len(text)) + bytes(2) + text
            new_objects.append(_DESCRIPTION + struct.pack("<Q", 24 + len(content)) + content)
            return []
        index, start, end = self._description
        found, data = self._objects[index]
        size = struct.pack("<Q", len(data) + len(text) - (end - start))
        return [
            Splice(start, end, text),
            Splice(found.start + 16, found.start + 24, size),
            Splice(found.content + 6, found.content + 8, _number(len(text))),
        ]

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other attributes and texts, and what follows them in each object."""
        parts: list[tuple[str, bytes]] = []
        for index, (found, data) in enumerate(self._objects):
            if self._description and index == self._description[0]:
                start, end = (place - found.start for place in self._description[1:])
                text = b"" if "comment" in fields else data[start:end]
                parts.append(("ASF content description", data[24:30] + data[32:start] + text + data[end:]))
                continue
            others = [e for e in self._attributes if e.number == index and _FIELDS.get(e.name) not in fields]
            parts += [("ASF attribute", data[e.start - found.start : e.end - found.start]) for e in others]
            parts.append(("bytes after the ASF attributes", data[self._ends.get(index, 24) :]))
        return parts


def _read_attribute(guid: bytes, data: bytes, position: int) -> tuple[str, int, Item]:
    """Name, end and item of the attribute at a position of an object."""
    try:
        if guid == _EXTENDED:
            (length,) = struct.unpack_from("<H", data, position)
            name_at, language, stream = position + 2, None, None
            type, size = struct.unpack_from("<HH", data, name_at + length)
            value_at = name_at + length + 4
        else:
            language, stream, length, type, size = struct.unpack_from("<HHHHI", data, position)
            name_at, value_at = position + 12, position + 12 + length
    except struct.error:
        raise TagsNotWritable(_DAMAGED) from None
    value = data[value_at : value_at + size]
    if len(value) < size:
        raise TagsNotWritable(_DAMAGED)
    text = str(int.from_bytes(value, "little")) if type in _WIDTHS else _text(value) if type == _UNICODE else ""
    item = {"text": [text], "type": type, "language": language, "stream": stream}
    return _text(data[name_at : name_at + length]), value_at + size, item


def _render_attribute(guid: bytes, key: str, item: Item) -> bytes:
    name, (text,), type = (key + "\0").encode("utf-16-le"), item["text"], item["type"]
    if type in _WIDTHS:
        value = int(text).to_bytes(_WIDTHS[type], "little")
    else:
        value = (text + "\0").encode("utf-16-le", "surrogatepass")
    if guid == _EXTENDED:
        return _number(len(name)) + name + struct.pack("<H", type) + _number(len(value)) + value
    place = struct.pack("<HH", item["language"] or 0, item["stream"] or 0)
    return place + struct.pack("<HHI", len(name), type, len(value)) + name + value


def _new_extended(changes: Mapping[str, Raw]) -> bytes:
    attributes = [_render_attribute(_EXTENDED, _KEYS[field], item) for field, raw in changes.items() for item in raw]
    content = _number(len(attributes)) + b"".join(attributes)
    return _EXTENDED + struct.pack("<Q", 24 + len(content)) + content


def _text(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", "surrogatepass").rstrip("\0")


def _number(value: int) -> bytes:
    if value >= 1 << 16:
        raise TagsNotWritable("its tags have no room for another byte")
    return struct.pack("<H", value)
