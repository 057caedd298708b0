"""The API keeps its own OpenAPI document, whatever it is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from synthetic_library import all_kinds, make_library
from web_server import make_state

import recsys
from recsys.web.app import make_app

APP = make_app(make_state(recsys.Library(Path(__file__).parent / "no library")))  # the fixture gives it one
SCHEMA = schemathesis.openapi.from_asgi("/api/v1/openapi.json", APP)
OPERATIONS: dict[str, Any] = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()}  # type: ignore[union-attr]
ENDLESS = {"GET /api/v1/jobs/events"}


@pytest.fixture(scope="module", autouse=True)
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    make_library(home, all_kinds(each=3))
    with recsys.Library(home, keep_open=True) as library:
        library.like(1, 2)
        library.playlists.add("kept", [1, 2, 3])
        APP.state.server = make_state(library)
        yield


@pytest.mark.parametrize("label", sorted(set(OPERATIONS) - ENDLESS))
def test_answers_match_the_document(label: str) -> None:
    @settings(max_examples=15, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy())
    def check(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()
