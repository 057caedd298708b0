"""Artists, albums and genres are things with ids, and files have the fields of albums.

The new tables stay empty here: the program fills them from the tags that are stored, in the same transaction (see
``recsys.database.migrate``), and the next ingest reads the tags of files whose ``tag_version`` is 0 again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FILE_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("track_total", sa.Integer()),
    ("disc_number", sa.Integer()),
    ("disc_total", sa.Integer()),
    ("original_year", sa.Integer()),
    ("compilation", sa.Boolean()),
    ("isrc", TEXT),
    ("track_gain", sa.Double()),
    ("track_peak", sa.Double()),
    ("album_gain", sa.Double()),
    ("album_peak", sa.Double()),
    ("title_key", TEXT),
)
RECORDING_COLUMNS = ("bit_rate", "bit_depth")


def upgrade() -> None:
    for table in ("artist", "genre"):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("key", TEXT, nullable=False),
            sa.Column("name", TEXT, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("key", name=f"uq_{table}_key"),
            sqlite_autoincrement=True,
        )
    op.create_table(
        "album",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_key", TEXT, nullable=False),
        sa.Column("various", sa.Boolean(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("release", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_album"),
        sa.UniqueConstraint("key", name="uq_album_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_album_title_key", "album", ["title_key"])
    op.create_index("ix_album_release", "album", ["release"])
    op.create_table(
        "album_artist",
        sa.Column("album_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["album_id"], ["album.id"], name="fk_album_artist_album_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name="fk_album_artist_artist_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("album_id", "position", name="pk_album_artist"),
    )
    op.create_index("ix_album_artist_artist_id", "album_artist", ["artist_id"])
    op.create_table(
        "file_artist",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_file_artist_file_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name="fk_file_artist_artist_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", "role", "position", name="pk_file_artist"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_file_artist_artist_id_role_file_id", "file_artist", ["artist_id", "role", "file_id"])
    op.create_table(
        "file_genre",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("genre_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_file_genre_file_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["genre_id"], ["genre.id"], name="fk_file_genre_genre_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", "position", name="pk_file_genre"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_file_genre_genre_id_file_id", "file_genre", ["genre_id", "file_id"])
    op.create_table(
        "unlinked_title",
        sa.Column("title_key", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("title_key", name="pk_unlinked_title"),
        sqlite_with_rowid=False,
    )
    for name, kind in FILE_COLUMNS:
        op.add_column("file", sa.Column(name, kind, nullable=True))
    op.add_column("file", sa.Column("tag_version", sa.Integer(), nullable=False, server_default=sa.text("0")))
    # In plain SQL: Alembic would copy the table for a foreign key on SQLite.
    op.execute("ALTER TABLE file ADD COLUMN album_id INTEGER CONSTRAINT fk_file_album_id REFERENCES album (id)")
    op.create_index("ix_file_title_key", "file", ["title_key"])
    op.create_index("ix_file_album_id", "file", ["album_id"])
    for name in RECORDING_COLUMNS:
        op.add_column("recording", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in RECORDING_COLUMNS:
        op.drop_column("recording", name)
    op.drop_index("ix_file_album_id", "file")
    op.drop_index("ix_file_title_key", "file")
    for name in ("album_id", "tag_version", *(name for name, _ in FILE_COLUMNS)):
        op.drop_column("file", name)
    for table in ("unlinked_title", "file_genre", "file_artist", "album_artist", "genre", "album", "artist"):
        op.drop_table(table)
