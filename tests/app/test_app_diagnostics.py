"""Every check of a library fails on a library that is damaged in that way, and passes after the repair."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from make_entries import make_entry

from recsys.app.diagnostics import run_checks
from recsys.config import Settings
from recsys.database import integrity, migrate
from recsys.database.catalogue import Catalogue
from recsys.database.engine import connect, parse_url, writing
from recsys.database.lock import ingest_lock
from recsys.domain.audio import FileStat, IngestRecord
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import CheckResult
from recsys.errors import Hint, LibraryNotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.index_update import load_or_update_index

SIZE = len(DIMENSIONS)


@pytest.fixture(autouse=True)
def _without_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of these libraries do not exist; test_ingest_disk_check.py has the comparison with the disk."""
    monkeypatch.setattr("recsys.app.diagnostics.check_disk", lambda *_: iter(()))


class DamagedLibrary:
    """A library of five tracks with its index, and ways to damage it."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home, database=f"sqlite:///{home / 'library.db'}")
        with self.open() as catalogue:
            catalogue.store([self.entry(f"/music/{name}") for name in "abcde"])
            load_or_update_index(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION)

    @staticmethod
    def entry(path: str, **facts: Any) -> IngestRecord:
        return make_entry(path, version=FEATURE_VERSION, dimensions=SIZE, **facts)

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=FEATURE_VERSION)

    def execute(self, *statements: str, **values: object) -> None:
        """Change the database behind the back of recsys."""
        connection = sqlite3.connect(self.settings.home / "library.db")
        for statement in statements:
            connection.execute(statement, values if ":" in statement else {})
        connection.commit()
        connection.close()

    def results(self, *, fix: bool = False) -> dict[str, CheckResult]:
        return {result.name: result for result in run_checks(self.settings, fix=fix)}

    def problems(self, *, fix: bool = False) -> dict[str, str]:
        return {r.name: f"{r.status}: {r.message}" for r in self.results(fix=fix).values() if r.status != "ok"}


@pytest.fixture
def library(tmp_path: Path) -> DamagedLibrary:
    return DamagedLibrary(tmp_path)


def test_every_check_of_a_new_library_is_ok(library: DamagedLibrary) -> None:
    results = library.results()
    assert {result.status for result in results.values()} == {"ok"}
    assert set(results) == {
        "program", "extras", "space", "permission", "ingest", "leftovers", "schema", "database", "vectors", "analyses",
        "features", "genres", "files", "names", "words", "missing", "failures", "index",
        "tags", "listeners",
    }  # fmt: skip
    assert "5 vectors" in results["index"].message
    assert [result.remedy for result in results.values() if result.remedy is not None] == []


def test_checks_of_a_missing_library_raise_library_not_found(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="there is no library at") as raised:
        list(run_checks(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}")))
    assert raised.value.hint is Hint.INGEST


def blob(number: float, dtype: str = "<f4", n: int = SIZE) -> bytes:
    return np.full(n, number, dtype).tobytes()


NOT_ANALYSED = f"warning: 1 track has not been analysed with feature version {FEATURE_VERSION}"
OF_TRACK_2 = "WHERE recording_id = 2"


@pytest.mark.parametrize(
    ("statement", "value", "check", "message"),
    [
        (
            f"UPDATE vector SET normalised = :v {OF_TRACK_2}",
            blob(1)[:-4],
            "vectors",
            f"a vector does not have {SIZE} elements",
        ),
        (f"UPDATE vector SET raw = :v {OF_TRACK_2}", b"", "vectors", f"a vector does not have {SIZE} elements"),
        (f"UPDATE vector SET raw = :v {OF_TRACK_2}", blob(np.nan), "vectors", "an element is NaN or infinite"),
        (f"UPDATE vector SET normalised = :v {OF_TRACK_2}", blob(np.inf), "vectors", "an element is NaN or infinite"),
        (f"UPDATE vector SET windows = :v {OF_TRACK_2}", blob(1, "<f2"), "vectors", "windows are missing or have the"),
        (f"UPDATE vector SET windows = :v {OF_TRACK_2}", blob(np.nan, "<f2", 3 * SIZE), "vectors", "an element is NaN"),
        (f"UPDATE vector SET starts = :v {OF_TRACK_2}", "[]", "vectors", "windows are missing or have the wrong size"),
        (f"DELETE FROM vector {OF_TRACK_2}", None, "analyses", "error: 1 is incomplete: tracks 2"),
        (f"DELETE FROM analysis {OF_TRACK_2}", None, "analyses", "error: 1 is incomplete: tracks 2"),
        (f"DELETE FROM prediction {OF_TRACK_2}", None, "genres", "error: 1 analysed track has none: tracks 2"),
        (f"DELETE FROM file {OF_TRACK_2}", None, "files", "error: 1 track has no path: tracks 2"),
        ("DELETE FROM search_name WHERE file_id = 2", None, "names", "error: 1 file cannot be found by their names"),
        (
            f"UPDATE file SET is_primary = 0 {OF_TRACK_2}",
            None,
            "names",
            "error: 1 track has none or several: tracks 2",
        ),
        ("DELETE FROM search_trigram_data WHERE id > 10", None, "words", "error: the index of words is damaged"),
        ("DELETE FROM search_trigram_data", None, "words", "error: the index of words is damaged"),
        ("DROP TABLE search_trigram_idx", None, "words", "error: the index of words is damaged"),
        ("DROP TABLE search_trigram_data", None, "words", "error: the index of words is damaged"),
        ("INSERT INTO search_trigram (search_trigram) VALUES ('delete-all')", None, "words", "error: the index"),
        ("DELETE FROM recording WHERE id = 2", None, "database", "error: 4 rows belong to no recording"),
    ],
)
def test_damage_is_reported_repaired_and_analysed_again(
    library: DamagedLibrary, statement: str, value: object, check: str, message: str
) -> None:
    library.execute(statement, v=value)
    result = library.results()[check]
    assert result.status == "error"
    assert message in f"{result.status}: {result.message}"
    assert result.remedy is Hint.REPAIR
    problems = library.problems(fix=True)
    assert not [line for line in problems.values() if line.startswith("error")], problems
    if check in ("vectors", "analyses", "genres"):
        assert problems["features"] == NOT_ANALYSED
    with library.open() as catalogue:
        catalogue.store([library.entry(f"/music/{name}") for name in "abcde"])
    assert library.problems() == {}


@pytest.mark.parametrize(
    "statement", ["DELETE FROM search_trigram_data WHERE id > 10", "DROP TABLE search_trigram_idx"]
)
def test_damaged_index_of_words_is_not_used(library: DamagedLibrary, statement: str) -> None:
    library.execute(statement)
    with library.open() as catalogue:
        assert [track.path for track in catalogue.tracks("music/b")] == ["/music/b"]


def test_file_that_is_no_database_is_an_error(library: DamagedLibrary) -> None:
    (library.settings.home / "library.db").write_bytes(b"not at all" * 1000)
    assert "is damaged, or not a recsys library" in library.problems()["database"]


def test_overwritten_page_of_the_database_is_an_error(library: DamagedLibrary) -> None:
    file = library.settings.home / "library.db"
    data = bytearray(file.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 32] = b"\xff" * 32
    file.write_bytes(data)
    assert library.problems()["database"].startswith("error: ")


def test_page_that_only_the_check_of_all_pages_reads_is_reported(library: DamagedLibrary) -> None:
    library.execute(
        "PRAGMA writable_schema = ON",
        "CREATE TABLE spare (value)",
        "CREATE INDEX spare_value ON spare (value)",
        "INSERT INTO spare VALUES (1), (2)",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'spare')"
        " WHERE name = 'spare_value'",
    )
    result = library.results()["database"]
    assert (result.status, result.remedy) == ("error", Hint.RESTORE_DATABASE)
    assert library.results()["vectors"].status == "ok"


@pytest.mark.parametrize("program", ["import os; print('ok'); os._exit(7)", "import sqlite3; raise sqlite3.Error"])
def test_pages_are_checked_here_where_the_other_process_fails(
    library: DamagedLibrary, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """As on a full disk, where SQLite cannot open the file again."""
    monkeypatch.setattr(integrity, "_PROGRAM", program)
    assert library.problems() == {}
    library.execute("DELETE FROM recording WHERE id = 2")
    assert library.problems()["database"] == "error: 4 rows belong to no recording"


def test_pages_are_checked_here_where_no_process_can_be_started(
    library: DamagedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(library.settings.home / "absent"))
    assert library.problems() == {}


def test_artist_that_is_not_there_is_passed_over(library: DamagedLibrary) -> None:
    library.execute("INSERT INTO file_artist (file_id, role, position, artist_id, name) VALUES (1, 1, 9, 999, 'Gone')")
    with library.open() as catalogue:
        found = list(catalogue.iter_files())
        assert len(found) == 5
        assert [file.path for file in catalogue.files_at(["/music/a"])] == ["/music/a"]


def test_older_schema_is_an_error_and_upgraded(library: DamagedLibrary) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.migrations()))
    engine = connect(parse_url(library.settings.database))
    with writing(engine, changes_tracks=False) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
    engine.dispose()
    schema = library.results()["schema"]
    assert (schema.status, schema.remedy) == ("error", Hint.UPGRADE_DATABASE)
    assert "has schema 0007; this version of recsys needs" in schema.message
    assert library.problems(fix=True) == {}


def test_missing_files_and_failures_are_warnings(library: DamagedLibrary) -> None:
    with library.open() as catalogue:
        catalogue.mark_missing(["/music/a", "/music/b"])
        failures = (("/music/bad", "decode"), ("/music/worse", "open"))
        catalogue.store([], [FailedFile(FileStat(path, 5, 9), stage, "no frames") for path, stage in failures])
    assert library.problems() == {
        "missing": "warning: 2 of 5 tracks are not on the disk",
        "failures": "warning: 1 at decode, 1 at open",
    }


def test_tracks_that_are_not_analysed_are_a_warning(library: DamagedLibrary) -> None:
    with library.open() as catalogue:
        catalogue.store([library.entry("/music/f", analysed=False)])
    assert library.problems() == {
        "features": f"warning: 1 track has not been analysed with feature version {FEATURE_VERSION}"
    }


def _overwrite(library: DamagedLibrary) -> None:
    library.settings.index_path.write_bytes(b"rubbish")


def _truncate(library: DamagedLibrary) -> None:
    path = library.settings.index_path
    path.write_bytes(path.read_bytes()[:-10])


def _replace_by_index_of_another_library(library: DamagedLibrary) -> None:
    other = DamagedLibrary(library.settings.home / "other")
    with other.open() as catalogue:
        catalogue.store([other.entry("/music/z")])
        other.settings.index_path.unlink()
        load_or_update_index(other.settings.index_path, catalogue, feature_version=FEATURE_VERSION)
    shutil.copy(other.settings.index_path, library.settings.index_path)


def _delete_track(library: DamagedLibrary) -> None:
    library.execute("PRAGMA foreign_keys = ON", "DELETE FROM recording WHERE id = 3")


def _change_vector(library: DamagedLibrary, of: int = 4) -> None:
    library.execute(
        f"UPDATE vector SET normalised = :v WHERE recording_id = {of}", v=np.arange(SIZE, dtype="<f4").tobytes()
    )


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_overwrite, "warning: the index "),
        (_truncate, "warning: the index "),
        (_replace_by_index_of_another_library, "warning: of another library or version"),
        (_delete_track, "error: it lacks 0 tracks and has 1 that are not in the library"),
        (_change_vector, "error: its vectors differ from those of the library"),
    ],
)
def test_index_that_differs_from_the_library_is_rebuilt(
    library: DamagedLibrary, damage: Callable[[DamagedLibrary], None], message: str
) -> None:
    damage(library)
    assert library.problems()["index"].startswith(message)
    assert library.problems(fix=True) == {}
    assert "the same as in the library" in library.results()["index"].message


@pytest.mark.parametrize("id", [1, 2, 3, 4])
def test_in_a_small_library_every_vector_of_the_index_is_compared(library: DamagedLibrary, id: int) -> None:
    _change_vector(library, of=id)
    assert library.problems()["index"] == "error: its vectors differ from those of the library"


def test_index_that_is_outdated_or_missing_is_ok(library: DamagedLibrary) -> None:
    with library.open() as catalogue:
        catalogue.store([library.entry("/music/new")])
    assert library.results()["index"].message == "5 vectors; the next query adds the new ones"
    library.settings.index_path.unlink()
    assert "none yet" in library.results()["index"].message


def test_old_temporary_files_are_removed(library: DamagedLibrary) -> None:
    leftover = library.settings.home / ".library.db.faiss.0123456789abcdef.tmp"
    others = [
        library.settings.home / name
        for name in (
            "library.faiss.bak", "library.db.faiss.20240101", "library.db.backup",
            ".other.db.faiss.0123456789abcdef.tmp",
            "library2.db.faiss", ".library.db.faiss.0123456789abcdef.tmp.old", "rock.faiss",
        )
    ]  # fmt: skip
    for path in (leftover, *others):
        path.write_bytes(b"half an index")
        os.utime(path, (1_700_000_000,) * 2)
    leftover.touch()
    assert library.problems() == {}  # a running process may write it
    os.utime(leftover, (1_700_000_000,) * 2)
    assert (
        "1 temporary file is left over beside the index, such as .library.db.faiss.0123456789abcdef.tmp"
        in library.problems()["leftovers"]
    )
    assert library.problems(fix=True) == {}
    assert not leftover.exists()
    assert all(path.exists() for path in others)


def test_little_space_is_a_warning_and_very_little_an_error(
    library: DamagedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, status in ((1 << 40, "ok"), (500 << 20, "warning"), (1 << 20, "error")):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert library.results()["space"].status == status


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anything")
def test_read_only_library_is_a_warning(library: DamagedLibrary) -> None:
    library.settings.home.chmod(0o555)
    try:
        assert "cannot be written" in library.problems()["permission"]
    finally:
        library.settings.home.chmod(0o755)


def test_running_ingest_is_reported_with_its_process(library: DamagedLibrary) -> None:
    with ingest_lock(library.settings.home / "library.db"):
        assert library.results()["ingest"].message == f"process {os.getpid()} is ingesting now"
    assert library.results()["ingest"].message == "none is running"
