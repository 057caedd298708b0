"""Ogg: the comments change, and all other packets, pages and streams stay; the undo is exact."""

import io
import random

import hypothesis.strategies as st
import pytest
from hypothesis import given
from mutagen.ogg import OggPage
from pieces import Pieces, change, comments, join, length, ogg, pages_of
from tag_strategies import comment_lists, id3_tags, joined, targets

from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import find_layout
from recsys.tagging.splices import encode_splices, inverse

OGG_KINDS = {
    "vorbis": (b"\x01vorbis" + bytes(23), b"\x03vorbis", b"\x01", b"\x05vorbis" + bytes(range(256)) * 20),
    "opus": (b"OpusHead\x01\x02" + bytes(9), b"OpusTags", b"", b""),
    "opus with data": (b"OpusHead\x01\x02" + bytes(9), b"OpusTags", b"\x01binary" + bytes(300), b""),
    "speex": (b"Speex   1.2" + bytes(69), b"", b"", b""),
    "flac": (b"\x7fFLAC\x01\x00\x00\x02fLaC\x00\x00\x00\x22" + bytes(34), b"", b"", b"\x81\x00\x00\x10" + bytes(16)),
}


@given(
    st.sampled_from(sorted(OGG_KINDS)), st.data(), targets, st.lists(id3_tags(), max_size=1),
    st.sampled_from([600, 4096, 65025]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_ogg(
    kind: str, data: st.DataObject, target: dict[str, str], leading: list[Pieces], page_size: int, multiplexed: bool,
    chained: bool,
) -> None:  # fmt: skip
    first, prefix, suffix, third = OGG_KINDS[kind]
    comment = prefix + join(data.draw(comment_lists(rest=suffix)))
    if kind == "flac":
        comment = b"\x04" + len(comment).to_bytes(3, "big") + comment
    audio = [bytes([i]) * (700 * i + 255) for i in range(4)]
    pages = ogg([first, comment, third or audio[0], *audio], 7, page_size=page_size)
    if multiplexed:
        other = ogg([b"fishead\0" + bytes(56), b"x" * 900, b"y", b"z" * 300], 8)
        mixed = [other.pop(0)]
        for page in pages:
            mixed += [page, *other[:1]]
            del other[:1]
        pages = [*mixed, *other]
    if chained:
        pages += ogg([first, comment, third or audio[0], *audio], 9, page_size=page_size)
    pieces: Pieces = [*joined(leading), *(page.write() for page in pages)]
    new = change(pieces, target)
    assert length(joined(leading)) or new[:4] == b"OggS"
    found = pages_of(new[new.index(b"OggS") :])
    for serial in {page.serial for page in pages}:
        before, after = ([page for page in each if page.serial == serial] for each in (pages, found))
        assert [page.sequence for page in after] == list(range(len(after)))
        assert [(p.first, p.last) for p in after] == [(i == 0, i == len(after) - 1) for i in range(len(after))]
        old, packets = (OggPage.to_packets(each) for each in (before, after))
        assert len(old) == len(packets)
        assert [i for i, packet in enumerate(packets) if packet != old[i]] in ([], [1])
        granules = [[(p.position, p.packets) for p in each if p.position > 0] for each in (before, after)]
        assert granules[0] == granules[1]
        assert serial == 7 or before == after


@pytest.mark.parametrize("genre_first", [True, False])
def test_undo_of_a_change_beside_a_large_picture_is_small(genre_first: bool) -> None:
    picture = "METADATA_BLOCK_PICTURE=" + random.Random(0).randbytes(1_000_000).hex()
    lines = ["GENRE=Jazz", picture] if genre_first else [picture, "GENRE=Jazz"]
    head, prefix, _, setup = OGG_KINDS["vorbis"]
    pages = ogg([head, prefix + join(comments(lines)), setup, b"audio"], 7, page_size=60_000)
    file = io.BytesIO(join(page.write() for page in pages))
    splices = find_layout(file).change({"genre": "Progressive Rock"})
    assert len(encode_splices(inverse(file, splices))) < 1000


def test_pages_that_are_added_number_the_following_ones_again() -> None:
    head, prefix, _, setup = OGG_KINDS["vorbis"]
    packets = [head, prefix + join(comments(["x" * 58_000])), setup, *(bytes([i]) * 300 for i in range(9))]
    pages = ogg(packets, 7, page_size=60_000)
    new = pages_of(change([page.write() for page in pages], {"genre": "x" * 8000}))
    assert [page.sequence for page in new] == list(range(len(pages) + 1))
    again = change([page.write() for page in new], {"genre": "x"})
    assert len(pages_of(again)) >= len(pages)


def test_value_longer_than_a_page_is_divided_among_pages_and_read_again() -> None:
    head, prefix, _, setup = OGG_KINDS["vorbis"]
    pages = ogg([head, prefix + join(comments(["TITLE=A title"])), setup, b"audio"], 7, page_size=60_000)
    value = "".join(f"{number:06d}" for number in range(25_000))  # no part of it equals another part
    new = pages_of(change([page.write() for page in pages], {"comment": value}))
    assert len(new) >= len(pages) + 2
    assert f"COMMENT={value}".encode() in OggPage.to_packets(new)[1]


def test_page_of_comments_without_its_capture_pattern_is_refused() -> None:
    head, prefix, _, setup = OGG_KINDS["vorbis"]
    data = join(page.write() for page in ogg([head, prefix + join(comments(["GENRE=Jazz"])), setup, b"audio"], 7))
    second = data.index(b"OggS", 4)
    with pytest.raises(TagsNotWritable, match="damaged"):
        find_layout(io.BytesIO(data[:second] + b"Oggs" + data[second + 4 :]))
