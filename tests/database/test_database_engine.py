"""Errors of the database are one line with a hint, and no data is lost."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from make_entries import VERSION, make_entry
from sqlalchemy import Engine, event

from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.errors import (
    Hint,
    InvalidRequest,
    LibraryBusy,
    LibraryError,
    LibraryFull,
    LibraryNotFound,
    RecsysError,
    SchemaMismatch,
)

REPOSITORY = Path(__file__).parents[2]


def url_of(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def open_at(path: Path, *, create: bool = True, read_only: bool = False) -> Catalogue:
    return Catalogue.open(url_of(path), feature_version=VERSION, create=create, read_only=read_only)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A library of three tracks."""
    path = tmp_path / "library.db"
    with open_at(path) as catalogue:
        catalogue.store([make_entry(f"/{i}.mp3") for i in range(3)])
    return path


def check_message(error: pytest.ExceptionInfo[RecsysError], *parts: object, hint: Hint | None = None) -> None:
    text = str(error.value)
    assert "\n" not in text
    for part in parts:
        assert str(part) in text
    assert error.value.hint is hint


def test_sqlite_is_configured_for_several_readers_and_one_writer(file: Path) -> None:
    connections = engine.connect(engine.parse_url(url_of(file)))
    with engine.reading(connections) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    connections.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 1}


def test_open_creates_the_folders_of_a_library(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "library.db"
    with open_at(path) as catalogue:
        assert catalogue.count().tracks == 0
    assert path.is_file()


@pytest.mark.parametrize("options", [{"create": False}, {"read_only": True}])
def test_open_without_create_creates_nothing(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "home" / "library.db"
    with pytest.raises(LibraryNotFound) as error:
        open_at(path, **options)
    check_message(error, path, hint=Hint.INGEST)
    assert not path.parent.exists()
    path.parent.mkdir()
    path.touch()  # an empty file is not a library either
    with pytest.raises(LibraryNotFound):
        open_at(path, **options)


@pytest.mark.parametrize("name", ["with space", "100%", "a#b", "what?", "what?a=b", "Bj\udcf6rk", "new\nline", "日本"])
def test_open_accepts_every_folder_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "library.db"
    open_at(path).close()
    assert path.is_file()
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with open_at(path, create=False) as catalogue:
        assert catalogue.count().tracks == 0


def test_open_refuses_an_invalid_url() -> None:
    for url in ("library.db", "nonsense://x/y"):
        with pytest.raises(InvalidRequest) as error:
            Catalogue.open(url, feature_version=VERSION)
        check_message(error, url.split(":")[0])


def test_open_refuses_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("dear diary, " * 1000)
    with pytest.raises(LibraryError) as error:
        open_at(path)
    check_message(error, path, "is damaged, or not a recsys library", hint=Hint.RESTORE_DATABASE)
    assert path.read_text().startswith("dear diary")


def test_reading_a_damaged_library_is_an_error(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : len(content)] = b"\xa5" * (len(content) - 4096)  # all pages but the first
    file.write_bytes(content)
    with pytest.raises(LibraryError) as error, open_at(file) as catalogue:
        catalogue.tracks()
    check_message(error, file, "is damaged", hint=Hint.RESTORE_DATABASE)


def test_reading_a_truncated_library_is_an_error(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:9000])
    with pytest.raises(LibraryError) as error, open_at(file) as catalogue:
        catalogue.tracks()
    check_message(error, file, "is damaged", hint=Hint.RESTORE_DATABASE)


def test_open_does_not_change_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "cookbook.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SchemaMismatch) as error:
        open_at(path)
    check_message(error, path, "is a database, but not a recsys library", hint=Hint.CHOOSE_DATABASE)
    assert path.read_bytes() == before


def test_open_refuses_a_newer_schema(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    with pytest.raises(SchemaMismatch) as error:
        open_at(file)
    check_message(error, file, "was written by a newer recsys (schema 9999,", hint=Hint.UPGRADE_PROGRAM)
    with pytest.raises(SchemaMismatch):
        open_at(file, read_only=True)
    assert file.read_bytes() == before


def test_open_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as error:
        open_at(tmp_path)
    check_message(error, tmp_path, "permissions")


def test_open_reports_a_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(LibraryError) as error:
        open_at(tmp_path / "home" / "recsys" / "library.db")
    check_message(error, tmp_path / "home", "cannot create the folder")


def test_read_only_catalogue_writes_nothing(file: Path) -> None:
    with open_at(file, read_only=True) as catalogue:
        assert catalogue.count().tracks == 3
        with pytest.raises(LibraryError) as error:
            catalogue.set_rating([1], 1)
    check_message(error, file, "cannot open or write")
    with open_at(file) as catalogue:
        assert catalogue.rated_tracks() == {}


def test_write_waits_for_another_process_and_then_fails(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_at(file) as catalogue:
        assert catalogue.count().tracks == 3  # a writer does not block readers
        with pytest.raises(LibraryBusy) as error:
            catalogue.set_rating([1], 1)
        check_message(error, file, "another process is writing", "try again when it has finished")
        other.close()
        catalogue.set_rating([1], 1)
        assert catalogue.rated_tracks() == {1: 1}


def test_full_disk_loses_no_data(file: Path) -> None:
    def limit_size(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with open_at(file) as catalogue:
        before = catalogue.tracks()
        catalogue.close()  # so that the listener is called for the next connection
        event.listen(Engine, "connect", limit_size)
        try:
            with pytest.raises(LibraryFull) as error:
                catalogue.store([make_entry(f"/more/{i}.mp3") for i in range(500)])
        finally:
            event.remove(Engine, "connect", limit_size)
        check_message(error, file, "no space is left", "stored data is kept")
        assert catalogue.tracks() == before
    with open_at(file) as catalogue:
        catalogue.store([make_entry(f"/more/{i}.mp3") for i in range(500)])
        assert catalogue.count().tracks == 503


@pytest.mark.parametrize(("free", "kind"), [(0, LibraryFull), (1 << 40, LibraryError)])
def test_disk_error_is_library_full_only_without_free_space(
    file: Path, free: int, kind: type[LibraryError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 40, used=0, free=free))
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with pytest.raises(LibraryError) as error, engine.translate_errors(engine.parse_url(f"sqlite:///{file}")):
        raise failure
    assert type(error.value) is kind


def test_display_url_has_no_password() -> None:
    assert "secret" not in engine.display_url(engine.parse_url("postgresql://me:secret@host/music"))


def test_reading_imports_no_alembic(file: Path) -> None:
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
