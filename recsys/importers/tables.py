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

from recsys.importers.entries import Listing, Mention, listing, tallied
from recsys.importers.parsing import count, moment, number, opinion, place, recording_id, seconds, words
from recsys.importers.source import Source

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
_SAYING = {"stars", "loved", "hated", "plays"}
_SCALES = {"itunesrating": 100.0, "amarokrating": 10.0, "userrating": 5.0}
_PLAYED = {"skipcount", "lastplayed", "playcount"}  # from these beets' mpdstats works out a rating between 0 and 1
_DELIMITERS = ",;\t|"
_MILLI = 0.001
_ENOUGH = 50  # rows that show what all are like


def is_csv(source: Source) -> bool:
    """Whether its first line is a heading that names tracks."""
    return source.shape == "text" and names_tracks(heading(source))


def is_rows(source: Source) -> bool:
    """Whether it is a JSON array of objects that name tracks."""
    return names_tracks(name for row in rows_of(source)[:_ENOUGH] for name in row)


def read_csv(source: Source) -> Listing:
    """A table with a heading."""
    return read_rows("csv", source, list(csv_rows(source)))


def read_json(source: Source) -> Listing:
    """An array of objects, or the tracks of a playlist of ours."""
    return read_rows("json", source, rows_of(source))


def rows_of(source: Source) -> list[Row]:
    """The objects of an array, or of one under "tracks"; [] for other JSON."""
    data = source.json if source.shape == "json" else None
    data = data.get("tracks") if isinstance(data, dict) else data
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def is_beets(source: Source) -> bool:
    """Whether rows have the name that only beets gives to MusicBrainz ids."""
    if source.shape == "text":
        return "mb_trackid" in heading(source)
    return any("mb_trackid" in row for row in rows_of(source)[:_ENOUGH])


def read_beets(source: Source) -> Listing:
    """``beet export`` as CSV or JSON: a library, of which stars and plays count."""
    rows = list(csv_rows(source)) if source.shape == "text" else rows_of(source)
    return read_rows("beets", source, rows, library=True)


def is_navidrome(source: Source) -> bool:
    """Whether rows are songs as Navidrome's own interface lists them."""
    return any({"libraryId", "mbzReleaseTrackId", "starredAt"} & set(row) for row in rows_of(source)[:_ENOUGH])


def read_navidrome(source: Source) -> Listing:
    """Songs as Navidrome's own interface lists them, starred or not."""
    return read_rows("navidrome", source, rows_of(source), library=True, scale=5.0)


def heading(source: Source) -> list[str]:
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


def csv_rows(source: Source, names: Sequence[str] | None = None) -> Iterator[Row]:
    """Rows by heading, or by ``names`` where there is none."""
    text = source.text.lstrip("\n\r")
    first = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text, newline=""), names, delimiter=delimiter(first), strict=True)
    try:
        for row in reader:
            yield {name: value for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise source.damaged(f"line {reader.reader.line_num}: {error}") from error


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
    source: Source,
    rows: Sequence[Row],
    *,
    history: bool = False,
    library: bool = False,
    scale: float | None = None,
) -> Listing:
    """What the rows of a table mention.

    With ``history`` it is known that each is a listen, with ``library`` that being there means nothing; ``scale`` is
    what five stars are.
    """
    columns = {name: field for row in rows for name in row if (field := field_of(name))}
    saying = library or bool(_SAYING & set(columns.values()))
    worked_out = format == "beets" and any(_bare(name) in _PLAYED for row in rows for name in row)
    scales = {
        name: scale or _scale(name, rows, worked_out=worked_out) for name, field in columns.items() if field == "stars"
    }
    mentions = [_mention(row, columns, scales, saying) for row in rows]
    if not saying and "listened" in columns.values():
        heard = tallied(replace(mention, plays=1) for mention in mentions)
        if history or len(heard) < len(mentions):
            return listing(format, source.path.parent, heard)
    return listing(format, source.path.parent, mentions, listed=not saying)


def _mention(row: Row, columns: Mapping[str, str], scales: Mapping[str, float | None], saying: bool) -> Mention:
    said: dict[str, list[Any]] = {}
    for name, value in row.items():
        if name in columns and value not in (None, ""):
            said.setdefault(columns[name], []).append(value)
    first = partial(_first, said)
    rated = [(scales[name], found) for name in scales if (found := number(row.get(name)))]
    loved = first("loved", opinion)
    if loved is None and first("hated", opinion):
        loved = False
    if loved is None:
        loved = next((value > 0 for scale, value in rated if scale is None), None)
    times = [first("said", moment), first("loved", moment), first("played", moment), first("listened", moment)]
    times += [] if saying else [first("added", moment)]  # a library tells when a file came, not when it was liked
    return Mention(
        path=first("path", place),
        recording=first("recording", recording_id),
        artist=first("artist", words),
        title=first("title", words),
        album=first("album", words),
        duration=first("seconds", seconds) or first("milliseconds", partial(seconds, unit=_MILLI)),
        stars=next((value / scale for scale, value in rated if scale and 0 < value <= scale), None),
        plays=max(map(count, said.get("plays", ())), default=0),
        loved=loved,
        at=next((time for time in times if time), None),
    )


def _first(said: Mapping[str, Sequence[Any]], field: str, clean: Callable[[Any], T | None]) -> T | None:
    """The first value of a field that says something."""
    return next((found for value in said.get(field, ()) if (found := clean(value)) is not None), None)


def _scale(name: str, rows: Sequence[Row], *, worked_out: bool) -> float | None:
    """What the best rating of a column is: by its name, or by the largest there is.

    None where all are 1, 0 or -1, likes and dislikes; 0 for parts of 1 that were worked out from the plays given too.
    """
    if known := _SCALES.get(_bare(name)):
        return known
    values = {found for row in rows if (found := number(row.get(name))) is not None}
    if values <= {-1.0, 0.0, 1.0}:
        return None
    most = max(values)
    if most <= 1:
        return 0.0 if worked_out else 1.0
    return next((scale for scale in (5.0, 10.0, 100.0, 255.0) if most <= scale), 0.0)
