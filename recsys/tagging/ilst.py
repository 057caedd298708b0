"""The item list of MP4 (``ilst``): the items of five fields are replaced, all others stay byte for byte.

Source: Apple, QuickTime File Format Specification, "Metadata".
"""

import struct
from collections.abc import Iterator, Mapping, Sequence

from recsys.metadata.genre_tags import GENRES
from recsys.tagging.blocks import CUSTOM, Entry, Item, Raw, TagBlock, TagsNotWritable

_ATOMS = {"genre": b"\xa9gen", "comment": b"\xa9cmt", "bpm": b"tmpo"}
_FREE_FORM = {"custom": f"----:com.apple.iTunes:{CUSTOM}", "key": "----:com.apple.iTunes:initialkey"}
_FIELDS = {atom: field for field, atom in _ATOMS.items()} | {b"gnre": "genre"}
_FREE_FORM_FIELDS = {name.casefold(): field for field, name in _FREE_FORM.items()}
_NAMES = {b"\xa9nam", b"\xa9ART", b"\xa9alb", b"\xa9gen", b"gnre"}
_UTF8, _UTF16, _INTEGER = 1, 2, 21  # types of data


class Ilst(TagBlock):
    """An item list: ``data``, the content of the atom, at ``start`` of the file."""

    item_key = "text"

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data, start)
        position = 0
        for kind, content, end in split_atoms(data):
            field = _FIELDS.get(kind)
            items: list[Item] = []
            if kind == b"----":
                name, items = _read_free_form(data[content:end])
                field = _FREE_FORM_FIELDS.get(name.casefold())
            elif field:
                items = [_read_item(kind, type, value) for type, value in _values(data[content:end])]
            if field == "comment" and self.holds("comment"):
                field = None
            self.has_names |= kind in _NAMES
            self.entries.append(Entry(start + position, start + end, field, tuple(items) if field else ()))
            position = end
        self._items_end, self.insert_at = position, start + position

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the spelling of the present name."""
        if field not in _FREE_FORM:
            return {"text": [text]}
        first = next(iter(self.items(field)), {"name": _FREE_FORM[field]})
        return {"text": [text], "name": first["name"], "format": _UTF8}

    def render(self, field: str, item: Item) -> bytes:
        """An item as an atom with one value."""
        (text,) = item["text"]
        if field == "bpm":
            number = int(text)
            value = number.to_bytes(2 if number < 1 << 16 else 4, "big")
            return atom(b"tmpo", _data(_INTEGER, value))
        value = text.encode("utf-8", "surrogateescape")
        if field not in _FREE_FORM:
            return atom(_ATOMS[field], _data(_UTF8, value))
        _, mean, name = item["name"].split(":")
        head = atom(b"mean", bytes(4) + mean.encode("latin-1")) + atom(b"name", bytes(4) + name.encode("latin-1"))
        return atom(b"----", head + _data(item["format"], value))

    def _render_all(self, field: str, raw: Raw) -> bytes:
        """Several values of one name as one atom."""
        rendered = b""
        for item in raw:
            new = self.render(field, item)
            if rendered and rendered[4:8] == new[4:8] and item.get("name") == raw[0].get("name"):
                _, content, end = list(split_atoms(new[8:]))[-1]
                rendered = atom(rendered[4:8], rendered[8:] + new[8:][content - 8 : end])
            else:
                rendered += new
        return rendered

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other items, and what follows the last."""
        others = [entry for entry in self.entries if entry.field not in fields]
        return [
            *(("MP4 item", self.data[e.start - self.start : e.end - self.start]) for e in others),
            ("bytes after the MP4 items", self.data[self._items_end :]),
        ]


def atom(kind: bytes, content: bytes) -> bytes:
    """An atom."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def new_ilst(changes: Mapping[str, str]) -> bytes:
    """A new item list with the fields ``changes``."""
    empty = Ilst(b"", 0)
    return atom(b"ilst", b"".join(empty.render(field, empty.make(field, text)) for field, text in changes.items()))


def split_atoms(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start of the content and end of each atom in ``data``; the last ones may be no atoms."""
    position = 0
    while position + 8 <= len(data):
        size, head = int.from_bytes(data[position : position + 4], "big"), 8
        if size == 1 and position + 16 <= len(data):
            size, head = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        if size < head or position + size > len(data):
            if size:
                raise TagsNotWritable("its tags are damaged (an item of MP4 is longer than the list of items)")
            return
        yield data[position + 4 : position + 8], position + head, position + size
        position += size


def _values(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each value of an item."""
    for kind, start, end in split_atoms(content):
        if kind == b"data" and end - start >= 8:
            yield int.from_bytes(content[start : start + 4], "big") & 0xFFFFFF, content[start + 8 : end]


def _read_item(kind: bytes, type: int, value: bytes) -> Item:
    if kind == b"gnre":
        number = int.from_bytes(value, "big") - 1
        return {"text": [GENRES[number] if 0 <= number < len(GENRES) else ""]}
    if kind == b"tmpo":
        return {"text": [str(int.from_bytes(value, "big"))]}
    if type == _UTF16:
        return {"text": [value[: len(value) & ~1].decode("utf-16-be", "surrogatepass")]}
    return {"text": [value.decode("utf-8", "surrogateescape")]}


def _read_free_form(content: bytes) -> tuple[str, list[Item]]:
    parts = {kind: content[start + 4 : end] for kind, start, end in split_atoms(content) if kind != b"data"}
    mean, name = (parts.get(part, b"").decode("latin-1") for part in (b"mean", b"name"))
    full = f"----:{mean}:{name}"
    values = _values(content)
    return full, [{"text": [v.decode("utf-8", "surrogateescape")], "name": full, "format": t} for t, v in values]


def _data(type: int, value: bytes) -> bytes:
    return atom(b"data", struct.pack(">II", type, 0) + value)
