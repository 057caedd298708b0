"""Links to servers of music: the ids that they give to tracks, artists and playlists of the library."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("user", TEXT, nullable=True),
        sa.Column("listener_id", sa.Integer(), nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("read_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["listener_id"], ["listener.id"], name="fk_link_listener_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("name_key", name="uq_link_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "link_track",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("foreign_id", TEXT, nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=True),
        sa.Column("method", TEXT, nullable=True),
        sa.Column("artist", TEXT, nullable=True),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("album", TEXT, nullable=True),
        sa.Column("path", TEXT, nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name="fk_link_track_link_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name="fk_link_track_recording_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("link_id", "foreign_id", name="pk_link_track"),
    )
    op.create_index("ix_link_track_recording_id", "link_track", ["recording_id"])
    op.create_table(
        "link_artist",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("foreign_id", TEXT, nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name="fk_link_artist_link_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name="fk_link_artist_artist_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link_id", "foreign_id", name="pk_link_artist"),
    )
    op.create_index("ix_link_artist_artist_id", "link_artist", ["artist_id"])
    op.create_table(
        "link_playlist",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("playlist_id", sa.Integer(), nullable=False),
        sa.Column("foreign_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name="fk_link_playlist_link_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["saved_playlist.id"], name="fk_link_playlist_playlist_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_id", "playlist_id", name="pk_link_playlist"),
    )
    op.create_index("ix_link_playlist_playlist_id", "link_playlist", ["playlist_id"])


def downgrade() -> None:
    for table in ("link_playlist", "link_artist", "link_track", "link"):
        op.drop_table(table)
