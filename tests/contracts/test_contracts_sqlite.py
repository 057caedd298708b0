"""The database contract on SQLite."""

import shutil
from pathlib import Path

import pytest
from credits_contract import CreditsContract
from database_contract import DatabaseContract
from finding_contract import FindingContract
from link_contract import LinkContract
from listener_contract import ListenerContract
from performance_contract import PerformanceContract
from search_contract import SearchContract
from statistics_contract import StatisticsContract
from survey_contract import SurveyContract
from tag_edit_contract import TagEditContract
from upgrade_contract import UpgradeContract
from upkeep_contract import UpkeepContract
from writers_contract import WritersContract

from recsys.database.catalogue import Catalogue


@pytest.fixture(scope="module")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Created once: the migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "library.db"
    Catalogue.open(f"sqlite:///{file.as_posix()}", feature_version=1).close()
    return file


class TestSqlite(
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
    @pytest.fixture
    def url(self, tmp_path: Path, empty_library: Path) -> str:
        file = shutil.copy(empty_library, tmp_path / "library.db")
        return f"sqlite:///{Path(file).as_posix()}"

    @pytest.fixture
    def new_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{(tmp_path / 'new.db').as_posix()}"
