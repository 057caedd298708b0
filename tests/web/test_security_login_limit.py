"""Failed logins are limited by the address of the client."""

from pathlib import Path

import pytest
from guarded_client import Clock, GuardedClient

from recsys.web.security.login_limit import ATTEMPTS, MAX_ADDRESSES, SECONDS_PER_ATTEMPT, LoginLimit

SESSION = "/api/v1/session"
STATISTICS = "/api/v1/statistics"


def scope(address: str) -> dict[str, object]:
    return {"client": (address, 1)}


def test_after_ten_failures_even_the_right_key_waits(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    plain = client.library.keys.add("desk")
    for _ in range(ATTEMPTS):
        assert client.post(SESSION, {"key": "wrong"}).status_code == 401
    refused = client.post(SESSION, {"key": plain})
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["retry-after"]) <= SECONDS_PER_ATTEMPT
    assert client.get(STATISTICS, authorization=f"Bearer {plain}").status_code == 429
    assert client.get("/login?token=x").status_code == 429
    other = client.request("POST", SESSION, json={"key": plain}, address="192.0.2.7")
    assert other.status_code == 200


def test_bearer_tokens_and_login_urls_count_too(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    for _ in range(ATTEMPTS // 2):
        assert client.get(STATISTICS, authorization="Bearer wrong").status_code == 401
        assert client.get("/login?token=wrong").status_code == 401
    assert client.get(STATISTICS, authorization="Bearer wrong").status_code == 429


def test_a_session_is_not_limited(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    cookie = client.post(SESSION, {"key": client.library.keys.add("desk")}).headers["set-cookie"].partition(";")[0]
    for _ in range(ATTEMPTS + 1):
        client.post(SESSION, {"key": "wrong"})
    assert client.get(SESSION, cookie=cookie).json()["authenticated"]


def test_forged_addresses_do_not_help(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path)
    answers = [
        client.post(SESSION, {"key": "wrong"}, x_forwarded_for=f"192.0.2.{n}").status_code for n in range(ATTEMPTS + 1)
    ]
    assert answers[-1] == 429


def test_behind_a_trusted_proxy_clients_are_counted(tmp_path: Path) -> None:
    client = GuardedClient(tmp_path, address="10.1.2.3", trusted_proxies=["10.0.0.0/8"])
    for _ in range(ATTEMPTS):
        client.post(SESSION, {"key": "wrong"}, x_forwarded_for="203.0.113.9, 192.0.2.1")
    assert client.post(SESSION, {"key": "wrong"}, x_forwarded_for="192.0.2.1").status_code == 429
    assert client.post(SESSION, {"key": "wrong"}, x_forwarded_for="203.0.113.9").status_code == 401
    # What the client itself has sent stands before what the proxy has added.
    assert client.post(SESSION, {"key": "wrong"}, x_forwarded_for="203.0.113.10, 192.0.2.1").status_code == 429


def test_attempts_come_back_one_by_one() -> None:
    clock = Clock()
    limit = LoginLimit(clock)
    for _ in range(ATTEMPTS):
        assert limit.wait(scope("192.0.2.1")) == 0
        limit.fail(scope("192.0.2.1"))
    assert limit.wait(scope("192.0.2.1")) == SECONDS_PER_ATTEMPT
    clock.now += SECONDS_PER_ATTEMPT
    assert limit.wait(scope("192.0.2.1")) == 0
    limit.fail(scope("192.0.2.1"))
    assert limit.wait(scope("192.0.2.1")) > 0
    clock.now += SECONDS_PER_ATTEMPT * 100
    for _ in range(ATTEMPTS):
        assert limit.wait(scope("192.0.2.1")) == 0
        limit.fail(scope("192.0.2.1"))
    assert limit.wait(scope("192.0.2.1")) > 0


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1:2:3", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("not an address", "another", True),
    ],
)
def test_addresses_of_one_customer_share_their_attempts(first: str, second: str, same: bool) -> None:
    limit = LoginLimit(Clock())
    for _ in range(ATTEMPTS):
        limit.fail(scope(first))
    assert (limit.wait(scope(second)) > 0) is same


def test_the_table_is_bounded() -> None:
    limit = LoginLimit(Clock())
    for n in range(MAX_ADDRESSES + 10):
        limit.fail(scope(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"))
    assert len(limit._left) == MAX_ADDRESSES
