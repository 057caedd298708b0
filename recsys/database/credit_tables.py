"""The tables of artists, albums and genres, and of the files that name them.

They derive from the tags and paths of files. ``key`` is what all spellings of a name have in common. Ids are public and
never reused (AUTOINCREMENT); a row without files stays, so that it has its id again when a file names it again.
"""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, Text, TypedColumns, UniqueConstraint

from recsys.database.tables import metadata
from recsys.database.text_type import PathText

ARTIST, ALBUM_ARTIST, COMPOSER = "artist", "album_artist", "composer"
"""What an artist is in a file."""


def _reference(table: str, **options: Any) -> Column[int]:
    return Column(Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, **options)


class ArtistColumns(TypedColumns):
    """An artist; ``name`` is the most frequent spelling. "Various Artists" and the like have no row."""

    id: Named[int] = Column(primary_key=True)
    key: Named[str] = Column(PathText)
    name: Named[str] = Column(PathText)


class AlbumColumns(TypedColumns):
    """An album with all its discs, see :mod:`recsys.metadata.albums`.

    ``title_key`` is the title by which it is found; ``various``: it is by various artists; ``release`` is its
    MusicBrainz release.
    """

    id: Named[int] = Column(primary_key=True)
    key: Named[str] = Column(PathText)
    title: Named[str] = Column(PathText)
    title_key: Named[str] = Column(PathText, index=True)
    various: Named[bool]
    year: Named[int | None]
    release: Named[str | None] = Column(PathText, index=True)


class AlbumArtistColumns(TypedColumns):
    """An artist of an album: of its album artist tags, else an artist of most of its files."""

    album_id = _reference("album", primary_key=True)
    position: Named[int] = Column(primary_key=True)
    artist_id = _reference("artist", index=True)


class GenreColumns(TypedColumns):
    """A genre that tags name; ``name`` is the most frequent spelling."""

    id: Named[int] = Column(primary_key=True)
    key: Named[str] = Column(PathText)
    name: Named[str] = Column(PathText)


class FileArtistColumns(TypedColumns):
    """An artist, album artist or composer (``role``) of a file, in the order of the tag; ``name`` as it is spelled."""

    file_id = _reference("file", primary_key=True)
    role: Named[str] = Column(Text, primary_key=True)
    position: Named[int] = Column(primary_key=True)
    artist_id = _reference("artist")
    name: Named[str] = Column(PathText)


class FileGenreColumns(TypedColumns):
    """A genre of a file, in the order of the tag; ``name`` as it is spelled there."""

    file_id = _reference("file", primary_key=True)
    position: Named[int] = Column(primary_key=True)
    genre_id = _reference("genre")
    name: Named[str] = Column(PathText)


class UnlinkedTitleColumns(TypedColumns):
    """The title of albums of which files were stored, but not yet assigned to their albums."""

    title_key: Named[str] = Column(PathText, primary_key=True)


artist = Table("artist", metadata, ArtistColumns, UniqueConstraint("key"), sqlite_autoincrement=True)
album = Table("album", metadata, AlbumColumns, UniqueConstraint("key"), sqlite_autoincrement=True)
album_artist = Table("album_artist", metadata, AlbumArtistColumns)
genre = Table("genre", metadata, GenreColumns, UniqueConstraint("key"), sqlite_autoincrement=True)
file_artist = Table("file_artist", metadata, FileArtistColumns, sqlite_with_rowid=False)
Index(None, file_artist.c.artist_id, file_artist.c.role, file_artist.c.file_id)
file_genre = Table("file_genre", metadata, FileGenreColumns, sqlite_with_rowid=False)
Index(None, file_genre.c.genre_id, file_genre.c.file_id)
unlinked_title = Table("unlinked_title", metadata, UnlinkedTitleColumns, sqlite_with_rowid=False)
