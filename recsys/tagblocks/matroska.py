"""Tags of Matroska and WebM files.

A tag names what it describes by a number: 30 a track of an album, 50 the album, 60 a set of albums. The names here have
it in front: "30/title" is the title of the track, "50/title" that of the album. FFmpeg and others write tags without a
number, which by the standard are those of an album, but are meant as those of the file: "/title". The title of the
segment is "segment/title". Tags of chapters, attachments and of streams that are not the first audio stream are left.

Source: RFC 9559 (elements), draft-ietf-cellar-tags (tags).
"""

from collections.abc import Iterator
from typing import BinaryIO

from recsys.tagblocks.block import MAX_BLOCK, MAX_PARTS, MAX_TEXT, Fields, Value, read_at, utf8

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_INFO, _TITLE = 0x1549A966, 0x7BA9
_TRACKS, _TRACK, _TRACK_UID, _TRACK_TYPE, _AUDIO = 0x1654AE6B, 0xAE, 0x73C5, 0x83, 2
_TAGS, _TAG, _TARGETS, _TARGET_VALUE = 0x1254C367, 0x7373, 0x63C0, 0x68CA
_TAG_TRACK, _TAG_OTHERS = 0x63C5, (0x63C9, 0x63C4, 0x63C6)  # edition, chapter, attachment
_SIMPLE_TAG, _NAME, _STRING = 0x67C8, 0x45A3, 0x4487
_MAX_INDEXED = 100  # elements
_SET, _ALBUM, _SONG = "60", "50", "30"

Element = tuple[int, int, int]
"""Identifier, and where the content starts and ends."""


def read_matroska(file: BinaryIO, start: int) -> Fields:
    """The tags of the first segment."""
    fields = Fields()
    parts = _parts_of_segment(file, start)
    for _, first, end in parts.get(_INFO, ()):
        for name, at, stop in _elements(file, first, end):
            if name == _TITLE:
                fields.add("segment/title", _text(file, at, stop))
    audio = _first_audio_stream(file, parts.get(_TRACKS, []))
    for _, first, end in parts.get(_TAGS, ()):
        for name, at, stop in _elements(file, first, end):
            if name == _TAG:
                _add_tag(fields, file, at, stop, audio)
    # TagLib writes the number of tracks at 30 and the number of discs at 50; by the standard they are at 50 and 60.
    if f"{_SONG}/total_parts" in fields and f"{_ALBUM}/total_parts" in fields:
        fields[f"{_SET}/total_parts"] = fields.pop(f"{_ALBUM}/total_parts")
    return fields


def _parts_of_segment(file: BinaryIO, start: int) -> dict[int, list[Element]]:
    """The elements of the segment that are needed, found by its index and by walking over it."""
    segment = next((each for each in _elements(file, start, None) if each[0] == _SEGMENT), None)
    if segment is None:
        return {}
    found: dict[int, Element] = {}
    indexed: list[Element] = []
    for element in _elements(file, *segment[1:]):
        if element[0] == _CLUSTER and any(each[0] == _TAGS for each in indexed):
            break  # the index has the tags: a long file has thousands of clusters
        if element[0] == _SEEK_HEAD and len(indexed) < _MAX_INDEXED:
            positions = _indexed_positions(file, element)[:_MAX_INDEXED]
            indexed += [_at(file, segment[1] + position) for position in positions]
        elif element[0] != _CLUSTER:
            found[element[1]] = element
    found |= {element[1]: element for element in indexed}
    parts: dict[int, list[Element]] = {}
    for _, element in sorted(found.items()):
        parts.setdefault(element[0], []).append(element)
    return parts


def _indexed_positions(file: BinaryIO, head: Element) -> list[int]:
    return [
        _number(file, at, stop)
        for _, first, end in _elements(file, head[1], head[2])
        for name, at, stop in _elements(file, first, end)
        if name == _SEEK_POSITION
    ]


def _first_audio_stream(file: BinaryIO, tracks: list[Element]) -> int:
    """The identifier of the stream; 0 if there is none."""
    for _, first, end in tracks:
        for name, at, stop in _elements(file, first, end):
            if name == _TRACK:
                numbers = {key: _number(file, *span) for key, *span in _elements(file, at, stop)
                           if key in (_TRACK_UID, _TRACK_TYPE)}  # fmt: skip
                if numbers.get(_TRACK_TYPE) == _AUDIO:
                    return numbers.get(_TRACK_UID, 0)
    return 0


def _add_tag(fields: Fields, file: BinaryIO, first: int, end: int, audio: int) -> None:
    level = ""
    for name, at, stop in _elements(file, first, end):
        if name == _TARGETS:
            for key, *span in _elements(file, at, stop):
                number = _number(file, *span)
                if number and (key in _TAG_OTHERS or (key == _TAG_TRACK and number != audio)):
                    return
                if key == _TARGET_VALUE:
                    level = str(number)
    for name, at, stop in _elements(file, first, end):
        if name == _SIMPLE_TAG:
            texts = {key: _text(file, *span) for key, *span in _elements(file, at, stop) if key in (_NAME, _STRING)}
            title = texts.get(_NAME, "")
            if isinstance(title, str) and _STRING in texts:
                fields.add(f"{level}/{title.strip().lower().replace(' ', '_')}", texts[_STRING])


def _elements(file: BinaryIO, position: int, end: int | None) -> Iterator[Element]:
    for _ in range(MAX_PARTS):
        if end is not None and position >= end:
            return
        name, first, stop = _at(file, position)
        if not name:
            return
        yield name, first, stop if end is None else min(stop, end)
        position = stop


def _at(file: BinaryIO, position: int) -> Element:
    """The element at a position; the identifier is 0 if none is there. An unknown size reaches very far."""
    head = read_at(file, position, 12)
    length = 9 - head[0].bit_length() if head else 9
    if length > 4 or len(head) <= length:
        return 0, position, position
    width = 9 - head[length].bit_length()
    size = int.from_bytes(head[length : length + width], "big") - (1 << 7 * width)
    first = position + length + width
    if width > 8 or len(head) < length + width:
        return 0, position, position
    if size == (1 << 7 * width) - 1:
        size = 1 << 56
    return int.from_bytes(head[:length], "big"), first, first + size


def _text(file: BinaryIO, start: int, end: int) -> Value:
    return utf8(read_at(file, start, min(end - start, MAX_TEXT, MAX_BLOCK)).partition(b"\0")[0])


def _number(file: BinaryIO, start: int, end: int) -> int:
    return int.from_bytes(read_at(file, start, min(end - start, 8)), "big")
