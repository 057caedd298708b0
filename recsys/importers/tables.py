"""Read tables: CSV with a header, and JSON arrays of objects, as beets, Navidrome and many others write them.

Column names are compared without case, spaces and punctuation: "Track Name", "track_name" and "trackName" are equal.
The columns decide what a row means:

* With a column of ratings, hearts or plays, these values count.
* With a time in each row, and a track in two rows, the table is a listening history: each row is a play.
* Otherwise each row is a like, as in a playlist.

``beet export``: https://beets.readthedocs.io/en/stable/plugins/export.html; the JSON of Navidrome's native API:
https://github.com/navidrome/navidrome/blob/master/model/mediafile.go.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any, TypeVar

from recsys.importers.entries import ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_loved,
    parse_number,
    parse_path,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource

Row = Mapping[str, Any]
T = TypeVar("T")

_COLUMNS = {
    "path": "path file filename filepath location uri",
    "recording": "mbid recordingmbid mbtrackid trackmbid musicbrainztrackid musicbrainzrecording "
    "musicbrainzrecordingid musicbrainzid mbzrecordingid mbrecordingid",
    "artist": "artist artistname artistnames artists creator trackartist performer",
    "title": "title track trackname name song songname songtitle tracktitle",
    "album": "album albumname albumtitle release releasename",
    "seconds": "duration length totaltime",
    "milliseconds": "durationms trackdurationms lengthms totaltimems",
    "stars": "rating stars userrating myrating starrating itunesrating amarokrating",
    "loved": "loved love starred favorite favourite favorited favourited liked heart score feedback",
    "hated": "hated disliked banned",
    "plays": "plays playcount playscount playedcount timesplayed scrobbles listens lastfmplaycount itunesplaycount "
    "amarokplaycount",
    "rated_at": "lovedat starredat likedat ratedat at",
    "last_played": "lastplayed playdate played ituneslastplayed amaroklastplayed",
    "added_at": "added addedat dateadded created createdat",
    "listened_at": "uts utctime listenedat playedat scrobbledat timestamp ts date datetime time",
}
_FIELDS = {name: field for field, names in _COLUMNS.items() for name in names.split()}
_RATING_FIELDS = {"stars", "loved", "hated", "plays"}
_SCALES = {"itunesrating": 100.0, "amarokrating": 10.0, "userrating": 5.0}  # the rating of five stars
_MPDSTATS_COLUMNS = {"skipcount", "lastplayed", "playcount"}  # the plugin of beets computes a rating of 0..1 from these
_DELIMITERS = ",;\t|"
_MILLI = 0.001
_SAMPLE_ROWS = 50  # rows whose keys detect the format


def is_csv(source: ImportSource) -> bool:
    """Whether the first line is a header with columns that name tracks."""
    return source.file_type == "text" and has_track_columns(header(source))


def is_rows(source: ImportSource) -> bool:
    """Whether the file is a JSON array of objects with keys that name tracks."""
    return has_track_columns(name for row in json_rows(source)[:_SAMPLE_ROWS] for name in row)


def read_csv(source: ImportSource) -> ImportedFile:
    """The rows of a table with a header."""
    return read_rows("csv", source, list(csv_rows(source)))


def read_json(source: ImportSource) -> ImportedFile:
    """The objects of an array, or the tracks of a playlist that recsys wrote."""
    return read_rows("json", source, json_rows(source))


def json_rows(source: ImportSource) -> list[Row]:
    """The objects of an array, or of the array under "tracks"; [] for other JSON."""
    data = source.json if source.file_type == "json" else None
    data = data.get("tracks") if isinstance(data, dict) else data
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def is_beets(source: ImportSource) -> bool:
    """Whether the table has the column "mb_trackid", a name that only beets uses."""
    if source.file_type == "text":
        return "mb_trackid" in header(source)
    return any("mb_trackid" in row for row in json_rows(source)[:_SAMPLE_ROWS])


def read_beets(source: ImportSource) -> ImportedFile:
    """``beet export`` as CSV or JSON: ratings and plays of a library."""
    rows = list(csv_rows(source)) if source.file_type == "text" else json_rows(source)
    return read_rows("beets", source, rows, library=True)


def is_navidrome(source: ImportSource) -> bool:
    """Whether the file is a list of songs from Navidrome's native API."""
    return any({"libraryId", "mbzReleaseTrackId", "starredAt"} & set(row) for row in json_rows(source)[:_SAMPLE_ROWS])


def read_navidrome(source: ImportSource) -> ImportedFile:
    """Stars, ratings and plays of a list of songs from Navidrome's native API."""
    return read_rows("navidrome", source, json_rows(source), library=True, scale=5.0)


def header(source: ImportSource) -> list[str]:
    """The fields of the first line of a CSV file."""
    first = source.text.lstrip("\n\r").partition("\n")[0]
    try:
        return next(csv.reader([first.rstrip("\r")], delimiter=detect_delimiter(first)), [])
    except csv.Error:
        return []


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
    text = source.text.lstrip("\n\r")
    first = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text, newline=""), names, delimiter=detect_delimiter(first), strict=True)
    try:
        for row in reader:
            yield {name: value for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise source.corrupt_error(f"line {reader.reader.line_num}: {error}") from error


def has_track_columns(columns: Iterable[str]) -> bool:
    """Whether a track can be matched by these columns: path, MusicBrainz id, or artist and title."""
    fields = {column_field(column) for column in columns}
    return bool({"path", "recording"} & fields) or {"artist", "title"} <= fields


def column_field(column: str) -> str | None:
    """The field that a column name stands for; None for an unknown column.

    >>> column_field("Track Name"), column_field("bitrate")
    ('title', None)
    """
    return _FIELDS.get(_compact(column))


def _compact(column: str) -> str:
    return re.sub(r"[\W_]+", "", column.partition("#")[0]).casefold()


def read_rows(
    format: str,
    source: ImportSource,
    rows: Sequence[Row],
    *,
    history: bool = False,
    library: bool = False,
    scale: float | None = None,
) -> ImportedFile:
    """The tracks of a table.

    Parameters
    ----------
    format
        The name of the format.
    source
        The file.
    rows
        The rows, as dictionaries by column name.
    history
        Whether every row is a play, even if no track occurs twice.
    library
        Whether the table is a library, in which a row without a rating is not a like.
    scale
        The rating of five stars; None derives it from each column.
    """
    columns = {name: field for row in rows for name in row if (field := column_field(name))}
    rated = library or bool(_RATING_FIELDS & set(columns.values()))
    computed = format == "beets" and any(_compact(name) in _MPDSTATS_COLUMNS for row in rows for name in row)
    scales = {
        name: scale or _rating_scale(name, rows, computed=computed)
        for name, field in columns.items()
        if field == "stars"
    }
    tracks = [_external_track(row, columns, scales, rated=rated) for row in rows]
    if not rated and "listened_at" in columns.values():
        played = aggregate_plays(replace(track, plays=1) for track in tracks)
        if history or len(played) < len(tracks):
            return make_imported_file(format, source.path.parent, played)
    return make_imported_file(format, source.path.parent, tracks, is_playlist=not rated)


def _external_track(
    row: Row, columns: Mapping[str, str], scales: Mapping[str, float | None], *, rated: bool
) -> ExternalTrack:
    values: dict[str, list[Any]] = {}
    for name, value in row.items():
        if name in columns and value not in (None, ""):
            values.setdefault(columns[name], []).append(value)
    first = partial(_first, values)
    ratings = [(scales[name], found) for name in scales if (found := parse_number(row.get(name)))]
    loved = first("loved", parse_loved)
    if loved is None and first("hated", parse_loved):
        loved = False
    if loved is None:
        loved = next((value > 0 for scale, value in ratings if scale is None), None)
    times = [first(field, parse_timestamp) for field in ("rated_at", "loved", "last_played", "listened_at")]
    if not rated:  # in a library it is the time when the file was added, not when the track was liked
        times.append(first("added_at", parse_timestamp))
    return ExternalTrack(
        path=first("path", parse_path),
        recording=first("recording", parse_recording_id),
        artist=first("artist", parse_text),
        title=first("title", parse_text),
        album=first("album", parse_text),
        duration=first("seconds", parse_duration) or first("milliseconds", partial(parse_duration, unit=_MILLI)),
        stars=next((value / scale for scale, value in ratings if scale and 0 < value <= scale), None),
        plays=max(map(parse_count, values.get("plays", ())), default=0),
        loved=loved,
        last_played=next((time for time in times if time), None),
    )


def _first(values: Mapping[str, Sequence[Any]], field: str, parse: Callable[[Any], T | None]) -> T | None:
    """The first valid value of a field."""
    return next((found for value in values.get(field, ()) if (found := parse(value)) is not None), None)


def _rating_scale(name: str, rows: Sequence[Row], *, computed: bool) -> float | None:
    """The rating of five stars in a column: by its name, or by its largest value.

    None for a column of likes and dislikes (only 1, 0 and -1). 0, which ignores the column, for fractions of 1 that
    are ``computed`` from the plays, and for values above 255.
    """
    if known := _SCALES.get(_compact(name)):
        return known
    values = {found for row in rows if (found := parse_number(row.get(name))) is not None}
    if values <= {-1.0, 0.0, 1.0}:
        return None
    largest = max(values)
    if largest <= 1:
        return 0.0 if computed else 1.0
    return next((scale for scale in (5.0, 10.0, 100.0, 255.0) if largest <= scale), 0.0)
