"""Item lists of MP4, byte for byte: how items are read and written."""

import struct

import pytest
from pieces import atom as atom_pieces
from pieces import join

from recsys.metadata.genre_tags import GENRES
from recsys.tagging.blocks import Item, TagsNotWritable
from recsys.tagging.ilst import Ilst, new_ilst, split_atoms
from recsys.tagging.splices import apply_to_bytes

START = 1000  # of the list in its file
CUSTOM, KEY = "----:com.apple.iTunes:RECSYS_GENRE", "----:com.apple.iTunes:initialkey"


def atom(kind: bytes, *content: bytes, wide: bool = False) -> bytes:
    return join(atom_pieces(kind, content, wide=wide))


def value(data: bytes, type: int = 1) -> bytes:
    return atom(b"data", struct.pack(">II", type, 0), data)


def free_form(name: bytes, *values: bytes, mean: bytes = b"com.apple.iTunes") -> bytes:
    return atom(b"----", atom(b"mean", bytes(4) + mean), atom(b"name", bytes(4) + name), *values)


def items(data: bytes, field: str) -> list[Item]:
    return Ilst(data, START).items(field)


def edited(data: bytes, **changes: list[Item]) -> bytes:
    return apply_to_bytes(data, Ilst(data, START).edit(changes), START)


@pytest.mark.parametrize(
    ("field", "data", "text"),
    [
        ("genre", atom(b"\xa9gen", value(b"Jazz")), "Jazz"),
        ("genre", atom(b"\xa9gen", value("Rök".encode("utf-16-be") + b"x", 2)), "Rök"),
        ("genre", atom(b"\xa9gen", value(b"R\xf6k")), "R\udcf6k"),
        ("genre", atom(b"gnre", value(b"\0\x01", 0)), GENRES[0]),
        ("genre", atom(b"gnre", value(b"\1\0", 0)), ""),
        ("genre", atom(b"gnre", value(bytes([0, len(GENRES)]), 0)), GENRES[-1]),
        ("genre", atom(b"gnre", value(bytes([0, len(GENRES) + 1]), 0)), ""),
        ("genre", atom(b"gnre", value(b"\0\0", 0)), ""),
        ("bpm", atom(b"tmpo", value(b"\0\x5a", 21)), "90"),
        ("bpm", atom(b"tmpo", value(b"\1\2\3\4", 21)), "16909060"),
        ("comment", atom(b"\xa9cmt", value(b"")), ""),
    ],
)  # fmt: skip
def test_text_of_an_item(field: str, data: bytes, text: str) -> None:
    assert items(atom(b"\xa9nam", value(b"x")) + data, field) == [{"text": [text]}]


def test_free_form_is_found_by_its_name_in_any_case() -> None:
    data = free_form(b"InitialKey", value(b"Am"), value(b"C", 0x01000002)) + free_form(b"RECSYS_genre", value(b"x", 13))
    name = "----:com.apple.iTunes:InitialKey"
    assert items(data, "key") == [
        {"text": ["Am"], "name": name, "format": 1},
        {"text": ["C"], "name": name, "format": 2},
    ]
    assert items(data, "custom") == [{"text": ["x"], "name": "----:com.apple.iTunes:RECSYS_genre", "format": 13}]
    assert items(free_form(b"initialkey", value(b"Am"), mean=b"org.other"), "key") == []
    assert items(atom(b"----", value(b"Am")), "key") == []
    # A name that is not ASCII, and a value that is not UTF-8.
    assert items(free_form(b"\xe9", value(b"Am")), "key") == []
    assert items(free_form(b"initialkey", value(b"\xff")), "key")[0]["text"] == ["\udcff"]


def test_values_have_a_type_of_three_bytes_and_eight_bytes_before_them() -> None:
    data = atom(
        b"\xa9gen", atom(b"name", bytes(20)), atom(b"data", b"\7\0\0\2" + bytes(4) + b"\0J"), atom(b"data", bytes(7)),
        atom(b"data", bytes(8)),
    )  # fmt: skip
    assert items(data, "genre") == [{"text": ["J"]}, {"text": [""]}]


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("genre", "Rök", atom(b"\xa9gen", value("Rök".encode()))),
        ("comment", "a\udcff", atom(b"\xa9cmt", value(b"a\xff"))),
        ("bpm", "0", atom(b"tmpo", value(b"\0\0", 21))),
        ("bpm", "65535", atom(b"tmpo", value(b"\xff\xff", 21))),
        ("bpm", "65536", atom(b"tmpo", value(b"\0\1\0\0", 21))),
        ("custom", "Metal", free_form(b"RECSYS_GENRE", value(b"Metal"))),
        ("key", "Am", free_form(b"initialkey", value(b"Am"))),
    ],
)  # fmt: skip
def test_item_that_is_written(field: str, text: str, expected: bytes) -> None:
    title = atom(b"\xa9nam", value(b"x"))
    block = Ilst(title, START)
    assert edited(title, **{field: [block.make(field, text)]}) == title + expected
    assert new_ilst({field: text}) == atom(b"ilst", expected)


def test_name_of_a_free_form_keeps_its_spelling_but_not_its_format() -> None:
    data = free_form(b"InitialKEY", value(b"C", 2), value(b"D"))
    block = Ilst(data, START)
    made = block.make("key", "Am")
    assert made == {"text": ["Am"], "name": "----:com.apple.iTunes:InitialKEY", "format": 1}
    assert edited(data, key=[made]) == free_form(b"InitialKEY", value(b"Am"))
    assert edited(data, key=[{"text": ["C:D"], "name": KEY, "format": 7}]) == free_form(b"initialkey", value(b"C:D", 7))
    assert Ilst(b"", 0).make("custom", "x") == {"text": ["x"], "name": CUSTOM, "format": 1}
    assert Ilst(b"", 0).make("genre", "x") == {"text": ["x"]}


def test_several_values_of_a_name_are_one_item() -> None:
    """As an undo of an older program writes them."""
    genre = atom(b"\xa9gen", value(b"Jazz"), value(b"Swing"), value(b"Bop"))
    three: list[Item] = [{"text": [text]} for text in ("Jazz", "Swing", "Bop")]
    assert edited(b"", genre=three) == genre
    assert edited(genre, genre=items(genre, "genre")) == genre
    key = free_form(b"initialkey", value(b"Am"), value(b"C", 2))
    assert edited(b"", key=items(key, "key")) == key
    other = free_form(b"INITIALKEY", value(b"D"))
    assert edited(b"", key=items(key, "key") + items(other, "key")) == key + other
    both = free_form(b"initialkey", value(b"Am")) + other
    assert edited(b"", key=items(both, "key")) == both
    assert edited(genre, genre=[]) == b""


def test_new_value_stands_where_the_first_one_stood_and_others_stay() -> None:
    title, junk = atom(b"\xa9nam", value(b"x")), bytes(12)
    old = atom(b"gnre", value(b"\0\2", 0)) + title + atom(b"\xa9gen", value(b"Jazz"))
    assert edited(old + junk, genre=[{"text": ["Rock"]}]) == atom(b"\xa9gen", value(b"Rock")) + title + junk
    assert edited(title + junk, bpm=[{"text": ["90"]}]) == title + atom(b"tmpo", value(b"\0\x5a", 21)) + junk
    comments = atom(b"\xa9cmt", value(b"one")) + title + atom(b"\xa9cmt", value(b"two"))
    first = Ilst(comments, START)
    assert (first.texts("comment"), first.holds("comment")) == (["one"], True)
    assert edited(comments, comment=[]) == title + atom(b"\xa9cmt", value(b"two"))


def test_other_items_and_what_follows_them_remain() -> None:
    title, genre, second = (
        atom(b"\xa9nam", value(b"x")), atom(b"\xa9gen", value(b"Jazz")), atom(b"\xa9cmt", value(b"two"))
    )  # fmt: skip
    block = Ilst(title + genre + second * 2 + b"\0\0\0\0rest", START)
    end = ("bytes after the MP4 items", b"\0\0\0\0rest")
    assert block.remains(("genre",)) == [("MP4 item", title), ("MP4 item", second), ("MP4 item", second), end]
    assert block.remains(("comment", "bpm")) == [("MP4 item", title), ("MP4 item", genre), ("MP4 item", second), end]


@pytest.mark.parametrize(
    ("data", "has_names"),
    [(b"", False), (atom(b"covr", b"x"), False), (free_form(b"RECSYS_GENRE", value(b"x")), False)]
    + [(atom(kind) + atom(b"covr"), True) for kind in (b"\xa9nam", b"\xa9ART", b"\xa9alb", b"\xa9gen", b"gnre")],
)  # fmt: skip
def test_names_are_title_artist_album_and_genre(data: bytes, has_names: bool) -> None:
    assert Ilst(data, START).has_names == has_names


def test_atoms_are_split_until_zeros_or_less_than_a_head() -> None:
    one, wide = atom(b"abcd", b"12"), atom(b"wide", b"345", wide=True)
    expected = [(b"abcd", 8, 10), (b"wide", 26, 29), (b"abcd", 37, 37)]
    data = one + wide + atom(b"abcd")
    for rest in (b"", b"1234567", b"\0\0\0\0data", bytes(20)):
        assert list(split_atoms(data + rest)) == expected
    # The length of 64 bits needs eight more bytes, and must count itself.
    assert list(split_atoms(b"\0\0\0\1wide" + (16).to_bytes(8, "big"))) == [(b"wide", 16, 16)]
    for bad in (
        b"\0\0\0\1wide" + bytes(7),
        b"\0\0\0\1wide" + (15).to_bytes(8, "big"), b"\0\0\0\1wide" + (17).to_bytes(8, "big"),
        b"\0\0\0\7abcd", b"\0\0\0\x09abcd",
    ):  # fmt: skip
        with pytest.raises(TagsNotWritable, match="an item of MP4 is longer than the list of items"):
            list(split_atoms(one + bad))
    assert list(split_atoms(b"\0\0\0\1wide" + bytes(8) + b"rest")) == []
