"""Read listening histories of ListenBrainz and Last.fm, with loved and hated tracks.

The archive of https://listenbrainz.org/settings/export contains ``feedback.jsonl`` and one file of listens for each
month, written by listenbrainz/background/export.py of metabrainz/listenbrainz-server. Responses of its API are
described at https://listenbrainz.readthedocs.io/en/latest/users/json.html.

Last.fm has no export of its own. https://lastfm.ghan.nl/export saves the responses of its API
(https://www.last.fm/api/show/user.getRecentTracks, getLovedTracks, getTopTracks) as pages, or as CSV with the header
"uts,utc_time,artist,…". https://lastfmstats.com writes "Artist;Album;AlbumId;Track;Date#user" or the same as JSON,
https://benjaminbenben.com/lastfm-to-csv four columns without a header.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from recsys.importers import tables
from recsys.importers.archive import read_lines
from recsys.importers.encoding import decode
from recsys.importers.entries import ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_number,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource

_MILLI = 0.001
_LOVED = re.compile(r"lov(ed|es)", re.IGNORECASE)
_RESPONSES = ("recenttracks", "lovedtracks", "toptracks", "bannedtracks")
_HEADERLESS = ("artist", "album", "track", "uts")  # columns of lastfm-to-csv
_HEADERLESS_TIME = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d{1,2}:\d{2}")


# ListenBrainz


def is_listenbrainz(source: ImportSource) -> bool:
    """Whether the file is an export archive, or JSON with listens or feedback."""
    if source.file_type in ("zip", "folder"):
        with source.archive() as archive:
            return any(map(_is_listens_or_feedback, archive.names))
    data = source.json if source.file_type == "json" else None
    if isinstance(data, dict) and ("feedback" in data or "listens" in _dict(data.get("payload"))):
        return True
    rows = _listenbrainz_rows(data)
    return any("track_metadata" in row or ("score" in row and "recording_msid" in row) for row in rows[:1])


def read_listenbrainz(source: ImportSource) -> ImportedFile:
    """Plays, and loved and hated tracks."""
    rows = _archive_rows(source) if source.file_type in ("zip", "folder") else iter(_listenbrainz_rows(source.json))
    feedback: list[tuple[str | None, ExternalTrack]] = []
    by_msid: dict[str, ExternalTrack] = {}
    played = aggregate_plays(_listens(source.budget.rows(rows), feedback, by_msid))
    rated = []
    for msid, track in feedback:  # feedback in the archive has no names: they come from the listens of the same MSID
        named = None if track.title or msid is None else by_msid.get(msid)
        rated.append(track if named is None else replace(named, loved=track.loved, last_played=track.last_played))
    return make_imported_file("listenbrainz", source.path.parent, [*rated, *played])


def _listens(
    rows: Iterable[Any], feedback: list[tuple[str | None, ExternalTrack]], by_msid: dict[str, ExternalTrack]
) -> Iterator[ExternalTrack]:
    """The listens among the rows. Feedback is appended to ``feedback``, with its MSID (MessyBrainz id)."""
    for row in rows:
        if not isinstance(row, dict):
            continue
        data = _dict(row.get("track_metadata"))
        msid = parse_text(row.get("recording_msid")) or parse_text(data.get("recording_msid"))
        if "score" in row:
            score = parse_number(row["score"])
            track = _listenbrainz_track(row, data, at=parse_timestamp(row.get("created")))
            feedback += [(msid, replace(track, loved=score > 0))] if score else []
        elif data:
            track = _listenbrainz_track(row, data, at=parse_timestamp(row.get("listened_at")))
            if msid:
                by_msid.setdefault(msid, track)
            yield replace(track, plays=1)


def _listenbrainz_track(row: dict[str, Any], data: dict[str, Any], *, at: str | None) -> ExternalTrack:
    info, mapped = _dict(data.get("additional_info")), _dict(data.get("mbid_mapping"))
    ids = (mapped.get("recording_mbid"), info.get("recording_mbid"), row.get("recording_mbid"))
    return ExternalTrack(
        recording=next((found for value in ids if (found := parse_recording_id(value))), None),
        artist=parse_text(data.get("artist_name")),
        title=parse_text(data.get("track_name")),
        album=parse_text(data.get("release_name")),
        duration=parse_duration(info.get("duration_ms"), _MILLI) or parse_duration(info.get("duration")),
        last_played=at,
    )


def _listenbrainz_rows(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = _dict(data.get("payload")).get("listens") or data.get("listens") or data.get("feedback") or [data]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _archive_rows(source: ImportSource) -> Iterator[Any]:
    """The records of every file in the archive, one line at a time."""
    with source.archive() as archive:
        for name in filter(_is_listens_or_feedback, archive.names):
            for line in read_lines(archive, name, source.budget):
                yield source.parse_json(decode(line))


def _is_listens_or_feedback(name: str) -> bool:
    return name.endswith("feedback.jsonl") or ("listens/" in name and name.endswith((".jsonl", ".listens")))


# Last.fm


def is_lastfm(source: ImportSource) -> bool:
    """Whether the file is a response of the API, or was written by one of the exporters."""
    if source.file_type == "text":
        columns = tables.header(source)
        known = columns[:2] == ["uts", "utc_time"] or (columns[:1] == ["Artist"] and columns[-1].startswith("Date#"))
        return known or _is_headerless(columns)
    data = source.json if source.file_type == "json" else None
    if isinstance(data, dict) and {"scrobbles", *_RESPONSES} & set(data):
        return True
    return next(_response_tracks(data), None) is not None


def read_lastfm(source: ImportSource) -> ImportedFile:
    """Plays, and loved tracks."""
    if source.file_type != "text":
        data = source.json
        if isinstance(data, dict) and isinstance(data.get("scrobbles"), list):
            rows = [row for row in data["scrobbles"] if isinstance(row, dict)]
            return tables.read_rows("lastfm", source, tables.names_of(rows), source.budget.rows(rows), history=True)
        tracks = [_lastfm_track(record, response) for response, record in source.budget.rows(_response_tracks(data))]
        return make_imported_file("lastfm", source.path.parent, aggregate_plays(track for track in tracks if track))
    columns = tables.header(source)
    names = _HEADERLESS if _is_headerless(columns) else None
    read = tables.read_rows("lastfm", source, names or columns, tables.csv_rows(source, names), history=True)
    if _LOVED.search(source.path.name) or not (_is_headerless(columns) or {"album", "Album"} & set(columns)):
        return replace(read, tracks=tuple(replace(track, plays=0, loved=True, played_at=()) for track in read.tracks))
    return read


def _is_headerless(columns: list[str]) -> bool:
    return len(columns) == len(_HEADERLESS) and bool(_HEADERLESS_TIME.fullmatch(columns[-1].strip()))


def _response_tracks(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every track record of a response, or of nested lists of responses, with the name of its method."""
    pages = data if isinstance(data, list) else [data]
    for page in pages:
        if isinstance(page, list):
            yield from _response_tracks(page)
        if not isinstance(page, dict):
            continue
        response = next((name for name in _RESPONSES if name in page), "")
        inner = page[response] if response else page
        tracks = _dict(inner).get("track", [page] if _is_track(page) else [])
        for track in tracks if isinstance(tracks, list) else [tracks]:
            if _is_track(track):
                yield response, track


def _is_track(track: Any) -> bool:
    return isinstance(track, dict) and isinstance(track.get("artist"), dict) and "name" in track


def _lastfm_track(track: dict[str, Any], response: str) -> ExternalTrack | None:
    """A track of a response; None for the track that is playing at the moment."""
    date = track.get("date")
    if _dict(track.get("@attr")).get("nowplaying") and not date:
        return None
    artist, album = _dict(track.get("artist")), track.get("album")
    loved = False if response == "bannedtracks" else None
    if response == "lovedtracks" or parse_count(track.get("loved")):
        loved = True
    plays = 0 if response in ("lovedtracks", "bannedtracks") else 1
    return ExternalTrack(
        recording=parse_recording_id(track.get("mbid")),
        artist=parse_text(artist.get("#text")) or parse_text(artist.get("name")),
        title=parse_text(track.get("name")),
        album=parse_text(_dict(album).get("#text")) or parse_text(_dict(album).get("title")) or parse_text(album),
        plays=parse_count(track.get("playcount")) or plays,
        loved=loved,
        last_played=parse_timestamp(_dict(date).get("uts"))
        or parse_timestamp(_dict(date).get("#text"))
        or parse_timestamp(date),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
