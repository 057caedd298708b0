"""ID3v2: where the frames are, what stands in them, and the bytes of a tag after a change, for each version."""

import zlib

import pytest
from pieces import Kept, Pieces, id3, id3_frame, join, synchsafe, unsynchronise

from recsys.tagging.blocks import Raw, TagsNotWritable
from recsys.tagging.id3 import ID3v2
from recsys.tagging.splices import apply_to_bytes

START = 1000  # of the tags in their files
FIELDS = ("genre", "comment", "custom", "bpm", "key")
IDS = {
    2: ("TT2", "TCO", "COM", "TXX", "TBP", "TKE", "PIC"),
    3: ("TIT2", "TCON", "COMM", "TXXX", "TBPM", "TKEY", "APIC"),
    4: ("TIT2", "TCON", "COMM", "TXXX", "TBPM", "TKEY", "APIC"),
}
TAGS: list[tuple[int, dict[str, bool]]] = [
    *((2, {"unsynchronised": unsynchronised}) for unsynchronised in (False, True)),
    *((version, {"unsynchronised": u, "crc": c}) for version in (3, 4) for u in (False, True) for c in (False, True)),
    (4, {"footer": True}), (4, {"footer": True, "crc": True}), (4, {"footer": True, "unsynchronised": True}),
]  # fmt: skip
tags = pytest.mark.parametrize(("version", "form"), TAGS, ids=[f"{v}-{'-'.join(f)}" for v, f in TAGS])


def frames(version: int, genre: bytes, comment: bytes = b"\0deu\0ein Kommentar") -> list[tuple[str | None, bytes]]:
    """The field and the bytes of each frame; the others have bytes that are unsynchronised, also at their ends."""
    title, genres, comments, custom, bpm, key, picture = IDS[version]
    contents = [
        (None, title, b"\0title \xff"), (None, picture, b"\0\xff\xe0\xff\0\xff" + bytes(range(1, 200)) + b"\xff"),
        ("genre", genres, genre), (None, comments, b"\0engiTunNORM\x000000"), ("comment", comments, comment),
        (None, comments, b"\0eng\0a second comment"), ("custom", custom, b"\0recsys_Genre\0Jazz"),
        (None, custom, b"\0another\0text"), ("bpm", bpm, b"\x0090"), ("key", key, b"\0Am"), (None, picture, b"\xff"),
    ]  # fmt: skip
    return [(field, id3_frame(id, content, version)) for field, id, content in contents if content]


def tag(version: int, listed: list[tuple[str | None, bytes]], form: dict[str, bool], padding: int = 20) -> Pieces:
    return id3([Kept(frame) for _, frame in listed], version, padding=0 if form.get("footer") else padding, **form)


@tags
def test_entries_are_where_the_frames_are(version: int, form: dict[str, bool]) -> None:
    listed = frames(version, b"\0Jazz")
    pieces = tag(version, listed, form)
    block = ID3v2(join(pieces), START)
    first = 2 + 2 * bool(form.get("crc"))
    ends = [START + len(join(pieces[: first + n])) for n in range(len(listed) + 1)]
    assert [entry[:3] for entry in block.entries] == [
        (start, end, field) for start, end, (field, _) in zip(ends, ends[1:], listed, strict=False)
    ]
    assert (block.start, block.insert_at, block.end) == (START, ends[-1], START + len(join(pieces)))
    extended = {3: pieces[2], 4: pieces[2]}[version] if form.get("crc") else b""
    footer = join(pieces[-2:])[:6] if form.get("footer") else b""
    assert block.remains(("genre", "bpm")) == [
        ("ID3v2 header", pieces[0][3:6] + footer),
        ("ID3v2 extended header", extended),
        *(("ID3v2 frame", frame) for field, frame in listed if field not in ("genre", "bpm")),
        ("ID3v2 padding", b"" if form.get("footer") else bytes(20)),
    ]


@tags
@pytest.mark.parametrize("text", ["Blues", "x" * 200, "Ω\xff", ""])
def test_changed_tag_is_the_tag_that_is_made_of_the_changed_frames(
    version: int, form: dict[str, bool], text: str
) -> None:
    block = ID3v2(join(tag(version, frames(version, b"\0Jazz"), form)), START)
    edits: dict[str, Raw] = {"genre": [{"encoding": 1, "text": [text, "b"]}] if text else []}
    content = b"\1" + b"\0\0".join(b"\xff\xfe" + part.encode("utf-16-le") for part in (text, "b")) if text else b""
    stuffed = unsynchronise(content) if version == 4 and form.get("unsynchronised") else content
    listed = frames(version, stuffed)
    if stuffed != content:
        listed[2] = ("genre", id3_frame("TCON", stuffed, flags=2))
    assert apply_to_bytes(block.data, block.edit(edits), START) == join(tag(version, listed, form))


def test_checksum_that_is_unsynchronised_itself_follows_the_frames() -> None:
    """Some checksums have a 0xFF that a zero must follow."""
    form, stuffed = {"unsynchronised": True, "crc": True}, 0
    for n in range(300):
        old, new = (tag(3, [(None, id3_frame("TCON", b"\0%d" % k, 3))], form) for k in (n, n + 1))
        stuffed += len(old[3]) > 4
        block = ID3v2(join(old), START)
        edit = block.edit({"genre": [{"encoding": 0, "text": [str(n + 1)]}]})
        assert apply_to_bytes(block.data, edit, START) == join(new)
        assert block.remains(FIELDS)[1] == ("ID3v2 extended header", old[2])
    assert stuffed


@pytest.mark.parametrize(
    ("listed", "padding", "stated", "follows"),
    [
        ([b"\0title"], 9, 9, True),
        ([b"\0title"], 9, 0, True),
        ([b"\0title"], 9, 10, False),  # the checksum does not cover all frames
        ([], 9, 100, True),  # none: it covers nothing
    ],
)
def test_checksum_covers_all_but_the_padding_that_its_header_states(
    listed: list[bytes], padding: int, stated: int, follows: bool
) -> None:
    body = join(id3_frame("TIT2", content, 3) for content in listed) + bytes(padding)
    covered = body[: max(0, len(body) - stated)]
    head = (10).to_bytes(4, "big") + b"\x80\0" + stated.to_bytes(4, "big")
    whole = head + zlib.crc32(covered).to_bytes(4, "big") + body
    block = ID3v2(b"ID3\3\0\x40" + synchsafe(len(whole)) + whole, START)
    new = apply_to_bytes(block.data, block.edit({"bpm": [{"encoding": 0, "text": ["90"]}]}), START)
    frame = id3_frame("TBPM", b"\x0090", 3)
    at = len(body) - padding
    covered_now = covered[:at] + frame + covered[at:] if follows else covered
    assert new[20:24] == zlib.crc32(covered_now).to_bytes(4, "big")
    assert new[24:] == body[:at] + frame + body[at:]


@pytest.mark.parametrize(
    ("extended", "checksum"),
    [
        (b"\0\0\0\6\1\x00", None),
        (b"\0\0\0\x0c\1\x20\5", 7),
        (b"\0\0\0\x0d\1\x60\0\5", 8),  # an update: a byte more
        (b"\0\0\0\x0c\1\xa1\5", 7),
        (b"\0\0\0\x0e\1\x30\5", 7),  # two bytes of restrictions follow it
        (b"\0\0\0\x0c\1\x21\4", None),  # a length that a checksum does not have
        (b"\0\0\0\x0d\1\x41\0\5", None),
        (b"\0\0\0\x0c\1\x9f\5", None),
    ],
)
def test_checksum_of_version_4_stands_behind_the_flags(extended: bytes, checksum: int | None) -> None:
    size = extended[3]
    title = id3_frame("TIT2", b"\0title")
    crc = zlib.crc32(title + bytes(9))
    digits = bytes(crc >> shift & 0x7F for shift in (28, 21, 14, 7, 0))
    body = (extended + digits)[:size].ljust(size, b"\0") + title + bytes(9)
    block = ID3v2(b"ID3\4\0\x40" + synchsafe(len(body)) + body, START)
    assert block.insert_at == START + 10 + size + len(title)
    splices = block.edit({"bpm": [{"encoding": 0, "text": ["90"]}]})
    places = [(START + 10 + checksum, START + 15 + checksum)] if checksum else []
    assert [(s.start, s.end) for s in splices[1:-1]] == places
    remaining = bytearray(body[:size])
    if checksum:
        del remaining[checksum : checksum + 5]
    assert block.remains(())[1] == ("ID3v2 extended header", bytes(remaining))


@pytest.mark.parametrize(
    ("size", "flags", "has_checksum"),
    [(10, 0x80, True), (10, 0x7F, False), (10, 0x81, True), (11, 0x80, True), (9, 0x80, False)],
)
def test_checksum_of_version_3_needs_its_flag_and_its_room(size: int, flags: int, has_checksum: bool) -> None:
    title = id3_frame("TIT2", b"\0title", 3)
    head = size.to_bytes(4, "big") + bytes([flags]) + bytes(5)
    crc = zlib.crc32(title).to_bytes(4, "big")
    body = (head + crc + b"!")[: 4 + size] + title
    block = ID3v2(b"ID3\3\0\x40" + synchsafe(len(body)) + body, START)
    assert len(block.edit({"bpm": [{"encoding": 0, "text": ["90"]}]})) == 2 + has_checksum
    remaining = head + (body[14 : 4 + size] if has_checksum else body[10 : 4 + size])
    assert block.remains(())[1] == ("ID3v2 extended header", remaining)


def test_extended_header_ends_in_the_tag() -> None:
    for version, size in ((3, 6), (4, 10)):
        head = synchsafe(size).ljust(10, b"\0")
        block = ID3v2(b"ID3" + bytes([version, 0, 0x40]) + synchsafe(10) + head, START)
        assert block.insert_at == START + 20
        assert block.remains(())[1] == ("ID3v2 extended header", head)
        with pytest.raises(TagsNotWritable, match="an ID3 header is longer than its tag"):
            ID3v2(b"ID3" + bytes([version, 0, 0x40]) + synchsafe(9) + head[:9], START)


def test_flags_of_the_header_that_have_no_meaning_here_are_ignored() -> None:
    title = id3_frame("TIT2", b"\1\xff\0", 3)
    for version, flags in ((2, 0x3F), (3, 0x3F), (4, 0x2F)):  # 0x10 is the footer in version 4 only
        body = id3_frame(IDS[version][0], b"\1\xff\0", version)
        data = b"ID3" + bytes([version, 0, flags]) + synchsafe(len(body)) + body
        [header, extended, frame, padding] = ID3v2(data, 0).remains(())
        assert (header[1], extended[1], frame[1], padding[1]) == (bytes([version, 0, flags]), b"", body, b"")
    with pytest.raises(TagsNotWritable, match=r"unknown version of ID3 \(2\.1\)"):
        ID3v2(b"ID3\1\0\0" + synchsafe(len(title)) + title, 0)


def test_frames_end_at_the_end_of_the_tag_or_before_one_that_is_longer() -> None:
    title = id3_frame("TIT2", b"\0title", 3)
    for rest, n in ((b"", 1), (b"TALB\0\0\0\2\0\0\0", 1), (b"TALB\0\0\0\1\0\0\0", 2), (b"TALB\0", 1), (b"A", 1)):
        block = ID3v2(b"ID3\3\0\0" + synchsafe(len(title + rest)) + title + rest, START)
        assert len(block.entries) == n
        assert block.remains(())[-1] == ("ID3v2 padding", rest if n == 1 else b"")


@pytest.mark.parametrize("version", [2, 3, 4])
def test_names_are_title_artist_album_and_genre(version: int) -> None:
    for id in ("TIT2", "TPE1", "TALB", "TCON", "TCOM", "COMM"):
        short = {"TIT2": "TT2", "TPE1": "TP1", "TALB": "TAL", "TCON": "TCO", "TCOM": "TCM", "COMM": "COM"}
        frame = id3_frame(short[id] if version == 2 else id, b"\0eng\0x", version)
        block = ID3v2(join(id3([frame, id3_frame("XXX" if version == 2 else "XXXX", b"", version)], version)), 0)
        assert block.has_names == (id not in ("TCOM", "COMM"))


@pytest.mark.parametrize(
    ("content", "is_plain"),
    [
        (b"p" * 256 + bytes(9), True),
        (b"p" * 256, True),
        (b"p" * 128 + bytes(137), False),  # padding follows either way
        (b"p" * 256 + b"junk", False),  # neither reading leaves only padding
        (b"p" * 128, False),
    ],
)
def test_sizes_are_plain_if_only_that_explains_all_of_the_tag(content: bytes, is_plain: bool) -> None:
    """The size 00 00 01 00 is 128 with seven bits a byte, and 256 with eight."""
    body = b"APIC\0\0\1\0\0\0" + content
    block = ID3v2(b"ID3\4\0\0" + synchsafe(len(body)) + body, 0)
    assert block.entries[0].end == 20 + (256 if is_plain else 128)
    frame = block.render("genre", {"encoding": 0, "text": ["x" * 199]})
    assert frame[:10] == b"TCON" + (b"\0\0\0\xc8" if is_plain else b"\0\0\1\x48") + bytes(2)


def test_new_frame_stands_between_the_frames_and_junk_that_starts_with_a_removed_byte() -> None:
    title = id3_frame("TIT2", b"\0title", 3)
    body = title + b"\xff\0junk"
    block = ID3v2(b"ID3\3\0\x80" + synchsafe(len(body)) + body, START)
    assert block.insert_at == START + 10 + len(title)
    assert block.remains(())[-1] == ("ID3v2 padding", b"\xffjunk")


def test_checksum_with_more_padding_than_the_tag_has_does_not_follow() -> None:
    title = id3_frame("TIT2", b"\0title", 3)
    head = b"\0\0\0\x0a\x80\0" + (1 << 24).to_bytes(4, "big") + zlib.crc32(title).to_bytes(4, "big")
    block = ID3v2(b"ID3\3\0\x40" + synchsafe(len(head + title)) + head + title, START)
    assert len(block.edit({"bpm": [{"encoding": 0, "text": ["90"]}]})) == 2


@pytest.mark.parametrize("flags", [0, 0x40])
@pytest.mark.parametrize("version", [3, 4])
def test_first_frame_of_a_tag_stands_before_its_padding(version: int, flags: int) -> None:
    """An extended header that the flag promises is missing where a frame stands in its place."""
    head = b"ID3" + bytes([version, 0, flags])
    frame, other = (id3_frame("TBPM", text, version) for text in (b"\x0090", b"\x00100"))
    old = (other if flags else b"") + bytes(30)
    block = ID3v2(head + synchsafe(len(old)) + old, START)
    new = apply_to_bytes(block.data, block.edit({"bpm": [{"encoding": 0, "text": ["90"]}]}), START)
    assert new == head + synchsafe(len(frame) + 30) + frame + bytes(30)
    assert block.remains(("bpm",))[1:] == [("ID3v2 extended header", b""), ("ID3v2 padding", bytes(30))]
