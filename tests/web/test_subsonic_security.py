"""What the protocol below /rest forces on the server, and how far it goes: the second table of docs/security.md."""

import json
import re
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from guarded_client import GuardedClient
from server_process import ServerProcess

import recsys
from recsys.web.security.bodies import MAX_BODY
from recsys.web.security.login_limit import ATTEMPTS
from recsys.web.security.redaction import redact
from recsys.web.subsonic.routes import CALLS, OPEN

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OTHER_SITE = {
    "Origin": "https://player.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
}  # fmt: skip
BREAK = """
import recsys.web.subsonic.routes as routes
def defect(call):
    raise ValueError(f"{call.request.url} {call.parameters._values}")
routes.CALLS["ping"] = defect
"""
ONE_EACH = httpx.Limits(max_keepalive_connections=0)  # a connection ends after a defect


@pytest.fixture
def client(tmp_path: Path) -> GuardedClient:
    client = GuardedClient(tmp_path)
    client.library.create()
    return client


@pytest.fixture
def key(client: GuardedClient) -> str:
    return client.library.keys.add("phone", subsonic=True)


def code_of(answer: httpx.Response) -> int | None:
    """The code of a failure, None for an answer that succeeded."""
    fields = answer.json()["subsonic-response"]
    return None if fields["status"] == "ok" else int(fields["error"]["code"])


def token_of(key: str, salt: str = "pepper") -> str:
    return md5(f"{key}{salt}".encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("name", sorted(set(CALLS) - OPEN))
def test_every_call_but_the_open_one_needs_a_login(client: GuardedClient, key: str, name: str) -> None:
    session = client.access.sessions.start(None)
    for headers in ({}, {"Cookie": f"recsys_session={session}"}, {"Authorization": f"Bearer {key}"}):
        for method, suffix in (("GET", ""), ("POST", ".view")):
            answer = client.request(method, f"/rest/{name}{suffix}?f=json&id=tr-1", headers)
            assert code_of(answer) == 10, (method, headers)
            assert "set-cookie" not in answer.headers


def test_who_is_not_logged_in_learns_that_a_server_is_there(client: GuardedClient) -> None:
    client.library.keys.add("kitchen", subsonic=True)
    for url in ("ping", "getOpenSubsonicExtensions", "ping?u=kitchen&p=x", "nothing", "nothing?u=kitchen&t=x&s=y"):
        answer = client.get(f"/rest/{url}")
        whole = f"{answer.headers} {answer.text}"
        assert recsys.__version__ not in whole
        assert 'type="recsys"' in answer.text
    known, unknown = (client.get(f"/rest/ping?u={name}&p=x&f=json") for name in ("kitchen", "nobody"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert client.get("/rest/nothing?f=json").text == client.get("/rest/ping?f=json").text


def test_a_damaged_file_of_keys_is_not_described(client: GuardedClient, key: str) -> None:
    client.library.keys.file.write_text("{")
    answer = client.get(f"/rest/ping?apiKey={key}&f=json")
    assert answer.status_code == 500
    assert answer.json()["subsonic-response"]["error"]["message"] == "the server failed; its log has the reason"


@pytest.mark.parametrize(
    "path",
    [
        "/rest/../api/v1/statistics", "/rest/%2e%2e/api/v1/statistics", "/rest//api/v1/statistics",
        "/rest/..%2fapi/v1/statistics", "/rest/api/v1/statistics", "//rest/ping", "/rest/ping/x", "/rest/",
    ],
)  # fmt: skip
def test_no_path_below_rest_leads_elsewhere(client: GuardedClient, path: str) -> None:
    for base in ("", "/recsys"):
        answer = GuardedClient(client.library.settings.home, base_path=base).get(base + path)
        assert "tracks" not in answer.text
        assert answer.status_code in (401, 404) or 'status="failed"' in answer.text or "<html" in answer.text


def test_pages_of_other_origins_call_without_cookies(client: GuardedClient, key: str) -> None:
    session = client.access.sessions.start(None)
    own = {**OTHER_SITE, "Cookie": f"recsys_session={session}"}
    asked = client.request("OPTIONS", "/rest/ping", {**OTHER_SITE, "Access-Control-Request-Method": "POST"})
    answers = [
        client.request("GET", f"/rest/ping?apiKey={key}&f=json", own),
        client.request("POST", "/rest/ping", {**own, **FORM}, content=f"apiKey={key}&f=json".encode()),
    ]
    assert asked.status_code == 204
    assert [code_of(answer) for answer in answers] == [None, None]
    for answer in (asked, *answers):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert client.request("GET", "/api/v1/statistics", own).status_code == 403


def test_another_site_cannot_use_up_attempts_of_players(client: GuardedClient, key: str) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    answers = [client.request("GET", "/rest/ping?u=phone&p=x&f=json", image) for _ in range(ATTEMPTS + 1)]
    assert [answer.status_code for answer in answers] == [200] * ATTEMPTS + [429]
    assert code_of(client.get(f"/rest/ping?u=phone&p={key}&f=json")) is None
    assert client.get("/api/v1/statistics", authorization=f"Bearer {key}").status_code != 429


def test_failed_logins_of_players_are_limited(client: GuardedClient, key: str) -> None:
    wrong = ("u=phone&p=x", "u=phone&t=x&s=y", "apiKey=x", "u=nobody&p=enc:zz")
    for n in range(ATTEMPTS):
        assert code_of(client.get(f"/rest/ping?{wrong[n % len(wrong)]}&f=json")) in (40, 44)
    refused = client.get(f"/rest/ping?u=phone&p={key}&f=json")
    assert (refused.status_code, code_of(refused)) == (429, 40)
    seconds = int(refused.headers["retry-after"])
    assert 0 < seconds <= 30
    message = refused.json()["subsonic-response"]["error"]["message"]
    assert message.startswith(f"too many failed logins; try again in {seconds} second")
    assert client.get("/api/v1/statistics", authorization=f"Bearer {key}").status_code == 429
    assert code_of(client.request("GET", f"/rest/ping?apiKey={key}&f=json", address="192.0.2.7")) is None


def test_a_revoked_key_is_refused_by_the_next_call(client: GuardedClient, key: str) -> None:
    login = f"u=phone&t={token_of(key)}&s=pepper&f=json"
    assert code_of(client.get(f"/rest/ping?{login}")) is None
    client.library.keys.revoke("phone")
    assert code_of(client.get(f"/rest/ping?{login}")) == 40


def test_only_keys_for_players_are_stored_as_they_are(client: GuardedClient, key: str) -> None:
    other = client.library.keys.add("desk")
    content = client.library.keys.file.read_text()
    assert key in content
    assert other not in content
    assert client.library.keys.file.stat().st_mode & 0o777 == 0o600
    assert code_of(client.get(f"/rest/ping?u=desk&t={token_of(other)}&s=pepper&f=json")) == 40
    assert code_of(client.get(f"/rest/ping?u=desk&p={other}&f=json")) is None


def test_a_form_is_bounded(client: GuardedClient, key: str) -> None:
    login = f"apiKey={key}&f=json&x=".encode()
    assert code_of(client.request("POST", "/rest/ping", FORM, content=login.ljust(MAX_BODY, b"x"))) is None
    assert client.request("POST", "/rest/ping", FORM, content=login.ljust(MAX_BODY + 1, b"x")).status_code == 413
    many = login + b"&i" * 60_000
    assert 'code="0"' in client.request("POST", "/rest/ping", FORM, content=many).text


@pytest.mark.parametrize(
    "callback", ["alert(1)//", "a;b", "<script>", "a b", "a\nb", "é", "1a", "a" * 300, "", "a[0]", "a\u2028b"]
)
def test_a_callback_is_a_name(client: GuardedClient, key: str, callback: str) -> None:
    answer = client.get(f"/rest/ping?f=jsonp&apiKey={key}&callback={quote(callback)}")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert 'status="failed"' in answer.text


def test_texts_of_a_call_stay_texts_in_a_script(client: GuardedClient, key: str) -> None:
    text = "<script>\u2028\u2029');alert(1)"
    answer = client.get(f"/rest/{quote(text, safe='')}?f=jsonp&apiKey={key}&callback=show")
    assert answer.headers["content-type"] == "application/javascript; charset=utf-8"
    found = re.fullmatch(r"show\((\{.*\})\);", answer.text)
    assert found is not None
    assert answer.text.isascii()
    assert json.loads(found[1])["subsonic-response"]["status"] == "failed"
    refused = client.get(f"/rest/{quote('<b>&', safe='')}?apiKey={key}")
    assert "&lt;b&gt;&amp;" in refused.text


def test_a_failure_has_the_status_of_the_protocol_and_stays_in_no_cache(client: GuardedClient, key: str) -> None:
    failed = client.get("/rest/ping?u=phone&p=x&f=json")
    assert (failed.status_code, code_of(failed)) == (200, 40)
    for answer in (failed, client.get(f"/rest/ping?apiKey={key}")):
        assert answer.headers["cache-control"] == "private, no-store"


def logins(key: str) -> Iterator[dict[str, str]]:
    """The ways in which a player logs in, right and wrong ones."""
    yield {"u": "kitchen-name", "p": key}
    yield {"u": "kitchen-name", "p": f"enc:{key.encode().hex()}"}
    yield {"u": "kitchen-name", "t": token_of(key, "salt-of-player"), "s": "salt-of-player"}
    yield {"apiKey": key}
    yield {"u": "kitchen-name", "p": 'own "password'}


@pytest.mark.parametrize("setup", ["", BREAK], ids=["calls", "defects"])
def test_the_log_has_no_logins_of_players(tmp_path: Path, setup: str) -> None:
    key = recsys.Library(tmp_path / "home").keys.add("kitchen-name", subsonic=True)
    with ServerProcess(tmp_path / "home", verbose=True, setup=setup) as server, httpx.Client(limits=ONE_EACH) as http:
        rest = server.url.partition("login?")[0] + "rest/"
        for login in list(logins(key))[: 1 if setup else None]:  # the log is a pipe, which tracebacks fill
            http.get(f"{rest}ping.view?v=1.16.1&c=player-name&{urlencode(login)}")
            http.post(f"{rest}ping", data=login)
            http.post(f"{rest}ping?{urlencode(login)}&f=json")
        http.get(f"{rest}ping?v=1&%70=enc:{key.encode().hex()}&U=kitchen-name&%61piKey=%72{key[1:]}")
    assert "player-name" in server.log  # requests are logged
    assert ("ValueError" in server.log) is bool(setup)
    values = {value for login in logins(key) for value in login.values()}
    for secret in (*values, "own+", "own%20", "password", key[8:], key.encode().hex()):
        assert secret not in server.log, secret


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('GET /rest/ping?u=a&p=b"c&v=1 HTTP/1.1', "GET /rest/ping?u=…&p=…&v=1 HTTP/1.1"),
        ("/rest/ping?%70=x&%61piKey=y&query=p", "/rest/ping?%70=…&%61piKey=…&query=p"),
        ("/rest/search3?query=recsys_AAAAAAAAAAAAAAAAAAAAAA", "/rest/search3?query=recsys_…"),
        ("/rest/ping?query=a?p=x", "/rest/ping?query=a?p=…"),
    ],
)
def test_parameters_of_logins_are_cut_however_they_are_written(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_addresses_with_more_slashes_are_the_call_whose_login_they_need(client: GuardedClient, key: str) -> None:
    for path in ("//rest/ping.view", "/rest//ping", "/rest/ping/", "//rest//ping//"):
        url = f"http://127.0.0.1{path}?f=json&apiKey="  # what begins with two slashes would be a host
        assert code_of(client.get(f"{url}{key}")) is None, path
        assert code_of(client.get(f"{url}wrong")) == 44, path


@pytest.mark.parametrize(("format", "begin"), [("json", "{"), ("xml", "<?xml"), ("jsonp&callback=f", "f({")])
def test_a_name_that_the_server_does_not_have_is_an_error_of_the_protocol(
    client: GuardedClient, key: str, format: str, begin: str
) -> None:
    answer = client.request("GET", f"/rest/ping?apiKey={key}&f={format}", {"Host": "evil.example"})
    assert answer.status_code == 403
    assert answer.text.startswith(begin)
    assert "--allow-host" in answer.text
    assert key not in answer.text


def test_a_player_learns_no_paths_of_the_server(client: GuardedClient, key: str) -> None:
    client.library.close()
    file = client.library.settings.database_file
    assert file is not None
    file.write_bytes(b"no database at all, in a file that is long enough" * 100)
    answer = client.get(f"/rest/getArtists?apiKey={key}&f=json")
    assert code_of(answer) == 0
    assert str(client.library.settings.home) not in answer.text
