"""Every reader ends within its budget of bytes, rows and time, with one clear line; here with small limits.

scripts/hostile_imports.py imports the same kinds of files at full size with the real limits.
"""

import re
import tracemalloc
from pathlib import Path

import pytest
from hostile_files import KINDS

from recsys.errors import RecsysError
from recsys.importers import archive, budget, formats, source, xml_stream
from recsys.importers.formats import read_file

SIZE = 1 << 18
LIMITS = {
    archive: {"MAX_FILES": 50, "_MIN_EXPANDED": 1 << 16, "_MAX_LINE": 1 << 17, "MAX_BYTES": 1 << 19},
    budget: {"MAX_ROWS": 4_000, "MAX_STREAMED_BYTES": 1 << 20},
    formats: {"MAX_ENTRIES": 1_000},
    source: {"MAX_JSON_VALUES": 20_000},
    xml_stream: {"MAX_ELEMENTS": 40_000, "MAX_NODES": 4_000, "MAX_PENDING_BYTES": 1 << 17},
}

ROWS, ENTRIES = r"has more than 4,000 entries; export it in parts", r"has more than 1,000 tracks; export it in parts"
VALUES = r"has more than 20,000 values; export it in parts"
ELEMENT, ENTITIES = r"has more than 0 MB in one element; it is not read", r"declares XML entities"
FORMAT, DAMAGED, NO_TRACK = r"is not in a known format", r"is damaged or truncated", r"names no track"
RATIO, FILES = r"expands to more than 250 times its size; it is not read", r"has more than 50 files"
READ = ""

EXPECTED = {
    "elements that never match": r"has more than 40,000 elements; it is not read",
    "elements that never match with text": NO_TRACK,
    "elements that never end": r"has elements in more than 200 others; it is not read",
    "wanted element that never ends": r"has more than 4,000 elements in one list; it is not read",
    "text that never ends": ELEMENT,
    "text between elements": ELEMENT,
    "attribute that never ends": ELEMENT,
    "attributes without number": ELEMENT,
    "name that never ends": r"has no element in its first 0 MB; it is not read",
    "comment before the first element": r"has no element in its first 0 MB; it is not read",
    "comments without number": ELEMENT,
    "section that never ends": ELEMENT,
    "entities in entities": ENTITIES,
    "entity of another file": ENTITIES,
    "entity of parameters": ENTITIES,
    "tracks without number": ROWS,
    "folders in folders": NO_TRACK,
    "encoding that does not exist": r"is damaged or truncated: its encoding is unknown",
    "blank lines before xml": r"has only white space at its start",
    "brackets": VALUES,
    "empty arrays": VALUES,
    "objects in objects": VALUES,
    "numbers without number": VALUES,
    "digits": r"a number has too many digits",
    "numbers that are none": READ,
    "string that is long": NO_TRACK,
    "lines of numbers": FORMAT,
    "objects without number": VALUES,
    "playlists of one name": VALUES,
    "pages in pages": READ,
    "new lines": NO_TRACK,
    "lines of one letter": ROWS,
    "line that never ends": NO_TRACK,
    "duration that never ends": NO_TRACK,
    "white space in a duration": NO_TRACK,
    "quotation marks": NO_TRACK,
    "dashes": READ,
    "keys of one number": ROWS,
    "columns without number": READ,
    "quotation that never ends": r"line \d+: field larger than field limit",
    "rows without number": ROWS,
    "artists without number": ROWS,
    "letters outside of latin": ROWS,
    "bytes at random": FORMAT,
    "zeros without end": FORMAT,
    "zeros after xml": FORMAT,
    "archive of new lines": RATIO,
    "archive of blank lines": RATIO,
    "archive of empty objects": RATIO,
    "archive of one line": RATIO,
    "archive of zeros": RATIO,
    "archive by another method": r"is compressed by an unusual method; unpack it",
    "archive of many files": FILES,
    "archive of one file under many names": r"a/Playlist1.json in .* is larger than 0 MB",
    "archive that is encrypted": r"is encrypted; unpack it",
    "archive whose list is missing": FILES,
    "archive in an archive": DAMAGED,
    "view that never ends": r"a SQLite database of another program",
    "view of attributes that never ends": READ,
    "virtual table": r"a SQLite database of another program",
    "column that is computed": READ,
    "value that is large": NO_TRACK,
    "rows of a database": ROWS,
    "database with zeros": DAMAGED,
    "folder of many files": FILES,
    "folder that contains itself": r"is a folder, and has no export",
    "link to itself": r"Too many levels of symbolic links",
    "folder that is called like a file": r"is a folder, and has no export",
}


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, limits in LIMITS.items():
        for name, value in limits.items():
            monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(source, "MAX_BYTES", 2 * SIZE)


def message_of(path: Path) -> str:
    """The error of a file; "" for a file that is read."""
    try:
        read_file(path)
    except RecsysError as error:
        return str(error)
    return READ


def test_every_kind_has_an_expected_message() -> None:
    assert EXPECTED.keys() == KINDS.keys()
    assert len(KINDS) >= 50


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("kind", KINDS)
def test_reader_ends_with_one_clear_line(tmp_path: Path, kind: str) -> None:
    name, write = KINDS[kind]
    write(tmp_path / name, SIZE)
    message = message_of(tmp_path / name)
    assert "\n" not in message
    assert re.search(EXPECTED[kind], message) if EXPECTED[kind] else message == READ


@pytest.mark.parametrize("kind", ["elements that never match", "elements that never match with text"])
def test_what_never_matches_is_not_kept(tmp_path: Path, kind: str) -> None:
    name, write = KINDS[kind]
    peaks = []
    for size in (SIZE // 2, SIZE * 2):
        write(tmp_path / name, size)
        tracemalloc.start()
        message_of(tmp_path / name)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
