"""Insert rows of which some may exist; the syntax of such a statement differs between databases."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table


def insert_statement(connection: Connection, table: Table) -> Any:
    """An insert of the dialect of the database, which has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return _insert(connection.dialect.name, table)


@cache
def _insert(dialect: str, table: Table) -> Any:
    """Made once: the columns of ``excluded`` are made with each statement."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def insert_missing(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert those rows whose ``keys`` no stored row has."""
    if rows:
        statement = insert_statement(connection, table)
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(keys)), rows)


def upsert(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[dict[str, Any]], **instead: Any
) -> None:
    """Insert rows, or update those with equal ``keys``; ``instead`` has other expressions for updated columns."""
    if not rows:
        return
    statement = insert_statement(connection, table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys} | instead
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changes), rows)
