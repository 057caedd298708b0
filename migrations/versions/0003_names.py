"""Tracks are found by name, genre, year and tempo, and the missing ones by being missing, without reading every row."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LONGEST, AT_A_TIME = 300, 1000


def upgrade() -> None:
    name = op.create_table(
        "name",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_name_file_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", "name", name="pk_name"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    file = sa.table("file", sa.column("id"), sa.column("search"), sa.column("missing_since"))
    last = 0
    while rows := connection.execute(
        sa.select(file.c.id, file.c.search).where(file.c.id > last).order_by(file.c.id).limit(AT_A_TIME)
    ).all():
        op.bulk_insert(
            name,
            [
                {"file_id": row.id, "name": text}
                for row in rows
                for text in {line[:LONGEST] for line in row.search.split("\n") if line and line[0] != " "}
            ],
        )
        last = rows[-1].id
    op.create_index("ix_name_name", "name", ["name"])
    op.create_index("ix_file_year", "file", ["year", "shown", "recording_id"])
    op.create_index("ix_analysis_bpm", "analysis", ["feature_version", "bpm", "recording_id"])
    op.create_index("ix_prediction_genre", "prediction", ["genre", "recording_id"])
    gone = sa.column("missing_since").is_not(None)
    op.create_index("ix_file_missing", "file", ["recording_id"], sqlite_where=gone, postgresql_where=gone)
