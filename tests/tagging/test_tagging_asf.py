"""ASF: attributes change, and all other attributes and objects stay; the undo is exact."""

import io
import struct

import hypothesis.strategies as st
from hypothesis import given
from mutagen import asf
from pieces import Kept, Of, Pieces, change, join, length
from tag_strategies import id3_tags, joined, maybe, targets

from recsys.tagging.asf import _render_attribute
from recsys.tagging.blocks import Item


def asf_object(guid: str, content: list[bytes]) -> Pieces:
    return [Kept(bytes.fromhex(guid)), struct.pack("<Q", 24 + length(content)), *content]


def asf_attribute(name: str, value: str | int, *, library: bool = False) -> bytes:
    key = name.encode("utf-16-le") + b"\0\0"
    type, data = (3, struct.pack("<I", value)) if isinstance(value, int) else (0, value.encode("utf-16-le") + b"\0\0")
    if library:
        attribute = struct.pack("<HHHHI", 0, 1, len(key), type, len(data)) + key + data
    else:
        attribute = struct.pack("<H", len(key)) + key + struct.pack("<HH", type, len(data)) + data
    field = {"WM/Genre": "genre", "WM/BeatsPerMinute": "bpm"}.get(name)
    return Of(field, attribute) if field else Kept(attribute)


def test_attributes_are_rendered_with_their_type() -> None:
    """As the undo needs it, which gives a field the items back that it had."""
    for library in (False, True):
        guid = bytes.fromhex("941c23449894d149a1411d134e457054" if library else "40a4d0d207e3d21197f000a0c95ea850")
        for value, type in ((90, 3), ("Jazz", 0)):
            item: Item = {"text": [str(value)], "type": type, "language": 0, "stream": 1}
            found = _render_attribute(guid, "WM/BeatsPerMinute", item)
            assert found == asf_attribute("WM/BeatsPerMinute", value, library=library)


@given(st.data(), targets, st.lists(id3_tags(), max_size=1))
def test_asf(data: st.DataObject, target: dict[str, str], leading: list[Pieces]) -> None:
    def attributes(*, library: bool) -> Pieces:
        values: list[tuple[str, str | int]] = [
            ("WM/AlbumTitle", "An album"), ("WM/Genre", "Jazz"), ("WM/Genre", "Swing"), ("WM/Track", 5),
            ("WM/BeatsPerMinute", 90), ("WM/Picture", "QUJD" * 500),
        ]  # fmt: skip
        drawn = [each for each in data.draw(st.permutations(values)) if data.draw(maybe)]
        return [struct.pack("<H", len(drawn)), *(asf_attribute(*each, library=library) for each in drawn)]

    texts = ["A title", "An artist", "", "one" * data.draw(maybe), ""]
    encoded = [(text + "\0").encode("utf-16-le") if text else b"" for text in texts]
    sizes = [len(text) for text in encoded]
    description: Pieces = [
        Kept(struct.pack("<3H", *sizes[:3])), Of("comment", struct.pack("<H", sizes[3])),
        Kept(struct.pack("<H", sizes[4])), Kept(join(encoded[:3])), Of("comment", encoded[3]), Kept(encoded[4]),
    ]  # fmt: skip
    library = asf_object("941c23449894d149a1411d134e457054", attributes(library=True))
    padding = asf_object("74d40618dfca0945a4ba9aabcb96aae8", [Kept(bytes(50))])
    inner = [*library * data.draw(maybe), *padding * data.draw(maybe)]
    extension = [Kept(bytes(18)), struct.pack("<I", length(inner)), *inner]
    objects = [
        asf_object("b503bf5f2ea9cf118ee300c00c205365", extension),
        asf_object("3326b2758e66cf11a6d900aa0062ce6c", description),
        asf_object("40a4d0d207e3d21197f000a0c95ea850", attributes(library=False)),
        asf_object("9107dcb7b7a9cf118ee600c00c205365", [Kept(b"stream properties" + bytes(60))]),
    ]
    chosen = [each for each in data.draw(st.permutations(objects)) if data.draw(maybe)]
    properties = [Kept(bytes(16)), bytes(8), Kept(bytes(56))]
    chosen.insert(0, asf_object("a1dcab8c47a9cf118ee400c00c205365", properties))
    header_size = 30 + sum(map(length, chosen))
    packets = asf_object("3626b2758e66cf11a6d900aa0062ce6c", [Kept(bytes(26) + bytes(range(200)))])
    properties[1] = struct.pack("<Q", header_size + length(packets))
    chosen[0] = asf_object("a1dcab8c47a9cf118ee400c00c205365", properties)
    head = struct.pack("<QI", header_size, len(chosen))
    pieces = [Kept(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")), head, Kept(b"\1\2"), *joined(chosen), *packets]
    new = change([*joined(leading), *pieces], target)
    new = new[new.index(pieces[0]) :]
    found = asf.ASF(io.BytesIO(new))
    assert str(found["WM/Genre"][0]) == target["genre"]
    count, position = struct.unpack_from("<I", new, 24)[0], 30
    for _ in range(count):
        position += struct.unpack_from("<Q", new, position + 16)[0]
    assert position == struct.unpack_from("<Q", new, 16)[0]
    assert struct.unpack_from("<Q", new, 30 + 40)[0] == len(new)
