"""A column type that stores every Python str, also a path with undecodable bytes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from recsys.database.text_encoding import decode_text, encode_text


class PathText(TypeDecorator[str]):
    """Any Python str, ordered by code points, so that a prefix is a range."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL would order by the locale without the collation; SQLite orders by bytes."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encode a value that is stored."""
        return None if value is None else encode_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decode a value that is read."""
        return _decode(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """The same for all values of a column: neither database converts text, and lists have a million values."""
        return _decode


def _decode(value: str | None) -> str | None:
    return value if value is None or value.isascii() else decode_text(value)
