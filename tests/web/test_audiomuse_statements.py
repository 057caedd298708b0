"""How often the interface of AudioMuse-AI asks the database: as often for many items as for few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from audiomuse_calls import AudioMuseCalls, link
from sqlalchemy import Engine, event
from synthetic_library import all_kinds, make_library

N = 80
FEW, MANY = 3, 30
_SPARE = 6  # statements: a longer list may be made in some more steps
Call = Callable[[AudioMuseCalls, int], Any]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> AudioMuseCalls:
    """A server of 80 tracks by as many artists, all of which Navidrome has."""
    home = tmp_path_factory.mktemp("home")
    make_library(home, all_kinds(each=N // 4))
    calls = AudioMuseCalls(home, keep_open=True)
    artists = {f"ar{i}": calls.library.artist(f"artist {i}").id for i in range(1, N + 1)}
    link(calls.library, "navidrome", "navidrome", {f"id{i}": i for i in range(1, N + 1)}, artists)
    return calls


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are executed in the block."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _items(n: int) -> list[dict[str, str]]:
    return [{"type": "song", "id": f"id{i}", "op": "ADD" if i % 3 else "SUBTRACT"} for i in range(1, n + 1)]


def _playlists(calls: AudioMuseCalls, n: int) -> None:
    saved = calls.library.playlists
    for each in saved.list():
        saved.remove(each.id)
    for i in range(n):
        saved.add(f"playlist {i}", [1, 2, 3])


def _all_playlists(calls: AudioMuseCalls, n: int) -> int:
    _playlists(calls, n)
    with counted() as statements:
        [server] = calls.get("playlists")["servers"]
    assert len(server["playlists"]) == n
    return len(statements)


CALLS: dict[str, Call] = {
    "similar_tracks": lambda calls, n: calls.get("similar_tracks", item_id="id1", n=n),
    "find_path": lambda calls, n: calls.get("find_path", start_song_id="id1", end_song_id="id70", max_steps=n),
    "alchemy": lambda calls, n: calls.post("alchemy", items=_items(n), n=20),
    "similar_artists": lambda calls, n: calls.get("similar_artists", artist_id="ar1", n=n),
    "similar_artists_with_tracks": lambda calls, n: calls.get(
        "similar_artists", artist_id="ar1", n=n, include_component_matches="true"
    ),
    "search_artists": lambda calls, n: calls.get("search_artists", query="artist", end=n),
    "search_tracks": lambda calls, n: calls.get("search_tracks", search_query="title", end=n),
    "hyperbolic": lambda calls, n: calls.post("hyperbolic/similar", item_id="id1", limit=n),
    "text_search": lambda calls, n: calls.post("clap/search", query="jazz title", limit=n),
    "create_playlist": lambda calls, n: calls.post(
        "create_playlist", playlist_name="made", track_ids=[f"id{i}" for i in range(1, n + 1)]
    ),
}


@pytest.mark.parametrize("route", CALLS)
def test_many_items_need_as_many_statements_as_few(linked: AudioMuseCalls, route: str) -> None:
    CALLS[route](linked, MANY)  # what is computed once
    counts = []
    for n in (FEW, MANY):
        with counted() as statements:
            CALLS[route](linked, n)
        counts.append(len(statements))
    assert counts[1] <= counts[0] + _SPARE, counts


def test_many_playlists_need_as_many_statements_as_few(linked: AudioMuseCalls) -> None:
    assert _all_playlists(linked, MANY) <= _all_playlists(linked, FEW) + _SPARE
