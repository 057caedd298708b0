"""WAV, AIFF, DSDIFF and DSF: the tag changes, and all other chunks stay byte for byte; the undo is exact."""

import io

import hypothesis.strategies as st
from hypothesis import given
from pieces import Kept, Of, Pieces, change, chunk, join, length, riff
from tag_strategies import id3_tags, joined, maybe, targets

from recsys.tagging.containers import find_layout


@st.composite
def info_lists(draw: st.DrawFn) -> Pieces:
    texts = [(b"INAM", b"A title"), (b"IGNR", b"Jazz"), (b"ICMT", b"one"), (b"IPRT", b"5"), (b"ISFT", b"program 1.0\0")]
    body: Pieces = [Kept(b"INFO")]
    for id, text in draw(st.permutations(texts)):
        if draw(maybe):
            whole = join(chunk(id, [text + b"\0"]))
            field = {b"IGNR": "genre", b"ICMT": "comment"}.get(id, "")
            body.append(Of(field, whole) if field else Kept(whole))
    return body


def chunks_of(data: bytes, start: int = 0) -> list[bytes]:
    """Ids of the chunks of a file, whose lengths are verified."""
    big, wide = data[start : start + 4] in (b"FORM", b"FRM8"), data[start : start + 4] == b"FRM8"
    head, order = 12 if wide else 8, "big" if big else "little"
    end = start + head + int.from_bytes(data[start + 4 : start + head], "big" if big else "little")
    if data[start : start + 4] == b"RF64":
        end = start + 8 + int.from_bytes(data[start + 20 : start + 28], "little")
    position, ids = start + head + 4, list[bytes]()
    while position < end:
        ids.append(data[position : position + 4])
        size = int.from_bytes(data[position + 4 : position + head], "big" if order == "big" else "little")
        position += head + size + size % 2
    assert position == end
    return ids


@given(
    st.data(), targets, st.lists(id3_tags(), max_size=1), st.sampled_from([b"RIFF", b"RF64", b"FORM", b"FRM8"]),
    st.sampled_from([b"", b"\0\0\0\0", b"junk behind the last chunk"]),
)  # fmt: skip
def test_chunks(
    data: st.DataObject, target: dict[str, str], leading: list[Pieces], kind: bytes, behind: bytes
) -> None:  # fmt: skip
    big, wide = kind in (b"FORM", b"FRM8"), kind == b"FRM8"
    contents: list[tuple[bytes, Pieces]] = [
        (b"bext", [Kept(b"description".ljust(603, b"\0"))]), (b"cue ", [Kept(bytes(28))]), (b"smpl", [Kept(bytes(36))]),
        (b"odd ", [Kept(b"odd")]), (b"iXML", [Kept(b"<BWFXML/>")]), (b"NAME", [Kept(b"A name")]),
        (b"AUTH", [Kept(b"An author")]), (b"id3 ", data.draw(id3_tags())), (b"ID3 ", []),
    ]  # fmt: skip
    if not big:
        contents += [(b"LIST", data.draw(info_lists())), (b"LIST", [Kept(b"adtl"), Kept(b"note\4\0\0\0abc\0")])]
    audio: list[tuple[bytes, Pieces]] = [(b"fmt ", [Kept(bytes(16))]), (b"data", [Kept(bytes(range(101)))])]
    drawn = [each for each in data.draw(st.permutations(contents)) if data.draw(maybe)]
    position = data.draw(st.integers(0, len(drawn)))
    chunks = [chunk(id, content, big=big, wide=wide) for id, content in (*drawn[:position], *audio, *drawn[position:])]
    form = {b"FORM": b"AIFF", b"FRM8": b"DSD "}.get(kind, b"WAVE")
    if kind == b"RF64":
        size = sum(map(length, chunks)) + 4 + 36
        ds64 = [size.to_bytes(8, "little"), Kept((101).to_bytes(8, "little") + bytes(12))]
        pieces = riff([chunk(b"ds64", ds64), *chunks], kind, form, behind)
        pieces[1] = b"\xff\xff\xff\xff"
    else:
        pieces = riff(chunks, kind, form, behind)
    front = joined(leading)
    new = change([*front, *pieces], target)
    start = (
        new.rindex(kind + (pieces[1] if kind == b"RF64" else b""))
        if kind == b"RF64"
        else new.index(kind, max(0, length(front) - 30))
    )
    old = [id for id, _ in (*drawn[:position], *audio, *drawn[position:])]
    if kind == b"RF64":
        old.insert(0, b"ds64")
    ids = chunks_of(new, start)
    assert ids[: len(old)] == old
    assert [id.upper() for id in ids[len(old) :]] in ([], [b"ID3 "])


@given(id3_tags(), maybe, targets)
def test_dsf(tag: Pieces, tagged: bool, target: dict[str, str]) -> None:
    audio = Kept(b"fmt " + bytes(60) + b"data" + bytes(200))
    total, tag = 28 + len(audio) + length(tag) * tagged, tag * tagged
    place = (28 + len(audio)) * tagged
    head: Pieces = [Kept(b"DSD " + (28).to_bytes(8, "little")), *(n.to_bytes(8, "little") for n in (total, place))]
    new = change([*head, audio, *tag], target)
    assert int.from_bytes(new[12:20], "little") == len(new)
    assert new[int.from_bytes(new[20:28], "little") :][:3] == b"ID3"


def test_texts_of_an_aiff_without_id3_are_those_of_its_own_chunks() -> None:
    texts = [chunk(b"NAME", [b"A name"], big=True), chunk(b"ANNO", [b"one"], big=True)]
    layout = find_layout(io.BytesIO(join(riff(texts, b"FORM", b"AIFF"))))
    assert {field: layout.texts(field) for field in ("comment", "genre")} == {"comment": ["one"], "genre": []}
