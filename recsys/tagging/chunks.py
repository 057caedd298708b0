"""Files of chunks: WAV (RIFF, RF64, BW64), AIFF and DSDIFF; and DSF, whose tag has a place of its own.

The tag is an ID3v2 tag in a chunk; in WAV, texts of LIST INFO are a tag too. All other chunks stay as they are: bext,
cue, smpl, unknown ones, and bytes behind the last.

Sources: EBU Tech 3285 and 3306 (WAV, RF64); the AIFF-C, DSDIFF 1.5 and DSF 1.01 specifications.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO, Literal, NamedTuple

from recsys.tagging.blocks import Names, TagBlock, TagsNotWritable
from recsys.tagging.id3 import ID3v2, id3_size, new_id3
from recsys.tagging.info import Info
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice, growth

_MAX_CHUNKS = 100_000
_UNKNOWN_SIZE = 0xFFFFFFFF


class _Form(NamedTuple):
    """How a kind of file writes its chunks."""

    order: Literal["little", "big"]
    size_bytes: int
    new_id: bytes  # of a new chunk with tags

    def render(self, size: int) -> bytes:
        if size >= 1 << 8 * self.size_bytes:
            raise TagsNotWritable("its format has no room for another byte")
        return size.to_bytes(self.size_bytes, self.order)


_WAV, _AIFF, _DSDIFF = _Form("little", 4, b"id3 "), _Form("big", 4, b"ID3 "), _Form("big", 8, b"ID3 ")
_FORMS = {b"RIFF": _WAV, b"RF64": _WAV, b"BW64": _WAV, b"FORM": _AIFF, b"FRM8": _DSDIFF}
_AIFF_TEXTS = Names(title=b"NAME", artist=b"AUTH", comment=b"ANNO", copyright=b"(c) ")


class _Chunk(NamedTuple):
    id: bytes
    start: int  # of the content
    end: int
    padded: bool  # whether a byte follows that makes the length even

    @property
    def is_empty_tag(self) -> bool:
        return self.id.upper() == b"ID3 " and self.start == self.end


class Chunks(Layout):
    """WAV, AIFF or DSDIFF."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__(file, start)
        if (kind := self.read(self.start, self.start + 4)) not in _FORMS:
            raise TagsNotWritable("its tags are damaged (it does not start as WAV, AIFF or DSDIFF do)")
        self._form = _FORMS[kind]
        self._head = 4 + self._form.size_bytes
        self._ds64: int | None = None  # place of the sizes of an RF64 file
        self._chunks: list[_Chunk] = []
        self._size_at = 0  # place of the size of the form, if it is right
        self._form_end = self.start + self._head + 4
        self._cut_off = self._read_chunks()
        self._chunk_of: dict[TagBlock, _Chunk] = {}
        for chunk in self._chunks:
            if block := self._block(chunk):
                self._chunk_of[block] = chunk
        self.native = [block for block in self._chunk_of if isinstance(block, ID3v2)]
        self._infos = [block for block in self._chunk_of if isinstance(block, Info)]
        self.blocks = [*self.native, *self._infos, *self.leading]
        self.names = self._infos[0].names if self._infos else self._aiff_names()

    def _read_chunks(self) -> bool:
        """Find all chunks; whether the last one is cut off."""
        position, data_size = self.start + self._head + 4, _UNKNOWN_SIZE
        while len(self._chunks) < _MAX_CHUNKS and (head := self._chunk_head(position)):
            id, size, content = *head, position + self._head
            if id == b"ds64":
                self._ds64, data_size = content, int.from_bytes(self.read(content + 8, content + 16), "little")
            elif id == b"data" and size == _UNKNOWN_SIZE:
                size = data_size
            end = content + size
            if end > self.size:
                if not self._size_at:  # else it is not a chunk, but bytes behind the form
                    self._chunks.append(_Chunk(id, content, self.size, padded=False))
                return not self._size_at
            padded = size % 2 == 1 and self._is_padded(end)
            self._chunks.append(_Chunk(id, content, end, padded))
            position = end + padded
            if not self._size_at:
                at, form_end = self._declared_end()
                self._form_end = position
                self._size_at = at if form_end in (end, position) else 0
        return False

    @property
    def _has_open_end(self) -> bool:
        """Whether bytes follow the last chunk that may belong to it, as in a recording that was not completed."""
        last = self._chunks[-1] if self._chunks else None
        is_empty = last is not None and last.id == b"data" and last.start == last.end
        return self._form_end != self.size and (is_empty or not self._size_at)

    def _chunk_head(self, position: int) -> tuple[bytes, int] | None:
        """Id and length of the chunk at a position; None where there is none."""
        head = self.read(position, position + self._head)
        if len(head) < self._head or not all(0x20 <= byte < 0x7F for byte in head[:4]):
            return None
        return head[:4], int.from_bytes(head[4:], self._form.order)

    def _is_padded(self, end: int) -> bool:
        """Whether a byte without content follows a chunk of odd length, as it should."""
        return end < self.size and (not self._is_chunk(end) or self._is_chunk(end + 1))

    def _is_chunk(self, position: int) -> bool:
        head = self._chunk_head(position)
        return head is not None and position + self._head + head[1] <= self.size

    def _declared_end(self) -> tuple[int, int]:
        """Where the size of the form stands, and where the form ends by it."""
        at, width = self.start + 4, self._form.size_bytes
        size = int.from_bytes(self.read(at, at + width), self._form.order)
        if size == _UNKNOWN_SIZE and self._ds64:
            at, size = self._ds64, int.from_bytes(self.read(self._ds64, self._ds64 + 8), "little")
        return at, self.start + self._head + size

    def _block(self, chunk: _Chunk) -> TagBlock | None:
        if chunk.id.upper() == b"ID3 " and (size := id3_size(self.read(chunk.start, min(chunk.start + 10, chunk.end)))):
            if chunk.start + size > chunk.end:
                raise TagsNotWritable("its tags are damaged (an ID3 tag is longer than its chunk)")
            return ID3v2(self.read(chunk.start, chunk.start + size), chunk.start)
        if chunk.id == b"LIST" and self.read(chunk.start, chunk.start + 4) == b"INFO":
            return Info(self.read(chunk.start, chunk.end), chunk.start)
        return None

    def _aiff_names(self) -> Names:
        if self._form is not _AIFF:
            return Names()
        texts = {chunk.id: chunk for chunk in reversed(self._chunks) if chunk.id in _AIFF_TEXTS}
        read = {id: self.read(chunk.start, chunk.end).rstrip(b"\0") for id, chunk in texts.items()}
        return Names(*(read.get(id, b"") for id in _AIFF_TEXTS))

    def first_blocks(self) -> list[TagBlock]:
        """The first ID3v2 chunk and the first LIST INFO: TagLib reads that first, and FFmpeg and Windows this."""
        return [*self.native[:1], *self._infos[:1], *super().first_blocks()]

    def needs_block(self, changes: Collection[str]) -> bool:
        """Whether there is no ID3v2 tag, and no LIST INFO with names that can have these fields.

        An ID3v2 tag beside LIST INFO would hide the rest of that from programs that read only one of them.
        """
        return not self.native and super().needs_block(changes)

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """A chunk with an ID3v2 tag behind the last chunk."""
        for chunk in self._chunks:
            if chunk.is_empty_tag:
                tag = new_id3(self.names, changes)
                size = Splice(chunk.start - self._form.size_bytes, chunk.start, self._form.render(len(tag)))
                return [size, Splice(chunk.end, chunk.end, tag)]
        if self._cut_off or self._has_open_end:
            raise TagsNotWritable("its last chunk has no certain end, so that no tags can follow it")
        tag = new_id3(self.names, changes)
        is_odd = any(chunk.end == self._form_end and (chunk.end - chunk.start) % 2 for chunk in self._chunks)
        new = self._form.new_id + self._form.render(len(tag)) + tag
        return [Splice(self._form_end, self._form_end, bytes(is_odd) + new)]

    def removal(self, block: TagBlock) -> list[Splice]:
        """The splices that remove the chunk of a block."""
        if (chunk := self._chunk_of.get(block)) is None:
            return []
        gone = Splice(chunk.start - self._head, chunk.end + chunk.padded, b"")
        return [gone, self._new_form_size(gone.growth)] if self._size_at else [gone]

    def follow(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        """The splices of the lengths of chunks and of the form, and of bytes that make lengths even."""
        splices, inside = [], growth(created)
        for block, edit in edits:
            if (chunk := self._chunk_of.get(block)) is None:
                continue
            size = chunk.end - chunk.start
            new_size = size + growth(edit)
            splices.append(Splice(chunk.start - self._form.size_bytes, chunk.start, self._form.render(new_size)))
            without_padding = size % 2 == 1 and not chunk.padded
            pad = bytes(new_size % 2 and not without_padding)
            splices.append(Splice(chunk.end, chunk.end + chunk.padded, pad))
            if chunk.end <= self._form_end:
                inside += growth(edit) + len(pad) - chunk.padded
        if self._size_at and (splices or created):
            splices.append(self._new_form_size(inside))
        return splices

    def _new_form_size(self, growth: int) -> Splice:
        at, size = self._size_at, self._form_end - self.start - self._head + growth
        if at == self._ds64:
            return Splice(at, at + 8, size.to_bytes(8, "little"))
        return Splice(at, at + self._form.size_bytes, self._form.render(size))

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """What stays in the tags, all other chunks with their order, and bytes behind the last."""
        changing = {*self._chunk_of.values(), *(c for c in self._chunks if c.is_empty_tag or c.id == b"ds64")}
        others = [chunk for chunk in self._chunks if chunk not in changing]
        behind = max((chunk.end + chunk.padded for chunk in self._chunks), default=self.start)
        parts = [(f"chunk {c.id.decode('ascii')!r}", self.digest(c.start, c.end)) for c in others]
        for block, chunk in self._chunk_of.items():
            if isinstance(block, ID3v2):
                parts.append(("bytes after the ID3 tag in its chunk", self.read(block.end, chunk.end)))
        return [*super().remains(fields), *parts, ("bytes behind the chunks", self.digest(behind, self.size))]


class DSF(Layout):
    """DSF: the header has the place of an ID3v2 tag at the end of the file."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__(file, start)
        header = self.read(self.start, self.start + 28)
        self._total, self._tag_at = (int.from_bytes(header[at : at + 8], "little") for at in (12, 20))
        if self._tag_at:
            place = self.start + self._tag_at
            size = id3_size(self.read(place, place + 10))
            if not size or place + size > self.size:
                raise TagsNotWritable("its tags are damaged (the header of DSF has another place of the ID3 tag)")
            self.native = [ID3v2(self.read(place, place + size), place)]
        self.blocks = [*self.native]

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """An ID3v2 tag at the end of the file."""
        return [Splice(self.size, self.size, new_id3(self.names, changes))]

    def follow(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        """The splices of the length of the file, and of the place of a new tag."""
        total = self._total + growth([*created, *(splice for _, edit in edits for splice in edit)])
        splices = [Splice(self.start + 12, self.start + 20, total.to_bytes(8, "little"))]
        if created:
            place = (self.size - self.start).to_bytes(8, "little")
            splices.append(Splice(self.start + 20, self.start + 28, place))
        return splices

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """What stays in the tag, and all bytes before and behind it except for the header."""
        start, end = (self.native[0].start, self.native[0].end) if self.native else (self.size, self.size)
        before, behind = self.digest(self.start + 28, start), self.digest(end, self.size)
        return [*super().remains(fields), ("before the tag", before), ("behind the tag", behind)]
