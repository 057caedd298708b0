"""A like is more than a sign: how strong it is, how often the track was played, and who says so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # Until now a like could only be typed, so all there are have been.
    op.add_column("rating", sa.Column("strength", sa.Double(), nullable=False, server_default=sa.text("1.0")))
    op.add_column("rating", sa.Column("plays", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("rating", sa.Column("source", TEXT, nullable=False, server_default=sa.text("'hand'")))
