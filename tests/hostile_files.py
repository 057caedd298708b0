"""Files that are made to exhaust what reads them: memory, time, the stack, or other files of the machine.

Each kind is a function that writes a file, or a folder, of about ``size`` bytes. scripts/hostile_imports.py imports all
of them at full size; tests/importers/test_importers_budget.py reads them at a small size with small limits.
"""

import io
import os
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

Writer: TypeAlias = Callable[[Path, int], None]
KINDS: dict[str, tuple[str, Writer]] = {}
"""By name: the name of the file, and what writes it."""

PLIST = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Tracks</key><dict>'
XSPF = b'<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>'
_CHUNK = 1 << 20


def kind(file_name: str) -> Callable[[Writer], Writer]:
    """Register a kind of file by the name of its function."""

    def register(write: Writer) -> Writer:
        KINDS[write.__name__.replace("_", " ")] = (file_name, write)
        return write

    return register


def _flood(path: Path, size: int, unit: bytes, start: bytes = b"", end: bytes = b"") -> None:
    """A file of one text again and again."""
    chunk = unit * (_CHUNK // len(unit) + 1)
    with path.open("wb") as file:
        file.write(start)
        for _ in range(size // len(chunk)):
            file.write(chunk)
        file.write(unit * (size % len(chunk) // len(unit)))
        file.write(end)


# XML


@kind("a.xml")
def elements_that_never_match(path: Path, size: int) -> None:
    _flood(path, size, b"<a/>", PLIST, b"</dict></dict></plist>")


@kind("a.xml")
def elements_that_never_match_with_text(path: Path, size: int) -> None:
    _flood(path, size, b"<x>abc<y>def</y>ghi</x>jkl", PLIST, b"</dict></dict></plist>")


@kind("a.xml")
def elements_that_never_end(path: Path, size: int) -> None:
    _flood(path, size, b"<a>", PLIST)


@kind("a.xml")
def wanted_element_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"<key>Name</key><string>a</string>", PLIST + b"<key>1</key><dict>")


@kind("a.xspf")
def text_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", XSPF + b"<track><title>")


@kind("a.xspf")
def text_between_elements(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", XSPF, b"</trackList></playlist>")


@kind("a.xspf")
def attribute_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", XSPF + b'<track a="')


@kind("a.xspf")
def attributes_without_number(path: Path, size: int) -> None:
    attributes = b" ".join(b'a%d="1"' % i for i in range(size // 6))
    path.write_bytes(XSPF + b"<track " + attributes + b"/></trackList></playlist>")


@kind("a.xml")
def name_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"a", b"<")


@kind("a.xml")
def comment_before_the_first_element(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", b"<!--")


@kind("a.xspf")
def comments_without_number(path: Path, size: int) -> None:
    _flood(path, size, b"<!-- a -->", XSPF, b"</trackList></playlist>")


@kind("a.xspf")
def section_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", XSPF + b"<track><title><![CDATA[")


@kind("a.xml")
def entities_in_entities(path: Path, size: int) -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    path.write_text(f'<!DOCTYPE plist [<!ENTITY e0 "lol">{levels}]><plist><dict>&e11;</dict></plist>')


@kind("a.xspf")
def entity_of_another_file(path: Path, size: int) -> None:
    path.write_text('<!DOCTYPE playlist [<!ENTITY x SYSTEM "file:///etc/passwd">]><playlist>&x;</playlist>')


@kind("a.xspf")
def entity_of_parameters(path: Path, size: int) -> None:
    path.write_text('<!DOCTYPE playlist [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><playlist/>')


@kind("a.xspf")
def tracks_without_number(path: Path, size: int) -> None:
    _flood(path, size, b"<track><title>a</title></track>", XSPF, b"</trackList></playlist>")


@kind("rekordbox.xml")
def folders_in_folders(path: Path, size: int) -> None:
    depth = min(size // 40, 190)
    nodes = '<NODE Type="0" Name="a">' * depth + "</NODE>" * depth
    path.write_text(f"<DJ_PLAYLISTS><COLLECTION/><PLAYLISTS>{nodes}</PLAYLISTS></DJ_PLAYLISTS>")


@kind("a.xml")
def encoding_that_does_not_exist(path: Path, size: int) -> None:
    path.write_bytes(b'<?xml version="1.0" encoding="zlib_codec"?><plist/>')


@kind("a.xml")
def blank_lines_before_xml(path: Path, size: int) -> None:
    _flood(path, size, b" \n", end=b"<plist><dict/></plist>")


# JSON


@kind("a.json")
def brackets(path: Path, size: int) -> None:
    _flood(path, size, b"[")


@kind("a.json")
def empty_arrays(path: Path, size: int) -> None:
    _flood(path, size, b"[],", b"[", b"[]]")


@kind("a.json")
def objects_in_objects(path: Path, size: int) -> None:
    _flood(path, size, b'{"a":', end=b"1")


@kind("a.json")
def numbers_without_number(path: Path, size: int) -> None:
    _flood(path, size, b"0.5,", b"[", b"1]")


@kind("a.json")
def digits(path: Path, size: int) -> None:
    _flood(path, size, b"1", b'[{"artist": "a", "title": "b", "rating": ', b"}]")


@kind("a.json")
def numbers_that_are_none(path: Path, size: int) -> None:
    row = '{"artist": "a", "title": "b", "rating": %s, "duration": %s, "plays": %s}'
    values = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0.0")
    path.write_text("[" + ",".join(row % (value, value, value) for value in values) + "]")


@kind("a.json")
def string_that_is_long(path: Path, size: int) -> None:
    _flood(path, size, b"abc ", b'[{"artist": "a", "title": "', b'"}]')


@kind("a.json")
def lines_of_numbers(path: Path, size: int) -> None:
    _flood(path, size, b"1\n")


@kind("a.json")
def objects_without_number(path: Path, size: int) -> None:
    _flood(path, size, b'{"artist":"a","title":"b"},', b"[", b"{}]")


@kind("Playlist1.json")
def playlists_of_one_name(path: Path, size: int) -> None:
    item = b'{"name":"a","items":[{"track":{"trackName":"b"}}]},'
    _flood(path, size, item, b'{"playlists":[', b"{}]}")


@kind("a.json")
def pages_in_pages(path: Path, size: int) -> None:
    depth = min(size // 2, 900)
    path.write_text("[" * depth + '{"name": "a", "artist": {"name": "b"}}' + "]" * depth)


# Text


@kind("a.m3u")
def new_lines(path: Path, size: int) -> None:
    _flood(path, size, b"\n", b"#EXTM3U\n")


@kind("a.m3u")
def lines_of_one_letter(path: Path, size: int) -> None:
    _flood(path, size, b"a\n", b"#EXTM3U\n")


@kind("a.m3u")
def line_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"a", b"#EXTM3U\n")


@kind("a.m3u")
def duration_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"1", b"#EXTM3U\n#EXTINF:")


@kind("a.m3u")
def white_space_in_a_duration(path: Path, size: int) -> None:
    _flood(path, size, b" ", b"#EXTM3U\n#EXTINF:")


@kind("a.m3u")
def quotation_marks(path: Path, size: int) -> None:
    _flood(path, size, b'"', b"#EXTM3U\n#EXTINF:1", b"a\n")


@kind("a.m3u")
def dashes(path: Path, size: int) -> None:
    label = b" - ".join([b"a"] * 240)
    _flood(path, size, b"#EXTINF:1," + label + b"\n/x/y.mp3\n", b"#EXTM3U\n")


@kind("a.pls")
def keys_of_one_number(path: Path, size: int) -> None:
    _flood(path, size, b"File1=a\n", b"[playlist]\n")


@kind("a.csv")
def columns_without_number(path: Path, size: int) -> None:
    _flood(path, size, b"a,", b"artist,title,", b"b\n1,2\n")


@kind("a.csv")
def quotation_that_never_ends(path: Path, size: int) -> None:
    _flood(path, size, b"a,b\n", b'artist,title\n"')


@kind("a.csv")
def rows_without_number(path: Path, size: int) -> None:
    _flood(path, size, b"a,b\n", b"artist,title\n")


@kind("a.csv")
def artists_without_number(path: Path, size: int) -> None:
    with path.open("w") as file:
        file.write("artist,title,plays\n")
        for number in range(size // 40):
            file.write(f"{chr(97 + number % 26)}rtist number {number:x},title {number:x},9\n")


@kind("a.csv")
def letters_outside_of_latin(path: Path, size: int) -> None:
    _flood(path, size, "ab,\U0001f3b5\n".encode(), b"artist,title\n")


@kind("a.m3u")
def bytes_at_random(path: Path, size: int) -> None:
    path.write_bytes(random.Random(0).randbytes(min(size, 1 << 24)))


@kind("a.m3u")
def zeros_without_end(path: Path, size: int) -> None:
    path.write_bytes(b"#EXTM3U\n")
    os.truncate(path, size * 32)  # takes no space on the disk


@kind("a.xml")
def zeros_after_xml(path: Path, size: int) -> None:
    path.write_bytes(PLIST)
    os.truncate(path, size * 32)


# Archives


def _archive(path: Path, name: str, size: int, unit: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    """An archive with one file, which expands to ``size`` bytes."""
    with zipfile.ZipFile(path, "w", method) as archive, archive.open(name, "w", force_zip64=True) as file:
        chunk = unit * (_CHUNK // len(unit))
        for _ in range(max(1, size // len(chunk))):
            file.write(chunk)


@kind("a.zip")
def archive_of_new_lines(path: Path, size: int) -> None:
    _archive(path, "listens/2024/1.jsonl", size, b"\n")


@kind("a.zip")
def archive_of_blank_lines(path: Path, size: int) -> None:
    _archive(path, "listens/2024/1.jsonl", size, b" \n\t\n")


@kind("a.zip")
def archive_of_empty_objects(path: Path, size: int) -> None:
    _archive(path, "listens/2024/1.jsonl", size, b"{}\n")


@kind("a.zip")
def archive_of_one_line(path: Path, size: int) -> None:
    _archive(path, "listens/2024/1.jsonl", size, b"a")


@kind("my_spotify_data.zip")
def archive_of_zeros(path: Path, size: int) -> None:
    _archive(path, "MyData/YourLibrary.json", size, b"\0")


@kind("my_spotify_data.zip")
def archive_by_another_method(path: Path, size: int) -> None:
    _archive(path, "MyData/YourLibrary.json", size, b" ", zipfile.ZIP_LZMA)


@kind("my_spotify_data.zip")
def archive_of_many_files(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(size // 200):
            archive.writestr(f"MyData/Playlist{number}.json", "[]")


@kind("my_spotify_data.zip")
def archive_of_one_file_under_many_names(path: Path, size: int) -> None:
    """The list of files has one file again and again: a few kilobytes expand to any size."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/Playlist1.json", b" " * (1 << 22))
    content = whole.getvalue()
    at = content.index(b"PK\x01\x02")
    entry, end = content[at : content.index(b"PK\x05\x06")], content[content.index(b"PK\x05\x06") :]
    n = min(size // (1 << 16), 4000)
    entries = entry * n
    fields = list(struct.unpack("<4s4H2LH", end))
    fields[3:6] = [n, n, len(entries)]
    path.write_bytes(content[:at] + entries + struct.pack("<4s4H2LH", *fields))


@kind("my_spotify_data.zip")
def archive_that_is_encrypted(path: Path, size: int) -> None:
    _archive(path, "MyData/YourLibrary.json", 1, b"{}")
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)


@kind("a.zip")
def archive_whose_list_is_missing(path: Path, size: int) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(100) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 2**31, 4, 0))


@kind("a.zip")
def archive_in_an_archive(path: Path, size: int) -> None:
    inner = path.with_name("inner.zip")
    _archive(inner, "YourLibrary.json", size, b" ")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "listens/2024/1.jsonl")


# Databases


def _database(path: Path, script: str, rows: int = 0) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        if rows:
            connection.executemany("INSERT INTO items (path, title) VALUES (?, ?)", [(b"/a.mp3", "a")] * rows)
        connection.commit()


ITEMS = "id INTEGER PRIMARY KEY, path BLOB, title TEXT, artist TEXT, album TEXT, mb_trackid TEXT, length REAL"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"


@kind("library.db")
def view_that_never_ends(path: Path, size: int) -> None:
    columns = "x AS id, 'a' AS path, 'b' AS title, 'c' AS mb_trackid"
    _database(path, f"CREATE VIEW items AS {ENDLESS} {columns} FROM n; CREATE VIEW item_attributes AS SELECT 1")


@kind("library.db")
def view_of_attributes_that_never_ends(path: Path, size: int) -> None:
    columns = "1 AS entity_id, 'rating' AS key, x AS value"
    _database(path, f"CREATE TABLE items ({ITEMS}); CREATE VIEW item_attributes AS {ENDLESS} {columns} FROM n", 3)


@kind("library.db")
def virtual_table(path: Path, size: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE items USING fts5(id, path, mb_trackid)")
        connection.commit()


@kind("library.db")
def column_that_is_computed(path: Path, size: int) -> None:
    columns = ITEMS.replace("artist TEXT", "artist TEXT AS (hex(zeroblob(50000000)))")
    _database(path, f"CREATE TABLE items ({columns})", 2)


@kind("library.db")
def value_that_is_large(path: Path, size: int) -> None:
    _database(path, f"CREATE TABLE items ({ITEMS}); INSERT INTO items (title) VALUES (zeroblob({size}))")


@kind("library.db")
def rows_of_a_database(path: Path, size: int) -> None:
    _database(path, f"CREATE TABLE items ({ITEMS})", size // 20)


@kind("library.db")
def database_with_zeros(path: Path, size: int) -> None:
    _database(path, f"CREATE TABLE items ({ITEMS})", 1000)
    content = bytearray(path.read_bytes())
    content[5000:9000] = bytes(4000)
    path.write_bytes(content)


# Folders


@kind("export")
def folder_of_many_files(path: Path, size: int) -> None:
    path.mkdir()
    for number in range(size // 1000):
        (path / f"{number}").touch()


@kind("export")
def folder_that_contains_itself(path: Path, size: int) -> None:
    path.mkdir()
    (path / "again").symlink_to(path, target_is_directory=True)
    (path / "Playlist1.json").symlink_to(path / "Playlist1.json")


@kind("list.m3u")
def link_to_itself(path: Path, size: int) -> None:
    path.symlink_to(path)


@kind("list.m3u")
def folder_that_is_called_like_a_file(path: Path, size: int) -> None:
    path.mkdir()
