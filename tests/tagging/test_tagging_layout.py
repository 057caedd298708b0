"""The blocks of a file: which are in front, which get a value, and what an undo gives back."""

import hashlib
import io
from collections.abc import Mapping

import pytest
from pieces import ape, id3, id3_frame, id3v1, join

from recsys.tagging.blocks import Entry, Item, Names, Raw, TagBlock, TagsNotWritable
from recsys.tagging.containers import NoTags, find_layout
from recsys.tagging.layout import Layout
from recsys.tagging.splices import Splice, apply_to_bytes

FRAMES = b"\xff\xfb\x90\x00" + bytes(range(250)) * 4
GENRE, TITLE = id3_frame("TCON", b"\0Jazz"), id3_frame("TIT2", b"\0A title")


class Line(TagBlock):
    """A block of one byte for each field it has."""

    item_key = "line"

    def __init__(self, place: int, *held: str, names: bool = True) -> None:
        super().__init__(b"x" * len(held), place)
        self.insert_at = 0
        for at, field in enumerate(held, place):
            self.entries.append(Entry(at, at + 1, field, ({"text": [field], self.item_key: 1},)))
        self.has_names = names

    def make(self, field: str, text: str) -> Item:
        return {"text": [text]}

    def render(self, field: str, item: Item) -> bytes:
        return f"[{field}={item['text'][0]}]".encode()

    def remains(self, fields: object) -> list[tuple[str, bytes]]:
        return [("line", self.data)]


class Short(Line):
    fields = ("genre", "comment")


class Other(Line):
    item_key = "other"


class Blocks(Layout):
    """A file of 30 bytes with these blocks, the first ``native`` of which are native."""

    def __init__(self, *blocks: TagBlock, native: int = 0, removal: bool = True) -> None:
        super().__init__(io.BytesIO(bytes(30)), 0)
        self.blocks, self.native, self.removes = [*blocks], [*blocks[:native]], removal

    def new_block(self, changes: Mapping[str, str]) -> list[Splice]:
        return [Splice(30, 30, f"new {sorted(changes)}".encode())]

    def removal(self, block: TagBlock) -> list[Splice]:
        return [Splice(block.start, block.end, b"gone")] * self.removes


def test_first_block_of_the_container_or_with_names_is_the_primary_one() -> None:
    foreign, named, native = Line(0, names=False), Line(5), Line(9, names=False)
    assert Blocks(native, named, native=1).primary is native
    assert Blocks(foreign, named).primary is named
    assert Blocks(foreign).primary is None
    assert Blocks().primary is None
    assert Blocks(foreign, named).first_blocks() == [named]
    assert Blocks(foreign).first_blocks() == []


def test_block_is_needed_where_the_primary_one_cannot_have_the_field() -> None:
    assert Blocks().needs_block(["genre"])
    assert not Blocks(Line(0)).needs_block(["genre", "key"])
    assert not Blocks(Short(0)).needs_block(["genre", "comment"])
    assert Blocks(Short(0)).needs_block(["genre", "key"])


def test_value_goes_into_the_primary_block_and_into_those_that_have_the_field() -> None:
    layout = Blocks(Line(0, names=False), Line(4), Line(8, "genre"), Line(12, "key"))
    assert layout.change({"genre": "X"}) == [Splice(0, 0, b"[genre=X]"), Splice(8, 9, b"[genre=X]")]
    assert layout.change({}) == Blocks().change({}) == []
    short = Blocks(Short(4, "genre"), Line(8, "key"), Line(12))
    assert short.change({"genre": "X", "key": "Y"}) == [
        Splice(4, 5, b"[genre=X]"), Splice(8, 9, b"[key=Y]"), Splice(30, 30, b"new ['genre', 'key']"),
    ]  # fmt: skip
    assert Blocks().change({"genre": "X"}) == [Splice(30, 30, b"new ['genre']")]


def test_undo_edits_the_block_whose_items_it_has() -> None:
    other, line = Other(2, "genre"), Line(6, "genre", "key")
    layout = Blocks(other, line, native=1)
    was: Mapping[str, Raw] = {"genre": [{"text": ["was"], "line": 1}]}
    now: Mapping[str, Raw] = {"genre": [{"text": ["now"], "line": 1}]}
    nothing: Mapping[str, Raw] = {"genre": []}
    assert layout.restore(was, now) == [Splice(6, 7, b"[genre=was]")]
    assert layout.restore(nothing, now) == layout.restore(nothing, now, remove_empty=True) == [Splice(6, 7, b"")]
    assert layout.restore(was, nothing) == [Splice(6, 7, b"[genre=was]")]
    # Without any item, the primary block is meant.
    assert layout.restore(nothing, nothing) == [Splice(2, 3, b"")]
    for gone in (Blocks(other), Blocks()):
        with pytest.raises(TagsNotWritable, match="the tag block that was written is not in the file any more"):
            gone.restore(was, now)


def test_block_that_an_undo_empties_is_removed_if_that_is_wanted() -> None:
    now: Mapping[str, Raw] = {"genre": [{"text": ["now"], "line": 1}]}
    nothing: Mapping[str, Raw] = {"genre": []}
    layout = Blocks(Line(6, "genre"), Line(9))
    assert layout.restore(nothing, now, remove_empty=True) == [Splice(6, 7, b"gone")]
    assert layout.restore(nothing, now) == [Splice(6, 7, b"")]
    assert layout.restore(now, now, remove_empty=True) == [Splice(6, 7, b"[genre=now]")]
    stays = Blocks(Line(6, "genre"), removal=False)
    assert stays.restore(nothing, now, remove_empty=True) == [Splice(6, 7, b"")]


def test_tags_in_front_are_found_up_to_the_container() -> None:
    tags = [join(id3([TITLE])), join(id3([GENRE], padding=7))]
    layout = find_layout(io.BytesIO(join(tags) + FRAMES))
    assert [(block.start, block.end) for block in layout.leading] == [(0, len(tags[0])), (len(tags[0]), layout.start)]
    assert layout.start == len(join(tags))
    assert layout.texts("genre") == ["Jazz"]
    # In front of a container whose tags are elsewhere they stay, and so do bytes between.
    dsf = b"DSD " + b"".join(n.to_bytes(8, "little") for n in (28, 28, 0))
    foreign = find_layout(io.BytesIO(tags[0] + dsf))
    assert foreign.remains(())[:2] == [("ID3v2", tags[0]), ("bytes before the container", b"")]
    between = Layout(io.BytesIO(tags[0] + b"between" + tags[1]), len(tags[0]) + 7)
    assert between.remains(()) == [("ID3v2", tags[0]), ("bytes before the container", b"between")]
    assert Layout(io.BytesIO(tags[0] + tags[1]), len(tags[0])).leading[0].end == len(tags[0])
    assert len(Layout(io.BytesIO(tags[0] + tags[1]), len(tags[0])).leading) == 1


def test_texts_are_those_of_the_first_block_that_has_the_field() -> None:
    data = join(
        [*id3([TITLE, id3_frame("COMM", b"\0eng\0one")]), FRAMES, *ape([("Genre", "Swing"), ("Comment", "two")])]
    )
    layout = find_layout(io.BytesIO(data))
    found = {field: layout.texts(field) for field in ("genre", "comment", "key")}
    assert found == {"genre": ["Swing"], "comment": ["one"], "key": []}
    old = find_layout(io.BytesIO(FRAMES + id3v1(genre=8)))
    assert {field: old.texts(field) for field in ("genre", "comment", "bpm")} == {
        "genre": ["Jazz"], "comment": ["a comment"], "bpm": [],
    }  # fmt: skip
    layout.blocks, layout.names = [], Names(genre=b"(17); Jazz", comment=b"(17); Jazz")
    assert layout.texts("genre") == ["Rock", "Jazz"]
    assert layout.texts("comment") == ["(17); Jazz"]


def test_read_ends_with_the_file() -> None:
    layout = Layout(io.BytesIO(b"0123456789"), 0)
    assert layout.size == 10
    ranges = [(0, 3), (7, 20), (10, 12), (9, 10), (3, 3), (4, 3), (11, 12), (-1, 3)]
    assert [layout.read(*each) for each in ranges] == [b"012", b"789", b"", b"9", b"", b"", b"", b""]


def test_digest_does_not_depend_on_the_size_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(100))
    layout = Layout(io.BytesIO(data), 0)
    for block in (7, 10, 89, 90, 1 << 20):
        monkeypatch.setattr("recsys.tagging.layout._BLOCK", block)
        assert layout.digest(5, 95) == hashlib.blake2b(data[5:95], digest_size=16).digest()
    assert layout.digest(5, 5) == layout.digest(9, 5) == hashlib.blake2b(digest_size=16).digest()


def test_file_of_another_kind_has_no_tags() -> None:
    with pytest.raises(NoTags):
        find_layout(io.BytesIO(b"no audio at all" * 100))


def test_layout_alone_adds_and_removes_no_block() -> None:
    layout, block = Layout(io.BytesIO(b""), 0), Line(0)
    assert (layout.removal(block), layout.follow([], [])) == ([], [])
    with pytest.raises(NotImplementedError):
        layout.new_block({})
    assert apply_to_bytes(b"", []) == b""
