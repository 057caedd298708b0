"""Convert single values as other programs write them. An invalid value becomes None (or 0 plays), never an error."""

import math
import re
from datetime import UTC, datetime
from urllib.parse import unquote

_UUID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])", re.IGNORECASE)
_OTHER_ENTITY = re.compile(r"musicbrainz\.org/(?!recording/|track/)", re.IGNORECASE)
_REMOTE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+://|(?:spotify|urn|cdda|data|https?):", re.IGNORECASE)
_DRIVE = re.compile(r"/[a-zA-Z]:(?=[/\\]|$)")
_DATE_WORDS = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_MIN_TIMESTAMP, _MAX_TIMESTAMP = 2e7, 32e9  # seconds: after 1970, the value of an unset clock, and before 3000
_YES = frozenset({"1", "true", "yes", "y", "t", "x", "loved", "love", "liked", "like", "starred", "♥", "❤"})
_NO = frozenset({"-1", "hated", "hate", "disliked", "dislike", "banned"})
_STARS = frozenset("*★☆½ ")
_MAX_LENGTH = 1000  # characters of a name; longer text is dropped
_MAX_PATH = 3 * 4096  # characters of a path; three for each byte of a URI


def parse_text(value: object) -> str | None:
    """Text without surrounding white space; the first item of a list."""
    if isinstance(value, list | tuple):
        value = next((item for item in value if item), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    return text if text and len(text) <= _MAX_LENGTH else None


def parse_number(value: object) -> float | None:
    """A finite number, or the text of one.

    >>> parse_number("12"), parse_number("0,5"), parse_number("n/a")
    (12.0, 0.5, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def parse_rating(value: object) -> float | None:
    """A rating as a number, or as stars.

    >>> parse_rating("80"), parse_rating("****"), parse_rating("★★★☆☆")
    (80.0, 4.0, 3.0)
    """
    if isinstance(value, str) and value.strip() and _STARS.issuperset(value):
        return value.count("*") + value.count("★") + 0.5 * value.count("½") or None
    return parse_number(value)


def parse_stars(value: object, scale: float) -> float | None:
    """A rating of 1 to ``scale`` as a fraction of ``scale``; None for 0, which is no rating.

    >>> parse_stars("204", 255)
    0.8
    """
    found = parse_number(value)
    return found / scale if found and 0 < found <= scale else None


def parse_count(value: object) -> int:
    """A play count; 0 for anything that is not a positive number below one billion."""
    found = parse_number(value) or 0
    return int(found) if 0 < found < 1e9 else 0


def parse_duration(value: object, unit: float = 1.0) -> float | None:
    """A duration in seconds, from a number of ``unit`` seconds (0.001 for milliseconds) or text like "1:02:03".

    >>> parse_duration("3:45"), parse_duration(305093, 0.001)
    (225.0, 305.093)
    """
    if isinstance(value, str) and ":" in value:
        parts = [parse_number(part) for part in value.split(":")]
        if len(parts) > 3 or any(part is None or part < 0 for part in parts):
            return None
        found: float | None = sum((part or 0) * 60**i for i, part in enumerate(reversed(parts)))
    else:
        found = parse_number(value)
    found = found and found * unit
    return found if found and 0 < found < 1e6 else None


def parse_timestamp(value: object) -> str | None:
    """A time in UTC as ISO 8601 with microseconds, as the library stores it.

    Accepts ISO 8601, "15 Mar 2025, 14:30", and seconds, milliseconds or microseconds since 1970, distinguished by
    their magnitude. A time without a zone is taken as UTC.

    >>> parse_timestamp("15 Mar 2025, 14:30"), parse_timestamp(1714552200)
    ('2025-03-15T14:30:00.000000+00:00', '2024-05-01T08:30:00.000000+00:00')
    """
    since = parse_number(value)
    if since is not None:
        while since >= _MAX_TIMESTAMP:
            since /= 1000
        return datetime.fromtimestamp(since, UTC).isoformat(timespec="microseconds") if since > _MIN_TIMESTAMP else None
    if not isinstance(value, str):
        return None
    try:
        words = _DATE_WORDS.fullmatch(value.strip())
        if words:
            day, month, year, hour, minute, second = words.groups(default="0")
            date = int(year), _MONTHS.get(month.lower(), 0), int(day)
            found = datetime(*date, int(hour), int(minute), int(second), tzinfo=UTC)
        else:
            found = datetime.fromisoformat(value.strip())
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        return found.isoformat(timespec="microseconds") if found.year > 1970 else None
    except (ValueError, OverflowError):
        return None


def parse_recording_id(value: object) -> str | None:
    """A MusicBrainz recording id, on its own or in a URL; the first of a list."""
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str) and not _OTHER_ENTITY.search(text) and (found := _UUID.search(text)):
            return found[0].lower()
    return None


def parse_path(value: object, *, uri: bool = False) -> str | None:
    """A path, from a path or a file URI; None for a stream or another resource.

    With ``uri``, text without a scheme is a URI reference and is decoded as well.

    >>> parse_path("file:///music/J%C3%B3ga.mp3"), parse_path("100%25.mp3", uri=True), parse_path("https://example.org")
    ('/music/Jóga.mp3', '100%.mp3', None)
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    text = value.strip("\r\n") if isinstance(value, str) else ""
    if not text or len(text) > _MAX_PATH or _REMOTE.match(text.strip()):
        return None
    if text[:5].lower() != "file:":
        return unquote(text, errors="surrogateescape") if uri else text
    path = unquote(text[5:], errors="surrogateescape")
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        path = slash + rest if host.lower() in ("", "localhost", "127.0.0.1") else path
    return (path[1:] if _DRIVE.match(path) else path) or None


def parse_loved(value: object) -> bool | None:
    """True for loved, False for hated; a time, as Subsonic writes it, is loved."""
    if isinstance(value, bool):
        return value or None
    text = str(value).strip().casefold() if isinstance(value, str | int | float) else ""
    text = text.removesuffix(".0")
    return True if text in _YES else False if text in _NO else (parse_timestamp(value) is not None or None)
