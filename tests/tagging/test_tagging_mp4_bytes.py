"""MP4, byte for byte: a changed file is the file that is built with the other items from the start."""

import hashlib
import io
import struct
from collections.abc import Callable

import pytest
from pieces import atom as atom_pieces
from pieces import join

from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import find_layout
from recsys.tagging.mp4 import MP4, _Atom
from recsys.tagging.splices import Splice, apply_to_bytes

TOO_LONG = "an atom of MP4 is longer than what contains it"


def atom(kind: bytes, *content: bytes, wide: bool = False) -> bytes:
    return join(atom_pieces(kind, content, wide=wide))


FTYP = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42")
HDLR = atom(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
MEDIA = atom(b"mdat", b"chunk 0, chunk 1, chunk 2")
CHUNKS = [b"chunk 0", b"chunk 1", b"chunk 2"]


def genre(text: str) -> bytes:
    return atom(b"\xa9gen", atom(b"data", struct.pack(">II", 1, 0), text.encode()))


def tags(text: str | None, *behind: bytes, version: bytes = bytes(4), wide: bool = False) -> bytes:
    """A udta atom with this genre; None: with an empty meta atom."""
    items = [] if text is None else [atom(b"ilst", genre(text), wide=wide)]
    return atom(b"udta", atom(b"meta", version, HDLR, *items, *behind, wide=wide), wide=wide)


def table(offsets: list[int], *, wide: bool = False) -> bytes:
    numbers = struct.pack(f">II{len(offsets)}{'Q' if wide else 'I'}", 0, len(offsets), *offsets)
    return atom(b"co64" if wide else b"stco", numbers)


def track(stco: bytes) -> bytes:
    return atom(b"trak", atom(b"tkhd", bytes(84)), atom(b"mdia", atom(b"minf", atom(b"stbl", stco))))


def placed(build: Callable[[list[int]], bytes]) -> bytes:
    """A file with the positions of its chunks."""
    draft = build([0, 0, 0])
    return build([draft.index(each) for each in CHUNKS])


def song(udta: bytes, *, free: bytes = b"", wide: bool = False, behind: bytes = b"") -> bytes:
    """A file whose moov atom stands before the audio."""
    return placed(
        lambda at: FTYP + atom(b"moov", atom(b"mvhd", bytes(100)), track(table(at, wide=wide)), udta) + free + MEDIA
        + behind
    )  # fmt: skip


def free(n: int) -> bytes:
    return atom(b"free", bytes(n))


def open_layout(data: bytes) -> MP4:
    layout = find_layout(io.BytesIO(data))
    assert isinstance(layout, MP4)
    return layout


def changed(data: bytes, text: str) -> bytes:
    return apply_to_bytes(data, open_layout(data).change({"genre": text}))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("text", ["Jazz", "Rock", "Ska", "Progressive"])
def test_positions_of_chunks_follow_the_length_of_the_items(wide: bool, text: str) -> None:
    old, new = (song(tags(each, wide=wide), wide=wide) for each in ("Jazz", text))
    assert changed(old, text) == new


def test_positions_before_the_moov_atom_stay() -> None:
    def build(text: str) -> bytes:
        return placed(lambda at: FTYP + MEDIA + atom(b"moov", track(table(at)), tags(text)) + free(500))

    assert changed(build("Jazz"), "Progressive") == build("Progressive")

    def from_(place: int, text: str, *others: int) -> bytes:
        return FTYP + atom(b"moov", track(table([place, *others])), tags(text))

    for space in (b"", free(50)):
        assert changed(from_(len(FTYP), "Jazz") + space, "Salsa") == from_(len(FTYP), "Salsa") + space
    assert changed(from_(len(FTYP) + 1, "Jazz"), "Salsa") == from_(len(FTYP) + 2, "Salsa")
    assert changed(from_(len(FTYP), "Jazz", 900), "Salsa") == from_(len(FTYP), "Salsa", 901)


@pytest.mark.parametrize(
    ("before", "text", "after"), [(20, "Jazz!!!", 17), (3, "Jazz!!!", 0), (0, "Ska", 1), (7, "Ska", 8)]
)
@pytest.mark.parametrize("kind", [b"free", b"skip"])
def test_free_space_takes_up_the_difference(before: int, text: str, after: int, kind: bytes) -> None:
    def space(n: int) -> bytes:
        return atom(kind, bytes(n))

    assert changed(song(tags("Jazz", space(before))), text) == song(tags(text, space(after)))
    assert changed(song(tags("Jazz"), free=space(before)), text) == song(tags(text), free=space(after))
    # What stands in the meta atom comes first.
    both = song(tags("Jazz", space(before)), free=space(9))
    assert changed(both, text) == song(tags(text, space(after)), free=space(9))


def test_other_free_space_stays() -> None:
    for udta, space in (
        ((free(2),), b""), ((atom(b"free", bytes(50), wide=True),), b""), ((atom(b"name", bytes(9)),), b""),
        ((), free(2)), ((), atom(b"free", bytes(50), wide=True)), ((), atom(b"uuid", bytes(50)) + free(50)),
    ):  # fmt: skip
        assert changed(song(tags("Jazz", *udta), free=space), "Jazz!!!") == song(tags("Jazz!!!", *udta), free=space)
    # Nor does a free atom that has the rest of the file, or stands before the moov atom.
    at = song(tags("Jazz!!!"))
    assert changed(song(tags("Jazz"), behind=free(50)), "Jazz!!!") == at + free(50)
    open_end = b"\0\0\0\0free" + bytes(50)
    place = struct.pack(">I", 5000)
    data = FTYP + atom(b"moov", track(atom(b"stco", struct.pack(">II", 0, 1), place)), tags("Jazz")) + open_end
    moved = FTYP + atom(b"moov", track(table([5003])), tags("Jazz!!!")) + open_end
    assert changed(data, "Jazz!!!") == moved


def test_new_list_takes_the_free_space_of_its_meta_atom() -> None:
    added = len(atom(b"ilst", genre("Jazz")))
    new = atom(b"udta", atom(b"meta", bytes(4), HDLR, free(60 - added), atom(b"ilst", genre("Jazz"))))
    assert changed(song(tags(None, free(60))), "Jazz") == song(new)


@pytest.mark.parametrize("version", [bytes(4), b""], ids=["MP4", "QuickTime"])
def test_new_list_stands_in_the_innermost_atom_that_exists(version: bytes) -> None:
    whole = tags("Jazz", version=version)
    assert changed(song(tags(None, version=version)), "Jazz") == song(whole)
    assert changed(song(tags("Rock", version=version)), "Jazz") == song(whole)
    bare = atom(b"udta", atom(b"meta", bytes(4), HDLR, atom(b"ilst", genre("Jazz"))))
    for udta in (b"", atom(b"udta")):
        assert changed(song(udta), "Jazz") == song(bare)
    named = atom(b"udta", atom(b"name", b"x"), bare[8:])
    assert changed(song(atom(b"udta", atom(b"name", b"x"))), "Jazz") == song(named)


def test_zeros_at_the_end_of_user_data_stay_at_the_end() -> None:
    meta = atom(b"meta", bytes(4), HDLR, atom(b"ilst", genre("Jazz")))
    for zeros in (bytes(4), bytes(8), bytes(16), bytes(8) + b"x"):
        old, new = (atom(b"udta", atom(b"name", b"x"), each, zeros) for each in (b"", meta))
        assert changed(song(old), "Jazz") == song(new)


def test_list_is_the_first_one() -> None:
    name = atom(b"name", b"x")
    first = atom(b"udta", name, atom(b"meta", bytes(4), HDLR))
    two = tags("Rock") + tags("Salsa")
    assert changed(song(two), "Jazz!") == song(tags("Jazz!") + tags("Salsa"))
    assert changed(song(first + two), "Jazz!") == song(first + tags("Jazz!") + tags("Salsa"))
    assert changed(song(name + first + atom(b"udta")), "Jazz") == song(
        name + atom(b"udta", name, atom(b"meta", bytes(4), HDLR, atom(b"ilst", genre("Jazz")))) + atom(b"udta")
    )
    lists = atom(b"udta", atom(b"meta", bytes(4), HDLR, *(atom(b"ilst", genre(each)) for each in ("Rock", "Ska"))))
    new = atom(b"udta", atom(b"meta", bytes(4), HDLR, *(atom(b"ilst", genre(each)) for each in ("Jazz", "Ska"))))
    assert changed(song(lists), "Jazz") == song(new)


def test_meta_atom_of_something_else_gets_no_list() -> None:
    other = atom(b"udta", atom(b"meta", bytes(4), atom(b"hdlr", bytes(8) + b"mp7t" + bytes(13)), bytes(8), b"mdir"))
    with pytest.raises(TagsNotWritable, match="its meta atom holds something other than tags"):
        changed(song(other), "Jazz")
    with pytest.raises(TagsNotWritable, match="its moov atom is compressed"):
        open_layout(song(atom(b"cmov", b"x")))
    with pytest.raises(TagsNotWritable, match="there is no moov atom"):
        open_layout(FTYP + MEDIA)


def fragments(at: list[int], version: int) -> bytes:
    """Fragments whose head (tfhd) and index (tfra) have positions."""
    number = ">Q" if version else ">I"
    base = atom(b"tfhd", b"\0\0\0\1", struct.pack(">IQ", 1, at[0]), b"rest")
    relative = atom(b"tfhd", b"\0\0\0\x02", struct.pack(">IQ", 1, 12_345_678))
    entries = join(struct.pack(number, 7) + struct.pack(number, place) + b"\1\1\1\1\1\1" for place in (at[1], 3, at[2]))
    # Two bytes each for the numbers of the fragment, of the run and of the sample: lengths minus one are 1, 1 and 1.
    tfra = atom(b"tfra", bytes([version, 0, 0, 0]), struct.pack(">III", 1, 0b010101, 3), entries)
    moof = atom(b"moof", atom(b"mfhd", bytes(8)), atom(b"traf", base), atom(b"traf", relative))
    return moof + atom(b"mfra", tfra, atom(b"mfro", bytes(8)))


@pytest.mark.parametrize("version", [0, 1])
def test_positions_of_fragments_follow(version: int) -> None:
    def build(text: str) -> bytes:
        return placed(lambda at: FTYP + atom(b"moov", track(table(at)), tags(text)) + MEDIA + fragments(at, version))

    assert changed(build("Jazz"), "Progressive") == build("Progressive")
    for lengths in (0, 0b000010, 0b001000, 0b100000, 0b111111):
        numbers = 3 + (lengths & 3) + (lengths >> 2 & 3) + (lengths >> 4 & 3)
        pair = ">QQ" if version else ">II"

        def indexed(text: str, lengths: int = lengths, pair: str = pair, numbers: int = numbers) -> bytes:
            def build(at: list[int]) -> bytes:
                entries = join(struct.pack(pair, 7, each) + b"\x7f" * numbers for each in at)
                head = bytes([version, 0, 0, 0]) + struct.pack(">III", 1, lengths, 3)
                tfra = atom(b"tfra", head, entries)
                return FTYP + atom(b"moov", tags(text)) + MEDIA + atom(b"mfra", tfra)

            return placed(build)

        assert changed(indexed("Jazz"), "Salsa") == indexed("Salsa")


def test_counts_that_are_too_large_end_with_their_atom() -> None:
    def build(text: str, shift: int = 0) -> bytes:
        moov = atom(b"moov", track(atom(b"stco", struct.pack(">III", 0, 9, 4000 + shift), b"ab")), tags(text))
        tfra = atom(b"tfra", bytes(4), struct.pack(">III", 1, 0, 9), struct.pack(">II", 7, 5000 + shift), b"\1\1\1")
        return FTYP + moov + MEDIA + atom(b"mfra", tfra, atom(b"mfro", b"\0\0\x77\x77" * 9))

    assert changed(build("Jazz"), "Salsa") == build("Salsa", 1)


def test_counts_that_are_smaller_than_their_atom_leave_the_rest_as_it_is() -> None:
    def build(text: str, shift: int = 0) -> bytes:
        stco = atom(b"stco", struct.pack(">4I", 0, 1, 4000 + shift, 4000), b"\xff" * 400)
        rest = struct.pack(">II", 7, 5000) + b"\1\1\1" + b"\xff" * 400
        tfra = atom(b"tfra", bytes(4), struct.pack(">5I", 1, 0, 1, 7, 5000 + shift), b"\1\1\1", rest)
        return FTYP + atom(b"moov", track(stco), tags(text)) + MEDIA + atom(b"mfra", tfra)

    assert changed(build("Jazz"), "Salsa") == build("Salsa", 1)


def test_position_that_is_cut_off_stays() -> None:
    for missing in range(1, 9):
        base = atom(b"tfhd", b"\0\0\0\1\0\0\0\1", b"\x11" * (8 - missing))
        old, new = (
            FTYP + atom(b"moov", tags(text)) + MEDIA + atom(b"moof", atom(b"traf", base)) for text in ("Jazz", "Salsa")
        )
        assert changed(old, "Salsa") == new


@pytest.mark.parametrize("wide", [False, True])
def test_positions_must_not_grow_beyond_their_width(wide: bool) -> None:
    limit = 1 << (64 if wide else 32)

    def build(text: str, place: int) -> bytes:
        return FTYP + atom(b"moov", track(table([place], wide=wide)), tags(text)) + MEDIA

    assert changed(build("Jazz", limit - 4), "Jazz!!!") == build("Jazz!!!", limit - 1)
    with pytest.raises(TagsNotWritable, match="its chunk offsets have no room for another byte"):
        changed(build("Jazz", limit - 3), "Jazz!!!")


def test_size_of_an_atom_is_written_in_its_width() -> None:
    small, large = _Atom(b"moov", 10, 18, 50, False), _Atom(b"moov", 10, 26, 50, False)
    assert small.resized(5) == [Splice(10, 14, struct.pack(">I", 45))]
    assert large.resized(5) == [Splice(18, 26, struct.pack(">Q", 45))]
    assert large._replace(end=1 << 32).resized(10) == [Splice(18, 26, struct.pack(">Q", 1 << 32))]
    assert small._replace(to_the_end=True).resized(5) == []
    assert small.resized((1 << 32) - 41) == [Splice(10, 14, b"\xff\xff\xff\xff")]
    with pytest.raises(TagsNotWritable, match="its format has no room for another byte"):
        small.resized((1 << 32) - 40)


def test_positions_that_recsys_cannot_change_are_refused() -> None:
    index = atom(b"sidx", bytes(24))
    with pytest.raises(TagsNotWritable, match="its index of segments stands before its tags"):
        changed(index.join((FTYP, song(tags("Jazz"))[len(FTYP) :])), "Salsa")
    assert changed(song(tags("Jazz"), behind=index), "Salsa") == song(tags("Salsa"), behind=index)
    for kind in (b"iloc", b"saio"):
        with pytest.raises(TagsNotWritable, match=rf"it has positions of data \({kind.decode()}\) that recsys cannot"):
            changed(song(tags("Jazz"), behind=atom(kind, bytes(20))), "Salsa")
    # A change of the same length moves nothing.
    assert changed(song(tags("Jazz"), behind=atom(b"iloc", bytes(20))), "Rock") == song(
        tags("Rock"), behind=atom(b"iloc", bytes(20))
    )


def test_positions_are_found_in_ten_atoms_around_each_other() -> None:
    def build(text: str, depth: int, place: int) -> bytes:
        inner = table([place])
        for _ in range(depth - 1):
            inner = atom(b"trak", inner)
        return FTYP + atom(b"moov", inner, tags(text)) + MEDIA

    assert changed(build("Jazz", 10, 900), "Salsa") == build("Salsa", 10, 901)
    assert changed(build("Jazz", 11, 900), "Salsa") == build("Salsa", 11, 900)


def test_atoms_must_end_in_the_one_around_them() -> None:
    inner = atom(b"moov", atom(b"mvhd", b"1234"), b"\0\0\0\x09udta")
    for moov in (
        inner,
        atom(b"moov", b"\0\0\0\7udta"),
        atom(b"moov", b"\0\0\0\1udta" + (15).to_bytes(8, "big")),
        atom(b"moov", b"\0\0\0\1udta" + (17).to_bytes(8, "big")),
    ):
        with pytest.raises(TagsNotWritable, match=TOO_LONG):
            open_layout(FTYP + moov + MEDIA)
    whole = FTYP + atom(b"moov", tags("Jazz"))
    with pytest.raises(TagsNotWritable, match=TOO_LONG):
        open_layout(whole[:-1])
    assert open_layout(whole).texts("genre") == ["Jazz"]
    for behind in (b"\0\0\0\1mdat" + (16).to_bytes(8, "big"), b"\0\0\0\x08mdat", b"1234567", b"\0\0\0\x09mdat"):
        assert open_layout(whole + behind).texts("genre") == ["Jazz"]
    with pytest.raises(TagsNotWritable, match=TOO_LONG):
        open_layout(whole + b"\0\0\0\7mdat")


def test_too_many_atoms_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.tagging.mp4._MAX_ATOMS", 5)
    assert open_layout(FTYP + atom(b"moov", tags("Jazz")) + free(0) * 2).texts("genre") == ["Jazz"]
    with pytest.raises(TagsNotWritable, match="it has too many atoms"):
        open_layout(FTYP + atom(b"moov", tags("Jazz")) + free(0) * 3)


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def test_all_other_atoms_and_where_positions_point_remain() -> None:
    def build(at: list[int]) -> bytes:
        places = table([at[0], 3, 1_000_000])
        moov = atom(b"moov", atom(b"mvhd", b"movie"), track(places), tags("Jazz", free(7)))
        return FTYP + moov + free(5) + MEDIA + fragments(at, 0)

    data = placed(build)
    tops = [0, len(FTYP), data.index(MEDIA) - 13, data.index(MEDIA), data.index(b"moof") - 4, data.index(b"mfra") - 4]

    def inside(*places: tuple[int, int]) -> tuple[str, bytes]:
        return ("positions of media data", repr([(top, place - tops[top]) for top, place in places]).encode())

    at = [data.index(each) for each in CHUNKS]
    assert open_layout(data).remains(("genre",)) == [
        ("bytes after the MP4 items", b""),
        ("bytes before the container", b""),
        ("atom 'ftyp'", digest(FTYP[8:])),
        ("atom 'mvhd'", digest(b"movie")),
        ("atom 'tkhd'", digest(bytes(84))),
        ("atom 'hdlr'", digest(HDLR[8:])),
        ("atom 'free'", b""),
        ("atom 'free'", b""),
        ("atom 'mdat'", digest(MEDIA[8:])),
        ("atom 'mfhd'", digest(bytes(8))),
        ("atom 'mfro'", digest(bytes(8))),
        inside((3, at[0]), (0, 3), (5, 1_000_000)),
        inside((3, at[0])),
        inside((3, at[1]), (0, 3), (3, at[2])),
    ]


def test_all_bytes_of_a_wide_size_count() -> None:
    """An atom of 2⁵⁶ bytes more than it has hides those behind it."""
    wide = bytearray(atom(b"free", bytes(8), wide=True))
    data = song(tags("Jazz"))
    assert open_layout(FTYP + bytes(wide) + data[len(FTYP) :]).blocks[0].texts("genre") == ["Jazz"]
    wide[8] = 1
    with pytest.raises(TagsNotWritable, match="there is no moov atom"):
        open_layout(FTYP + bytes(wide) + data[len(FTYP) :])
