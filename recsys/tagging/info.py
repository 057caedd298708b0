"""LIST INFO of WAV: genre and comment are replaced, all other texts stay as they are.

Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (RIFF).
"""

import struct
from collections.abc import Sequence

from recsys.tagging.blocks import Entry, Item, Names, TagBlock, decode

_IDS = {"genre": b"IGNR", "comment": b"ICMT"}
_FIELDS = {id: field for field, id in _IDS.items()}
_NAMES = Names(b"INAM", b"IART", b"IPRD", b"ICRD", b"IPRT", b"IGNR", b"ICMT", b"IMUS", b"ICOP", b"ISFT", b"ITCH")


class Info(TagBlock):
    """LIST INFO: the content of the LIST chunk at ``start`` of the file."""

    item_key = "id"
    fields = ("genre", "comment")

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data, start)
        texts: dict[bytes, bytes] = {}
        position = 4
        while len(head := data[position : position + 8]) == 8:
            id, end = head[:4], position + 8 + int.from_bytes(head[4:], "little")
            if end > len(data):
                break
            text = data[position + 8 : end].rstrip(b"\0")
            field = None if id == b"ICMT" and id in texts else _FIELDS.get(id)
            texts.setdefault(id, text)
            # Some programs write no byte that makes the length even.
            end += (end - position) % 2 and data[end : end + 1] in (b"\0", b" ")
            items: tuple[Item, ...] = ({"id": id.decode("latin-1"), "text": [decode(text)]},) if field else ()
            self.entries.append(Entry(start + position, start + end, field, items))
            position = end
        self._list_end, self.insert_at = position, start + position
        self.names = Names(*(texts.get(id, b"") for id in _NAMES))
        self.has_names = any((self.names.title, self.names.artist, self.names.album, self.names.genre))

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``."""
        return {"id": _IDS[field].decode(), "text": [text]}

    def render(self, field: str, item: Item) -> bytes:
        """An item as a chunk, which ends with a zero and has an even length."""
        text: bytes = item["text"][0].encode("utf-8", "surrogateescape") + b"\0"
        return _IDS[field] + struct.pack("<I", len(text)) + text + bytes(len(text) % 2)

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other texts, and what follows them."""
        others = [entry for entry in self.entries if entry.field not in fields]
        return [
            *(("LIST INFO", self.data[e.start - self.start : e.end - self.start]) for e in others),
            ("bytes after LIST INFO", self.data[self._list_end :]),
        ]
