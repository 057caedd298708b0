"""Fixtures of all tests: the deterministic hypothesis profile, and the real data where it is at hand."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "recsys",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile("recsys")

# More than half of the time of all tests, or independent of the version of Python; scripts/test_pythons excludes them.
SLOW = {
    "test_app_tag_writing.py",
    "test_architecture.py",
    "test_cli_genre.py",
    "test_cli_journey.py",
    "test_docs.py",
    "test_genre_tuning.py",
    "test_genre_untrusted_models.py",
    "test_ingest_adversity.py",
    "test_ingest_hostile.py",
    "test_recommend_playlist.py",
    "test_recommend_stress.py",
    "test_words.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in SLOW:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The data folder named by RECSYS_DATA, by default ../shared/data; tests that need it skip without it."""
    folder = Path(os.environ.get("RECSYS_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not (folder / "emotify" / "index.csv").is_file():
        pytest.skip("needs the real data: set RECSYS_DATA to the folder that holds emotify/")
    return folder


@pytest.fixture(autouse=True)
def _level_of_the_log() -> None:
    """What a command has set for its process, such as the level of ``--quiet``, does not concern the next test."""
    logging.getLogger("recsys").setLevel(logging.NOTSET)
