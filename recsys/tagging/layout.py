"""The tag blocks of a file: which of them get a value, and what has to follow a change.

A value goes into the block that programs read first, and into every other block that has the field, so that no block
contradicts another. A new block is made only where no block can get the value; it repeats the texts of blocks that it
could hide from programs that read only one.

ID3v1 stays as it is: its genre is one of 192 numbers, and programs read it only where nothing else has the field.
"""

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO

from recsys.metadata.genre_tags import genres_of
from recsys.tagging.blocks import Names, Raw, TagBlock, TagsNotWritable
from recsys.tagging.id3 import ID3v2, id3_size
from recsys.tagging.splices import Splice, in_order

_BLOCK = 1 << 20


class Layout:
    """The tag blocks of an open file whose container starts at ``start``. Subclasses find them on construction."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self.file, self.start = file, start
        self.size = file.seek(0, os.SEEK_END)
        self.leading: list[ID3v2] = []  # tags in front, which any container may have
        position = 0
        while position < start and (size := id3_size(self.read(position, position + 10))):
            self.leading.append(ID3v2(self.read(position, position + size), position))
            position += size
        self._leading_end = position
        self.blocks: list[TagBlock] = []  # first the one that programs read first
        self.native: list[TagBlock] = []  # of the kind that the container is meant to have
        self.names = Names()  # of blocks that are only read

    @property
    def primary(self) -> TagBlock | None:
        """The block that programs read first. One of a foreign kind counts if it has names, not only ReplayGain."""
        return next((block for block in self.blocks if block in self.native or block.has_names), None)

    def first_blocks(self) -> list[TagBlock]:
        """The blocks that get a value whether they have the field or not."""
        return [self.primary] if self.primary else []

    def needs_block(self, changes: Collection[str]) -> bool:
        """Whether no block can have these fields."""
        return self.primary is None or not set(changes) <= set(self.primary.fields)

    def texts(self, field: str) -> list[str]:
        """The texts of a field in the first block that has it."""
        for block in self.blocks:
            if block.holds(field):
                return block.texts(field)
        texts = [text for name, text in self.names.decoded().items() if name == field]
        return genres_of(texts) if field == "genre" else texts

    def change(self, changes: Mapping[str, str]) -> list[Splice]:
        """The splices that give fields other texts.

        Raises
        ------
        TagsNotWritable
            The tags cannot be changed without a loss.
        """
        if not changes:
            return []
        first = self.first_blocks()
        edits = []
        for block in self.blocks:
            chosen = [f for f in changes if f in block.fields and (block in first or block.holds(f))]
            if chosen:
                edits.append((block, block.edit({field: [block.make(field, changes[field])] for field in chosen})))
        return self._complete(edits, self.new_block(changes) if self.needs_block(changes) else [])

    def restore(
        self, before: Mapping[str, Raw], after: Mapping[str, Raw], *, remove_empty: bool = False
    ) -> list[Splice]:
        """The splices that give fields the items ``before``, in the block to which a run has written ``after``.

        With ``remove_empty``, a block is removed that has no entry afterwards.
        """
        keys = next((set(item) for raw in (*after.values(), *before.values()) for item in raw), None)
        for block in self.blocks:
            if block.item_key in keys if keys is not None else block is self.primary:
                kept = any(before.values()) or any(entry.field not in before for entry in block.entries)
                if remove_empty and not kept and (removal := self.removal(block)):
                    return in_order(removal)
                return self._complete([(block, block.edit(before))], [])
        raise TagsNotWritable("the tag block that was written is not in the file any more")

    def _complete(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        changes = [splice for _, splices in edits for splice in splices] + list(created)
        return in_order([*changes, *self.follow(edits, created)])

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """The splices that add a block with these fields and with :attr:`names`."""
        raise NotImplementedError

    def removal(self, block: TagBlock) -> list[Splice]:
        """The splices that remove a block; none where recsys does not do that."""
        return []

    def follow(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        """The splices of sizes and positions outside of the blocks that follow from changes of blocks."""
        return []

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """All that a change of these fields must leave as it is: kinds, and bytes or their digests."""
        others = [("ID3v2", self.read(b.start, b.end)) for b in self.leading if b not in self.blocks]
        others.append(("bytes before the container", self.read(self._leading_end, self.start)))
        return [*(part for block in self.blocks for part in block.remains(fields)), *others]

    def read(self, start: int, end: int) -> bytes:
        """Bytes of the file; fewer if it is shorter."""
        if not 0 <= start <= min(end, self.size):
            return b""
        self.file.seek(start)
        return self.file.read(end - start)

    def digest(self, start: int, end: int) -> bytes:
        """A digest of bytes of the file."""
        digest = hashlib.blake2b(digest_size=16)
        for position in range(start, end, _BLOCK):
            digest.update(self.read(position, min(position + _BLOCK, end)))
        return digest.digest()
