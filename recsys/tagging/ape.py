"""APEv2 tags: the items of five fields are replaced, all others stay byte for byte.

Source: https://wiki.hydrogenaud.io/index.php?title=APEv2_specification.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from recsys.tagging.blocks import CUSTOM, Entry, Item, Names, Raw, TagBlock, TagsNotWritable, decode
from recsys.tagging.splices import Splice, growth

MAGIC = b"APETAGEX"
_HEAD = struct.Struct("<8sIIII8x")  # magic, version, size of items and footer, number of items, flags
_HAS_HEADER, _IS_HEADER = 0x80000000, 0x20000000  # flags
_KEYS = {"genre": "Genre", "comment": "Comment", "custom": CUSTOM, "bpm": "BPM", "key": "INITIALKEY"}
_FIELDS = {key.casefold(): field for field, key in _KEYS.items()}
_NAMES = {"title", "artist", "album", "genre"}
_NEW_KEYS = Names(b"Title", b"Artist", b"Album", b"Year", b"Track", b"Genre", b"Comment")


class APEv2(TagBlock):
    """An APEv2 tag: ``data`` at ``start`` of the file, from its header, where it has one, to its footer."""

    item_key = "name"

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data, start)
        _, _, self._size, self._count, flags = _HEAD.unpack(data[-32:])
        self._first = 32 if flags & _HAS_HEADER else 0
        position, end = self._first, len(data) - 32
        for _ in range(self._count):
            zero = data.find(b"\0", position + 8, end)
            length, item_flags = struct.unpack_from("<II", data, position)
            if zero < 0 or zero + 1 + length > end:
                raise TagsNotWritable("its tags are damaged (an item of the APE tag is longer than the tag)")
            self._add(position, zero, zero + 1 + length, item_flags)
            position = zero + 1 + length
        self._items_end, self.insert_at = position, start + position

    def _add(self, position: int, zero: int, end: int, flags: int) -> None:
        key = self.data[position + 8 : zero].decode("latin-1")
        is_text = flags & 6 == 0
        field = _FIELDS.get(key.casefold()) if is_text else None
        text = decode(self.data[zero + 1 : end]).split("\0")
        items = ({"name": key, "text": text},) if field else ()
        self.has_names |= is_text and key.casefold() in _NAMES
        self.entries.append(Entry(self.start + position, self.start + end, field, items))

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the spelling of the present key; more comments stay."""
        first = next(iter(self.items(field)), {"name": _KEYS[field], "text": []})
        return {"name": first["name"], "text": [text, *(first["text"][1:] if field == "comment" else ())]}

    def render(self, field: str, item: Item) -> bytes:
        """An item as bytes."""
        return _item(item["name"].encode("latin-1"), "\0".join(item["text"]).encode("utf-8", "surrogateescape"))

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the items, and of size and number of items in header and footer."""
        splices = super().edit(changes)
        present = sum(entry.field in changes for entry in self.entries)
        count = self._count - present + sum(len(raw) for raw in changes.values())
        numbers = struct.pack("<II", self._size + growth(splices), count)
        for place in {self.start + 12, self.end - 20} if self._first else {self.end - 20}:
            splices.append(Splice(place, place + 8, numbers))
        return splices

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Version and flags of header and footer, other items, and what follows the items."""
        header, footer = self.data[: self._first], self.data[-32:]
        others = [entry for entry in self.entries if entry.field not in fields]
        return [
            ("APEv2 header", header[:12] + header[20:]),
            *(("APEv2 item", self.data[e.start - self.start : e.end - self.start]) for e in others),
            ("APEv2 rest", self.data[self._items_end : -32]),
            ("APEv2 footer", footer[:12] + footer[20:]),
        ]


def ape_at_end(file: BinaryIO, end: int) -> int:
    """Size of the APEv2 tag that ends at ``end``, with its header; 0 if none does."""
    if end < 32:
        return 0
    file.seek(end - 32)
    footer = file.read(32)
    if footer[:8] != MAGIC:
        return 0
    _, _, size, _, flags = _HEAD.unpack(footer)
    total = int(size) + (32 if flags & _HAS_HEADER else 0)
    if flags & _IS_HEADER or size < 32 or total > end:
        return 0
    if flags & _HAS_HEADER:
        file.seek(end - total)
        if file.read(8) != MAGIC:
            raise TagsNotWritable("its tags are damaged (the header of the APE tag is missing)")
    return total


def new_ape(names: Names, changes: Mapping[str, str]) -> bytes:
    """A new APEv2 tag with the fields ``changes`` and the texts of ``names``."""
    items = [
        _item(getattr(_NEW_KEYS, field), text.encode())
        for field, text in names.decoded().items()
        if field not in changes and getattr(_NEW_KEYS, field)
    ]
    items += [_item(_KEYS[field].encode(), text.encode()) for field, text in changes.items()]
    body = b"".join(items)
    header, footer = (
        _HEAD.pack(MAGIC, 2000, len(body) + 32, len(items), flags) for flags in (_HAS_HEADER | _IS_HEADER, _HAS_HEADER)
    )
    return header + body + footer


def _item(key: bytes, value: bytes) -> bytes:
    return struct.pack("<II", len(value), 0) + key + b"\0" + value
