"""The map over HTTP: its columns, what is cached for ever, and a map that is made while others ask."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asgi_client import AsgiClient
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, make_song, unit

from recsys import Library, LibraryMap
from recsys.errors import NotFound, RecsysError
from recsys.web import map_maker
from recsys.web.map_maker import MapMaker, MapProgress

MAP = "/api/v1/map"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setattr("recsys.web.api.map._WAIT", 60.0)
    make_library(tmp_path, all_kinds())
    with Library(tmp_path) as library:
        yield library


@pytest.fixture
def client(library: Library) -> AsgiClient:
    return AsgiClient(library)


def test_points_are_those_of_the_library(client: AsgiClient, library: Library) -> None:
    found, expected = client.get(MAP).json(), library.map()
    address = found.pop("points")
    assert found == expected.to_dict()
    points = client.get(f"/{address}")
    assert points.headers["content-type"] == "application/octet-stream"
    assert points.content == expected.to_bytes()
    assert points.headers["content-encoding"] == "gzip"
    plain = client.get(f"/{address}", accept_encoding="identity")
    assert (plain.content, plain.headers.get("content-encoding")) == (points.content, None)


def test_points_are_cached_by_revision(client: AsgiClient) -> None:
    address = "/" + client.get(MAP).json()["points"]
    first = client.get(address)
    assert "immutable" in first.headers["cache-control"]
    again = client.get(address, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, if_none_match='"other"').status_code == 200


def test_unknown_or_malformed_revision_is_refused(client: AsgiClient) -> None:
    client.get(MAP)
    assert client.get(f"{MAP}/points?revision={'0' * 16}").status_code == 404
    assert client.get(f"{MAP}/points?revision=../x").status_code == 422
    assert client.get(f"{MAP}/points").status_code == 422


def test_points_of_the_map_before_can_still_be_read(
    client: AsgiClient, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_maker, "FRESH", -1.0)
    first = client.get(MAP).json()
    make_library(library.settings.home, [make_song("folk", 60)])
    second = client.get(MAP).json()
    assert (first["count"], second["count"]) == (24, 25)
    assert len(client.get("/" + first["points"]).content) == 24 * 24
    assert len(client.get("/" + second["points"]).content) == 25 * 24


def test_library_without_analysed_tracks_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.web.api.map._WAIT", 60.0)
    make_library(tmp_path, [make_entry("/music/new.mp3", analysed=False)])
    found = AsgiClient(Library(tmp_path)).get(MAP)
    assert (found.status_code, found.json()["code"]) == (409, "not_analysed")


class SlowLibrary:
    """A library whose map is made when the test lets it go on."""

    def __init__(self, made: LibraryMap | Exception) -> None:
        self.made, self.calls = made, 0
        self.half, self.go_on = threading.Event(), threading.Event()

    def map(self, *, on_progress: Callable[[float], None]) -> LibraryMap:
        self.calls += 1
        on_progress(0.5)
        self.half.set()
        assert self.go_on.wait(60)
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


def test_a_map_that_takes_long_is_made_once_while_answers_have_its_progress(library: Library) -> None:
    slow, maker = SlowLibrary(library.map()), MapMaker()
    assert isinstance(maker.latest(slow, wait=0), MapProgress)
    assert slow.half.wait(60)
    assert maker.latest(slow, wait=0) == MapProgress(0.5)
    slow.go_on.set()
    assert maker.latest(slow, wait=60) is slow.made
    assert slow.calls == 1


def test_the_last_map_is_returned_while_a_new_one_is_made(library: Library) -> None:
    now = [0.0]
    slow, maker = SlowLibrary(library.map()), MapMaker(clock=lambda: now[0])
    slow.go_on.set()
    first = maker.latest(slow, wait=60)
    slow.go_on.clear()
    assert maker.latest(slow, wait=60) is first
    assert slow.calls == 1
    now[0] = 2 * map_maker.FRESH
    assert maker.latest(slow, wait=0) is first
    slow.made = library.map()
    slow.go_on.set()
    assert maker.latest(slow, wait=60) is slow.made


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [NotFound("no track is present"), ZeroDivisionError()])
def test_an_error_is_an_answer_and_the_next_request_tries_again(library: Library, error: Exception) -> None:
    now = [0.0]
    slow, maker = SlowLibrary(error), MapMaker(clock=lambda: now[0])
    slow.go_on.set()
    message = "no track is present" if isinstance(error, NotFound) else "cannot be made"
    with pytest.raises(RecsysError, match=message):
        maker.latest(slow, wait=60)
    slow.made = library.map()
    assert maker.latest(slow, wait=60) is slow.made


def test_progress_is_an_answer_of_its_own(client: AsgiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MapMaker, "latest", lambda *_, **__: MapProgress(0.25))
    found = client.get(MAP)
    assert (found.status_code, found.json()) == (202, {"progress": 0.25})
    assert found.headers["retry-after"] == "1"
