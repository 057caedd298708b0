"""Every Python str as a text that databases accept.

Python represents bytes of a path that are not UTF-8 as lone surrogates, which databases reject, as PostgreSQL rejects
NUL. Both are mapped to the last code points of private plane 16, and back when they are read.
"""

import re

_SHIFT = 0x10_2000  # U+DC80, the byte 0x80 of a broken name, becomes U+10FC80
_NUL, _ESCAPE = "\U0010f7ff", "\U0010f7fe"
_SURROGATES = re.compile("[\0\ud800-\udfff\U0010f7fe-\U0010ffff]")
_ENCODED = re.compile(f"{_ESCAPE}?[\U0010f7fe-\U0010ffff]")


def encode_text(text: str) -> str:
    """Replace surrogates and NUL; :func:`decode_text` is the inverse."""
    return text if text.isascii() and "\0" not in text else _SURROGATES.sub(_encode_match, text)


def decode_text(text: str) -> str:
    """The inverse of :func:`encode_text`."""
    return text if text.isascii() else _ENCODED.sub(_decode_match, text)


def _encode_match(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\0":
        return _NUL
    if char >= _ESCAPE:  # the text itself contains a code point of the private plane
        return _ESCAPE + char
    return chr(ord(char) + _SHIFT)


def _decode_match(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 2:
        return found[1]
    return "\0" if found == _NUL else chr(ord(found) - _SHIFT)
