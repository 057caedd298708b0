"""Read the XML libraries of music players: iTunes and Apple Music, Rhythmbox, Rekordbox.

iTunes writes a property list without an official description
(https://pyrekordbox.readthedocs.io/en/stable/formats/itunes.html). The source of rhythmdb.xml is
rhythmdb/rhythmdb-tree.c of GNOME Rhythmbox. Rekordbox documents its format at
https://cdn.rekordbox.com/files/20200410160904/xml_format_list.pdf. Files are streamed.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from recsys.importers.entries import ExternalGroup, ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.named_playlists import select_playlist
from recsys.importers.parsing import (
    parse_count,
    parse_duration,
    parse_path,
    parse_recording_id,
    parse_stars,
    parse_text,
    parse_timestamp,
)
from recsys.importers.source import ImportSource

_NOT_MUSIC = ("Podcast", "Movie", "TV Show", "Has Video", "Audiobook")
_MILLI = 0.001
_ITUNES_SCALE, _RHYTHMBOX_SCALE, _REKORDBOX_SCALE = 100, 5, 255  # the rating of five stars


# iTunes


def is_itunes(source: ImportSource) -> bool:
    """Whether the file is a property list."""
    return source.file_type == "xml" and source.root == "plist"


def read_itunes(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars, loved and disliked tracks, and plays; or the tracks of one playlist, in its order."""
    tracks: dict[str, ExternalTrack] = {}
    playlists: dict[str, list[str]] = {}
    albums: dict[ExternalGroup, None] = {}
    for path, element in source.elements("plist/dict/dict/dict", "plist/dict/array/dict"):
        values = _values(element)
        if path.endswith("array/dict"):
            items = values.get("Playlist Items")
            keys = [_text(_values(item).get("Track ID")) for item in (items if items is not None else ())]
            playlists[_text(values.get("Name"))] = keys
        elif not any(_true(values.get(name)) for name in _NOT_MUSIC):
            tracks[_text(values.get("Track ID"))] = _itunes_track(values)
            album = _text(values.get("Album"))
            artist = _text(values.get("Album Artist")) or _text(values.get("Artist"))
            if _true(values.get("Album Loved")) and album and artist:
                albums[ExternalGroup(artist, album)] = None
    return select_playlist("itunes", source, tracks, playlists, playlist, groups=albums)


def _itunes_track(values: dict[str, ET.Element]) -> ExternalTrack:
    def text(name: str) -> str:
        return _text(values.get(name))

    loved = _true(values.get("Loved")) or _true(values.get("Favorited"))
    return ExternalTrack(
        path=parse_path(text("Location")),
        artist=parse_text(text("Artist")),
        title=parse_text(text("Name")),
        album=parse_text(text("Album")),
        duration=parse_duration(text("Total Time"), _MILLI),
        stars=None if _true(values.get("Rating Computed")) else parse_stars(text("Rating"), _ITUNES_SCALE),
        plays=parse_count(text("Play Count")),
        loved=True if loved else False if _true(values.get("Disliked")) else None,
        last_played=parse_timestamp(text("Play Date UTC")),
    )


def _values(element: ET.Element) -> dict[str, ET.Element]:
    """The dictionary of a property list, whose children are key, value, key, value …"""
    children = list(element)
    return {key.text or "": value for key, value in zip(children[::2], children[1::2], strict=False)}


def _text(element: ET.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _true(element: ET.Element | None) -> bool:
    return element is not None and element.tag == "true"


# Rhythmbox


def is_rhythmbox(source: ImportSource) -> bool:
    """Whether the file is rhythmdb.xml, or playlists.xml, which is stored beside it."""
    return source.file_type == "xml" and source.root in ("rhythmdb", "rhythmdb-playlists")


def read_rhythmbox(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars and plays; or the tracks of one playlist, in its order."""
    if source.root == "rhythmdb":
        songs = (_rhythmbox_track(e) for _, e in source.elements("rhythmdb/entry") if e.get("type") == "song")
        return select_playlist("rhythmbox", source, {f"{i}": song for i, song in enumerate(songs)}, {}, playlist)
    playlists: dict[str, list[str]] = {}
    for _, element in source.elements("rhythmdb-playlists/playlist"):
        paths = [parse_path(location.text) for location in element.iter("location")]
        playlists[element.get("name") or ""] = [path for path in paths if path]
    tracks = {path: ExternalTrack(path=path) for keys in playlists.values() for path in keys}
    if playlist is None:
        return make_imported_file(
            "rhythmbox", source.path.parent, tracks.values(), is_playlist=True, playlists=playlists
        )
    return select_playlist("rhythmbox", source, tracks, playlists, playlist)


def _rhythmbox_track(entry: ET.Element) -> ExternalTrack:
    return ExternalTrack(
        path=parse_path(entry.findtext("location")),
        recording=parse_recording_id(entry.findtext("mb-trackid")),
        artist=parse_text(entry.findtext("artist")),
        title=parse_text(entry.findtext("title")),
        album=parse_text(entry.findtext("album")),
        duration=parse_duration(entry.findtext("duration")),
        stars=parse_stars(entry.findtext("rating"), _RHYTHMBOX_SCALE),
        plays=parse_count(entry.findtext("play-count")),
        last_played=parse_timestamp(entry.findtext("last-played")),
    )


# Rekordbox


def is_rekordbox(source: ImportSource) -> bool:
    """Whether the file is a collection exported as XML."""
    return source.file_type == "xml" and source.root == "DJ_PLAYLISTS"


def read_rekordbox(source: ImportSource, playlist: str | None = None) -> ImportedFile:
    """Stars and plays; or the tracks of one playlist, in its order."""
    tracks: dict[str, ExternalTrack] = {}
    playlists: dict[str, list[str]] = {}
    locations: dict[str, str] = {}
    for path, element in source.elements("DJ_PLAYLISTS/COLLECTION/TRACK", "DJ_PLAYLISTS/PLAYLISTS/NODE"):
        if path.endswith("NODE"):
            playlists.update(_rekordbox_playlists(element, ()))
        else:
            key = element.get("TrackID") or f"#{len(tracks)}"
            tracks[key] = _rekordbox_track(element)
            locations[element.get("Location") or ""] = key
    by_id = {name: [locations.get(key, key) for key in keys] for name, keys in playlists.items()}
    return select_playlist("rekordbox", source, tracks, by_id, playlist)


def _rekordbox_track(track: ET.Element) -> ExternalTrack:
    return ExternalTrack(
        path=parse_path(track.get("Location")),
        artist=parse_text(track.get("Artist")),
        title=parse_text(track.get("Name")),
        album=parse_text(track.get("Album")),
        duration=parse_duration(track.get("TotalTime")),
        stars=parse_stars(track.get("Rating"), _REKORDBOX_SCALE),
        plays=parse_count(track.get("PlayCount")),
    )


def _rekordbox_playlists(node: ET.Element, parents: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Playlists as "Folder/Name" with their tracks, by id or location; the outermost folder has no name."""
    for child in node.findall("NODE"):
        name = (*parents, child.get("Name") or "")
        if child.get("Type") == "1":
            yield "/".join(name), [track.get("Key") or "" for track in child.findall("TRACK")]
        yield from _rekordbox_playlists(child, name)
