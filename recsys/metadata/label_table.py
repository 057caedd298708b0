"""Labels in a CSV file: the columns path and genre, and optionally artist and album.

Separated by commas, semicolons or tabs, with headings in any case, in UTF-8 or UTF-16, as Excel, LibreOffice and
scripts write it.
"""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from recsys.errors import InvalidRequest, NotFound

_REQUIRED = ("path", "genre")
_COLUMNS = frozenset({*_REQUIRED, "artist", "album"})
_SEPARATORS = ",;\t"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_table(path: Path) -> dict[str, Mapping[str, str]]:
    """The rows by resolved path of the labelled file; values by heading in lower case.

    Relative paths are relative to the folder of the CSV file. Of several rows for one file, the last with a genre is
    used.

    Raises
    ------
    InvalidRequest
        If the file cannot be read, is not CSV, lacks a column, or has two genres for a file.
    """
    text = _text(path).lstrip("\r\n")
    if text.casefold().startswith("sep="):  # a line for Excel that names the separator
        text = text.partition("\n")[2]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text.partition("\n")[0]))
        rows = [cells for cells in reader if any(cells)]
    except csv.Error as error:
        raise InvalidRequest(f"{path} is not a CSV file: {error}") from error
    headings = [_heading(text) for text in rows[0]] if rows else []
    if missing := sorted(set(_REQUIRED) - set(headings)):
        found = ", ".join(rows[0]) if rows else "none"
        raise InvalidRequest(f"{path} has no column {' and '.join(missing)}; it needs path and genre, and has {found}")
    by_path: dict[str, Mapping[str, str]] = {}
    for cells in rows[1:]:
        row = dict.fromkeys(headings, "") | dict(zip(headings, cells, strict=False))
        if not row["path"]:
            continue
        file = os.path.realpath(path.parent / row["path"])
        previous, genre = (each["genre"].strip() for each in (by_path.get(file, row), row))
        if previous and genre and previous.casefold() != genre.casefold():
            raise InvalidRequest(f"{path} has two genres for {row['path']}: {previous} and {genre}; keep one row")
        if file not in by_path or genre:
            by_path[file] = row
    return by_path


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return data.decode("utf-16" if data.startswith(_UTF_16_MARKS) else "utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist") from None
    except OSError as error:
        raise InvalidRequest(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not a CSV file in UTF-8 ({error}); save it as CSV UTF-8") from error


def _separator(header: str) -> str:
    """The separator that yields the most known columns, then the most columns."""

    def columns(separator: str) -> list[str]:
        return [_heading(text) for text in next(csv.reader([header], delimiter=separator), [])]

    return max(_SEPARATORS, key=lambda separator: (len(_COLUMNS & set(columns(separator))), len(columns(separator))))


def _heading(text: str) -> str:
    return text.strip().casefold()
