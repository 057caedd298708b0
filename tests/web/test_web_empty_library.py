"""Every list of the API is empty, not an error, in a library that has no track yet."""

from pathlib import Path

import pytest
from asgi_client import AsgiClient
from web_server import make_state

import recsys
from recsys.web.app import make_app

API = "/api/v1"
ENDLESS = f"{API}/jobs/events"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> recsys.Library:
    made = recsys.Library(tmp_path_factory.mktemp("home") / "new")
    made.create()
    return made


def paths() -> list[str]:
    """The routes that need no parameter."""
    document = make_app(make_state(recsys.Library("unused"))).openapi()
    found = []
    for path, operations in document["paths"].items():
        required = [each for each in operations.get("get", {}).get("parameters", ()) if each["required"]]
        if "get" in operations and not required and path not in (ENDLESS, f"{API}/similar", f"{API}/map"):
            found.append(path)
    return sorted(found)


@pytest.mark.parametrize("path", paths())
def test_an_empty_library_has_an_answer_for(path: str, library: recsys.Library) -> None:
    answer = AsgiClient(library).get(path)
    assert answer.status_code == 200, answer.text
    items = answer.json().get("items", [])
    assert items == [] or path.removeprefix(f"{API}/") in {
        "complete", "folders", "genre-models", "listeners", "moods", "tags",
    }  # fmt: skip


def test_a_library_that_is_created_again_is_as_it_was(tmp_path: Path) -> None:
    library = recsys.Library(tmp_path)
    library.create()
    library.listeners.add("Anna")
    library.create()
    assert [each.name for each in library.listeners.list()] == ["default", "Anna"]
