"""Read playlists that are XML or JSON: XSPF, JSPF, WPL, ZPL and ASX. Every track of a playlist is a like.

XSPF is specified at https://www.xspf.org/spec, JSPF at https://www.xspf.org/jspf and, as ListenBrainz writes it, at
https://musicbrainz.org/doc/jspf. WPL, of Windows Media Player, and ZPL, of Zune and Groove, are SMIL
(https://www.w3.org/TR/SMIL/) with a ``media`` element for each track; ZPL adds names and durations in milliseconds.
ASX (https://en.wikipedia.org/wiki/Advanced_Stream_Redirector) ignores the case of its elements.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from recsys.importers.entries import ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.parsing import parse_duration, parse_path, parse_recording_id, parse_text
from recsys.importers.source import ImportSource
from recsys.importers.text_playlists import named_track

_MILLI = 0.001


def is_xspf(source: ImportSource) -> bool:
    """Whether the outermost XML element is a playlist."""
    return source.file_type == "xml" and source.root == "playlist"


def read_xspf(source: ImportSource) -> ImportedFile:
    """Paths, MusicBrainz ids, names and durations."""
    return make_imported_file("xspf", source.path.parent, _xspf_tracks(source), is_playlist=True)


def _xspf_tracks(source: ImportSource) -> Iterator[ExternalTrack]:
    for _, track in source.elements("playlist/trackList/track"):
        values: dict[str, list[str]] = {}
        for element in track:
            values.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
        yield _external_track(values)


def is_jspf(source: ImportSource) -> bool:
    """Whether the file is a JSON object with a list of tracks under "playlist"."""
    return source.file_type == "json" and isinstance(_jspf_tracks(source.json), list)


def read_jspf(source: ImportSource) -> ImportedFile:
    """Paths, MusicBrainz ids, names and durations, as in XSPF."""
    records = _jspf_tracks(source.json) or []
    tracks = (_external_track(record) for record in source.budget.rows(records) if isinstance(record, dict))
    return make_imported_file("jspf", source.path.parent, tracks, is_playlist=True)


def _jspf_tracks(data: Any) -> Any:
    playlist = data.get("playlist") if isinstance(data, dict) else None
    return playlist.get("track") if isinstance(playlist, dict) else None


def _external_track(values: dict[str, Any]) -> ExternalTrack:
    location = values.get("location")
    uris = location if isinstance(location, list) else [location]
    paths = (parse_path(parse_text(uri), uri=True) for uri in uris)
    artist, title = parse_text(values.get("creator")), parse_text(values.get("title"))
    named = ExternalTrack(artist=artist, title=title) if artist else named_track(title)
    return ExternalTrack(
        path=next((path for path in paths if path), None),
        recording=parse_recording_id(values.get("identifier")) or parse_recording_id(location),
        artist=named.artist,
        title=named.title,
        album=parse_text(values.get("album")),
        duration=parse_duration(parse_text(values.get("duration")), _MILLI),
        label=named.label,
    )


def is_smil(source: ImportSource) -> bool:
    """Whether the file is a list of Windows Media Player, Zune or Groove."""
    return source.file_type == "xml" and source.root.lower() == "smil"


def read_smil(source: ImportSource) -> ImportedFile:
    """Paths; of Zune and Groove names and durations as well."""
    media = (_smil_track(element) for _, element in source.elements("smil/body/seq/media", ignore_case=True))
    return make_imported_file("wpl", source.path.parent, media, is_playlist=True)


def _smil_track(media: Element) -> ExternalTrack:
    return ExternalTrack(
        path=parse_path(media.get("src")),
        artist=parse_text(media.get("trackArtist")) or parse_text(media.get("albumArtist")),
        title=parse_text(media.get("trackTitle")),
        album=parse_text(media.get("albumTitle")),
        duration=parse_duration(media.get("duration"), _MILLI),
    )


def is_asx(source: ImportSource) -> bool:
    """Whether the outermost XML element is "asx"."""
    return source.file_type == "xml" and source.root.lower() == "asx"


def read_asx(source: ImportSource) -> ImportedFile:
    """Paths, names and durations."""
    entries = (_asx_track(element) for _, element in source.elements("asx/entry", ignore_case=True))
    return make_imported_file("asx", source.path.parent, entries, is_playlist=True)


def _asx_track(entry: Element) -> ExternalTrack:
    def attribute(element: str, name: str) -> str | None:
        found = [value for child in entry.iter(element) for key, value in child.items() if key.lower() == name]
        return found[0] if found else None

    artist, title = parse_text(entry.findtext("author")), parse_text(entry.findtext("title"))
    named = ExternalTrack(artist=artist, title=title) if artist else named_track(title)
    return ExternalTrack(
        parse_path(attribute("ref", "href")), None, named.artist, named.title,
        duration=parse_duration(attribute("duration", "value")), label=named.label,
    )  # fmt: skip
