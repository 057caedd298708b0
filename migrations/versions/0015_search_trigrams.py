"""An index of the trigrams of search texts: FTS5 on SQLite, pg_trgm on PostgreSQL, where they exist."""

import sqlite3

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSERT = "INSERT INTO search_trigram (rowid, words) VALUES (new.id, new.search_text || char(10));"
DELETE = (
    "INSERT INTO search_trigram (search_trigram, rowid, words) VALUES ('delete', old.id, old.search_text || char(10));"
)
TRIGGERS = {
    "search_trigram_insert": f"INSERT ON file BEGIN {INSERT} END",
    "search_trigram_delete": f"DELETE ON file BEGIN {DELETE} END",
    "search_trigram_update": "UPDATE OF search_text ON file WHEN old.search_text <> new.search_text "
    f"BEGIN {DELETE} {INSERT} END",
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        try:
            with connection.begin_nested():
                op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                op.execute("CREATE INDEX search_trigram ON file USING gin (search_text gin_trgm_ops)")
        except DatabaseError:  # the extension is not installed, or may not be created: texts are scanned
            pass
        return
    modules = connection.execute(text("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'"))
    if sqlite3.sqlite_version_info < (3, 34) or modules.first() is None:
        return  # a program that has FTS5 creates the index when it opens the library
    op.execute(
        "CREATE VIRTUAL TABLE search_trigram USING fts5("
        "words, content = '', tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0)"
    )
    op.execute("CREATE VIRTUAL TABLE search_trigram_term USING fts5vocab(search_trigram, row)")
    op.execute("INSERT INTO search_trigram (rowid, words) SELECT id, search_text || char(10) FROM file")
    for name, body in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} AFTER {body}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS search_trigram")  # the extension may serve others
        return
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.execute("DROP TABLE IF EXISTS search_trigram_term")
    op.execute("DROP TABLE IF EXISTS search_trigram")
