"""Backups: complete, consistent, restored with checks, and hostile ones are refused without a change."""

import json
import os
import shutil
import sqlite3
import struct
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from past_libraries import make_library as make_past_library
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library, load_settings
from recsys.app import restoring
from recsys.cli.main import main
from recsys.database import migrate
from recsys.database.tables import metadata
from recsys.errors import InvalidRequest, LibraryBusy, LibraryError, LibraryFull, SchemaMismatch


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    home = tmp_path / "home"
    make_library(home, all_kinds())
    library = Library(load_settings({}, home=home))
    library.ratings.set(["1", "2"], 1)
    library.similar(1)
    (home / "models").mkdir()
    (home / "models" / "mine.zip").write_bytes(b"a model")
    (home / "models" / "used").write_text("mine\n")
    (home / "config.toml").write_text("jobs = 2\n")
    return library


def at(home: Path) -> Library:
    return Library(load_settings({}, home=home))


def content(file: Path) -> list[str]:
    """All rows of the tables of a library, without the tokens of its indexes."""
    with closing(sqlite3.connect(file)) as connection:
        rows = [
            f"{table.name} {row}"
            for table in metadata.sorted_tables
            for row in connection.execute(f'SELECT * FROM "{table.name}"')
        ]
    return sorted(row for row in rows if not row.startswith("revision ('index "))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["library.db", "library.db-wal", "library.db.faiss", "config.toml", "models/mine.zip"])
def test_backup_replaces_no_file_of_the_library(library: Library, tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    before = content(home / "library.db"), (home / "config.toml").read_bytes(), names(home), names(home / "models")
    link = tmp_path / "link"
    link.symlink_to(home, target_is_directory=True)
    for folder in (home, link):
        with pytest.raises(InvalidRequest, match="is a file of the library; choose another name"):
            library.backup(folder / name, force=True)
    assert before == (
        content(home / "library.db"), (home / "config.toml").read_bytes(), names(home), names(home / "models"),
    )  # fmt: skip


def test_restored_library_is_the_same(library: Library, tmp_path: Path) -> None:
    written = library.backup(tmp_path / "music.zip")
    assert (written.tracks, written.models, written.schema) == (24, 1, migrate.HEAD)
    assert written.size == written.file.stat().st_size
    other = at(tmp_path / "other")
    restored = other.restore(written.file)
    assert (restored.tracks, restored.models, restored.replaced) == (24, 1, ())
    assert content(other.settings.home / "library.db") == content(library.settings.home / "library.db")
    assert other.genre_models.active() == "mine"
    assert (other.settings.home / "models" / "mine.zip").read_bytes() == b"a model"
    assert (restored.settings, restored.settings_in_use) == (other.settings.home / "config.toml", True)
    assert at(tmp_path / "other").settings.jobs == 2
    assert not other.settings.index_path.exists()
    assert [t.id for t in other.similar(1)] == [t.id for t in library.similar(1)]
    other.close()
    library.close()
    assert names(tmp_path) == ["home", "music.zip", "other"]


def test_archive_has_no_index_and_nothing_else(library: Library, tmp_path: Path) -> None:
    (library.settings.home / "notes.txt").write_text("x")
    file = library.backup(tmp_path / "b.zip").file
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == [
            "config.toml", "library.db", "manifest.json", "models/mine.zip", "models/used",
        ]  # fmt: skip
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["schema"], manifest["rows"]["recording"], manifest["rows"]["track_like"]) == (migrate.HEAD, 24, 2)


def test_backup_while_another_process_writes_is_one_state(library: Library, tmp_path: Path) -> None:
    """Each transaction stores two tracks: a backup between two of them has an even number."""
    stop = threading.Event()

    def write() -> None:
        with open_catalogue(library) as catalogue:
            for i in range(40):
                if stop.is_set():
                    return
                catalogue.store([make_song("folk", 2 * i, "/a"), make_song("folk", 2 * i + 1, "/b")])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for i in range(3):
            other = at(tmp_path / f"other{i}")
            restored = other.restore(library.backup(tmp_path / f"{i}.zip").file)
            assert restored.tracks % 2 == 0
            assert len(other.tracks()) == restored.tracks
    finally:
        stop.set()
        writer.join()


def test_backup_names_a_file_in_a_folder(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "backups").mkdir()
    file = library.backup(tmp_path / "backups").file
    assert file.parent == tmp_path / "backups"
    assert file.name.startswith("recsys-2")
    monkeypatch.chdir(tmp_path / "home" / "models")
    assert library.backup().file.parent == tmp_path / "home" / "models"


def test_backup_replaces_no_file_without_force(library: Library, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("precious")
    with pytest.raises(InvalidRequest, match="force is needed to replace"):
        library.backup(tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "precious"
    assert library.backup(tmp_path / "b.zip", force=True).tracks == 24


@pytest.mark.parametrize("target", ["none/b.zip", "x" * 300, "a\0b"])
def test_backup_to_an_impossible_place_leaves_nothing(library: Library, tmp_path: Path, target: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot write the backup"):
        library.backup(tmp_path / target)
    assert names(tmp_path) == ["home"]


def test_backup_on_a_full_disk_leaves_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises((InvalidRequest, LibraryError), match="No space left on device"):
        library.backup(tmp_path / "b.zip")
    assert names(tmp_path) == ["home"]


def test_server_is_refused(tmp_path: Path) -> None:
    library = Library(load_settings({}, home=tmp_path, database="postgresql+psycopg://u:secret@host/music"))
    for use in (lambda: library.backup(tmp_path), lambda: library.restore(tmp_path / "b.zip")):
        with pytest.raises(InvalidRequest, match="pg_dump and pg_restore") as refused:
            use()
        assert "secret" not in str(refused.value)


def test_present_library_is_kept_with_force(library: Library, tmp_path: Path) -> None:
    file = library.backup(tmp_path / "b.zip").file
    library.ratings.set(["7"], -1)
    before = content(library.settings.home / "library.db")
    with pytest.raises(InvalidRequest, match=r"cannot read the backup .*nothing\.zip: there is none"):
        library.restore(tmp_path / "nothing.zip")
    with pytest.raises(InvalidRequest, match=r"force is needed: there is a library, .*library\.db"):
        library.restore(file)
    assert content(library.settings.home / "library.db") == before
    restored = library.restore(file, force=True)
    database, models = restored.replaced
    assert content(database) == before
    assert (models / "mine.zip").read_bytes() == b"a model"
    assert len(library.ratings.tracks().dislikes) == 0
    assert restored.settings is None  # they are the same
    assert library.similar(1)
    library.close()


def test_log_of_the_present_library_is_kept_with_it(library: Library, tmp_path: Path) -> None:
    file = library.backup(tmp_path / "b.zip").file
    with closing(sqlite3.connect(library.settings.home / "library.db")) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE recording SET codec = 'in the log' WHERE id = 1")
        writer.commit()
        restored = library.restore(file, force=True)
    with closing(sqlite3.connect(restored.replaced[0])) as connection:
        assert connection.execute("SELECT codec FROM recording WHERE id = 1").fetchone() == ("in the log",)
    assert not [name for name in names(library.settings.home) if name in ("library.db-wal", "library.db-journal")]


def test_damaged_library_is_replaced_with_force(library: Library, tmp_path: Path) -> None:
    file = library.backup(tmp_path / "b.zip").file
    (library.settings.home / "library.db").write_bytes(b"rubbish")
    assert library.restore(file, force=True).tracks == 24
    assert len(library.tracks()) == 24


@pytest.mark.parametrize(
    "settings",
    [
        'database = "sqlite:////elsewhere.db"', '"data\\u0062ase" = "sqlite:////elsewhere.db"', "jobs = ",
        'executor = "dask"\nscheduler = "tcp://elsewhere:8786"', "send_files = true", "jobs = " + "[" * 100_000,
    ],
)  # fmt: skip
def test_settings_that_name_another_machine_or_database_are_not_used(
    library: Library, tmp_path: Path, settings: str
) -> None:
    (library.settings.home / "config.toml").write_text(settings)
    restored = at(tmp_path / "other").restore(library.backup(tmp_path / "b.zip").file)
    assert restored.settings is not None
    assert restored.settings.name.startswith("config.toml.restored-")
    assert not restored.settings_in_use
    assert len(at(tmp_path / "other").tracks()) == 24


def test_library_is_restored_where_the_index_cannot_be_deleted(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = library.backup(tmp_path / "b.zip").file
    library.ratings.set(["7"], -1)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(restoring, "delete_index", refuse)
    assert library.restore(file, force=True).tracks == 24
    assert len(library.ratings.tracks().dislikes) == 0
    assert library.similar(1)


def test_restore_beside_models_elsewhere_that_fails_leaves_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = library.backup(tmp_path / "b.zip").file
    home, elsewhere = tmp_path / "new", tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Library(load_settings({}, home=home, database=f"sqlite:///{elsewhere / 'music.db'}"))

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(LibraryError, match="Input/output error"):
            other.restore(file)
    assert [name for folder in (home, elsewhere) for name in names(folder) if not name.endswith(".lock")] == []
    assert other.restore(file).models == 1


def test_restore_during_an_ingest_is_refused(library: Library, tmp_path: Path) -> None:
    file = library.backup(tmp_path / "b.zip").file
    before = content(library.settings.home / "library.db")
    with open_catalogue(library) as catalogue, catalogue.writing(), pytest.raises(LibraryBusy):
        library.restore(file, force=True)
    assert content(library.settings.home / "library.db") == before


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_restore_that_fails_in_the_middle_changes_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    file = library.backup(tmp_path / "b.zip").file
    before, files = content(library.settings.home / "library.db"), names(library.settings.home)
    calls, rename = [0], Path.rename

    def fail(self: Path, target: Path) -> Path:
        calls[0] += 1
        if calls[0] == failing:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(LibraryError, match=r"cannot restore .*: Input/output error"):
        library.restore(file, force=True)
    assert content(library.settings.home / "library.db") == before
    assert set(names(library.settings.home)) - {"library.db.lock"} == set(files) - {"library.db.lock"}


def repack(file: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """A backup with other files or another manifest."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files, manifest)
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def listed(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    """Make the manifest agree with the files."""
    import hashlib

    manifest["files"] = [
        {"name": name, "size": len(data), "blake2b": hashlib.blake2b(data, digest_size=32).hexdigest()}
        for name, data in files.items()
    ]


def _with_file(name: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files[name] = b"evil"
        listed(manifest, files)

    return change


def _another_byte(files: dict[str, bytes], _: dict[str, Any]) -> None:
    files["library.db"] = files["library.db"][:-1] + b"\1"


def _damaged_database(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    data = bytearray(files["library.db"])
    data[4096:12288] = b"\xa5" * 8192
    files["library.db"] = bytes(data)
    listed(manifest, files)


def _no_database(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["library.db"] = b"SQLite format 3\0 no"
    listed(manifest, files)


def _bomb(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["library.db"] = bytes(64 << 20)
    listed(manifest, files)


def _newlines(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["models/used"] = b"\n" * (32 << 20)
    listed(manifest, files)


def _many(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files.update({f"models/m{i}.zip": b"" for i in range(1100)})
    listed(manifest, files)


def _manifest(**changes: Any) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    return lambda _, manifest: manifest.update(changes)


def _rows(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["rows"]["recording"] += 1


HOSTILE = {
    "parent": (_with_file("../evil"), "no backup has"),
    "absolute": (_with_file("/tmp/evil"), "no backup has"),
    "windows": (_with_file("models\\..\\..\\evil.zip"), "no backup has"),
    "dots": (_with_file("models/../evil.zip"), "no backup has"),
    "drive": (_with_file("C:evil"), "no backup has"),
    "hidden": (_with_file("models/.evil.zip"), "no backup has"),
    "folder": (_with_file("models/"), "no backup has"),
    "empty name": (_with_file("models/x\ny.zip"), "no backup has"),
    "index": (_with_file("library.db.faiss"), "no backup has"),
    "another byte": (_another_byte, "does not match the manifest"),
    "damaged": (_damaged_database, "the database in .* is damaged"),
    "no database": (_no_database, "is damaged, or not of recsys"),
    "bomb": (_bomb, "would be 67 MB"),
    "newlines": (_newlines, "would be 34 MB"),
    "many": (_many, "it has 1105 files"),
    "format": (_manifest(format=2), "its format is 2, this version reads 1"),
    "program": (_manifest(program="x"), "its manifest is not of recsys"),
    "files": (_manifest(files=[{"name": "library.db", "size": -1, "blake2b": ""}]), "its manifest is invalid"),
    "no list": (_manifest(files=3), "its manifest is invalid"),
    "less": (_manifest(files=[]), "lists other files"),
    "rows": (_rows, "has 24 rows in recording instead of 25"),
    "table": (_manifest(rows={"x; DROP TABLE file": 1}), "has no table"),
    "text": (_manifest(rows={"recording": "1"}), "its manifest is invalid"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_backup_is_refused_and_changes_nothing(library: Library, tmp_path: Path, name: str) -> None:
    change, message = HOSTILE[name]
    file = repack(library.backup(tmp_path / "b.zip").file, change)
    before = content(library.settings.home / "library.db")
    with pytest.raises(InvalidRequest, match=message) as refused:
        library.restore(file, force=True)
    assert str(file) in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert content(library.settings.home / "library.db") == before
    assert names(tmp_path) == ["b.zip", "changed.zip", "home"]
    assert not [each for each in names(tmp_path / "home") if each.startswith(".recsys")]


def _link(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def _device(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o020666 << 16


def _lzma(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_LZMA


@pytest.mark.parametrize(
    ("mark", "message"), [(_link, "a link or encrypted"), (_device, "a link"), (_lzma, "compressed in another way")]
)
def test_entry_that_is_no_plain_file_is_refused(
    library: Library, tmp_path: Path, mark: Callable[[zipfile.ZipInfo], None], message: str
) -> None:
    file = library.backup(tmp_path / "b.zip").file
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if name == "models/used":
                mark(info)
            archive.writestr(info, data)
    with pytest.raises(InvalidRequest, match=message):
        at(tmp_path / "other").restore(file)
    assert names(tmp_path / "other") == []


def test_entry_that_is_longer_than_declared_is_refused(library: Library, tmp_path: Path) -> None:
    """The sizes of the directory and of the manifest are small, the compressed data is not."""

    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files["models/used"] = bytes(1 << 20)
        listed(manifest, files)
        next(each for each in manifest["files"] if each["name"] == "models/used")["size"] = 10

    file = repack(library.backup(tmp_path / "b.zip").file, change)
    data = bytearray(file.read_bytes())
    end = data.rindex(b"models/used")
    struct.pack_into("<I", data, end - 46 + 24, 10)  # the size in the central directory
    file.write_bytes(data)
    with pytest.raises(InvalidRequest, match=r"does not match the manifest|damaged"):
        at(tmp_path / "other").restore(file)


@pytest.mark.parametrize("keep", [0, 10, 100, 5000, -1, -30])
def test_cut_backup_is_refused(library: Library, tmp_path: Path, keep: int) -> None:
    file = library.backup(tmp_path / "b.zip").file
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(InvalidRequest, match="is not a backup of recsys, or damaged"):
        at(tmp_path / "other").restore(file)
    assert names(tmp_path / "other") == []


@pytest.mark.parametrize("target", ["none.zip", ".", "x" * 300, "a\0b"])
def test_what_is_no_file_is_refused(library: Library, tmp_path: Path, target: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot read the backup"):
        at(tmp_path / "other").restore(tmp_path / target)


def test_backup_needs_space(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = library.backup(tmp_path / "b.zip").file
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1))  # type: ignore[attr-defined]
    with pytest.raises(LibraryFull, match=r"MB are needed to restore .*, and 0 MB are free"):
        at(tmp_path / "other").restore(file)


def _past(tmp_path: Path, library: Library, revision: str) -> Path:
    file = tmp_path / "past.db"
    make_past_library(f"sqlite:///{file.as_posix()}", "0012")
    if revision != "0012":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
            connection.commit()

    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files["library.db"] = file.read_bytes()
        manifest["rows"] = {"recording": 2}
        listed(manifest, files)

    return repack(library.backup(tmp_path / "b.zip").file, change)


def test_backup_of_an_older_schema_is_upgraded(library: Library, tmp_path: Path) -> None:
    other = at(tmp_path / "other")
    restored = other.restore(_past(tmp_path, library, "0012"))
    assert restored.schema == "0012"
    with closing(sqlite3.connect(other.settings.home / "library.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.HEAD,)
    assert [track.title for track in other.tracks()]
    assert not list(other.settings.home.glob("*.backup"))


def test_backup_of_a_newer_schema_is_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="was written by a newer recsys"):
        at(tmp_path / "other").restore(_past(tmp_path, library, "9999"))


def test_commands(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, list[str]]:
        with pytest.raises(SystemExit) as exit:
            main(list(arguments))
        return int(exit.value.code or 0), capsys.readouterr().err.splitlines()

    home, file = str(library.settings.home), str(tmp_path / "b.zip")
    code, lines = run("--home", home, "backup", file)
    assert (code, lines[0].startswith(f"written to {file}: 24 tracks, 1 genre model, ")) == (0, True)
    assert run("--home", home, "backup", file) == (2, [f"recsys: error: --force is needed to replace {file}"])
    code, [line] = run("--home", home, "restore", file)
    assert (code, "--force is needed" in line) == (2, True)
    code, lines = run("--home", home, "restore", file, "--force")
    assert code == 0
    assert lines[0] == f"restored to {home}{os.sep}library.db: 24 tracks, 1 genre model"
    assert sum("is kept in" in line for line in lines) == 2
    code, lines = run("--home", str(tmp_path / "new"), "restore", file)
    assert lines[-1].endswith("config.toml, in use")
    assert run("--home", str(tmp_path / "none"), "backup", file)[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_copy_of_the_database_is_private_while_it_is_made(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    monkeypatch.setattr(
        "recsys.app.backups.copy_library", lambda _, target: modes.append(target.parent.stat().st_mode & 0o777)
    )
    with pytest.raises(sqlite3.OperationalError):
        library.backup(tmp_path / "b.zip")
    assert modes == [0o700]
