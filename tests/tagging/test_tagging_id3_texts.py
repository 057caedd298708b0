"""ID3v2: texts in every encoding and form, and the bytes of frames and of new tags."""

import zlib

import pytest
from pieces import id3, id3_frame, join, synchsafe

from recsys.tagging.blocks import Item, Names, TagsNotWritable
from recsys.tagging.id3 import ID3v2, id3_size, new_id3


def block_of(id: str, content: bytes, version: int = 4, flags: int = 0, *, unsynchronised: bool = False) -> ID3v2:
    return ID3v2(join(id3([id3_frame(id, content, version, flags)], version, unsynchronised=unsynchronised)), 0)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"", []),
        (b"\0", [""]),
        (b"\0a", ["a"]),
        (b"\0a\0", ["a"]),
        (b"\0a\0\0", ["a", ""]),
        (b"\0\0b", ["", "b"]),
        (b"\0a\0b\0", ["a", "b"]),
        (b"\0a\0\0b", ["a", "", "b"]),
        (b"\0\xe4\xff", ["äÿ"]),
        (b"\1\xff\xfea\0\0\0\xff\xfeb\0", ["a", "b"]),
        (b"\1\xfe\xff\0a", ["a"]),
        (b"\2\1\0\0A\0\0\0b", ["\u0100A", "b"]),
        (b"\2\0a\0", ["a"]),  # half a letter at the end
        (b"\2\0a\0b\0", ["ab"]),
        (b"\2\xd8\0", ["\ud800"]),
        (b"\3\xc3\xa4\0b", ["ä", "b"]),
        (b"\3\xe4", ["\udce4"]),
        (b"\x09\xc3\xa4", ["ä"]),  # an encoding that does not exist
    ],
)
@pytest.mark.parametrize("version", [2, 3, 4])
def test_texts_of_a_frame(content: bytes, texts: list[str], version: int) -> None:
    [item] = block_of("TKE" if version == 2 else "TKEY", content, version).items("key")
    assert item == {"encoding": min(content[0], 3) if content else 0, "text": texts}


@pytest.mark.parametrize(
    ("version", "flags", "content", "texts"),
    [
        (4, 0x00B0, b"\0Jazz", ["Jazz"]),  # no flags of the content
        (4, 0x0001, b"\0\0\0\5\0Jazz", ["Jazz"]),
        (4, 0x0001, b"\0\0\0\7\1\xff\xfe\xff\0J\0", ["ÿJ"]),
        (4, 0x0002, b"\1\xff\xfe\xff\0\0J\0", ["ÿJ"]),
        (4, 0x0003, b"\0\0\0\7\1\xff\xfe\xff\0\0J\0", ["ÿJ"]),
        (4, 0x0040, b"g\0Jazz", ["Jazz"]),
        (4, 0x0041, b"g\0\0\0\5\0Jazz", ["Jazz"]),
        (4, 0x0009, b"\0\0\0\5" + zlib.compress(b"\0Jazz"), ["Jazz"]),
        (4, 0x0008, zlib.compress(b"\0Jazz"), ["Jazz"]),
        (4, 0x0049, b"g\0\0\0\5" + zlib.compress(b"\0Jazz"), ["Jazz"]),
        (4, 0x0004, b"\0Jazz", []),
        (4, 0x0009, b"\0\0\0\5damaged", []),
        (3, 0x001F, b"\0Jazz", ["Jazz"]),
        (3, 0x0080, b"\0\0\0\5" + zlib.compress(b"\0Jazz"), ["Jazz"]),
        (3, 0x00A0, b"\0\0\0\5g" + zlib.compress(b"\0Jazz"), ["Jazz"]),
        (3, 0x0020, b"g\0Jazz", ["Jazz"]),
        (3, 0x0040, b"\0Jazz", []),
        (3, 0x0080, b"\0\0\0\5damaged", []),
        (2, 0, b"\0ab\xff\xff", ["abÿÿ"]),  # no flags at all
    ],
)
def test_content_of_a_frame_with_flags(version: int, flags: int, content: bytes, texts: list[str]) -> None:
    [item] = block_of("TKE" if version == 2 else "TKEY", content, version, flags).items("key")
    assert item["text"] == texts


def test_content_of_a_frame_follows_the_flag_of_its_tag() -> None:
    content = b"\1\xff\xfe\xff\0\0J\0"
    assert block_of("TKEY", content, unsynchronised=True).texts("key") == ["ÿJ"]
    assert block_of("TKEY", content).texts("key") == ["ÿ\u4a00"]


def test_compressed_text_is_read_up_to_a_limit() -> None:
    content = bytes(4) + zlib.compress(b"\0" + b"x" * (1 << 21))
    assert block_of("TKEY", content, 4, 0x0009).texts("key") == ["x" * ((1 << 20) - 1)]


@pytest.mark.parametrize(
    ("id", "field", "contents", "items"),
    [
        ("COMM", "comment", [b"\0engnote\0x"], []),
        ("COMM", "comment", [b""], []),
        ("COMM", "comment", [b"\0"], [{"encoding": 0, "lang": "", "desc": "", "text": []}]),
        (
            "COMM",
            "comment",
            [b"\0engnote\0x", b"\3deu\0a\0b", b"\0eng\0c"],
            [{"encoding": 3, "lang": "deu", "desc": "", "text": ["a", "b"]}],
        ),
        ("TXXX", "custom", [b"", b"\0other\0x", b"\0\0x"], []),
        (
            "TXXX",
            "custom",
            [b"\0Recsys_genre\0a", b"\0RECSYS_GENRE\0b"],
            [
                {"encoding": 0, "desc": "Recsys_genre", "text": ["a"]},
                {"encoding": 0, "desc": "RECSYS_GENRE", "text": ["b"]},
            ],
        ),
        ("TBPM", "bpm", [b"\x0090", b""], [{"encoding": 0, "text": ["90"]}, {"encoding": 0, "text": []}]),
    ],
)
def test_items_of_a_field(id: str, field: str, contents: list[bytes], items: list[Item]) -> None:
    block = ID3v2(join(id3([id3_frame(id, content) for content in contents])), 0)
    assert block.items(field) == items
    assert [entry.items for entry in block.entries if entry.field] == [(item,) for item in items]


GENRE, COMMENT = {"encoding": 0, "text": ["x"]}, {"encoding": 0, "lang": "deu", "desc": "", "text": ["x"]}


@pytest.mark.parametrize(
    ("version", "field", "present", "text", "item"),
    [
        (4, "genre", None, "a", {"encoding": 0, "text": ["a"]}),
        (4, "genre", None, "ä", {"encoding": 3, "text": ["ä"]}),
        (3, "genre", None, "ä", {"encoding": 1, "text": ["ä"]}),
        (2, "genre", None, "ä", {"encoding": 1, "text": ["ä"]}),
        (4, "genre", b"\0x", "ä", {"encoding": 3, "text": ["ä"]}),
        (4, "comment", None, "ä", {"encoding": 3, "lang": "eng", "desc": "", "text": ["ä"]}),
        (4, "comment", b"\0deu\0x", "\xff", {"encoding": 0, "lang": "deu", "desc": "", "text": ["\xff"]}),
        (4, "comment", b"\0deu\0x", "\u0100", {"encoding": 3, "lang": "deu", "desc": "", "text": ["\u0100"]}),
        (3, "comment", b"\1deu\xff\xfe\0\0\xff\xfex\0", "ä", {"encoding": 1, "lang": "deu", "desc": "", "text": ["ä"]}),
        (4, "comment", b"\3deu\0x", "ä", {"encoding": 3, "lang": "deu", "desc": "", "text": ["ä"]}),
        (4, "comment", b"\3deu\0x", "a", {"encoding": 0, "lang": "deu", "desc": "", "text": ["a"]}),
        (4, "custom", None, "a", {"encoding": 0, "desc": "RECSYS_GENRE", "text": ["a"]}),
    ],
)
def test_new_item_has_an_encoding_that_fits_its_text(
    version: int, field: str, present: bytes | None, text: str, item: Item
) -> None:
    ids = {"genre": ("TCO", "TCON"), "comment": ("COM", "COMM"), "custom": ("TXX", "TXXX")}[field]
    frames = [] if present is None else [id3_frame(ids[version > 2], present, version)]
    block = ID3v2(join(id3(frames, version)), 0)
    assert block.make(field, text) == item


@pytest.mark.parametrize(
    ("item", "content", "content_3"),
    [
        ({"encoding": 0, "text": ["ä", "b"]}, b"\0\xe4\0b", b"\0\xe4\0b"),
        ({"encoding": 1, "text": ["ä", "b"]}, *[b"\1\xff\xfe\xe4\0\0\0\xff\xfeb\0"] * 2),
        ({"encoding": 2, "text": ["ä", "b"]}, b"\2\0\xe4\0\0\0b", b"\1\xff\xfe\xe4\0\0\0\xff\xfeb\0"),
        ({"encoding": 3, "text": ["ä", "b"]}, b"\3\xc3\xa4\0b", b"\1\xff\xfe\xe4\0\0\0\xff\xfeb\0"),
        ({"encoding": 3, "text": ["\udce4"]}, b"\3\xe4", None),
        ({"encoding": 2, "text": ["\ud800"]}, None, b"\1\xff\xfe\0\xd8"),
        ({"encoding": 0, "text": []}, b"\0", b"\0"),
        ({"encoding": 0, "lang": "d", "desc": "", "text": ["a"]}, b"\0d  \0a", b"\0d  \0a"),
        ({"encoding": 0, "lang": "deut", "desc": "x", "text": ["a", "b"]}, b"\0deux\0a\0b", b"\0deux\0a\0b"),
        ({"encoding": 0, "lang": "", "desc": "", "text": []}, b"\0   ", b"\0   "),
        ({"encoding": 3, "desc": "x", "text": ["a"]}, b"\3x\0a", b"\1\xff\xfex\0\0\0\xff\xfea\0"),
        ({"encoding": 0, "text": ["x" * 300]}, b"\0" + b"x" * 300, b"\0" + b"x" * 300),
    ],
)
def test_item_as_a_frame(item: Item, content: bytes | None, content_3: bytes | None) -> None:
    field, id = ("comment", "COM") if "lang" in item else ("custom", "TXX") if "desc" in item else ("genre", "TCO")
    last = {"COM": "M", "TXX": "X", "TCO": "N"}[id]
    for version, expected in ((2, content_3), (3, content_3), (4, content)):
        block = ID3v2(b"ID3" + bytes([version]) + bytes(6), 0)
        if expected is not None:
            assert block.render(field, item) == id3_frame(id if version == 2 else id + last, expected, version)


def test_text_that_its_encoding_does_not_have_is_not_written() -> None:
    """Such an item can stand in a journal that was damaged."""
    with pytest.raises(UnicodeEncodeError):
        ID3v2(b"ID3\4" + bytes(6), 0).render("genre", {"encoding": 0, "text": ["\udce4"]})


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (b"ID3\4\0\0\1\2\3\4", 10 + (1 << 21) + (2 << 14) + (3 << 7) + 4),
        (b"ID3\4\0\x10\0\0\0\x7f", 147),
        (b"ID3\4\0\xef\0\0\1\0", 138),
        (b"ID3\4\0\0\0\0\0\0", 10),
        (b"ID3\4\0\0\0\0\0", 0),
        (b"ID3\4\0\0\0\0\0\1\x80", 11),
        (b"ID4\4\0\0\0\0\0\1", 0),
        *((b"ID3\4\0\0" + bytes(n) + b"\x80" + bytes(3 - n), 0) for n in range(4)),
        (b"ID3\4\xff\0\0\0\0\1", 11),
    ],
)
def test_size_of_a_tag(head: bytes, size: int) -> None:
    assert id3_size(head) == size


def test_tag_can_become_empty() -> None:
    block = block_of("TCON", b"\0Jazz")
    assert block.edit({"genre": []})[-1] == (6, 10, bytes(4))


def test_new_tag_has_the_names_and_the_fields() -> None:
    names = Names(
        title="Tïtle".encode(), artist=b"\xc4rtist", album=b"An album", date=b"1999-05-01 12:00", track=b"7",
        genre=b"Rock", comment=b"a comment", composer=b"C", copyright=b"R", encoder=b"S", encoded_by=b"E",
    )  # fmt: skip
    frames = [
        ("TIT2", "\3Tïtle".encode()), ("TPE1", b"\0\xc4rtist"), ("TALB", b"\0An album"), ("TDRC", b"\x001999-05-01"),
        ("TRCK", b"\x007"), ("COMM", b"\0eng\0a comment"), ("TCOM", b"\0C"), ("TCOP", b"\0R"), ("TSSE", b"\0S"),
        ("TENC", b"\0E"), ("TCON", b"\0Blues"), ("TKEY", b"\0Am"),
    ]  # fmt: skip
    for more in (b"", b"x"):
        body = b"".join(id3_frame(id, content + more * (id == "TALB")) for id, content in frames)
        body += bytes(1024 + len(body) % 2)
        new = new_id3(names._replace(album=names.album + more), {"genre": "Blues", "key": "Am"})
        assert new == b"ID3\4\0\0" + synchsafe(len(body)) + body


def test_date_of_a_new_tag_is_cut_only_if_it_is_one() -> None:
    for date, written in ((b"1999/2000", b"1999"), (b"spring 1999", b"spring 1999"), (b"1999-05", b"1999-05")):
        assert id3_frame("TDRC", b"\0" + written) in new_id3(Names(date=date), {})
    assert id3_frame("TRCK", b"\x001999/2000") in new_id3(Names(track=b"1999/2000"), {})


def test_comment_of_a_new_tag_is_the_written_one() -> None:
    new = new_id3(Names(comment=b"old"), {"comment": "new"})
    assert new[10:].rstrip(b"\0") == id3_frame("COMM", b"\0eng\0new")


def test_size_has_28_bits() -> None:
    tag = ID3v2(b"ID3\4\0\0" + synchsafe((1 << 28) - 2) + id3_frame("TCON", b"\0Jazz"), 0)
    assert tag.edit({"genre": [tag.make("genre", "Rocks")]})[-1].data == b"\x7f" * 4
    with pytest.raises(TagsNotWritable, match="no room"):
        tag.edit({"genre": [tag.make("genre", "Rocky!")]})
