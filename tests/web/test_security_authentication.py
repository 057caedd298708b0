"""Who may use the server: keys, sessions, the token of the start; and what others learn, which is nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from guarded_client import BASE, Clock, GuardedClient, cookie_of, named
from starlette.routing import Route
from synthetic_library import all_kinds, make_library

import recsys
from recsys.web.app import API, ROUTERS
from recsys.web.security.authentication import OPEN, is_open
from recsys.web.security.one_time_token import TOKEN_SECONDS, OneTimeToken
from recsys.web.security.sessions import IDLE_SECONDS, MAX_SESSIONS, SESSION_SECONDS, Sessions

STATISTICS = "/api/v1/statistics"
SESSION = "/api/v1/session"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_library(tmp_path / "home", all_kinds())
    return tmp_path / "home"


@pytest.fixture
def client(home: Path) -> GuardedClient:
    return GuardedClient(home)


def routes() -> list[tuple[str, str]]:
    """Method and path of every route of the API, with 1 for each parameter."""
    found = {("GET", "/openapi.json")}
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, Route)
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        found |= {(method, path) for method in route.methods or ()}
    return sorted((method, API + path) for method, path in found)


def test_all_routes_are_found() -> None:
    assert len(routes()) > 30
    assert set(OPEN) - {("HEAD", "/api/v1/health"), ("GET", "/api/health")} <= set(routes())


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_but_the_open_ones_needs_a_login(tmp_path: Path, method: str, path: str) -> None:
    answer = GuardedClient(tmp_path / "home").request(method, path, json={} if method != "GET" else None)
    if (method, path) in OPEN:
        assert answer.status_code != 401 or path == SESSION
    else:
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert method == "HEAD" or answer.json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/api/v1/docs", "/api/v1/nothing", "/api", "/api/"]
)
def test_there_is_no_page_of_documents(client: GuardedClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (401, 404) or answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "/tracks" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/statistics/", "/x//api/v1/statistics", "/api//v1/statistics", "/%61pi/v1/statistics",
        "/x/../api/v1/statistics", "/api/v1/health/../statistics", "/recsys/api/v1/statistics",
        "/recsys/recsys/api/v1/statistics", "/api/v1/session/x",
    ],
)  # fmt: skip
def test_no_spelling_of_a_path_is_open(home: Path, path: str) -> None:
    for base in ("", "/recsys"):
        answer = GuardedClient(home, base_path=base).get(path)
        assert answer.status_code == 401
        assert "tracks" not in answer.text


def test_without_a_login_only_the_presence_of_a_server_shows(client: GuardedClient) -> None:
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    assert client.get(SESSION).json() == {
        "authenticated": False, "key_needed": True, "listener": None, "bound": False, "listeners": [], "version": None,
    }  # fmt: skip
    for path in ("/api/v1/health", SESSION, STATISTICS, "/login", "/"):
        answer = client.get(path)
        whole = f"{answer.headers} {answer.text}"
        assert recsys.__version__ not in whole
        assert "uvicorn" not in whole.lower()


def test_the_files_of_the_page_are_only_read() -> None:
    assert is_open("GET", "/")
    assert is_open("HEAD", "/assets/index.js")
    assert not is_open("POST", "/")
    assert not is_open("DELETE", "/assets/index.js")


def test_a_key_is_a_bearer_token(client: GuardedClient) -> None:
    plain = client.library.keys.add("program")
    assert client.get(STATISTICS, authorization=f"Bearer {plain}").json()["tracks"] > 0
    assert client.get("/api/v1/health", authorization=f"bearer {plain}").json()["version"] == recsys.__version__


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer recsys_AAAAAAAAAAAAAAAAAAAAAA", "Basic cmVjc3lzOng=", "x" * 500]
)
def test_anything_else_is_none(client: GuardedClient, value: str) -> None:
    client.library.keys.add("program")
    answer = client.get(STATISTICS, authorization=value)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_key_in_the_url_is_none(client: GuardedClient) -> None:
    plain = client.library.keys.add("program")
    assert client.get(f"{STATISTICS}?key={plain}&token={plain}").status_code == 401


def test_a_revoked_key_is_refused_at_once(client: GuardedClient, home: Path) -> None:
    plain = client.library.keys.add("program")
    cookie = cookie_of(client.post(SESSION, {"key": plain}))
    assert client.get(STATISTICS, authorization=f"Bearer {plain}").status_code == 200
    assert client.get(STATISTICS, cookie=cookie).status_code == 200
    recsys.Library(home).keys.revoke("program")  # by another process
    assert client.get(STATISTICS, authorization=f"Bearer {plain}").status_code == 401
    assert client.get(STATISTICS, cookie=cookie).status_code == 401
    recsys.Library(home).keys.add("program")
    assert client.get(STATISTICS, cookie=cookie).status_code == 401


def test_a_damaged_file_of_keys_opens_nothing(client: GuardedClient) -> None:
    plain = client.library.keys.add("program")
    client.library.keys.file.write_text("{")
    answer = client.get(STATISTICS, authorization=f"Bearer {plain}")
    assert answer.status_code == 500
    assert "keys.json" not in answer.text


def test_a_login_sets_a_cookie_that_scripts_and_other_sites_do_not_get(client: GuardedClient) -> None:
    answer = client.post(SESSION, {"key": client.library.keys.add("desk")})
    assert answer.status_code == 200
    assert answer.json() == {
        "authenticated": True, "key_needed": False, "listener": None, "bound": False, "listeners": ["default"],
        "version": recsys.__version__,
    }  # fmt: skip
    name_and_value, *attributes = answer.headers["set-cookie"].split("; ")
    assert name_and_value.startswith("recsys_session=")
    assert len(name_and_value.partition("=")[2]) == 43  # 256 random bits
    assert {each.lower() for each in attributes} == {
        "httponly",
        "samesite=strict",
        "path=/",
        f"max-age={SESSION_SECONDS}",
    }
    assert client.get(STATISTICS, cookie=name_and_value).status_code == 200
    assert client.get(SESSION, cookie=f"recsys_session=old; {name_and_value}").json()["authenticated"]


def test_the_cookie_is_of_the_base_path_and_secure_behind_a_proxy(home: Path) -> None:
    client = GuardedClient(home, base_path="/recsys", trusted_proxies=["127.0.0.1"])
    body = {"key": client.library.keys.add("desk")}
    secure = client.post(f"/recsys{SESSION}", body, x_forwarded_proto="https").headers["set-cookie"]
    assert "Path=/recsys" in secure
    assert "Secure" in secure
    assert "Secure" not in client.post(f"/recsys{SESSION}", body).headers["set-cookie"]
    other = client.request("POST", f"/recsys{SESSION}", {"X-Forwarded-Proto": "https"}, json=body, address="192.0.2.1")
    assert "Secure" not in other.headers["set-cookie"]


def test_a_logout_ends_the_session(client: GuardedClient) -> None:
    cookie = cookie_of(client.post(SESSION, {"key": client.library.keys.add("desk")}))
    answer = client.request("DELETE", SESSION, {"Cookie": cookie, "Origin": BASE}, json={})
    assert answer.json()["authenticated"] is False
    assert 'recsys_session=""' in answer.headers["set-cookie"]
    assert client.get(STATISTICS, cookie=cookie).status_code == 401


def test_a_login_ends_the_session_before_it(client: GuardedClient) -> None:
    plain = client.library.keys.add("desk")
    first = cookie_of(client.post(SESSION, {"key": plain}))
    second = cookie_of(client.post(SESSION, {"key": plain}, cookie=first, origin=BASE))
    assert first != second
    assert client.get(STATISTICS, cookie=first).status_code == 401
    assert client.get(STATISTICS, cookie=second).status_code == 200


def test_a_bound_key_is_of_its_listener(client: GuardedClient) -> None:
    client.library.listeners.add("Anna")
    plain = client.library.keys.add("phone", listener="Anna")
    answer = client.post(SESSION, {"key": plain})
    assert (answer.json()["listener"], answer.json()["bound"], answer.json()["listeners"]) == ("Anna", True, ["Anna"])
    for headers in ({"authorization": f"Bearer {plain}"}, {"cookie": cookie_of(answer)}):
        assert client.get("/api/v1/ratings?listener=Anna", **headers).status_code == 200
        assert client.get("/api/v1/ratings?listener=ANNA", **headers).status_code == 200
        assert client.get("/api/v1/ratings?listener=default", **headers).status_code == 403
    client.library.listeners.rename("Anna", "Ann")
    assert client.get(SESSION, authorization=f"Bearer {plain}").json()["listener"] == "Ann"
    client.library.listeners.remove("Ann")
    assert client.get(SESSION, authorization=f"Bearer {plain}").status_code == 401


def sessions(tmp_path: Path) -> tuple[Sessions, Clock]:
    clock = Clock()
    return Sessions(recsys.Library(tmp_path).keys, clock), clock


def test_a_session_ends_after_idle_days_and_after_a_month(tmp_path: Path) -> None:
    store, clock = sessions(tmp_path)
    session = store.start(None)
    clock.now += IDLE_SECONDS
    assert store.find(session) is not None
    clock.now += IDLE_SECONDS + 1
    assert store.find(session) is None
    session, end = store.start(None), clock.now + SESSION_SECONDS
    while clock.now < end:
        assert store.find(session) is not None
        clock.now += IDLE_SECONDS / 2
    assert store.find(session) is None


def test_the_number_of_sessions_is_bounded(tmp_path: Path) -> None:
    store, clock = sessions(tmp_path)
    first = store.start(None)
    for _ in range(MAX_SESSIONS):
        clock.now += 1
        last = store.start(None)
    assert store.find(first) is None
    assert store.find(last) is not None


def test_ids_of_sessions_are_not_in_memory(tmp_path: Path) -> None:
    store, _ = sessions(tmp_path)
    session = store.start(None)
    assert session not in repr(vars(store))


def test_the_token_of_the_start_is_used_once(client: GuardedClient) -> None:
    token = client.access.token.make()
    assert client.get("/login?token=guessed").status_code == 401
    answer = client.get(f"/login?token={token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get(STATISTICS, cookie=cookie_of(answer)).status_code == 200
    assert client.get(SESSION, cookie=cookie_of(answer)).json()["bound"] is False
    again = client.get(f"/login?token={token}")
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert token not in again.text
    assert client.get(f"/login?token={token}", cookie=cookie_of(answer)).status_code == 303


def test_the_token_is_of_the_base_path(home: Path) -> None:
    client = GuardedClient(home, base_path="/recsys")
    answer = client.get(f"/recsys/login?token={client.access.token.make()}")
    assert answer.headers["location"] == "/recsys/"


def test_without_a_token_none_is_accepted() -> None:
    assert not OneTimeToken().use("")
    assert not OneTimeToken().use("None")


def test_the_token_expires() -> None:
    clock = Clock()
    token = OneTimeToken(clock)
    text = token.make()
    clock.now += TOKEN_SECONDS + 1
    assert not token.use(text)
    clock.now -= TOKEN_SECONDS
    assert not token.use(text)


def test_another_site_cannot_use_up_attempts_with_images(client: GuardedClient) -> None:
    for _ in range(20):
        answer = client.get(
            "/login?token=x", sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="image"
        )
        assert answer.status_code == 403
    assert client.get(f"/login?token={client.access.token.make()}").status_code == 303


def test_websockets_are_refused(client: GuardedClient) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def connect() -> None:
        await client.app({"type": "websocket", "path": "/api/v1/jobs", "headers": []}, receive, send)

    asyncio.run(connect())
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_answers_to_all_methods_are_guarded(client: GuardedClient) -> None:
    for method in ("TRACE", "OPTIONS", "PROPFIND", "CONNECT", "PATCH"):
        answer: httpx.Response = client.request(method, STATISTICS, json={})
        assert answer.status_code in (401, 403, 405)
        assert "access-control-allow-origin" not in answer.headers


def test_a_bound_key_learns_nothing_of_other_listeners(client: GuardedClient) -> None:
    client.library.listeners.add("Anna")
    whole = {"authorization": f"Bearer {client.library.keys.add('desk')}"}
    bound = {"authorization": f"Bearer {client.library.keys.add('phone', listener='Anna')}"}
    made = client.post("/api/v1/playlists", {"name": "secret list", "track_ids": [1, 2]}, **whole).json()
    client.post("/api/v1/tracks/1/plays", {"skipped": False}, **whole)
    client.request("PUT", "/api/v1/tracks/2/rating", named(whole), json={"rating": 1})
    for path in ("/listeners", "/complete?kind=listener", "/statistics", "/playlists", "/complete?kind=saved_playlist"):
        answer = client.get(f"/api/v1{path}", **bound)
        assert answer.status_code == 200
        assert "secret list" not in answer.text
        assert '"default"' not in answer.text.replace('"default":', "")
    assert [each["name"] for each in client.get("/api/v1/listeners", **bound).json()["items"]] == ["Anna"]
    statistics = client.get("/api/v1/statistics", **bound).json()
    assert (statistics["most_played"], [each["name"] for each in statistics["listeners"]]) == ([], ["Anna"])
    assert client.get("/api/v1/plays", **bound).json()["items"] == []
    assert not any(client.get("/api/v1/ratings", **bound).json().values())
    assert client.post("/api/v1/listeners", {"name": "Eve"}, **bound).status_code == 403
    list_path = f"/api/v1/playlists/{made['id']}"
    assert client.get(list_path, **bound).status_code == 404
    assert client.get(f"{list_path}/export", **bound).status_code == 404
    for method, path, body in (("PUT", "", {"name": "x"}), ("DELETE", "", {}), ("POST", "/refresh", {})):
        assert client.request(method, f"{list_path}{path}", named(bound), json=body).status_code == 404
    assert client.get(list_path, **whole).json()["name"] == "secret list"
