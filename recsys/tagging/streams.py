"""Tags around a stream of frames: ID3v2 in front; APEv2, ID3v1 and Lyrics3 behind, in any order.

This is how MP3, raw AAC, Monkey's Audio, WavPack, Musepack, TTA, TAK and OptimFROG have their tags. FLAC has such tags
around its own.
"""

from collections.abc import Mapping, Sequence
from typing import BinaryIO

from recsys.metadata.genre_tags import GENRES
from recsys.tagblocks.ends import ID3V1_SIZE, LONGEST_END, ends_with_id3v1
from recsys.tagging.ape import APEv2, ape_at_end, new_ape
from recsys.tagging.blocks import Names, TagBlock
from recsys.tagging.id3 import new_id3
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice

_LYRICS3_END = b"LYRICS200"


class TagsAround(Layout):
    """The ID3v2 tags in front of a stream, and the tags behind it."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        super().__init__(file, start)
        self.trailing: list[APEv2] = []
        self.others: list[tuple[str, int, int]] = []  # kind, start and end of ID3v1 and Lyrics3
        self.stream_end = self._read_trailing(self.start)
        self.names = self._id3v1_names()

    def _read_trailing(self, start: int) -> int:
        """Where the tags behind the stream start."""
        end = self.size
        while True:
            before = end
            if ends_with_id3v1(self.read(max(0, end - LONGEST_END), end)):
                end -= ID3V1_SIZE
                self.others.append(("ID3v1", end, before))
            elif (size := ape_at_end(self.file, end)) and size <= end - start:
                end -= size
                self.trailing.append(APEv2(self.read(end, before), end))
            elif self.read(end - 9, end) == _LYRICS3_END and (digits := self.read(end - 15, end - 9)).isdigit():
                end -= 15 + int(digits)
                self.others.append(("Lyrics3", end, before))
            if not start <= end < before:
                return before

    def _id3v1_names(self) -> Names:
        found = [self.read(start, end) for kind, start, end in self.others if kind == "ID3v1"]
        if not found:
            return Names()
        data = found[0]
        title, artist, album, date, comment = (
            data[start:end].split(b"\0")[0].rstrip()
            for start, end in ((3, 33), (33, 63), (63, 93), (93, 97), (97, 127))
        )
        track = b"%d" % data[126] if data[125] == 0 and data[126] else b""
        genre = GENRES[data[127]].encode() if data[127] < len(GENRES) else b""
        return Names(title, artist, album, date, track, genre, comment)

    def removal(self, block: TagBlock) -> list[Splice]:
        """The splices that remove a block."""
        return [Splice(block.start, block.end, b"")]

    def remains(self, fields: Sequence[str]) -> list[tuple[str, bytes]]:
        """What stays in the tags, ID3v1 and Lyrics3."""
        return super().remains(fields) + [(kind, self.read(start, end)) for kind, start, end in self.others]


class LeadingID3(TagsAround):
    """A stream whose tag is ID3v2 in front: MP3, raw AAC, TTA."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        super().__init__(file, start)
        self.blocks = [*self.leading, *self.trailing]
        self.native = [*self.leading]

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """An ID3v2 tag at the start of the file."""
        return [Splice(0, 0, new_id3(self.names, changes))]


class TrailingAPE(TagsAround):
    """A stream whose tag is APEv2 behind: Monkey's Audio, WavPack, Musepack, TAK, OptimFROG."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        super().__init__(file, start)
        self.blocks = [*self.trailing, *self.leading]
        self.native = [*self.trailing]

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """An APEv2 tag behind the stream, and before ID3v1."""
        return [Splice(self.stream_end, self.stream_end, new_ape(self.names, changes))]


class RawAAC(LeadingID3):
    """Raw AAC. A new tag is APEv2 behind the stream: with ID3v2 in front, mutagen and others take the file for MP3."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        super().__init__(file, start)
        self.native = [*self.leading, *self.trailing]

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        """An APEv2 tag behind the stream, and before ID3v1."""
        return [Splice(self.stream_end, self.stream_end, new_ape(self.names, changes))]
