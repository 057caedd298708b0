"""Who sends a request, and by which scheme: from the connection, or from the headers of a proxy that is trusted."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from recsys.web.security.asgi import ASGIApp, Receive, Scope, Send


def plain_address(host: str) -> str:
    """An address without its zone; one of IPv4 that a socket of IPv6 reports is one of IPv4.

    >>> plain_address("::ffff:192.0.2.1"), plain_address("fe80::1%eth0"), plain_address("unknown")
    ('192.0.2.1', 'fe80::1', 'unknown')
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


class Forwarded:
    """Uses ``X-Forwarded-For`` and ``X-Forwarded-Proto`` of trusted proxies; those of others are ignored."""

    def __init__(self, app: ASGIApp, trusted_proxies: Iterable[str]) -> None:
        networks = [str(ipaddress.ip_network(proxy, strict=False)) for proxy in trusted_proxies]
        inner: Any = app  # uvicorn writes the types of ASGI in its own way
        self.app: Any = ProxyHeadersMiddleware(inner, networks) if networks else inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass every request, with the address of its client."""
        if client := scope.get("client"):
            scope["client"] = (plain_address(client[0]), client[1])
        await self.app(scope, receive, send)
