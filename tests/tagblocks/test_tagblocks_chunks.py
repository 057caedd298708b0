"""Texts in the chunks of WAV, AIFF, CAF, DSF, DSDIFF and AU files."""

import io
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import chunk, id3v2, info, text

from recsys.tagblocks import chunks
from recsys.tagblocks.block import Kind

TAG = id3v2(text("TIT2", "Id3 Title"))
FMT, DATA = chunk(b"fmt ", bytes(16)), chunk(b"data", bytes(101))


def wav(*parts: bytes) -> io.BytesIO:
    return io.BytesIO(b"RIFF\0\0\0\0WAVE" + b"".join(parts))


def long_chunk(name: bytes, content: bytes, order: str = ">Q") -> bytes:
    return name + struct.pack(order, len(content)) + content


def test_wav_has_id3_before_info_before_bext() -> None:
    bext = chunk(b"bext", bytes(320) + b"1988-05-01" + bytes(300))
    blocks = chunks.read_wav(wav(FMT, bext, info({"INAM": b"A Title", "IPRT": b"3/12"}), DATA, chunk(b"id3 ", TAG)), 0)
    assert [(block.kind, block.fields) for block in blocks] == [
        (Kind.ID3V2, {"TIT2": ["Id3 Title"]}),
        (Kind.INFO, {"INAM": [b"A Title"], "IPRT": [b"3/12"]}),
        (Kind.BEXT, {"date": [b"1988-05-01"]}),
    ]


@pytest.mark.parametrize("pad", [True, False])
def test_odd_chunks_with_and_without_padding(pad: bool) -> None:
    fields = {"IART": b"Fo", "INAM": b"A Titl", "IGNR": b"Jazz"}
    file = wav(FMT, chunk(b"data", b"\x01" * 101, pad=pad), info(fields, pad=pad))
    [block] = chunks.read_wav(file, 0)
    assert block.fields == {name: [value] for name, value in fields.items()}


def test_other_lists_of_wav_are_left() -> None:
    assert chunks.read_wav(wav(FMT, chunk(b"LIST", b"adtl" + chunk(b"labl", b"1234Label")), DATA), 0) == []


def test_rf64_has_the_size_of_its_data_in_a_chunk_of_its_own() -> None:
    content = b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", struct.pack("<QQQI", 0, 102, 0, 0))
    content += FMT + b"data\xff\xff\xff\xff" + bytes(102) + info({"INAM": b"A Title"})
    assert chunks.read_wav(io.BytesIO(content), 0)[0].fields == {"INAM": [b"A Title"]}


def test_data_of_unknown_size_is_not_searched() -> None:
    assert chunks.read_wav(wav(FMT, b"data\xff\xff\xff\xff" + info({"INAM": b"A Title"})), 0) == []


def test_aiff() -> None:
    content = b"FORM\0\0\0\0AIFF" + b"".join(
        chunk(name, value, ">")
        for name, value in [(b"COMM", bytes(18)), (b"NAME", b"A Title"), (b"AUTH", b"An Artist"), (b"ID3 ", TAG)]
    )
    assert [(block.kind, block.fields) for block in chunks.read_aiff(io.BytesIO(content), 0)] == [
        (Kind.ID3V2, {"TIT2": ["Id3 Title"]}),
        (Kind.AIFF, {"NAME": [b"A Title"], "AUTH": [b"An Artist"]}),
    ]


def test_caf() -> None:
    entries = struct.pack(">I", 2) + b"Title\0Caf\xc3\xa9\0track number\x003/12\0"
    content = b"caff\0\x01\0\0" + long_chunk(b"desc", bytes(32), ">q") + long_chunk(b"info", entries, ">q")
    assert chunks.read_caf(io.BytesIO(content), 0) == {"title": ["Café"], "track number": ["3/12"]}


def test_au() -> None:
    annotation = b"title=A Title\nartist=An Artist\0\0\0\0"
    content = b".snd" + struct.pack(">IIIII", 24 + len(annotation), 4, 3, 44100, 1) + annotation + b"title=no"
    assert chunks.read_au(io.BytesIO(content), 0) == {"title": ["A Title"], "artist": ["An Artist"]}
    assert chunks.read_au(io.BytesIO(b".snd" + struct.pack(">IIIII", 24, 4, 3, 44100, 1) + b"title=no"), 0) == {}


def test_dsf() -> None:
    content = b"DSD " + struct.pack("<QQQ", 28, 0, 100) + bytes(72) + TAG
    [block] = chunks.read_dsf(io.BytesIO(b"junk" + content), 4)
    assert block.fields == {"TIT2": ["Id3 Title"]}
    assert chunks.read_dsf(io.BytesIO(content[:20] + bytes(8)), 0) == []


def test_dsdiff() -> None:
    master = long_chunk(b"DIAR", struct.pack(">I", 3) + b"Foo\0") + long_chunk(b"DITI", struct.pack(">I", 4) + b"Song")
    content = b"FRM8" + bytes(8) + b"DSD " + long_chunk(b"PROP", bytes(10)) + long_chunk(b"DIIN", master)
    content += long_chunk(b"DSD ", bytes(100)) + long_chunk(b"ID3 ", TAG)
    assert [(block.kind, block.fields) for block in chunks.read_dsdiff(io.BytesIO(content), 0)] == [
        (Kind.ID3V2, {"TIT2": ["Id3 Title"]}),
        (Kind.DIIN, {"DIAR": [b"Foo"], "DITI": [b"Song"]}),
    ]


@given(st.binary(max_size=200))
@pytest.mark.parametrize(
    ("read", "head"),
    [
        (chunks.read_wav, b"RIFF\0\0\0\0WAVE"),
        (chunks.read_wav, b"RIFF\0\0\0\0WAVELIST\x90\0\0\0INFO"),
        (chunks.read_aiff, b"FORM\0\0\0\0AIFF"),
        (chunks.read_caf, b"caff\0\x01\0\0"),
        (chunks.read_au, b".snd"),
        (chunks.read_dsf, b"DSD "),
        (chunks.read_dsdiff, b"FRM8\0\0\0\0\0\0\0\0DSD "),
    ],
)
def test_any_content_is_read(read: Callable[[BinaryIO, int], Any], head: bytes, content: bytes) -> None:
    read(io.BytesIO(head + content), 0)
