"""``recsys serve`` as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self


class ServerProcess:
    """A server on a free port of the loopback interface; the end of a ``with`` block stops it as a service would.

    ``setup`` is Python code that runs before the program, in the same process.
    """

    def __init__(self, home: Path, *options: str, verbose: bool = False, setup: str = "") -> None:
        program = f"{setup}\nfrom recsys.__main__ import main\nmain()"
        words = ["--home", str(home), *(["-v"] if verbose else []), "serve", "--port", "0", *options]
        self._process = subprocess.Popen([sys.executable, "-c", program, *words], stderr=subprocess.PIPE, text=True)
        self.url, self.port, self.log = "", 0, ""

    def __enter__(self) -> Self:
        assert self._process.stderr is not None
        first = self._process.stderr.readline()
        found = re.match(r"recsys is at (http://127\.0\.0\.1:(\d+)\S*)", first)
        assert found is not None, first + self._process.communicate()[1]
        self.url, self.port = found[1], int(found[2])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server; ``log`` has what it has written after its URL."""
        self._process.send_signal(signal.SIGTERM)
        self.log = self._process.communicate()[1]

    def connect(self) -> socket.socket:
        """A connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def send(self, request: bytes) -> bytes:
        """All that the server sends before it closes a connection, after it has received these bytes."""
        with self.connect() as connection:
            connection.sendall(request)
            return receive_all(connection)


def receive_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes the connection."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)
