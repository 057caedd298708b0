"""Damaged files: they are refused, or changed in such a way that the undo is exact. Nothing else is raised."""

import io
import struct

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pieces import Kept, Pieces, ape, atom, chunk, comments, flac, id3, id3_frame, id3v1, join, lyrics3v2, ogg, riff

from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import NoTags, find_layout
from recsys.tagging.splices import apply_to_bytes, decode_splices, encode_splices, inverse

REFUSALS = (NoTags, TagsNotWritable, ValueError, LookupError, TypeError, ArithmeticError, struct.error)
"""What :mod:`recsys.tagging.rewrite` turns into the reason why a file stays unchanged."""
LINES = ["TITLE=A title", "GENRE=Jazz", "COMMENT=one", "X=" + "y" * 500]


def tag(version: int) -> Pieces:
    frames = [
        ("TIT2", b"\0title"),
        ("TCON", b"\0Jazz"),
        ("COMM", b"\0eng\0one"),
        ("APIC", b"\0image/png\0\3\0\xff\0\xe0"),
    ]
    short = {"TIT2": "TT2", "TCON": "TCO", "COMM": "COM", "APIC": "PIC"}
    named = [(short[id] if version == 2 else id, content) for id, content in frames]
    whole = [id3_frame(id, content, version) for id, content in named]
    return id3(whole, version, padding=20, unsynchronised=version == 3, crc=version > 2)


def movie() -> Pieces:
    meta = [Kept(bytes(4)), *atom(b"hdlr", [bytes(8), b"mdirappl", bytes(9)])]
    genre = join(atom(b"\xa9gen", atom(b"data", [struct.pack(">II", 1, 0), b"Jazz"])))
    udta = atom(b"udta", atom(b"meta", [*meta, *atom(b"ilst", [genre]), *atom(b"free", [bytes(30)])]))
    table = atom(b"stbl", atom(b"stco", [struct.pack(">III", 0, 1, 400)]))
    moov = atom(b"moov", [*atom(b"trak", atom(b"mdia", atom(b"minf", table))), *udta])
    return [*atom(b"ftyp", [b"M4A \0\0\0\0"]), *moov, *atom(b"mdat", [bytes(range(200))])]


def windows_media() -> Pieces:
    attribute = "WM/Genre\0".encode("utf-16-le"), "Jazz\0".encode("utf-16-le")
    record = struct.pack("<H", 18) + attribute[0] + struct.pack("<HH", 0, 10) + attribute[1]
    extended = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850") + struct.pack("<QH", 26 + len(record), 1) + record
    head = struct.pack("<QIH", 30 + len(extended), 1, 0x201)
    data = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c") + struct.pack("<Q", 224) + bytes(200)
    return [bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), head, extended, data]


VORBIS = [
    b"\x01vorbis" + bytes(23),
    b"\x03vorbis" + join(comments(LINES)) + b"\1",
    b"\x05vorbis" + bytes(300),
    b"audio",
]
WAV = [
    chunk(b"fmt ", [bytes(16)]), chunk(b"odd ", [b"odd"]), chunk(b"data", [bytes(100)]),
    chunk(b"LIST", [b"INFO", *chunk(b"INAM", [b"title\0"])]), chunk(b"id3 ", tag(3)),
]  # fmt: skip
FRAMES = b"\xff\xfb\x90\x00" + bytes(range(250))
FILES = [
    join([*tag(2), FRAMES]), join([*tag(3), FRAMES]),
    join([*tag(4), FRAMES, *ape([("Title", "x"), ("Genre", "Jazz")]), lyrics3v2("la"), id3v1()]),
    join(flac([(0, [bytes(34)]), (4, comments(LINES)), (1, [bytes(50)])])),
    join(page.write() for page in ogg(VORBIS, 7, page_size=300)), join(riff(WAV)),
    join(riff([chunk(b"ID3 ", tag(4), big=True), chunk(b"SSND", [bytes(50)], big=True)], b"FORM", b"AIFF")),
    join(movie()), join(windows_media()),
]  # fmt: skip
mutations = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 12), st.one_of(st.binary(max_size=8), st.just(b"\xff\xff\xff\xff"))),
    min_size=1, max_size=4,
)  # fmt: skip


@given(st.sampled_from(FILES), mutations, st.one_of(st.none(), st.integers(0, 1500)))
def test_damaged_file_is_refused_or_its_undo_is_exact(
    data: bytes, changes: list[tuple[int, int, bytes]], length: int | None
) -> None:
    for start, n, new in changes:
        data = data[:start] + new + data[start + n :]
    data = data[:length]
    file = io.BytesIO(data)
    try:
        splices = find_layout(file).change({"genre": "Blues", "comment": "ä", "key": "Am"})
    except REFUSALS:
        return
    changed = apply_to_bytes(data, splices)
    assert apply_to_bytes(changed, decode_splices(encode_splices(inverse(file, splices)))) == data


def test_ape_tag_without_the_header_that_its_footer_states_is_refused() -> None:
    data = join([FRAMES, *ape([("Title", "x")])])
    header = data.index(b"APETAGEX")
    damaged = data[:header] + b"\0" + data[header + 1 :]
    with pytest.raises(TagsNotWritable, match="header of the APE tag is missing"):
        find_layout(io.BytesIO(damaged))
