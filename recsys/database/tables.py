"""The tables of tracks and files. Migrations never import them; ``alembic check`` compares the two.

What belongs to a listener is in :mod:`recsys.database.listener_tables`.

Artists, albums and genres are in :mod:`recsys.database.credit_tables`.

A recording is one piece of encoded audio; a file is a path at which a recording is stored or, with ``missing_since``,
was stored. ``analysis`` and ``vector`` have one row per recording and feature version, so that a new version never
deletes an old one before it is complete. Times are UTC in ISO 8601; arrays are little-endian blobs.

Tables are typed, without the object layer: lists of 100,000 tracks need no object per row, and importing the layer
would add a tenth of a second to every query.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Named,
    Table,
    TypedColumns,
    UniqueConstraint,
    text,
)

from recsys.database.text_type import PathText

metadata = MetaData(
    naming_convention={  # every constraint has a name, so that a migration can refer to it
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def recording_reference(**options: Any) -> Column[int]:
    """A column that refers to a recording; its row is deleted with that."""
    return Column(Integer, ForeignKey("recording.id", ondelete="CASCADE"), nullable=False, **options)


class RecordingColumns(TypedColumns):
    """One piece of encoded audio, identified by ``audio_hash``. ``id`` is public and never reused (AUTOINCREMENT).

    ``bit_rate`` is in bits per second; ``bit_depth`` is null where samples are not stored as integers.
    """

    id: Named[int] = Column(primary_key=True)
    audio_hash: Named[str] = Column(PathText)
    duration: Named[float]
    sample_rate: Named[int]
    channels: Named[int]
    codec: Named[str] = Column(PathText)
    added_at: Named[str] = Column(PathText)
    bit_rate: Named[int | None]
    bit_depth: Named[int | None]


class FileColumns(TypedColumns):
    """A path of a recording, and the tags of the file there.

    A path has one present recording at a time; rows of recordings that were stored there before stay while these have
    no other path. ``is_primary`` is set on the one file per recording whose path and tags represent it; ``tag_count``
    is the number of its tags; ``search_text`` is its tags and path, folded (see :mod:`recsys.database.search`).

    ``artist``, ``album_artist`` and ``genre`` are the values of a tag as one text, to show, search and sort; what they
    name has rows of its own (:mod:`recsys.database.credit_tables`). ``title_key`` is what the titles of the files of
    one album have in common. ``tag_version`` is that of the reader of tags; an ingest reads older ones again.
    """

    id: Named[int] = Column(primary_key=True)
    path: Named[str] = Column(PathText)
    recording_id = recording_reference(index=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    missing_since: Named[str | None] = Column(PathText)
    is_primary: Named[bool]
    tag_count: Named[int]
    title: Named[str | None] = Column(PathText)
    artist: Named[str | None] = Column(PathText)
    album_artist: Named[str | None] = Column(PathText)
    album: Named[str | None] = Column(PathText)
    track_number: Named[int | None]
    year: Named[int | None]
    genre: Named[str | None] = Column(PathText)
    musicbrainz_recording: Named[str | None] = Column(PathText)
    musicbrainz_album: Named[str | None] = Column(PathText)
    musicbrainz_artist: Named[str | None] = Column(PathText)
    search_text: Named[str] = Column(PathText)
    track_total: Named[int | None]
    disc_number: Named[int | None]
    disc_total: Named[int | None]
    original_year: Named[int | None]
    compilation: Named[bool | None]
    isrc: Named[str | None] = Column(PathText)
    track_gain: Named[float | None]
    track_peak: Named[float | None]
    album_gain: Named[float | None]
    album_peak: Named[float | None]
    tag_version: Named[int] = Column(server_default=text("0"))
    title_key: Named[str | None] = Column(PathText, index=True)
    album_id: Named[int | None] = Column(Integer, ForeignKey("album.id"), index=True)


class SearchNameColumns(TypedColumns):
    """The names by which a track is looked up: each name of a file, folded and cut, so that a prefix is a range."""

    file_id: Named[int] = Column(Integer, ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    name: Named[str] = Column(PathText, primary_key=True, index=True)


class AnalysisColumns(TypedColumns):
    """The scalar results of an analysis; ``bpm`` is 0 without a pulse, ``tonic`` 0..11 from C.

    ``bpm_alternative`` is the second candidate of the tempo, with its probability (0..1), or null.
    ``valence`` and ``arousal`` (0..1, 0.5 is neutral) derive from the stored features; null until they are computed.
    """

    recording_id = recording_reference(primary_key=True)
    feature_version: Named[int] = Column(primary_key=True)
    bpm: Named[float]
    bpm_confidence: Named[float]
    pulse_clarity: Named[float]
    tonic: Named[int]
    mode: Named[str] = Column(PathText)
    key_confidence: Named[float]
    loudness: Named[float | None]
    bpm_alternative: Named[float | None]
    bpm_alternative_probability: Named[float | None]
    valence: Named[float | None]
    arousal: Named[float | None]


class VectorColumns(TypedColumns):
    """Arrays of an analysis: float32 (D,) ``normalised``, ``raw``; float16 (w, D) ``windows`` at ``starts``.

    ``revision`` is the value of the revision ``vector`` at the last change of the row. Separate from
    :class:`AnalysisColumns` because lists of tracks must not read the arrays. The columns that are read most come
    first: SQLite reads a long row from its beginning.
    """

    recording_id = recording_reference(primary_key=True)
    feature_version: Named[int] = Column(primary_key=True)
    revision: Named[int]
    normalised: Named[bytes]
    raw: Named[bytes]
    starts: Named[list[float]] = Column(JSON)
    windows: Named[bytes]


class PerformanceColumns(TypedColumns):
    """The group of recordings of one performance, ``group_id``, the smallest id in it when it was formed.

    ``seconds`` is the length of the music without silence, ``key`` float16 (k,) the key of
    :mod:`recsys.recommend.fingerprint`. Derived from the vectors at the revision ``performance``, by the rule with the
    number ``performance_rule``.
    """

    recording_id = recording_reference(primary_key=True)
    group_id: Named[int] = Column(index=True)
    seconds: Named[float]
    key: Named[bytes]


class AudioCheckColumns(TypedColumns):
    """Whether two recordings, the smaller id first, have the same audio; null where it has to be compared."""

    first_id = recording_reference(primary_key=True)
    second_id = recording_reference(primary_key=True, index=True)
    same: Named[bool | None]


class PredictionColumns(TypedColumns):
    """The predicted genre of a recording, its probability, the probabilities of all genres, and the model's name."""

    recording_id = recording_reference(primary_key=True)
    genre: Named[str] = Column(PathText)
    probability: Named[float]
    genres: Named[dict[str, float]] = Column(JSON)
    model: Named[str] = Column(PathText)


class FailureColumns(TypedColumns):
    """A file whose last ``attempts`` attempts failed, with its size and mtime at the last of them, ``failed_at``."""

    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    stage: Named[str] = Column(PathText)
    reason: Named[str] = Column(PathText)
    attempts: Named[int]
    failed_at: Named[str] = Column(PathText)


class IngestRootColumns(TypedColumns):
    """A folder that was ingested, as the user named it."""

    path: Named[str] = Column(PathText, primary_key=True)


class IngestClaimColumns(TypedColumns):
    """A file that an ingest processes at the moment (:mod:`recsys.database.claims`).

    ``owner`` identifies the ingest; the claim ends at ``expires_at``, in seconds since 1970 by the clock of the server.
    """

    path: Named[str] = Column(PathText, primary_key=True)
    owner: Named[str] = Column(PathText)
    expires_at: Named[float]


class TagEditColumns(TypedColumns):
    """A change of the tags of one file in one run: ``fields`` has the old and new values by field.

    ``state`` is "writing", "written", "undoing" or "undone". ``digest_before`` identifies the content of the file
    before the change, ``size`` its bytes; ``had_no_tags`` is set only by older programs. ``digest_after``
    identifies the content after the change, ``pending_digest`` the content that is about to replace the file; both are
    empty where there is none. ``undo_patch`` turns the content after the change into that before it, byte for byte; it
    is None for edits of older programs, and after the undo. ``copy_name`` is the name of the copy that is about to
    replace the file. There is no foreign key to the recording: removing a track must not remove the record of what was
    done to its file.
    """

    id: Named[int] = Column(primary_key=True)
    run: Named[int] = Column(index=True)
    started_at: Named[str] = Column(PathText)
    path: Named[str] = Column(PathText, index=True)
    audio_hash: Named[str] = Column(PathText)
    fields: Named[dict[str, Any]] = Column(JSON)
    had_no_tags: Named[bool]
    size: Named[int] = Column(BigInteger)
    digest_before: Named[str] = Column(PathText)
    digest_after: Named[str] = Column(PathText)
    pending_digest: Named[str] = Column(PathText)
    state: Named[str] = Column(PathText)
    undo_patch: Named[bytes | None]
    copy_name: Named[str | None] = Column(PathText)


class RevisionColumns(TypedColumns):
    """A number by name; ``vector`` counts the changes of stored vectors, and only grows."""

    name: Named[str] = Column(PathText, primary_key=True)
    value: Named[int]


# The constraint has the name of revision 0001, when the column was called payload: SQLite cannot rename a constraint.
recording = Table(
    "recording",
    metadata,
    RecordingColumns,
    UniqueConstraint("audio_hash", name="uq_recording_payload"),
    sqlite_autoincrement=True,
)
file = Table("file", metadata, FileColumns, UniqueConstraint("path", "recording_id"))
# The other files in a query. An alias makes all columns again, so there is one for all statements.
other_file = file.alias("other")
# Partial on PostgreSQL as well; declaring that here would load its dialect in every process.
Index("ix_file_missing", file.c.recording_id, sqlite_where=file.c.missing_since.is_not(None))
search_name = Table("search_name", metadata, SearchNameColumns, sqlite_with_rowid=False)
Index("ix_file_year", file.c.year, file.c.is_primary, file.c.recording_id)
analysis = Table("analysis", metadata, AnalysisColumns)
Index("ix_analysis_bpm", analysis.c.feature_version, analysis.c.bpm, analysis.c.recording_id)
vector = Table("vector", metadata, VectorColumns, Index(None, "feature_version", "revision"))
performance = Table("performance", metadata, PerformanceColumns)
audio_check = Table("audio_check", metadata, AudioCheckColumns)
prediction = Table("prediction", metadata, PredictionColumns)
Index("ix_prediction_genre", prediction.c.genre, prediction.c.recording_id)
failure = Table("failure", metadata, FailureColumns)
ingest_root = Table("ingest_root", metadata, IngestRootColumns)
ingest_claim = Table("ingest_claim", metadata, IngestClaimColumns)
tag_edit = Table("tag_edit", metadata, TagEditColumns, sqlite_autoincrement=True)
revision = Table("revision", metadata, RevisionColumns)
