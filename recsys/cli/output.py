"""Output of the terminal: data on stdout as tables or JSON, everything else on stderr.

Names come from untrusted files: characters that control a terminal (control codes, changes of the writing direction)
are printed as escapes. Tables fit the width of a terminal. In a pipe nothing is cut off; a long name moves the rest of
its line to the right, and does not widen the other lines.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recsys.errors import pluralise as pluralise

if TYPE_CHECKING:
    from recsys import Track

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # direction and separators
    "\ud800-\udfff]"  # undecodable bytes of a name
)
_GAP = 2  # spaces between columns
_MIN_WIDTH = 8  # of a column that shrinks
_MAX_PADDED = 40  # cells to which a column that shrinks is padded where the width is not limited
_LONG_WORD = re.compile(r"\S{601,}")
_KEPT, _MAX_ERROR = 200, 2400  # characters of a long word at either end, and of an error


def escape(text: object) -> str:
    """The text in one line, with control characters as escapes."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), str(text))


def print_error(message: str) -> None:
    """Print an error in one line on stderr; the middle of a very long word, such as an argument, is left out."""
    print_errors([message])


def print_errors(messages: Iterable[str]) -> None:
    """Print errors as :func:`print_error` does, each in its line; a thousand at once take less time."""
    if lines := "\n".join(map(_error_line, messages)):
        print(lines, file=sys.stderr)


def _error_line(message: str) -> str:
    short = _LONG_WORD.sub(lambda match: f"{match[0][:_KEPT]}…{match[0][-_KEPT:]}", message)
    if len(short) > _MAX_ERROR:
        short = f"{short[: _MAX_ERROR // 2]} … {short[-_MAX_ERROR // 2 :]}"
    return f"recsys: error: {escape(short)}"


def print_status(message: str, *, quiet: bool = False) -> None:
    """Print a line on stderr, unless ``quiet``."""
    if not quiet:
        print(escape(message), file=sys.stderr)


def print_json(data: Any) -> None:
    """Print JSON; it is ASCII, so that it has the same bytes in every locale."""
    print(json.dumps(data, indent=2))


def print_table(columns: Sequence["Column"], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns with headings."""
    for line in table_lines(columns, rows, terminal_width()):
        print(line)


class Column:
    """A column of a table: its heading; ``right`` aligned; ``shrinkable`` where the terminal is too narrow.

    Where that is not enough, the columns with the largest ``spare`` are left out first; those with 0 stay.
    """

    def __init__(self, heading: str, *, right: bool = False, shrinkable: bool = False, spare: int = 0) -> None:
        self.heading = heading
        self.right = right
        self.shrinkable = shrinkable
        self.spare = spare


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]], width: int | None) -> Iterable[str]:
    """The lines of a table in at most ``width`` cells; None is any width, and nothing is cut off."""
    from rich.cells import cell_len, set_cell_size

    cells = [[escape(c.heading) for c in columns], *([escape("" if v is None else v) for v in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if width is not None and (kept := _fitting(widths, columns, width)) != list(range(len(columns))):
        columns, widths = [columns[i] for i in kept], [widths[i] for i in kept]
        cells = [[row[i] for i in kept] for row in cells]
    if width is not None:
        _narrow(widths, columns, width)
    else:
        widths = [min(size, _MAX_PADDED) if c.shrinkable else size for size, c in zip(widths, columns, strict=True)]
    for row in cells:
        fitted = []
        for text, size, column in zip(row, widths, columns, strict=True):
            if width is not None and cell_len(text) > size:
                text = set_cell_size(text, size - 1).rstrip() + "…"
            padding = " " * (size - cell_len(text))
            fitted.append(padding + text if column.right else text + padding)
        yield (" " * _GAP).join(fitted).rstrip()


def _fitting(widths: Sequence[int], columns: Sequence[Column], width: int) -> list[int]:
    """The indices of the columns that fit a terminal at their minimal widths, without as many spare ones as needed."""
    least = [min(size, _MIN_WIDTH) if c.shrinkable else size for size, c in zip(widths, columns, strict=True)]
    kept = list(range(len(columns)))
    while sum(least[i] for i in kept) + _GAP * (len(kept) - 1) > width:
        most = max(kept, key=lambda i: columns[i].spare)
        if not columns[most].spare:
            break
        kept.remove(most)
    return kept


def _narrow(widths: list[int], columns: Sequence[Column], width: int) -> None:
    """Shrink the widest of the shrinkable columns until the table fits, or all have the minimal width."""
    shrinkable = [i for i, column in enumerate(columns) if column.shrinkable]
    while shrinkable and sum(widths) + _GAP * (len(widths) - 1) > width:
        widest = max(shrinkable, key=lambda i: widths[i])
        if widths[widest] <= _MIN_WIDTH:
            return
        widths[widest] -= 1


def terminal_width() -> int | None:
    """The width of the terminal in cells; None where stdout is a pipe or a file."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return None
    return shutil.get_terminal_size().columns


def print_tracks(tracks: Iterable["Track"]) -> None:
    """Print tracks as a table, with columns for the similarity and the genres of the tags where one has them.

    The column "genre" has the predicted genre, "tagged" those of the file.
    """
    found = list(tracks)
    cells: list[tuple[Column, list[object]]] = [
        (Column("id", right=True), [track.id for track in found]),
        (Column("similarity", right=True), [_similarity(track) for track in found]),
        (Column("artist", shrinkable=True), [track.artist or "–" for track in found]),
        (Column("title", shrinkable=True), [track.title for track in found]),
        (Column("genre", shrinkable=True, spare=1), [genre_cell(track) for track in found]),
        (Column("tagged", shrinkable=True, spare=5), [track.tagged_genre or "" for track in found]),
        (Column("bpm", right=True, spare=3), [_number(track.bpm) for track in found]),
        (Column("key", spare=4), [short_key(track.key, track.camelot) for track in found]),
        (Column("time", right=True, spare=2), [format_duration(track.duration) for track in found]),
    ]
    shown = [each for each in cells if any(each[1]) or each[0].heading not in ("similarity", "tagged")]
    print_table([column for column, _ in shown], list(zip(*(values for _, values in shown), strict=True)))


def _similarity(track: "Track") -> str:
    return "" if track.similarity is None else f"{track.similarity:.2f}"


def track_label(track: "Track") -> str:
    """A track as "artist - title", or its title where the artist is unknown."""
    return track.label


def genre_cell(track: "Track") -> str:
    """The genre of a track in a table: "jazz 87%", "unknown (pop 31%)"."""
    if track.genre is None or track.genre_probability is None:
        return track.genre or "–"
    if track.genre_guess:
        return f"{track.genre} ({track.genre_guess} {track.genre_probability:.0%})"
    return f"{track.genre} {track.genre_probability:.0%}"


def short_key(key: str | None, code: str | None) -> str:
    """A key in a table, with its Camelot code.

    >>> short_key("A minor", "8A"), short_key("F# major", "2B")
    ('Am (8A)', 'F# (2B)')
    """
    if not key:
        return "–"
    tonic, mode = key.split()
    return tonic + ("m" if mode == "minor" else "") + (f" ({code})" if code else "")


def format_duration(seconds: float) -> str:
    """A duration in hours, minutes and seconds.

    >>> format_duration(185), format_duration(3723)
    ('3:05', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def format_top(probabilities: Mapping[str, float], n: int) -> str:
    """The ``n`` highest probabilities.

    >>> format_top({"blues": 0.05, "jazz": 0.87}, 2)
    'jazz 87%, blues 5%'
    """
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:n]
    return ", ".join(f"{name} {probability:.0%}" for name, probability in ranked)


def score_cell(score: Mapping[str, float] | None) -> str:
    """A mean with its interval: "0.744 (0.701–0.780)"."""
    if score is None:
        return "–"
    if "low" not in score:
        return f"{score['mean']:.2f}"
    return f"{score['mean']:.3f} ({score['low']:.3f}–{score['high']:.3f})"
