"""ID3v2: checksums, sizes, encodings and flags; the other frames are what mutagen read before."""

import io
import zlib

import pytest
from hypothesis import given
from mutagen.id3 import ID3, ID3NoHeaderError
from pieces import Kept, Of, Pieces, change, id3, id3_frame, id3v1, join, synchsafe
from tag_strategies import id3_tags, targets

from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.id3 import ID3v2, id3_size

FRAMES = Kept(b"\xff\xfb\x90\x00" + bytes(range(250)) * 8)
GENRE = {"genre": "Blues"}
WRITTEN = ("TCON", "TBPM", "TKEY", "COMM", "TXXX:RECSYS_GENRE", "TCO", "TBP", "TKE", "COM", "TXX:RECSYS_GENRE")


def frames_of(data: bytes) -> dict[str, str]:
    """Other frames as mutagen reads them. It drops empty ones, and stops at those that it cannot read."""
    try:
        tags = ID3(io.BytesIO(data), translate=False, load_v1=False)
    except ID3NoHeaderError:
        return {}
    return {key: repr(frame) for key, frame in tags.items() if not key.startswith(WRITTEN)}


@given(id3_tags(), targets)
def test_mutagen_reads_the_same_other_frames(tag: Pieces, target: dict[str, str]) -> None:
    data = join([*tag, FRAMES])
    new = change([*tag, FRAMES], target)
    assert frames_of(new) == frames_of(data)
    genres = [frame for key, frame in ID3(io.BytesIO(new), translate=False).items() if key in ("TCON", "TCO")]
    assert [text for frame in genres for text in frame.text] == [target["genre"]]


@pytest.mark.parametrize("unsynchronised", [False, True])
@pytest.mark.parametrize("version", [3, 4])
def test_checksum_follows_the_frames(version: int, unsynchronised: bool) -> None:
    picture = Kept(id3_frame("APIC", b"\0image/png\0\3\0\xff\xe0\xff\0\xff", version, 2 * (version == 4)))
    tag = id3([picture], version, padding=9, crc=True, unsynchronised=unsynchronised)
    for text in ("Blues", "Blüés", "Ω" * 30):
        new = change([*tag, FRAMES], {"genre": text})
        body = new[10 : id3_size(new[:10])]
        if unsynchronised and version == 3:
            body = body.replace(b"\xff\0", b"\xff")
        if version == 3:
            assert body[10:14] == zlib.crc32(body[14:-9]).to_bytes(4, "big")
        else:
            crc = zlib.crc32(body[12:])
            assert body[7:12] == bytes(crc >> shift & 0x7F for shift in (28, 21, 14, 7, 0))


def test_wrong_checksum_stays_as_it_is() -> None:
    tag = id3([id3_frame("TIT2", b"\0title", 3)], 3, padding=9, crc=True)
    tag[3] = Kept(b"\x12\x34\x56\x78")
    change([*tag, FRAMES], GENRE)


def test_plain_sizes_of_itunes_are_read_and_written() -> None:
    picture = b"APIC" + (300).to_bytes(4, "big") + bytes(2) + b"\0image/png\0\3\0" + b"p" * 287
    frames = [Kept(picture), Of("genre", id3_frame("TCON", b"\0Jazz")), Kept(id3_frame("TIT2", b"\0title"))]
    new = change([*id3(frames, padding=30), FRAMES], {"genre": "x" * 200})
    assert b"Jazz" not in new
    assert b"TCON" + (201).to_bytes(4, "big") in new
    assert frames_of(new).keys() == {"TIT2", "APIC:"}


def test_flag_of_an_extended_header_that_is_missing() -> None:
    tag = id3([Kept(id3_frame("TIT2", b"\0title", 3))], 3)
    tag[0] = Kept(b"ID3\3\0\x40")
    new = change([*tag, FRAMES], GENRE)
    assert new.index(b"TIT2") == 10


@pytest.mark.parametrize(
    ("content", "flags", "texts"),
    [
        (b"\0\0\0\5" + zlib.compress(b"\0Jazz"), 0x0009, ["Jazz"]),
        (b"\0\0\0\5damaged", 0x0009, []),
        (b"\x80secret", 0x0004, []),
        (b"g\0Jazz", 0x0040, ["Jazz"]),
        (b"\1\xff\0\xfeJ\0\xff\0\0", 0x0002, ["J\xff"]),
        (b"\3J\xc3\xa4zz", 0, ["Jäzz"]),
        (b"\2\0J\0\xe4", 0, ["Jä"]),
        (b"\1\xfe\xff\0J\0\0\xfe\xff\0K", 0, ["J", "K"]),
        (b"\0(17)", 0, ["Rock"]),
        (b"\x0017\x00Jazz", 0, ["Rock", "Jazz"]),
    ],
)
def test_genre_in_every_form_is_read_and_replaced(content: bytes, flags: int, texts: list[str]) -> None:
    pieces = [*id3([Of("genre", id3_frame("TCON", content, 4, flags))]), FRAMES]
    assert ID3v2(join(pieces[:-1]), 0).texts("genre") == texts
    new = change(pieces, GENRE)
    assert ID3(io.BytesIO(new))["TCON"].text == ["Blues"]
    assert new.count(b"TCON") == 1


def test_comment_keeps_its_bytes_in_front_of_the_addition() -> None:
    russian = "комментарий".encode("cp1251")
    pieces = [*id3([Of("comment", id3_frame("COMM", b"\0rus\0" + russian))]), FRAMES]
    [text] = ID3v2(join(pieces[:-1]), 0).texts("comment")
    new = change(pieces, {"comment": f"{text} [recsys: Rock 90%]"})
    assert b"\0rus\0" + russian + b" [recsys: Rock 90%]" in new


def test_tag_of_an_unknown_version_is_refused() -> None:
    for head in (b"ID3\5\0\0", b"ID3\2\0\x40"):
        with pytest.raises(TagsNotWritable, match="unknown version of ID3"):
            change([head, synchsafe(10), bytes(10), FRAMES], GENRE)


def test_tags_that_follow_each_other_do_not_contradict() -> None:
    jazz = [Of("genre", id3_frame("TCON", b"\0Jazz"))]
    new = change([*id3(jazz), *id3(jazz), FRAMES, id3v1()], GENRE)
    assert b"Jazz" not in new
    assert new.count(b"TCON") == 2


def test_tag_of_the_largest_size_does_not_grow() -> None:
    """The size has 28 bits. The frames that the header states are not all there: edit uses the size only."""
    tag = ID3v2(b"ID3\4\0\0" + synchsafe((1 << 28) - 1) + id3_frame("TCON", b"\0Jazz"), 0)
    assert tag.edit({"genre": [tag.make("genre", "Rock")]})
    with pytest.raises(TagsNotWritable, match="no room"):
        tag.edit({"genre": [tag.make("genre", "Rocks")]})


@pytest.mark.parametrize(
    ("version", "written"),
    [
        (3, b"\1" + "Röck".encode("utf-16")),  # UTF-8 is new in version 2.4
        (4, b"\3" + "Röck".encode()),
    ],
)
def test_text_has_an_encoding_of_the_version(version: int, written: bytes) -> None:
    new = change([*id3([Kept(id3_frame("TIT2", b"\0x", version))], version), FRAMES], {"genre": "Röck"})
    assert written in new
