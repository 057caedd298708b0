"""The environment of Alembic.

The program passes its connection. In a shell, ``alembic -x url=sqlite:///FILE upgrade head`` names a database; without
one, Alembic uses an empty catalogue that the migrations have just built, so that ``alembic check`` and
``alembic revision --autogenerate`` compare the migrations with the tables and nothing else.
"""

from typing import Any

from alembic import context
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Text, create_engine

from recsys.database.credit_tables import artist
from recsys.database.engine import connect, parse_url, writing
from recsys.database.link_tables import link
from recsys.database.text_type import PathText

[metadata] = {table.metadata for table in (artist, link)}  # of all tables


def type_differs(migration: Any, _column: Any, _metadata_column: Any, stored: Any, declared: Any) -> bool | None:
    """Compare the collation of PathText, which depends on the dialect; None leaves other types to Alembic."""
    if not isinstance(declared, PathText):
        return None
    expected = declared.load_dialect_impl(migration.dialect)
    return getattr(stored, "collation", None) != getattr(expected, "collation", None) or not isinstance(stored, Text)


def is_declared(name: str | None, _kind: str, _parents: Any) -> bool:
    """Leave out the index of trigrams, which is created by SQL of its own (:mod:`recsys.database.trigrams`)."""
    return not (name or "").startswith("search_trigram")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,  # SQLite changes a column by copying its table
        transactional_ddl=True,  # the connection is in a transaction: all revisions or none
        compare_type=type_differs,
        compare_server_default=True,
        include_name=is_declared,
    )
    with context.begin_transaction():
        context.run_migrations()


def build(connection: Connection) -> None:
    """Run every migration, oldest first."""
    migration = MigrationContext.configure(connection)
    with Operations.context(migration):
        for script in reversed(list(context.script.walk_revisions())):
            script.module.upgrade()
    migration.stamp(context.script, "head")


given = context.config.attributes.get("connection")
url = context.get_x_argument(as_dictionary=True).get("url")
if given is not None:
    migrate(given)
elif url is not None:
    with writing(connect(parse_url(url))) as connection:
        migrate(connection)
else:
    with create_engine("sqlite://").begin() as connection:
        build(connection)
        migrate(connection)
