"""Libraries of music players, in XML: iTunes and Apple's Music, Rhythmbox, Rekordbox.

iTunes writes a property list, described nowhere but read by many
(https://pyrekordbox.readthedocs.io/en/stable/formats/itunes.html); rhythmdb.xml is written by rhythmdb/rhythmdb-tree.c
of GNOME's Rhythmbox; Rekordbox describes its own at
https://cdn.rekordbox.com/files/20200410160904/xml_format_list.pdf. Large ones are streamed.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from recsys.errors import InvalidRequest, NotFound
from recsys.importers.entries import ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_number,
    parse_path,
    parse_recording_id,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource

_NO_MUSIC = ("Podcast", "Movie", "TV Show", "Has Video", "Audiobook")
_MILLI = 0.001
_ITUNES_BEST, _RHYTHMBOX_BEST, _REKORDBOX_BEST = 100, 5, 255


def stars(value: object, best: float) -> float | None:
    """A rating as a part of the best there is; None for 0, which is none."""
    found = parse_number(value)
    return found / best if found and 0 < found <= best else None


# iTunes


def is_itunes(source: ImportSource) -> bool:
    """Whether it is a property list."""
    return source.file_type == "xml" and source.root == "plist"


def read_itunes(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars, love, dislike and plays; or the tracks of one playlist, in its order."""
    tracks: dict[str, ExternalTrack] = {}
    playlists: dict[str, list[str]] = {}
    for path, element in source.elements("plist/dict/dict/dict", "plist/dict/array/dict"):
        values = _values(element)
        if path.endswith("array/dict"):
            items = values.get("Playlist Items")
            keys = [_text(_values(item).get("Track ID")) for item in (items if items is not None else ())]
            playlists[_text(values.get("Name"))] = keys
        elif not any(_true(values.get(name)) for name in _NO_MUSIC):
            tracks[_text(values.get("Track ID"))] = _itunes(values)
    return _select_playlist("itunes", source, tracks, playlists, playlist)


def _itunes(values: dict[str, ET.Element]) -> ExternalTrack:
    def raw(name: str) -> str:
        return _text(values.get(name))

    loved = _true(values.get("Loved")) or _true(values.get("Favorited"))
    return ExternalTrack(
        path=parse_path(raw("Location")),
        artist=parse_text(raw("Artist")),
        title=parse_text(raw("Name")),
        album=parse_text(raw("Album")),
        duration=parse_duration(raw("Total Time"), _MILLI),
        stars=None if _true(values.get("Rating Computed")) else stars(raw("Rating"), _ITUNES_BEST),
        plays=parse_count(raw("Play Count")),
        loved=True if loved else False if _true(values.get("Disliked")) else None,
        last_played=parse_timestamp(raw("Play Date UTC")),
    )


def _values(element: ET.Element) -> dict[str, ET.Element]:
    """A property list's dictionary: key, value, key, value …"""
    children = list(element)
    return {key.text or "": value for key, value in zip(children[::2], children[1::2], strict=False)}


def _text(element: ET.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _true(element: ET.Element | None) -> bool:
    return element is not None and element.tag == "true"


# Rhythmbox


def is_rhythmbox(source: ImportSource) -> bool:
    """Whether it is rhythmdb.xml, or playlists.xml that lies beside it."""
    return source.file_type == "xml" and source.root in ("rhythmdb", "rhythmdb-playlists")


def read_rhythmbox(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars and plays; or the tracks of one playlist, in its order."""
    if source.root == "rhythmdb":
        songs = (_rhythmbox(e) for _, e in source.elements("rhythmdb/entry") if e.get("type") == "song")
        return _select_playlist("rhythmbox", source, {f"{i}": song for i, song in enumerate(songs)}, {}, playlist)
    playlists: dict[str, list[str]] = {}
    for _, element in source.elements("rhythmdb-playlists/playlist"):
        places = [parse_path(location.text) for location in element.iter("location")]
        playlists[element.get("name") or ""] = [path for path in places if path]
    there = {path: ExternalTrack(path=path) for paths in playlists.values() for path in paths}
    if playlist is None:
        raise InvalidRequest(f"{source.path} holds playlists; say which with --playlist: {_names(playlists)}")
    return _select_playlist("rhythmbox", source, there, playlists, playlist)


def _rhythmbox(entry: ET.Element) -> ExternalTrack:
    return ExternalTrack(
        path=parse_path(entry.findtext("location")),
        recording=parse_recording_id(entry.findtext("mb-trackid")),
        artist=parse_text(entry.findtext("artist")),
        title=parse_text(entry.findtext("title")),
        album=parse_text(entry.findtext("album")),
        duration=parse_duration(entry.findtext("duration")),
        stars=stars(entry.findtext("rating"), _RHYTHMBOX_BEST),
        plays=parse_count(entry.findtext("play-count")),
        last_played=parse_timestamp(entry.findtext("last-played")),
    )


# Rekordbox


def is_rekordbox(source: ImportSource) -> bool:
    """Whether it is a collection exported in XML."""
    return source.file_type == "xml" and source.root == "DJ_PLAYLISTS"


def read_rekordbox(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars and plays; or the tracks of one playlist, in its order."""
    tracks: dict[str, ExternalTrack] = {}
    playlists: dict[str, list[str]] = {}
    locations: dict[str, str] = {}
    for path, element in source.elements("DJ_PLAYLISTS/COLLECTION/TRACK", "DJ_PLAYLISTS/PLAYLISTS/NODE"):
        if path.endswith("NODE"):
            playlists.update(_nodes(element, ()))
        else:
            key = element.get("TrackID") or f"#{len(tracks)}"
            tracks[key] = _rekordbox(element)
            locations[element.get("Location") or ""] = key
    known = {name: [locations.get(key, key) for key in keys] for name, keys in playlists.items()}
    return _select_playlist("rekordbox", source, tracks, known, playlist)


def _rekordbox(track: ET.Element) -> ExternalTrack:
    return ExternalTrack(
        path=parse_path(track.get("Location")),
        artist=parse_text(track.get("Artist")),
        title=parse_text(track.get("Name")),
        album=parse_text(track.get("Album")),
        duration=parse_duration(track.get("TotalTime")),
        stars=stars(track.get("Rating"), _REKORDBOX_BEST),
        plays=parse_count(track.get("PlayCount")),
    )


def _nodes(node: ET.Element, above: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Playlists by "Folder/Name" and what they hold, by id or location; the outermost folder has no name."""
    for child in node.findall("NODE"):
        name = (*above, child.get("Name") or "")
        if child.get("Type") == "1":
            yield "/".join(name), [track.get("Key") or "" for track in child.findall("TRACK")]
        yield from _nodes(child, name)


# All of them


def _select_playlist(
    format: str,
    source: ImportSource,
    tracks: dict[str, ExternalTrack],
    playlists: dict[str, list[str]],
    wanted: str | None,
) -> ImportedFile:
    """The library, or the one playlist that is wanted."""
    folder = source.path.parent
    if wanted is None:
        made = make_imported_file(format, folder, tracks.values())
        return ImportedFile(format, made.tracks, folder, False, made.unidentified, tuple(playlists))
    named = [name for name in playlists if wanted in (name, name.rpartition("/")[2])]
    exactly = [name for name in named if name == wanted] or named
    if len(exactly) != 1:
        raw = "several playlists" if exactly else "no playlist"
        raise NotFound(f"{raw} in {source.path} called {wanted!r}; there are: {_names(exactly or playlists)}")
    return make_imported_file(
        format, folder, (tracks[key] for key in playlists[exactly[0]] if key in tracks), is_playlist=True
    )


def _names(names: "dict[str, list[str]] | list[str]") -> str:
    return ", ".join(name for name in names if name) or "none"
