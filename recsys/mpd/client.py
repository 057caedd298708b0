"""A client of the protocol of MPD: lines of text, a command and its answer at a time.

python-mpd2, the client on PyPI, has the LGPL; what is used of the protocol fits one module.
"""

import re
import select
import socket
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Self

from recsys.errors import RecsysError
from recsys.mpd.address import Address

TIMEOUT = 30.0  # seconds for an answer
_MAX_LINE = 65_536  # bytes; MPD sends shorter ones
_ACK = re.compile(r"ACK \[(\d+)@\d+\] \{[^}]*\} ?(.*)")


class ConnectionLost(RecsysError):
    """The connection to MPD has ended."""

    code = "connection_lost"


class NoMpdServer(RecsysError):
    """What answers is no MPD server."""

    code = "no_mpd_server"


class MpdError(RecsysError):
    """MPD refuses a command; ``number`` is its own code."""

    code = "mpd_error"
    PASSWORD, PERMISSION, UNKNOWN, NO_EXIST, PLAYLIST_MAX = 3, 4, 5, 50, 51

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


Pairs = list[tuple[str, str]]
"""The lines of an answer, as names and values."""


class Client:
    """A connection to MPD.

    Raises
    ------
    OSError
        There is no connection.
    NoMpdServer
        The other side has another protocol.
    MpdError
        The password is wrong.
    """

    def __init__(self, address: Address, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._socket = address.connect(timeout)
        self._lines = self._socket.makefile("rb")
        try:
            if not (greeting := self._line()).startswith("OK MPD "):
                raise NoMpdServer(f"{address} is no MPD server: it sent {greeting[:80]!r}")
            self.version = greeting.removeprefix("OK MPD ")
            if not address.is_socket:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if address.password is not None:
                self.send("password", address.password)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()

    def send(self, *words: str) -> Pairs:
        """Send a command and return its answer.

        Raises
        ------
        MpdError
            MPD refuses the command.
        ConnectionLost, OSError
            There is no answer.
        """
        self._write(" ".join([words[0], *map(quoted, words[1:])]))
        return self._answer(words[0])

    def values(self, *words: str) -> dict[str, str]:
        """The answer to a command as a dict; of equal names the first counts."""
        return dict(reversed(self.send(*words)))

    def playing(self) -> dict[str, str]:
        """The status and the song that plays, at one time: names of the status are in lower case."""
        self._write("command_list_begin\nstatus\ncurrentsong\ncommand_list_end")
        return dict(reversed(self._answer("status")))

    def records(self, *words: str, first: str) -> Iterator[dict[str, str]]:
        """The answer to a command that lists things, each of which begins with the name ``first``."""
        found: dict[str, str] = {}
        for name, value in self.send(*words):
            if name == first and found:
                yield found
                found = {}
            found.setdefault(name, value)
        if found:
            yield found

    def idle(self, subsystems: Iterable[str], seconds: float) -> Collection[str]:
        """The subsystems that change first; none if that takes longer than some seconds."""
        self._write(" ".join(["idle", *subsystems]))
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            self._write("noidle")
        return {value for name, value in self._answer("idle") if name == "changed"}

    def _write(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode("utf-8", "surrogateescape"))

    def _line(self) -> str:
        line = self._lines.readline(_MAX_LINE)
        if not line.endswith(b"\n"):
            raise ConnectionLost("MPD has closed the connection" if not line else "MPD sends a line that does not end")
        return line[:-1].decode("utf-8", "surrogateescape")

    def _answer(self, command: str) -> Pairs:
        found: Pairs = []
        while (line := self._line()) != "OK":
            if refused := _ACK.match(line):
                raise MpdError(f"MPD refuses {command!r}: {refused[2]}", int(refused[1]))
            name, _, value = line.partition(": ")
            found.append((name, value))
        return found


def quoted(text: str) -> str:
    r"""An argument of a command; a line break, which would end the command, is a space.

    >>> print(quoted('a "b" \\c'))
    "a \"b\" \\c"
    """
    plain = re.sub(r"[\r\n\0]", " ", text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
