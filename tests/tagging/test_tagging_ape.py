"""APEv2: where the items are, and the bytes of a tag after a change."""

import io
import struct

import pytest
from pieces import ape, join

from recsys.tagging.ape import APEv2, ape_at_end, new_ape
from recsys.tagging.blocks import Names, Raw, TagsNotWritable
from recsys.tagging.splices import apply_to_bytes

START = 500  # of the tags in their files
ITEMS: list[tuple[str, str | bytes]] = [
    ("Title", "A title"), ("genre", "Jazz\0Swing"), ("COMMENT", "one\0two"), ("Cover", b"\0\1\2"), ("Genre", "Rock"),
    ("Comment", b"binary"), ("BPM", ""),
]  # fmt: skip
CHANGES: list[tuple[dict[str, Raw], list[tuple[str, str | bytes]]]] = [
    ({}, ITEMS),
    ({"genre": []}, [item for item in ITEMS if item[0].lower() != "genre"]),
    ({"genre": [{"name": "genre", "text": ["Blues"]}]}, [ITEMS[0], ("genre", "Blues"), *ITEMS[2:4], *ITEMS[5:]]),
    ({"key": [{"name": "INITIALKEY", "text": ["Am"]}], "bpm": []}, [*ITEMS[:6], ("INITIALKEY", "Am")]),
    (
        {"comment": [{"name": "a", "text": ["x", "ÿ"]}, {"name": "b", "text": [""]}]},
        [*ITEMS[:2], ("a", "x\0ÿ"), ("b", ""), *ITEMS[3:]],
    ),
]


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("changes", "items"), CHANGES)
def test_changed_tag_is_the_tag_that_is_made_of_the_changed_items(
    header: bool, changes: dict[str, Raw], items: list[tuple[str, str | bytes]]
) -> None:
    block = APEv2(join(ape(ITEMS, header=header)), START)
    assert apply_to_bytes(block.data, block.edit(changes), START) == join(ape(items, header=header))


@pytest.mark.parametrize("header", [True, False])
def test_entries_are_where_the_items_are(header: bool) -> None:
    pieces = ape(ITEMS, header=header)
    data, listed = join(pieces), pieces[3:-3] if header else pieces[:-3]
    rest = b"bytes behind the items"
    block = APEv2(data[:-32] + rest + data[-32:], START)
    ends = [START + 32 * header + len(join(listed[:n])) for n in range(len(listed) + 1)]
    fields = [None, "genre", "comment", None, "genre", None, "bpm"]
    assert [entry[:3] for entry in block.entries] == list(zip(ends, ends[1:], fields, strict=False))
    assert (block.start, block.insert_at, block.end) == (START, ends[-1], START + len(data + rest))
    assert block.items("genre") == [
        {"name": "genre", "text": ["Jazz", "Swing"]},
        {"name": "Genre", "text": ["Rock"]},
    ]
    assert block.texts("comment") == ["one", "two"]
    assert block.remains(("genre", "bpm")) == [
        ("APEv2 header", data[:12] + data[20:32] if header else b""),
        *(("APEv2 item", listed[n]) for n in (0, 2, 3, 5)),
        ("APEv2 rest", rest),
        ("APEv2 footer", data[-32:-20] + data[-12:]),
    ]


def item(key: bytes, value: bytes, flags: int = 0, length: int | None = None) -> bytes:
    return struct.pack("<II", len(value) if length is None else length, flags) + key + b"\0" + value


def footer(size: int, count: int, flags: int = 0, magic: bytes = b"APETAGEX") -> bytes:
    return magic + struct.pack("<IIII8x", 2000, size, count, flags)


@pytest.mark.parametrize(
    ("flags", "is_text"), [(0, True), (1, True), (2, False), (4, False), (6, False), (7, False), (0xFFFFFFF9, True)]
)
def test_item_is_text_unless_its_flags_state_another_kind(flags: int, is_text: bool) -> None:
    body = item(b"Genre", b"Jazz", flags)
    block = APEv2(body + footer(len(body) + 32, 1), 0)
    assert (block.has_names, block.holds("genre")) == (is_text, is_text)


def test_names_are_title_artist_album_and_genre() -> None:
    for key in ("TITLE", "artist", "Album", "GENRE", "Composer", "Comment"):
        assert APEv2(join(ape([(key, "x"), ("other", "y")])), 0).has_names == (key not in ("Composer", "Comment"))


@pytest.mark.parametrize("length", [0, 3, 4, 5, None, 1 << 31])
@pytest.mark.parametrize("count", [1, 2])
def test_items_that_are_longer_than_the_tag_are_refused(length: int | None, count: int) -> None:
    """Four bytes follow the key. None: no zero ends it, and the next one is that of the footer."""
    body = struct.pack("<II", 0, 0) + b"Genre" if length is None else item(b"Genre", b"Jazz", length=length)
    data = body + footer(len(body) + 32, count)
    if count == 1 and length in (0, 3, 4):
        assert len(APEv2(data, 0).entries) == 1
    else:
        with pytest.raises(TagsNotWritable, match="an item of the APE tag is longer than the tag"):
            APEv2(data, 0)


def test_key_that_is_empty_is_read() -> None:
    body = item(b"", b"x") + item(b"BPM", b"90")
    assert APEv2(body + footer(len(body) + 32, 2), 0).texts("bpm") == ["90"]


def test_new_item_keeps_the_spelling_of_the_key_and_further_comments() -> None:
    block = APEv2(join(ape(ITEMS)), 0)
    assert block.make("genre", "Blues") == {"name": "genre", "text": ["Blues"]}
    assert block.make("comment", "new") == {"name": "COMMENT", "text": ["new", "two"]}
    assert block.make("custom", "Blues") == {"name": "RECSYS_GENRE", "text": ["Blues"]}
    assert APEv2(join(ape([])), 0).make("comment", "new") == {"name": "Comment", "text": ["new"]}
    broken = {"name": "k\xe4y", "text": ["\udce4", "x"]}
    assert block.render("genre", broken) == item(b"k\xe4y", b"\xe4\0x")


HEADER, IS_HEADER = 1 << 31, 1 << 29


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"", 0),
        (footer(32, 0)[1:], 0),
        (footer(32, 0), 32),
        (b"x" + footer(32, 0), 32),
        (b"x" + footer(33, 0), 33),
        (b"x" + footer(34, 0), 0),
        (b"x" + footer(31, 0), 0),
        (b"x" + footer(0, 0), 0),
        (footer(32, 0, 1), 32),  # bit 0 only asks programs not to change the tag
        (footer(32, 0, HEADER | IS_HEADER), 0),
        (footer(32, 0, IS_HEADER) * 2, 0),
        (footer(32, 0, HEADER | IS_HEADER) + footer(32, 0, HEADER), 64),
        (footer(33, 0, HEADER | IS_HEADER) + b"x" + footer(33, 0, HEADER), 65),
        (footer(32, 0, HEADER), 0),  # no room for the header
        (b"x" * 32 + footer(0, 0, HEADER), 0),  # the footer is no header of itself
        (footer(32, 0, magic=b"APETAGEY"), 0),
    ],
)
def test_size_of_a_tag_at_the_end(data: bytes, size: int) -> None:
    assert ape_at_end(io.BytesIO(data + b"behind it"), len(data)) == size


def test_header_that_the_footer_states_must_be_there() -> None:
    with pytest.raises(TagsNotWritable, match="header of the APE tag is missing"):
        ape_at_end(io.BytesIO(footer(32, 0) + b"x" + footer(32, 0, HEADER)), 65)


def test_new_tag_has_the_names_and_the_fields() -> None:
    names = Names(b"T", b"A", b"L", b"1999", b"7", b"Rock", b"a comment", b"no", b"no", b"no", b"no")
    kept = [("Title", "T"), ("Artist", "A"), ("Album", "L"), ("Year", "1999"), ("Track", "7"), ("Comment", "a comment")]
    assert new_ape(names, {"genre": "Blues", "key": "Am"}) == join(
        ape([*kept, ("Genre", "Blues"), ("INITIALKEY", "Am")])
    )
