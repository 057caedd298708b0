"""Tags in front of the audio and behind it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import ape, id3v1, id3v2, lyrics3, text

from recsys.tagblocks.block import Block, Kind
from recsys.tagblocks.ends import hidden_blocks, leading_blocks, trailing_blocks

AUDIO = bytes(range(1, 200))
APE = ape({"Title": "Ape Title", "Artist": "Foo\0Cee"})
APE_BLOCK = Block(Kind.APE, {"title": ["Ape Title"], "artist": ["Foo", "Cee"]})  # type: ignore[arg-type]
ID3V1 = id3v1(b"A Title that is longer than thirty", b"An Artist", b"", b"1999", 7, 17)
APPENDED = id3v2(text("TIT2", "Behind"), footer=True)


def kinds(content: bytes) -> list[Kind]:
    return [block.kind for block in trailing_blocks(io.BytesIO(content))]


def test_id3v1() -> None:
    [block] = trailing_blocks(io.BytesIO(AUDIO + ID3V1))
    assert block.kind == Kind.ID3V1
    assert block.fields == {
        "title": [b"A Title that is longer than th"], "artist": [b"An Artist"], "year": [b"1999"], "track": ["7"],
        "genre": ["17"],
    }  # fmt: skip
    padded = b"TAG" + b"A Title".ljust(30) + bytes(94) + b"\xff"
    assert trailing_blocks(io.BytesIO(padded))[0].fields == {"title": [b"A Title"]}


@pytest.mark.parametrize("header", [True, False])
def test_ape(header: bool) -> None:
    tag = ape({"Title": "Ape Title", "Artist": "Foo\0Cee"}, header=header)
    assert trailing_blocks(io.BytesIO(AUDIO + tag)) == [APE_BLOCK]


def test_ape_of_version_1_and_local_encoding() -> None:
    tag = ape({"Title": b"Caf\xe9"}, header=False, version=1000)
    assert trailing_blocks(io.BytesIO(AUDIO + tag))[0].fields == {"title": [b"Caf\xe9"]}


def test_header_of_ape_at_the_place_of_id3v1_is_none() -> None:
    """ "APETAGEX" has "TAG" where ID3v1 would start, if the tag has 131 bytes."""
    tag = ape({"Replaygain_Track_Gain": "-3.00 dB".ljust(131 - 64 - 8 - 22)})
    assert len(tag) == 131
    assert kinds(AUDIO + tag) == [Kind.APE]
    assert kinds(AUDIO + tag + ID3V1) == [Kind.ID3V1, Kind.APE]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((APE, ID3V1), [Kind.ID3V1, Kind.APE]),
        ((ID3V1, APE), [Kind.APE, Kind.ID3V1]),
        ((APE, lyrics3(), ID3V1), [Kind.ID3V1, Kind.APE]),
        ((APE, b"LYRICSBEGINla la laLYRICSEND", ID3V1), [Kind.ID3V1, Kind.APE]),
        ((APPENDED, ID3V1), [Kind.ID3V1, Kind.ID3V2]),
        ((APPENDED, APE), [Kind.APE, Kind.ID3V2]),
        ((lyrics3(),), []),
        ((b"LYRICSEND",), []),
        ((b"3DI" + bytes(7),), []),
    ],
)
def test_blocks_behind_each_other(blocks: tuple[bytes, ...], expected: list[Kind]) -> None:
    assert kinds(AUDIO + b"".join(blocks)) == expected


def test_binary_items_and_links_of_ape_are_left() -> None:
    tag = bytearray(ape({"Cover": "cover.jpg", "Title": "Ape Title"}))
    position = tag.index(b"Cover") - 4
    for flags in (2, 4):
        tag[position] = flags
        assert trailing_blocks(io.BytesIO(bytes(tag)))[0].fields == {"title": ["Ape Title"]}


def test_several_tags_in_front() -> None:
    first, second = id3v2(text("TIT2", "First")), id3v2(text("TIT2", "Second", 3), version=3, padding=10)
    blocks = leading_blocks(io.BytesIO(first + second + APE + AUDIO))
    assert [block.fields.get("TIT2") for block in blocks] == [["First"], ["Second"], None]
    assert blocks[2] == APE_BLOCK


def test_id3v2_after_other_bytes() -> None:
    tag = id3v2(text("TIT2", "A Title"))
    assert hidden_blocks(io.BytesIO(b"ID3 is no tag" + tag)) == [Block(Kind.ID3V2, {"TIT2": ["A Title"]})]  # type: ignore[arg-type]
    assert hidden_blocks(io.BytesIO(AUDIO + b"ID3" + AUDIO)) == []


@given(st.binary(max_size=300), st.sampled_from([APE, ID3V1, APPENDED, lyrics3(), b""]), st.integers(0, 400))
def test_any_content_is_read(content: bytes, tag: bytes, cut: int) -> None:
    file = io.BytesIO((content + tag)[-cut:])
    trailing_blocks(file)
    leading_blocks(io.BytesIO(tag[:cut] + content))
    hidden_blocks(io.BytesIO(content + tag))
