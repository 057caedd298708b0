"""Lyrics in the format LRC: lines with times in front, such as ``[01:02.50]``; and lyrics without times.

A line may have several times, where it is repeated. ``[offset:500]`` moves all lines, ``[la:en]`` is the language.
Times of single words, of the extended format, are left out.
"""

import re

from recsys.domain.lyrics import LyricLine, Lyrics

_FRACTION = r"(?:[.:,](\d{1,3}))?"
_TIME = re.compile(
    rf"\[\s*(\d{{1,3}}):(\d{{1,2}}){_FRACTION}\s*\]\s*|\[(\d{{1,2}}):(\d{{1,2}}):(\d{{1,2}}){_FRACTION}\]\s*"
)
_WORD_TIME = re.compile(r"<\s*\d{1,3}:\d{1,2}(?:[.:,]\d{1,3})?\s*>")
_TAG = re.compile(r"\[\s*([a-z_#]+)\s*:\s*(.*?)\s*\]\s*", re.IGNORECASE)
_TAGS = frozenset(
    ["#", "al", "album", "ar", "artist", "au", "author", "by", "encoding", "id", "kana", "la", "lang", "language",
     "length", "lr", "offset", "re", "ti", "title", "tool", "ve", "version"]
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d{1,9}")
_MAX_LINES = 10_000


def parse_lyrics(text: str, language: str | None = None) -> Lyrics:
    """The lyrics of a text; without times if no line has one.

    >>> found = parse_lyrics("[offset:250]\\n[00:02.5][00:09.25]So <00:02.9>what\\n[00:05]One")
    >>> found.offset_ms, [(line.start_ms, line.text) for line in found.lines]
    (250, [(2500, 'So what'), (5000, 'One'), (9250, 'So what')])
    >>> parse_lyrics("So what\\r\\nOne").text
    'So what\\nOne'
    """
    offset = 0
    timed: list[LyricLine] = []
    plain: list[LyricLine] = []
    for line in text.removeprefix("\ufeff").splitlines():
        times, rest = _times_and_rest(line.strip())
        tag = None if times else _TAG.fullmatch(rest)
        if tag is not None and tag[1].lower() in _TAGS:
            number = _NUMBER.match(tag[2])
            if tag[1].lower() == "offset" and number:
                offset = int(number[0])
            elif tag[1].lower() in ("la", "lang", "language") and tag[2]:
                language = tag[2]
        elif times:
            words = " ".join(_TIME.sub("", _WORD_TIME.sub("", rest)).split())
            timed.extend(LyricLine(words, time) for time in times)
        else:
            plain.append(LyricLine(rest))
    if timed:
        timed.sort(key=lambda line: line.start_ms or 0)
        return Lyrics(tuple(timed[:_MAX_LINES]), language, offset)
    return Lyrics(_without_empty_ends(plain[:_MAX_LINES]), language)


def _times_and_rest(line: str) -> tuple[list[int], str]:
    """The times in front of a line, in milliseconds, and what follows."""
    times, position = [], 0
    while found := _TIME.match(line, position):
        minutes, seconds, fraction, hours, *long = found.groups()
        if hours is not None:
            minutes, seconds, fraction = long
        thousandths = int((fraction or "0").ljust(3, "0"))
        times.append(1000 * (3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)) + thousandths)
        position = found.end()
    return times, line[position:]


def _without_empty_ends(lines: list[LyricLine]) -> tuple[LyricLine, ...]:
    full = [place for place, line in enumerate(lines) if line.text]
    return tuple(lines[full[0] : full[-1] + 1]) if full else ()
