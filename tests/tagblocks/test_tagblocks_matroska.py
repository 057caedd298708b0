"""Tags of Matroska files."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import ebml

from recsys.tagblocks.block import Fields
from recsys.tagblocks.matroska import read_matroska

HEAD = ebml(0x1A45DFA3, ebml(0x4282, b"matroska"))
SEGMENT, INFO, TITLE, TRACKS, TRACK, TAGS, TAG = 0x18538067, 0x1549A966, 0x7BA9, 0x1654AE6B, 0xAE, 0x1254C367, 0x7373
CLUSTER = ebml(0x1F43B675, bytes(500))
STREAMS = ebml(
    TRACKS,
    ebml(TRACK, ebml(0x73C5, b"\x07") + ebml(0x83, b"\x01")) + ebml(TRACK, ebml(0x73C5, b"\x08") + ebml(0x83, b"\x02")),
)
"""A video stream and an audio stream."""


def tag(level: int | None, *pairs: tuple[str, str], **targets: int) -> bytes:
    names = {"stream": 0x63C5, "chapter": 0x63C4, "edition": 0x63C9, "attachment": 0x63C6}
    content = ebml(0x68CA, bytes([level])) if level else b""
    content += b"".join(ebml(names[name], bytes([value])) for name, value in targets.items())
    simple = (ebml(0x67C8, ebml(0x45A3, name.encode()) + ebml(0x4487, value.encode())) for name, value in pairs)
    return ebml(TAG, ebml(0x63C0, content) + b"".join(simple))


def read(*of_segment: bytes) -> Fields:
    return read_matroska(io.BytesIO(b"junk" + HEAD + ebml(SEGMENT, b"".join(of_segment))), 4)


def test_levels() -> None:
    tags = ebml(
        TAGS,
        tag(50, ("TITLE", "An Album"), ("ARTIST", "Various"))
        + tag(30, ("TITLE", "A Title"), ("ARTIST", "Foo"), ("ARTIST", "Cee"), ("PART_NUMBER", "3"))
        + tag(None, ("Album Artist", "Flat")),
    )
    assert read(ebml(INFO, ebml(TITLE, b"Of the segment")), STREAMS, CLUSTER, tags) == {
        "segment/title": ["Of the segment"],
        "50/title": ["An Album"],
        "50/artist": ["Various"],
        "30/title": ["A Title"],
        "30/artist": ["Foo", "Cee"],
        "30/part_number": ["3"],
        "/album_artist": ["Flat"],
    }


def test_tags_of_other_things_are_left() -> None:
    others = [
        tag(30, ("TITLE", "Of a chapter"), chapter=1),
        tag(30, ("TITLE", "Of an edition"), edition=1),
        tag(None, ("TITLE", "Of an attachment"), attachment=1),
        tag(None, ("TITLE", "Of the video"), stream=7),
        tag(None, ("TITLE", "Of the audio"), stream=8),
        tag(30, ("ARTIST", "Foo"), chapter=0),  # 0 is all
    ]
    assert read(ebml(TAGS, b"".join(others)), STREAMS) == {"/title": ["Of the audio"], "30/artist": ["Foo"]}


def test_totals_of_taglib_are_moved_to_their_levels() -> None:
    assert read(ebml(TAGS, tag(50, ("TOTAL_PARTS", "12")))) == {"50/total_parts": ["12"]}
    both = ebml(TAGS, tag(30, ("TOTAL_PARTS", "12")) + tag(50, ("TOTAL_PARTS", "2")))
    assert read(both) == {"30/total_parts": ["12"], "60/total_parts": ["2"]}


def test_nested_tags_are_attributes_and_left() -> None:
    nested = ebml(0x67C8, ebml(0x45A3, b"SORT_WITH") + ebml(0x4487, b"Z"))
    simple = ebml(0x67C8, ebml(0x45A3, b"ARTIST") + ebml(0x4487, b"Foo\0") + nested)
    assert read(ebml(TAGS, ebml(TAG, simple))) == {"/artist": ["Foo"]}


def test_index_leads_to_the_tags_behind_the_clusters() -> None:
    tags = ebml(TAGS, tag(30, ("TITLE", "A Title")))

    def segment(position: int) -> bytes:
        seek = ebml(0x4DBB, ebml(0x53AB, TAGS.to_bytes(4, "big")) + ebml(0x53AC, position.to_bytes(8, "big")))
        return ebml(0x114D9B74, seek)

    start = len(segment(0)) + len(STREAMS) + 2 * len(CLUSTER)
    assert read(segment(start), STREAMS, CLUSTER, CLUSTER, tags) == {"30/title": ["A Title"]}
    assert read(segment(5), STREAMS, CLUSTER, CLUSTER, tags) == {"30/title": ["A Title"]}  # a wrong index
    live = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + bytes(len(CLUSTER) - 12)  # a cluster of unknown size
    assert read(segment(start), STREAMS, live, live, tags) == {"30/title": ["A Title"]}


@pytest.mark.parametrize("size", [b"\xff", b"\x01" + b"\xff" * 7])
def test_segment_of_unknown_size(size: bytes) -> None:
    content = HEAD + SEGMENT.to_bytes(4, "big") + size + ebml(TAGS, tag(30, ("TITLE", "A Title")))
    assert read_matroska(io.BytesIO(content), 0) == {"30/title": ["A Title"]}


def test_text_that_is_not_utf8_is_bytes() -> None:
    simple = ebml(0x67C8, ebml(0x45A3, b"TITLE") + ebml(0x4487, b"Caf\xe9"))
    assert read(ebml(TAGS, ebml(TAG, simple))) == {"/title": [b"Caf\xe9"]}


@given(st.binary(max_size=200))
def test_any_content_is_read(content: bytes) -> None:
    read_matroska(io.BytesIO(content), 0)
    read(content)
    read(ebml(TAGS, content), ebml(INFO, content), ebml(TRACKS, content), ebml(0x114D9B74, content))
    read(ebml(TAGS, ebml(TAG, content)))
