"""Valence and arousal of an analysis, and the tempo that comes second with its probability."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty in rows of before: what derives from stored features is filled in by the next ingest.
    for column in ("bpm_alternative", "bpm_alternative_probability", "valence", "arousal"):
        op.add_column("analysis", sa.Column(column, sa.Double(), nullable=True))
