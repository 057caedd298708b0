"""Read what Spotify exports: library, playlists and listening history, as single files, an archive or a folder.

https://support.spotify.com/article/understanding-my-data describes them. The account data has ``YourLibrary.json``,
``Playlist1.json`` … and the last year in ``StreamingHistory_music_0.json`` … (earlier ``StreamingHistory0.json``). The
extended streaming history, ``Streaming_History_Audio_….json`` (earlier ``endsong_0.json``), has all years, so where
both are present it alone counts. 30 seconds are a play, as Spotify counts; a shorter track has to be finished.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

from recsys.importers.archive import read_whole
from recsys.importers.encoding import decode
from recsys.importers.entries import ExternalGroup, ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.named_playlists import select_playlist
from recsys.importers.parsing import parse_duration, parse_number, parse_text, parse_timestamp
from recsys.importers.source import ImportSource

_FILE = re.compile(
    r"(?:.*/)?(?:YourLibrary\w*|Playlist\w*|StreamingHistory_music_\d+|StreamingHistory\d+|endsong_\d+|"
    r"Streaming_History_Audio_[^/]*)(?:\.json)+",
    re.IGNORECASE,
)
_LIBRARY_KEYS = {"albums", "shows", "bannedTracks", "bannedArtists", "episodes"}
_MIN_PLAYED = 30_000  # milliseconds


@dataclass
class _Export:
    """What the files of an export have."""

    library: list[ExternalTrack] = field(default_factory=list)
    groups: list[ExternalGroup] = field(default_factory=list)
    playlists: dict[str, list[ExternalTrack]] = field(default_factory=dict)
    extended: list[ExternalTrack] = field(default_factory=list)
    last_year: list[ExternalTrack] = field(default_factory=list)
    n_named: Counter[str] = field(default_factory=Counter)  # playlists of one name

    def add_playlist(self, name: str, tracks: list[ExternalTrack]) -> None:
        """Add a playlist, with a number in its name if others have the same."""
        unique = name
        while unique in self.playlists:
            self.n_named[name] += 1
            unique = f"{name} ({self.n_named[name] + 1})"
        self.playlists[unique] = tracks


def is_spotify(source: ImportSource) -> bool:
    """Whether the file is one of an export, or an archive or a folder with such files."""
    if source.file_type in ("zip", "folder"):
        with source.archive() as archive:
            return any(map(_FILE.fullmatch, archive.names))
    return source.file_type == "json" and _kind(source.json) is not None


def read_spotify(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Likes, bans and plays; the tracks of all playlists in a file of playlists; or those of one playlist."""
    export = _Export()
    for data in _documents(source):
        _add(export, data, source)
    if playlist is None and export.playlists and not (export.library or export.extended or export.last_year):
        every = [track for tracks in export.playlists.values() for track in tracks]
        return make_imported_file(
            "spotify", source.path.parent, every, is_playlist=True, playlists=export.playlists, groups=export.groups
        )
    entries = [*export.library, *aggregate_plays(export.extended or export.last_year)]
    library = {f"{number}": track for number, track in enumerate(entries)}
    if playlist is None:
        return select_playlist("spotify", source, library, _keys(export.playlists), None, groups=export.groups)
    listed = {f"{name}\n{n}": track for name, tracks in export.playlists.items() for n, track in enumerate(tracks)}
    return select_playlist("spotify", source, listed, _keys(export.playlists), playlist)


def _documents(source: ImportSource) -> Iterator[Any]:
    if source.file_type not in ("zip", "folder"):
        yield source.json
        return
    with source.archive() as archive:
        for name in filter(_FILE.fullmatch, archive.names):
            yield source.parse_json(decode(read_whole(archive, name, source.budget)))


def _kind(data: Any) -> str | None:
    """ "library", "playlists", "extended", "last year", or None for JSON of another kind."""
    if isinstance(data, dict):
        if isinstance(data.get("playlists"), list) and any(_items(each) for each in data["playlists"]):
            return "playlists"
        return "library" if isinstance(data.get("tracks"), list) and _LIBRARY_KEYS & set(data) else None
    first = data[0] if isinstance(data, list) and data else None
    if not isinstance(first, dict):
        return None
    if "ms_played" in first and "ts" in first:
        return "extended"
    return "last year" if "msPlayed" in first and "endTime" in first else None


def _add(export: _Export, data: Any, source: ImportSource) -> None:
    kind = _kind(data)
    rows = source.budget.rows
    if kind == "library":
        for name, loved in (("tracks", True), ("bannedTracks", False)):
            export.library += [replace(track, loved=loved) for track in _tracks(rows(_dicts(data.get(name))))]
        for name, loved in (("albums", True), ("artists", True), ("bannedArtists", False)):
            for row in rows(_dicts(data.get(name))):
                artist, album = parse_text(row.get("artist") or row.get("name")), parse_text(row.get("album"))
                if artist and (album or name != "albums"):
                    export.groups.append(ExternalGroup(artist, album, loved))
    elif kind == "playlists":
        for each in _dicts(data["playlists"]):
            export.add_playlist(parse_text(each.get("name")) or "", list(_tracks(rows(_items(each)))))
    elif kind is not None:
        listens = [listen for row in rows(_dicts(data)) if (listen := _listen(row))]
        (export.extended if kind == "extended" else export.last_year).extend(listens)


def _tracks(rows: Iterable[dict[str, Any]]) -> Iterator[ExternalTrack]:
    """The tracks of a library ("track") or of a playlist ("trackName"), without episodes and books."""
    for row in rows:
        inner = row.get("track")
        if isinstance(inner, dict):
            yield _track(inner, row)
        elif isinstance(row.get("localTrack"), dict):
            yield _local_track(row["localTrack"], row)
        elif isinstance(inner, str) or "trackName" in row:
            yield _track(row, row)


def _track(names: dict[str, Any], row: dict[str, Any]) -> ExternalTrack:
    return ExternalTrack(
        artist=parse_text(names.get("artistName")) or parse_text(names.get("artist")),
        title=parse_text(names.get("trackName")) or parse_text(names.get("track")),
        album=parse_text(names.get("albumName")) or parse_text(names.get("album")),
        last_played=parse_timestamp(row.get("addedDate")),
    )


def _local_track(names: dict[str, Any], row: dict[str, Any]) -> ExternalTrack:
    """A file of the user, whose URI is "spotify:local:ARTIST:ALBUM:TITLE:SECONDS"."""
    parts = [unquote_plus(part) for part in (parse_text(names.get("uri")) or "").split(":")]
    if len(parts) != 6 or parts[:2] != ["spotify", "local"]:
        return _track(names, row)
    return ExternalTrack(
        artist=parse_text(parts[2]), album=parse_text(parts[3]), title=parse_text(parts[4]),
        duration=parse_duration(parts[5]), last_played=parse_timestamp(row.get("addedDate")),
    )  # fmt: skip


def _listen(row: dict[str, Any]) -> ExternalTrack | None:
    """A play; None for one that is too short, for a podcast and for a book."""
    played = parse_number(row.get("ms_played")) or parse_number(row.get("msPlayed")) or 0
    title = parse_text(row.get("master_metadata_track_name")) or parse_text(row.get("trackName"))
    if title is None or (played < _MIN_PLAYED and row.get("reason_end") != "trackdone"):
        return None
    return ExternalTrack(
        artist=parse_text(row.get("master_metadata_album_artist_name")) or parse_text(row.get("artistName")),
        title=title,
        album=parse_text(row.get("master_metadata_album_album_name")),
        plays=1,
        last_played=parse_timestamp(row.get("ts")) or parse_timestamp(row.get("endTime")),
    )


def _items(playlist: Any) -> list[dict[str, Any]]:
    """The items of a playlist; "tracks" in exports of before 2020."""
    return (_dicts(playlist.get("items")) or _dicts(playlist.get("tracks"))) if isinstance(playlist, dict) else []


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _keys(playlists: dict[str, list[ExternalTrack]]) -> dict[str, list[str]]:
    return {name: [f"{name}\n{number}" for number in range(len(tracks))] for name, tracks in playlists.items()}
