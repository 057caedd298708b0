"""Requests that a page of another site makes a browser send (cross-site request forgery)."""

from urllib.parse import urlsplit

from recsys.web.problems import problem, respond
from recsys.web.security.asgi import (
    OWN_SITES,
    ASGIApp,
    Receive,
    Scope,
    Send,
    header_values,
    is_audiomuse,
    is_subsonic,
    route_path,
)
from recsys.web.security.authentication import bearer_of
from recsys.web.security.cookies import session_cookies

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}


class SameOrigin:
    """Lets unsafe methods pass only from the own page and as JSON, and other pages embed nothing.

    A request of a browser has Origin, or at least Sec-Fetch-Site, which no script of a page can change. A program that
    sends neither is let pass unless it sends the cookie of a browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request that no page of another site can have caused."""
        if scope["type"] == "http" and not is_subsonic(route_path(scope)):
            refusal = _refusal_of_read(scope) if scope["method"] in SAFE else _refusal_of_change(scope)
            if refusal is not None:
                status, code, detail = refusal
                await respond(problem(status, code, detail))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _refusal_of_read(scope: Scope) -> tuple[int, str, str] | None:
    """A browser that states another site may only navigate: no page embeds or fetches what is here."""
    site = next(header_values(scope, b"sec-fetch-site"), "none")
    if site in OWN_SITES:
        return None
    mode, destination = (next(header_values(scope, name), "") for name in (b"sec-fetch-mode", b"sec-fetch-dest"))
    if mode == "navigate" and destination == "document":
        return None
    return 403, "forbidden", "the request comes from a page of another origin"


def _refusal_of_change(scope: Scope) -> tuple[int, str, str] | None:
    if not is_same_origin(scope):
        return 403, "forbidden", "the request does not come from the page of this server"
    types = list(header_values(scope, b"content-type"))
    if not types and is_audiomuse(route_path(scope)) and bearer_of(scope) is not None:
        return None  # plugins cancel tasks without a body; no page of another site can send a bearer token
    if len(types) != 1 or types[0].partition(";")[0].strip().lower() != "application/json":
        return 415, "unsupported_media_type", "the body must be application/json"
    return None


def is_same_origin(scope: Scope) -> bool:
    """Whether a request comes from the page of this server, or from a program that is no browser."""
    origins = list(header_values(scope, b"origin"))
    sites = list(header_values(scope, b"sec-fetch-site"))
    if origins:
        return len(origins) == 1 and _parts(origins[0]) == _own(scope)
    if sites:
        return all(site in OWN_SITES for site in sites)
    return not session_cookies(scope)


def _own(scope: Scope) -> tuple[str, str, int | None] | None:
    return _parts(f"{scope['scheme']}://{next(header_values(scope, b'host'), '')}")


def _parts(origin: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no origin, such as "null"."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.path or parts.query:
        return None
    return parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme]
