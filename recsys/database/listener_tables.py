"""The tables of what belongs to a listener: likes, stars, plays, queue, saved playlists and their history.

:data:`LISTENER_TABLES` lists those that refer to a recording, for what concerns all of them.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from recsys.database.credit_tables import album, artist
from recsys.database.tables import metadata, recording, recording_reference
from recsys.database.text_type import PathText

DEFAULT_LISTENER_ID = 1
"""The listener that is used where none is named; the migrations create it, and it is never removed."""


def _reference(table: str, **options: Any) -> Column[int]:
    return Column(Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, **options)


def _listener_reference(**options: Any) -> Column[int]:
    return _reference("listener", **options)


class ListenerColumns(TypedColumns):
    """A person whose taste is stored. ``id`` is public and never reused; ``name_key`` is the name without case."""

    id: Named[int] = Column(primary_key=True)
    name: Named[str] = Column(PathText)
    name_key: Named[str] = Column(PathText)
    created_at: Named[str] = Column(PathText)


class LikeColumns(TypedColumns):
    """A like (+1) or dislike (-1) with its strength in (0, 1], its source and time.

    ``source`` is "manual" or the format that it was imported from; ``rated_at`` is the time of the rating, or of the
    last play where that was imported.
    """

    listener_id = _listener_reference(primary_key=True)
    value: Named[int]
    strength: Named[float]
    rated_at: Named[str] = Column(PathText)
    source: Named[str] = Column(PathText)


class StarsColumns(TypedColumns):
    """A rating of 1 to 5 stars, its source and time, as of a like."""

    listener_id = _listener_reference(primary_key=True)
    stars: Named[int]
    rated_at: Named[str] = Column(PathText)
    source: Named[str] = Column(PathText)


class TrackLikeColumns(LikeColumns):
    """A like or dislike of a recording."""

    recording_id = recording_reference(primary_key=True, index=True)


class TrackStarsColumns(StarsColumns):
    """The stars of a recording."""

    recording_id = recording_reference(primary_key=True, index=True)


class AlbumLikeColumns(LikeColumns):
    """A like or dislike of an album."""

    album_id = _reference("album", primary_key=True, index=True)


class AlbumStarsColumns(StarsColumns):
    """The stars of an album."""

    album_id = _reference("album", primary_key=True, index=True)


class ArtistLikeColumns(LikeColumns):
    """A like or dislike of an artist."""

    artist_id = _reference("artist", primary_key=True, index=True)


class ArtistStarsColumns(StarsColumns):
    """The stars of an artist."""

    artist_id = _reference("artist", primary_key=True, index=True)


class PlayCountColumns(TypedColumns):
    """How often a recording was played and skipped, and the time of the last play in milliseconds since 1970 (UTC).

    ``plays`` is at least the number of rows of ``play``: counts that other programs export have no times.
    """

    listener_id = _listener_reference(primary_key=True)
    recording_id = recording_reference(primary_key=True, index=True)
    plays: Named[int]
    skips: Named[int]
    last_played_ms: Named[int | None] = Column(BigInteger)


class PlayColumns(TypedColumns):
    """A play or a skip at a time, in milliseconds since 1970 (UTC); a recording has one at a time.

    ``source`` is "manual" for what a player reports, or the format that it was imported from.
    """

    listener_id = _listener_reference(primary_key=True)
    played_at_ms: Named[int] = Column(BigInteger, primary_key=True)
    recording_id = recording_reference(primary_key=True)
    skipped: Named[bool]
    source: Named[str] = Column(PathText)


class SavedPlaylistColumns(TypedColumns):
    """A playlist that is kept: with a request it can be refreshed, with ``output`` it is written to that file."""

    id: Named[int] = Column(primary_key=True)
    listener_id = _listener_reference()
    name: Named[str] = Column(PathText)
    request: Named[dict[str, Any] | None] = Column(JSON(none_as_null=True))
    output: Named[str | None] = Column(PathText)
    format: Named[str | None] = Column(PathText)
    path_options: Named[dict[str, Any]] = Column(JSON)
    saved_at: Named[str] = Column(PathText)
    changed_at: Named[str] = Column(PathText)


class SavedPlaylistTrackColumns(TypedColumns):
    """A track of a saved playlist: of the last time that it was made or changed. Positions have gaps."""

    playlist_id: Named[int] = Column(Integer, ForeignKey("saved_playlist.id", ondelete="CASCADE"), primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)
    recording_id = recording_reference(index=True)


class PlayQueueColumns(TypedColumns):
    """What a listener was playing last, and at which place of the queue and of the track; ``changed_by``: a player."""

    listener_id = _listener_reference(primary_key=True)
    track_ids: Named[list[int]] = Column(JSON)
    current_index: Named[int | None]
    position_ms: Named[int] = Column(BigInteger)
    changed_at: Named[str] = Column(PathText)
    changed_by: Named[str] = Column(PathText)


class PlaylistHistoryColumns(TypedColumns):
    """A playlist that was written."""

    id: Named[int] = Column(primary_key=True)
    listener_id = _listener_reference(index=True)
    name: Named[str] = Column(PathText)
    written_at: Named[str] = Column(PathText)


class PlaylistHistoryTrackColumns(TypedColumns):
    """A track of a playlist that was written."""

    history_id: Named[int] = Column(Integer, ForeignKey("playlist_history.id", ondelete="CASCADE"), primary_key=True)
    recording_id = recording_reference(primary_key=True, index=True)


listener = Table("listener", metadata, ListenerColumns, UniqueConstraint("name_key"), sqlite_autoincrement=True)
track_like = Table("track_like", metadata, TrackLikeColumns)
track_stars = Table("track_stars", metadata, TrackStarsColumns)
album_like = Table("album_like", metadata, AlbumLikeColumns)
album_stars = Table("album_stars", metadata, AlbumStarsColumns)
artist_like = Table("artist_like", metadata, ArtistLikeColumns)
artist_stars = Table("artist_stars", metadata, ArtistStarsColumns)
play_count = Table("play_count", metadata, PlayCountColumns)
play = Table("play", metadata, PlayColumns, sqlite_with_rowid=False)
Index("ix_play_recording_id", play.c.recording_id, play.c.listener_id)
saved_playlist = Table(
    "saved_playlist", metadata, SavedPlaylistColumns, UniqueConstraint("listener_id", "name"), sqlite_autoincrement=True
)
saved_playlist_track = Table("saved_playlist_track", metadata, SavedPlaylistTrackColumns)
play_queue = Table("play_queue", metadata, PlayQueueColumns)
playlist_history = Table("playlist_history", metadata, PlaylistHistoryColumns, sqlite_autoincrement=True)
playlist_history_track = Table("playlist_history_track", metadata, PlaylistHistoryTrackColumns)


class Rated(NamedTuple):
    """What is liked and has stars: its table, the tables of likes and stars, and their column with its id."""

    target: Table
    likes: Table
    stars: Table
    key: str

    @property
    def noun(self) -> str:
        """What it is called in messages."""
        return "track" if self.target is recording else self.target.name


TRACKS = Rated(recording, track_like, track_stars, "recording_id")
ALBUMS = Rated(album, album_like, album_stars, "album_id")
ARTISTS = Rated(artist, artist_like, artist_stars, "artist_id")

CREDITS = {"album": ALBUMS, "artist": ARTISTS}
"""By a :data:`recsys.domain.listeners.CreditKind`."""

RATING_TABLES: tuple[Any, ...] = (track_like, track_stars)
"""What a listener states of a recording, in one row each."""

LISTENER_TABLES: tuple[Any, ...] = (*RATING_TABLES, play_count, play)
"""Everything of a listener that refers to a recording, besides the history of playlists."""
