"""Create and upgrade the schema; Alembic is imported only when there is something to upgrade.

A new SQLite library is created from ``schema.sql``, the result of all migrations (``scripts/make_database_schema.py``):
the migrations take a quarter of a second.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, insert, inspect, text

from recsys.database.engine import display_url, writing
from recsys.database.upgrade_copies import copy_before_upgrade
from recsys.errors import Hint, LibraryError, SchemaMismatch

HEAD = "0019"
"""The revision of the schema that this program uses; a test compares it with the migrations."""
SCHEMA_FILE = "schema.sql"

if TYPE_CHECKING:
    from alembic.config import Config

_log = logging.getLogger(__name__)

_VERSION_TABLE = "alembic_version"
_END = ";\n\n"  # between two statements of the schema
_FIRST_WITH_CREDITS = "0010"  # which has artists, albums and genres


def schema_version(connection: Connection) -> str | None:
    """The revision of a catalogue, or None for a database without tables.

    Raises
    ------
    SchemaMismatch
        The database has tables, but not those of recsys.
    """
    tables = set(inspect(connection).get_table_names())
    if _VERSION_TABLE in tables:
        version = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()
        if version is not None:
            return str(version)
    if tables - {_VERSION_TABLE}:
        raise SchemaMismatch(
            f"{display_url(connection.engine.url)} is a database, but not a recsys library", hint=Hint.CHOOSE_DATABASE
        )
    return None


def known_revisions() -> set[str]:
    """The revisions that this program can upgrade, and its own.

    Raises
    ------
    LibraryError
        The migrations are not installed.
    """
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def upgrade(engine: Engine, *, keep_copy: bool = True) -> None:
    """Create or upgrade the schema in one transaction; with ``keep_copy`` first copy a SQLite database of an older one.

    Raises
    ------
    SchemaMismatch
        The schema is newer than this program, or the database is not of recsys.
    LibraryFull, LibraryError
        It cannot be copied, or the migrations are not installed; nothing was changed.
    """
    if engine.dialect.name == "sqlite":
        with writing(engine, changes_tracks=False) as connection:
            version = schema_version(connection)
            if version is None:
                _create(connection)
            if version in (None, HEAD):  # HEAD: another process has created it
                return
    run_migrations(engine, keep_copy=keep_copy)


def _create(connection: Connection) -> None:
    """Create the tables of a new SQLite library, and the rows that every library has."""
    from recsys.database.listener_tables import listener
    from recsys.database.tables import revision

    script = Path(__file__).with_name(SCHEMA_FILE).read_text(encoding="utf-8")
    for statement in script.rstrip("\n").split(_END):
        connection.exec_driver_sql(statement)
    connection.execute(text(f"INSERT INTO {_VERSION_TABLE} VALUES (:head)"), {"head": HEAD})
    connection.execute(insert(revision).values(name="vector", value=0))
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    connection.execute(insert(listener).values(name="default", name_key="default", created_at=now))


def schema_script(cursor: Any) -> str:
    """The statements that create the tables and indexes of a SQLite database, without the index of trigrams."""
    cursor.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
        "AND name NOT LIKE 'search!_trigram%' ESCAPE '!' ORDER BY rowid"
    )
    return _END.join(sql for (sql,) in cursor.fetchall()) + "\n"


def run_migrations(engine: Engine, *, keep_copy: bool = True) -> None:
    """Run the migrations that a database has not had; raises as :func:`upgrade`."""
    from alembic import command

    config, known = _config(), known_revisions()
    with writing(engine) as connection:
        version = schema_version(connection)  # again: another process may have upgraded it
        if version is not None and version not in known:
            raise SchemaMismatch(
                f"{display_url(engine.url)} was written by a newer recsys (schema {version}, this version has {HEAD})",
                hint=Hint.UPGRADE_PROGRAM,
            )
        if keep_copy and version not in (None, HEAD):
            _report(copy_before_upgrade(engine, str(version)), engine, str(version))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if version is not None and version < _FIRST_WITH_CREDITS:
            from recsys.database.credits import link_stored_tags

            link_stored_tags(connection)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    return config


def _report(copy: Path | None, engine: Engine, version: str) -> None:
    """Log what is upgraded, and where it is as it was."""
    what = f"the schema of {display_url(engine.url)} is upgraded from {version} to {HEAD}"
    if copy is not None:
        _log.warning("%s; a copy of it as it was is %s", what, copy)
    elif engine.dialect.name != "sqlite":
        _log.warning("%s; recsys copies no database on a server; make a dump with pg_dump", what)


def migrations() -> Path:
    """The folder of the migrations: inside an installed package, beside it in a checkout.

    Raises
    ------
    LibraryError
        There is none.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise LibraryError(f"the migrations are missing from {package}", hint=Hint.REINSTALL)
