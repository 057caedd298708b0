"""Any request of the interface of AudioMuse-AI: its errors, its login, and what a body may be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from audiomuse_calls import AudioMuseCalls, link
from guarded_client import GuardedClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_library import all_kinds, make_library

from recsys.web.audiomuse.routes import ROUTERS

N = 12
NAMES = [
    "item_id", "title", "artist", "artist_id", "n", "limit", "mode", "start_song_id", "end_song_id", "max_steps",
    "count", "search_query", "query", "start", "end", "server", "include_component_matches", "eliminate_duplicates",
    "path_space", "playlist_name", "track_ids", "items", "percent", "mood", "anchor_id",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(["1", "2", "12", "13", "0", "-1", "1e9", "nan", "inf", "", " ", "true", "title 1", "artist 1",
                     "x:y", "similar", "roots", "audio", "metal 90s happy slow", "first", "\0", "%", '"', "9" * 50]),
    st.text(max_size=12),
)  # fmt: skip
QUERIES = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=5)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.sampled_from(["\ud800", 10**30]))
ITEM = st.fixed_dictionaries(
    {}, optional={"id": SCALARS, "op": st.sampled_from(["ADD", "SUBTRACT", "add", 1, None]), "type": st.one_of(
        st.sampled_from(["song", "artist", "playlist", "mood", "anchor", None]), SCALARS), "item_id": SCALARS},
)  # fmt: skip
VALUES = st.one_of(SCALARS, st.lists(st.one_of(SCALARS, ITEM), max_size=4), ITEM)
BODIES = st.one_of(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5), VALUES)
ROUTES = sorted(
    {(method, route.path) for router in ROUTERS for route in router.routes for method in route.methods}  # type: ignore[attr-defined]
)
ANY = settings(max_examples=8, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AudioMuseCalls]:
    home = tmp_path_factory.mktemp("home")
    make_library(home, all_kinds(each=3))
    made = AudioMuseCalls(home)
    made.library.playlists.add("kept", [1, 2])
    made.library.like(1)
    link(made.library, "first", "navidrome", {str(i): i for i in range(1, N)}, {"1": 1})
    made.client.state.maps.latest(made.library, wait=60)
    yield made
    made.library.close()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_request_fails_the_server(calls: AudioMuseCalls, method: str, path: str) -> None:
    url = "/api" + path.replace("{rest:path}", "search/text")

    @ANY
    @given(QUERIES, BODIES, TEXTS)
    def check(query: dict[str, str], body: Any, name: str) -> None:
        with_name = url.replace("{id}", quote(name, safe="", errors="replace")).replace("{type}", "x")
        address = f"{with_name}?{urlencode(query, errors='replace')}"
        answer = calls.client.request(method, address, json=body if method in ("POST", "PUT") else None)
        assert answer.status_code in (200, 201, 202, 400, 404, 405), answer.text
        if answer.status_code >= 400:
            assert list(answer.json()) == ["error"]
        assert "NaN" not in answer.text

    check()


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("similar_tracks", {}, 400), ("similar_tracks", {"title": "title 1"}, 400),
        ("similar_tracks", {"item_id": "99"}, 404), ("similar_tracks", {"title": "no", "artist": "no"}, 404),
        ("similar_tracks", {"item_id": "1", "mood": "happy", "centroid_index": "0"}, 404),
        ("similar_tracks", {"item_id": "1", "anchor_id": "3"}, 404),
        ("similar_tracks", {"item_id": "1", "server": "no"}, 400),
        ("find_path", {"start_song_id": "1"}, 400), ("find_path", {"start_song_id": "1", "end_song_id": "1"}, 400),
        ("find_path", {"start_song_id": "1", "end_song_id": "99"}, 404),
        ("find_path", {"start_song_id": "1", "end_song_id": "2", "path_space": "lyrics"}, 404),
        ("similar_artists", {}, 400), ("similar_artists", {"artist": "nobody"}, 404), ("artist_tracks", {}, 400),
        ("track", {}, 400), ("track", {"item_id": "x"}, 404), ("status/x", {}, 404), ("mood_centroids", {}, 404),
        ("no_such_route", {}, 404),
    ],
)  # fmt: skip
def test_errors_are_texts(calls: AudioMuseCalls, path: str, parameters: dict[str, str], status: int) -> None:
    assert calls.error(path, **parameters) == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("alchemy", {}, 400), ("alchemy", {"items": []}, 400),
        ("alchemy", {"items": [{"id": "99", "op": "ADD"}]}, 404),
        ("alchemy", {"items": [{"id": "1", "op": "SUBTRACT"}]}, 400),
        ("alchemy", {"items": [{"id": "1", "op": "ADD", "type": "mood"}]}, 404),
        ("hyperbolic/similar", {}, 400), ("hyperbolic/similar", {"item_id": "1", "mode": "niche"}, 404),
        ("hyperbolic/similar", {"item_id": "1", "mode": "x"}, 400),
        ("create_playlist", {"playlist_name": "x", "track_ids": []}, 400),
        ("create_playlist", {"playlist_name": "x", "track_ids": ["99"]}, 404), ("cancel/x", {}, 404),
        ("cancel_all/main_analysis", {}, 404), ("analysis/start", {}, 404), ("similar_tracks", {}, 405),
    ],
)  # fmt: skip
def test_errors_of_bodies_are_texts(calls: AudioMuseCalls, path: str, body: dict[str, Any], status: int) -> None:
    assert calls.error(path, body) == status


def test_without_a_key_only_health_answers(tmp_path: Path) -> None:
    calls = AudioMuseCalls(tmp_path)
    calls.client.key = None
    health = calls.client.get("/api/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    for path in ("similar_tracks?item_id=1", "active_tasks", "config", "no_such_route", "../chat/api/x"):
        answer = calls.client.get(f"/api/{path}")
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
        assert answer.headers["www-authenticate"] == "Bearer"
    calls.client.key = "recsys_wrong"
    assert calls.error("health") == 401
    assert calls.error("active_tasks") == 401


def test_without_a_library_the_service_is_unavailable(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    client.key = client.library.keys.add("plugin")
    answer = client.get("/api/similar_tracks?item_id=1")
    assert (answer.status_code, list(answer.json())) == (503, ["error"])
    assert client.get("/api/active_tasks").json() == {}


def test_a_body_may_be_absent_with_a_bearer_token_alone(calls: AudioMuseCalls) -> None:
    client = calls.client
    for content in (None, b"", b"{}"):
        assert client.request("POST", "/api/cancel/x", content=content).status_code == 404
    assert client.request("POST", "/api/clap/warmup").status_code == 200
    assert client.request("POST", "/api/alchemy", content=b"[").status_code == 400
    assert client.request("POST", "/api/alchemy", content=b"[" * 100_000).status_code == 400
    typed = {"Content-Type": "text/plain"}
    assert client.request("POST", "/api/cancel/x", typed, content=b"{}").status_code == 415
    assert client.request("POST", "/api/v1/listeners", content=b"{}").status_code == 415
    other = {"Origin": "http://evil.example"}
    assert client.request("POST", "/api/cancel/x", other).status_code == 403


def test_a_cookie_is_no_bearer_token(calls: AudioMuseCalls) -> None:
    login = calls.client.post("/api/v1/session", {"key": calls.client.key})
    headers = {"Cookie": login.headers["set-cookie"].partition(";")[0], "Origin": "http://127.0.0.1:8765"}
    browser = GuardedClient(calls.library.settings.home)
    browser.app = calls.client.app
    assert browser.request("POST", "/api/cancel/x", headers).status_code == 415
    assert browser.request("POST", "/api/cancel/x", headers, json={}).status_code == 404
    stolen = {**headers, "Authorization": "Bearer x"}
    assert browser.request("POST", "/api/cancel/x", stolen).status_code == 401
