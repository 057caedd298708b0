"""The first schema: recordings, their files, analyses, vectors, genres, ratings, and what failed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def recording_key(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_recording_id"
    return sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "recording",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("duration", sa.Double, nullable=False),
        sa.Column("sample_rate", sa.Integer, nullable=False),
        sa.Column("channels", sa.Integer, nullable=False),
        sa.Column("codec", TEXT, nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.UniqueConstraint("payload", name="uq_recording_payload"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("missing_since", TEXT, nullable=True),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("tagged", sa.Integer, nullable=False),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("artist", TEXT, nullable=True),
        sa.Column("album_artist", TEXT, nullable=True),
        sa.Column("album", TEXT, nullable=True),
        sa.Column("track_number", sa.Integer, nullable=True),
        sa.Column("year", sa.Integer, nullable=True),
        sa.Column("genre", TEXT, nullable=True),
        sa.Column("musicbrainz_recording", TEXT, nullable=True),
        sa.Column("musicbrainz_album", TEXT, nullable=True),
        sa.Column("musicbrainz_artist", TEXT, nullable=True),
        sa.Column("search", TEXT, nullable=False),
        recording_key("file"),
        sa.PrimaryKeyConstraint("id", name="pk_file"),
        sa.UniqueConstraint("path", "recording_id", name="uq_file_path_recording_id"),
    )
    op.create_index("ix_file_recording_id", "file", ["recording_id"])
    op.create_table(
        "analysis",
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("feature_version", sa.Integer, nullable=False),
        sa.Column("bpm", sa.Double, nullable=False),
        sa.Column("bpm_confidence", sa.Double, nullable=False),
        sa.Column("pulse_clarity", sa.Double, nullable=False),
        sa.Column("tonic", sa.Integer, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("key_confidence", sa.Double, nullable=False),
        sa.Column("loudness", sa.Double, nullable=True),
        recording_key("analysis"),
        sa.PrimaryKeyConstraint("recording_id", "feature_version", name="pk_analysis"),
    )
    op.create_table(
        "vector",
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("feature_version", sa.Integer, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("normalised", sa.LargeBinary, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("starts", sa.JSON, nullable=False),
        sa.Column("windows", sa.LargeBinary, nullable=False),
        recording_key("vector"),
        sa.PrimaryKeyConstraint("recording_id", "feature_version", name="pk_vector"),
    )
    op.create_index("ix_vector_feature_version_generation", "vector", ["feature_version", "generation"])
    op.create_table(
        "prediction",
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("genre", TEXT, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("genres", sa.JSON, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        recording_key("prediction"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_prediction"),
    )
    op.create_table(
        "rating",
        sa.Column("recording_id", sa.Integer, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        recording_key("rating"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_rating"),
    )
    op.create_table(
        "failure",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_failure"),
    )
    counter = op.create_table(
        "counter",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.bulk_insert(counter, [{"name": "generation", "value": 0}])
