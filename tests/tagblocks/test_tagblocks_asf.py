"""Tags of ASF files."""

import io
import struct
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from recsys.tagblocks.asf import read_asf

HEADER = UUID("75B22630-668E-11CF-A6D9-00AA0062CE6C")
DESCRIPTION = UUID("75B22633-668E-11CF-A6D9-00AA0062CE6C")
EXTENDED = UUID("D2D0A440-E307-11D2-97F0-00A0C95EA850")
EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
LIBRARY = UUID("44231C94-9498-49D1-A141-1D134E457054")


def thing(identifier: UUID, content: bytes) -> bytes:
    return identifier.bytes_le + struct.pack("<Q", len(content) + 24) + content


def header(*things: bytes) -> io.BytesIO:
    return io.BytesIO(thing(HEADER, struct.pack("<IBB", len(things), 1, 2) + b"".join(things)) + bytes(100))


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def attribute(name: str, kind: int, value: bytes) -> bytes:
    return struct.pack("<H", len(wide(name))) + wide(name) + struct.pack("<HH", kind, len(value)) + value


def test_all_objects() -> None:
    texts = [wide("A Title"), wide("Foo"), b"", wide("A Comment"), b""]
    extended = [
        attribute("WM/AlbumTitle", 0, wide("An Album")),
        attribute("WM/Genre", 0, wide("Rock")),
        attribute("WM/Genre", 0, wide("Pop")),
        attribute("WM/TrackNumber", 3, struct.pack("<I", 3)),
        attribute("WM/Track", 3, struct.pack("<I", 2)),
        attribute("WM/IsCompilation", 2, struct.pack("<I", 1)),
        attribute("WM/Picture", 1, bytes(1000)),
    ]
    name, value = wide("Author"), wide("Cee")
    library = struct.pack("<HHHHHI", 1, 0, 0, len(name), 0, len(value)) + name + value
    fields = read_asf(
        header(
            thing(DESCRIPTION, struct.pack("<5H", *map(len, texts)) + b"".join(texts)),
            thing(EXTENDED, struct.pack("<H", len(extended)) + b"".join(extended)),
            thing(EXTENSION, bytes(18) + struct.pack("<I", 0) + thing(LIBRARY, library)),
        ),
        0,
    )
    assert fields == {
        "title": ["A Title"], "author": ["Foo", "Cee"], "description": ["A Comment"], "wm/albumtitle": ["An Album"],
        "wm/genre": ["Rock", "Pop"], "wm/tracknumber": ["3"], "wm/track": ["3"], "wm/iscompilation": ["1"],
    }  # fmt: skip


@given(st.binary(max_size=200))
def test_any_content_is_read(content: bytes) -> None:
    read_asf(io.BytesIO(content), 0)
    read_asf(header(content), 0)
    read_asf(header(thing(DESCRIPTION, content), thing(EXTENDED, content)), 0)
    read_asf(header(thing(EXTENSION, bytes(22) + content), thing(EXTENSION, bytes(22) + thing(LIBRARY, content))), 0)
