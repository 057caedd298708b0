"""Files of chunks, byte for byte: a changed file is the file that is built with the other tag from the start."""

import hashlib
import io
from collections.abc import Sequence

import pytest
from pieces import chunk, id3, id3_frame, join

from recsys.tagging.blocks import Names, TagsNotWritable
from recsys.tagging.chunks import _WAV, Chunks, _Form
from recsys.tagging.containers import find_layout
from recsys.tagging.id3 import new_id3
from recsys.tagging.splices import apply_to_bytes

NO_END = "its last chunk has no certain end, so that no tags can follow it"
UNKNOWN = b"\xff\xff\xff\xff"
Chunk = tuple[bytes, bytes]
FORMAT: Chunk = (b"fmt ", bytes(16))
AUDIO: Chunk = (b"data", bytes(range(100)))
ODD: Chunk = (b"note", b"odd")


def tag(genre: str, *, padding: int = 0) -> bytes:
    return join(id3([id3_frame("TIT2", b"\0T"), id3_frame("TCON", b"\0" + genre.encode())], padding=padding))


def info(**texts: str) -> Chunk:
    return b"LIST", b"INFO" + join(each for id, t in texts.items() for each in chunk(id.encode(), [t.encode() + b"\0"]))


def form(
    *chunks: Chunk, kind: bytes = b"RIFF", padded: bool = True, size: bytes | None = None, behind: bytes = b""
) -> bytes:  # fmt: skip
    big, wide = kind in (b"FORM", b"FRM8"), kind == b"FRM8"
    content = join(each for id, data in chunks for each in chunk(id, [data], big=big, wide=wide, padded=padded))
    stated = (4 + len(content)).to_bytes(8 if wide else 4, "big" if big else "little")
    type = {b"FORM": b"AIFF", b"FRM8": b"DSD "}.get(kind, b"WAVE")
    return kind + (stated if size is None else size) + type + content + behind


def changed(data: bytes, **target: str) -> bytes:
    return apply_to_bytes(data, find_layout(io.BytesIO(data)).change(target))


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


@pytest.mark.parametrize("kind", [b"RIFF", b"FORM", b"FRM8"])
@pytest.mark.parametrize(("old", "new"), [("Jazz", "Rock"), ("Jazz", "Blues"), ("Blues", "Jazz"), ("Blues", "Salsa")])
@pytest.mark.parametrize("last", [[], [ODD], [FORMAT]], ids=["last", "before an odd one", "before an even one"])
def test_tag_in_its_chunk(kind: bytes, old: str, new: str, last: list[Chunk]) -> None:
    """Its length, a byte that makes it even, and the size of the form follow."""
    before, after = (form(FORMAT, ODD, AUDIO, (b"ID3 ", tag(genre)), *last, kind=kind) for genre in (old, new))
    front = join(id3([id3_frame("TIT2", b"\0front")]))
    assert (changed(before, genre=new), changed(front + before, genre=new)) == (after, front + after)


@pytest.mark.parametrize("genre", ["Rock", "Blues", "Rumba!!"])
def test_odd_chunk_without_its_byte_stays_without(genre: str) -> None:
    old, new = (form(FORMAT, AUDIO, (b"id3 ", tag(each)), FORMAT, padded=False) for each in ("Jazz", genre))
    assert len(tag("Jazz")) % 2 == 1
    assert changed(old, genre=genre) == new


@pytest.mark.parametrize("kind", [b"RIFF", b"FORM", b"FRM8"])
def test_new_tag_is_the_last_chunk(kind: bytes) -> None:
    id = b"id3 " if kind == b"RIFF" else b"ID3 "
    new = new_id3(Names(), {"genre": "Blues"})
    for chunks in ([FORMAT, AUDIO], [FORMAT, AUDIO, ODD]):
        for behind in (b"", b"junk", b"behind all\0"):
            data, expected = form(*chunks, kind=kind, behind=behind), form(*chunks, (id, new), kind=kind, behind=behind)
            assert changed(data, genre="Blues") == expected


def test_last_chunk_without_its_byte_gets_it_before_a_new_tag() -> None:
    new = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    assert changed(form(AUDIO, ODD, padded=False), genre="Blues") == form(AUDIO, ODD, new)


def test_form_whose_size_lacks_the_byte_that_makes_its_last_chunk_even() -> None:
    new = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    data = form(AUDIO, ODD, padded=False) + b"\0"
    assert changed(data, genre="Blues") == form(AUDIO, ODD, new)
    data = form(AUDIO, (b"id3 ", tag("Jazz")), padded=False) + b"\0"
    for genre in ("Rock", "Salsa"):
        assert changed(data, genre=genre) == form(AUDIO, (b"id3 ", tag(genre)))


def test_empty_chunk_of_a_tag_is_filled() -> None:
    new = new_id3(Names(), {"genre": "Blues"})
    for id in (b"id3 ", b"ID3 "):
        assert changed(form(FORMAT, (id, b""), AUDIO), genre="Blues") == form(FORMAT, (id, new), AUDIO)
    data = form(FORMAT, (b"idx ", b""), (b"ID3 ", b"no tag"), AUDIO)
    assert changed(data, genre="Blues") == form(FORMAT, (b"idx ", b""), (b"ID3 ", b"no tag"), AUDIO, (b"id3 ", new))


def test_tag_behind_the_form_does_not_count_as_its_part() -> None:
    size = (4 + 24 + 108).to_bytes(4, "little")
    old, new = (form(FORMAT, AUDIO, (b"id3 ", tag(genre)), size=size) for genre in ("Jazz", "Progressive"))
    assert changed(old, genre="Progressive") == new


def test_wrong_size_of_the_form_stays() -> None:
    """As does an unknown one; a new tag follows the last chunk, if that ends with the file."""
    for size in (UNKNOWN, (77).to_bytes(4, "little"), bytes(4)):
        old, new = (form(FORMAT, AUDIO, (b"id3 ", tag(genre)), size=size) for genre in ("Jazz", "Progressive"))
        assert changed(old, genre="Progressive") == new
        added = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
        data = form(FORMAT, AUDIO, size=size)
        assert changed(data, genre="Blues") == form(FORMAT, AUDIO, added, size=size)
        with pytest.raises(TagsNotWritable, match=NO_END):
            changed(data + b"\0\0\0", genre="Blues")


@pytest.mark.parametrize("kind", [b"RF64", b"BW64"])
def test_large_wav_has_its_sizes_in_a_chunk(kind: bytes) -> None:
    def build(*tags: Chunk) -> bytes:
        chunks = [FORMAT, (b"data", bytes(99) + b"x"), ODD, *tags]
        size = 4 + 36 + len(form(*chunks)) - 12
        sizes = (b"ds64", size.to_bytes(8, "little") + (100).to_bytes(8, "little") + b"\1" + bytes(11))
        data = form(sizes, *chunks, kind=kind, size=UNKNOWN)
        return data.replace(b"data" + (100).to_bytes(4, "little"), b"data" + UNKNOWN)

    assert changed(build((b"id3 ", tag("Jazz"))), genre="Salsa") == build((b"id3 ", tag("Salsa")))
    assert changed(build(), genre="Blues") == build((b"id3 ", new_id3(Names(), {"genre": "Blues"})))


def test_size_in_the_head_of_a_large_wav_counts_if_it_is_known() -> None:
    sizes = (b"ds64", (5).to_bytes(8, "little") + bytes(20))
    old, new = (form(sizes, FORMAT, AUDIO, (b"id3 ", tag(genre)), kind=b"RF64") for genre in ("Jazz", "Salsa"))
    assert changed(old, genre="Salsa") == new


def test_chunk_that_is_cut_off_ends_with_the_file() -> None:
    new = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    data = form(FORMAT, AUDIO)
    assert changed(data, genre="Blues") == form(FORMAT, AUDIO, new)
    for missing in (1, 60, 100):
        with pytest.raises(TagsNotWritable, match=NO_END):
            changed(data[:-missing], genre="Blues")
    tagged, other = (form(FORMAT, (b"id3 ", tag(genre)), AUDIO) for genre in ("Jazz", "Rock"))
    assert changed(tagged[:-1], genre="Rock") == other[:-1]
    parts = find_layout(io.BytesIO(tagged[:-60])).remains(("genre",))
    assert ("chunk 'data'", digest(AUDIO[1][:40])) in parts
    assert parts[-1] == ("bytes behind the chunks", digest(b""))


def test_bytes_behind_the_form_that_look_like_a_chunk_are_none() -> None:
    junk = b"junk" + (50).to_bytes(4, "little") + b"short"
    new = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    assert changed(form(AUDIO, behind=junk), genre="Blues") == form(AUDIO, new, behind=junk)
    assert find_layout(io.BytesIO(form(AUDIO, behind=junk))).remains(())[-1] == (
        "bytes behind the chunks",
        digest(junk),
    )


def test_empty_audio_before_other_bytes_has_no_certain_end() -> None:
    new = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    empty: Chunk = (b"data", b"")
    assert changed(form(FORMAT, empty), genre="Blues") == form(FORMAT, empty, new)
    assert changed(form(FORMAT, (b"note", b""), behind=b"\0\0"), genre="Blues") == form(
        FORMAT, (b"note", b""), new, behind=b"\0\0"
    )
    with pytest.raises(TagsNotWritable, match=NO_END):
        changed(form(FORMAT, empty, behind=b"\0\0"), genre="Blues")


@pytest.mark.parametrize(
    ("id", "is_chunk"), [(b" ~ ~", True), (b"\x1fabc", False), (b"ab\x7fc", False), (b"abc\x80", False)]
)
def test_id_of_a_chunk_is_printable(id: bytes, is_chunk: bool) -> None:
    layout = find_layout(io.BytesIO(form(AUDIO, (id, b"content"), size=bytes(4))))
    assert (f"chunk {id.decode('latin-1')!r}" in dict(layout.remains(()))) == is_chunk


def test_odd_chunk_is_padded_unless_a_chunk_starts_at_its_end() -> None:
    def chunks(data: bytes) -> list[tuple[bytes, int, bool]]:
        layout = find_layout(io.BytesIO(data))
        assert isinstance(layout, Chunks)
        return [(each.id, each.end - each.start, each.padded) for each in layout._chunks]

    even = (b"abcd", b"12")
    assert chunks(form(ODD, even)) == [(b"note", 3, True), (b"abcd", 2, False)]
    assert chunks(form(ODD, even, padded=False)) == [(b"note", 3, False), (b"abcd", 2, False)]
    assert chunks(form(ODD, (b"abcd", b""), padded=False)) == [(b"note", 3, False), (b"abcd", 0, False)]
    assert chunks(form(even, ODD, padded=False)) == [(b"abcd", 2, False), (b"note", 3, False)]
    assert chunks(form(even, ODD)) == [(b"abcd", 2, False), (b"note", 3, True)]
    # Where both could be, the padded one is meant: "0abc" has a length within the file, and so has "abcd".
    both = b"0abc" + b"d\2\0\0" + bytes(3)
    assert int.from_bytes(both[4:8], "little") > 12
    ambiguous = form(ODD, padded=False) + b"0" + join(chunk(b"abcd", [bytes(0x264)]))
    assert chunks(ambiguous)[0] == (b"note", 3, True)


def test_new_tag_repeats_the_texts_of_aiff() -> None:
    texts = [(b"NAME", b"A name\0"), (b"NAME", b"another"), (b"AUTH", b"me"), (b"ANNO", b"a note"), (b"(c) ", b"1999")]
    names = Names(title=b"A name", artist=b"me", comment=b"a note", copyright=b"1999")
    tags = {"genre": "Blues"}
    assert changed(form(*texts, kind=b"FORM"), **tags) == form(*texts, (b"ID3 ", new_id3(names, tags)), kind=b"FORM")
    assert changed(form(*texts, kind=b"FRM8"), **tags) == form(*texts, (b"ID3 ", new_id3(Names(), tags)), kind=b"FRM8")
    assert changed(form(*texts), **tags) == form(*texts, (b"id3 ", new_id3(Names(), tags)))


def test_value_goes_into_the_first_tag_and_the_first_list_and_into_others_that_have_the_field() -> None:
    one, none, several = id3([id3_frame("TIT2", b"\0T")]), info(INAM="x"), info(INAM="y", IGNR="Jazz")
    bare = join(one)
    old = form(none, AUDIO, (b"id3 ", bare), (b"id3 ", tag("Jazz")), (b"id3 ", bare), several, none)
    first = bare[:6] + bytes([0, 0, 0, bare[9] + 15]) + bare[10:] + id3_frame("TCON", b"\0Rock")
    listed, changed_list = info(INAM="x", IGNR="Rock"), info(INAM="y", IGNR="Rock")
    new = form(listed, AUDIO, (b"id3 ", first), (b"id3 ", tag("Rock")), (b"id3 ", bare), changed_list, none)
    assert changed(old, genre="Rock") == new
    other = (b"LIST", b"adtl" + several[1][4:])
    assert changed(form(other, (b"id3 ", tag("Jazz"))), genre="Rock") == form(other, (b"id3 ", tag("Rock")))
    cast = (b"INFO", several[1])
    assert changed(form(cast, (b"id3 ", tag("Jazz"))), genre="Rock") == form(cast, (b"id3 ", tag("Rock")))


def test_tag_must_end_in_its_chunk() -> None:
    whole = tag("Jazz", padding=1)
    assert changed(form(AUDIO, (b"id3 ", whole + b"rest")), genre="Rock") == form(
        AUDIO, (b"id3 ", tag("Rock", padding=1) + b"rest")
    )
    assert find_layout(io.BytesIO(form((b"id3 ", whole + b"rest")))).remains(())[-2] == (
        "bytes after the ID3 tag in its chunk", b"rest",
    )  # fmt: skip
    with pytest.raises(TagsNotWritable, match="an ID3 tag is longer than its chunk"):
        find_layout(io.BytesIO(form((b"id3 ", whole[:-1]), AUDIO)))
    # Where the chunk does not even have the head of a tag, it has no tag.
    short = form((b"id3 ", whole[:9]), AUDIO)
    assert find_layout(io.BytesIO(short)).native == []


@pytest.mark.parametrize("kind", [b"RIFF", b"FRM8"])
@pytest.mark.parametrize("rest", [[], [ODD, AUDIO]])
def test_tag_that_was_added_is_removed_with_its_chunk(kind: bytes, rest: Sequence[Chunk]) -> None:
    genre = id3_frame("TCON", b"\0Blues")
    for padding in (4, 5):
        added = (b"ID3 ", join(id3([genre], padding=padding)))
        layout = find_layout(io.BytesIO(data := form(FORMAT, added, *rest, kind=kind)))
        splices = layout.restore({"genre": []}, {"genre": layout.blocks[0].items("genre")}, remove_empty=True)
        assert apply_to_bytes(data, splices) == form(FORMAT, *rest, kind=kind)
    unknown = form(FORMAT, added, size=UNKNOWN)
    layout = find_layout(io.BytesIO(unknown))
    assert apply_to_bytes(unknown, layout.removal(layout.blocks[0])) == form(FORMAT, size=UNKNOWN)
    front = find_layout(io.BytesIO(join(id3([genre])) + form(FORMAT, AUDIO)))
    assert front.removal(front.blocks[0]) == []


def test_size_of_a_chunk_has_four_or_eight_bytes() -> None:
    assert _WAV.render(0xFFFFFFFF) == UNKNOWN
    assert _Form("big", 8, b"").render(1 << 40) == b"\0\0\1\0\0\0\0\0"
    for size_bytes in (4, 8):
        with pytest.raises(TagsNotWritable, match="no room for another byte"):
            _Form("big", size_bytes, b"").render(1 << 8 * size_bytes)


def test_too_many_chunks_have_no_certain_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.tagging.chunks._MAX_CHUNKS", 3)
    added = (b"id3 ", new_id3(Names(), {"genre": "Blues"}))
    assert changed(form(AUDIO, ODD, FORMAT), genre="Blues") == form(AUDIO, ODD, FORMAT, added)
    with pytest.raises(TagsNotWritable, match=NO_END):
        changed(form(AUDIO, ODD, FORMAT, FORMAT), genre="Blues")


def test_everything_but_the_fields_remains() -> None:
    whole = tag("Jazz", padding=2)
    data = form(FORMAT, info(INAM="x", IGNR="Jazz"), ODD, (b"ID3 ", b""), (b"id3 ", whole + b"+"), AUDIO, behind=b"end")
    assert find_layout(io.BytesIO(join(id3([])) + data)).remains(("genre",))[-6:] == [
        ("bytes before the container", b""),
        ("chunk 'fmt '", digest(FORMAT[1])),
        ("chunk 'note'", digest(b"odd")),
        ("chunk 'data'", digest(AUDIO[1])),
        ("bytes after the ID3 tag in its chunk", b"+"),
        ("bytes behind the chunks", digest(b"end")),
    ]


def dsf(*, tag: bytes = b"", behind: bytes = b"", total: int | None = None, place: int | None = None) -> bytes:
    audio = b"fmt " + bytes(60) + b"data" + bytes(200)
    size = 28 + len(audio) + len(tag + behind) if total is None else total
    at = (28 + len(audio)) * bool(tag) if place is None else place
    return b"DSD " + join(n.to_bytes(8, "little") for n in (28, size, at)) + audio + tag + behind


def test_tag_of_dsf_has_its_place_in_the_header() -> None:
    added = new_id3(Names(), {"genre": "Blues"})
    front = join(id3([id3_frame("TIT2", b"\0front")]))
    assert changed(dsf(tag=tag("Jazz")), genre="Blues") == dsf(tag=tag("Blues"))
    assert changed(dsf(tag=tag("Jazz"), behind=b"end"), genre="Blues") == dsf(tag=tag("Blues"), behind=b"end")
    for before in (b"", front):
        assert changed(before + dsf(), genre="Blues") == before + dsf(tag=added)
    assert changed(dsf(tag=tag("Jazz"), total=5), genre="Blues") == dsf(tag=tag("Blues"), total=6)
    whole = dsf(tag=tag("Jazz"))
    for damaged in (dsf(tag=tag("Jazz"), place=295), dsf(place=28), dsf(place=5000), whole[:-1]):
        with pytest.raises(TagsNotWritable, match="the header of DSF has another place of the ID3 tag"):
            find_layout(io.BytesIO(damaged))


def test_everything_but_the_tag_and_the_header_of_dsf_remains() -> None:
    audio = dsf()[28:]
    tagged = find_layout(io.BytesIO(dsf(tag=tag("Jazz"), behind=b"end"))).remains(("genre",))
    assert tagged[-2:] == [("before the tag", digest(audio)), ("behind the tag", digest(b"end"))]
    bare = find_layout(io.BytesIO(dsf())).remains(("genre",))
    assert bare[-2:] == [("before the tag", digest(audio)), ("behind the tag", digest(b""))]
