"""What undoes an edit of tags byte for byte, and the name of the copy that is about to replace a file."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # Empty in rows of before: their undo restores the fields.
    op.add_column("tag_edit", sa.Column("undo_patch", sa.LargeBinary(), nullable=True))
    op.add_column("tag_edit", sa.Column("copy_name", TEXT, nullable=True))


def downgrade() -> None:
    op.drop_column("tag_edit", "copy_name")
    op.drop_column("tag_edit", "undo_patch")
