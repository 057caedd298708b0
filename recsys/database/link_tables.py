"""The tables of links to servers of music: the ids that a server gives to tracks, artists and playlists.

Passwords are not in the database.
"""

from sqlalchemy import Column, ForeignKey, Integer, Named, Table, TypedColumns, UniqueConstraint

from recsys.database.credit_tables import artist
from recsys.database.listener_tables import saved_playlist
from recsys.database.tables import metadata
from recsys.database.text_type import PathText


def _reference(table: Table, *, primary_key: bool = False, index: bool = False) -> Column[int]:
    key = ForeignKey(f"{table.name}.id", ondelete="CASCADE")
    return Column(Integer, key, nullable=False, primary_key=primary_key, index=index)


class LinkColumns(TypedColumns):
    """A server and the user of it.

    ``listener_id`` is whose likes and playlists are exchanged with it, null for the current one; ``read_at`` is when
    all of its tracks were read.
    """

    id: Named[int] = Column(primary_key=True)
    name: Named[str] = Column(PathText)
    name_key: Named[str] = Column(PathText)
    kind: Named[str] = Column(PathText)
    url: Named[str] = Column(PathText)
    user: Named[str | None] = Column(PathText)
    listener_id: Named[int | None] = Column(Integer, ForeignKey("listener.id", ondelete="CASCADE"))
    created_at: Named[str] = Column(PathText)
    read_at: Named[str | None] = Column(PathText)


class LinkTrackColumns(TypedColumns):
    """A track of a server as it describes it, its recording, and how that was found; both are null if it was not."""

    link_id: Named[int] = Column(Integer, ForeignKey("link.id", ondelete="CASCADE"), primary_key=True)
    foreign_id: Named[str] = Column(PathText, primary_key=True)
    recording_id: Named[int | None] = Column(Integer, ForeignKey("recording.id", ondelete="SET NULL"), index=True)
    method: Named[str | None] = Column(PathText)
    artist: Named[str | None] = Column(PathText)
    title: Named[str | None] = Column(PathText)
    album: Named[str | None] = Column(PathText)
    path: Named[str | None] = Column(PathText)
    duration: Named[float | None]


class LinkArtistColumns(TypedColumns):
    """An artist of a server and of the library."""

    link_id: Named[int] = Column(Integer, ForeignKey("link.id", ondelete="CASCADE"), primary_key=True)
    foreign_id: Named[str] = Column(PathText, primary_key=True)
    artist_id = _reference(artist, index=True)


class LinkPlaylistColumns(TypedColumns):
    """The playlist of a server that has the tracks of a saved one."""

    link_id: Named[int] = Column(Integer, ForeignKey("link.id", ondelete="CASCADE"), primary_key=True)
    playlist_id = _reference(saved_playlist, primary_key=True, index=True)
    foreign_id: Named[str] = Column(PathText)


link = Table("link", metadata, LinkColumns, UniqueConstraint("name_key"), sqlite_autoincrement=True)
link_track = Table("link_track", metadata, LinkTrackColumns)
link_artist = Table("link_artist", metadata, LinkArtistColumns)
link_playlist = Table("link_playlist", metadata, LinkPlaylistColumns)
