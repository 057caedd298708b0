"""Likes and stars of albums and artists."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for target in ("album", "artist"):
        create(target, "like", ("value", sa.Integer()), ("strength", sa.Double()), ("rated_at", TEXT), ("source", TEXT))
        create(target, "stars", ("stars", sa.Integer()), ("rated_at", TEXT), ("source", TEXT))


def create(target: str, kind: str, *columns: tuple[str, Any]) -> None:
    table, key = f"{target}_{kind}", f"{target}_id"
    op.create_table(
        table,
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column(key, sa.Integer(), nullable=False),
        *(sa.Column(name, column_type, nullable=False) for name, column_type in columns),
        sa.ForeignKeyConstraint(["listener_id"], ["listener.id"], name=f"fk_{table}_listener_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint([key], [f"{target}.id"], name=f"fk_{table}_{key}", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("listener_id", key, name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_{key}", table, [key])


def downgrade() -> None:
    for table in ("album_like", "album_stars", "artist_like", "artist_stars"):
        op.drop_table(table)
