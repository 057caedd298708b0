"""The database contract on PostgreSQL; scripts/postgres.py starts a server for these tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from credits_contract import CreditsContract
from database_contract import DatabaseContract
from finding_contract import FindingContract
from listener_contract import ListenerContract
from make_entries import make_entry
from performance_contract import PerformanceContract
from search_contract import SearchContract
from signals import music, write_audio
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from statistics_contract import StatisticsContract
from survey_contract import SurveyContract
from upgrade_contract import UpgradeContract
from upkeep_contract import UpkeepContract
from writers_contract import WritersContract

from recsys.database.catalogue import Catalogue
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
    ListenerContract,
    PerformanceContract,
    SearchContract,
    StatisticsContract,
    SurveyContract,
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
    assert [process.returncode for process in running] == [4] * 4, outputs
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        counts = catalogue.count()
        assert (counts.tracks, counts.analysed, counts.files, counts.failures) == (13, 13, 15, 3)
    again = recsys(tmp_path / "home", url, "ingest", tmp_path, "--json")
    assert json.loads(again.communicate(timeout=120)[0])["unchanged"] == 15


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


def test_lost_connection_is_an_error_and_the_next_attempt_works(url: str) -> None:
    with Catalogue.open(url, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(real_entries(1))
        name = make_url(url).database
        _on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(LibraryError, match="repeat when the server is available"):
            catalogue.store(real_entries(2))
        catalogue.store(real_entries(2))
        assert catalogue.count().tracks == 2


def real_entries(n: int) -> list[IngestRecord]:
    """Records with as many features as the program stores."""
    return [make_entry(f"/{i}.mp3", version=FEATURE_VERSION, dimensions=len(DIMENSIONS)) for i in range(n)]
