"""FLAC: the block of Vorbis comments; all other metadata blocks, and their order, stay as they are.

Source: RFC 9639, section 8.
"""

from collections.abc import Mapping, Sequence
from typing import BinaryIO

from recsys.tagging.blocks import Raw, TagBlock, TagsNotWritable
from recsys.tagging.splices import Splice, growth
from recsys.tagging.streams import TagsAround
from recsys.tagging.vorbis import VorbisComments, new_comments

_COMMENTS = 4  # a type of block
_LAST = 0x80
_TOO_LARGE = 1 << 24


class _CommentBlock(VorbisComments):
    """Vorbis comments with the header of their metadata block before them."""

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the comments and of the length in the header."""
        splices = super().edit(changes)
        length = len(self.data) + growth(splices)
        return [*splices, Splice(self.start - 3, self.start, _length(length))]


class FLAC(TagsAround):
    """A FLAC stream, perhaps with ID3v2 before and other tags behind."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        super().__init__(file, start)
        self._metadata: list[tuple[int, int, int]] = []  # first byte of the header, start and end of the content
        comments = []
        position, is_last = self.start + 4, 0
        while not is_last:
            head = self.read(position, position + 4)
            end = position + 4 + int.from_bytes(head[1:], "big")
            if end > self.size:
                raise TagsNotWritable("its tags are damaged (the metadata blocks of FLAC are cut off)")
            self._metadata.append((head[0], position + 4, end))
            if head[0] & 0x7F == _COMMENTS:
                comments.append(_CommentBlock(self.read(position + 4, end), position + 4))
            position, is_last = end, head[0] & _LAST
        self.blocks = [*comments, *self.leading, *self.trailing]
        self.native = [*comments]

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """A block of comments behind the first metadata block."""
        kind, start, end = self._metadata[0]
        content = new_comments(self.names, changes)
        header = bytes([_COMMENTS | kind & _LAST]) + _length(len(content))
        return [Splice(start - 4, start - 3, bytes([kind & ~_LAST])), Splice(end, end, header + content)]

    def removal(self, block: TagBlock) -> list[Splice]:
        """Nothing: the block of comments stays."""
        return []

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other metadata blocks, in their order, and what stays in the tags."""
        kinds = [("FLAC metadata block", bytes([kind & 0x7F])) for kind, _, _ in self._metadata]
        others = [
            (f"FLAC metadata block {kind & 0x7F}", self.digest(start, end))
            for kind, start, end in self._metadata
            if kind & 0x7F != _COMMENTS
        ]
        return super().remains(fields) + kinds + others


def _length(length: int) -> bytes:
    if length >= _TOO_LARGE:
        raise TagsNotWritable("its block of comments has no room for another value")
    return length.to_bytes(3, "big")
