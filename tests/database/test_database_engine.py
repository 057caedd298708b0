"""What can be wrong with a database is said in one line, with the cure, and nothing is lost."""

import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from make_entries import VERSION, make_entry
from sqlalchemy import event

from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.errors import (
    InvalidRequest,
    LibraryBusy,
    LibraryError,
    LibraryFull,
    NotFound,
    RecsysError,
    SchemaMismatch,
)

REPOSITORY = Path(__file__).parents[2]


def open_at(path: Path, **options: bool) -> Catalogue:
    return Catalogue.open(f"sqlite:///{path.as_posix()}", feature_version=VERSION, **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A library of three tracks."""
    path = tmp_path / "library.db"
    with open_at(path) as catalogue:
        catalogue.store([make_entry(f"/{i}.mp3") for i in range(3)])
    return path


def message(error: pytest.ExceptionInfo[RecsysError], *parts: object) -> None:
    text = str(error.value)
    assert "\n" not in text
    for part in parts:
        assert str(part) in text


def test_sqlite_is_set_up_for_many_readers_and_one_writer(file: Path) -> None:
    with open_at(file) as catalogue, engine.reading(catalogue._engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 1}


def test_a_library_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "library.db"
    with open_at(path) as catalogue:
        assert catalogue.count().tracks == 0
    assert path.is_file()


@pytest.mark.parametrize("options", [{"create": False}, {"read_only": True}])
def test_a_question_makes_no_library(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "home" / "library.db"
    with pytest.raises(NotFound) as error:
        open_at(path, **options)
    message(error, path, "recsys ingest FOLDER")
    assert not path.parent.exists()
    path.parent.mkdir()
    path.touch()  # an empty file is no library either
    with pytest.raises(NotFound):
        open_at(path, **options)


@pytest.mark.parametrize("name", ["with space", "100%", "a#b", "what?", "what?a=b", "Bj\udcf6rk", "new\nline", "日本"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "library.db"
    open_at(path).close()
    assert path.is_file()
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with open_at(path, create=False) as catalogue:
        assert catalogue.count().tracks == 0


def test_an_url_that_is_none_is_wrong_usage() -> None:
    for url in ("library.db", "nonsense://x/y"):
        with pytest.raises(InvalidRequest) as error:
            Catalogue.open(url, feature_version=VERSION)
        message(error, url.split(":")[0])


def test_a_text_file_is_no_library(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("dear diary, " * 1000)
    with pytest.raises(LibraryError) as error:
        open_at(path)
    message(error, path, "damaged", "put back a copy", "recsys ingest")
    assert path.read_text().startswith("dear diary")


def test_a_damaged_library_is_said_to_be_damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : len(content)] = b"\xa5" * (len(content) - 4096)  # all pages but the first
    file.write_bytes(content)
    with pytest.raises(LibraryError) as error, open_at(file) as catalogue:
        catalogue.tracks()
    message(error, file, "damaged")


def test_a_truncated_library_is_said_to_be_damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:9000])
    with pytest.raises(LibraryError) as error, open_at(file) as catalogue:
        catalogue.tracks()
    message(error, file, "damaged")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cookbook.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SchemaMismatch) as error:
        open_at(path)
    message(error, path, "no recsys library", "--database")
    assert path.read_bytes() == before


def test_a_newer_library_is_refused_with_the_command_to_run(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    with pytest.raises(SchemaMismatch) as error:
        open_at(file)
    message(error, file, "9999", "newer", "pip install --upgrade recsys")
    with pytest.raises(SchemaMismatch):
        open_at(file, read_only=True)
    assert file.read_bytes() == before


def test_a_folder_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as error:
        open_at(tmp_path)
    message(error, tmp_path, "permissions")


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(LibraryError) as error:
        open_at(tmp_path / "home" / "recsys" / "library.db")
    message(error, tmp_path / "home", "cannot make the folder")


def test_read_only_reads_and_never_writes(file: Path) -> None:
    with open_at(file, read_only=True) as catalogue:
        assert catalogue.count().tracks == 3
        with pytest.raises(LibraryError) as error:
            catalogue.set_rating([1], 1)
    message(error, file, "cannot open or write")
    with open_at(file) as catalogue:
        assert catalogue.rated_tracks() == {}


def test_a_writer_in_another_process_is_waited_for_and_then_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_at(file) as catalogue:
        assert catalogue.count().tracks == 3  # readers are never in the way
        with pytest.raises(LibraryBusy) as error:
            catalogue.set_rating([1], 1)
        message(error, file, "another process is writing", "try again")
        other.close()
        catalogue.set_rating([1], 1)
        assert catalogue.rated_tracks() == {1: 1}


def test_a_full_disk_loses_nothing(file: Path) -> None:
    with open_at(file) as catalogue:
        before = catalogue.tracks()
        catalogue.close()  # so that the next connection is prepared below

        @event.listens_for(catalogue._engine, "connect")
        def fill(connection: sqlite3.Connection, _record: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(LibraryFull) as error:
            catalogue.store([make_entry(f"/more/{i}.mp3") for i in range(500)])
        message(error, file, "no space is left", "goes on")
        assert catalogue.tracks() == before
    with open_at(file) as catalogue:
        catalogue.store([make_entry(f"/more/{i}.mp3") for i in range(500)])
        assert catalogue.count().tracks == 503


@pytest.mark.parametrize(("free", "kind"), [(0, LibraryFull), (1 << 40, LibraryError)])
def test_a_failing_disk_is_full_only_without_space(
    file: Path, free: int, kind: type[LibraryError], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(1 << 40, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with pytest.raises(LibraryError) as error, engine.translate_errors(engine.parse_url(f"sqlite:///{file}")):
        raise failure
    assert type(error.value) is kind


def test_a_password_is_never_shown() -> None:
    assert "secret" not in engine.display_url(engine.parse_url("postgresql://me:secret@host/music"))


def test_a_question_loads_no_alembic(file: Path) -> None:
    code = f"""
import sys
from recsys.database.catalogue import Catalogue
with Catalogue.open("sqlite:///{file.as_posix()}", feature_version={VERSION}, create=False) as catalogue:
    assert catalogue.resolve("1").id == 1
slow = {{"alembic", "librosa", "scipy", "sklearn", "recsys.features", "recsys.audio"}}
print(sorted(slow & sys.modules.keys()))
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
