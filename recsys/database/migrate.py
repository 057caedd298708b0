"""Create and upgrade the schema; Alembic is imported only when there is something to do."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from recsys.database.engine import display_url, writing
from recsys.errors import Hint, LibraryError, SchemaMismatch

HEAD = "0014"
"""The revision of the schema that this program uses; a test compares it with the migrations."""

_VERSION_TABLE = "alembic_version"
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


def upgrade(engine: Engine) -> None:
    """Create or upgrade the schema in one transaction.

    Raises
    ------
    SchemaMismatch
        The schema is newer than this program, or the database is not of recsys.
    LibraryError
        The migrations are not installed.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine) as connection:
        version = schema_version(connection)  # again: another process may have upgraded it
        if version is not None and version not in known:
            raise SchemaMismatch(
                f"{display_url(engine.url)} was written by a newer recsys (schema {version}, this version has {HEAD})",
                hint=Hint.UPGRADE_PROGRAM,
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if version is not None and version < _FIRST_WITH_CREDITS:
            from recsys.database.credits import link_stored_tags

            link_stored_tags(connection)


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
