"""The schema is brought up to date on first use; Alembic is loaded only when there is something to do."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from recsys.database.engine import display_url, writing
from recsys.errors import LibraryError, SchemaMismatch

HEAD = "0008"
"""The revision this program writes; a test holds it against the migrations."""

_VERSION_TABLE = "alembic_version"


def schema_version(connection: Connection) -> str | None:
    """The revision of a catalogue, or None for a database that is still empty.

    Raises
    ------
    SchemaMismatch
        There are tables, but not ours.
    """
    tables = set(inspect(connection).get_table_names())
    if _VERSION_TABLE in tables:
        version = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()
        if version is not None:
            return str(version)
    if tables - {_VERSION_TABLE}:
        raise SchemaMismatch(
            f"{display_url(connection.engine.url)} is a database, but no recsys library; choose another with --database"
        )
    return None


def upgrade(engine: Engine) -> None:
    """Make or upgrade the schema in one transaction: all of it or nothing.

    Raises
    ------
    SchemaMismatch
        The schema is newer than this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine) as connection:
        version = schema_version(connection)  # again: another process may have been faster
        if version is not None and version not in known:
            raise SchemaMismatch(
                f"{display_url(engine.url)} was written by a newer recsys (schema {version}, this one knows "
                f"{HEAD}); run: pip install --upgrade recsys"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migrations() -> Path:
    """The folder of the migrations: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise LibraryError(f"the migrations of recsys are missing from {package}; install it again")
