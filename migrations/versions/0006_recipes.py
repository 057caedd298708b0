"""Playlists that are kept: their recipes, and what stood in the lists that were written last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "recipe",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("saved_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_recipe"),
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listing"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "listed",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], ondelete="CASCADE", name="fk_listed_listing_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], ondelete="CASCADE", name="fk_listed_recording_id"),
        sa.PrimaryKeyConstraint("listing_id", "recording_id", name="pk_listed"),
    )
    op.create_index("ix_listed_recording_id", "listed", ["recording_id"])
