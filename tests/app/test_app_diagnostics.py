"""Every check of the doctor is shown to fail: a library is damaged in that way, and then healed."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from make_entries import make_entry

from recsys.app.diagnostics import run_checks
from recsys.config import Settings
from recsys.database import migrate
from recsys.database.catalogue import Catalogue
from recsys.database.engine import connect, parse_url, writing
from recsys.database.lock import ingest_lock
from recsys.domain.audio import FileStat, IngestRecord
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import CheckResult
from recsys.errors import NotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.index_update import load_or_update_index

SIZE = len(DIMENSIONS)


class Patient:
    """A library of five tracks, its index, and knives."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home, database=f"sqlite:///{home / 'library.db'}")
        with self.open() as catalogue:
            catalogue.store([self.entry(f"/music/{name}") for name in "abcde"])
            load_or_update_index(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION)

    @staticmethod
    def entry(path: str, **facts: object) -> IngestRecord:
        return make_entry(path, version=FEATURE_VERSION, dimensions=SIZE, **facts)  # type: ignore[arg-type]

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=FEATURE_VERSION)

    def cut(self, *statements: str, **values: object) -> None:
        """Change the database as no program of ours would."""
        connection = sqlite3.connect(self.settings.home / "library.db")
        for statement in statements:
            connection.execute(statement, values if ":" in statement else {})
        connection.commit()
        connection.close()

    def findings(self, *, fix: bool = False) -> dict[str, CheckResult]:
        return {finding.check: finding for finding in run_checks(self.settings, fix=fix)}

    def complaints(self, *, fix: bool = False) -> dict[str, str]:
        return {f.check: f"{f.status}: {f.message}" for f in self.findings(fix=fix).values() if f.status != "ok"}


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


def test_a_sound_library_is_in_order(patient: Patient) -> None:
    findings = patient.findings()
    assert {finding.status for finding in findings.values()} == {"ok"}
    assert set(findings) == {
        "program", "extras", "space", "permission", "ingest", "leftovers", "schema", "database", "vectors", "analyses",
        "listening", "genres", "files", "names", "missing", "failures", "index",
        "tags",
    }  # fmt: skip
    assert "5 vectors" in findings["index"].message
    assert not any(finding.remedy for finding in findings.values())


def test_without_a_library_there_is_nothing_to_examine(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="run recsys ingest"):
        list(run_checks(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}")))


def blob(number: float, dtype: str = "<f4", n: int = SIZE) -> bytes:
    return np.full(n, number, dtype).tobytes()


UNHEARD = f"warning: 1 tracks have not been listened to by version {FEATURE_VERSION}"
OF_TRACK_2 = "WHERE recording_id = 2"


@pytest.mark.parametrize(
    ("statement", "value", "check", "said"),
    [
        (
            f"UPDATE vector SET normalised = :v {OF_TRACK_2}",
            blob(1)[:-4],
            "vectors",
            f"a vector has not {SIZE} numbers",
        ),
        (f"UPDATE vector SET raw = :v {OF_TRACK_2}", b"", "vectors", f"a vector has not {SIZE} numbers"),
        (f"UPDATE vector SET raw = :v {OF_TRACK_2}", blob(np.nan), "vectors", "a number is NaN or infinite"),
        (f"UPDATE vector SET normalised = :v {OF_TRACK_2}", blob(np.inf), "vectors", "a number is NaN or infinite"),
        (f"UPDATE vector SET windows = :v {OF_TRACK_2}", blob(1, "<f2"), "vectors", "windows are missing or of the"),
        (f"UPDATE vector SET windows = :v {OF_TRACK_2}", blob(np.nan, "<f2", 3 * SIZE), "vectors", "a number is NaN"),
        (f"UPDATE vector SET starts = :v {OF_TRACK_2}", "[]", "vectors", "windows are missing or of the wrong size"),
        (f"DELETE FROM vector {OF_TRACK_2}", None, "analyses", "broken: 1 are incomplete: tracks 2"),
        (f"DELETE FROM analysis {OF_TRACK_2}", None, "analyses", "broken: 1 are incomplete: tracks 2"),
        (f"DELETE FROM prediction {OF_TRACK_2}", None, "genres", "broken: 1 analysed tracks have none: tracks 2"),
        (f"DELETE FROM file {OF_TRACK_2}", None, "files", "broken: 1 tracks lie nowhere: tracks 2"),
        ("DELETE FROM search_name WHERE file_id = 2", None, "names", "broken: 1 files are not found by their names"),
        (
            f"UPDATE file SET is_primary = 0 {OF_TRACK_2}",
            None,
            "names",
            "broken: 1 tracks have none or several: tracks 2",
        ),
        ("DELETE FROM recording WHERE id = 2", None, "database", "broken: 4 rows belong to no recording"),
    ],
)
def test_damage_is_named_and_what_is_dropped_is_listened_to_again(
    patient: Patient, statement: str, value: object, check: str, said: str
) -> None:
    patient.cut(statement, v=value)
    finding = patient.findings()[check]
    assert finding.status == "broken"
    assert said in f"{finding.status}: {finding.message}"
    assert "recsys doctor --fix" in finding.remedy
    left = patient.complaints(fix=True)
    assert not [line for line in left.values() if line.startswith("broken")], left
    if check in ("vectors", "analyses", "genres"):
        assert left["listening"] == UNHEARD
    with patient.open() as catalogue:
        catalogue.store([patient.entry(f"/music/{name}") for name in "abcde"])
    assert patient.complaints() == {}


def test_a_database_that_is_none_is_said(patient: Patient) -> None:
    (patient.settings.home / "library.db").write_bytes(b"not at all" * 1000)
    assert "is damaged or no recsys library" in patient.complaints()["database"]


def test_a_page_of_the_database_that_was_overwritten_is_said(patient: Patient) -> None:
    file = patient.settings.home / "library.db"
    data = bytearray(file.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 32] = b"\xff" * 32
    file.write_bytes(data)
    assert patient.complaints()["database"].startswith("broken: ")


def test_an_older_schema_is_reported_and_upgraded(patient: Patient) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.migrations()))
    engine = connect(parse_url(patient.settings.database))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
    engine.dispose()
    assert "broken: " in patient.complaints()["schema"]
    assert "recsys db upgrade" in patient.complaints()["schema"]
    assert patient.complaints(fix=True) == {}


def test_missing_files_and_failures_are_warnings(patient: Patient) -> None:
    with patient.open() as catalogue:
        catalogue.mark_missing(["/music/a", "/music/b"])
        failures = (("/music/bad", "decode"), ("/music/worse", "open"))
        catalogue.store([], [FailedFile(FileStat(path, 5, 9), stage, "no frames") for path, stage in failures])
    assert patient.complaints() == {
        "missing": "warning: 2 of 5 tracks are not on the disk",
        "failures": "warning: 1 at decode, 1 at open",
    }


def test_what_this_version_has_not_heard_is_a_warning(patient: Patient) -> None:
    with patient.open() as catalogue:
        catalogue.store([patient.entry("/music/f", analysed=False)])
    assert patient.complaints() == {
        "listening": f"warning: 1 tracks have not been listened to by version {FEATURE_VERSION}"
    }


def _rubbish(patient: Patient) -> None:
    patient.settings.index_path.write_bytes(b"rubbish")


def _cut_off(patient: Patient) -> None:
    path = patient.settings.index_path
    path.write_bytes(path.read_bytes()[:-10])


def _other_library(patient: Patient) -> None:
    other = Patient(patient.settings.home / "other")
    with other.open() as catalogue:
        catalogue.store([other.entry("/music/z")])
        other.settings.index_path.unlink()
        load_or_update_index(other.settings.index_path, catalogue, feature_version=FEATURE_VERSION)
    shutil.copy(other.settings.index_path, patient.settings.index_path)


def _track_gone(patient: Patient) -> None:
    patient.cut("PRAGMA foreign_keys = ON", "DELETE FROM recording WHERE id = 3")


def _vector_changed(patient: Patient) -> None:
    patient.cut("UPDATE vector SET normalised = :v WHERE recording_id = 4", v=np.arange(SIZE, dtype="<f4").tobytes())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_rubbish, "warning: the index "),
        (_cut_off, "warning: the index "),
        (_other_library, "warning: it is of another library or version"),
        (_track_gone, "broken: it lacks 0 tracks and has 1 that are not in the library"),
        (_vector_changed, "broken: its vectors are not those of the library"),
    ],
)
def test_an_index_that_is_not_of_this_library_is_built_anew(
    patient: Patient, damage: Callable[[Patient], None], said: str
) -> None:
    damage(patient)
    assert patient.complaints()["index"].startswith(said)
    assert patient.complaints(fix=True) == {}
    assert "those of the library" in patient.findings()["index"].message


def test_an_index_that_is_behind_or_not_there_is_in_order(patient: Patient) -> None:
    with patient.open() as catalogue:
        catalogue.store([patient.entry("/music/new")])
    assert patient.findings()["index"].message == "5 vectors; the next question adds what is new"
    patient.settings.index_path.unlink()
    assert "none yet" in patient.findings()["index"].message


def test_temporary_files_of_a_killed_process_are_swept_away(patient: Patient) -> None:
    left = patient.settings.home / "library.faiss.abc123"
    left.write_bytes(b"half an index")
    assert patient.complaints() == {}  # somebody may be writing it
    os.utime(left, (1_700_000_000,) * 2)
    assert (
        "1 temporary files are left over beside the index, as library.faiss.abc123" in patient.complaints()["leftovers"]
    )
    assert patient.complaints(fix=True) == {}
    assert not left.exists()


def test_little_space_is_a_warning_and_none_is_broken(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((1 << 40, "ok"), (500 << 20, "warning"), (1 << 20, "broken")):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert patient.findings()["space"].status == state


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anything")
def test_a_library_that_cannot_be_written_is_a_warning(patient: Patient) -> None:
    patient.settings.home.chmod(0o555)
    try:
        assert "cannot be written" in patient.complaints()["permission"]
    finally:
        patient.settings.home.chmod(0o755)


def test_who_is_ingesting_is_said(patient: Patient) -> None:
    with ingest_lock(patient.settings.home / "library.db"):
        assert patient.findings()["ingest"].message == f"process {os.getpid()} is ingesting now"
    assert patient.findings()["ingest"].message == "none is running"
