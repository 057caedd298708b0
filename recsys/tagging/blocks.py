"""What all tag blocks have in common: entries, of which those of five fields can be read and replaced.

A tag block (an ID3v2 tag, an APEv2 tag, a list of Vorbis comments …) is a sequence of entries. A change replaces
entries of some fields, and the numbers that follow from it (sizes, counts, checksums); all other bytes stay.

The content of a field is a list of items, which can be stored as JSON: for ID3 the encoding and the texts, for Vorbis
comments the key with its spelling, for ASF the type. An empty list is a field that does not exist.

========  ==============  =============  ==============  =============  =================  =========
field     ID3             Vorbis         MP4             APE            ASF                LIST INFO
========  ==============  =============  ==============  =============  =================  =========
genre     TCON            GENRE          ©gen, gnre      Genre          WM/Genre           IGNR
comment   COMM            COMMENT        ©cmt            Comment        Description        ICMT
custom    TXXX            RECSYS_GENRE   free form       RECSYS_GENRE   RECSYS_GENRE
bpm       TBPM            BPM            tmpo            BPM            WM/BeatsPerMinute
key       TKEY            INITIALKEY     free form       INITIALKEY     WM/InitialKey
========  ==============  =============  ==============  =============  =================  =========

The comment is the first one without a description. Further comments are other entries.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from recsys.metadata.encodings import decode_together
from recsys.metadata.genre_tags import genres_of
from recsys.tagging.splices import Splice

FIELDS = ("genre", "comment", "custom", "bpm", "key")
CUSTOM = "RECSYS_GENRE"

Item = dict[str, Any]
"""One value of a field."""
Raw = list[Item]
"""The items of a field."""


class TagsNotWritable(Exception):
    """The tags of a file cannot be changed without a loss. The message is a sentence about the file."""


class Entry(NamedTuple):
    """One entry of a tag block: its bytes in the file, its field (None: any other), and its items."""

    start: int
    end: int
    field: str | None
    items: tuple[Item, ...] = ()


class Names(NamedTuple):
    """The texts of a block that recsys does not write, as they are stored; a new block repeats them.

    Without this, a program that reads only the first block it finds would lose them.
    """

    title: bytes = b""
    artist: bytes = b""
    album: bytes = b""
    date: bytes = b""
    track: bytes = b""
    genre: bytes = b""
    comment: bytes = b""
    composer: bytes = b""
    copyright: bytes = b""
    encoder: bytes = b""
    encoded_by: bytes = b""

    def decoded(self) -> dict[str, str]:
        """The texts that are not empty."""
        found = {name: text for name, text in self._asdict().items() if text}
        return dict(zip(found, decode_together(list(found.values())), strict=True))


def decode(text: bytes) -> str:
    """Text in UTF-8; other bytes stay as surrogate escapes, so that no byte is lost if the text is written again."""
    return text.decode("utf-8", "surrogateescape")


class TagBlock(ABC):
    """One tag block, ``data`` at ``start`` of a file; its subclass parses it into :attr:`entries`."""

    item_key: ClassVar[str]
    """A key that items of a block of this kind have, and no items of other blocks in the same container."""
    fields: ClassVar[tuple[str, ...]] = FIELDS
    """The fields that a block of this kind can have."""
    has_names = False
    """Whether the block has a title, an artist, an album or a genre."""
    insert_at: int
    """Where a new entry goes."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.start, self.end = data, start, start + len(data)
        self.entries: list[Entry] = []

    def items(self, field: str) -> Raw:
        """The items of a field."""
        return [item for entry in self.entries if entry.field == field for item in entry.items]

    def holds(self, field: str) -> bool:
        """Whether the block has the field."""
        return any(entry.field == field for entry in self.entries)

    def texts(self, field: str) -> list[str]:
        """The texts of a field."""
        texts = [text for item in self.items(field) for text in item["text"] if text]
        return genres_of(texts) if field == "genre" else texts

    @abstractmethod
    def make(self, field: str, text: str) -> Item:
        """An item with the text ``text``, and with the spelling of the present item."""

    def render(self, field: str, item: Item) -> bytes:
        """An item as an entry."""
        raise NotImplementedError

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices that give some fields other items."""
        return self.replace_entries({field: self._render_all(field, raw) for field, raw in changes.items()})

    def _render_all(self, field: str, raw: Raw) -> bytes:
        return b"".join(self.render(field, item) for item in raw)

    def replace_entries(self, rendered: Mapping[str, bytes]) -> list[Splice]:
        """The splices that replace the entries of some fields: new ones stand where the first old one stood."""
        splices = []
        for field, data in rendered.items():
            present = [entry for entry in self.entries if entry.field == field]
            if not present:
                splices.append(Splice(self.insert_at, self.insert_at, data))
            for entry in present:
                splices.append(Splice(entry.start, entry.end, data if entry is present[0] else b""))
        return splices

    @abstractmethod
    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """All that a change of these fields must leave as it is, in the order of the block: kind and bytes."""
