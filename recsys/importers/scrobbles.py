"""Listening histories: ListenBrainz and Last.fm, with what was loved and hated there.

The archive that https://listenbrainz.org/settings/export gives holds ``feedback.jsonl`` and listens by month; its
lines are built in listenbrainz/background/export.py of metabrainz/listenbrainz-server, what the interface answers is
https://listenbrainz.readthedocs.io/en/latest/users/json.html. Last.fm exports nothing itself; what its interface
answers (https://www.last.fm/api/show/user.getRecentTracks, getLovedTracks, getTopTracks) is what
https://lastfm.ghan.nl/export keeps as pages, or as CSV under "uts,utc_time,artist,…". https://lastfmstats.com writes
"Artist;Album;AlbumId;Track;Date#user" or the same as JSON, https://benjaminbenben.com/lastfm-to-csv four columns
without heading.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from recsys.importers import tables
from recsys.importers.entries import ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_number,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource, parse_json

_MILLI = 0.001
_MAX_LENGTH = 1 << 22  # bytes of a listen
_LOVED = re.compile(r"lov(ed|es)", re.IGNORECASE)
_ANSWERS = ("recenttracks", "lovedtracks", "toptracks", "bannedtracks")
_BARE = ("artist", "album", "track", "uts")  # lastfm-to-csv's columns
_BARE_TIME = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d{1,2}:\d{2}")


# ListenBrainz


def is_listenbrainz(source: ImportSource) -> bool:
    """Whether it is its archive, or JSON with listens or feedback."""
    if source.file_type == "zip":
        with _archive(source) as archive:
            return any(_is_data(name) for name in archive.namelist())
    data = source.json if source.file_type == "json" else None
    if isinstance(data, dict) and ("feedback" in data or "listens" in _dict(data.get("payload"))):
        return True
    rows = _brainz_rows(data)
    return any("track_metadata" in row or ("score" in row and "recording_msid" in row) for row in rows[:1])


def read_listenbrainz(source: ImportSource) -> ImportedFile:
    """Listens, and what was loved or hated."""
    rows = _archived(source) if source.file_type == "zip" else iter(_brainz_rows(source.json))
    feedback: list[tuple[str | None, ExternalTrack]] = []
    by_msid: dict[str, ExternalTrack] = {}
    heard = aggregate_plays(_listens(rows, feedback, by_msid))
    judged = []
    for msid, raw in feedback:  # the archive tells the name of a loved track only where it was heard
        known = None if raw.title or msid is None else by_msid.get(msid)
        judged.append(raw if known is None else replace(known, loved=raw.loved, last_played=raw.last_played))
    return make_imported_file("listenbrainz", source.path.parent, [*judged, *heard])


def _listens(
    rows: Iterable[Any], feedback: list[tuple[str | None, ExternalTrack]], by_msid: dict[str, ExternalTrack]
) -> Iterator[ExternalTrack]:
    """The listens among the rows; feedback is laid aside."""
    for row in rows:
        if not isinstance(row, dict):
            continue
        data = _dict(row.get("track_metadata"))
        msid = parse_text(row.get("recording_msid")) or parse_text(data.get("recording_msid"))
        if "score" in row:
            score = parse_number(row["score"])
            raw = _brainz(row, data, at=parse_timestamp(row.get("created")))
            feedback += [(msid, replace(raw, loved=score > 0))] if score else []
        elif data:
            heard = _brainz(row, data, at=parse_timestamp(row.get("listened_at")))
            if msid:
                by_msid.setdefault(msid, heard)
            yield replace(heard, plays=1)


def _brainz(row: dict[str, Any], data: dict[str, Any], *, at: str | None) -> ExternalTrack:
    more, mapped = _dict(data.get("additional_info")), _dict(data.get("mbid_mapping"))
    ids = (mapped.get("recording_mbid"), more.get("recording_mbid"), row.get("recording_mbid"))
    return ExternalTrack(
        recording=next((found for value in ids if (found := parse_recording_id(value))), None),
        artist=parse_text(data.get("artist_name")),
        title=parse_text(data.get("track_name")),
        album=parse_text(data.get("release_name")),
        duration=parse_duration(more.get("duration_ms"), _MILLI) or parse_duration(more.get("duration")),
        last_played=at,
    )


def _brainz_rows(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = _dict(data.get("payload")).get("listens") or data.get("listens") or data.get("feedback") or [data]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


@contextmanager
def _archive(source: ImportSource) -> Iterator[zipfile.ZipFile]:
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise source.corrupt_error(str(error)) from error


def _archived(source: ImportSource) -> Iterator[Any]:
    """Every line of every list in the archive, one at a time."""
    with _archive(source) as archive:
        for name in filter(_is_data, archive.namelist()):
            with archive.open(name) as member:
                while line := member.readline(_MAX_LENGTH):
                    if line.strip():
                        yield parse_json(line)


def _is_data(name: str) -> bool:
    return name.endswith("feedback.jsonl") or ("listens/" in name and name.endswith((".jsonl", ".listens")))


# Last.fm


def is_lastfm(source: ImportSource) -> bool:
    """Whether it is an answer of its interface or what an exporter makes of these."""
    if source.file_type == "text":
        columns = tables.heading(source)
        own = columns[:2] == ["uts", "utc_time"] or (columns[:1] == ["Artist"] and columns[-1].startswith("Date#"))
        return own or _is_bare(columns)
    data = source.json if source.file_type == "json" else None
    if isinstance(data, dict) and {"scrobbles", *_ANSWERS} & set(data):
        return True
    return next(_answered(data), None) is not None


def read_lastfm(source: ImportSource) -> ImportedFile:
    """Scrobbles, top tracks and loved tracks."""
    if source.file_type != "text":
        data = source.json
        if isinstance(data, dict) and isinstance(data.get("scrobbles"), list):
            return tables.read_rows(
                "lastfm", source, [r for r in data["scrobbles"] if isinstance(r, dict)], history=True
            )
        raw = [_scrobble(track, answer) for answer, track in _answered(data)]
        return make_imported_file("lastfm", source.path.parent, aggregate_plays(mention for mention in raw if mention))
    columns = tables.heading(source)
    rows = list(tables.csv_rows(source, _BARE if _is_bare(columns) else None))
    read = tables.read_rows("lastfm", source, rows, history=True)
    if _LOVED.search(source.path.name) or not (_is_bare(columns) or {"album", "Album"} & set(columns)):
        return replace(read, tracks=tuple(replace(mention, plays=0, loved=True) for mention in read.tracks))
    return read


def _is_bare(columns: list[str]) -> bool:
    return len(columns) == len(_BARE) and bool(_BARE_TIME.fullmatch(columns[-1].strip()))


def _answered(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every track in one answer or many pages of them, and what was asked for."""
    pages = data if isinstance(data, list) else [data]
    for page in pages:
        if isinstance(page, list):
            yield from _answered(page)
        if not isinstance(page, dict):
            continue
        answer = next((name for name in _ANSWERS if name in page), "")
        inner = page[answer] if answer else page
        tracks = _dict(inner).get("track", [page] if _is_track(page) else [])
        for track in tracks if isinstance(tracks, list) else [tracks]:
            if _is_track(track):
                yield answer, track


def _is_track(track: Any) -> bool:
    return isinstance(track, dict) and isinstance(track.get("artist"), dict) and "name" in track


def _scrobble(track: dict[str, Any], answer: str) -> ExternalTrack | None:
    """What one track of an answer says; None for what is being played just now."""
    date = track.get("date")
    if _dict(track.get("@attr")).get("nowplaying") and not date:
        return None
    artist, album = _dict(track.get("artist")), track.get("album")
    loved = (
        True
        if answer == "lovedtracks" or parse_count(track.get("loved"))
        else False
        if answer == "bannedtracks"
        else None
    )
    listened = 0 if answer in ("lovedtracks", "bannedtracks") else 1
    return ExternalTrack(
        recording=parse_recording_id(track.get("mbid")),
        artist=parse_text(artist.get("#text")) or parse_text(artist.get("name")),
        title=parse_text(track.get("name")),
        album=parse_text(_dict(album).get("#text")) or parse_text(_dict(album).get("title")) or parse_text(album),
        plays=parse_count(track.get("playcount")) or listened,
        loved=loved,
        last_played=parse_timestamp(_dict(date).get("uts"))
        or parse_timestamp(_dict(date).get("#text"))
        or parse_timestamp(date),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
