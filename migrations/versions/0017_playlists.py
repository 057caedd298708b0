"""Saved playlists have ids and tracks, and may have no request or no file."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COLUMNS = ("listener_id", "name", "request", "output", "format", "path_options", "saved_at")


def upgrade() -> None:
    rows = saved_playlists()
    op.drop_table("saved_playlist")
    op.create_table(
        "saved_playlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.Column("output", TEXT, nullable=True),
        sa.Column("format", TEXT, nullable=True),
        sa.Column("path_options", sa.JSON(), nullable=False),
        sa.Column("saved_at", TEXT, nullable=False),
        sa.Column("changed_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listener.id"], name="fk_saved_playlist_listener_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_playlist"),
        sa.UniqueConstraint("listener_id", "name", name="uq_saved_playlist_listener_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saved_playlist_track",
        sa.Column("playlist_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["saved_playlist.id"], name="fk_saved_playlist_track_playlist_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name="fk_saved_playlist_track_recording_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("playlist_id", "position", name="pk_saved_playlist_track"),
    )
    op.create_index("ix_saved_playlist_track_recording_id", "saved_playlist_track", ["recording_id"])
    insert([row | {"changed_at": row["saved_at"]} for row in rows], *COLUMNS, "changed_at")


def downgrade() -> None:
    rows = [row for row in saved_playlists() if row["request"] is not None and row["output"] is not None]
    op.drop_table("saved_playlist_track")
    op.drop_table("saved_playlist")
    op.create_table(
        "saved_playlist",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("path_options", sa.JSON(), nullable=False),
        sa.Column("saved_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listener.id"], name="fk_saved_playlist_listener_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listener_id", "name", name="pk_saved_playlist"),
    )
    insert(rows, *COLUMNS)


def table(*columns: str) -> sa.TableClause:
    json = {"request", "path_options"}
    return sa.table("saved_playlist", *(sa.column(name, sa.JSON() if name in json else None) for name in columns))


def saved_playlists() -> list[dict[str, object]]:
    found = table(*COLUMNS)
    query = sa.select(found).order_by(found.c.listener_id, found.c.name)
    return [dict(row) for row in op.get_bind().execute(query).mappings()]


def insert(rows: list[dict[str, object]], *columns: str) -> None:
    if rows:
        op.bulk_insert(table(*columns), rows)
