"""Groups of recordings that have one performance; they are derived from the vectors and filled when they are needed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "performance",
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], ondelete="CASCADE", name="fk_performance_recording_id"
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_performance"),
    )
    op.create_index("ix_performance_group_id", "performance", ["group_id"])


def downgrade() -> None:
    op.drop_table("performance")
    op.execute("DELETE FROM revision WHERE name IN ('performance', 'performance_rule')")
