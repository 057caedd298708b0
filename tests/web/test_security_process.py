"""A real server: what it prints and logs, slow clients, and when it does not start."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from server_process import ServerProcess, receive_all

import recsys
from recsys.errors import LibraryError
from recsys.web.options import ServeOptions
from recsys.web.security.access import refuses_start
from recsys.web.security.redaction import Redaction, log_without_secrets, redact

SHORT_TIMES = """
import recsys.web.security.bodies as bodies, recsys.web.security.slow_clients as slow_clients
bodies.BODY_SECONDS = slow_clients.HEAD_SECONDS = 0.5
"""
HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that gives clients half a second."""
    with ServerProcess(tmp_path_factory.mktemp("server") / "home", setup=SHORT_TIMES) as running:
        yield running


def get(target: str, *headers: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def test_the_log_has_no_secrets(tmp_path: Path) -> None:
    key = recsys.Library(tmp_path / "home").keys.add("desk")
    with ServerProcess(tmp_path / "home", verbose=True) as server:
        parts = urlsplit(server.url)
        token = parts.query.removeprefix("token=")
        answer = server.send(get(f"{parts.path}?{parts.query}"))
        assert answer.startswith(b"HTTP/1.1 303")
        session = answer.partition(b"recsys_session=")[2].partition(b";")[0].decode()
        assert server.send(get("/api/v1/session", f"Cookie: recsys_session={session}")).count(b'"authenticated":true')
        server.send(get(f"/login?x=1&token={key}"))
        server.send(get(f"/api/v1/tracks/{key}?apiKey={key}", f"Authorization: Bearer {key}"))
        server.send(get("/api/v1/%1b%5b31mred%0d%0aforged"))
        server.send(b"GET \x1b[31m HTTP/1.1\r\n\r\n")
    log = server.log
    assert '"GET /login?token=… HTTP/1.1" 303' in log
    for secret in (token, session, key, key.removeprefix("recsys_")):
        assert secret not in log
    assert "\x1b" not in log
    assert not any(line.startswith("forged") for line in log.splitlines())


@pytest.mark.parametrize(("level", "written"), [(logging.WARNING, False), (logging.INFO, True)])
def test_requests_are_logged_where_information_is(level: int, written: bool) -> None:
    logger = logging.getLogger("recsys")
    before = logger.level
    try:
        logger.setLevel(level)
        assert log_without_secrets() is written
        assert logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO) is written
        assert all(any(isinstance(each, Redaction) for each in handler.filters) for handler in logging.root.handlers)
    finally:
        logger.setLevel(before)
        for handler in logging.root.handlers:
            handler.filters = [each for each in handler.filters if not isinstance(each, Redaction)]


def test_a_head_that_does_not_end_closes_the_connection(server: ServerProcess) -> None:
    assert server.send(b"") == b""
    assert server.send(HEALTH) == b""
    with server.connect() as connection:  # and so does a second head, after a first one that was complete
        connection.sendall(HEALTH + b"\r\n")
        assert b'"status":"ok"' in first_answer(connection)
        connection.sendall(b"GET /")
        assert receive_all(connection) == b""
    assert b'"status":"ok"' in server.send(HEALTH + CLOSE)


def first_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"}" not in received:
        received += connection.recv(65_536)
    return received


def test_a_body_that_does_not_end_is_answered_and_closed(server: ServerProcess) -> None:
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert server.send(head + b"Content-Length: 100\r\n\r\n{").startswith(b"HTTP/1.1 408")
    assert server.send(head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n").startswith(b"HTTP/1.1 408")
    assert server.send(head + b"Content-Length: 99999999999\r\n\r\n").startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked, x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n",
        b"\x16\x03\x01 not HTTP",
    ],
)
def test_what_is_no_request_is_refused(server: ServerProcess, request_bytes: bytes) -> None:
    assert server.send(request_bytes).startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


def test_answers_do_not_name_the_server(server: ServerProcess) -> None:
    answer = server.send(get("/api/v1/health")).lower()
    assert b"uvicorn" not in answer
    assert b"\r\nserver:" not in answer


def test_another_address_needs_a_key(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "recsys", "--home", str(tmp_path), "serve", "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "recsys: error: other machines reach 0.0.0.0, and there is no key; add one with: recsys keys add NAME\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_loopback_needs_no_key(tmp_path: Path, host: str) -> None:
    assert refuses_start(ServeOptions(host=host), recsys.Library(tmp_path).keys) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "music.home", ""])
def test_every_other_address_needs_one(tmp_path: Path, host: str) -> None:
    keys = recsys.Library(tmp_path).keys
    assert refuses_start(ServeOptions(host=host), keys) is not None
    keys.add("phone")
    assert refuses_start(ServeOptions(host=host), keys) is None
    keys.file.write_text("{")
    with pytest.raises(LibraryError):
        refuses_start(ServeOptions(host=host), keys)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /rest/ping?u=a&p=enc:61&t=abc&s=xyz&v=1", "GET /rest/ping?u=…&p=…&t=…&s=…&v=1"),
        ("authorization: Bearer abc.def", "authorization: Bearer …"),
        ("cookie: a=b; recsys_session=abc; c=d", "cookie: a=b; recsys_session=…; c=d"),
        ("the key recsys_AAAAAAAAAAAAAAAAAAAAAA is wrong", "the key recsys_… is wrong"),
        ("a\x1b[31mb\u202ec\x00", "a\\x1b[31mb\\u202ec\\x00"),
        ("/api/v1/tracks?query=token", "/api/v1/tracks?query=token"),
    ],
)
def test_secrets_are_cut_out(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_tracebacks_are_redacted_and_messages_are_lines() -> None:
    key = "recsys_AAAAAAAAAAAAAAAAAAAAAA"
    try:
        raise ValueError(f"with {key}")
    except ValueError:
        record = logging.LogRecord("recsys", logging.ERROR, __file__, 1, "%s\nforged", (key,), sys.exc_info())
    assert Redaction().filter(record)
    text = logging.Formatter("%(message)s").format(record)
    assert text.splitlines()[0] == "recsys_…\\nforged"
    assert "with recsys_…" in text
    assert key not in text
