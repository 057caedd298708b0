"""Tags of MP4, 3GP and QuickTime files."""

import io
import struct

from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import atom, data_atom

from recsys.tagblocks.block import Fields, Kind
from recsys.tagblocks.mp4 import read_mp4

HANDLER = atom(b"hdlr", bytes(25))


def read(*of_moov: bytes) -> dict[Kind, Fields]:
    content = (
        atom(b"ftyp", b"M4A ") + atom(b"mdat", bytes(50)) + atom(b"moov", atom(b"mvhd", bytes(100)) + b"".join(of_moov))
    )
    return {block.kind: block.fields for block in read_mp4(io.BytesIO(b"junk" + content), 4) if block.fields}


def itunes(*items: bytes, version: bytes = bytes(4)) -> bytes:
    return atom(b"udta", atom(b"meta", version + HANDLER + atom(b"ilst", b"".join(items))))


def test_texts_and_numbers_of_itunes_items() -> None:
    items = [
        atom(b"\xa9nam", data_atom("Café".encode())),
        atom(b"\xa9ART", data_atom(b"Foo") + data_atom("Cee".encode("utf-16-be"), 2)),
        atom(b"aART", data_atom(b"Caf\xe9")),
        atom(b"trkn", data_atom(struct.pack(">HHHH", 0, 3, 12, 0), 0)),
        atom(b"disk", data_atom(struct.pack(">HHH", 0, 1, 2), 0)),
        atom(b"gnre", data_atom(struct.pack(">H", 18), 0)),
        atom(b"cpil", data_atom(b"\x01", 21)),
        atom(b"covr", data_atom(bytes(100_000), 13)),
        atom(b"----", atom(b"mean", bytes(4) + b"com.apple.iTunes") + atom(b"name", bytes(4) + b"ARTISTS")
             + data_atom(b"Foo") + data_atom(b"Cee")),
    ]  # fmt: skip
    expected = {
        "\xa9nam": ["Café"], "\xa9ART": ["Foo", "Cee"], "aART": [b"Caf\xe9"], "trkn": ["3/12"], "disk": ["1/2"],
        "gnre": ["17"], "cpil": ["1"], "----:artists": ["Foo", "Cee"],
    }  # fmt: skip
    assert read(itunes(*items)) == {Kind.ILST: expected}
    assert read(itunes(*items, version=b"")) == {Kind.ILST: expected}  # as QuickTime writes it


def test_quicktime_keys() -> None:
    keys = ["com.apple.quicktime.title", "com.apple.quicktime.creationdate", "Artist"]
    table = bytes(4) + struct.pack(">I", len(keys)) + b"".join(atom(b"mdta", key.encode()) for key in keys)
    values = b"".join(atom(struct.pack(">I", i), data_atom(text)) for i, text in enumerate([b"A", b"2004", b"Foo"], 1))
    assert read(atom(b"meta", HANDLER + atom(b"keys", table) + atom(b"ilst", values))) == {
        Kind.MDTA: {"title": ["A"], "creationdate": ["2004"], "artist": ["Foo"]}
    }


def test_user_data_of_3gp_and_quicktime() -> None:
    def text_3gp(name: bytes, text: bytes) -> bytes:
        return atom(name, bytes(4) + struct.pack(">H", 0x15C7) + text)

    def text_quicktime(text: bytes, language: int) -> bytes:
        return struct.pack(">HH", len(text), language) + text

    assert read(
        atom(
            b"udta",
            text_3gp(b"titl", "Café\0".encode())
            + text_3gp(b"perf", b"\xfe\xff" + "Foo\0".encode("utf-16-be"))
            + text_3gp(b"albm", b"An Album\0\x03")
            + atom(b"yrrc", bytes(4) + struct.pack(">H", 2004))
            + atom(b"\xa9ART", text_quicktime(b"Caf\x8e", 0) + text_quicktime("Café".encode(), 0x15C7)),
        )
    ) == {
        Kind.UDTA: {"titl": ["Café"], "perf": ["Foo"], "albm": ["An Album"], "track": ["3"], "yrrc": ["2004"],
                    "\xa9ART": ["Café", "Café"]}
    }  # fmt: skip


def test_tags_of_a_single_stream_are_left() -> None:
    assert read(atom(b"trak", itunes(atom(b"\xa9nam", data_atom(b"Of the stream"))))) == {}


@given(st.binary(max_size=200))
def test_any_content_is_read(content: bytes) -> None:
    read(itunes(content))
    read(itunes(atom(b"trkn", content), atom(b"----", content), atom(b"\xa9nam", data_atom(content, 2))))
    read(atom(b"udta", atom(b"albm", content) + atom(b"\xa9nam", content) + atom(b"yrrc", content)))
    read(atom(b"meta", HANDLER + atom(b"keys", content) + atom(b"ilst", content)))
    read_mp4(io.BytesIO(content), 0)
