"""Play queues: what a listener was playing last, so that another player can continue."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "play_queue",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("track_ids", sa.JSON(), nullable=False),
        sa.Column("current_index", sa.Integer(), nullable=True),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", TEXT, nullable=False),
        sa.Column("changed_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["listener_id"], ["listener.id"], name="fk_play_queue_listener_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("listener_id", name="pk_play_queue"),
    )


def downgrade() -> None:
    op.drop_table("play_queue")
