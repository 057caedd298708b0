"""Conditional and partial requests for one file (RFC 9110, 13 and 14): which bytes are sent, with which status.

One range is answered; a request for several gets the whole file, as the standard permits.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

_RANGE = re.compile(r"bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE)


class FileState(NamedTuple):
    """What identifies the content of a file."""

    size: int
    mtime_ns: int
    inode: int

    @property
    def etag(self) -> str:
        """A strong entity tag."""
        return f'"{self.inode:x}-{self.size:x}-{self.mtime_ns:x}"'

    @property
    def last_modified(self) -> str:
        """The time of the last change, as HTTP has it."""
        return format_datetime(self._changed, usegmt=True)

    def is_newer(self, date: str) -> bool:
        """Whether the file changed after a date of HTTP; True for an invalid one."""
        try:
            return self._changed > parsedate_to_datetime(date)
        except (ValueError, TypeError):  # TypeError: a date without a zone
            return True

    @property
    def _changed(self) -> datetime:
        try:
            return datetime.fromtimestamp(self.mtime_ns // 10**9, UTC)
        except (OverflowError, ValueError, OSError):
            return datetime.fromtimestamp(0, UTC)


class Part(NamedTuple):
    """The bytes from ``start``, ``length`` of them, and the status of the answer."""

    status: int
    start: int
    length: int


def choose_part(method: str, headers: Mapping[str, str], state: FileState) -> Part:
    """What a request gets: 200 the file, 206 a part of it, 304 nothing new, 416 no such part.

    >>> choose_part("GET", {"range": "bytes=-4"}, FileState(10, 0, 0))
    Part(status=206, start=6, length=4)
    """
    if _is_unchanged(headers, state):
        return Part(304, 0, 0)
    whole = Part(200, 0, state.size)
    wanted = _RANGE.fullmatch(headers.get("range", ""))
    if method not in ("GET", "POST") or wanted is None or not _is_valid_if_range(headers.get("if-range"), state):
        return whole
    first, last = wanted.groups()
    if not first and not last:
        return whole
    if not first:
        start, end = max(0, state.size - int(last)), state.size
    else:
        start, end = int(first), min(int(last) + 1, state.size) if last else state.size
        if last and int(last) < start:
            return whole
    return Part(206, start, end - start) if start < end else Part(416, 0, 0)


def has_etag(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a client has what a tag identifies, by the header ``If-None-Match``."""
    tags = headers.get("if-none-match", "")
    return tags.strip() == "*" or etag in re.findall(r'"[^"]*"', tags)


def _is_unchanged(headers: Mapping[str, str], state: FileState) -> bool:
    if "if-none-match" in headers:
        return has_etag(headers, state.etag)
    since = headers.get("if-modified-since")
    return since is not None and not state.is_newer(since)


def _is_valid_if_range(value: str | None, state: FileState) -> bool:
    return value is None or value.strip() in (state.etag, state.last_modified)
