"""Lyrics of tracks."""

from dataclasses import dataclass
from typing import NamedTuple


class LyricLine(NamedTuple):
    """A line, and when it is sung, in milliseconds; None if that is unknown."""

    text: str
    start_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Lyrics:
    """The lyrics of a track from one source.

    Attributes
    ----------
    lines : tuple of LyricLine
        In the order of their times, if they have some: all or none have.
    language : str or None
        As the source has it, mostly a code of ISO 639.
    offset_ms : int
        By how much the lines come sooner than their times.
    """

    lines: tuple[LyricLine, ...]
    language: str | None = None
    offset_ms: int = 0

    @property
    def synced(self) -> bool:
        """Whether the lines have times."""
        return bool(self.lines) and self.lines[0].start_ms is not None

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(line.text for line in self.lines)
