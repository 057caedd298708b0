"""Labels in a csv as people write it: the columns path and genre, and if they like artist and album.

Commas, semicolons or tabs, headings in any case, with or without a byte order mark: a table that Excel, LibreOffice or
a script has written.
"""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from recsys.errors import InvalidRequest

_NEEDED = ("path", "genre")
_KNOWN = frozenset({*_NEEDED, "artist", "album"})
_SEPARATORS = ",;\t"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_table(path: Path) -> dict[str, Mapping[str, str]]:
    """Its rows by the real absolute path of the file that each names, values by heading in small letters.

    Relative paths count from the folder of the csv. Of rows that name the same file, one that has a genre counts.

    Raises
    ------
    InvalidRequest
        It cannot be read, lacks a column, or gives a file two genres.
    """
    text = _text(path).lstrip("\r\n")
    if text.casefold().startswith("sep="):  # Excel tells itself the separator
        text = text.partition("\n")[2]
    try:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text.partition("\n")[0]))
        rows = [cells for cells in found if any(cells)]
    except csv.Error as error:
        raise InvalidRequest(f"{path} is no csv: {error}") from error
    heads = [_heading(head) for head in rows[0]] if rows else []
    if missing := sorted(set(_NEEDED) - set(heads)):
        has = ", ".join(rows[0]) if rows else "none"
        raise InvalidRequest(f"{path} has no column {' and '.join(missing)}; it needs path and genre, and has {has}")
    named: dict[str, Mapping[str, str]] = {}
    for cells in rows[1:]:
        row = dict.fromkeys(heads, "") | dict(zip(heads, cells, strict=False))
        if not row["path"]:
            continue
        place = os.path.realpath(path.parent / row["path"])
        before, now = (each["genre"].strip() for each in (named.get(place, row), row))
        if before and now and before.casefold() != now.casefold():
            raise InvalidRequest(f"{path} says of {row['path']} that it is {before} and that it is {now}; keep one")
        if place not in named or now:
            named[place] = row
    return named


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except OSError as error:
        raise InvalidRequest(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is no csv in UTF-8 ({error}); save it as CSV UTF-8") from error


def _separator(header: str) -> str:
    """By which the heading falls into the most columns that are known."""

    def heads(separator: str) -> list[str]:
        return [_heading(head) for head in next(csv.reader([header], delimiter=separator), [])]

    return max(_SEPARATORS, key=lambda separator: (len(_KNOWN & set(heads(separator))), len(heads(separator))))


def _heading(text: str) -> str:
    return text.strip().casefold()
