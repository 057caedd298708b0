"""Read tables: CSV with a header, and JSON arrays of objects, as beets, Navidrome and many others write them.

The columns (:mod:`recsys.importers.columns`) decide what a row means:

* With a column of ratings, hearts or plays, these values count.
* With a time in each row, and a track in two rows, the table is a listening history: each row is a play.
* Otherwise each row is a like, as in a playlist.

``beet export``: https://beets.readthedocs.io/en/stable/plugins/export.html; the JSON of Navidrome's native API:
https://github.com/navidrome/navidrome/blob/master/model/mediafile.go. Exportify (https://exportify.net), TuneMyMusic,
Soundiiz and Google Takeout write CSV; iTunes and Rekordbox export playlists as tables with tabs, in UTF-16. TuneMyMusic
has the playlist of each row in a column, and in another whether the row is a track, an album or an artist.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from recsys.errors import InvalidRequest, NotFound
from recsys.importers.columns import Columns, Row, has_track_columns, with_stars
from recsys.importers.entries import ExternalGroup, ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.source import ImportSource

_DELIMITERS = ",;\t|"
_DELIMITER_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # the first line of some tables, for Excel
_SAMPLE_ROWS = 50  # rows whose keys detect the format
_N_LISTED = 20  # playlists that an error lists
_ANY_LINE = re.compile(r"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]++")


def is_csv(source: ImportSource) -> bool:
    """Whether the first line is a header with columns that name tracks."""
    return source.file_type == "text" and has_track_columns(header(source))


def is_rows(source: ImportSource) -> bool:
    """Whether the file is a JSON array of objects with keys that name tracks."""
    return has_track_columns(name for row in json_rows(source)[:_SAMPLE_ROWS] for name in row)


def read_csv(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """The rows of a table with a header, or those of one playlist."""
    return read_rows("csv", source, header(source), csv_rows(source), playlist=playlist)


def read_json(source: ImportSource) -> ImportedFile:
    """The objects of an array, or the tracks of a playlist that recsys wrote."""
    rows = json_rows(source)
    return read_rows("json", source, names_of(rows), source.budget.rows(rows))


def json_rows(source: ImportSource) -> list[Row]:
    """The objects of an array, or of the array under "tracks"; [] for other JSON."""
    data = source.json if source.file_type == "json" else None
    data = data.get("tracks") if isinstance(data, dict) else data
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def names_of(rows: Iterable[Row]) -> list[str]:
    """The keys of all rows."""
    return list(dict.fromkeys(name for row in rows for name in row))


def is_beets(source: ImportSource) -> bool:
    """Whether the table has the column "mb_trackid", a name that only beets uses."""
    if source.file_type == "text":
        return "mb_trackid" in header(source)
    return any("mb_trackid" in row for row in json_rows(source)[:_SAMPLE_ROWS])


def read_beets(source: ImportSource) -> ImportedFile:
    """``beet export`` as CSV or JSON: ratings and plays of a library."""
    if source.file_type == "text":
        return read_rows("beets", source, header(source), csv_rows(source), library=True)
    rows = json_rows(source)
    return read_rows("beets", source, names_of(rows), source.budget.rows(rows), library=True)


def is_navidrome(source: ImportSource) -> bool:
    """Whether the file is a list of songs from Navidrome's native API."""
    return any({"libraryId", "mbzReleaseTrackId", "starredAt"} & set(row) for row in json_rows(source)[:_SAMPLE_ROWS])


def read_navidrome(source: ImportSource) -> ImportedFile:
    """Stars, ratings and plays of a list of songs from Navidrome's native API."""
    rows = json_rows(source)
    return read_rows("navidrome", source, names_of(rows), source.budget.rows(rows), library=True, scale=5.0)


def header(source: ImportSource) -> list[str]:
    """The fields of the first line of a CSV file."""
    return _split_line(source.first_lines)[0]


def _split_line(lines: Sequence[str]) -> tuple[list[str], str, int]:
    """The fields of the header in the first lines of a file, their delimiter, and how many lines are above it."""
    marked = _DELIMITER_LINE.fullmatch(lines[0]) if lines else None
    above = 1 if marked else 0
    line = lines[above] if len(lines) > above else ""
    delimiter = marked[1] if marked else detect_delimiter(line)
    try:
        return next(csv.reader([line], delimiter=delimiter), []), delimiter, above
    except (csv.Error, ValueError, TypeError):  # a delimiter that cannot be one
        return [], ",", above


def detect_delimiter(line: str) -> str:
    """The most frequent delimiter outside of quotes.

    >>> detect_delimiter('artist;title;"a, b, c"')
    ';'
    """
    unquoted = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=unquoted.count)


def csv_rows(source: ImportSource, names: Sequence[str] | None = None) -> Iterator[Row]:
    """Rows as dictionaries, with the header as keys, or ``names`` if the file has no header.

    Raises
    ------
    InvalidRequest
        The file is not valid CSV.
    """
    columns, delimiter, above = _split_line(source.first_lines)
    lines = (found[0] for found in _ANY_LINE.finditer(source.text.lstrip("\r\n")))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for _ in range(above + (names is None)):
            next(reader, None)
        for row in source.budget.rows(reader):
            if row:
                yield dict(zip(names or columns, row, strict=False))
    except csv.Error as error:
        raise source.corrupt_error(f"line {reader.line_num}: {error}") from error


def read_rows(
    format: str,
    source: ImportSource,
    names: Iterable[str],
    rows: Iterable[Row],
    *,
    history: bool = False,
    library: bool = False,
    scale: float | None = None,
    playlist: str | None = None,
) -> ImportedFile:
    """The tracks of a table.

    Parameters
    ----------
    format
        The name of the format.
    source
        The file.
    names
        The names of all columns.
    rows
        The rows, as dictionaries by column name.
    history
        Whether every row is a play, even if no track occurs twice.
    library
        Whether the table is a library, in which a row without a rating is not a like.
    scale
        The rating of five stars; None derives it from each column.
    playlist
        The name of a playlist, whose rows are read; None reads all.
    """
    columns = Columns(names, library=library, scale=scale, computed=format == "beets")
    table = _Table(columns, playlist)
    tracks = table.tracks(rows)
    if columns.is_rated:
        rated = table.rated(list(tracks))
        made = make_imported_file(format, source.path.parent, rated)
    else:
        made = _played_or_listed(format, source, table, tracks, history=history)
    if playlist is not None and playlist not in table.playlists:
        if not table.playlists:
            raise InvalidRequest(
                f"cannot be used with {source.path}, a {format} file without named playlists", field="playlist"
            )
        listed = ", ".join(list(table.playlists)[:_N_LISTED])
        raise NotFound(f"{source.path} has no playlist named {playlist!r}; choose one of: {listed}")
    return replace(made, playlists=tuple(table.playlists), groups=tuple(table.groups))


def _played_or_listed(
    format: str, source: ImportSource, table: "_Table", tracks: Iterable[ExternalTrack], *, history: bool
) -> ImportedFile:
    """A listening history, if the rows have times and a track occurs twice; otherwise a list of likes."""
    tracks, first = iter(tracks), []
    for track in tracks:
        first.append(track)
        if table.n_timed or history:
            break
    else:
        return make_imported_file(format, source.path.parent, first, is_playlist=not history)
    played = aggregate_plays(replace(track, plays=1) for track in chain(first, tracks) if track.has_name)
    n_plays = sum(track.plays for track in played)
    made = make_imported_file(format, source.path.parent, played)
    unidentified = table.n_tracks - n_plays
    if history or len(played) < n_plays:
        return replace(made, unidentified=unidentified)
    listed = tuple(replace(track, plays=0, played_at=()) for track in made.tracks)
    return replace(made, tracks=listed, is_playlist=True, unidentified=unidentified)


class _Table:
    """What is found while the rows of a table are read."""

    def __init__(self, columns: Columns, playlist: str | None) -> None:
        self.columns = columns
        self.playlists: dict[str, None] = {}
        self.groups: list[ExternalGroup] = []
        self.n_tracks = self.n_timed = 0
        self._playlist = playlist
        self._has_playlists = "playlist" in columns.fields.values()
        self._ratings: dict[int, list[tuple[str, float]]] = {}

    def tracks(self, rows: Iterable[Row]) -> Iterator[ExternalTrack]:
        """The track of each row, without its stars; a row may be an album or an artist instead."""
        for row in rows:
            if self._has_playlists and not self._is_wanted(row):
                continue
            if ratings := self.columns.ratings(row):
                self._ratings[self.n_tracks] = ratings
            self.n_tracks += 1
            track = self.columns.track(row)
            self.n_timed += track.last_played is not None and self.columns.is_listen(row)
            yield track

    def _is_wanted(self, row: Row) -> bool:
        """Whether a row is a track of the wanted playlist; one that is an album or an artist is noted."""
        name = self.columns.text(row, "playlist")
        kind = (self.columns.text(row, "type") or "").casefold()
        if kind in ("artist", "album"):
            title, artist = self.columns.text(row, "title"), self.columns.text(row, "artist")
            if kind == "artist" and (title or artist):
                self.groups.append(ExternalGroup(artist or title or ""))
            elif artist and title:
                self.groups.append(ExternalGroup(artist, title))
            return False
        if name:
            self.playlists[name] = None
        return self._playlist is None or name == self._playlist

    def rated(self, tracks: list[ExternalTrack]) -> list[ExternalTrack]:
        """The tracks with their stars, or with hearts where ratings are likes and dislikes."""
        values: dict[str, set[float]] = defaultdict(set)
        for ratings in self._ratings.values():
            for name, value in ratings:
                values[name].add(value)
        scales = self.columns.scales(values)
        for number, ratings in self._ratings.items():
            changes: dict[str, Any] = with_stars(tracks[number], ratings, scales)
            tracks[number] = replace(tracks[number], **changes)
        return tracks
