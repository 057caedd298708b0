"""Artist, title and numbers in the names of files without tags: "03 - Artist - Title"."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from recsys.metadata.text import fold

_DASH = re.compile(r"\s+[-–—]\s+")
_DISC_AND_TRACK = re.compile(r"(\d{1,2})(?:[-.]|\s+[-–—]\s+)(\d\d)(?:\s*[-–—.)]\s*|\s+)(?=\S)")
_TRACK = re.compile(
    r"(\d{1,3})(?:\s*[-–—.)]\s+|[.)](?=[^\W\d]))(?=\S)|(\d{2,3})\s*[-–—](?=[^\W\d])|(0\d{1,2})\s+(?=[^\s&+])"
)
_ONLY_NUMBER = re.compile(r"\d{1,3}")


class NameParts(NamedTuple):
    """What the name of a file has; None for what it lacks."""

    title: str
    artist: str | None = None
    album: str | None = None
    track: int | None = None
    disc: int | None = None


def parts_of_name(name: str, artist: str | None = None) -> NameParts:
    """The parts of a file name without suffix.

    Underscores in a name without spaces are spaces. A number in front is that of the track if it is zero-padded, or if
    a dot, bracket or dash follows it: "99 Luftballons" is a title. Of the parts between dashes, the first is the artist
    and all others are the title, except in "Artist - Album - 03 - Title". If the file has an ``artist``, only this one
    can be in front, and all other dashes belong to the title.

    >>> parts_of_name("03 - Artist - Title")
    NameParts(title='Title', artist='Artist', album=None, track=3, disc=None)
    """
    text = _spaced(name)
    track = disc = None
    if found := _DISC_AND_TRACK.match(text):
        disc, track = int(found[1]) or None, int(found[2]) or None
    elif found := _TRACK.match(text):
        track = _number(found)
    rest = text[found.end() :] if found else text
    if not any(c.isalnum() for c in rest):
        return NameParts(text)
    parts = [part for part in _DASH.split(rest) if any(c.isalnum() for c in part)]
    if len(parts) < 2 or (artist is not None and fold(parts[0]) != fold(artist)):
        return NameParts(rest, track=track, disc=disc)
    named, *parts = parts
    album = None
    if track is None:
        if len(parts) > 1 and _ONLY_NUMBER.fullmatch(parts[0]):  # Artist - 03 - Title
            track, parts = int(parts[0]) or None, parts[1:]
        elif len(parts) > 2 and _ONLY_NUMBER.fullmatch(parts[1]):  # Artist - Album - 03 - Title
            album, track, parts = parts[0], int(parts[1]) or None, parts[2:]
        elif len(parts) == 2 and (found := _TRACK.match(parts[1])):  # Artist - Album - 03 Title
            album, track, parts = parts[0], _number(found), [parts[1][found.end() :]]
    return NameParts(" - ".join(parts), named, album, track, disc)


def _number(found: re.Match[str]) -> int | None:
    return next(int(digits) for digits in found.groups() if digits) or None


def _spaced(name: str) -> str:
    """The name with spaces for underscores, and for the escapes of URLs, if it has no spaces."""
    if " " not in name and "%20" in name:
        name = unquote(name)
    if " " not in name:
        name = name.replace("_", " ")
    return " ".join(name.split())
