"""The size of a request, and the time that its body may take."""

import asyncio

from starlette.types import Message

from recsys.errors import pluralise
from recsys.web.problems import problem, respond
from recsys.web.security.asgi import ASGIApp, Receive, Scope, Send, header_values, route_path

MAX_QUERY = 16_384
MAX_HEADERS = 16_384
MAX_BODY = 1_000_000
MAX_LOGIN_BODY = 4_096  # of those who are not logged in
BODY_SECONDS = 30.0
_CLOSE = {"Connection": "close"}  # what is left of the body is not read


class BoundedHead:
    """Refuses a request whose query or headers are too long."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request whose head is short enough."""
        if scope["type"] == "http":
            if len(scope["query_string"]) + len(scope["path"]) > MAX_QUERY:
                refusal = problem(414, "too_large", f"path and query may have {MAX_QUERY} characters")
                await respond(refusal, _CLOSE)(scope, receive, send)
                return
            if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
                refusal = problem(431, "too_large", f"the headers may have {MAX_HEADERS} characters")
                await respond(refusal, _CLOSE)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class _TooLarge(Exception):
    pass


class _Disconnected(Exception):
    pass


class BoundedBody:
    """Reads the body before the route runs, so that no route gets one that is too long or too slow."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request with its whole body."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        limit = MAX_LOGIN_BODY if route_path(scope) == "/api/v1/session" else MAX_BODY
        try:
            length = next(header_values(scope, b"content-length"), "0")
            if not length.isdecimal() or int(length[:20]) > limit:
                raise _TooLarge
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive, limit)
        except _TooLarge:
            refusal = problem(413, "too_large", f"the body may have at most {pluralise(limit, 'byte')}")
            await respond(refusal, _CLOSE)(scope, receive, send)
            return
        except TimeoutError:
            refusal = problem(408, "too_slow", f"the body must arrive in {BODY_SECONDS:g} seconds")
            await respond(refusal, _CLOSE)(scope, receive, send)
            return
        except _Disconnected:
            return
        await self.app(scope, _replay(body, receive), send)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _read(receive: Receive, limit: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > limit:
            raise _TooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that has the whole body first, and then what is received later, such as a disconnect."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
