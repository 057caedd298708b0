"""Files with the tags by which other programs may refer to them. Each function uses the connection of its caller."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, select, type_coerce

from recsys.database.credit_tables import ALBUM_ARTIST, ARTIST, artist, file_artist
from recsys.database.tables import file, recording
from recsys.database.text_encoding import decode_text
from recsys.domain.arrays import in_chunks
from recsys.domain.catalogue import LibraryFile

_ROWS = 2000  # read at a time
_TEXTS = (file.c.path, file.c.title, file.c.artist, file.c.album_artist, file.c.album, file.c.musicbrainz_recording)

# Texts are decoded here: the types of the columns would do so value by value, and nearly all values are ASCII.
_FILES = (
    select(
        file.c.id,
        file.c.recording_id,
        recording.c.duration,
        file.c.missing_since.is_not(None),
        *(type_coerce(column, Text) for column in _TEXTS),
    )
    .join(recording, recording.c.id == file.c.recording_id)
    .order_by(file.c.id)
)
_CREDITS = (
    select(file_artist.c.file_id, file_artist.c.artist_id)
    .where(file_artist.c.role.in_([ARTIST, ALBUM_ARTIST]))
    .order_by(file_artist.c.file_id, file_artist.c.role.desc(), file_artist.c.position)
)  # the artists of a file come before its album artists


def iter_files(connection: Connection) -> Iterator[LibraryFile]:
    """Every file, also missing ones, by rising id."""
    names: dict[int, str] = {}
    with connection.execute(_FILES.execution_options(yield_per=_ROWS)) as rows:
        for page in rows.partitions():
            yield from _files(connection, page, file_artist.c.file_id.between(page[0][0], page[-1][0]), names)


def files_at(connection: Connection, paths: Iterable[str]) -> Iterator[LibraryFile]:
    """The files that are or were at some paths, those at one path by rising id."""
    for chunk in in_chunks(paths):
        rows = connection.execute(_FILES.where(file.c.path.in_(chunk))).all()
        yield from _files(connection, rows, file_artist.c.file_id.in_([row[0] for row in rows]), {})


def _files(
    connection: Connection, rows: Sequence[Any], of_files: ColumnElement[bool], names: dict[int, str]
) -> Iterator[LibraryFile]:
    """The files of some rows; ``names`` are those of the artists that have been read, each once."""
    credits = connection.execute(_CREDITS.where(of_files)).all()
    for ids in in_chunks({artist_id for _, artist_id in credits} - names.keys()):
        read = connection.execute(select(artist.c.id, artist.c.name).where(artist.c.id.in_(ids)))
        names.update((artist_id, name) for artist_id, name in read)
    artists: dict[int, tuple[str, ...]] = {}
    for file_id, artist_id in credits:
        if artist_id in names:  # else it is of a program that does not enforce foreign keys
            artists[file_id] = (*artists.get(file_id, ()), names[artist_id])
    for file_id, recording_id, duration, missing, path, *texts in rows:
        if not "".join([path, *filter(None, texts)]).isascii():
            path, *texts = [text and decode_text(text) for text in (path, *texts)]
        title, by, album_by, album, musicbrainz = texts
        yield LibraryFile(
            recording_id, path, title, by, album_by, album, duration, musicbrainz, bool(missing),
            artists.get(file_id, ()),
        )  # fmt: skip
