"""The journal of what was written into the tags of files, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "retag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("bare", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("before", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("pending", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retag"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_retag_run", "retag", ["run"])
    op.create_index("ix_retag_path", "retag", ["path"])
