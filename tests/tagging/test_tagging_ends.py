"""Tags around a stream: where they are found, what a new one repeats, and which of them programs read."""

import io

import pytest
from pieces import ape, enhanced, id3, id3_frame, id3v1, join, lyrics3v2

from recsys.metadata.genre_tags import GENRES
from recsys.tagging.ape import new_ape
from recsys.tagging.blocks import Names
from recsys.tagging.id3 import new_id3
from recsys.tagging.streams import LeadingID3, RawAAC, TagsAround, TrailingAPE

LEADING = join(id3([id3_frame("TIT2", b"\0title")]))
AUDIO = b"\xff\xfb\x90\x00" + bytes(range(250)) * 2
APE, ID3V1, LYRICS = join(ape([("Title", "x"), ("Genre", "Jazz")])), id3v1(), lyrics3v2("la la")
BARE = join(ape([], header=False))  # the footer alone


@pytest.mark.parametrize("audio", [AUDIO, b"", b"x"], ids=len)
@pytest.mark.parametrize("leading", [b"", LEADING], ids=["at the start", "after ID3"])
@pytest.mark.parametrize(
    "behind",
    [
        [], [ID3V1], [APE], [BARE], [LYRICS], [APE, ID3V1], [ID3V1, APE], [APE, LYRICS, ID3V1], [LYRICS, APE, APE],
        [BARE, ID3V1, LYRICS, ID3V1],
    ],
    ids=lambda parts: "-".join(str(len(part)) for part in parts),
)  # fmt: skip
def test_tags_behind_a_stream_are_found(audio: bytes, leading: bytes, behind: list[bytes]) -> None:
    data = leading + audio + join(behind)
    layout = TagsAround(io.BytesIO(data), len(leading))
    ends = [len(data) - len(join(behind[n:])) for n in range(len(behind) + 1)]
    places = [(part, start, end) for part, start, end in zip(behind, ends, ends[1:], strict=False)][::-1]
    assert layout.stream_end == len(leading + audio)
    assert [(b.start, b.end) for b in layout.trailing] == [(s, e) for part, s, e in places if part in (APE, BARE)]
    kinds = {ID3V1: "ID3v1", LYRICS: "Lyrics3"}
    others = [(kinds[part], start, end) for part, start, end in places if part in kinds]
    assert layout.others == others
    assert layout.remains(())[-len(others) - 1 :] == [
        ("bytes before the container", b""),
        *((kind, data[start:end]) for kind, start, end in others),
    ]


def test_extended_id3v1_ends_the_search() -> None:
    data = AUDIO + APE + enhanced() + ID3V1
    layout = TagsAround(io.BytesIO(data))
    assert (layout.stream_end, layout.trailing) == (len(data) - 128, [])


def test_tag_that_reaches_into_the_tags_in_front_is_none() -> None:
    """Their sizes are too large by one byte; a byte of the stream makes room for it."""
    footer = BARE[:12] + (33).to_bytes(4, "little") + BARE[16:]
    lyrics = b"LYRICSBEGIN" + b"%06d" % 12 + b"LYRICS200"
    for tag in (footer, lyrics):
        data = LEADING + tag
        layout = TagsAround(io.BytesIO(data), len(LEADING))
        assert (layout.stream_end, layout.trailing) == (len(data), [])
        data = LEADING + b"x" + tag
        assert TagsAround(io.BytesIO(data), len(LEADING)).stream_end == len(LEADING)


def test_lyrics_whose_size_is_no_number_are_none() -> None:
    data = AUDIO + b"LYRICSBEGIN" + b"0000x1" + b"LYRICS200"
    assert TagsAround(io.BytesIO(data)).stream_end == len(data)


def names_of(tag: bytes) -> Names:
    return TagsAround(io.BytesIO(AUDIO + tag)).names


def test_names_of_id3v1_are_its_texts() -> None:
    texts = [letter * length for letter, length in ((b"t", 30), (b"a", 30), (b"l", 30), (b"9", 4), (b"c", 30))]
    for n in (0, 17, len(GENRES) - 1):
        expected = Names(texts[0], texts[1], texts[2], texts[3], genre=GENRES[n].encode(), comment=texts[4])
        assert names_of(b"TAG" + join(texts) + bytes([n])) == expected
    for n in (len(GENRES), 255):
        assert names_of(b"TAG" + join(texts) + bytes([n])).genre == b""
    padded = [b" one \0junk".ljust(30, b"\0"), b"two".ljust(30), bytes(30), b"199\0", b"four\0x".ljust(28, b"\0")]
    for numbers, track in ((b"\0\7", b"7"), (b"\0\xff", b"255"), (b"\0\0", b""), (b"x\7", b""), (b"\0\1", b"1")):
        expected = Names(b" one", b"two", b"", b"199", track, b"Rock", b"four")
        assert names_of(b"TAG" + join(padded) + numbers + b"\x11") == expected
    assert names_of(b"") == Names()


def test_names_are_those_of_the_last_id3v1() -> None:
    assert names_of(id3v1("first") + id3v1("last")).title == b"last"


def test_programs_read_the_tag_in_front_or_the_one_behind_first() -> None:
    data = LEADING + AUDIO + APE + ID3V1
    for kind, keys, native in (
        (LeadingID3, ["encoding", "name"], ["encoding"]),
        (TrailingAPE, ["name", "encoding"], ["name"]),
        (RawAAC, ["encoding", "name"], ["encoding", "name"]),
    ):
        layout = kind(io.BytesIO(data), len(LEADING))
        assert [block.item_key for block in layout.blocks] == keys
        assert [block.item_key for block in layout.native] == native
        for block in layout.blocks:
            assert layout.removal(block) == [(block.start, block.end, b"")]


def test_new_tag_stands_in_front_or_behind_the_stream_and_repeats_the_names() -> None:
    data, changes = AUDIO + ID3V1, {"genre": "Blues"}
    at, names = len(AUDIO), names_of(ID3V1)
    assert LeadingID3(io.BytesIO(data)).new_block(changes) == [(0, 0, new_id3(names, changes))]
    for kind in (TrailingAPE, RawAAC):
        assert kind(io.BytesIO(data)).new_block(changes) == [(at, at, new_ape(names, changes))]


def test_short_file_has_no_tags_behind_it() -> None:
    for data in (b"", b"TAG", ID3V1[1:], b"LYRICS200", b"1LYRICS200", bytes(31)):
        layout = TagsAround(io.BytesIO(data))
        assert (layout.stream_end, layout.trailing, layout.others) == (len(data), [], [])
    for kind in (TagsAround, LeadingID3, TrailingAPE, RawAAC):
        assert kind(io.BytesIO(ID3V1)).stream_end == 0
