"""The tables of the catalogue, as they are today. Migrations never import them; ``alembic check`` compares.

A recording is a sound, a file a place where it lies or, with ``missing_since``, lay. What listening yields
stands in ``analysis`` and ``vector``, one row for each feature version, so that a new version never destroys
an old one before it is complete. Times are UTC in ISO 8601; arrays are little-endian blobs.

These are typed tables without the object layer: rows of 100,000 tracks need no objects of their own, and the
layer would cost every question a tenth of a second before it begins.
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
    naming_convention={  # every constraint has a name, so that a migration can find it again
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _recording_id(**options: Any) -> Column[int]:
    return Column(Integer, ForeignKey("recording.id", ondelete="CASCADE"), nullable=False, **options)


class RecordingColumns(TypedColumns):
    """A sound. ``id`` is public and never given to another (hence AUTOINCREMENT)."""

    id: Named[int] = Column(primary_key=True)
    payload: Named[str] = Column(PathText, unique=True)
    duration: Named[float]
    sample_rate: Named[int]
    channels: Named[int]
    codec: Named[str] = Column(PathText)
    added_at: Named[str] = Column(PathText)


class FileColumns(TypedColumns):
    """A place of a recording, and what the file there says of itself.

    A path holds one recording at a time, but remembers those that lay there before and lie nowhere now.
    ``shown`` is set on the one file of a recording that speaks for it; ``tagged`` counts its tags; ``search``
    is what they and the path read like (see :mod:`recsys.database.search`).
    """

    id: Named[int] = Column(primary_key=True)
    path: Named[str] = Column(PathText)
    recording_id = _recording_id(index=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    missing_since: Named[str | None] = Column(PathText)
    shown: Named[bool]
    tagged: Named[int]
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
    search: Named[str] = Column(PathText)


class NameColumns(TypedColumns):
    """What a track may be called by: each name of a file, folded and cut, so that its beginning is a range."""

    file_id: Named[int] = Column(Integer, ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    name: Named[str] = Column(PathText, primary_key=True, index=True)


class AnalysisColumns(TypedColumns):
    """What lists show of an analysis; ``bpm`` is 0 without a pulse, ``tonic`` 0..11 from C.

    ``bpm_alternative`` is the second candidate of the tempo, null where there is none, with its probability (0..1).
    ``valence`` and ``arousal`` (0..1, 0.5 is neutral) derive from the stored features; null until they are computed.
    """

    recording_id = _recording_id(primary_key=True)
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

    Apart from :class:`AnalysisColumns` because a list of tracks must not read them. What is asked for most
    stands first: SQLite reads a long row from its beginning.
    """

    recording_id = _recording_id(primary_key=True)
    feature_version: Named[int] = Column(primary_key=True)
    generation: Named[int]
    normalised: Named[bytes]
    raw: Named[bytes]
    starts: Named[list[float]] = Column(JSON)
    windows: Named[bytes]


class PredictionColumns(TypedColumns):
    """The genre of a recording, its probability, and those of all genres, by the model of that name."""

    recording_id = _recording_id(primary_key=True)
    genre: Named[str] = Column(PathText)
    probability: Named[float]
    genres: Named[dict[str, float]] = Column(JSON)
    model: Named[str] = Column(PathText)


class RatingColumns(TypedColumns):
    """A like (+1) or a dislike (-1), how strong (0, 1] it is, how often the track was played and who says so.

    ``source`` is "hand" or the format it was taken from; ``at`` is when it was said, or the track last played.
    """

    recording_id = _recording_id(primary_key=True)
    value: Named[int]
    at: Named[str] = Column(PathText)
    strength: Named[float] = Column(server_default=text("1.0"))
    plays: Named[int] = Column(server_default=text("0"))
    source: Named[str] = Column(PathText, server_default=text("'hand'"))


class FailureColumns(TypedColumns):
    """A file whose last ``attempts`` attempts failed, as it stood at the last of them."""

    path: Named[str] = Column(PathText, primary_key=True)
    size: Named[int] = Column(BigInteger)
    mtime_ns: Named[int] = Column(BigInteger)
    stage: Named[str] = Column(PathText)
    reason: Named[str] = Column(PathText)
    attempts: Named[int]
    at: Named[str] = Column(PathText)


class RootColumns(TypedColumns):
    """A folder that was ingested, as its owner named it."""

    path: Named[str] = Column(PathText, primary_key=True)


class RetagColumns(TypedColumns):
    """What was written into the tags of a file: by field what stood there and what was put there instead.

    ``state`` is "writing", "written", "undoing" or "undone". ``before`` names the content of the file as it was, of
    ``size`` bytes and ``bare`` if it had no tags at all; ``digest`` as it was left; ``pending`` what is about to take
    its place; empty where there is none. No key leads to the recording: a track may be forgotten, what
    was done to a file must not.
    """

    id: Named[int] = Column(primary_key=True)
    run: Named[int] = Column(index=True)
    at: Named[str] = Column(PathText)
    path: Named[str] = Column(PathText, index=True)
    payload: Named[str] = Column(PathText)
    fields: Named[dict[str, Any]] = Column(JSON)
    bare: Named[bool]
    size: Named[int] = Column(BigInteger)
    before: Named[str] = Column(PathText)
    digest: Named[str] = Column(PathText)
    pending: Named[str] = Column(PathText)
    state: Named[str] = Column(PathText)


class RecipeColumns(TypedColumns):
    """A playlist that is renewed: ``wishes`` and ``places`` as plain values, ``output`` the file it is written to."""

    name: Named[str] = Column(PathText, primary_key=True)
    wishes: Named[dict[str, Any]] = Column(JSON)
    output: Named[str] = Column(PathText)
    format: Named[str] = Column(PathText)
    places: Named[dict[str, Any]] = Column(JSON)
    saved_at: Named[str] = Column(PathText)


class ListingColumns(TypedColumns):
    """A playlist that was written."""

    id: Named[int] = Column(primary_key=True)
    name: Named[str] = Column(PathText)
    at: Named[str] = Column(PathText)


class ListedColumns(TypedColumns):
    """A track of a playlist that was written."""

    listing_id: Named[int] = Column(Integer, ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    recording_id = _recording_id(primary_key=True, index=True)


class CounterColumns(TypedColumns):
    """A number that only grows; ``generation`` counts the changes of stored vectors."""

    name: Named[str] = Column(PathText, primary_key=True)
    value: Named[int]


recording = Table("recording", metadata, RecordingColumns, sqlite_autoincrement=True)
file = Table("file", metadata, FileColumns, UniqueConstraint("path", "recording_id"))
# On PostgreSQL it is partial too; to say so here would load that dialect for every question.
Index("ix_file_missing", file.c.recording_id, sqlite_where=file.c.missing_since.is_not(None))
name = Table("name", metadata, NameColumns, sqlite_with_rowid=False)
Index("ix_file_year", file.c.year, file.c.shown, file.c.recording_id)
analysis = Table("analysis", metadata, AnalysisColumns)
Index("ix_analysis_bpm", analysis.c.feature_version, analysis.c.bpm, analysis.c.recording_id)
vector = Table("vector", metadata, VectorColumns, Index(None, "feature_version", "generation"))
prediction = Table("prediction", metadata, PredictionColumns)
Index("ix_prediction_genre", prediction.c.genre, prediction.c.recording_id)
rating = Table("rating", metadata, RatingColumns)
failure = Table("failure", metadata, FailureColumns)
root = Table("root", metadata, RootColumns)
retag = Table("retag", metadata, RetagColumns, sqlite_autoincrement=True)
recipe = Table("recipe", metadata, RecipeColumns)
listing = Table("listing", metadata, ListingColumns, sqlite_autoincrement=True)
listed = Table("listed", metadata, ListedColumns)
counter = Table("counter", metadata, CounterColumns)
