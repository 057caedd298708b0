"""Text as a database can hold it, and as people compare it.

Paths may hold bytes that are no UTF-8; Python shows them as lone surrogates, which no database accepts, as
PostgreSQL accepts no NUL. Both travel through the last code points of private plane 16, and every str comes
back as it went in.
"""

import re
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_SHIFT = 0x10_2000  # U+DC80, the byte 0x80 of a broken name, becomes U+10FC80
_NUL, _ESCAPE = "\U0010f7ff", "\U0010f7fe"
_SURROGATES = re.compile("[\0\ud800-\udfff\U0010f7fe-\U0010ffff]")
_ENCODED = re.compile(f"{_ESCAPE}?[\U0010f7fe-\U0010ffff]")


def encode_text(text: str) -> str:
    """The same text without surrogates and NUL; undone by :func:`decode_text`."""
    return text if text.isascii() and "\0" not in text else _SURROGATES.sub(_encode_match, text)


def decode_text(text: str) -> str:
    """What :func:`encode_text` was given."""
    return text if text.isascii() else _ENCODED.sub(_decode_match, text)


def _encode_match(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\0":
        return _NUL
    if char >= _ESCAPE:  # really there: somebody uses the private plane himself
        return _ESCAPE + char
    return chr(ord(char) + _SHIFT)


def _decode_match(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 2:
        return found[1]
    return "\0" if found == _NUL else chr(ord(found) - _SHIFT)


class PathText(TypeDecorator[str]):
    """Any Python str, compared code point by code point, so that a prefix is a range."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL would sort by the locale; SQLite sorts by bytes anyway."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way in."""
        return None if value is None else encode_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way out."""
        return None if value is None else decode_text(value)
