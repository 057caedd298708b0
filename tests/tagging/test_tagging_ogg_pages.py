"""Ogg, byte for byte: a changed file is the file that is built with the other text from the start."""

import hashlib
import io
import struct
from collections.abc import Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given
from mutagen.ogg import OggPage
from pieces import comments, id3, id3_frame, join, pages_of

from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import find_layout
from recsys.tagging.splices import apply_to_bytes

OPUS = b"OpusHead\x01\x02" + bytes(9)
CONTINUED, FIRST, LAST = 1, 2, 4
CUT_OFF = r"its tags are damaged \(the header of the Ogg stream is cut off\)"


def segments(packet: bytes) -> list[bytes]:
    """A packet as segments of 255 bytes, and a shorter one, which may be empty."""
    return [packet[at : at + 255] for at in range(0, len(packet) + 1, 255)]


def page(number: int, *parts: bytes, flags: int = 0, granule: int = 0, serial: int = 7) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, serial, number, 0)
    blank = head + bytes([len(parts), *map(len, parts)]) + join(parts)
    return OggPage(io.BytesIO(blank)).write()  # with its checksum


def text(n: int) -> str:
    """A text with which the comments have ``n`` segments; the last one has 47 bytes."""
    return "".join(f"{number:05d}" for number in range(51 * (n - 1)))


def tags(n: int, prefix: bytes = b"OpusTags") -> bytes:
    return prefix + join(comments(["TITLE=A", f"COMMENT={text(n)}"]))


def comment_pages(
    counts: Sequence[int], n: int, after: Sequence[bytes] = (), *, first: int = 1, last: int = 0
) -> list[bytes]:
    """The pages of comments with ``n`` segments, ``counts`` of them on each, and what follows them on the last one."""
    parts, pages = [*segments(tags(n)), *after], []
    assert len(parts) == sum(counts)
    for number, count in enumerate(counts):
        is_last = number == len(counts) - 1
        flags = CONTINUED * (number > 0) | last * is_last
        pages.append(page(first + number, *parts[:count], flags=flags, granule=0 if is_last else -1))
        del parts[:count]
    return pages


def audio(first: int, *, serial: int = 7) -> list[bytes]:
    flags = (0, CONTINUED, LAST)
    return [page(first + i, b"audio %d" % i, flags=flags[i], granule=1000 * (i + 1), serial=serial) for i in range(3)]


def changed(data: bytes, **target: str) -> bytes:
    return apply_to_bytes(data, find_layout(io.BytesIO(data)).change(target))


NEXT = [b"second", b"third"]


@pytest.mark.parametrize(
    ("before", "n_before", "n_after", "after", "following"),
    [
        ([3, 3], 6, 6, [3, 3], []),
        ([3, 3], 6, 8, [3, 5], []),
        ([3, 3], 6, 4, [3, 1], []),
        ([3, 3], 6, 3, [2, 1], []),
        ([3, 3], 6, 2, [1, 1], []),
        ([3, 3], 6, 1, [1], []),
        ([2, 2, 2], 6, 2, [1, 1], []),
        ([2, 2, 2], 6, 1, [1], []),
        ([3, 4], 5, 5, [3, 4], NEXT),
        ([3, 4], 5, 3, [2, 3], NEXT),
        ([3, 4], 5, 2, [1, 3], NEXT),
        ([3, 4], 5, 1, [3], NEXT),
        ([3, 254], 257, 258, [3, 255], []),
        ([3, 254], 257, 260, [5, 255], []),
        ([255, 255], 508, 509, [255, 1, 255], NEXT),
        ([255, 255], 510, 511, [255, 1, 255], []),
        ([255, 255], 510, 765, [255, 255, 255], []),
        ([255, 255], 510, 766, [255, 255, 1, 255], []),
        ([1], 1, 255, [255], []),
        ([1], 1, 256, [1, 255], []),
        ([1], 1, 515, [255, 5, 255], []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mixed", [False, True], ids=["alone", "with pages of another stream between them"])
def test_comments_keep_their_pages_as_far_as_they_fit(
    before: list[int], n_before: int, n_after: int, after: list[int], following: list[bytes], mixed: bool
) -> None:
    head, added = page(0, OPUS, flags=FIRST), len(after) - len(before)
    old, new = comment_pages(before, n_before, following), comment_pages(after, n_after, following)
    between = [page(i, b"other %d" % i, serial=8) for i in range(len(old))] if mixed else [b""] * len(old)
    n_alone = len(new) - 1 - max(0, added)
    new = [*new[:n_alone], *[b""] * -added, join(new[n_alone:])]  # new pages stand where the last one stood
    stream, moved = audio(1 + len(old)), audio(1 + len(old) + added)
    old_file = join([head, *(each for pair in zip(old, between, strict=True) for each in pair), *stream])
    new_file = join([head, *(each for pair in zip(new, between, strict=True) for each in pair), *moved])
    assert changed(old_file, comment=text(n_after)) == new_file


LENGTHS = st.lists(st.integers(0, 2000), min_size=3, max_size=3)


@given(LENGTHS, LENGTHS, st.lists(st.integers(1, 4), max_size=12))
def test_several_comments_are_changed_as_if_the_pages_were_made_again(
    before: list[int], after: list[int], counts: list[int]
) -> None:
    """Pages that follow each other are changed by small splices, those with others between them are made again."""

    def texts(lengths: list[int]) -> dict[str, str]:
        return {
            field: "".join(f"{i:04d}" for i in range(n // 4 + 1)) + "!" * (n % 4)
            for field, n in zip(("genre", "comment", "bpm"), lengths, strict=True)
        }

    lines = [each for field, text in texts(before).items() for each in (f"{field}={text}", f"X{field}={'x' * 300}")]
    parts, pages = segments(b"OpusTags" + join(comments(lines))), list[bytes]()
    for count in [*counts, 255]:
        if parts:
            pages.append(page(1 + len(pages), *parts[:count], flags=CONTINUED * bool(pages), granule=-1))
            del parts[:count]
    head, following, other = page(0, OPUS, flags=FIRST), audio(1 + len(pages)), page(1, b"other", serial=8)
    alone = changed(join([head, *pages, *following]), **texts(after))
    mixed = changed(join([head, *(each for one in pages for each in (one, other)), *following]), **texts(after))
    assert mixed.replace(other, b"") == alone
    packet = OggPage.to_packets(pages_of(alone)[1:])[0]
    assert packet.count(b"x" * 300) == 3
    assert all(text.encode() in packet for text in texts(after).values())


def test_following_pages_get_other_numbers_until_the_stream_ends() -> None:
    chained = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1), *audio(2)]
    others = [page(4, b"other", serial=8), page(5, b"other end", serial=8, flags=LAST)]

    def build(counts: list[int], n: int, shift: int) -> bytes:
        first, second, third = audio(2 + shift)
        mixed = [others[0], first, others[1], second, third, *others]
        return join([page(0, OPUS, flags=FIRST), *comment_pages(counts, n), *mixed, *chained])

    assert changed(build([1], 1, 0), comment=text(256)) == build([1, 255], 256, 1)


def test_stream_without_an_end_ends_before_the_next_one_with_its_number() -> None:
    chained = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1), page(2, b"audio", granule=1000)]
    old = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1), page(2, b"audio", granule=1000)]
    new = [page(0, OPUS, flags=FIRST), *comment_pages([1, 255], 256), page(3, b"audio", granule=1000)]
    assert changed(join([*old, *chained]), comment=text(256)) == join([*new, *chained])


def test_stream_that_ends_with_its_comments_has_no_following_pages() -> None:
    rest = [page(2, b"another stream of the same number", granule=1000)]
    old = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1, last=LAST)]
    new = [page(0, OPUS, flags=FIRST), *comment_pages([1, 255], 256, last=LAST)]
    assert changed(join([*old, *rest]), comment=text(256)) == join([*new, *rest])


def test_numbers_of_pages_start_again_after_the_largest() -> None:
    largest = 0xFFFFFFFF
    old = [page(largest - 1, OPUS, flags=FIRST), *comment_pages([1], 1, first=largest), *audio(0)]
    parts = segments(tags(256))
    pages = [page(largest, parts[0], granule=-1), page(0, *parts[1:], flags=CONTINUED)]
    assert changed(join(old), comment=text(256)) == join([page(largest - 1, OPUS, flags=FIRST), *pages, *audio(1)])
    again = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1), page(largest, b"audio", granule=1)]
    moved = [page(0, OPUS, flags=FIRST), *comment_pages([1, 255], 256), page(0, b"audio", granule=1)]
    assert changed(join(again), comment=text(256)) == join(moved)


def test_wrong_checksum_of_a_following_page_stays_wrong() -> None:
    old = [page(0, OPUS, flags=FIRST), *comment_pages([1], 1), *audio(2)]
    new = [page(0, OPUS, flags=FIRST), *comment_pages([1, 255], 256), *audio(3)]
    wrong = b"\1\2\3\4"
    for pages, number in ((old, 3), (new, 4)):
        pages[number] = pages[number][:22] + wrong + pages[number][26:]
    assert changed(join(old), comment=text(256)) == join(new)


def test_page_may_have_nothing_but_the_end_of_the_comments() -> None:
    """A packet of 510 bytes ends with an empty segment."""

    def build(n: int, n_first: int) -> bytes:
        parts = segments(b"OpusTags" + join(comments(["TITLE=A", f"COMMENT={'x' * n}"])))
        first, last = page(1, *parts[:n_first], granule=-1), page(2, *parts[n_first:], flags=CONTINUED)
        return join([page(0, OPUS, flags=FIRST), first, last, *audio(3)])

    assert len(tags(1)) == 47
    for before, after in ((463, 463), (600 - 47, 463), (463, 600 - 47)):
        assert changed(build(before, 2), comment="x" * after) == build(after, 2)
    assert changed(build(255 - 47, 1), comment="x" * 463) == build(463, 1)


def test_comments_that_start_on_the_page_of_another_packet_get_no_new_page() -> None:
    def build(counts: list[int], n: int) -> bytes:
        parts, rest = segments(tags(n)), counts[1:]
        assert sum(counts) == 1 + len(parts)
        taken = counts[0] - 1
        pages = [page(0, OPUS, *parts[:taken], flags=FIRST, granule=0)]
        for number, count in enumerate(rest):
            pages.append(page(1 + number, *parts[taken : taken + count], flags=CONTINUED))
            taken += count
        return join([*pages, *audio(1 + len(rest))])

    assert changed(build([3, 2], 4), comment=text(2)) == build([2, 1], 2)
    assert changed(build([3, 2], 4), comment=text(7)) == build([3, 5], 7)
    assert changed(build([2], 1), comment=text(254)) == build([255], 254)
    for counts, n, new in (([2], 1, 255), ([3, 2], 4, 1), ([3, 2], 4, 510)):
        with pytest.raises(TagsNotWritable, match="the comments of its Ogg stream do not start on a page of their own"):
            changed(build(counts, n), comment=text(new))


@pytest.mark.parametrize("last", [b"\x04", b"\x84"], ids=["further blocks", "the last block"])
def test_block_of_ogg_flac_states_its_length(last: bytes) -> None:
    head = page(0, b"\x7fFLAC\x01\x00\x00\x02fLaC\x00\x00\x00\x22" + bytes(34), flags=FIRST)

    def build(genre: str) -> bytes:
        body = join(comments(["TITLE=A", f"GENRE={genre}", "X=" + "x" * 700]))
        return join([head, page(1, *segments(last + len(body).to_bytes(3, "big") + body)), *audio(2)])

    assert changed(build("Jazz"), genre="Progressive Rock") == build("Progressive Rock")
    assert changed(build("Jazz"), genre="x" * 300) == build("x" * 300)


@pytest.mark.parametrize(
    ("head", "prefix"),
    [(b"\x01vorbis" + bytes(23), b"\x03vorbis"), (OPUS, b"OpusTags"), (b"Speex   1.2" + bytes(69), b"")],
)
def test_comments_start_behind_the_prefix_of_their_codec(head: bytes, prefix: bytes) -> None:
    first = page(0, head, flags=FIRST)
    old, new = (join([first, page(1, *segments(tags(n, prefix))), *audio(2)]) for n in (2, 3))
    assert find_layout(io.BytesIO(old)).texts("comment") == [text(2)]
    assert changed(old, comment=text(3)) == new
    if prefix:
        with pytest.raises(TagsNotWritable, match=r"the second packet of the Ogg stream has no comments"):
            find_layout(io.BytesIO(join([first, page(1, *segments(tags(2, b"x" + prefix[1:]))), *audio(2)])))


def test_length_of_a_block_belongs_to_flac_alone() -> None:
    """A vendor of Speex whose length starts with the byte of such a block has no length before it."""
    first = page(0, b"Speex   1.2" + bytes(69), flags=FIRST)
    for vendor in ("four", "x" * 0x84):
        old, new = (
            join([first, page(1, *segments(join(comments([f"GENRE={genre}"], vendor=vendor)))), *audio(2)])
            for genre in ("Jazz", "Blues")
        )
        assert changed(old, genre="Blues") == new


def test_comments_are_those_of_the_first_audio_stream() -> None:
    skeleton, theora = (page(0, head, flags=FIRST, serial=s) for head, s in ((b"fishead\0", 5), (b"\x80theora", 6)))
    heads = [skeleton, theora, page(0, OPUS, flags=FIRST), page(0, OPUS, flags=FIRST, serial=8)]
    other = page(1, *segments(tags(3)), serial=8)
    old, new = (join([*heads, other, *comment_pages([n], n), *audio(2)]) for n in (1, 2))
    assert changed(old, comment=text(2)) == new
    for pages in ([skeleton, theora], [skeleton, page(0, b"x", serial=6), heads[2], *comment_pages([1], 1)]):
        with pytest.raises(TagsNotWritable, match="its Ogg streams have no tags that recsys can write"):
            find_layout(io.BytesIO(join(pages)))


def test_comments_must_end_in_the_file() -> None:
    whole = join([page(0, OPUS, flags=FIRST), *comment_pages([1, 2], 3, last=LAST)])
    assert changed(whole, comment=text(3)) == whole
    for end in (len(whole) - 1, len(whole) - 47, len(whole) - 255 - 47 - 2, 28 + len(OPUS) + 26, 28 + len(OPUS)):
        with pytest.raises(TagsNotWritable, match=CUT_OFF):
            find_layout(io.BytesIO(whole[:end]))
    damaged = whole.replace(b"OggS", b"OggX").replace(b"OggX", b"OggS", 2)
    with pytest.raises(TagsNotWritable, match=CUT_OFF):
        find_layout(io.BytesIO(damaged))


def test_pages_without_segments_are_pages() -> None:
    empty = page(9, serial=8)
    old, new = (
        join([page(0, OPUS, flags=FIRST), empty, *comment_pages([n], n), empty, *audio(2), empty]) for n in (1, 2)
    )
    assert changed(old, comment=text(2)) == new


def test_everything_but_the_fields_and_the_numbers_of_pages_remains() -> None:
    front = join(id3([id3_frame("TIT2", b"\3one")]))
    heads = [page(0, b"fishead\0", flags=FIRST, serial=5), page(0, OPUS, flags=FIRST)]
    pages = comment_pages([2, 4], 4, NEXT)
    data = join([front, *heads, *pages, *audio(3), b"behind"])
    parts = find_layout(io.BytesIO(data)).remains(("comment",))
    expected = hashlib.blake2b(digest_size=16)
    for each in (*heads, *audio(3)):
        expected.update(each[:18] + each[26:])
    assert parts[-6:] == [
        ("bytes before the container", b""),
        ("Ogg packet on the first page of the comments", b""),
        ("Ogg packets after the comments", bytes(map(len, NEXT))),
        ("Ogg packets", join(NEXT)),
        ("Ogg pages", expected.digest()),
        ("rest", hashlib.blake2b(b"behind", digest_size=16).digest()),
    ]
    assert join(value for _, value in parts).count(b"TITLE=A") == 1
    assert b"one" in join(value for _, value in parts[:-6])
    shared = join([page(0, OPUS, *segments(tags(2)), flags=FIRST), *audio(1)])
    assert find_layout(io.BytesIO(shared)).remains(("comment",))[-5:-2] == [
        ("Ogg packet on the first page of the comments", bytes([len(OPUS)])),
        ("Ogg packets after the comments", b""),
        ("Ogg packets", b""),
    ]


def test_tag_in_front_that_has_the_field_is_changed_with_the_comments() -> None:
    def build(genre: str) -> bytes:
        front = id3([id3_frame("TCON", b"\0" + genre.encode())])
        body = b"OpusTags" + join(comments([f"GENRE={genre}"]))
        return join([*front, page(0, OPUS, flags=FIRST), page(1, *segments(body)), *audio(2)])

    assert changed(build("Jazz"), genre="Blues") == build("Blues")
