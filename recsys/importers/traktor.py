"""Read NML files of Traktor: its collection with playlists, exported playlists, and the history of a session.

Native Instruments does not describe the format; the classes of https://github.com/wolkenarchitekt/traktor-nml-utils do,
which are generated from files of Traktor 3. A path is three attributes: the volume, folders that "/:" separates, and
the name. Ratings (``RANKING``) are 0 to 255. A history is a playlist of the type PROTOCOL with a time and a deck for
each track, and with ``PLAYEDPUBLIC="0"`` for one that was loaded, but not played.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from recsys.importers.entries import ExternalTrack, ImportedFile, aggregate_plays, make_imported_file
from recsys.importers.named_playlists import select_playlist
from recsys.importers.parsing import parse_count, parse_duration, parse_number, parse_stars, parse_text
from recsys.importers.source import ImportSource

_SCALE = 255  # the rating of five stars
_MAC_ROOTS = ("Users", "Library", "Applications", "System", "Volumes", "private", "opt")  # of the volume with macOS
_NO_ATTRIBUTES: Mapping[str, str] = {}


def is_traktor(source: ImportSource) -> bool:
    """Whether the outermost XML element is "NML"."""
    return source.file_type == "xml" and source.root == "NML"


def read_traktor(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars and plays; the plays of a history; or the tracks of one playlist, in its order."""
    tracks: dict[str, ExternalTrack] = {}
    playlists: dict[str, list[str]] = {}
    listens: list[ExternalTrack] = []
    for path, element in source.elements("NML/COLLECTION/ENTRY", "NML/PLAYLISTS/NODE"):
        if path.endswith("ENTRY"):
            key, track = _track(element)
            tracks[key or f"#{len(tracks)}"] = track
        else:
            for name, node in _playlists(element, ()):
                playlists[name] = [_key(entry) for entry in node.findall("ENTRY")]
                if node.get("TYPE") == "PROTOCOL":
                    listens += [listen for entry in node.findall("ENTRY") if (listen := _listen(entry, tracks))]
    if listens and playlist is None:  # the play counts beside it include these plays
        return make_imported_file("traktor", source.path.parent, aggregate_plays(listens), playlists=playlists)
    return select_playlist("traktor", source, tracks, playlists, playlist)


def _track(entry: Element) -> tuple[str, ExternalTrack]:
    """The key by which playlists refer to a track, and the track."""
    location, info = _attributes(entry, "LOCATION"), _attributes(entry, "INFO")
    volume, folder, name = (location.get(attribute, "") for attribute in ("VOLUME", "DIR", "FILE"))
    track = ExternalTrack(
        path=_path(volume, folder, name),
        artist=parse_text(entry.get("ARTIST")),
        title=parse_text(entry.get("TITLE")),
        album=parse_text(_attributes(entry, "ALBUM").get("TITLE")),
        duration=parse_duration(info.get("PLAYTIME_FLOAT")) or parse_duration(info.get("PLAYTIME")),
        stars=parse_stars(info.get("RANKING"), _SCALE),
        plays=parse_count(info.get("PLAYCOUNT")),
        last_played=_day(info.get("LAST_PLAYED", "")),
    )
    return volume + folder + name, track


def _path(volume: str, folder: str, name: str) -> str | None:
    """A path of Windows, or of macOS, where the volume is the startup disk or is below /Volumes."""
    if not name:
        return None
    names = [part for part in folder.split("/:") if part]
    if volume.endswith(":"):
        return "/".join([volume, *names, name])
    below = [] if not volume or (names[:1] and names[0] in _MAC_ROOTS) else ["Volumes", volume]
    return "/" + "/".join([*below, *names, name])


def _playlists(node: Element, parents: tuple[str, ...]) -> Iterator[tuple[str, Element]]:
    """Playlists as "Folder/Name"; the outermost folder, "$ROOT", has no name."""
    for child in node.findall("SUBNODES/NODE") if node.get("TYPE") == "FOLDER" else [node]:
        name = (*parents, child.get("NAME") or "")
        if child.get("TYPE") == "FOLDER":
            yield from _playlists(child, name)
        elif (found := child.find("PLAYLIST")) is not None:
            yield "/".join(name), found


def _key(entry: Element) -> str:
    return _attributes(entry, "PRIMARYKEY").get("KEY", "")


def _listen(entry: Element, tracks: Mapping[str, ExternalTrack]) -> ExternalTrack | None:
    """A play of a history; None for a track that was not played or is not in the file."""
    data = _attributes(entry, "EXTENDEDDATA")
    track = tracks.get(_key(entry))
    if track is None or data.get("PLAYEDPUBLIC", "1") != "1":
        return None
    return replace(track, plays=1, last_played=_time(data))


def _time(data: Mapping[str, str]) -> str | None:
    """The start of a play. STARTDATE has the year, the month and the day in its bytes, STARTTIME counts seconds."""
    day, seconds = (int(parse_number(data.get(name)) or 0) for name in ("STARTDATE", "STARTTIME"))
    return _iso(day >> 16, day >> 8 & 0xFF, day & 0xFF, seconds)


def _day(text: str) -> str | None:
    """The day "2019/9/2" at midnight."""
    parts = [int(part) for part in text.split("/") if part.isascii() and part.isdigit() and len(part) <= 4]
    return _iso(*parts) if len(parts) == 3 else None


def _iso(year: int, month: int, day: int, seconds: int = 0) -> str | None:
    try:
        found = datetime(year, month, day, tzinfo=UTC) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return found.isoformat(timespec="microseconds") if found.year > 1970 else None


def _attributes(element: Element, name: str) -> Mapping[str, str]:
    found = element.find(name)
    return _NO_ATTRIBUTES if found is None else found.attrib
