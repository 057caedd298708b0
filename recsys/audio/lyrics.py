"""Lyrics of audio files: in their tags, and in files of text beside them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from recsys.audio.tags import read_file_blocks
from recsys.domain.lyrics import Lyrics
from recsys.errors import UnreadableAudio
from recsys.metadata.encodings import decode_together
from recsys.metadata.lrc import parse_lyrics
from recsys.tagblocks.block import Block
from recsys.tagblocks.fields import LYRICS

_SUFFIXES = (".lrc", ".txt")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})?")
_NO_LANGUAGE = ("", "xxx", "und", "zxx")
_MAX_BYTES = 1 << 20  # of a file of lyrics
_MAX_ENTRIES = 20_000  # of one folder


class LyricsFile(NamedTuple):
    """A file that may have the lyrics of a track, and the language that its name states."""

    path: Path
    language: str | None


def lyrics_in_tags(path: str | os.PathLike[str]) -> list[Lyrics]:
    """The lyrics in the tags of a file, best block first; none where the file cannot be read.

    ID3 has them with times (SYLT) and without (USLT) in several languages; texts of all formats may be LRC.
    """
    try:
        blocks = read_file_blocks(path)
    except UnreadableAudio:
        return []
    return [lyrics for block in blocks for lyrics in _lyrics_of(block) if lyrics.lines]


def lyrics_in_text(data: bytes, language: str | None = None) -> Lyrics:
    """The lyrics of a file of text, in any usual encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return parse_lyrics(data.decode("utf-16", "replace"), language)
    [text] = decode_together([data.removeprefix(b"\xef\xbb\xbf")])
    return parse_lyrics(text, language)


def lyrics_files(path: Path) -> list[LyricsFile]:
    """The files beside an audio file that may have its lyrics: its name with .lrc or .txt, or a language before that.

    Names are compared without case. Those without a language come first.
    """
    names = (path.stem.lower(), path.name.lower())
    found: list[tuple[int, str, LyricsFile]] = []
    try:
        with os.scandir(path.parent) as entries:
            for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
                stem, suffix = os.path.splitext(entry.name.lower())  # noqa: PTH122 - called for every file
                if suffix not in _SUFFIXES:
                    continue
                language = None
                if stem not in names:
                    stem, _, language = stem.rpartition(".")
                    if stem not in names or not _LANGUAGE.fullmatch(language):
                        continue
                file = LyricsFile(path.parent / entry.name, language)
                found.append((_SUFFIXES.index(suffix), language or "", file))
    except OSError:
        return []
    return [file for _, _, file in sorted(found)]


def read_text(file: Path) -> bytes:
    """The content of a file of text; empty where it cannot be read or is too large for lyrics."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except (OSError, ValueError):
        return b""
    return data if len(data) <= _MAX_BYTES else b""


def _lyrics_of(block: Block) -> Iterator[Lyrics]:
    for wanted in LYRICS.get(block.kind, ()):
        for name, values in block.fields.items():
            if name != wanted and not (wanted.endswith(":") and name.startswith(wanted)):
                continue
            language = name.removeprefix(wanted).lower()
            texts = decode_together([value for value in values if isinstance(value, bytes)])
            for text in (*(value for value in values if isinstance(value, str)), *texts):
                yield parse_lyrics(text, None if language in _NO_LANGUAGE else language)
