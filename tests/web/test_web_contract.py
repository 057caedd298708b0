"""The API keeps its own OpenAPI document, whatever it is sent."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from synthetic_library import all_kinds, make_library
from web_server import make_state

import recsys
from recsys.web.app import make_app


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    home = tmp_path_factory.mktemp("home")
    make_library(home, all_kinds(each=3))
    with recsys.Library(home, keep_open=True) as library:
        library.like(1, 2)
        library.playlists.add("kept", [1, 2, 3])
        yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_app(make_state(library)))


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_match_the_document(case: schemathesis.Case) -> None:
    case.call_and_validate()
