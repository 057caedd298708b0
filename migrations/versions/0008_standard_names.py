"""Tables, columns, and the keys of saved playlists have standard names.

Large tables are altered in place: no vector is copied. SQLite cannot rename a constraint, so that a table whose name is
part of the name of its constraints is copied; these are small. ``recording`` is not, and has the constraint
``uq_recording_payload`` as before.
"""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Frozen here on purpose: a migration never changes with today's tables.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TABLES = (("retag", "tag_edit"), ("listing", "playlist_history"))  # before and after
COLUMNS = (  # table, column before and after
    ("recording", "payload", "audio_hash"),
    ("file", "shown", "is_primary"),
    ("file", "tagged", "tag_count"),
    ("file", "search", "search_text"),
    ("vector", "generation", "revision"),
    ("failure", "at", "failed_at"),
    ("tag_edit", "at", "started_at"),
    ("tag_edit", "payload", "audio_hash"),
    ("tag_edit", "bare", "had_no_tags"),
    ("tag_edit", "before", "digest_before"),
    ("tag_edit", "digest", "digest_after"),
    ("tag_edit", "pending", "pending_digest"),
    ("playlist_history", "at", "written_at"),
)
INDEXES = (  # table, and the index with its columns before and after
    (
        "vector",
        ("ix_vector_feature_version_generation", ["feature_version", "generation"]),
        ("ix_vector_feature_version_revision", ["feature_version", "revision"]),
    ),
    ("tag_edit", ("ix_retag_run", ["run"]), ("ix_tag_edit_run", ["run"])),
    ("tag_edit", ("ix_retag_path", ["path"]), ("ix_tag_edit_path", ["path"])),
)
PLAYLIST = "name, output, format, saved_at"

REQUEST_KEYS = {
    "only": "filter",
    "shortest": "min_duration",
    "longest": "max_duration",
    "per_artist": "max_per_artist",
    "per_album": "max_per_album",
    "artist_gap": "min_artist_gap",
    "variety": "diversity",
    "adventure": "exploration",
    "energy": "energy_curve",
    "fresh": "exclude_recent",
}
FILTER_KEYS = {
    "not_genres": "excluded_genres",
    "years": "year_range",
    "bpm": "bpm_range",
    "valence": "valence_range",
    "arousal": "arousal_range",
    "within": "folders",
    "without": "excluded_folders",
}
PATH_KEYS = {"mapped": "path_map"}
QUOTA = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*(%?)", re.DOTALL)


def upgrade_path_options(places: dict[str, Any]) -> dict[str, Any]:
    """The pairs of folders become an object."""
    renamed = rename_keys(places, PATH_KEYS)
    pairs = renamed.get("path_map") if isinstance(renamed, dict) else None
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        return renamed
    return renamed | {"path_map": {str(here): there for here, there in pairs}}


def downgrade_path_options(path_options: dict[str, Any]) -> dict[str, Any]:
    """The object of folders becomes pairs."""
    renamed = rename_keys(path_options, invert(PATH_KEYS))
    folders = renamed.get("mapped") if isinstance(renamed, dict) else None
    return renamed | {"mapped": [list(pair) for pair in folders.items()]} if isinstance(folders, dict) else renamed


def upgrade() -> None:
    for before, after in TABLES:
        rename_table(before, after)
    for table, before, after in COLUMNS:
        op.alter_column(table, before, new_column_name=after)
    for table, (index, _), (name, columns) in INDEXES:
        op.drop_index(index, table)
        op.create_index(name, table, columns)

    with op.batch_alter_table("rating") as rating:
        rating.alter_column("at", new_column_name="rated_at")
        rating.alter_column("source", server_default=sa.text("'manual'"))
    op.execute("UPDATE rating SET source = 'manual' WHERE source = 'hand'")

    create_names("search_name")
    move_rows("name", "search_name", "file_id, name")
    op.create_index("ix_search_name_name", "search_name", ["name"])
    create_roots("ingest_root")
    move_rows("root", "ingest_root", "path")
    create_revisions("revision")
    move_rows("counter", "revision", "name, value")
    op.execute("UPDATE revision SET name = 'vector' WHERE name = 'generation'")
    create_history_tracks("playlist_history_track", "playlist_history", "history_id")
    move_rows("listed", "playlist_history_track", "listing_id, recording_id", "history_id, recording_id")
    op.create_index("ix_playlist_history_track_recording_id", "playlist_history_track", ["recording_id"])

    create_playlists("saved_playlist", "request", "path_options")
    move_rows("recipe", "saved_playlist", f"{PLAYLIST}, wishes, places", f"{PLAYLIST}, request, path_options")
    saved_playlist = playlists("saved_playlist", "request", "path_options")
    for name, request, path_options in op.get_bind().execute(sa.select(saved_playlist)).all():
        values = {"request": upgrade_request(request), "path_options": upgrade_path_options(path_options)}
        op.execute(saved_playlist.update().where(saved_playlist.c.name == name).values(values))


def downgrade() -> None:
    create_playlists("recipe", "wishes", "places")
    move_rows("saved_playlist", "recipe", f"{PLAYLIST}, request, path_options", f"{PLAYLIST}, wishes, places")
    recipe = playlists("recipe", "wishes", "places")
    for name, wishes, places in op.get_bind().execute(sa.select(recipe)).all():
        values = {"wishes": downgrade_request(wishes), "places": downgrade_path_options(places)}
        op.execute(recipe.update().where(recipe.c.name == name).values(values))

    create_revisions("counter")
    move_rows("revision", "counter", "name, value")
    op.execute("UPDATE counter SET name = 'generation' WHERE name = 'vector'")
    create_roots("root")
    move_rows("ingest_root", "root", "path")
    create_names("name")
    move_rows("search_name", "name", "file_id, name")
    op.create_index("ix_name_name", "name", ["name"])

    with op.batch_alter_table("rating") as rating:
        rating.alter_column("rated_at", new_column_name="at")
        rating.alter_column("source", server_default=sa.text("'hand'"))
    op.execute("UPDATE rating SET source = 'hand' WHERE source = 'manual'")

    for table, _, (name, _) in INDEXES:
        op.drop_index(name, table)
    for table, before, after in COLUMNS:
        op.alter_column(table, after, new_column_name=before)
    for table, (index, columns), _ in INDEXES:
        op.create_index(index, table, columns)
    for before, after in TABLES:
        rename_table(after, before)
    create_history_tracks("listed", "listing", "listing_id")
    move_rows("playlist_history_track", "listed", "history_id, recording_id", "listing_id, recording_id")
    op.create_index("ix_listed_recording_id", "listed", ["recording_id"])


def rename_table(before: str, after: str) -> None:
    op.rename_table(before, after)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {after} RENAME CONSTRAINT pk_{before} TO pk_{after}")
        op.execute(f"ALTER SEQUENCE {before}_id_seq RENAME TO {after}_id_seq")


def move_rows(before: str, after: str, columns: str, names: str = "") -> None:
    op.execute(f"INSERT INTO {after} ({names or columns}) SELECT {columns} FROM {before}")
    op.drop_table(before)


def create_names(table: str) -> None:
    op.create_table(
        table,
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=f"fk_{table}_file_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", "name", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )


def create_roots(table: str) -> None:
    op.create_table(
        table,
        sa.Column("path", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path", name=f"pk_{table}"),
    )


def create_revisions(table: str) -> None:
    op.create_table(
        table,
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{table}"),
    )


def create_history_tracks(table: str, history: str, key: str) -> None:
    recording = ["recording_id"], ["recording.id"]
    op.create_table(
        table,
        sa.Column(key, sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint([key], [f"{history}.id"], ondelete="CASCADE", name=f"fk_{table}_{key}"),
        sa.ForeignKeyConstraint(*recording, ondelete="CASCADE", name=f"fk_{table}_recording_id"),
        sa.PrimaryKeyConstraint(key, "recording_id", name=f"pk_{table}"),
    )


def create_playlists(table: str, request: str, path_options: str) -> None:
    op.create_table(
        table,
        sa.Column("name", TEXT, nullable=False),
        sa.Column(request, sa.JSON(), nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column(path_options, sa.JSON(), nullable=False),
        sa.Column("saved_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{table}"),
    )


def playlists(table: str, request: str, path_options: str) -> sa.TableClause:
    return sa.table(table, sa.column("name", TEXT), sa.column(request, sa.JSON()), sa.column(path_options, sa.JSON()))


def upgrade_request(record: Any) -> Any:
    """The request of revision 0008, with filter and quotas as objects; unknown keys and values are kept."""
    request = rename_keys(record, REQUEST_KEYS)
    if isinstance(request, dict) and "filter" in request:
        request["filter"] = rename_keys(request["filter"], FILTER_KEYS)
    if isinstance(request, dict) and isinstance(request.get("quotas"), list):
        request["quotas"] = [parse_quota(quota) for quota in request["quotas"]]
    return request


def downgrade_request(record: Any) -> Any:
    request = rename_keys(record, invert(REQUEST_KEYS))
    if isinstance(request, dict) and "only" in request:
        request["only"] = rename_keys(request["only"], invert(FILTER_KEYS))
    if isinstance(request, dict) and isinstance(request.get("quotas"), list):
        request["quotas"] = [format_quota(quota) for quota in request["quotas"]]
    return request


def rename_keys(record: Any, keys: Mapping[str, str]) -> Any:
    return {keys.get(key, key): value for key, value in record.items()} if isinstance(record, dict) else record


def invert(keys: Mapping[str, str]) -> dict[str, str]:
    return {after: before for before, after in keys.items()}


def parse_quota(text: Any) -> Any:
    """The object for "jazz=30%" or "jazz=5"."""
    found = QUOTA.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or ("." in found[2] and not found[3]):
        return text
    share, count = (float(found[2]) / 100, None) if found[3] else (None, int(found[2]))
    return {"genre": found[1].strip(), "share": share, "count": count}


def format_quota(quota: Any) -> Any:
    if not isinstance(quota, dict) or "genre" not in quota:
        return quota
    share = quota.get("share")
    return f"{quota['genre']}={quota.get('count')}" if share is None else f"{quota['genre']}={100 * share:.10g}%"
