"""Tables: CSV with any usual heading, JSON arrays of objects with such keys; beets and Navidrome write these too.

A heading is read without case, spaces and punctuation, so that "Track Name", "track_name" and "trackName" are one. What
a table is about tells its columns: stars, hearts or plays say something of each track; a time for each row, and a track
in two of them, make it a listening history; without any of these to be in the table is to be liked.

``beet export``: https://beets.readthedocs.io/en/stable/plugins/export.html; Navidrome's own interface:
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
    "said": "lovedat starredat likedat ratedat at",
    "played": "lastplayed playdate played ituneslastplayed amaroklastplayed",
    "added": "added addedat dateadded created createdat",
    "listened": "uts utctime listenedat playedat scrobbledat timestamp ts date datetime time",
}
_FIELD = {name: field for field, names in _COLUMNS.items() for name in names.split()}
_LOVED_WORDS = {"stars", "loved", "hated", "plays"}
_SCALES = {"itunesrating": 100.0, "amarokrating": 10.0, "userrating": 5.0}
_PLAYED = {"skipcount", "lastplayed", "playcount"}  # from these beets' mpdstats works out a rating between 0 and 1
_DELIMITERS = ",;\t|"
_MILLI = 0.001
_MIN_COLUMNS = 50  # rows that show what all are like


def is_csv(source: ImportSource) -> bool:
    """Whether its first line is a heading that names tracks."""
    return source.file_type == "text" and names_tracks(heading(source))


def is_rows(source: ImportSource) -> bool:
    """Whether it is a JSON array of objects that name tracks."""
    return names_tracks(name for row in rows_of(source)[:_MIN_COLUMNS] for name in row)


def read_csv(source: ImportSource) -> ImportedFile:
    """A table with a heading."""
    return read_rows("csv", source, list(csv_rows(source)))


def read_json(source: ImportSource) -> ImportedFile:
    """An array of objects, or the tracks of a playlist of ours."""
    return read_rows("json", source, rows_of(source))


def rows_of(source: ImportSource) -> list[Row]:
    """The objects of an array, or of one under "tracks"; [] for other JSON."""
    data = source.json if source.file_type == "json" else None
    data = data.get("tracks") if isinstance(data, dict) else data
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def is_beets(source: ImportSource) -> bool:
    """Whether rows have the name that only beets gives to MusicBrainz ids."""
    if source.file_type == "text":
        return "mb_trackid" in heading(source)
    return any("mb_trackid" in row for row in rows_of(source)[:_MIN_COLUMNS])


def read_beets(source: ImportSource) -> ImportedFile:
    """``beet export`` as CSV or JSON: a library, of which stars and plays count."""
    rows = list(csv_rows(source)) if source.file_type == "text" else rows_of(source)
    return read_rows("beets", source, rows, library=True)


def is_navidrome(source: ImportSource) -> bool:
    """Whether rows are songs as Navidrome's own interface lists them."""
    return any({"libraryId", "mbzReleaseTrackId", "starredAt"} & set(row) for row in rows_of(source)[:_MIN_COLUMNS])


def read_navidrome(source: ImportSource) -> ImportedFile:
    """Songs as Navidrome's own interface lists them, starred or not."""
    return read_rows("navidrome", source, rows_of(source), library=True, scale=5.0)


def heading(source: ImportSource) -> list[str]:
    """The first line of a CSV."""
    first = source.text.lstrip("\n\r").partition("\n")[0]
    try:
        return next(csv.reader([first.rstrip("\r")], delimiter=delimiter(first)), [])
    except csv.Error:
        return []


def delimiter(line: str) -> str:
    """What stands most often between the columns of a line."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=bare.count)


def csv_rows(source: ImportSource, names: Sequence[str] | None = None) -> Iterator[Row]:
    """Rows by heading, or by ``names`` where there is none."""
    text = source.text.lstrip("\n\r")
    first = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text, newline=""), names, delimiter=delimiter(first), strict=True)
    try:
        for row in reader:
            yield {name: value for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise source.corrupt_error(f"line {reader.reader.line_num}: {error}") from error


def names_tracks(columns: Iterable[str]) -> bool:
    """Whether a track can be found by these."""
    fields = {field_of(column) for column in columns}
    return bool({"path", "recording"} & fields) or {"artist", "title"} <= fields


def field_of(column: str) -> str | None:
    """What a column holds."""
    return _FIELD.get(_bare(column))


def _bare(column: str) -> str:
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
    """What the rows of a table mention.

    With ``history`` it is known that each is a listen, with ``library`` that being there means nothing; ``scale`` is
    what five stars are.
    """
    columns = {name: field for row in rows for name in row if (field := field_of(name))}
    saying = library or bool(_LOVED_WORDS & set(columns.values()))
    worked_out = format == "beets" and any(_bare(name) in _PLAYED for row in rows for name in row)
    scales = {
        name: scale or _scale(name, rows, worked_out=worked_out) for name, field in columns.items() if field == "stars"
    }
    mentions = [_external_track(row, columns, scales, saying) for row in rows]
    if not saying and "listened" in columns.values():
        heard = aggregate_plays(replace(mention, plays=1) for mention in mentions)
        if history or len(heard) < len(mentions):
            return make_imported_file(format, source.path.parent, heard)
    return make_imported_file(format, source.path.parent, mentions, is_playlist=not saying)


def _external_track(
    row: Row, columns: Mapping[str, str], scales: Mapping[str, float | None], loved_words: bool
) -> ExternalTrack:
    raw: dict[str, list[Any]] = {}
    for name, value in row.items():
        if name in columns and value not in (None, ""):
            raw.setdefault(columns[name], []).append(value)
    first = partial(_first, raw)
    rated = [(scales[name], found) for name in scales if (found := parse_number(row.get(name)))]
    loved = first("loved", parse_loved)
    if loved is None and first("hated", parse_loved):
        loved = False
    if loved is None:
        loved = next((value > 0 for scale, value in rated if scale is None), None)
    times = [
        first("said", parse_timestamp),
        first("loved", parse_timestamp),
        first("played", parse_timestamp),
        first("listened", parse_timestamp),
    ]
    times += (
        [] if loved_words else [first("added", parse_timestamp)]
    )  # a library tells when a file came, not when it was liked
    return ExternalTrack(
        path=first("path", parse_path),
        recording=first("recording", parse_recording_id),
        artist=first("artist", parse_text),
        title=first("title", parse_text),
        album=first("album", parse_text),
        duration=first("seconds", parse_duration) or first("milliseconds", partial(parse_duration, unit=_MILLI)),
        stars=next((value / scale for scale, value in rated if scale and 0 < value <= scale), None),
        plays=max(map(parse_count, raw.get("plays", ())), default=0),
        loved=loved,
        last_played=next((time for time in times if time), None),
    )


def _first(raw: Mapping[str, Sequence[Any]], field: str, clean: Callable[[Any], T | None]) -> T | None:
    """The first value of a field that says something."""
    return next((found for value in raw.get(field, ()) if (found := clean(value)) is not None), None)


def _scale(name: str, rows: Sequence[Row], *, worked_out: bool) -> float | None:
    """What the best rating of a column is: by its name, or by the largest there is.

    None where all are 1, 0 or -1, likes and dislikes; 0 for parts of 1 that were worked out from the plays given too.
    """
    if known := _SCALES.get(_bare(name)):
        return known
    values = {found for row in rows if (found := parse_number(row.get(name))) is not None}
    if values <= {-1.0, 0.0, 1.0}:
        return None
    most = max(values)
    if most <= 1:
        return 0.0 if worked_out else 1.0
    return next((scale for scale in (5.0, 10.0, 100.0, 255.0) if most <= scale), 0.0)
