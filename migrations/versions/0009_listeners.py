"""Listeners, to whom likes, stars, plays, saved playlists and the history of playlists belong.

What there was belongs to the default listener, the first one. The way back keeps what is his, with the likes that his
stars imply, and drops the plays of tracks without a like, and what belongs to others.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DEFAULT = 1
PLAYLIST = "name, request, output, format, path_options, saved_at"
HISTORY, HISTORY_TRACK = "id, name, written_at", "history_id, recording_id"


def upgrade() -> None:
    listener = op.create_table(
        "listener",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listener"),
        sa.UniqueConstraint("name_key", name="uq_listener_name_key"),
        sqlite_autoincrement=True,
    )
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    op.bulk_insert(listener, [{"name": "default", "name_key": "default", "created_at": now}])
    create_likes()
    create_stars()
    create_counts()
    create_plays()
    op.execute(
        "INSERT INTO track_like (listener_id, recording_id, value, strength, rated_at, source) "
        f"SELECT {DEFAULT}, recording_id, value, strength, rated_at, source FROM rating"
    )
    op.execute(
        "INSERT INTO play_count (listener_id, recording_id, plays, skips) "
        f"SELECT {DEFAULT}, recording_id, plays, 0 FROM rating WHERE plays > 0"
    )
    op.drop_table("rating")
    rebuild_playlists(create_owned_playlists, create_owned_history, owner=True)


def downgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("rated_at", TEXT, nullable=False),
        sa.Column("strength", sa.Double(), nullable=False, server_default=sa.text("1.0")),
        sa.Column("plays", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("source", TEXT, nullable=False, server_default=sa.text("'manual'")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_rating_recording_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_rating"),
    )
    plays = (
        "COALESCE((SELECT plays FROM play_count WHERE play_count.listener_id = rated.listener_id "
        "AND play_count.recording_id = rated.recording_id), 0)"
    )
    op.execute(
        "INSERT INTO rating (recording_id, value, strength, rated_at, source, plays) "
        f"SELECT recording_id, value, strength, rated_at, source, {plays} FROM track_like AS rated "
        f"WHERE listener_id = {DEFAULT}"
    )
    op.execute(
        "INSERT INTO rating (recording_id, value, strength, rated_at, source, plays) "
        "SELECT recording_id, CASE WHEN stars > 3 THEN 1 ELSE -1 END, CASE WHEN stars IN (1, 5) THEN 1.0 ELSE 0.5 END, "
        f"rated_at, source, {plays} FROM track_stars AS rated WHERE listener_id = {DEFAULT} AND stars <> 3 "
        "AND recording_id NOT IN (SELECT recording_id FROM rating)"
    )
    rebuild_playlists(create_playlists, create_history, owner=False)
    for table in ("play", "play_count", "track_stars", "track_like", "listener"):
        op.drop_table(table)


def rebuild_playlists(playlists: Callable[[], None], history: Callable[[], None], *, owner: bool) -> None:
    """Copy the playlists and their history out of their tables and into new ones: the key changes, they are small.

    SQLite cannot change a key, and deletes the tracks of the history with it, so that these are copied as well.
    """
    mine = "" if owner else f" WHERE listener_id = {DEFAULT}"
    of_history = f" WHERE history_id IN (SELECT id FROM playlist_history{mine})"
    op.execute(f"CREATE TABLE copy_playlist AS SELECT {PLAYLIST} FROM saved_playlist{mine}")
    op.execute(f"CREATE TABLE copy_track AS SELECT {HISTORY_TRACK} FROM playlist_history_track{of_history}")
    op.execute(f"CREATE TABLE copy_history AS SELECT {HISTORY} FROM playlist_history{mine}")
    for table in ("playlist_history_track", "playlist_history", "saved_playlist"):
        op.drop_table(table)
    playlists()
    history()
    create_history_tracks()
    column, value = ("listener_id, ", f"{DEFAULT}, ") if owner else ("", "")
    op.execute(f"INSERT INTO saved_playlist ({column}{PLAYLIST}) SELECT {value}{PLAYLIST} FROM copy_playlist")
    op.execute(
        f"INSERT INTO playlist_history ({column}{HISTORY}) SELECT {value}{HISTORY} FROM copy_history ORDER BY id"
    )
    op.execute(f"INSERT INTO playlist_history_track ({HISTORY_TRACK}) SELECT {HISTORY_TRACK} FROM copy_track")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('playlist_history_id_seq', MAX(id)) FROM playlist_history HAVING MAX(id) > 0")
    for table in ("copy_playlist", "copy_track", "copy_history"):
        op.drop_table(table)


def listener_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["listener_id"], ["listener.id"], name=f"fk_{table}_listener_id", ondelete="CASCADE")


def recording_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["recording_id"], ["recording.id"], name=f"fk_{table}_recording_id", ondelete="CASCADE"
    )


def create_likes() -> None:
    op.create_table(
        "track_like",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("rated_at", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        listener_key("track_like"),
        recording_key("track_like"),
        sa.PrimaryKeyConstraint("listener_id", "recording_id", name="pk_track_like"),
    )
    op.create_index("ix_track_like_recording_id", "track_like", ["recording_id"])


def create_stars() -> None:
    op.create_table(
        "track_stars",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("rated_at", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        listener_key("track_stars"),
        recording_key("track_stars"),
        sa.PrimaryKeyConstraint("listener_id", "recording_id", name="pk_track_stars"),
    )
    op.create_index("ix_track_stars_recording_id", "track_stars", ["recording_id"])


def create_counts() -> None:
    op.create_table(
        "play_count",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("skips", sa.Integer(), nullable=False),
        sa.Column("last_played_ms", sa.BigInteger(), nullable=True),
        listener_key("play_count"),
        recording_key("play_count"),
        sa.PrimaryKeyConstraint("listener_id", "recording_id", name="pk_play_count"),
    )
    op.create_index("ix_play_count_recording_id", "play_count", ["recording_id"])


def create_plays() -> None:
    op.create_table(
        "play",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("played_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        listener_key("play"),
        recording_key("play"),
        sa.PrimaryKeyConstraint("listener_id", "played_at_ms", "recording_id", name="pk_play"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_play_recording_id", "play", ["recording_id", "listener_id"])


def create_owned_playlists() -> None:
    op.create_table(
        "saved_playlist",
        sa.Column("listener_id", sa.Integer(), nullable=False),
        *playlist_columns(),
        listener_key("saved_playlist"),
        sa.PrimaryKeyConstraint("listener_id", "name", name="pk_saved_playlist"),
    )


def create_playlists() -> None:
    op.create_table("saved_playlist", *playlist_columns(), sa.PrimaryKeyConstraint("name", name="pk_saved_playlist"))


def playlist_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("name", TEXT, nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("path_options", sa.JSON(), nullable=False),
        sa.Column("saved_at", TEXT, nullable=False),
    ]


def create_owned_history() -> None:
    op.create_table(
        "playlist_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listener_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("written_at", TEXT, nullable=False),
        listener_key("playlist_history"),
        sa.PrimaryKeyConstraint("id", name="pk_playlist_history"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_playlist_history_listener_id", "playlist_history", ["listener_id"])


def create_history() -> None:
    op.create_table(
        "playlist_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("written_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_playlist_history"),
        sqlite_autoincrement=True,
    )


def create_history_tracks() -> None:
    op.create_table(
        "playlist_history_track",
        sa.Column("history_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["history_id"], ["playlist_history.id"], name="fk_playlist_history_track_history_id", ondelete="CASCADE"
        ),
        recording_key("playlist_history_track"),
        sa.PrimaryKeyConstraint("history_id", "recording_id", name="pk_playlist_history_track"),
    )
    op.create_index("ix_playlist_history_track_recording_id", "playlist_history_track", ["recording_id"])
