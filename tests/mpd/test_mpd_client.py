"""The protocol of MPD, and where a server is, without one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recsys.errors import InvalidRequest
from recsys.mpd.address import Address, address_of
from recsys.mpd.client import Client, ConnectionLost, MpdError, NoMpdServer, quoted


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[Address, list[bytes]]]:
    """A server that sends the first answer at once, and each other one for a line that it receives."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(answers[0])
                for answer in answers[1:]:
                    received.append(lines.readline())
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Address("127.0.0.1", server.getsockname()[1]), received
        thread.join()


def test_answers_are_read() -> None:
    with (
        answering(
            b"OK MPD 0.23.5\n",
            b"file: a\nTitle: x\nTitle: y\nfile: \xff: b\nOK\n",
            b"state: play\nOK\n",
            b"ACK [50@0] {addid} No such directory\n",
        ) as (address, received),
        Client(address) as client,
    ):
        assert client.version == "0.23.5"
        songs = list(client.records("playlistinfo", "0:", first="file"))
        assert songs == [{"file": "a", "Title": "x"}, {"file": "\udcff: b"}]
        assert client.values("status") == {"state": "play"}
        with pytest.raises(MpdError, match="No such directory") as refused:
            client.send("addid", 'a "b"\nkill')
    assert refused.value.number == MpdError.NO_EXIST
    assert received[-1] == b'addid "a \\"b\\" kill"\n'


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", NoMpdServer),
        (b"", ConnectionLost),
        (b"OK MPD " + b"9" * 70_000, ConnectionLost),
    ],
)
def test_another_server_is_refused(greeting: bytes, error: type[Exception]) -> None:
    with answering(greeting) as (address, _), pytest.raises(error):
        Client(address)


def test_a_connection_that_ends_within_an_answer_is_lost() -> None:
    with (
        answering(b"OK MPD 0.23.5\n", b"state: pl") as (address, _),
        Client(address) as client,
        pytest.raises(ConnectionLost),
    ):
        client.values("status")


def test_idle_ends_without_a_change() -> None:
    with answering(b"OK MPD 0.23.5\n", b"", b"OK\n") as (address, received), Client(address) as client:
        assert client.idle(["player"], 0) == set()
    assert received == [b"idle player\n", b"noidle\n"]


@pytest.mark.parametrize(
    ("environment", "expected", "password"),
    [
        ({}, "localhost:6600", None),
        ({"MPD_HOST": "music.home"}, "music.home:6600", None),
        ({"MPD_HOST": "pw@music.home", "MPD_PORT": "1"}, "music.home:1", "pw"),
        ({"MPD_HOST": "/run/x"}, "/run/x", None),
        ({"MPD_HOST": "pw@/run/x"}, "/run/x", "pw"),
        ({"MPD_HOST": "@abstract"}, "@abstract", None),
        ({"MPD_HOST": "pw@@abstract"}, "@abstract", "pw"),
        ({"MPD_HOST": "::1"}, "::1:6600", None),
    ],
)
def test_the_environment_is_that_of_other_clients(
    environment: dict[str, str], expected: str, password: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_socket: Callable[[Path], bool] = lambda _: False  # noqa: E731
    monkeypatch.setattr(Path, "is_socket", is_socket)
    found = address_of(environment)
    assert (str(found), found.password) == (expected, password)


def test_what_is_given_precedes_the_environment() -> None:
    found = address_of({"MPD_HOST": "pw@there", "MPD_PORT": "1"}, host="here", port=2, password="own")
    assert found == Address("here", 2, "own")
    assert "own" not in repr(found)


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_a_port_is_a_number(port: str) -> None:
    with pytest.raises(InvalidRequest, match="port must be from 1 to 65535"):
        address_of({"MPD_PORT": port, "MPD_HOST": "here"})


def test_an_argument_cannot_end_a_command() -> None:
    assert quoted("a\nkill\r\0") == '"a kill  "'
