"""A library is copied before its schema is upgraded; what cannot be copied is not upgraded."""

import logging
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from make_entries import VERSION
from past_libraries import make_library

from recsys.database import migrate, upgrade_copies
from recsys.database.catalogue import Catalogue
from recsys.errors import Hint, LibraryError, LibraryFull, SchemaMismatch


def url(file: Path) -> str:
    return f"sqlite:///{file.as_posix()}"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    file = tmp_path / "library.db"
    make_library(url(file), "0009")
    return file


def schema(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def rows(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return sorted(connection.iterdump())


def copies(file: Path) -> list[Path]:
    return sorted(file.parent.glob("*.backup"))


def upgrade(file: Path) -> None:
    Catalogue.open(url(file), feature_version=VERSION, create=False).close()


def test_copy_is_the_library_before_the_upgrade(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    old.chmod(0o640)
    before = rows(old)
    with caplog.at_level(logging.WARNING):
        upgrade(old)
    [copy] = copies(old)
    assert (schema(old), schema(copy)) == (migrate.HEAD, "0009")
    assert rows(copy) == before
    assert [record.message for record in caplog.records] == [
        f"the schema of {old} is upgraded from 0009 to {migrate.HEAD}; a copy of it as it was is {copy}"
    ]
    assert sys.platform == "win32" or copy.stat().st_mode & 0o777 == 0o640
    assert not [path for path in old.parent.iterdir() if path.suffix == ".tmp"]
    upgrade(old)
    assert copies(old) == [copy]
    upgrade(copy)  # a copy is a library
    assert schema(copy) == migrate.HEAD


def test_what_another_connection_has_written_is_in_the_copy(old: Path) -> None:
    with closing(sqlite3.connect(old)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE failure SET reason = 'in the log'")
        writer.commit()
        upgrade(old)
    [copy] = copies(old)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT reason FROM failure").fetchone() == ("in the log",)


def test_new_library_has_no_copy(tmp_path: Path) -> None:
    Catalogue.open(url(tmp_path / "library.db"), feature_version=VERSION).close()
    assert not copies(tmp_path / "library.db")


def test_old_copies_of_this_library_are_deleted_and_nothing_else(old: Path) -> None:
    own = [old.with_name(f"library.db.schema-000{i}-2026010{i}T000000Z.backup") for i in (1, 2, 3)]
    others = [
        old.with_name(name)
        for name in (
            "library.db.backup", "library.db.schema-0001.backup", "other.db.schema-0001-20260101T000000Z.backup",
            "xlibrary.db.schema-0001-20260101T000000Z.backup", "library.db.schema-0001-20260101T000000Z.backup.gz",
        )
    ]  # fmt: skip
    for path in (*own, *others):
        shutil.copy(old, path)
    text = old.with_name("library.db.schema-0000-20250101T000000Z.backup")
    text.write_text("my notes")
    upgrade(old)
    assert [path.exists() for path in own] == [False, False, True]
    assert all(path.exists() for path in (*others, text))
    assert upgrade_copies.KEPT == 2


def test_old_copy_that_cannot_be_deleted_stays(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = [old.with_name(f"library.db.schema-000{i}-2026010{i}T000000Z.backup") for i in (1, 2, 3)]
    for path in own:
        shutil.copy(old, path)
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == own[0]:
            raise PermissionError(13, "Permission denied", str(path))
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    upgrade(old)
    assert schema(old) == migrate.HEAD
    assert [path.exists() for path in own] == [True, False, True]


def test_library_is_unchanged_without_space_for_the_copy(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(LibraryFull, match=r"0 MB are free in .*; nothing was changed") as refused:
        upgrade(old)
    assert refused.value.hint == Hint.MOVE_LIBRARY
    assert (old.read_bytes(), copies(old)) == (before, [])


def test_library_is_unchanged_if_the_copy_fails(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(LibraryError, match="cannot be written: No space left on device; nothing was changed"):
        upgrade(old)
    assert schema(old) == "0009"
    assert sorted(path.name for path in old.parent.iterdir()) == ["library.db"]


def test_upgrade_that_fails_leaves_the_library_and_its_copy(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LibraryError("no")

    monkeypatch.setattr("alembic.command.upgrade", fail)
    with pytest.raises(LibraryError, match="no"):
        upgrade(old)
    assert schema(old) == "0009"
    assert len(copies(old)) == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anything")
def test_library_that_cannot_be_written_names_the_remedy(old: Path) -> None:
    old.parent.chmod(0o555)
    try:
        _check_read_only(old)
    finally:
        old.parent.chmod(0o755)


def test_library_declared_read_only_names_the_remedy(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.database.engine.is_writable", lambda _: False)
    _check_read_only(old)


def _check_read_only(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(SchemaMismatch, match=r"has schema 0009; .* cannot be written to upgrade it") as refused:
        upgrade(old)
    assert refused.value.hint == Hint.MAKE_WRITABLE
    assert (old.read_bytes(), copies(old)) == (before, [])
