"""LIST INFO of WAV: where the texts are, and their bytes."""

import pytest
from pieces import chunk, join

from recsys.tagging.blocks import Names
from recsys.tagging.info import Info
from recsys.tagging.splices import apply_to_bytes

START = 700
IDS = ("INAM", "IART", "IPRD", "ICRD", "IPRT", "IGNR", "ICMT", "IMUS", "ICOP", "ISFT", "ITCH")


def text(id: str, data: bytes, padding: bytes = b"") -> bytes:
    return id.encode() + len(data).to_bytes(4, "little") + data + padding


LISTED = [
    (None, text("INAM", b"A name\0\0")), (None, text("IART", b"odd", b"\0")), ("genre", text("IGNR", b"Jazz\0", b" ")),
    ("comment", text("ICMT", b"w\xe4hrend")), (None, text("IPRD", b"without padding")),
    (None, text("INAM", b"another")), ("genre", text("IGNR", b"Rock")), (None, text("ICMT", b"a second", b"")),
    (None, text("ISFT", b"")),
]  # fmt: skip


@pytest.mark.parametrize(
    "rest", [b"", b"\0", b"IART\0\0\0", b"IART\1\0\0\0", b"\0" * 7, b"IART\xff\xff\xff\xffx"], ids=repr
)
def test_entries_are_where_the_texts_are(rest: bytes) -> None:
    block = Info(b"INFO" + join(data for _, data in LISTED) + rest, START)
    ends = [START + 4 + len(join(data for _, data in LISTED[:n])) for n in range(len(LISTED) + 1)]
    expected = zip(ends, ends[1:], (field for field, _ in LISTED), strict=False)
    assert [entry[:3] for entry in block.entries] == list(expected)
    assert (block.insert_at, block.end) == (ends[-1], ends[-1] + len(rest))
    assert block.remains(("genre",)) == [
        *(("LIST INFO", data) for field, data in LISTED if field != "genre"),
        ("bytes after LIST INFO", rest),
    ]
    assert block.items("genre") == [{"id": "IGNR", "text": ["Jazz"]}, {"id": "IGNR", "text": ["Rock"]}]
    assert block.items("comment") == [{"id": "ICMT", "text": ["w\udce4hrend"]}]
    assert block.names == Names(b"A name", b"odd", b"without padding", genre=b"Jazz", comment=b"w\xe4hrend")


def test_only_the_byte_after_an_odd_text_is_padding() -> None:
    for data, padding, rest in (
        (b"odd", b"\0", b""),
        (b"odd", b"", b"x"),
        (b"even", b"", b"\0"),
        (b"five!", b"\0", b"\0"),
    ):
        block = Info(b"INFO" + text("IGNR", data, padding) + rest, 0)
        assert block.entries[0].end == 12 + len(data + padding)
        assert block.remains(("genre",)) == [("bytes after LIST INFO", rest)]


def test_every_text_has_its_name() -> None:
    body = join(text(id, id.lower().encode()) for id in IDS)
    assert Info(b"INFO" + body, 0).names == Names(*(id.lower().encode() for id in IDS))
    for id in IDS:
        block = Info(b"INFO" + text(id, b"x\0"), 0)
        assert block.has_names == (id in ("INAM", "IART", "IPRD", "IGNR"))


def test_written_text_ends_with_a_zero_and_has_an_even_length() -> None:
    block = Info(b"INFO" + text("IGNR", b"Jazz"), START)
    assert block.make("comment", "x") == {"id": "ICMT", "text": ["x"]}
    for value, content in (("odd", b"odd\0"), ("even", b"even\0"), ("ü\udce4", b"\xc3\xbc\xe4\0"), ("", b"\0")):
        written = block.render("genre", block.make("genre", value))
        assert written == join(chunk(b"IGNR", [content]))
        assert (
            apply_to_bytes(block.data, block.edit({"genre": [block.make("genre", value)]}), START) == b"INFO" + written
        )
