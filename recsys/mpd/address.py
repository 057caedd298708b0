"""Where an MPD server is, by the conventions of its clients: ``MPD_HOST``, ``MPD_PORT`` and the usual sockets.

A host is a name or an address, an absolute path of a Unix socket, or "@" and the name of an abstract socket. What
precedes another "@" is a password.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recsys.errors import InvalidRequest

DEFAULT_PORT = 6600


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server, and the password for it.

    >>> str(Address("music.home")), str(Address("/run/mpd/socket"))
    ('music.home:6600', '/run/mpd/socket')
    """

    host: str
    port: int = DEFAULT_PORT
    password: str | None = field(default=None, repr=False)

    @property
    def is_socket(self) -> bool:
        """Whether it is a Unix socket."""
        return self.host.startswith(("/", "@"))

    def __str__(self) -> str:
        return self.host if self.is_socket else f"{self.host}:{self.port}"

    def connect(self, timeout: float) -> socket.socket:
        """An open connection; raises OSError."""
        if not self.is_socket:
            made = socket.create_connection((self.host, self.port), timeout)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
        family = getattr(socket, "AF_UNIX", None)
        if family is None:
            raise InvalidRequest("has no Unix sockets on this system", field="host", value=self.host)
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(timeout)
            made.connect(f"\0{self.host[1:]}" if self.host.startswith("@") else self.host)
        except OSError:
            made.close()
            raise
        return made


def address_of(
    environment: Mapping[str, str], *, host: str | None = None, port: int | None = None, password: str | None = None
) -> Address:
    """The address of given values, else of the environment, else the usual one.

    Raises
    ------
    InvalidRequest
        The port is no number from 1 to 65535.

    Examples
    --------
    >>> address_of({"MPD_HOST": "secret@music.home", "MPD_PORT": "6601"})
    Address(host='music.home', port=6601)
    """
    text = host or environment.get("MPD_HOST") or _usual(environment)
    found, at, rest = text.partition("@")
    if at and found:
        password, text = password or found, rest
    if text.startswith("~"):
        text = os.path.expanduser(text)  # noqa: PTH111 - Path.expanduser fails for an unknown user
    number = environment.get("MPD_PORT") or DEFAULT_PORT if port is None else port
    if not str(number).isdecimal() or not 0 < int(number) <= 65535:
        raise InvalidRequest("must be from 1 to 65535", field="port", value=number)
    return Address(text or "localhost", int(number), password)


def _usual(environment: Mapping[str, str]) -> str:
    runtime = environment.get("XDG_RUNTIME_DIR")
    sockets = [*([Path(runtime, "mpd", "socket")] if runtime else []), Path("/run/mpd/socket")]
    return next((str(path) for path in sockets if path.is_socket()), "localhost")
