"""Whether a column has one of many ids, as one parameter: a list of parameters would be compiled again each time."""

from collections.abc import Iterable
from json import dumps

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, any_, func, literal, select


def is_among(connection: Connection, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column has one of some ids, however many they are."""
    wanted = [int(i) for i in ids]
    if connection.dialect.name == "postgresql":
        return column == any_(literal(wanted, ARRAY(BigInteger)))
    each = func.json_each(dumps(wanted)).table_valued("value")
    return column.in_(select(each.c.value))
