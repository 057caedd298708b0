"""MP3 and other streams with tags around them, and FLAC: what must be kept is kept byte for byte, the undo is exact."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pieces import Kept, Pieces, ape, change, flac, id3v1, lyrics3v2
from tag_strategies import PICTURE, comment_lists, id3_tags, joined, maybe, targets, trailing

FRAMES = Kept(b"\xff\xfb\x90\x00" + bytes(range(250)) * 8)  # of MP3
STREAMS = {
    "mp3": FRAMES,
    "aac": Kept(b"\xff\xf1\x50\x80" + bytes(range(250))),
    "tta": Kept(b"TTA1" + bytes(range(250))),
    "ape": Kept(b"MAC \x96\x0f" + bytes(range(250))),
    "wavpack": Kept(b"wvpk" + bytes(range(250))),
    "musepack": Kept(b"MPCKSH" + bytes(range(250))),
    "tak": Kept(b"tBaK" + bytes(range(250))),
    "ofr": Kept(b"OFR " + bytes(range(250))),
}


@given(st.sampled_from(sorted(STREAMS)), st.lists(id3_tags(), max_size=2), trailing(), targets)
def test_tags_around_a_stream(kind: str, leading: list[Pieces], behind: list[Pieces], target: dict[str, str]) -> None:
    change([*joined(leading), STREAMS[kind], *joined(behind)], target)


@given(st.data(), targets, st.lists(id3_tags(), max_size=1), trailing())
def test_flac(data: st.DataObject, target: dict[str, str], leading: list[Pieces], behind: list[Pieces]) -> None:
    others: list[tuple[int, Pieces]] = [
        (1, [Kept(bytes(100))]), (2, [Kept(b"riffdata")]), (3, [Kept(b"\1" * 36)]), (5, [Kept(b"c" * 400)]),
        (6, [Kept(PICTURE)]), (1, [Kept(b"")]), (4, data.draw(comment_lists())),
    ]  # fmt: skip
    chosen = [block for block in data.draw(st.permutations(others)) if data.draw(maybe)]
    pieces = flac([(0, [Kept(bytes(range(34)))]), *chosen])
    new = change([*joined(leading), *pieces, *joined(behind)], target)
    start = new.index(b"fLaC") + 4
    kinds: list[int] = []
    while not kinds or not kinds[-1] & 0x80:
        kinds.append(new[start])
        start += 4 + int.from_bytes(new[start + 1 : start + 4], "big")
    assert new[start : start + 2] == b"\xff\xf8"
    if any(kind == 4 for kind, _ in chosen) or not leading:
        assert [kind & 0x7F for kind in kinds if kind & 0x7F != 4] == [0, *(kind for kind, _ in chosen if kind != 4)]


@pytest.mark.parametrize("last", [[], [id3v1()]], ids=["lyrics last", "ID3v1 last"])
def test_tags_before_lyrics_are_edited(last: Pieces) -> None:
    new = change([FRAMES, *ape([("Title", "x"), ("Genre", "Jazz")]), lyrics3v2("la la"), *last], {"genre": "Blues"})
    assert b"Jazz" not in new
    assert new.count(b"APETAGEX") == 2


def test_header_of_ape_at_the_place_of_id3v1_is_edited() -> None:
    """ "APETAGEX" has "TAG" where ID3v1 would start, if the tag has 131 bytes."""
    tag = ape([("Genre", "Jazz".ljust(131 - 64 - 8 - 6))])
    assert sum(map(len, tag)) == 131
    assert change([FRAMES, *tag], {"genre": "Blues"}).count(b"APETAGEX") == 2
