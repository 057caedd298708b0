"""Vorbis comments, as they stand in FLAC and in Ogg: the comments of five fields are replaced, all others stay.

Source: https://xiph.org/vorbis/doc/v-comment.html.
"""

import struct
from collections.abc import Mapping, Sequence

from recsys.tagging.blocks import CUSTOM, Entry, Item, Names, Raw, TagBlock, TagsNotWritable
from recsys.tagging.splices import Splice

_KEYS = {"genre": "GENRE", "comment": "COMMENT", "custom": CUSTOM, "bpm": "BPM", "key": "INITIALKEY"}
_FIELDS = {key: field for field, key in _KEYS.items()}
_NAMES = {"TITLE", "ARTIST", "ALBUM", "GENRE"}
_NEW_KEYS = Names(b"TITLE", b"ARTIST", b"ALBUM", b"DATE", b"TRACKNUMBER", b"GENRE", b"COMMENT")


class VorbisComments(TagBlock):
    """A list of comments: ``data``, from the vendor on, at ``start``; what follows the list stays as it is."""

    item_key = "key"

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data, start)
        self._count_at = 4 + self._length(0)
        self._count = self._length(self._count_at)
        position = self._count_at + 4
        for _ in range(self._count):
            end = position + 4 + self._length(position)
            self._add(position, end)
            position = end
        if position > len(data):
            raise TagsNotWritable("its tags are damaged (a comment is longer than the list of comments)")
        self._list_end, self.insert_at = position, start + position

    def _length(self, position: int) -> int:
        if position + 4 > len(self.data):
            raise TagsNotWritable("its tags are damaged (the list of comments is cut off)")
        (length,) = struct.unpack_from("<I", self.data, position)
        return int(length)

    def _add(self, start: int, end: int) -> None:
        key, equals, text = self.data[start + 4 : end].partition(b"=")
        name = key.decode("latin-1").upper()
        field = _FIELDS.get(name) if equals else None
        if field == "comment" and self.holds("comment"):
            field = None
        item = {"key": key.decode("latin-1"), "text": [text.decode("utf-8", "surrogateescape")]}
        items = (item | {"place": len(self.entries)},) if field else ()
        self.has_names |= name in _NAMES
        self.entries.append(Entry(self.start + start, self.start + end, field, items))

    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the spelling of the present key."""
        first = next(iter(self.items(field)), {"key": _KEYS[field]})
        return {"key": first["key"], "text": [text]}

    def render(self, field: str, item: Item) -> bytes:
        """An item as a comment with its length."""
        comment = f"{item['key']}={item['text'][0]}".encode("utf-8", "surrogateescape")
        return struct.pack("<I", len(comment)) + comment

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the comments and of their number."""
        if any("place" in item for raw in changes.values() for item in raw):
            splices = self._edit_in_place(changes)
        else:
            splices = super().edit(changes)
        present = sum(entry.field in changes for entry in self.entries)
        count = self._count - present + sum(len(raw) for raw in changes.values())
        place = self.start + self._count_at
        return [*splices, Splice(place, place + 4, struct.pack("<I", count))]

    def _edit_in_place(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """Comments whose items have the places that they get in the list."""
        kept = [entry for entry in self.entries if entry.field not in changes]
        splices = [Splice(e.start, e.end, b"") for e in self.entries if e.field in changes]
        items = [(item["place"], self.render(field, item)) for field, raw in changes.items() for item in raw]
        for n_before, (place, data) in enumerate(sorted(items)):
            following = place - n_before
            start = kept[following].start if following < len(kept) else self.insert_at
            splices.append(Splice(start, start, data))
        return splices

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """The vendor, other comments, and what follows the list."""
        others = [entry for entry in self.entries if entry.field not in fields]
        return [
            ("vendor of the comments", self.data[: self._count_at]),
            *(("comment", self.data[e.start - self.start : e.end - self.start]) for e in others),
            ("bytes after the comments", self.data[self._list_end :]),
        ]


def new_comments(names: Names, changes: Mapping[str, str]) -> bytes:
    """A new list of comments with the fields ``changes`` and the texts of ``names``."""
    comments = [
        getattr(_NEW_KEYS, field) + b"=" + text.encode()
        for field, text in names.decoded().items()
        if field not in changes and getattr(_NEW_KEYS, field)
    ]
    comments += [f"{_KEYS[field]}={text}".encode() for field, text in changes.items()]
    vendor = b"recsys"
    parts = [vendor, struct.pack("<I", len(comments)), *(struct.pack("<I", len(c)) + c for c in comments)]
    return struct.pack("<I", len(vendor)) + b"".join(parts)
