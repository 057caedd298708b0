"""What a terminal shows: tables and JSON on stdout, everything else on stderr.

Names come from files of unknown origin: what could steer a terminal (control characters, reversed writing) is
shown as an escape. A table fits the terminal; in a pipe nothing is cut off.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys import Track

_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # direction and separators
    "\ud800-\udfff]"  # bytes of a name that is no text
)
_GAP = 2
_NARROWEST = 8


def escape(text: object) -> str:
    """Text that cannot steer a terminal, in one line."""
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), str(text))


def pluralise(n: int, thing: str) -> str:
    """ "1 track", "2 tracks"; the plural has an s."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def print_error(message: str) -> None:
    """The one line of an error."""
    print(f"recsys: error: {escape(message)}", file=sys.stderr)


def print_status(message: str, *, quiet: bool = False) -> None:
    """A line beside the data."""
    if not quiet:
        print(escape(message), file=sys.stderr)


def print_json(data: Any) -> None:
    """Data for programs; pure ASCII, so that every pipe can carry every file name."""
    print(json.dumps(data, indent=2))


def print_table(columns: Sequence["Column"], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns with a heading."""
    for line in table_lines(columns, rows, terminal_width()):
        print(line)


class Column:
    """Heading of a column; ``right`` aligns numbers; ``shrinkable`` room to others when the terminal is narrow."""

    def __init__(self, heading: str, *, right: bool = False, shrinkable: bool = False) -> None:
        self.heading = heading
        self.right = right
        self.shrinkable = shrinkable


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]], width: int | None) -> Iterable[str]:
    """Lines of a table within ``width`` cells, or as wide as it needs."""
    from rich.cells import cell_len, set_cell_size

    cells = [[escape(c.heading) for c in columns], *([escape("" if v is None else v) for v in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if width is not None:
        _narrow(widths, columns, width)
    for row in cells:
        fitted = []
        for text, size, column in zip(row, widths, columns, strict=True):
            if cell_len(text) > size:
                text = set_cell_size(text, size - 1).rstrip() + "…"
            padding = " " * (size - cell_len(text))
            fitted.append(padding + text if column.right else text + padding)
        yield (" " * _GAP).join(fitted).rstrip()


def _narrow(widths: list[int], columns: Sequence[Column], width: int) -> None:
    """Take from the widest of the columns that give until all fit, but leave each its least."""
    giving = [i for i, column in enumerate(columns) if column.shrinkable]
    while giving and sum(widths) + _GAP * (len(widths) - 1) > width:
        widest = max(giving, key=lambda i: widths[i])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1


def terminal_width() -> int | None:
    """Cells of a line on stdout; None in a pipe, where nothing needs to fit."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return None
    return shutil.get_terminal_size().columns


def print_tracks(tracks: Sequence["Track"], similarities: Sequence[float | None] = ()) -> None:
    """Tracks as a table; with the similarity where it is known."""
    columns = [Column("id", right=True), Column("artist", shrinkable=True), Column("title", shrinkable=True)]
    columns += [Column("genre"), Column("bpm", right=True), Column("key"), Column("time", right=True)]
    known = any(similarity is not None for similarity in similarities)
    if known:
        columns.insert(1, Column("similarity", right=True))
    rows: list[list[object]] = []
    for position, track in enumerate(tracks):
        row = [track.id, track.artist or "–", track.title, genre_cell(track)]
        row += [_number(track.bpm), short_key(track.key), format_duration(track.duration)]
        if known:
            similarity = similarities[position]
            row.insert(1, "" if similarity is None else f"{similarity:.2f}")
        rows.append(row)
    print_table(columns, rows)


def genre_cell(track: "Track") -> str:
    """ "jazz 87%", "unknown (pop 31%)"."""
    if track.genre is None or track.genre_probability is None:
        return track.genre or "–"
    if track.genre_guess:
        return f"{track.genre} ({track.genre_guess} {track.genre_probability:.0%})"
    return f"{track.genre} {track.genre_probability:.0%}"


def short_key(key: str | None) -> str:
    """ "A minor" as musicians write it in a table: Am."""
    if not key:
        return "–"
    tonic, mode = key.split()
    return tonic + ("m" if mode == "minor" else "")


def format_duration(seconds: float) -> str:
    """ "3:05", "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def format_top(probabilities: Mapping[str, float], n: int) -> str:
    """ "jazz 87%, blues 5%"."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:n]
    return ", ".join(f"{name} {probability:.0%}" for name, probability in ranked)


def score_cell(score: Mapping[str, float] | None) -> str:
    """ "0.744 (0.701–0.780)"."""
    if score is None:
        return "–"
    if "low" not in score:
        return f"{score['mean']:.2f}"
    return f"{score['mean']:.3f} ({score['low']:.3f}–{score['high']:.3f})"
