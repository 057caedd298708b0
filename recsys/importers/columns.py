"""What the columns of tables mean, whatever they are called, and the tracks that their rows are.

Column names are compared without case, spaces and punctuation: "Track Name", "track_name" and "trackName" are equal.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

from recsys.importers.entries import ExternalTrack
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_loved,
    parse_path,
    parse_rating,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)

Row = Mapping[str, Any]
T = TypeVar("T")

_COLUMNS = {
    "path": "path file filename filepath location uri ort",
    "recording": "mbid recordingmbid mbtrackid trackmbid musicbrainztrackid musicbrainzrecording "
    "musicbrainzrecordingid musicbrainzid mbzrecordingid mbrecordingid",
    "artist": "artist artistname artistname1 artists creator trackartist performer künstler interpret artiste artista",
    "artists": "artistnames",
    "title": "title track trackname name song songname songtitle tracktitle titel titre título titolo nombre nom nome",
    "album": "album albumname albumtitle release releasename álbum",
    "seconds": "duration length totaltime dauer durée duración durata",
    "milliseconds": "durationms trackdurationms lengthms totaltimems",
    "stars": "rating stars userrating myrating starrating itunesrating amarokrating",
    "loved": "loved love starred favorite favourite favorited favourited liked heart score feedback",
    "hated": "hated disliked banned",
    "plays": "plays playcount playscount playedcount timesplayed scrobbles listens lastfmplaycount itunesplaycount "
    "amarokplaycount trackplaycount",
    "rated_at": "lovedat starredat likedat ratedat at",
    "last_played": "lastplayed lastplayeddate playdate played ituneslastplayed amaroklastplayed",
    "added_at": "added addedat addeddate dateadded created createdat",
    "listened_at": "uts utctime listenedat playedat scrobbledat timestamp ts date datetime",
    "time": "time zeit tiempo",  # of a listen, or how long the track is
    "playlist": "playlistname",
    "type": "type",
}
_FIELDS = {name: field for field, names in _COLUMNS.items() for name in names.split()}
_RATING_FIELDS = {"stars", "loved", "hated", "plays"}
_SCALES = {"itunesrating": 100.0, "amarokrating": 10.0, "userrating": 5.0}  # the rating of five stars
_MPDSTATS_COLUMNS = {"skipcount", "lastplayed", "playcount"}  # the plugin of beets computes a rating of 0..1 from these
_THUMBS_COLUMN = "removed"  # of Google Play Music, whose ratings are 5 for a thumb up, and 1 for a thumb down
_SEPARATOR = re.compile(r"[;,](?=\S)")  # of several artists, as Exportify writes them
_MILLI = 0.001


@lru_cache(maxsize=1 << 12)
def column_field(column: str) -> str | None:
    """The field that a column name stands for; None for an unknown column.

    >>> column_field("Track Name"), column_field("bitrate")
    ('title', None)
    """
    return _FIELDS.get(_compact(column))


def has_track_columns(columns: Iterable[str]) -> bool:
    """Whether a track can be matched by these columns: path, MusicBrainz id, or artist and title."""
    fields = {column_field(column) for column in columns}
    return bool({"path", "recording"} & fields) or ("title" in fields and bool({"artist", "artists"} & fields))


def _compact(column: str) -> str:
    return re.sub(r"[\W_]+", "", column.partition("#")[0]).casefold()


class Columns:
    """The columns of a table, which convert its rows to tracks.

    Parameters
    ----------
    names
        The names of all columns.
    library
        Whether the table is a library, in which a row without a rating is not a like.
    scale
        The rating of five stars; None derives it from each column.
    computed
        Whether ratings may be computed from plays, as by a plugin of beets.
    """

    def __init__(
        self, names: Iterable[str], *, library: bool = False, scale: float | None = None, computed: bool = False
    ) -> None:
        names = list(names)
        compact = {_compact(name) for name in names}
        self.fields = {name: field for name in names if (field := column_field(name))}
        self._named: dict[str, list[str]] = defaultdict(list)
        for name, field in self.fields.items():
            self._named[field].append(name)
        self.is_rated = library or bool(_RATING_FIELDS & set(self.fields.values()))
        self._scale = 5.0 if scale is None and _THUMBS_COLUMN in compact else scale
        self._computed = computed and bool(_MPDSTATS_COLUMNS & compact)

    def text(self, row: Row, field: str) -> str | None:
        """The text of a field."""
        return self._first(row, field, parse_text)

    def ratings(self, row: Row) -> list[tuple[str, float]]:
        """The ratings in a row, with the names of their columns, on the scale of each column."""
        return [(name, found) for name in self._named["stars"] if (found := parse_rating(row.get(name))) is not None]

    def scales(self, ratings: Mapping[str, set[float]]) -> dict[str, float | None]:
        """The rating of five stars in each column, by all its values."""
        return {
            name: self._scale or self._rating_scale(name, ratings.get(name, set())) for name in self._named["stars"]
        }

    def _rating_scale(self, name: str, values: set[float]) -> float | None:
        """The rating of five stars in a column: by its name, or by its largest value.

        None for a column of likes and dislikes (only 1, 0 and -1). 0, which ignores the column, for fractions of 1 that
        are computed from the plays, and for values above 255.
        """
        if known := _SCALES.get(_compact(name)):
            return known
        if values <= {-1.0, 0.0, 1.0}:
            return None
        largest = max(values)
        if largest <= 1:
            return 0.0 if self._computed else 1.0
        return next((scale for scale in (5.0, 10.0, 100.0, 255.0) if largest <= scale), 0.0)

    def track(self, row: Row) -> ExternalTrack:
        """The track of a row, without its stars."""
        first = partial(self._first, row)
        loved = first("loved", parse_loved)
        if loved is None and first("hated", parse_loved):
            loved = False
        times = [first(field, parse_timestamp) for field in ("rated_at", "loved", "last_played", "listened_at", "time")]
        if not self.is_rated:  # in a library it is the time when the file was added, not when the track was liked
            times.append(first("added_at", parse_timestamp))
        seconds = first("seconds", parse_duration) or first("milliseconds", partial(parse_duration, unit=_MILLI))
        return ExternalTrack(
            path=first("path", parse_path),
            recording=first("recording", parse_recording_id),
            artist=first("artist", parse_text) or first("artists", _parse_artists),
            title=first("title", parse_text),
            album=first("album", parse_text),
            duration=seconds or first("time", parse_duration),
            plays=max((parse_count(row.get(name)) for name in self._named.get("plays", ())), default=0),
            loved=loved,
            last_played=next((time for time in times if time), None),
        )

    def _first(self, row: Row, field: str, parse: Callable[[Any], T | None]) -> T | None:
        """The first valid value of a field."""
        for name in self._named.get(field, ()):
            value = row.get(name)
            if value not in (None, "") and (found := parse(value)) is not None:
                return found
        return None

    def is_listen(self, row: Row) -> bool:
        """Whether a row has the time of a listen."""
        return any(self._first(row, field, parse_timestamp) for field in ("listened_at", "time"))


def with_stars(
    track: ExternalTrack, ratings: Sequence[tuple[str, float]], scales: Mapping[str, float | None]
) -> dict[str, Any]:
    """The values of a track that its ratings change: stars, or a heart."""
    scaled = [(scales[name], value) for name, value in ratings]
    stars = next((value / scale for scale, value in scaled if scale and 0 < value <= scale), None)
    loved = next((value > 0 for scale, value in scaled if scale is None and value), None)
    return {"stars": stars, "loved": loved if track.loved is None else track.loved}


def _parse_artists(value: object) -> str | None:
    """Names of several artists, with a space after each separator."""
    text = parse_text(value)
    return _SEPARATOR.sub("; ", text) if text else None
