"""Pairs of recordings whose audio was or has to be compared, to find out whether they have one performance."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audio_check",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["recording.id"], ondelete="CASCADE", name="fk_audio_check_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["recording.id"], ondelete="CASCADE", name="fk_audio_check_second_id"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name="pk_audio_check"),
    )
    op.create_index("ix_audio_check_second_id", "audio_check", ["second_id"])


def downgrade() -> None:
    op.drop_table("audio_check")
