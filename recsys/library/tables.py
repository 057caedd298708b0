"""The tables of the catalogue, as they are today. Migrations never import them; ``alembic check`` compares.

A recording is a sound, a file a place where it lies or, with ``missing_since``, lay. What listening yields
stands in ``analysis`` and ``vector``, one row for each feature version, so that a new version never destroys
an old one before it is complete. Times are UTC in ISO 8601; arrays are little-endian blobs.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from recsys.library.text import LibraryText


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can find it again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: LibraryText,
        int: Integer,
        float: Double,
        bytes: LargeBinary,
        dict[str, float]: JSON,
        list[float]: JSON,
    }


def _recording_key(**options: Any) -> Any:
    return mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), **options)


class Recording(Base):
    """A sound. ``id`` is public and never given to another (hence AUTOINCREMENT)."""

    __tablename__ = "recording"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[str] = mapped_column(unique=True)
    duration: Mapped[float]
    sample_rate: Mapped[int]
    channels: Mapped[int]
    codec: Mapped[str]
    added_at: Mapped[str]


class File(Base):
    """A place of a recording, and what the file there says of itself.

    A path holds one recording at a time, but remembers those that lay there before and lie nowhere now.
    ``shown`` is set on the one file of a recording that speaks for it; ``tagged`` counts its tags; ``search``
    is what they and the path read like (see :mod:`recsys.library.search`).
    """

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("path", "recording_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    recording_id: Mapped[int] = _recording_key(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    missing_since: Mapped[str | None]
    shown: Mapped[bool] = mapped_column(default=False)
    tagged: Mapped[int]
    title: Mapped[str | None]
    artist: Mapped[str | None]
    album_artist: Mapped[str | None]
    album: Mapped[str | None]
    track_number: Mapped[int | None]
    year: Mapped[int | None]
    genre: Mapped[str | None]
    musicbrainz_recording: Mapped[str | None]
    musicbrainz_album: Mapped[str | None]
    musicbrainz_artist: Mapped[str | None]
    search: Mapped[str]


class Analysis(Base):
    """What lists show of an analysis; ``bpm`` is 0 without a pulse, ``tonic`` 0..11 from C."""

    __tablename__ = "analysis"

    recording_id: Mapped[int] = _recording_key(primary_key=True)
    feature_version: Mapped[int] = mapped_column(primary_key=True)
    bpm: Mapped[float]
    bpm_confidence: Mapped[float]
    pulse_clarity: Mapped[float]
    tonic: Mapped[int]
    mode: Mapped[str]
    key_confidence: Mapped[float]
    loudness: Mapped[float | None]


class Vector(Base):
    """Arrays of an analysis: float32 (D,) ``normalised``, ``raw``; float16 (w, D) ``windows`` at ``starts``.

    Apart from :class:`Analysis` because a list of tracks must not read them. What is asked for most stands
    first: SQLite reads a long row from its beginning.
    """

    __tablename__ = "vector"
    __table_args__ = (Index(None, "feature_version", "generation"),)

    recording_id: Mapped[int] = _recording_key(primary_key=True)
    feature_version: Mapped[int] = mapped_column(primary_key=True)
    generation: Mapped[int]
    normalised: Mapped[bytes]
    raw: Mapped[bytes]
    starts: Mapped[list[float]]
    windows: Mapped[bytes]


class Prediction(Base):
    """The genre of a recording, its probability, and those of all genres, by the model of that name."""

    __tablename__ = "prediction"

    recording_id: Mapped[int] = _recording_key(primary_key=True)
    genre: Mapped[str]
    probability: Mapped[float]
    genres: Mapped[dict[str, float]]
    model: Mapped[str]


class Rating(Base):
    """A like (+1) or a dislike (-1)."""

    __tablename__ = "rating"

    recording_id: Mapped[int] = _recording_key(primary_key=True)
    value: Mapped[int]
    at: Mapped[str]


class Failed(Base):
    """A file whose last ``attempts`` attempts failed, as it stood at the last of them."""

    __tablename__ = "failure"

    path: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    stage: Mapped[str]
    reason: Mapped[str]
    attempts: Mapped[int]
    at: Mapped[str]


class Counter(Base):
    """A number that only grows; ``generation`` counts the changes of stored vectors."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def _table(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


# Statements are written against the tables: rows of 100,000 tracks need no objects of their own.
recording = _table(Recording)
file = _table(File)
analysis = _table(Analysis)
vector = _table(Vector)
prediction = _table(Prediction)
rating = _table(Rating)
failure = _table(Failed)
counter = _table(Counter)
