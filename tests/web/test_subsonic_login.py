"""How players of Subsonic log in."""

from hashlib import md5
from pathlib import Path
from xml.etree import ElementTree

import pytest
from guarded_client import GuardedClient


@pytest.fixture
def client(tmp_path: Path) -> GuardedClient:
    client = GuardedClient(tmp_path)
    client.library.create()
    return client


def failure(client: GuardedClient, url: str) -> int:
    answer = client.get(f"{url}&f=json").json()["subsonic-response"]
    assert answer["status"] == "failed"
    assert answer["error"]["message"]
    return int(answer["error"]["code"])


def test_key_as_password_token_and_api_key(client: GuardedClient) -> None:
    key = client.library.keys.add("phone", subsonic=True)
    token = md5(f"{key}salt".encode(), usedforsecurity=False).hexdigest()
    encoded = key.encode().hex()
    for login in (f"u=phone&p={key}", f"u=Phone&p=enc:{encoded}", f"u=phone&t={token}&s=salt", f"apiKey={key}"):
        answer = client.get(f"/rest/ping.view?{login}&f=json")
        assert answer.json()["subsonic-response"]["status"] == "ok", login
        assert answer.headers["access-control-allow-origin"] == "*"


def test_errors_of_logins(client: GuardedClient) -> None:
    key = client.library.keys.add("phone", subsonic=True)
    other = client.library.keys.add("laptop")
    digest = md5(f"{other}salt".encode(), usedforsecurity=False).hexdigest()
    assert failure(client, "/rest/ping?v=1.16.1") == 10
    assert failure(client, "/rest/ping?u=phone") == 10
    assert failure(client, "/rest/ping?u=phone&t=abc") == 10
    assert failure(client, "/rest/ping?u=phone&p=wrong") == 40
    assert failure(client, f"/rest/ping?u=laptop&p={key}") == 40
    assert failure(client, f"/rest/ping?u=laptop&t={digest}&s=salt") == 40  # only its digest is stored
    assert failure(client, "/rest/ping?u=phone&t=%C3%A9&s=salt") == 40
    assert failure(client, f"/rest/ping?u=phone&apiKey={key}") == 43
    assert failure(client, "/rest/ping?apiKey=wrong") == 44


def test_extensions_need_no_login_and_a_form_may_be_sent(client: GuardedClient) -> None:
    root = ElementTree.fromstring(client.get("/rest/getOpenSubsonicExtensions").content)
    assert root.get("status") == "ok"
    assert len(root)
    key = client.library.keys.add("phone", subsonic=True)
    body = f"apiKey={key}&f=jsonp&callback=show".encode()
    answer = client.request(
        "POST", "/rest/tokenInfo", {"Content-Type": "application/x-www-form-urlencoded"}, content=body
    )
    assert answer.text.startswith("show({")
    assert '"username":"phone"' in answer.text


def test_letters_of_a_form_need_no_escapes(client: GuardedClient) -> None:
    key = client.library.keys.add("phone", subsonic=True)
    body = f"apiKey={key}&f=json&name=Björk+%C3%A9".encode()
    answer = client.request(
        "POST", "/rest/createPlaylist", {"Content-Type": "application/x-www-form-urlencoded"}, content=body
    )
    assert answer.json()["subsonic-response"]["playlist"]["name"] == "Björk é"


def test_a_cookie_is_no_login(client: GuardedClient) -> None:
    session = client.access.sessions.start(None)
    assert client.get("/api/v1/tracks", cookie=f"recsys_session={session}").status_code == 200
    assert failure(client, "/rest/ping?c=x") == 10
