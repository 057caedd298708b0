"""The database contract on PostgreSQL; scripts/postgres.py starts a server for these tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from credits_contract import CreditsContract
from database_contract import DatabaseContract
from finding_contract import FindingContract
from link_contract import LinkContract
from listener_contract import ListenerContract
from make_entries import make_entry
from performance_contract import PerformanceContract
from search_contract import SearchContract
from signals import music, write_audio
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from statistics_contract import StatisticsContract
from survey_contract import SurveyContract
from tag_edit_contract import TagEditContract
from upgrade_contract import UpgradeContract
from upkeep_contract import UpkeepContract
from writers_contract import WritersContract

from recsys.database.catalogue import Catalogue
from recsys.database.claims import LEASE_SECONDS, Claims
from recsys.domain.audio import IngestRecord
from recsys.errors import Hint, InvalidRequest, LibraryError
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

SERVER = os.environ.get("RECSYS_TEST_POSTGRES", "")
pytestmark = pytest.mark.skipif(not SERVER, reason="needs PostgreSQL: scripts/postgres.py scripts/test")


@pytest.fixture(scope="module")
def template() -> Iterator[str]:
    """A database with the schema and no rows, created once; copying it is faster than running the migrations."""
    name = f"template_{os.getpid()}"
    _on_server(f"CREATE DATABASE {name}")
    Catalogue.open(_url(name), feature_version=1).close()
    yield name
    _on_server(f"DROP DATABASE {name}")


@pytest.fixture
def url(template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(name)
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _url(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def _on_server(statement: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def new_url() -> Iterator[str]:
    name = f"new_{os.getpid()}"
    _on_server(f"CREATE DATABASE {name}")
    yield _url(name)
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


class TestPostgresql(
    CreditsContract,
    DatabaseContract,
    FindingContract,
    LinkContract,
    ListenerContract,
    PerformanceContract,
    SearchContract,
    StatisticsContract,
    SurveyContract,
    TagEditContract,
    UpgradeContract,
    UpkeepContract,
    WritersContract,
):
    pass


def test_concurrent_processes_create_one_schema(url: str) -> None:
    _on_server(f"DROP DATABASE {make_url(url).database}")
    _on_server(f"CREATE DATABASE {make_url(url).database}")
    code = "import sys; from recsys.database.catalogue import Catalogue; Catalogue.open(sys.argv[1], feature_version=1)"
    racing = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(4)]
    assert [process.wait(timeout=120) for process in racing] == [0] * 4


@pytest.mark.parametrize(
    ("change", "message"),
    [({"port": 1}, "the connection to the server of .* failed"), ({"database": "nowhere"}, "nowhere")],
)
def test_unusable_server_is_a_one_line_error(change: dict[str, object], message: str) -> None:
    wrong = make_url(SERVER).set(password="secret", **change)  # type: ignore[arg-type]
    with pytest.raises(LibraryError, match=message) as error:
        Catalogue.open(wrong.render_as_string(hide_password=False), feature_version=1)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_missing_driver_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidRequest, match="cannot use the database") as error:
        Catalogue.open(SERVER, feature_version=1)
    assert error.value.hint is Hint.INSTALL_EXTRA
    assert error.value.hint_values == {"extra": "postgres"}


def recsys(home: Path, url: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "recsys", "--home", str(home), "--database", url, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_concurrent_ingests_fill_one_catalogue(url: str, tmp_path: Path) -> None:
    folders = [tmp_path / "music" / name for name in "abc"]
    for f, folder in enumerate(folders):
        folder.mkdir(parents=True)
        for i in range(4):
            write_audio(folder / f"{i}.wav", music(4) * np.float32(1 - i / 5 - (f + 1) / 100), 22050)
        write_audio(folder / "same.wav", music(4) / np.float32(2), 22050)
        (folder / "bad.mp3").write_text("no music")
    running = [recsys(tmp_path / "home", url, "ingest", folder, "--jobs", 1) for folder in (*folders, tmp_path)]
    outputs = [process.communicate(timeout=240) for process in running]
    codes = {process.returncode for process in running}  # 0: another ingest processed the damaged files
    assert {4} <= codes <= {0, 4}, outputs
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        counts = catalogue.count()
        assert (counts.tracks, counts.analysed, counts.files, counts.failures) == (13, 13, 15, 3)
    again = recsys(tmp_path / "home", url, "ingest", tmp_path, "--json")
    assert json.loads(again.communicate(timeout=120)[0])["unchanged"] == 15


# An ingest that prints a line, and waits for one, at its first analysis, or when only files of the other are left.
STOPPING = """
import sys
from recsys.ingest import pipeline, shared_work
owner, name = (pipeline._IngestRun, "_analysed") if sys.argv[1] == "first" else (shared_work.SharedWork, "wait")
method, stopped = getattr(owner, name), []
def stop(*arguments):
    if not stopped:
        stopped.append(print("stopped", flush=True))
        sys.stdin.readline()
    return method(*arguments)
setattr(owner, name, stop)
from recsys.cli.main import main
main(sys.argv[2:])
"""
N_SHARED = 14


def start_ingest(where: str, home: Path, url: str, folder: Path) -> "subprocess.Popen[str]":
    """An ingest that has come to its stop."""
    words = [where, "--home", home, "--database", url, "ingest", folder, "--jobs", "1", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPING, *map(str, words)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n", process.communicate()[1]
    return process


def finish(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Let an ingest go on to its end; its summary."""
    output, errors = process.communicate("\n", timeout=240)
    assert process.returncode == 0, errors
    summary: dict[str, Any] = json.loads(output)
    return summary


@pytest.fixture
def shared_songs(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    for i in range(N_SHARED):
        write_audio(folder / f"{i:02}.wav", music(2) * np.float32(1 - i / 30), 22050)
    return folder


def test_two_ingests_of_one_folder_share_the_work(url: str, tmp_path: Path, shared_songs: Path) -> None:
    first = start_ingest("first", tmp_path / "home", url, shared_songs)
    second = start_ingest("waiting", tmp_path / "home", url, shared_songs)
    one, two = finish(first), finish(second)
    assert one["new"] > 0
    assert two["new"] > 0
    assert one["by_others"] == two["new"]
    assert two["by_others"] == one["new"]
    assert one["scanned"] == two["scanned"] == one["new"] + two["new"] == N_SHARED
    assert (one["remaining"], two["remaining"], claims_of(url)) == (0, 0, [])


def test_an_ingest_finishes_the_files_of_one_that_was_killed(url: str, tmp_path: Path, shared_songs: Path) -> None:
    killed = start_ingest("first", tmp_path / "home", url, shared_songs)
    second = start_ingest("waiting", tmp_path / "home", url, shared_songs)
    killed.kill()
    killed.communicate(timeout=60)
    left = claims_of(url)
    assert len(left) > 0
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        assert catalogue.count().tracks == N_SHARED - len(left)
    expire_claims(url)
    summary = finish(second)
    assert (summary["new"], summary["by_others"], summary["remaining"]) == (N_SHARED, 0, 0)
    assert claims_of(url) == []


def claims_of(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        paths = list(connection.execute(text("SELECT path FROM ingest_claim")).scalars())
    engine.dispose()
    return paths


def expire_claims(url: str) -> None:
    """Let the time of all leases pass."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ingest_claim SET expires_at = 0"))
    engine.dispose()


def test_a_claim_lasts_until_it_is_released_or_expires(url: str) -> None:
    now = 0.0
    with (
        Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue,
        catalogue.claims() as mine,
        catalogue.claims() as others,
    ):
        assert mine.claim(["/b", "/a"]) == {"/a", "/b"}
        assert mine.claim(["/a"]) == {"/a"}
        assert others.claim(["/c", "/b", "/a"]) == {"/c"}
        mine.release(["/a", "/c"])
        assert others.claim(["/a", "/b"]) == {"/a"}
        expire_claims(url)
        timed = Claims(catalogue._engine, clock=lambda: now)
        assert timed.claim(["/a", "/b", "/c", "/d"]) == {"/a", "/b", "/c", "/d"}
        expire_claims(url)
        timed.extend()  # too early
        assert mine.claim(["/d"]) == {"/d"}
        now = LEASE_SECONDS / 2
        timed.extend()
        assert mine.claim(["/a", "/b"]) == set()
        timed.release()
    assert claims_of(url) == []


def test_commands_read_the_catalogue(url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(real_entries(6))
    found = recsys(home, url, "similar", 1, "--json").communicate(timeout=60)[0]
    assert len(json.loads(found)) == 5
    liked = recsys(home, url, "like", 1, 2)
    liked.communicate(timeout=60)
    assert liked.returncode == 0
    made = recsys(home, url, "playlist", "-n", 3, "--json").communicate(timeout=60)[0]
    assert len(json.loads(made)["tracks"]) == 3


def test_a_connection_that_was_lost_while_nothing_used_it_is_replaced(url: str) -> None:
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(real_entries(1))
        _end_connections(url)
        catalogue.store(real_entries(2))
        assert catalogue.count().tracks == 2


def test_lost_connection_is_an_error_and_the_next_attempt_works(url: str) -> None:
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(real_entries(1))
        event.listen(catalogue._engine, "begin", lambda _: _end_connections(url), once=True)
        with pytest.raises(LibraryError, match="repeat when the server is available"):
            catalogue.store(real_entries(2))
        catalogue.store(real_entries(2))
        assert catalogue.count().tracks == 2


def _end_connections(url: str) -> None:
    """End all connections to a database, and return when they have ended."""
    name = make_url(url).database
    _on_server(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")


def real_entries(n: int) -> list[IngestRecord]:
    """Records with as many features as the program stores."""
    return [make_entry(f"/{i}.mp3", version=FEATURE_VERSION, dimensions=len(DIMENSIONS)) for i in range(n)]
