"""MP4: items change, and all other atoms stay; chunk offsets point at the same data; the undo is exact."""

import io
import struct

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pieces import Kept, Of, Pieces, atom, change, join, length
from tag_strategies import PICTURE, maybe, targets

from recsys.tagging.containers import find_layout


@st.composite
def item_lists(draw: st.DrawFn) -> Pieces:
    def item(kind: bytes, type: int, value: bytes, field: str = "") -> bytes:
        data = join(atom(kind, atom(b"data", [struct.pack(">II", type, 0), value])))
        return Of(field, data) if field else Kept(data)

    free_form = [*atom(b"mean", [b"\0\0\0\0com.apple.iTunes"]), *atom(b"name", [b"\0\0\0\0MusicBrainz Album Id"])]
    album = Kept(join(atom(b"----", [*free_form, *atom(b"data", [struct.pack(">II", 1, 0), b"2" * 36])])))
    items = [
        item(b"\xa9nam", 1, b"A title"), item(b"\xa9gen", 1, b"Jazz", "genre"), item(b"gnre", 0, b"\0\x12", "genre"),
        item(b"\xa9cmt", 1, b"one", "comment"), item(b"tmpo", 21, b"\0\x5a", "bpm"), item(b"covr", 13, PICTURE), album,
        item(b"trkn", 0, b"\0\0\0\3\0\x0c\0\0"), item(b"zzzz", 0, b""),
    ]  # fmt: skip
    return [each for each in draw(st.permutations(items)) if draw(maybe)]


def movie(offsets: list[int], inside: Pieces, *, wide: bool) -> Pieces:
    """A moov atom with one track, whose chunks stand at these positions of the file."""
    table = struct.pack(f">II{len(offsets)}{'Q' if wide else 'I'}", 0, len(offsets), *offsets)
    stbl = atom(b"stbl", [*atom(b"stsd", [Kept(b"mp4a" + bytes(60))]), *atom(b"co64" if wide else b"stco", [table])])
    trak = atom(b"trak", [*atom(b"tkhd", [Kept(bytes(84))]), *atom(b"mdia", atom(b"minf", stbl))])
    return atom(b"moov", [*atom(b"mvhd", [Kept(bytes(100))]), *trak, *inside], wide=wide)


def offsets_of(data: bytes, *, wide: bool) -> list[int]:
    start = data.index(b"co64" if wide else b"stco") + 8
    (count,) = struct.unpack_from(">I", data, start)
    return list(struct.unpack_from(f">{count}{'Q' if wide else 'I'}", data, start + 4))


META = [Kept(bytes(4)), *atom(b"hdlr", [Kept(bytes(8) + b"mdirappl" + bytes(9))])]


@given(
    item_lists(), targets, maybe, maybe, st.sampled_from(["none", "udta", "meta", "list"]),
    st.sampled_from([None, 0, 20, 4000]), st.sampled_from([None, 0, 20, 4000]), maybe, maybe,
)  # fmt: skip
def test_mp4(
    items: Pieces, target: dict[str, str], wide: bool, moov_first: bool, depth: str, inner: int | None,
    outer: int | None, fragmented: bool, several: bool,
) -> None:  # fmt: skip
    free = [] if inner is None else [bytes(4), b"free", bytes(inner)]
    if free:
        free[0] = struct.pack(">I", 8 + (inner or 0))
    path = ["none", "udta", "meta", "list"].index(depth)
    inside: Pieces = []
    if path >= 2:
        inside = atom(b"meta", [*META, *(atom(b"ilst", items) if path == 3 else []), *free])
    if path >= 1:
        inside = atom(b"udta", [*atom(b"chpl", [Kept(b"chapters" + bytes(40))]), *inside])
    ftyp = atom(b"ftyp", [Kept(b"M4A \0\0\0\0M4A mp42")])
    middle: Pieces = [] if outer is None else [struct.pack(">I", 8 + outer), b"free", bytes(outer)]
    media = [Kept(bytes([i]) + b"chunk %d" % i) for i in range(6)]
    data = [atom(b"mdat", media[:3], wide=wide), *([atom(b"mdat", media[3:])] if several else [])]

    def build(offsets: list[int]) -> tuple[Pieces, list[int]]:
        moov = movie(offsets, inside, wide=wide)
        before = [*ftyp, *moov, *middle] if moov_first else [*ftyp, *middle]
        pieces, found = [*before], []
        for number, mdat in enumerate(data):
            for i, piece in enumerate(mdat):
                if piece in media:
                    found.append(length(pieces) + length(mdat[:i]))
            pieces += mdat
            if fragmented and number == 0:
                base = struct.pack(">Q", length(pieces) if not moov_first else found[0])
                tfhd = atom(b"tfhd", [Kept(b"\0\0\0\1\0\0\0\1"), base])
                pieces += atom(b"moof", [*atom(b"mfhd", [Kept(bytes(8))]), *atom(b"traf", tfhd)])
        pieces += [] if moov_first else moov
        if fragmented:
            tfra = struct.pack(">IIIIIIBBB", 0, 1, 0, 1, 5, found[0], 1, 1, 1)
            pieces += atom(b"mfra", [*atom(b"tfra", [tfra]), *atom(b"mfro", [Kept(bytes(8))])])
        return [*pieces, Kept(b"junk")[:0]], found

    _, found = build([0] * (6 if several else 3))
    pieces, offsets = build(found)
    assert offsets == found
    old = join(pieces)
    new = change(pieces, target)
    moved = offsets_of(new, wide=wide)
    assert [new[at : at + 8] for at in moved] == [old[at : at + 8] for at in found]
    assert len(atoms_of(new)) == len(atoms_of(old))
    if fragmented:
        at = new.index(b"tfra") + 24
        assert struct.unpack_from(">I", new, at)[0] - found[0] == moved[0] - found[0]
        base = struct.unpack_from(">Q", new, new.index(b"tfhd") + 12)[0]
        assert not moov_first or new[base : base + 8] == old[found[0] : found[0] + 8]


def atoms_of(data: bytes) -> list[bytes]:
    """Types of the atoms of a file, whose sizes are verified."""
    position, kinds = 0, []
    while position < len(data):
        (size,) = struct.unpack_from(">I", data, position)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, position + 8)
        kinds.append(data[position + 4 : position + 8])
        position += size
    assert position == len(data)
    return kinds


@pytest.mark.parametrize("missing", [0, 100])
def test_free_space_takes_up_new_tags_unless_the_file_is_cut_off_inside_it(missing: int) -> None:
    ftyp, free = atom(b"ftyp", [Kept(b"M4A \0\0\0\0")]), join(atom(b"free", [bytes(3000)]))
    end = length([*ftyp, *movie([0], [], wide=False), free])  # where mdat starts
    media = [] if missing else atom(b"mdat", [Kept(b"a chunk")])
    old = [*ftyp, *movie([end + 8], [], wide=False), free[: len(free) - missing], *media]
    new = change(old, {"genre": "Jazz"})
    growth = len(new) - length(old)
    assert (growth > 0) == bool(missing)
    assert offsets_of(new, wide=False) == [end + 8 + growth]
    (size,) = struct.unpack_from(">I", new, new.index(b"free") - 4)
    assert (size == len(free)) == bool(missing)


def test_last_atom_may_reach_to_the_end_of_the_file() -> None:
    """Its size is 0 then, and stays so."""
    ftyp = atom(b"ftyp", [Kept(b"M4A \0\0\0\0")])
    end = length([*ftyp, *movie([0], [], wide=False)])
    new = change([*ftyp, *movie([end + 8], [], wide=False), Kept(bytes(4) + b"mdat" + b"a chunk")], {"genre": "Jazz"})
    [offset] = offsets_of(new, wide=False)
    assert new[offset - 8 :] == bytes(4) + b"mdat" + b"a chunk"


@pytest.mark.parametrize(("type", "text"), [(1, "Rök".encode()), (2, "Rök".encode("utf-16-be"))])
def test_text_is_decoded_by_the_type_of_its_data(type: int, text: bytes) -> None:
    item = atom(b"\xa9gen", atom(b"data", [struct.pack(">II", type, 0), text]))
    inside = atom(b"udta", atom(b"meta", [*META, *atom(b"ilst", item)]))
    layout = find_layout(io.BytesIO(join([*movie([0], inside, wide=False), *atom(b"mdat", [b"audio"])])))
    assert list(layout.texts("genre")) == ["Rök"]


def test_a_change_of_other_items_or_of_audio_or_of_its_position_changes_what_remains() -> None:
    """The check of a written file compares what remains."""
    title, genre = (
        join(atom(kind, atom(b"data", [struct.pack(">II", 1, 0), text])))
        for kind, text in ((b"\xa9nam", b"A title"), (b"\xa9gen", b"Jazz"))
    )
    inside = atom(b"udta", atom(b"meta", [*META, *atom(b"ilst", [title, genre])]))
    start = length(movie([0], inside, wide=False)) + 8
    data = join([*movie([start], inside, wide=False), *atom(b"mdat", [b"audio"])])

    def remains(data: bytes) -> list[tuple[str, bytes]]:
        return find_layout(io.BytesIO(data)).remains(("genre",))

    offset, moved = (struct.pack(">II", 1, place) for place in (start, start + 1))
    assert remains(data.replace(b"Jazz", b"Rock")) == remains(data)
    for old, new in ((b"A title", b"B title"), (b"audio", b"Audio"), (offset, moved)):
        assert data.count(old) == 1
        assert remains(data.replace(old, new)) != remains(data)
