"""Ogg: the comment packet of the first audio stream; all other packets and streams stay as they are.

Where the comments fit into as many pages as before, only these pages change; else the pages that follow in the same
stream get other numbers and checksums. Later links of a chained file keep their own comments: they may be other pieces.

Sources: RFC 3533 (pages), RFC 7845 (Opus), https://xiph.org/vorbis/doc, https://xiph.org/flac/ogg_mapping.html.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from recsys.tagging.blocks import Raw, TagBlock, TagsNotWritable
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice, apply_to_bytes, growth, in_order
from recsys.tagging.vorbis import VorbisComments

_HEAD = struct.Struct("<4sBBqII4xB")  # magic, version, flags, granule position, serial, number, checksum, segments
_CONTINUED, _FIRST, _LAST = 1, 2, 4  # flags
_MAX_SEGMENTS = 255
_PREFIXES = {  # start of the first packet: what precedes the comments in the second
    b"\x01vorbis": b"\x03vorbis",
    b"OpusHead": b"OpusTags",
    b"Speex   ": b"",
    b"\x7fFLAC": b"\x04",  # a metadata block with its header; the first bit of the type may be set
}
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_CUT_OFF = "its tags are damaged (the header of the Ogg stream is cut off)"


class _Page(NamedTuple):
    start: int
    flags: int
    granule: int
    serial: int
    number: int
    lacing: bytes

    @property
    def body(self) -> int:
        return self.start + 27 + len(self.lacing)

    @property
    def end(self) -> int:
        return self.body + sum(self.lacing)


class _CommentPacket(VorbisComments):
    """Comments in a packet that is spread over pages. Positions are those in the packet."""

    def __init__(self, packet: bytes, prefix: int) -> None:
        super().__init__(packet[prefix:], prefix)
        self.packet = packet

    def edit(self, changes: Mapping[str, Raw]) -> list[Splice]:
        """The splices of the packet."""
        splices = super().edit(changes)
        if self.packet[:1] in (b"\x04", b"\x84") and self.start == 4:
            length = len(apply_to_bytes(self.packet, splices)) - 4
            splices.append(Splice(1, 4, length.to_bytes(3, "big")))
        return splices


class Ogg(Layout):
    """An Ogg file: Vorbis, Opus, Speex or FLAC."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__(file, start)
        serial, prefix = self._first_audio_stream()
        self._pages: list[_Page] = []  # those that hold the comments
        packet = self._read_comments(serial)
        if packet[:1] == b"\x84" and prefix == b"\x04":
            prefix = b"\x84"
        if not packet.startswith(prefix):
            raise TagsNotWritable("its tags are damaged (the second packet of the Ogg stream has no comments)")
        comments = _CommentPacket(packet, 4 if prefix in (b"\x04", b"\x84") else len(prefix))
        self._comments = comments
        self.blocks = [comments, *self.leading]
        self.native = [comments]

    def _page(self, start: int) -> _Page | None:
        """The page at ``start``; None where there is none, or not the whole of it."""
        head = self.read(start, start + 27)
        if len(head) < 27 or head[:4] != b"OggS":
            return None
        _, _, flags, granule, serial, number, segments = _HEAD.unpack(head)
        page = _Page(start, flags, granule, serial, number, self.read(start + 27, start + 27 + segments))
        return page if len(page.lacing) == segments and page.end <= self.size else None

    def _pages_from(self, start: int) -> Iterator[_Page]:
        while page := self._page(start):
            yield page
            start = page.end

    def _first_audio_stream(self) -> tuple[int, bytes]:
        """Serial number of the first audio stream, and the prefix of its comments."""
        for page in self._pages_from(self.start):
            if not page.flags & _FIRST:
                break
            head = self.read(page.body, page.body + 8)
            for magic, prefix in _PREFIXES.items():
                if head.startswith(magic):
                    return page.serial, prefix
        raise TagsNotWritable("its Ogg streams have no tags that recsys can write")

    def _read_comments(self, serial: int) -> bytes:
        """The second packet of a stream; notes its pages, and how many segments before and after it they have."""
        number, parts = 0, []
        for page in self._pages_from(self.start):
            if page.serial != serial:
                continue
            position = page.body
            for index, segment in enumerate(page.lacing):
                if number == 1:
                    if not self._pages:
                        self._before = index
                    if page not in self._pages[-1:]:
                        self._pages.append(page)
                    parts.append((position, segment))
                position += segment
                number += segment < _MAX_SEGMENTS
                if number == 2:
                    self._after = len(page.lacing) - index - 1
                    return b"".join(self.read(start, start + length) for start, length in parts)
        raise TagsNotWritable(_CUT_OFF)

    def _complete(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        first, last = self._pages[0], self._pages[-1]
        n_before, n_after = sum(first.lacing[: self._before]), len(last.lacing) - self._after
        inside = [splice for block, part in edits if block is self._comments for splice in part]
        outside = [splice for block, part in edits if block is not self._comments for splice in part]
        changes = in_order(Splice(n_before + start, n_before + end, data) for start, end, data in inside)
        old = b"".join(self.read(page.body, page.end) for page in self._pages)
        new = apply_to_bytes(old, changes)
        packet = len(self._comments.packet) + growth(changes)
        lacing = first.lacing[: self._before] + _lacing(packet) + last.lacing[n_after:]
        counts = self._segments_of_pages(len(lacing))
        added = len(counts) - len(self._pages)
        pages = self._new_pages(new, lacing, counts)
        if all(page.end == following.start for page, following in pairwise(self._pages)):
            splices = self._move_headers(changes, pages)
        else:  # pages of other streams stand between these
            n_alone = len(pages) - 1 - max(0, added)
            padded = [*pages[:n_alone], *[b""] * -added, b"".join(pages[n_alone:])]
            splices = [Splice(page.start, page.end, data) for page, data in zip(self._pages, padded, strict=True)]
        return in_order([*outside, *splices, *(self._renumber(last, added) if added else ())])

    def _new_pages(self, content: bytes, lacing: bytes, counts: Sequence[int]) -> list[bytes]:
        """Pages of packets. New pages come before the last one, in which the comments end."""
        first = self._pages[0]
        surplus = len(counts) - len(self._pages)
        # Of too many pages the first ones are left out.
        kept = self._pages[max(0, -surplus) :]
        models = [*kept[:-1], *[None] * max(0, surplus), kept[-1]]
        pages, position = [], 0
        for number, (count, page) in enumerate(zip(counts, models, strict=True)):
            segments, lacing = lacing[:count], lacing[count:]
            data = content[position : position + sum(segments)]
            position += len(data)
            flags = (page.flags & ~_CONTINUED if page else 0) | (_CONTINUED if number else first.flags & _CONTINUED)
            pages.append(
                _render(flags, page.granule if page else -1, first.serial, first.number + number, segments, data)
            )
        return pages

    def _move_headers(self, changes: Sequence[Splice], pages: Sequence[bytes]) -> list[Splice]:
        """The splices that change the content of adjacent pages, remove their headers, and insert those of new pages.

        In this way a large picture in the comments stays in place, and the inverse of the change is small.
        """
        headers, position = [], 0  # of new pages: where they stand in the new content
        for page in pages:
            header = page[: 27 + page[26]]
            headers.append((position, header))
            position += len(page) - len(header)
        moved, shift = [], 0  # changes of the old content
        for start, end, data in [*changes, Splice(self._content_size, self._content_size, b"")]:
            while headers and headers[0][0] < start + shift:
                place, header = headers.pop(0)
                moved.append(Splice(place - shift, place - shift, header))
            parts, done = [], 0
            while headers and headers[0][0] - start - shift < len(data):
                place, header = headers.pop(0)
                parts += [data[done : place - start - shift], header]
                done = place - start - shift
            moved.append(Splice(start, end, b"".join((*parts, data[done:]))))
            shift += len(data) - (end - start)
        moved += [Splice(self._content_size, self._content_size, header) for _, header in headers]  # of empty pages
        removed = [Splice(page.start, page.body, b"") for page in self._pages]
        return [*removed, *(part for splice in in_order(moved) for part in self._in_file(splice))]

    @property
    def _content_size(self) -> int:
        return sum(page.end - page.body for page in self._pages)

    def _in_file(self, splice: Splice) -> Iterator[Splice]:
        """A splice of the content of the pages as splices of the file."""
        (start, end, data), offset = splice, 0
        for page in self._pages:
            size = page.end - page.body
            is_last = page is self._pages[-1]
            if offset <= start < offset + size or (is_last and start == offset + size):
                stop = min(end, offset + size)
                yield Splice(page.body + start - offset, page.body + stop - offset, data)
                start, data = stop, b""
                if start == end:
                    return
            offset += size

    def _segments_of_pages(self, n: int) -> list[int]:
        """How many of ``n`` segments each page gets: as many as before, as far as possible."""
        counts = [len(page.lacing) for page in self._pages]
        missing = n - sum(counts)
        lowest = [1] * len(counts)
        lowest[0] += self._before
        lowest[-1] += self._after
        for i in reversed(range(len(counts))):
            change = max(lowest[i] - counts[i], min(missing, _MAX_SEGMENTS - counts[i]))
            counts[i] += change
            missing -= change
        if missing and self._before:
            raise TagsNotWritable("the comments of its Ogg stream do not start on a page of their own")
        while missing < 0:  # fewer segments than pages
            missing += counts.pop(0)
        while missing > 0:
            counts.insert(-1, min(missing, _MAX_SEGMENTS))
            missing -= counts[-2]
        return counts

    def _renumber(self, last: _Page, added: int) -> Iterator[Splice]:
        """The splices of numbers and checksums of the pages that follow in the same stream."""
        if last.flags & _LAST:
            return
        for page in self._pages_from(last.end):
            if page.serial != last.serial:
                continue
            if page.flags & _FIRST:
                return
            data = self.read(page.start, page.end)
            number, checksum = struct.pack("<I", page.number + added & 0xFFFFFFFF), data[22:26]
            if checksum == _checksum(data):
                checksum = _checksum(data[:18] + number + data[22:])
            yield Splice(page.start + 18, page.start + 26, number + checksum)
            if page.flags & _LAST:
                return

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """What stays in the comments, and all pages except for their numbers, checksums and the comments."""
        parts = super().remains(fields)
        first, last = self._pages[0], self._pages[-1]
        parts += [
            ("Ogg packet on the first page of the comments", first.lacing[: self._before]),
            ("Ogg packets after the comments", last.lacing[len(last.lacing) - self._after :]),
        ]
        digest, ours, end = hashlib.blake2b(digest_size=16), {page.start for page in self._pages}, self.start
        for page in self._pages_from(self.start):
            end = page.end
            if page.start not in ours:
                data = self.read(page.start, page.end)
                digest.update(data[:18] + data[26:])
        after = self.read(last.end - sum(last.lacing[len(last.lacing) - self._after :]), last.end)
        return [*parts, ("Ogg packets", after), ("Ogg pages", digest.digest()), ("rest", self.digest(end, self.size))]


def _lacing(length: int) -> bytes:
    return b"\xff" * (length // _MAX_SEGMENTS) + bytes([length % _MAX_SEGMENTS])


def _render(flags: int, granule: int, serial: int, number: int, lacing: bytes, body: bytes) -> bytes:
    head = _HEAD.pack(b"OggS", 0, flags, granule, serial, number & 0xFFFFFFFF, len(lacing))
    page = head + lacing + body
    return page[:22] + _checksum(page) + page[26:]


def _checksum(page: bytes) -> bytes:
    """The checksum of a page, whose own checksum counts as zero. It is the CRC-32 of zlib with all bits mirrored."""
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRRORED)
    return (zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF).to_bytes(4, "big").translate(_MIRRORED)
