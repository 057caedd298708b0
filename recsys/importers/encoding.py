"""Decode text of unknown encoding, as music programs of all systems and times write it."""

import codecs
import re

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 1 << 12  # bytes that decide on UTF-16 without a byte order mark
_UPPER_HALF = re.compile(rb"[\xc0-\xff]")
_MAC_LETTER = re.compile(rb"(?<=[a-z])[\x81\x83\x86-\x90\x9d\x9f]|[\x80\x86](?=[a-z])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_LONE_RETURN = re.compile(rb"\r(?!\n)")


def decode(content: bytes, *, is_cut: bool = False) -> str:
    """Text in UTF-16, in UTF-8, or else in Windows-1252 or Mac Roman; never an error.

    Lines are decoded on their own where some are UTF-8 and others are not, as in playlists that several programs wrote.
    A text that ``is_cut`` may end within a character.

    >>> decode("Café".encode()), decode("Café".encode("cp1252")), decode("Café".encode("mac-roman"))
    ('Café', 'Café', 'Café')
    """
    content, encoding = split_mark(content)
    if encoding != "utf-8":
        return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if is_cut and error.start >= len(content) - 3 and error.reason == "unexpected end of data":
            return content[: error.start].decode("utf-8")
    encoding = _single_byte_encoding(content)
    lines = content.split(b"\n")
    if any(not line.isascii() and _is_utf_8(line) for line in lines):
        return "\n".join(line.decode("utf-8" if _is_utf_8(line) else encoding, "replace") for line in lines)
    return content.decode(encoding, "replace")


def split_mark(content: bytes) -> tuple[bytes, str]:
    """The content without a byte order mark, and its encoding: UTF-16, or else UTF-8."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :], encoding
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)  # zeros are the upper halves of ASCII characters
    if max(even, odd) > len(sample) // 5 and min(even, odd) == 0:
        encoding = "utf-16-le" if odd else "utf-16-be"
        if not _CONTROL.search(sample.decode(encoding, "replace")):
            return content, encoding
    return content, "utf-8"


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _single_byte_encoding(content: bytes) -> str:
    """Mac Roman, if lines end as on old Macs, or if most bytes above ASCII make sense in Mac Roman alone.

    Mac Roman has letters with accents (é, ü) where Windows-1252 has capitals, symbols or nothing, which do not follow a
    small letter. The letters of Windows-1252 are from 0xC0 on, where Mac Roman has symbols.
    """
    if b"\n" not in content and _LONE_RETURN.search(content):
        return "mac-roman"
    return "mac-roman" if len(_MAC_LETTER.findall(content)) > len(_UPPER_HALF.findall(content)) else "cp1252"
