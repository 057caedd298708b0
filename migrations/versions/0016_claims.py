"""Claims of files: ingests into one library on a server share their work."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "ingest_claim",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_ingest_claim"),
    )


def downgrade() -> None:
    op.drop_table("ingest_claim")
