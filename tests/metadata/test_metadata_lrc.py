"""Lyrics in the format LRC, as programs and people write them."""

import pytest

from recsys.domain.lyrics import LyricLine
from recsys.metadata.lrc import parse_lyrics


@pytest.mark.parametrize(
    ("time", "ms"),
    [
        ("[00:01]", 1000), ("[0:1.5]", 1500), ("[01:02.03]", 62_030), ("[01:02.345]", 62_345), ("[01:02:50]", 62_500),
        ("[01:02,5]", 62_500), ("[100:00.00]", 6_000_000), ("[01:00:02.5]", 3_602_500), ("[ 00:01.00 ]", 1000),
    ],
)  # fmt: skip
def test_times(time: str, ms: int) -> None:
    assert parse_lyrics(f"{time} a  line ").lines == (LyricLine("a line", ms),)


def test_lines_are_in_the_order_of_their_times_and_may_be_repeated() -> None:
    found = parse_lyrics("[00:30.00][00:10.00] chorus\n[00:20.00]verse\n[00:25.00]\n")
    assert [(line.start_ms, line.text) for line in found.lines] == [
        (10_000, "chorus"),
        (20_000, "verse"),
        (25_000, ""),
        (30_000, "chorus"),
    ]
    assert found.synced


def test_times_of_words_are_left_out() -> None:
    extended = "[00:10.00] <00:10.00> So <00:10.50> what <00:11.00>\n[00:12.00]One [00:12.40]two"
    assert [line.text for line in parse_lyrics(extended).lines] == ["So what", "One two"]


def test_tags_of_the_file_are_no_lines() -> None:
    text = (
        "\ufeff[ti:So What]\r\n[ar: Miles Davis]\r\n[offset: -250]\r\n[la:en]\r\n[length:09:22]\r\n[00:01.00]line\r\n"
    )
    found = parse_lyrics(text)
    assert (found.offset_ms, found.language, [line.text for line in found.lines]) == (-250, "en", ["line"])
    assert parse_lyrics("[offset:soon]\n[00:01]line").offset_ms == 0


def test_lyrics_without_times_keep_their_empty_lines() -> None:
    found = parse_lyrics("\n[ti:x]\n[Chorus: all]\none\n\ntwo [live]\n\n", "eng")
    assert [line.text for line in found.lines] == ["[Chorus: all]", "one", "", "two [live]"]
    assert (found.synced, found.language, found.text) == (False, "eng", "[Chorus: all]\none\n\ntwo [live]")
    assert parse_lyrics("\n \n").lines == ()


def test_lines_without_a_time_among_others_are_left_out() -> None:
    assert [line.text for line in parse_lyrics("by somebody\n[00:01]one").lines] == ["one"]


def test_a_long_text_is_cut() -> None:
    assert len(parse_lyrics("a\n" * 20_000).lines) == 10_000
