"""The folders that were ingested: what is missing is judged by the folder it was in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "root",
        sa.Column("path", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_root"),
    )
