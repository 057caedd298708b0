"""Host, Origin, content types, sizes and headers: what a request and an answer may have."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from guarded_client import BASE, GuardedClient, cookie_of

from recsys.errors import InvalidRequest
from recsys.web.options import ServeOptions
from recsys.web.security import bodies
from recsys.web.security.headers import HEADERS

HEALTH = "/api/v1/health"
SESSION = "/api/v1/session"
LISTENERS = "/api/v1/listeners"


@pytest.fixture
def client(tmp_path: Path) -> GuardedClient:
    """A client with a key."""
    made = GuardedClient(tmp_path)
    made.key = made.library.keys.add("test")
    return made


# Host


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8765", True), ("localhost:8765", True), ("LOCALHOST", True), ("localhost.", True),
        ("[::1]:8765", True),
        ("127.8.9.1", True), ("localhost:9000", True),
        ("evil.example", False), ("evil.example:8765", False), ("localhost.evil.example", False),
        ("localhost:8765.evil.example", False),
        ("127.0.0.1.evil.example", False), ("evil.example@localhost", False), ("localhost/evil", False),
        ("", False),
        ("192.0.2.1:8765", False), ("[2001:db8::1]", False), ("0.0.0.0:8765", False),
        ("[::1", False), ("localhost:999999", False),
        ("localhost:99999999", False), ("2130706433", False), ("localhost, evil.example", False),
        (" localhost evil", False),
    ],
)  # fmt: skip
def test_on_loopback_only_its_names_are_allowed(tmp_path: Path, host: str, allowed: bool) -> None:
    assert GuardedClient(tmp_path).get(HEALTH, host=host).status_code == (200 if allowed else 403)


def test_a_refused_name_has_a_hint_and_is_not_repeated(tmp_path: Path) -> None:
    answer = GuardedClient(tmp_path).get("/", host="<script>.example")
    assert (answer.status_code, answer.json()["field"]) == (403, "host")
    assert "--allow-host" in answer.json()["hint"]
    assert "script" not in answer.text


@pytest.mark.parametrize(
    ("host", "allowed"), [("music.home", True), ("MUSIC.home.:443", True), ("sub.music.home", False), ("home", False)]
)
def test_names_are_allowed_whole(tmp_path: Path, host: str, allowed: bool) -> None:
    answer = GuardedClient(tmp_path, allowed_hosts=["Music.Home"]).get(HEALTH, host=host)
    assert answer.status_code == (200 if allowed else 403)


@pytest.mark.parametrize("name", ["", "*", "*.home", "http://music.home", "music.home/", "music home", "a..b", "@x"])
def test_what_is_no_name_is_not_allowed(name: str) -> None:
    with pytest.raises(InvalidRequest, match="allowed_hosts must be a name such as"):
        ServeOptions(allowed_hosts=[name])


@pytest.mark.parametrize(
    ("host", "allowed"), [("192.0.2.1:8765", True), ("[2001:db8::1]:8765", True), ("evil.example", False)]
)
def test_for_other_machines_addresses_are_allowed_and_names_are_not(tmp_path: Path, host: str, allowed: bool) -> None:
    answer = GuardedClient(tmp_path, host="0.0.0.0").get(HEALTH, host=host)
    assert answer.status_code == (200 if allowed else 403)


def test_forwarded_hosts_are_not_used(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path, trusted_proxies=["127.0.0.1"], allowed_hosts=["music.home"])
    assert client.get(HEALTH, host="evil.example", x_forwarded_host="music.home").status_code == 403


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.example"], ["localhost", "localhost"]])
def test_a_request_has_one_host(client: GuardedClient, hosts: list[str]) -> None:
    assert status_of(client, [(b"host", host.encode()) for host in hosts]) == 400


def status_of(client: GuardedClient, headers: list[tuple[bytes, bytes]], **more: Any) -> int:
    """The status of the answer to a request with exactly these headers."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": HEALTH, "raw_path": HEALTH.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8765),
    }  # fmt: skip

    async def ask() -> None:
        await client.app(scope | more, receive, send)

    asyncio.run(ask())
    status: int = sent[0]["status"]
    return status


# Origin


@pytest.fixture
def cookie(client: GuardedClient) -> str:
    """The cookie of a browser."""
    return cookie_of(client.post(SESSION, {"key": client.key}))


def post_status(client: GuardedClient, cookie: str, **headers: str) -> int:
    """The status of a request that a browser sends to add a listener; 404 where it passes, for there is no library."""
    browser = GuardedClient(client.library.settings.home)
    browser.app = client.app
    return browser.post(LISTENERS, {"name": "Anna"}, cookie=cookie, **headers).status_code


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": BASE}, True),
        ({"origin": BASE, "sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://127.0.0.1"}, False),
        ({"origin": "http://127.0.0.1:3000"}, False),
        ({"origin": "https://127.0.0.1:8765"}, False),
        ({"origin": "http://localhost:8765"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://127.0.0.1:8765.evil.example"}, False),
        ({"origin": "http://127.0.0.1:8765@evil.example"}, False),
        ({"origin": "http://127.0.0.1:8765/"}, False),
        ({"origin": "http://[::1"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
    ],
)
def test_only_the_own_page_changes_anything(
    client: GuardedClient, cookie: str, headers: dict[str, str], passes: bool
) -> None:
    assert (post_status(client, cookie, **headers) == 404) is passes
    assert passes or post_status(client, cookie, **headers) == 403


def test_behind_a_proxy_the_origin_is_that_of_the_browser(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path, trusted_proxies=["127.0.0.1"], allowed_hosts=["music.home"])
    body = {"key": client.library.keys.add("desk")}
    headers = {"host": "music.home", "origin": "https://music.home"}
    assert client.post(SESSION, body, **headers, x_forwarded_proto="https").status_code == 200
    assert client.post(SESSION, body, **headers).status_code == 403


def test_a_program_that_is_no_browser_needs_no_origin(client: GuardedClient) -> None:
    assert client.post(LISTENERS, {"name": "Anna"}).status_code == 404
    assert client.post(LISTENERS, {"name": "Anna"}, origin="http://evil.example").status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_every_method_that_is_not_safe_is_checked(client: GuardedClient, method: str) -> None:
    answer = client.request(method, "/api/v1/tracks/1/rating", {"Origin": "http://evil.example"}, json={})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
        "text/plain; application/json",
    ],
)
def test_bodies_are_json(client: GuardedClient, kind: str) -> None:
    answer = client.request("POST", LISTENERS, {"Content-Type": kind}, content=b'{"name": "Anna"}')
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert (
        client.request(
            "POST", LISTENERS, {"Content-Type": "Application/JSON; charset=utf-8"}, content=b"{}"
        ).status_code
        == 422
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_read_and_embed_nothing(client: GuardedClient, site: str) -> None:
    embedded = client.get("/api/v1/session", sec_fetch_site=site, sec_fetch_mode="no-cors", sec_fetch_dest="image")
    framed = client.get("/", sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="iframe")
    fetched = client.get("/api/v1/session", sec_fetch_site=site, sec_fetch_mode="cors", sec_fetch_dest="empty")
    assert [answer.status_code for answer in (embedded, framed, fetched)] == [403, 403, 403]
    followed = client.get(HEALTH, sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert followed.status_code == 200


# Sizes


def test_a_body_is_bounded_by_its_length(client: GuardedClient) -> None:
    answer = client.request(
        "POST", LISTENERS, {"Content-Type": "application/json"}, content=b" " * (bodies.MAX_BODY + 1)
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"
    whole = client.request("POST", LISTENERS, {"Content-Type": "application/json"}, content=b" " * bodies.MAX_BODY)
    assert whole.status_code == 400


def test_a_body_in_chunks_is_bounded_and_not_read_to_its_end(client: GuardedClient) -> None:
    read = []

    async def chunks() -> AsyncIterator[bytes]:
        for n in range(100_000):
            read.append(n)
            yield b" " * 10_000

    answer = client.request("POST", LISTENERS, {"Content-Type": "application/json"}, content=chunks())
    assert answer.status_code == 413
    assert len(read) <= bodies.MAX_BODY // 10_000 + 2


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "9" * 5000])
def test_a_length_that_is_no_number_is_refused(client: GuardedClient, length: str) -> None:
    key = f"Bearer {client.key}".encode()
    assert (
        status_of(client, [(b"host", b"localhost"), (b"authorization", key), (b"content-length", length.encode())])
        == 413
    )


def test_a_body_before_the_login_is_small(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    assert client.post(SESSION, {"key": "x" * bodies.MAX_LOGIN_BODY}).status_code == 413
    assert client.post(SESSION, {"key": "x" * 300}).status_code == 422


def test_a_body_that_does_not_come_is_not_waited_for(client: GuardedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = client.request("POST", LISTENERS, {"Content-Type": "application/json"}, content=chunks())
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


def test_a_body_arrives_whole(client: GuardedClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"na', b"", b'me": "An', b'na"}'):
            yield part

    assert client.request("POST", LISTENERS, {"Content-Type": "application/json"}, content=chunks()).status_code == 404


def test_queries_and_headers_are_bounded(client: GuardedClient) -> None:
    assert client.get(f"/api/v1/tracks?query={'x' * bodies.MAX_QUERY}").status_code == 414
    assert client.get(f"/{'x' * bodies.MAX_QUERY}x").status_code == 414
    assert client.get(HEALTH, x_long="x" * bodies.MAX_HEADERS).status_code == 431


# Answers


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (HEALTH, {}),
        ("/api/v1/statistics", {}),
        ("/api/v1/nothing", {}),
        ("/", {}),
        ("/login", {}),
        (HEALTH, {"host": "evil.example"}),
    ],
)
def test_every_answer_has_the_headers(client: GuardedClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, **headers)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "server" not in answer.headers


def test_the_policy_permits_nothing_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'self'", "img-src": "'self' data: blob:", "media-src": "'self' blob:", "object-src": "'none'",
        "base-uri": "'self'", "form-action": "'self'", "frame-ancestors": "'none'",
    }  # fmt: skip


def test_answers_of_the_api_are_not_cached_by_default(client: GuardedClient) -> None:
    assert client.get(HEALTH).headers["cache-control"] == "no-store"
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_a_defect_is_a_problem_with_the_headers(client: GuardedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(client.library.listeners.__class__, "list", lambda _: fail())
    answer = client.get(LISTENERS)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_header_injection_is_impossible(client: GuardedClient) -> None:
    answer = client.get("/login?token=x%0d%0aSet-Cookie:%20a=b")
    assert "set-cookie" not in answer.headers
