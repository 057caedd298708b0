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
from recsys.importers.entries import Listing, Mention, listing, tallied
from recsys.importers.parsing import count, moment, number, recording_id, seconds, words
from recsys.importers.source import Source, parse_json

_MILLI = 0.001
_LONGEST = 1 << 22  # bytes of a listen
_LOVED = re.compile(r"lov(ed|es)", re.IGNORECASE)
_ANSWERS = ("recenttracks", "lovedtracks", "toptracks", "bannedtracks")
_BARE = ("artist", "album", "track", "uts")  # lastfm-to-csv's columns
_BARE_TIME = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d{1,2}:\d{2}")


# ListenBrainz


def is_listenbrainz(source: Source) -> bool:
    """Whether it is its archive, or JSON with listens or feedback."""
    if source.shape == "zip":
        with _archive(source) as archive:
            return any(_is_data(name) for name in archive.namelist())
    data = source.json if source.shape == "json" else None
    if isinstance(data, dict) and ("feedback" in data or "listens" in _dict(data.get("payload"))):
        return True
    rows = _brainz_rows(data)
    return any("track_metadata" in row or ("score" in row and "recording_msid" in row) for row in rows[:1])


def read_listenbrainz(source: Source) -> Listing:
    """Listens, and what was loved or hated."""
    rows = _archived(source) if source.shape == "zip" else iter(_brainz_rows(source.json))
    feedback: list[tuple[str | None, Mention]] = []
    by_msid: dict[str, Mention] = {}
    heard = tallied(_listens(rows, feedback, by_msid))
    judged = []
    for msid, said in feedback:  # the archive tells the name of a loved track only where it was heard
        known = None if said.title or msid is None else by_msid.get(msid)
        judged.append(said if known is None else replace(known, loved=said.loved, at=said.at))
    return listing("listenbrainz", source.path.parent, [*judged, *heard])


def _listens(
    rows: Iterable[Any], feedback: list[tuple[str | None, Mention]], by_msid: dict[str, Mention]
) -> Iterator[Mention]:
    """The listens among the rows; feedback is laid aside."""
    for row in rows:
        if not isinstance(row, dict):
            continue
        data = _dict(row.get("track_metadata"))
        msid = words(row.get("recording_msid")) or words(data.get("recording_msid"))
        if "score" in row:
            score = number(row["score"])
            said = _brainz(row, data, at=moment(row.get("created")))
            feedback += [(msid, replace(said, loved=score > 0))] if score else []
        elif data:
            heard = _brainz(row, data, at=moment(row.get("listened_at")))
            if msid:
                by_msid.setdefault(msid, heard)
            yield replace(heard, plays=1)


def _brainz(row: dict[str, Any], data: dict[str, Any], *, at: str | None) -> Mention:
    more, mapped = _dict(data.get("additional_info")), _dict(data.get("mbid_mapping"))
    ids = (mapped.get("recording_mbid"), more.get("recording_mbid"), row.get("recording_mbid"))
    return Mention(
        recording=next((found for value in ids if (found := recording_id(value))), None),
        artist=words(data.get("artist_name")),
        title=words(data.get("track_name")),
        album=words(data.get("release_name")),
        duration=seconds(more.get("duration_ms"), _MILLI) or seconds(more.get("duration")),
        at=at,
    )


def _brainz_rows(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = _dict(data.get("payload")).get("listens") or data.get("listens") or data.get("feedback") or [data]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


@contextmanager
def _archive(source: Source) -> Iterator[zipfile.ZipFile]:
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise source.damaged(str(error)) from error


def _archived(source: Source) -> Iterator[Any]:
    """Every line of every list in the archive, one at a time."""
    with _archive(source) as archive:
        for name in filter(_is_data, archive.namelist()):
            with archive.open(name) as member:
                while line := member.readline(_LONGEST):
                    if line.strip():
                        yield parse_json(line)


def _is_data(name: str) -> bool:
    return name.endswith("feedback.jsonl") or ("listens/" in name and name.endswith((".jsonl", ".listens")))


# Last.fm


def is_lastfm(source: Source) -> bool:
    """Whether it is an answer of its interface or what an exporter makes of these."""
    if source.shape == "text":
        columns = tables.heading(source)
        own = columns[:2] == ["uts", "utc_time"] or (columns[:1] == ["Artist"] and columns[-1].startswith("Date#"))
        return own or _is_bare(columns)
    data = source.json if source.shape == "json" else None
    if isinstance(data, dict) and {"scrobbles", *_ANSWERS} & set(data):
        return True
    return next(_answered(data), None) is not None


def read_lastfm(source: Source) -> Listing:
    """Scrobbles, top tracks and loved tracks."""
    if source.shape != "text":
        data = source.json
        if isinstance(data, dict) and isinstance(data.get("scrobbles"), list):
            return tables.read_rows(
                "lastfm", source, [r for r in data["scrobbles"] if isinstance(r, dict)], history=True
            )
        said = [_scrobble(track, answer) for answer, track in _answered(data)]
        return listing("lastfm", source.path.parent, tallied(mention for mention in said if mention))
    columns = tables.heading(source)
    rows = list(tables.csv_rows(source, _BARE if _is_bare(columns) else None))
    read = tables.read_rows("lastfm", source, rows, history=True)
    if _LOVED.search(source.path.name) or not (_is_bare(columns) or {"album", "Album"} & set(columns)):
        return replace(read, mentions=tuple(replace(mention, plays=0, loved=True) for mention in read.mentions))
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


def _scrobble(track: dict[str, Any], answer: str) -> Mention | None:
    """What one track of an answer says; None for what is being played just now."""
    date = track.get("date")
    if _dict(track.get("@attr")).get("nowplaying") and not date:
        return None
    artist, album = _dict(track.get("artist")), track.get("album")
    loved = (
        True if answer == "lovedtracks" or count(track.get("loved")) else False if answer == "bannedtracks" else None
    )
    listened = 0 if answer in ("lovedtracks", "bannedtracks") else 1
    return Mention(
        recording=recording_id(track.get("mbid")),
        artist=words(artist.get("#text")) or words(artist.get("name")),
        title=words(track.get("name")),
        album=words(_dict(album).get("#text")) or words(_dict(album).get("title")) or words(album),
        plays=count(track.get("playcount")) or listened,
        loved=loved,
        at=moment(_dict(date).get("uts")) or moment(_dict(date).get("#text")) or moment(date),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
