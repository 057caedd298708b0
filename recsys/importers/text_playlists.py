"""Read playlists that are text: M3U, M3U8 and PLS. Every track of a playlist is a like.

M3U has no standard; https://en.wikipedia.org/wiki/M3U describes what programs write: one path on each line, after an
optional ``#EXTINF:seconds,Artist - Title``. iTunes and Apple Music write ``Title - Artist``, and end lines with a bare
carriage return. ``#EXTART`` and ``#EXTALB`` name artist and album, of the next track or of the whole list.

PLS (https://en.wikipedia.org/wiki/PLS_(file_format)) is an INI file with a section "playlist" and the keys ``File1``,
``Title1`` and ``Length1``, in any order.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from recsys.importers.entries import ExternalTrack, ImportedFile, make_imported_file
from recsys.importers.parsing import parse_duration, parse_path, parse_text
from recsys.importers.source import ImportSource, lines_of

_M3U_SUFFIXES = (".m3u", ".m3u8")
_INFO = re.compile(r'#EXTINF:\s*+(-?[\d.]{1,20})?(?:(?:[^,"]|"[^"]*+")*+|[^,]*+),(.*)', re.IGNORECASE)
_NAME = re.compile(r"#EXT(ART|ALB):(.*)", re.IGNORECASE)
_FILE_NAME = re.compile(r"(?:#|[^,;\t]*[^,;\t\s]\.[a-z][a-z0-9]{1,4}\s*$)", re.IGNORECASE)
_HLS_TAG = "#EXT-X-"  # of HTTP Live Streaming, whose segment lists have the same suffix and first line
_SAMPLE = 10_000  # characters that detect the format
_PLS_SECTION = re.compile(r"\s*\[\s*playlist\s*\]", re.IGNORECASE)
_PLS_LINE = re.compile(r"\s*(file|title|length)\s*(\d{1,9})\s*=(.*)", re.IGNORECASE)
_DASH = re.compile(r"\s[-–—]\s+")
_MAX_LINE = 1 << 14  # characters
_N_TOP_LINES = 100  # above the first entry
_MAX_DASHES = 3  # of a label whose readings are all tried


def is_m3u(source: ImportSource) -> bool:
    """Whether the file has the header or the suffix of M3U, or contains only file names; not HTTP Live Streaming."""
    if source.file_type != "text" or _HLS_TAG in (start := source.text.lstrip()[:_SAMPLE]):
        return False
    marked = start.upper().startswith("#EXTM3U") or source.path.suffix.lower() in _M3U_SUFFIXES
    lines = [line for line in lines_of(start) if line.strip()]
    return marked or all(_FILE_NAME.match(line) for line in lines[:20])


def read_m3u(source: ImportSource) -> ImportedFile:
    """Paths, names and durations."""
    return make_imported_file("m3u", source.path.parent, _m3u_tracks(source), is_playlist=True)


def _m3u_tracks(source: ImportSource) -> Iterator[ExternalTrack]:
    text = source.text
    title_first = "\n" not in text and "\r" in text  # as Apple writes it
    label = duration = None
    lasting = _whole_list_names(text)
    names = dict(lasting)
    for line in source.budget.rows(_short_lines(text)):
        if info := _INFO.match(line):
            duration, label = parse_duration(info[1]), info[2]
        elif name := _NAME.match(line):
            names[name[1].upper()] = name[2]
        elif line.strip() and not line.startswith("#"):
            track = named_track(label, artist=names.get("ART", ""), title_first=title_first)
            album = parse_text(names.get("ALB"))
            yield ExternalTrack(parse_path(line), None, track.artist, track.title, album, duration, label=track.label)
            label = duration = None
            names = dict(lasting)


def _short_lines(text: str) -> Iterator[str]:
    """The lines that may be a path or a name."""
    return (line.lstrip("\ufeff") for line in lines_of(text) if len(line) <= _MAX_LINE)


def _whole_list_names(text: str) -> dict[str, str]:
    """Artist and album of the whole list: above the first entry, and nowhere else."""
    found: dict[str, str] = {}
    for line in islice(_short_lines(text), _N_TOP_LINES):
        if name := _NAME.match(line):
            found[name[1].upper()] = name[2]
        elif not line.startswith("#") or _INFO.match(line):
            break
    return {key: name for key, name in found.items() if len(re.findall(f"#EXT{key}:", text, re.IGNORECASE)) == 1}


def is_pls(source: ImportSource) -> bool:
    """Whether the file starts with the section "playlist"."""
    return source.file_type == "text" and any(map(_PLS_SECTION.match, source.first_lines[:1]))


def read_pls(source: ImportSource) -> ImportedFile:
    """Paths, names and durations, in the order of their numbers."""
    return make_imported_file("pls", source.path.parent, _pls_tracks(source), is_playlist=True)


def _pls_tracks(source: ImportSource) -> Iterator[ExternalTrack]:
    entries: dict[int, dict[str, str]] = defaultdict(dict)
    for line in source.budget.rows(lines_of(source.text)):
        if found := _PLS_LINE.match(line):
            entries[int(found[2])][found[1].lower()] = found[3]
    for _, entry in sorted(entries.items()):
        track = named_track(entry.get("title"))
        yield ExternalTrack(
            parse_path(entry.get("file", "").strip()), None, track.artist, track.title,
            duration=parse_duration(entry.get("length", "").strip()), label=track.label,
        )  # fmt: skip


def named_track(label: str | None, *, artist: str = "", title_first: bool = False) -> ExternalTrack:
    """Artist, title and label of "Artist - Title"; of "Title - Artist" with ``title_first`` or where it is known."""
    text, known = parse_text(label), parse_text(artist)
    found = readings(text) if text else []
    if len(found) < 2:
        return ExternalTrack(artist=known, title=text)
    swapped = [(name, title) for name, title in found if known and name.casefold() == known.casefold()]
    first = swapped[0] if swapped else found[1] if title_first else found[0]
    return ExternalTrack(artist=first[0], title=first[1], label=text)


def readings(label: str) -> list[tuple[str, str]]:
    """What a label may mean, as (artist, title): artist first, title first, and so at each of several dashes.

    The second one is the most likely one if the title is first: a title has a dash more often than an artist.

    >>> readings("So What - Miles Davis")
    [('So What', 'Miles Davis'), ('Miles Davis', 'So What')]
    """
    dashes = list(_DASH.finditer(label))
    if not dashes or len(dashes) > _MAX_DASHES:
        dashes = dashes[:1] + dashes[-1:]
    pairs = [(label[: dash.start()].strip(), label[dash.end() :].strip()) for dash in dashes]
    pairs = [(first, last) for first, last in pairs if first and last]
    both = [pairs, [(last, first) for first, last in reversed(pairs)]]
    return list(dict.fromkeys(pair for each in zip(*both, strict=True) for pair in each))


def split_name(name: str) -> tuple[str | None, str | None]:
    """Artist and title of "Artist - Title"; (None, title) without " - ".

    >>> split_name("Miles Davis - So What"), split_name("So What")
    (('Miles Davis', 'So What'), (None, 'So What'))
    """
    track = named_track(name)
    return track.artist, track.title
