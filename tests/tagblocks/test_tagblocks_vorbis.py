"""Vorbis comments in FLAC and Ogg files."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import ogg_page, vorbis

from recsys.tagblocks.vorbis import read_flac, read_ogg

COMMENTS = vorbis([("TITLE", "A Title"), ("Artist", "Foo"), ("ARTIST", "Cee"), ("DATE", b"Caf\xe9")])
FIELDS = {"title": ["A Title"], "artist": ["Foo", "Cee"], "date": [b"Caf\xe9"]}
HEADS = {
    "vorbis": (b"\x01vorbis" + bytes(23), b"\x03vorbis" + COMMENTS + b"\x01"),
    "opus": (b"OpusHead" + bytes(11), b"OpusTags" + COMMENTS),
    "speex": (b"Speex   " + bytes(72), COMMENTS),
    "flac": (b"\x7fFLAC" + bytes(46), b"\x84" + struct.pack(">I", len(COMMENTS))[1:] + COMMENTS),
}


def flac(*blocks: tuple[int, bytes]) -> bytes:
    data = b"fLaC"
    for i, (kind, content) in enumerate(blocks):
        data += bytes([kind | (0x80 if i == len(blocks) - 1 else 0)]) + struct.pack(">I", len(content))[1:] + content
    return data


def test_flac() -> None:
    content = b"junk" + flac((0, bytes(34)), (6, bytes(5000)), (4, COMMENTS), (1, bytes(100))) + bytes(100)
    assert read_flac(io.BytesIO(content), 4) == [FIELDS]
    assert read_flac(io.BytesIO(flac((0, bytes(34)))), 0) == []


def test_second_comments_of_flac_come_second() -> None:
    content = flac((4, COMMENTS), (4, vorbis([("TITLE", "Another")])))
    assert read_flac(io.BytesIO(content), 0) == [FIELDS, {"title": ["Another"]}]


@pytest.mark.parametrize("codec", HEADS)
def test_ogg(codec: str) -> None:
    head, comments = HEADS[codec]
    content = ogg_page(1, 0, [head], first=True) + ogg_page(1, 1, [comments, b"setup"]) + ogg_page(1, 2, [bytes(99)])
    assert read_ogg(io.BytesIO(b"junk" + content), 4) == FIELDS


def test_ogg_with_video_and_comments_on_several_pages() -> None:
    head, _ = HEADS["vorbis"]
    picture = "x" * 60_000
    packet = b"\x03vorbis" + vorbis([("METADATA_BLOCK_PICTURE", picture), ("TITLE", "A Title")]) + b"\x01"
    half = 255 * 100
    content = (
        ogg_page(1, 0, [b"\x80theora" + bytes(35)], first=True)
        + ogg_page(2, 0, [head], first=True)
        + ogg_page(1, 1, [b"\x81theora" + vorbis([("TITLE", "Of the video")])])
        + ogg_page(2, 1, [packet[:half]], open_end=True)
        + ogg_page(2, 2, [packet[half:]], continued=True)
    )
    assert read_ogg(io.BytesIO(content), 0)["title"] == ["A Title"]


def test_first_link_of_a_chain_counts() -> None:
    links = b""
    for serial, title in enumerate(("First", "Second")):
        packet = b"OpusTags" + vorbis([("TITLE", title)])
        links += ogg_page(serial, 0, [HEADS["opus"][0]], first=True) + ogg_page(serial, 1, [packet])
    assert read_ogg(io.BytesIO(links), 0) == {"title": ["First"]}


def test_counts_and_lengths_that_exceed_the_data() -> None:
    data = bytearray(COMMENTS)
    data[13:17] = b"\xff\xff\xff\xff"  # the count
    assert read_flac(io.BytesIO(flac((4, bytes(data)))), 0) == [FIELDS]
    assert read_flac(io.BytesIO(flac((4, COMMENTS[:40]))), 0) == [{"title": ["A Title"]}]
    too_short = flac((4, COMMENTS)).replace(struct.pack(">I", len(COMMENTS))[1:], b"\0\0\x03", 1)
    assert read_flac(io.BytesIO(too_short), 0)[0] == FIELDS
    assert read_ogg(io.BytesIO(b"OggS"), 0) == {}


@given(st.binary(max_size=200))
def test_any_content_is_read(content: bytes) -> None:
    read_flac(io.BytesIO(flac((4, content))), 0)
    read_flac(io.BytesIO(b"fLaC" + content), 0)
    read_ogg(io.BytesIO(ogg_page(1, 0, [HEADS["opus"][0]], first=True) + ogg_page(1, 1, [b"OpusTags" + content])), 0)
    read_ogg(io.BytesIO(b"OggS" + content), 0)
