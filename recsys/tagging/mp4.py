"""MP4: the item list in ``moov``; all other atoms stay as they are, wherever they stand.

Where media data stand behind the list, a change of its length would move them. If there is free space, it takes up the
difference; else all chunk offsets are changed with it, those of fragments too.

Sources: ISO/IEC 14496-12; Apple, QuickTime File Format Specification.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from recsys.tagging.blocks import TagBlock, TagsNotWritable
from recsys.tagging.ilst import Ilst, atom, new_ilst
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice, growth

_MAX_ATOMS = 100_000
_MAX_DEPTH = 10  # of atoms in each other; six are needed
_CONTAINERS = {b"moov", b"udta", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra", b"edts", b"dinf"}
_FREE = (b"free", b"skip")
_NEW_META = bytes(4) + atom(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
_DAMAGED = "its tags are damaged (an atom of MP4 is longer than what contains it)"


class _Atom(NamedTuple):
    kind: bytes
    start: int
    content: int
    end: int
    to_the_end: bool  # its size is zero: it extends to the end of the file

    def resized(self, by: int) -> list[Splice]:
        """The splice of the size of an atom that grows."""
        size = self.end - self.start + by
        if self.to_the_end:
            return []
        if self.content - self.start == 16:
            return [Splice(self.start + 8, self.start + 16, struct.pack(">Q", size))]
        if size >= 1 << 32:
            raise TagsNotWritable("its format has no room for another byte")
        return [Splice(self.start, self.start + 4, struct.pack(">I", size))]


class _Offsets(NamedTuple):
    """Positions of media data in the file: ``length`` numbers of ``width`` bytes, one every ``step`` bytes."""

    start: int
    length: int
    width: int
    step: int


class MP4(Layout):
    """An MP4 or QuickTime file."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__(file, start)
        self._top = list(self._atoms(self.start, self.size))
        moov = next((found for found in self._top if found.kind == b"moov"), None)
        if moov is None:
            raise TagsNotWritable("its tags are damaged (there is no moov atom)")
        self._path = self._find_list(moov)
        if self._path[-1].kind == b"ilst":
            found = self._path[-1]
            self.native = [Ilst(self.read(found.content, found.end), found.content)]
        self.blocks = [*self.native]

    def _atoms(self, start: int, end: int) -> Iterator[_Atom]:
        for _ in range(_MAX_ATOMS):
            head = self.read(start, min(start + 16, end))
            if len(head) < 8 or not any(head[:8]):  # zeros may end the atoms of QuickTime
                return
            size, content = int.from_bytes(head[:4], "big"), start + 8
            if size == 1:
                size, content = int.from_bytes(head[8:], "big"), start + 16
            to_the_end = size == 0
            stop = end if to_the_end else start + size
            if stop < content:
                raise TagsNotWritable(_DAMAGED)
            if stop > end:
                if end < self.size or head[4:8] == b"moov":
                    raise TagsNotWritable(_DAMAGED)
                stop, to_the_end = end, True  # the last atom of a file that is cut off
            yield _Atom(head[4:8], start, content, stop, to_the_end)
            start = stop
        raise TagsNotWritable("its tags are damaged (it has too many atoms)")

    def _children(self, parent: _Atom) -> list[_Atom]:
        start = parent.content
        if parent.kind == b"meta" and self.read(start + 4, start + 8) != b"hdlr":
            start += 4  # version and flags, which QuickTime leaves out
        return list(self._atoms(start, parent.end))

    def _find_list(self, moov: _Atom) -> list[_Atom]:
        """``moov``, ``udta``, ``meta`` and ``ilst``, as far as they exist."""
        best = [moov]
        for udta in self._children(moov):
            if udta.kind == b"cmov":
                raise TagsNotWritable("its moov atom is compressed")
            if udta.kind != b"udta":
                continue
            best = max(best, [moov, udta], key=len)
            for meta in self._children(udta):
                if meta.kind == b"meta":
                    inner = [child for child in self._children(meta) if child.kind == b"ilst"]
                    best = max(best, [moov, udta, meta, *inner[:1]], key=len)
        return best

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """A list of items, in the atoms that it needs, behind the last atom of the innermost one that exists."""
        parent = self._path[-1]
        if parent.kind == b"meta" and b"mdir" not in self.read(parent.content, parent.content + 32):
            raise TagsNotWritable("its meta atom holds something other than tags")
        data = new_ilst(changes)
        if parent.kind != b"meta":
            data = atom(b"meta", _NEW_META + data)
        if parent.kind == b"moov":
            data = atom(b"udta", data)
        start = max((child.end for child in self._children(parent)), default=parent.content)
        return [Splice(start, start, data)]

    def follow(self, edits: Sequence[tuple[TagBlock, list[Splice]]], created: Sequence[Splice]) -> list[Splice]:
        """The splices of sizes of atoms, and of free space or chunk offsets."""
        by = growth([*created, *(splice for _, edit in edits for splice in edit)])
        if not by:
            return []
        resized = [*self._path]
        moving = [offsets for offsets in self._offsets() if self._moves(offsets)]
        if not moving:
            return [splice for each in resized for splice in each.resized(by)]
        for free, unchanged in self._free_space():
            if free.content == free.start + 8 and not free.to_the_end and free.end - free.content >= by:
                resized = [each for each in resized if each not in unchanged]
                cut = Splice(free.content, free.content + max(by, 0), bytes(max(-by, 0)))
                return [cut, *free.resized(-by), *(splice for each in resized for splice in each.resized(by))]
        return [
            *(splice for each in resized for splice in each.resized(by)),
            *(splice for offsets in moving for splice in self._moved(offsets, by)),
        ]

    def _free_space(self) -> Iterator[tuple[_Atom, list[_Atom]]]:
        """Free space that can take up a difference, and the atoms whose sizes then stay as they are."""
        if self._path[-1].kind in (b"ilst", b"meta"):
            meta = next(each for each in self._path if each.kind == b"meta")
            for child in self._children(meta):
                if child.kind in _FREE:
                    yield child, self._path[: self._path.index(meta) + 1]
        following = self._top[self._top.index(self._path[0]) + 1 :]
        if following and following[0].kind in _FREE:
            yield following[0], []

    def _moves(self, offsets: _Offsets) -> bool:
        return any(place > self._path[0].start for place in self._read_offsets(offsets))

    def _read_offsets(self, offsets: _Offsets) -> list[int]:
        data = self.read(offsets.start, offsets.start + offsets.length * offsets.step)
        width, step = offsets.width, offsets.step
        return [int.from_bytes(data[i : i + width], "big") for i in range(0, len(data) - width + 1, step)]

    def _moved(self, offsets: _Offsets, by: int) -> Iterator[Splice]:
        """The splice of positions, of which those behind ``moov`` move."""
        data = bytearray(self.read(offsets.start, offsets.start + (offsets.length - 1) * offsets.step + offsets.width))
        for number, place in enumerate(self._read_offsets(offsets)):
            if place > self._path[0].start:
                if place + by >= 1 << 8 * offsets.width:
                    raise TagsNotWritable("its chunk offsets have no room for another byte")
                at = number * offsets.step
                data[at : at + offsets.width] = (place + by).to_bytes(offsets.width, "big")
        yield Splice(offsets.start, offsets.start + len(data), bytes(data))

    def _offsets(self) -> Iterator[_Offsets]:
        """All positions of media data in the file.

        Raises
        ------
        TagsNotWritable
            There are some that recsys cannot change.
        """
        before_moov = self._top[: self._top.index(self._path[0])]
        if any(found.kind == b"sidx" for found in before_moov):
            raise TagsNotWritable("its index of segments stands before its tags")
        for found in self._leaves(self._top):
            start, content = found.content, found.end - found.content
            if found.kind in (b"iloc", b"saio"):
                raise TagsNotWritable(f"it has positions of data ({found.kind.decode()}) that recsys cannot change")
            if found.kind in (b"stco", b"co64"):
                width = 4 if found.kind == b"stco" else 8
                count = int.from_bytes(self.read(start + 4, start + 8), "big")
                yield _Offsets(start + 8, min(count, (content - 8) // width), width, width)
            elif found.kind == b"tfhd" and self.read(start + 3, start + 4)[-1] & 1:
                yield _Offsets(start + 8, 1, 8, 8)
            elif found.kind == b"tfra":
                yield self._offsets_of_fragments(start, content)

    def _offsets_of_fragments(self, start: int, content: int) -> _Offsets:
        version, lengths, n = struct.unpack(">B7xII", self.read(start, start + 16).ljust(16, b"\0"))
        width = 8 if version else 4
        numbers = sum((lengths >> shift & 3) + 1 for shift in (0, 2, 4))
        step = 2 * width + numbers
        return _Offsets(start + 16 + width, min(n, (content - 16) // step), width, step)

    def _leaves(self, atoms: Sequence[_Atom], depth: int = 0) -> Iterator[_Atom]:
        for found in atoms:
            if depth < _MAX_DEPTH and (found.kind in _CONTAINERS or found in self._path[2:3]):
                yield from self._leaves(self._children(found), depth + 1)
            else:
                yield found

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """Other items, all other atoms in their order, and where in these atoms positions of media data point."""
        parts = super().remains(fields)
        for found in self._leaves(self._top):
            kind = f"atom {found.kind.decode('latin-1')!r}"
            if found.kind in _FREE:
                parts.append((kind, b""))
            elif found.kind not in (b"stco", b"co64", b"tfhd", b"tfra", b"ilst"):
                parts.append((kind, self.digest(found.content, found.end)))
        starts = [found.start for found in self._top]
        for offsets in self._offsets():
            tops = [(bisect_right(starts, place) - 1, place) for place in self._read_offsets(offsets)]
            inside = [(top, place - starts[top]) for top, place in tops]
            parts.append(("positions of media data", repr(inside).encode()))
        return parts
