"""ASF, byte for byte: a changed file is the file that is built with the other attributes from the start."""

import hashlib
import io
import struct
from collections.abc import Sequence

import pytest
from pieces import id3, id3_frame, join

from recsys.tagging.asf import _new_extended, _number, _read_attribute, _render_attribute
from recsys.tagging.blocks import Item, TagBlock, TagsNotWritable
from recsys.tagging.containers import find_layout
from recsys.tagging.splices import apply_to_bytes

HEADER, DESCRIPTION, EXTENDED, EXTENSION, METADATA, LIBRARY, PROPERTIES, STREAM, PACKETS = (
    bytes.fromhex(guid)
    for guid in (
        "3026b2758e66cf11a6d900aa0062ce6c", "3326b2758e66cf11a6d900aa0062ce6c", "40a4d0d207e3d21197f000a0c95ea850",
        "b503bf5f2ea9cf118ee300c00c205365", "eacbf8c5af5b77488467aa8c44fa4cca", "941c23449894d149a1411d134e457054",
        "a1dcab8c47a9cf118ee400c00c205365", "9107dcb7b7a9cf118ee600c00c205365", "3626b2758e66cf11a6d900aa0062ce6c",
    )
)  # fmt: skip
DAMAGED = r"an object of ASF is longer than the one that contains it"
NO_ROOM = "its tags have no room for another byte"
AUDIO = bytes(range(200))


def obj(guid: bytes, *content: bytes) -> bytes:
    return guid + struct.pack("<Q", 24 + len(join(content))) + join(content)


def utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le", "surrogatepass")


def short(name: str, value: bytes | str, type: int = 0) -> bytes:
    """An attribute of the extended content description."""
    data = utf16(value) if isinstance(value, str) else value
    return struct.pack("<H", len(utf16(name))) + utf16(name) + struct.pack("<HH", type, len(data)) + data


def long(name: str, value: bytes | str, type: int = 0, *, language: int = 0, stream: int = 0) -> bytes:
    """An attribute of the metadata objects."""
    data = utf16(value) if isinstance(value, str) else value
    return struct.pack("<HHHHI", language, stream, len(utf16(name)), type, len(data)) + utf16(name) + data


def listed(guid: bytes, *attributes: bytes, behind: bytes = b"") -> bytes:
    return obj(guid, struct.pack("<H", len(attributes)), *attributes, behind)


def description(*texts: str, behind: bytes = b"") -> bytes:
    """Title, artist, copyright, description, rating."""
    encoded = [utf16(text) if text else b"" for text in texts]
    return obj(DESCRIPTION, struct.pack("<5H", *map(len, encoded)), *encoded, behind)


def extension(*objects: bytes) -> bytes:
    return obj(EXTENSION, bytes(range(18)), struct.pack("<I", len(join(objects))), *objects)


def song(*objects: bytes, size: int | None = None, properties: bool = True) -> bytes:
    """A file with these objects in its header, and its properties, which state the size of the file."""
    data = obj(PACKETS, AUDIO)
    stated = 30 + len(join(objects)) + 104 + len(data) if size is None else size
    inner = [obj(PROPERTIES, bytes(16), struct.pack("<Q", stated), b"\1" * 56), *objects] if properties else objects
    head = struct.pack("<QIH", 30 + len(join(inner)), len(inner), 0x201)
    return HEADER + head + join(inner) + data


def open_tags(data: bytes) -> TagBlock:
    return find_layout(io.BytesIO(data)).blocks[0]


def changed(data: bytes, **target: str) -> bytes:
    return apply_to_bytes(data, find_layout(io.BytesIO(data)).change(target))


def restored(data: bytes, **before: list[Item]) -> bytes:
    return apply_to_bytes(data, find_layout(io.BytesIO(data)).restore(before, {}))


KEYS = {"genre": "WM/Genre", "custom": "RECSYS_GENRE", "bpm": "WM/BeatsPerMinute", "key": "WM/InitialKey"}
TITLE, OTHER = short("Title", "x"), obj(STREAM, b"stream properties")


@pytest.mark.parametrize("field", sorted(KEYS))
@pytest.mark.parametrize("behind", [b"", b"behind the attributes"])
def test_attribute_of_the_extended_description(field: str, behind: bytes) -> None:
    key = KEYS[field]

    def build(*attributes: bytes) -> bytes:
        return song(OTHER, listed(EXTENDED, TITLE, *attributes, behind=behind), OTHER)

    assert changed(build(), **{field: "120"}) == build(short(key, "120"))
    assert changed(build(short(key, "90"), TITLE), **{field: "120"}) == build(short(key, "120"), TITLE)
    several = build(short(key, "90"), TITLE, short(key, "80"), short(key, "70"))
    assert changed(several, **{field: "120"}) == build(short(key, "120"), TITLE)
    number = build(short(key, struct.pack("<I", 90), 3))
    assert open_tags(number).items(field)[0]["text"] == ["90"]
    assert changed(number, **{field: "120"}) == build(short(key, "120"))


def test_several_fields_are_counted_together() -> None:
    old = song(listed(EXTENDED, short("WM/Genre", "Jazz"), TITLE))
    added = [short(KEYS[field], text) for field, text in (("bpm", "120"), ("key", "Am"))]
    assert changed(old, genre="Blues", bpm="120", key="Am") == song(
        listed(EXTENDED, short("WM/Genre", "Blues"), TITLE, *added)
    )


@pytest.mark.parametrize("guid", [METADATA, LIBRARY])
@pytest.mark.parametrize("before", [[], [OTHER]])
def test_attribute_of_the_metadata_objects(guid: bytes, before: Sequence[bytes]) -> None:
    """Its language and its stream stay, and the sizes of the header extension follow."""

    def build(text: str) -> bytes:
        attributes = long("Title", "x", stream=2), long("WM/Genre", text, language=3, stream=1)
        return song(extension(*before, listed(guid, *attributes), OTHER), OTHER)

    assert open_tags(build("Jazz")).items("genre") == [{"text": ["Jazz"], "type": 0, "language": 3, "stream": 1}]
    assert changed(build("Jazz"), genre="Progressive") == build("Progressive")


def test_objects_outside_of_the_extension_do_not_change_its_size() -> None:
    inner = extension(OTHER, listed(LIBRARY, long("WM/InitialKey", "C")))
    for place in (slice(None), slice(None, None, -1)):
        old, new = (
            song(*[inner, listed(EXTENDED, short("WM/Genre", each)), OTHER][place]) for each in ("Jazz", "Progressive")
        )
        assert changed(old, genre="Progressive") == new
    added = short("WM/Genre", "Blues")  # right before the extension, and right behind it
    assert changed(song(listed(EXTENDED), inner), genre="Blues") == song(listed(EXTENDED, added), inner)
    assert changed(song(OTHER, inner), genre="Blues") == song(OTHER, inner, listed(EXTENDED, added))
    both = song(listed(EXTENDED, short("WM/Genre", "Jazz")), inner)
    after = extension(OTHER, listed(LIBRARY, long("WM/InitialKey", "Abm")))
    assert changed(both, genre="Ska", key="Abm") == song(listed(EXTENDED, short("WM/Genre", "Ska")), after)


def test_new_attributes_get_an_object_of_their_own_at_the_end_of_the_header() -> None:
    for others in ([], [OTHER], [extension(OTHER, listed(LIBRARY, long("Title", "x"))), OTHER]):
        new = song(*others, listed(EXTENDED, short("WM/Genre", "Blues"), short("WM/InitialKey", "Am")))
        assert changed(song(*others), genre="Blues", key="Am") == new
        described = song(*others, obj(DESCRIPTION, bytes(6) + struct.pack("<2H", 8, 0) + utf16("one")))
        assert changed(song(*others), comment="one") == described
    both = listed(EXTENDED, short("WM/Genre", "Blues")), description("", "", "", "one", "")
    assert changed(song(), genre="Blues", comment="one") == song(*both)


def test_comment_is_the_description() -> None:
    def build(comment: str, behind: bytes = b"") -> bytes:
        return song(OTHER, description("Title", "An artist", "", comment, "rating", behind=behind), OTHER)

    for old, new in (("one", "another comment"), ("", "one"), ("one", "x")):
        for behind in (b"", b"behind"):
            assert changed(build(old, behind), comment=new) == build(new, behind)
    assert open_tags(build("one")).items("comment") == [{"text": ["one"], "type": 0, "language": None, "stream": None}]
    assert open_tags(build("")).items("comment") == []
    assert not open_tags(build("")).holds("comment")
    assert restored(build("one"), comment=[]) == build("")
    # Of two descriptions, the first one counts.
    two = [description("", "", "", each, "") for each in ("one", "two", "three")]
    assert open_tags(song(*two[:2])).texts("comment") == ["one"]
    assert changed(song(*two[:2]), comment="three") == song(two[2], two[1])


def test_size_of_the_file_stays_if_it_is_not_that_of_the_file() -> None:
    old, new = (song(listed(EXTENDED, short("WM/Genre", each)), size=5) for each in ("Jazz", "Progressive"))
    assert changed(old, genre="Progressive") == new
    old, new = (song(listed(EXTENDED, short("WM/Genre", each)), properties=False) for each in ("Jazz", "Progressive"))
    assert changed(old, genre="Progressive") == new


def test_tag_in_front_moves_nothing() -> None:
    front = [join(id3([id3_frame("TCON", b"\0" + each)])) for each in (b"Jazz", b"Blues")]
    old, new = (song(OTHER, listed(EXTENDED, short("WM/Genre", each))) for each in ("Jazz", "Blues"))
    assert changed(front[0] + old, genre="Blues") == front[1] + new
    within, after = (song(extension(listed(LIBRARY, long("WM/Genre", each)))) for each in ("Jazz", "Blues"))
    assert changed(front[0] + within, genre="Blues") == front[1] + after


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        (0, utf16("Jazz"), "Jazz"), (0, b"J\0a\0z", "Ja"), (0, b"\0\xd8\0\0", "\ud800"), (1, b"binary", ""),
        (2, b"\1\0\0\0", "1"),
        (3, b"\1\2\0\0", "513"), (4, bytes(7) + b"\1", str(1 << 56)), (5, b"\xff\xff", "65535"), (6, b"guid", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("guid", [EXTENDED, LIBRARY])
def test_value_is_read_and_written_by_its_type(guid: bytes, type: int, value: bytes, text: str) -> None:
    make, place = (short, (None, None)) if guid == EXTENDED else (long, (0, 0))
    data = b"before" + make("WM/Genre", value, type)
    item: Item = {"text": [text], "type": type, "language": place[0], "stream": place[1]}
    assert _read_attribute(guid, data + b"behind", 6) == ("WM/Genre", len(data), item)
    if type in (2, 3, 4, 5) or value == utf16(text):
        assert _render_attribute(guid, "WM/Genre", item) == data[6:]
    for end in range(6, len(data)):
        with pytest.raises(TagsNotWritable, match=DAMAGED):
            _read_attribute(guid, data[:end], 6)


def test_attribute_has_its_language_and_its_stream() -> None:
    item: Item = {"text": ["x"], "type": 0, "language": 4, "stream": 5}
    assert _render_attribute(LIBRARY, "K", item) == long("K", "x", language=4, stream=5)
    assert _render_attribute(LIBRARY, "K", item | {"language": None, "stream": None}) == long("K", "x")


def test_object_without_a_count_has_no_attributes() -> None:
    for content in (b"", b"\0"):
        assert open_tags(song(obj(EXTENDED, content))).entries == []


def test_lengths_have_two_bytes() -> None:
    assert _number(0xFFFF) == b"\xff\xff"
    with pytest.raises(TagsNotWritable, match=NO_ROOM):
        _number(1 << 16)
    item: Item = {"text": ["x"], "type": 0, "language": None, "stream": None}
    assert _new_extended({"genre": [item, item]}) == listed(EXTENDED, short("WM/Genre", "x"), short("WM/Genre", "x"))


def test_objects_must_end_in_the_header() -> None:
    whole = song(OTHER, extension(OTHER))
    assert open_tags(whole).texts("genre") == []
    size = struct.unpack_from("<Q", whole, 16)[0]
    assert open_tags(whole[:size]).texts("genre") == []
    for damaged in (
        whole[: size - 1],
        HEADER + struct.pack("<QIH", 54, 1, 0) + STREAM + struct.pack("<Q", 23) + bytes(9),
        HEADER + struct.pack("<QIH", 54, 1, 0) + STREAM + struct.pack("<Q", 25) + bytes(9),
        song(obj(EXTENSION, bytes(22), STREAM, struct.pack("<Q", 25)), OTHER),
        song(obj(DESCRIPTION, bytes(9))),
        HEADER + struct.pack("<Q", 29) + bytes(5),
    ):
        with pytest.raises(TagsNotWritable, match=DAMAGED):
            open_tags(damaged)
    assert open_tags(song(obj(DESCRIPTION, bytes(10)))).texts("comment") == []
    smallest = HEADER + struct.pack("<QIH", 54, 1, 0) + STREAM + struct.pack("<Q", 24)
    assert open_tags(smallest).texts("genre") == []
    assert changed(HEADER + struct.pack("<QIH", 30, 0, 0), genre="x")[24:28] == b"\1\0\0\0"


def test_items_of_an_undo_have_their_place_again() -> None:
    item: Item = {"text": ["90"], "type": 3, "language": None, "stream": None}
    text = item | {"text": ["Jazz"], "type": 0}
    title = listed(EXTENDED, TITLE, short("WM/Genre", "x"))
    old = listed(EXTENDED, TITLE, short("WM/Genre", "Jazz"), short("WM/Genre", b"\x5a\0\0\0", 3))
    assert restored(song(title), genre=[text, item]) == song(old)
    assert restored(song(old), genre=[]) == song(listed(EXTENDED, TITLE))
    assert restored(song(OTHER), genre=[]) == song(OTHER)
    assert restored(song(listed(EXTENDED)), bpm=[item]) == song(
        listed(EXTENDED, short("WM/BeatsPerMinute", b"\x5a\0\0\0", 3))
    )


def test_everything_but_the_fields_remains() -> None:
    genre, comments = short("WM/Genre", "Jazz"), description("T", "A", "C", "one", "R", behind=b"end")
    library = listed(LIBRARY, long("WM/Genre", "Jazz"), long("Title", "x"), behind=b"rest")
    second = description("", "", "", "two", "")
    data = song(comments, listed(EXTENDED, genre, TITLE, behind=b"+"), extension(OTHER, library), second, OTHER)
    properties = data[30:134]
    around = struct.pack("<3H", *(len(utf16(t)) for t in "TAC")) + struct.pack("<H", 4) + join(map(utf16, "TAC"))

    def parts(text: bytes, *kept: bytes) -> list[tuple[str, bytes]]:
        return [
            ("ASF content description", around + text + utf16("R") + b"end"),
            *(("ASF attribute", each) for each in (*kept[:1], TITLE)), ("bytes after the ASF attributes", b"+"),
            ("bytes after the ASF attributes", second[24:]),
            *(("ASF attribute", each) for each in (*kept[1:], long("Title", "x"))),
            ("bytes after the ASF attributes", b"rest"),
            ("bytes before the container", b""),
            ("ASF object", properties[:40] + properties[48:]),
            ("ASF object", OTHER),
            ("ASF object", OTHER),
            ("data", hashlib.blake2b(obj(PACKETS, AUDIO), digest_size=16).digest()),
        ]  # fmt: skip

    layout = find_layout(io.BytesIO(data))
    assert layout.remains(("genre", "comment")) == parts(b"")
    assert layout.remains(("bpm",)) == parts(utf16("one"), genre, long("WM/Genre", "Jazz"))
