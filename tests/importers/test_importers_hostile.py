"""Damaged, truncated, huge and malicious files are refused with a RecsysError of one line, and no other exception."""

import json
import os
import sqlite3
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import InvalidRequest, NotFound, RecsysError
from recsys.importers import source
from recsys.importers.formats import FORMATS, read_file

DATA = Path(__file__).parents[1] / "data" / "importers"
FILES = sorted(path for path in DATA.iterdir() if path.suffix != ".sql")
ENTITY_EXPANSION = """<?xml version="1.0"?>
<!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<plist><dict><key>Tracks</key><dict><key>1</key><dict><key>Name</key><string>&c;</string></dict></dict></dict></plist>
"""
EXTERNAL_ENTITY = """<?xml version="1.0"?><!DOCTYPE playlist [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<playlist xmlns="http://xspf.org/ns/0/"><trackList><track><title>&x;</title></track></trackList></playlist>"""


def refused(path: Path, **options: str) -> str:
    """The message of one line with which a file is refused."""
    with pytest.raises(InvalidRequest) as error:
        read_file(path, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("content", [ENTITY_EXPANSION, EXTERNAL_ENTITY])
def test_xml_entities_are_refused_before_expansion(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.xml").write_text(content, encoding="utf-8")
    assert "declares XML entities" in refused(tmp_path / "x.xml")
    assert "declares XML entities" in refused(tmp_path / "x.xml", format="itunes")


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.suffix in (".xml", ".xspf", ".json", ".jspf")], ids=lambda p: p.name
)
def test_truncated_file_is_refused(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    for part in (0.5, 0.95):
        (tmp_path / path.name).write_bytes(content[: int(len(content) * part)])
        assert "damaged or truncated" in refused(tmp_path / path.name)


def test_truncated_csv_and_json_lines_are_refused(tmp_path: Path) -> None:
    for name in ("ghan.csv", "listens.jsonl"):
        content = (DATA / name).read_bytes()
        (tmp_path / name).write_bytes(content[:-10])
        assert "nothing was imported" in refused(tmp_path / name)


def test_truncated_damaged_or_foreign_archive_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(DATA / "listens.jsonl", "listens/2024/5.jsonl")
    content = bytearray(whole.read_bytes())
    (tmp_path / "cut.zip").write_bytes(content[:-30])
    assert "damaged or truncated" in refused(tmp_path / "cut.zip")
    content[80:120] = bytes(40)
    (tmp_path / "damaged.zip").write_bytes(content)
    assert "damaged or truncated" in refused(tmp_path / "damaged.zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "a ZIP archive of another program" in refused(tmp_path / "other.zip")


def test_damaged_or_foreign_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE items (id INTEGER)")
        connection.commit()
    assert "a SQLite database of another program" in refused(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("DROP TABLE items;" + (DATA / "beets.sql").read_text(encoding="utf-8"))
    content = bytearray(file.read_bytes())
    content[100:1500] = b"\xff" * 1400
    file.write_bytes(content)
    assert "damaged or truncated" in refused(file)
    assert not list(tmp_path.glob("x.db-*"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x", b"\x00\x01\x02\x03" * 100, "binary data"),
        ("x.xml", b"<svg><path/></svg>", "XML around <svg>"),
        ("x.html", b"<!DOCTYPE html><html><body><p>Log in<br></body></html>", "a web page"),
        ("x.m3u.gz", b"\x1f\x8b\x08" + bytes(50), "compressed by gzip; unpack it first"),
        ("iTunes Library.itl", b"hdfm" + bytes(range(50)), "the library file of iTunes; export the library as XML"),
        ("x.mp3", b"ID3\x03" + bytes(200), "an audio file"),
        ("x.json", b'{"a": 1}', "JSON of another kind"),
        ("x.json", b"[1, 2, 3]", "JSON of another kind"),
        ("x.txt", b"dear diary\ntoday\n", "text without a header line"),
        ("x.json", b"[" * 100_000, "nested too deeply"),
        ("x.xml", b"<?xml version='1.0' encoding='klingon'?><playlist/>", "damaged or truncated"),
        ("x.csv", b'artist,title\na,"b" c\n', "line 2"),
        ("segments.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9.0,\nseg1.ts\n", "not in a known format"),
    ],
)
def test_unknown_format_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert message in refused(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "program"), [("[Content_Types].xml", "Microsoft Office"), ("mimetype", "LibreOffice")]
)
def test_spreadsheet_is_refused_with_what_helps(tmp_path: Path, name: str, program: str) -> None:
    """Deezer exports one."""
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")
    assert f"a document of {program}; save its table as CSV" in refused(tmp_path / "x.xlsx")


def test_file_without_tracks_is_not_found(tmp_path: Path) -> None:
    empty = [b"", b" \n", b"artist,title\n,\n", b"#EXTM3U\n", b'{"payload": {"listens": []}}', b'{"feedback": []}',
             b'{"recenttracks": {"track": []}}', b'{"playlist": {"track": []}}', b"<rhythmdb/>"]  # fmt: skip
    for name, content in enumerate(empty):
        (tmp_path / f"{name}").write_bytes(content)
        with pytest.raises(NotFound):
            read_file(tmp_path / f"{name}")


def test_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.csv does not exist; choose a file that another program exported"):
        read_file(tmp_path / "nowhere.csv")


def test_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == (
        f"{tmp_path} is a folder, and has no export of Spotify or ListenBrainz; choose a file that another program "
        "exported"
    )


def test_unknown_format_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"artist,title\na,b\n")
    with pytest.raises(InvalidRequest, match=r"format must be one of asx, beets, csv, .*, xspf, got 'polka'") as error:
        read_file(tmp_path / "x.csv", format="polka")
    assert error.value.field == "format"


def test_error_response_of_a_server_is_refused_with_its_message(tmp_path: Path) -> None:
    file = tmp_path / "x"
    error = {"code": 40, "message": "Wrong username or password"}
    file.write_text(json.dumps({"subsonic-response": {"status": "failed", "error": error}}))
    assert "is an error message of the server (Wrong username or password); export it again" in refused(file)
    file.write_text('<subsonic-response><error code="40" message="Wrong username or password"/></subsonic-response>')
    assert "is an error message of the server (Wrong username or password); export it again" in refused(file)


def test_file_above_the_size_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 1 << 20)
    file = tmp_path / "x.csv"
    file.write_text("artist,title\n" + "a,b\n" * 300_000)
    assert "larger than 1 MB" in refused(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    thread = Thread(target=pipe.write_bytes, args=[(DATA / "itunes.xml").read_bytes()])
    thread.start()
    assert len(read_file(pipe).tracks) == 3
    thread.join()


def test_large_library_is_streamed(tmp_path: Path) -> None:
    """12 MB of iTunes XML need less memory than half of the file."""
    file = tmp_path / "Library.xml"
    track = "".join(f"<key>Sort {i}</key><string>filler number {i} of many</string>" for i in range(40))
    with file.open("w") as out:
        out.write("<plist><dict><key>Tracks</key><dict>")
        for i in range(5000):
            out.write(
                f"<key>{i}</key><dict><key>Track ID</key><integer>{i}</integer><key>Name</key><string>{i}</string>"
            )
            out.write(f"{track}</dict>")
        out.write("</dict></dict></plist>")
    tracemalloc.start()
    assert len(read_file(file).tracks) == 5000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < file.stat().st_size / 2


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "file"


def error_message(path: Path, format: str | None = None) -> str:
    """The error of a file that is refused; "" for a file that is read."""
    try:
        assert all(track.has_name for track in read_file(path, format=format).tracks)
    except RecsysError as error:
        return str(error)
    return ""


@given(content=st.binary(max_size=300), format=st.sampled_from([None, *FORMATS]), start=st.sampled_from(
    [b"", b"<plist>", b"<playlist><trackList><track>", b"[{", b'{"playlist":', b"#EXTM3U\n", b"artist,title\n",
     b"PK\x03\x04", b"SQLite format 3\0", b"\xef\xbb\xbf", b"\xff\xfe"]))  # fmt: skip
def test_any_bytes_are_read_or_refused(scratch: Path, content: bytes, format: str | None, start: bytes) -> None:
    scratch.write_bytes(start + content)
    assert "\n" not in error_message(scratch, format)


@given(name=st.sampled_from(FILES), data=st.data())
def test_any_change_of_a_sample_file_is_read_or_refused(scratch: Path, name: Path, data: st.DataObject) -> None:
    content = bytearray(name.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=12))
    scratch.write_bytes(content)
    assert "\n" not in error_message(scratch)


KEYS = """playlist track location identifier title artist name date uts @attr recenttracks lovedtracks scrobbles
subsonic-response starred2 song error userRating starred track_metadata additional_info listened_at score tracks
recording_msid payload listens feedback mb_trackid rating path libraryId""".split()  # noqa: SIM905
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


@given(document=JSON, format=st.sampled_from([None, *FORMATS]))
def test_any_json_is_read_or_refused(scratch: Path, document: object, format: str | None) -> None:
    scratch.write_text(json.dumps(document))
    assert "\n" not in error_message(scratch, format)
