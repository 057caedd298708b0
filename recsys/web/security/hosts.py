"""The names by which the server may be addressed, so that no other site can pose as it (DNS rebinding).

A site of an attacker can let its own name point to this server; the browser then takes the server for that site. The
header Host still has the name of the attacker. A literal address cannot be made to point elsewhere.
"""

import ipaddress
import re

from recsys.web.options import ServeOptions
from recsys.web.problems import problem, respond
from recsys.web.security.asgi import ASGIApp, Receive, Scope, Send, header_values

_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_LOOPBACK_NAME = "localhost"


class AllowedHosts:
    """Refuses requests whose Host is neither a name of the loopback interface, nor allowed, nor a suitable address."""

    def __init__(self, app: ASGIApp, options: ServeOptions) -> None:
        self.app = app
        self._is_loopback = options.is_loopback
        self._names = {_LOOPBACK_NAME, *(_canonical(name) for name in (options.host, *options.allowed_hosts))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request with an allowed Host."""
        if scope["type"] == "http":
            hosts = list(header_values(scope, b"host"))
            if len(hosts) != 1:
                await respond(problem(400, "malformed", "a request has one header Host"))(scope, receive, send)
                return
            if not self.allows(hosts[0]):
                refusal = problem(
                    403, "forbidden", "the server is not to be addressed by this name",
                    hint="Start the server with --allow-host and the name.", field="host",
                )  # fmt: skip
                await respond(refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def allows(self, host: str) -> bool:
        """Whether a value of the header Host is allowed.

        >>> hosts = AllowedHosts(None, ServeOptions(allowed_hosts=["music.home"]))
        >>> [hosts.allows(host) for host in ("localhost:8765", "[::1]", "Music.Home:443", "evil.example")]
        [True, True, True, False]
        """
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        if (found["name"] and _canonical(found["name"]) in self._names) or _canonical(host) in self._names:
            return True
        try:
            address = ipaddress.ip_address(found["v6"] or found["name"])
        except ValueError:
            return False
        return address.is_loopback or str(address) in self._names or not self._is_loopback


def _canonical(name: str) -> str:
    return name.strip().lower().rstrip(".")
