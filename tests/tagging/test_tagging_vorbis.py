"""Vorbis comments, alone and in FLAC: where they are, and the bytes of a list and of a file after a change."""

import io
import itertools
import struct

import pytest
from pieces import Pieces, comments, flac, id3, id3_frame, join

from recsys.tagging.blocks import Names, Raw, TagsNotWritable
from recsys.tagging.flac import FLAC
from recsys.tagging.splices import apply_to_bytes
from recsys.tagging.vorbis import VorbisComments, new_comments

START = 300
LINES = ["TITLE=A title", "Genre=Jazz", "COMMENT=one", "genre=Swing=Rock", "comment=two", "GENRE", "=x", "bpm="]
FIELDS = [None, "genre", "comment", "genre", None, None, None, "bpm"]


def test_entries_are_where_the_comments_are() -> None:
    data = join(comments(LINES, vendor="someone", rest=b"\1rest"))
    block = VorbisComments(data, START)
    sizes = [4 + len(line) for line in LINES]
    ends = [START + 15 + n for n in itertools.accumulate(sizes, initial=0)]
    assert [entry[:3] for entry in block.entries] == list(zip(ends, ends[1:], FIELDS, strict=False))
    assert (block.start, block.insert_at, block.end) == (START, ends[-1], ends[-1] + 5)
    assert block.items("genre") == [
        {"key": "Genre", "text": ["Jazz"], "place": 1},
        {"key": "genre", "text": ["Swing=Rock"], "place": 3},
    ]
    whole = [struct.pack("<I", len(line)) + line.encode() for line in LINES]
    assert block.remains(("genre", "bpm")) == [
        ("vendor of the comments", struct.pack("<I", 7) + b"someone"),
        *(("comment", whole[n]) for n in (0, 2, 4, 5, 6)),
        ("bytes after the comments", b"\1rest"),
    ]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, LINES),
        ({"genre": []}, [line for line, field in zip(LINES, FIELDS, strict=True) if field != "genre"]),
        ({"genre": [{"key": "Genre", "text": ["Blues"]}]}, [LINES[0], "Genre=Blues", LINES[2], *LINES[4:]]),
        ({"key": [{"key": "K", "text": ["ä"]}], "bpm": []}, [*LINES[:7], "K=ä"]),
        (
            {"comment": [{"key": "a", "text": ["x"]}, {"key": "b", "text": [""]}]},
            [*LINES[:2], "a=x", "b=", *LINES[3:]],
        ),
    ],
)
def test_changed_list_is_the_list_that_is_made_of_the_changed_comments(
    changes: dict[str, Raw], lines: list[str]
) -> None:
    for rest in (b"", b"\1rest"):
        block = VorbisComments(join(comments(LINES, rest=rest)), START)
        assert apply_to_bytes(block.data, block.edit(changes), START) == join(comments(lines, rest=rest))


@pytest.mark.parametrize("places", list(itertools.combinations(range(6), 3)))
def test_comments_with_places_get_them(places: tuple[int, ...]) -> None:
    """The others keep their order; one that is in the list already makes room."""
    raws: dict[str, Raw] = {
        "genre": [{"key": "GENRE", "text": [str(places[n])], "place": places[n]} for n in (2, 0)],
        "bpm": [{"key": "BPM", "text": ["9"], "place": places[1]}],
    }
    expected = ["A=1", "B=2", "C=3"]
    for place, line in zip(places, (f"GENRE={places[0]}", "BPM=9", f"GENRE={places[2]}"), strict=True):
        expected.insert(place, line)
    for lines in (["A=1", "B=2", "C=3"], ["A=1", "genre=x", "B=2", "bpm=y", "genre=z", "C=3"]):
        block = VorbisComments(join(comments(lines, rest=b"\1")), START)
        assert apply_to_bytes(block.data, block.edit(raws), START) == join(comments(expected, rest=b"\1"))


def test_new_comment_keeps_the_spelling_of_the_key_and_broken_bytes() -> None:
    block = VorbisComments(join(comments(LINES)), 0)
    assert block.make("genre", "Blues") == {"key": "Genre", "text": ["Blues"]}
    assert block.make("key", "Am") == {"key": "INITIALKEY", "text": ["Am"]}
    assert block.render("genre", {"key": "Genre", "text": ["ü\udce4", "x"]}) == b"\x09\0\0\0Genre=\xc3\xbc\xe4"
    data = struct.pack("<IIIs", 0, 1, 7, b"") + b"GENRE=\xe4"
    assert VorbisComments(data[:12] + b"GENRE=\xe4", 0).texts("genre") == ["\udce4"]


def test_names_are_title_artist_album_and_genre() -> None:
    for key in ("title", "Artist", "ALBUM", "genre", "composer", "comment"):
        assert VorbisComments(join(comments([f"{key}=x", "A=b"])), 0).has_names == (key not in ("composer", "comment"))


def test_list_that_is_cut_off_is_refused() -> None:
    data = join(comments(["TITLE=A title", "GENRE=Jazz"]))
    assert len(VorbisComments(data, 0).entries) == 2
    assert VorbisComments(bytes(8), 0).entries == []
    for n in range(len(data)):
        with pytest.raises(TagsNotWritable, match="its tags are damaged"):
            VorbisComments(data[:n], 0)


def test_new_list_has_the_names_and_the_fields() -> None:
    names = Names(b"T", b"A", b"L", b"1999", b"7", b"Rock", b"a comment", b"no", b"no", b"no", b"no")
    kept = ["TITLE=T", "ARTIST=A", "ALBUM=L", "DATE=1999", "TRACKNUMBER=7", "COMMENT=a comment"]
    expected = comments([*kept, "GENRE=Blüs", "INITIALKEY=Am"], vendor="recsys")
    assert new_comments(names, {"genre": "Blüs", "key": "Am"}) == join(expected)


# In FLAC.

INFO, PADDING, OTHER = (0, [bytes(range(34))]), (1, [bytes(40)]), (0x7E, [b"other" * 14_000])
LEADING = id3([id3_frame("TIT2", b"\0title")])


def changed(blocks: list[tuple[int, Pieces]], text: str, leading: Pieces) -> bytes:
    data = join([*leading, *flac(blocks)])
    layout = FLAC(io.BytesIO(data), len(join(leading)))
    return apply_to_bytes(data, layout.change({"genre": text}))


@pytest.mark.parametrize("leading", [[], LEADING], ids=["alone", "after ID3"])
@pytest.mark.parametrize("text", ["Blues", "x" * 70_000])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_changed_file_is_the_file_that_is_made_of_the_changed_comments(
    order: tuple[int, ...], text: str, leading: Pieces
) -> None:
    for n in range(3):
        old, new = ([PADDING, OTHER, (4, comments(["TITLE=t", f"GENRE={genre}"]))] for genre in ("Jazz", text))
        chosen = [[INFO, *(blocks[i] for i in order if i >= n)] for blocks in (old, new)]
        assert changed(chosen[0], text, leading) == join([*leading, *flac(chosen[1])])


@pytest.mark.parametrize("others", [[], [PADDING], [OTHER, PADDING]])
def test_new_comments_stand_behind_the_first_block(others: list[tuple[int, Pieces]]) -> None:
    new = flac([INFO, (4, comments(["GENRE=Blues"], vendor="recsys")), *others])
    assert changed([INFO, *others], "Blues", []) == join(new)


def test_file_keeps_its_other_blocks() -> None:
    blocks = [INFO, (4, comments(["TITLE=t", "GENRE=Jazz"])), OTHER, (4, comments(["X=second"])), PADDING]
    data = join([*LEADING, *flac(blocks)])
    layout = FLAC(io.BytesIO(data), len(join(LEADING)))
    assert [block.item_key for block in layout.blocks] == ["key", "key", "encoding"]
    assert layout.native == layout.blocks[:2]
    assert layout.removal(layout.blocks[0]) == []
    kinds = [part for part in layout.remains(()) if part[0].startswith("FLAC")]
    assert [part for part in kinds if part[0] == "FLAC metadata block"] == [
        ("FLAC metadata block", bytes([kind])) for kind in (0, 4, 0x7E, 4, 1)
    ]
    digests = [part for part in kinds if part[0] != "FLAC metadata block"]
    assert [name for name, _ in digests] == [f"FLAC metadata block {kind}" for kind in (0, 0x7E, 1)]
    for n, replaced in enumerate((INFO, OTHER, PADDING)):
        other = [(k, [b"\1" + join(c)[1:]]) if (k, c) == replaced else (k, c) for k, c in blocks]
        changed_file = FLAC(io.BytesIO(join([*LEADING, *flac(other)])), len(join(LEADING)))
        differing = [a != b for a, b in zip(layout.remains(()), changed_file.remains(()), strict=True)]
        assert differing[-3:] == [i == n for i in range(3)]
        assert sum(differing) == 1


def test_metadata_that_is_cut_off_is_refused() -> None:
    data = join(flac([INFO, PADDING], frames=b""))
    assert FLAC(io.BytesIO(data)).blocks == []
    for n in range(4, len(data)):
        with pytest.raises(TagsNotWritable, match="metadata blocks of FLAC are cut off"):
            FLAC(io.BytesIO(data[:n]))


def test_block_of_comments_has_24_bits_of_length() -> None:
    layout = FLAC(io.BytesIO(join(flac([INFO]))))
    room = (1 << 24) - 1 - len(join(comments(["GENRE="], vendor="recsys")))
    assert layout.new_block({"genre": "x" * room})[1].data[:4] == b"\x84\xff\xff\xff"
    with pytest.raises(TagsNotWritable, match="no room for another value"):
        layout.new_block({"genre": "x" * (room + 1)})
